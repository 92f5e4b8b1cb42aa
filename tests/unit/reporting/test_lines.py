"""What the boards know of things on their way: held, over whole lives by chance, against what the services know."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant

from services.reporting.views.duty import duty_line
from services.reporting.views.duty_reading import DutyState, _on_duty
from services.reporting.views.expenses import claim_line
from services.reporting.views.expenses_reading import WaitsFor, waits_for
from services.reporting.views.lines import Facts, Fold, Line
from services.reporting.views.parts import request_line
from services.reporting.views.penalty_stages import penalty_line
from services.reporting.views.visits import visit_line
from services.reporting.views.visits_reading import Alert, Phase, board_visit
from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.base import Event, Metadata, Source
from shared.events.dispatch import ClaimStatus, DutyWindow
from tests.unit.dispatch.test_expense_lives import ClaimLife
from tests.unit.dispatch.test_part_lives import PartRequestLife
from tests.unit.dispatch.test_visit_lives import VisitLife
from tests.unit.penalties.test_penalty_lives import PenaltyLife
from tests.unit.tickets.test_lives import Life

CHANCE = settings(max_examples=40, stateful_step_count=20, deadline=None)
NOW = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
"""Monday 5 October 2026, 09:00 in Shanghai."""


def recorded(event: Event) -> Recorded[Any]:
    meta = Metadata(
        actor="x", source=Source.WEB, correlation_id=UUID(int=1), occurred_at=event.at, recorded_at=event.at
    )
    return Recorded("dispatch", UUID(int=2), 1, 1, event, meta)


def told(history: Sequence[Event], fold: Fold) -> Line | None:
    facts: Facts | None = None
    line = None
    for event in history:
        found = fold(facts, recorded(event))
        if found is not None:
            line, facts = found, found.facts
    return line


class Held(Life):
    """A life whose line on the board says what the service says."""

    fold: ClassVar[Any]

    @invariant()
    def the_board_knows_how_far_it_is(self) -> None:
        line = told([each for each in self.history if type(each) in WANTED[type(self).fold]], type(self).fold)
        if line is not None:
            assert line.facts["status"] == self.state.status.value


WANTED: dict[Any, Any] = {}


def _wanted() -> None:
    from services.reporting.views import EXPENSES, PARTS, PENALTY_STAGES, VISITS

    for fold, view in ((visit_line, VISITS), (claim_line, EXPENSES), (request_line, PARTS)):
        WANTED[fold] = view.events
    WANTED[penalty_line] = PENALTY_STAGES.events


_wanted()


class VisitOnTheBoard(Held, VisitLife):
    fold = staticmethod(visit_line)

    @invariant()
    def the_board_knows_who_is_late(self) -> None:
        line = told([each for each in self.history if type(each) in WANTED[visit_line]], visit_line)
        if line is not None:
            assert line.facts["late"] == bool(self.state.late)
            assert line.open == (line.facts["status"] not in ("FINISHED", "CHECKED_OUT", "ABORTED"))


class ClaimOnTheBoard(Held, ClaimLife):
    fold = staticmethod(claim_line)


class RequestOnTheBoard(Held, PartRequestLife):
    fold = staticmethod(request_line)


class PenaltyOnTheBoard(Held, PenaltyLife):
    fold = staticmethod(penalty_line)

    @invariant()
    def nothing_on_the_board_tells_whom_it_is_about(self) -> None:
        line = told([each for each in self.history if type(each) in WANTED[penalty_line]], penalty_line)
        if line is not None:
            assert set(line.facts) == {"rule", "clause", "review", "due", "status", "since"}


def with_chance(machine: type[Life]) -> Any:
    machine.TestCase.settings = CHANCE
    return machine.TestCase


TestVisitOnTheBoard = with_chance(VisitOnTheBoard)
TestClaimOnTheBoard = with_chance(ClaimOnTheBoard)
TestRequestOnTheBoard = with_chance(RequestOnTheBoard)
TestPenaltyOnTheBoard = with_chance(PenaltyOnTheBoard)
del VisitLife, ClaimLife, PartRequestLife, PenaltyLife


# --- by the time of day -----------------------------------------------------------------------------------------------


def a_visit(**facts: Any) -> dict[str, Any]:
    known = {
        "visit": str(UUID(int=5)),
        "number": "SM-20261005-AAAAAA",
        "status": "ACCEPTED",
        "purpose": "repair",
        "customer_name": "光明物业",
        "site_name": None,
        "city": "苏州",
        "region": "华东",
        "engineer": "E04",
        "agreed_arrival": (NOW + timedelta(hours=1)).isoformat(),
        "starts_at": None,
        "ends_at": None,
        "late_after": (NOW + timedelta(hours=1, minutes=10)).isoformat(),
        "expected_arrival": None,
        "delay": None,
        "en_route_at": None,
        "arrived_at": None,
        "grade": None,
        "finished_at": None,
        "left_at": None,
        "late_minutes": None,
        "late": False,
        "unreported": False,
    }
    return known | facts


@pytest.mark.parametrize(
    ("minutes", "facts", "alert"),
    [
        (0, {}, Alert.NONE),
        (29, {}, Alert.NONE),
        (31, {}, Alert.AT_RISK),
        (31, {"status": "EN_ROUTE"}, Alert.NONE),
        (0, {"expected_arrival": (NOW + timedelta(hours=2)).isoformat()}, Alert.AT_RISK),
        (71, {"status": "EN_ROUTE"}, Alert.LATE),
        (200, {"status": "ARRIVED", "arrived_at": NOW.isoformat()}, Alert.NONE),
        (0, {"late": True}, Alert.LATE),
        (0, {"status": "FINISHED", "arrived_at": NOW.isoformat(), "unreported": True}, Alert.UNREPORTED),
    ],
)
def test_a_visit_calls_for_attention_when_it_should(minutes: int, facts: dict[str, Any], alert: Alert) -> None:
    assert board_visit(a_visit(**facts), NOW + timedelta(minutes=minutes)).alert is alert


def test_minutes_of_lateness_run_on_until_somebody_is_there() -> None:
    late = board_visit(a_visit(), NOW + timedelta(hours=1, minutes=12, seconds=1))
    assert (late.phase, late.late_minutes) == (Phase.TO_GO, 13)


@pytest.mark.parametrize(
    ("status", "general_manager", "who"),
    [
        (ClaimStatus.SUBMITTED, False, WaitsFor.SYSTEM),
        (ClaimStatus.CHECKED, True, WaitsFor.SERVICE_MANAGER),
        (ClaimStatus.MANAGER_APPROVED, True, WaitsFor.GENERAL_MANAGER),
        (ClaimStatus.MANAGER_APPROVED, False, WaitsFor.FINANCE),
        (ClaimStatus.FINANCE_APPROVED, False, WaitsFor.PAYMENT),
        (ClaimStatus.RETURNED, False, WaitsFor.ENGINEER),
    ],
)
def test_a_claim_waits_for_whoever_is_next(status: ClaimStatus, general_manager: bool, who: WaitsFor) -> None:
    assert waits_for({"status": status.value, "general_manager": general_manager}) is who


# --- duty -------------------------------------------------------------------------------------------------------------


def on_duty(now: datetime, *events: Event) -> Any:
    """The state of E04's phone on 5 October."""
    roster = told([each for each in events if not hasattr(each, "duty_day")], duty_line)
    calls = told([each for each in events if hasattr(each, "duty_day")], duty_line)
    assert roster
    return _on_duty(dict(roster.facts), NOW.date(), [], dict(calls.facts) if calls else None, now)


