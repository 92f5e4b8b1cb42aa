"""Facts arrive twice, late and out of order, from two services, and people decide in between. In the end everything is
as if each had arrived once and in order: the charges, the ledger to the cent, and one standing penalty of a fact at
most."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.penalties.domain import penalty
from services.penalties.domain.fact import Fact, merged
from services.penalties.domain.penalty_commands import DecideReview, GiveStatement, Impose, Notice
from services.penalties.domain.penalty_state import UNDECIDED
from services.penalties.domain.policy import calendar
from services.penalties.domain.schedule import Schedule
from shared.eventlog import Recorded
from shared.events import penalties as told_here
from shared.events.base import Event
from shared.events.dispatch import FraudGravity
from shared.events.penalties import ConsequenceKind, Mode, ReviewOutcome
from shared.events.penalties import PenaltyStatus as S
from shared.events.tickets import ComplaintCategory
from tests.unit.penalties import told
from tests.unit.penalties.told import POLICY, Office, an_id, at, in_two_logs

ENGINEERS = ("E04", "E05")
NEWCOMER = "E06"
"""Has acknowledged the policy in the middle of the day."""


def _of(visit: UUID, engineer: str) -> list[Event]:
    trip = {"trip": an_id("trip"), "allowance": Decimal("15.00")}
    complaint = an_id(f"{visit}{engineer}")
    return [
        told.late(visit, engineer),
        told.late(visit, engineer, at=at(10, "14:15"), agreed_arrival=at(10, "14:00")),
        told.not_late(visit, engineer),
        told.not_late(visit, engineer, arrived_at=None),
        told.arrived(40, visit, engineer),
        told.adjudicated(40, visit, engineer),
        told.adjudicated(None, visit, engineer),
        told.substantiated(ComplaintCategory.LATENESS, visit, engineer=engineer, complaint=complaint),
        told.substantiated(ComplaintCategory.QUARREL, visit, engineer=engineer, complaint=an_id(f"q{complaint}")),
        told.left(visit, engineer),
        told.reported_in_time(visit, engineer),
        told.checked_out(60, visit, engineer),
        told.called_late(25, visit, engineer),
        told.phone(1, engineer),
        told.phone(2, engineer, **trip),
        told.phone_settled(1, engineer),
        told.phone_settled(2, engineer),
        told.refused(visit, engineer),
        told.refused(visit, engineer, safety=True),
        told.unanswered(visit, engineer),
        told.answered(visit, engineer),
        told.fraud(FraudGravity.MAJOR_DEMERIT, claim=an_id(f"c{engineer}"), engineer=engineer),
    ]


EVENTS = [event for engineer in (*ENGINEERS, NEWCOMER) for event in _of(an_id(f"visit {engineer}"), engineer)]
_HISTORY = st.lists(st.sampled_from(EVENTS), max_size=25)
"""What stands in the two logs; the same may be said at several positions."""


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[Recorded[Any]], list[Recorded[Any]], set[int]]:
    """What was told, how it arrived, and after which arrivals people decided what there was to decide."""
    history = in_two_logs(draw(_HISTORY))
    again = draw(st.lists(st.sampled_from(history), max_size=10)) if history else []
    arrived = draw(st.permutations([*history, *again]))
    return history, arrived, draw(st.sets(st.integers(0, 34), max_size=4))


@settings(max_examples=150)
@given(_arrivals())
def test_the_order_and_number_of_arrivals_never_matter(
    told_and_arrived: tuple[list[Recorded[Any]], list[Recorded[Any]], set[int]],
) -> None:
    history, arrived, decisions = told_and_arrived
    asyncio.run(_compare(history, arrived, decisions))


async def _compare(history: list[Recorded[Any]], arrived: list[Recorded[Any]], decisions: set[int]) -> None:
    in_order = await _office().hear(*history)
    _decide_all(in_order)
    muddled = _office()
    for number, event in enumerate(arrived):
        await muddled.hear(event)
        if number in decisions:
            _decide_all(muddled)
        _check_one_penalty_each(muddled)
    _decide_all(muddled)
    assert muddled.charges() == in_order.charges()
    assert [merged(state) for state in muddled.facts()] == [merged(state) for state in in_order.facts()]
    assert _ledger(muddled) == _ledger(in_order)
    for office in (in_order, muddled):
        _check_one_penalty_each(office)
        _check_balance(office)
        _check_nobody_decides_twice(office)


def _office() -> Office:
    office = Office(*ENGINEERS)
    office.acknowledge(NEWCOMER, at(10, "11:30"))
    return office


# --- people -----------------------------------------------------------------------------------------------------------


def _decide_all(office: Office) -> None:
    """First what is under review, then what is suspected; one who reviews reverses what no longer stands for its
    fact."""
    schedule = Schedule(office.states[POLICY].adopted[0].terms, calendar(office.states[POLICY]))
    said = {"at": office.now, "schedule": schedule}
    for state in office.facts():
        for id in state.penalties:
            if office.penalty(id).review:
                outcome = ReviewOutcome.STANDS if _stands_for(state, id) else ReviewOutcome.REVERSED
                command = DecideReview(at=office.now, by="qian.gm", outcome=outcome, reasons="已更正")
                office.do(penalty, id, command)
        for id in state.penalties:
            if office.penalty(id).status is S.SUSPECTED:
                engineer = state.reports[0].engineer
                office.do(penalty, id, Notice(by="sun.hong", **said))
                office.do(penalty, id, GiveStatement(by=engineer, engineer=engineer, statement="堵车", **said))
                office.do(penalty, id, Impose(by="zhao.min", reasons="属实", mode=Mode.MONEY, **said))


def _stands_for(state: Fact, id: UUID) -> bool:
    return state.charged is not None and state.charged.penalty == id


# --- what has to hold -------------------------------------------------------------------------------------------------


def _check_one_penalty_each(office: Office) -> None:
    """D7, at every moment."""
    for state in office.facts():
        penalties = [office.penalty(id) for id in state.penalties]
        assert sum(each.stands for each in penalties) <= 1
        assert sum(each.status in UNDECIDED for each in penalties) <= 1
        if state.charged:
            assert state.charged.penalty == state.penalties[-1]
        assert all(each.review or not each.stands for each in penalties if not _is_charged(state, each))


def _is_charged(state: Fact, each: penalty.Penalty) -> bool:
    return each.raised is not None and _stands_for(state, each.raised.penalty)


Ledger = dict[str, tuple[Decimal, Counter[ConsequenceKind]]]


def _ledger(office: Office) -> Ledger:
    """By engineer: what is owed, and demerits and proposals; from nothing but the events of penalties."""
    money: dict[str, Decimal] = defaultdict(Decimal)
    marks: dict[str, Counter[ConsequenceKind]] = defaultdict(Counter)
    for events in office.events.values():
        kind = ConsequenceKind.FINE
        for event in events:
            if isinstance(event, told_here.PenaltyImposed):
                kind = event.consequence.kind
                money[event.engineer] += event.amount
                marks[event.engineer][kind] += 1
            elif isinstance(event, told_here.PenaltyReversed):
                money[event.engineer] -= event.amount
                marks[event.engineer][kind] -= 1
    return {engineer: (money[engineer], +marks[engineer]) for engineer in money if +marks[engineer]}


def _check_balance(office: Office) -> None:
    """To the cent: what the ledger says is what the facts are charged with, and nothing else is owed."""
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for state in office.facts():
        if state.charged:
            charged[state.charged.engineer] += state.charged.amount
    assert {engineer: amount for engineer, (amount, _) in _ledger(office).items()} == charged


def _check_nobody_decides_twice(office: Office) -> None:
    for state in office.facts():
        involved = set(merged(state).involved)
        for id in state.penalties:
            events = office.events[id]
            decided = [*_by(events, told_here.PenaltyImposed, "imposed_by")]
            decided += _by(events, told_here.ReviewDecided, "decided_by")
            assert len(_by(events, told_here.PenaltyImposed, "imposed_by")) <= 1
            assert len(decided) == len(set(decided))
            assert not involved & set(decided)


def _by(events: Sequence[Event], kind: type[Event], name: str) -> list[str]:
    return [getattr(event, name) for event in events if isinstance(event, kind)]