def planned(**facts: Any) -> fact.DutyPlanned:
    windows = (DutyWindow.model_validate({"opens": "08:00", "closes": "20:00"}),)
    return fact.DutyPlanned(at=NOW, engineer="E04", days=(NOW.date(),), windows=windows, zone="Asia/Shanghai", **facts)


def awaited(until: datetime) -> fact.CallBackAwaited:
    return fact.CallBackAwaited(
        at=NOW, engineer="E04", duty_day=NOW.date(), first_call="a", second_call="b", until=until
    )


def test_the_window_says_who_is_on_duty() -> None:
    assert on_duty(NOW, planned()).state is DutyState.ON_DUTY
    assert on_duty(NOW - timedelta(hours=2), planned()).state is DutyState.LATER
    assert on_duty(NOW + timedelta(hours=11), planned()).state is DutyState.OVER


def test_whoever_is_on_leave_is_not_on_duty_and_a_cancelled_day_is_none() -> None:
    leave = fact.LeaveGranted(at=NOW, engineer="E04", leave=UUID(int=3), starts=NOW, ends=NOW + timedelta(hours=4))
    back = fact.LeaveCancelled(at=NOW, engineer="E04", leave=UUID(int=3), reason="x")
    gone = fact.DutyCancelled(at=NOW, engineer="E04", days=(NOW.date(),), reason="x")
    assert on_duty(NOW, planned(), leave).state is DutyState.LEAVE
    assert on_duty(NOW, planned(), leave, back).state is DutyState.ON_DUTY
    assert on_duty(NOW, planned(), gone) is None


def test_a_call_back_is_awaited_until_it_is_settled_or_too_late() -> None:
    until = NOW + timedelta(minutes=30)
    settled = fact.CallBackSettled(
        at=NOW, engineer="E04", duty_day=NOW.date(), first_call="a", second_call="b", settled_by="called_back"
    )
    waiting = on_duty(NOW, planned(), awaited(until))
    assert (waiting.state, waiting.call_back_until) == (DutyState.CALL_BACK_AWAITED, until)
    assert on_duty(NOW, planned(), awaited(until), settled).state is DutyState.ON_DUTY
