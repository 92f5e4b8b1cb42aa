"""Engineers, their rosters and calls, as the tests tell them. All times are Shanghai's."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.dispatch.domain import duty, roster
from services.dispatch.domain.duty_policy import DutyPolicy, Terms
from services.dispatch.domain.engineer import RecordEngineer
from services.dispatch.domain.roster import PlanDuty, Roster
from shared.calendar import SHANGHAI
from shared.events import dispatch as fact
from shared.events.telephony import CallDirection, CallOutcome, Confidence

TODAY = date(2026, 10, 8)
"""A Thursday."""
DISPATCHER = "li.na"


def at(clock: str, day: date = TODAY) -> datetime:
    """``"08:00"`` of a day, in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), SHANGHAI).astimezone(UTC)


def an_id(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


def engineer(**facts: Any) -> RecordEngineer:
    said: dict[str, Any] = {"skills": ("灭鼠",), "region": "华北", "base_city": "济南"}
    return RecordEngineer(at=at("07:00"), by=DISPATCHER, engineer="E04", **said | facts)


def plan(first: date = TODAY, last: date | None = None, **facts: Any) -> PlanDuty:
    said: dict[str, Any] = {"at": at("07:00"), "by": DISPATCHER, "engineer": "E04"}
    return PlanDuty(first=first, last=last or first, **said | facts)


def window(opens: str, closes: str) -> fact.DutyWindow:
    return fact.DutyWindow(opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


def after(decider: Any, *commands: Any) -> Any:
    """The state after commands that are all granted."""
    state = decider.NEW
    for command in commands:
        for event in decider.decide(command, state):
            state = decider.evolve(state, event)
    return state


ON_DUTY: Roster = after(
    roster, plan(TODAY - timedelta(days=1), TODAY + timedelta(days=7), at=at("07:00") - timedelta(2))
)


def policy(**terms: Any) -> DutyPolicy:
    """In force from the day before yesterday."""
    adopted = fact.DutyPolicyAdopted(
        at=at("07:00") - timedelta(days=9),
        version=2,
        valid_from=TODAY - timedelta(days=2),
        terms=fact.DutyTerms(**dict(Terms(**terms))),
        purpose="4.6",
        reason="试行",
    )
    return DutyPolicy((*DutyPolicy().versions, adopted)) if terms else DutyPolicy()


def call(when: str | datetime, outcome: CallOutcome = CallOutcome.NO_ANSWER, **facts: Any) -> duty.RecordCall:
    """A call to E04; ``roster`` and ``policy`` say what the moment is."""
    moment = at(when) if isinstance(when, str) else when
    on, by = facts.pop("roster", ON_DUTY), facts.pop("policy", DutyPolicy())
    said: dict[str, Any] = {
        "call": f"call-{moment.astimezone(SHANGHAI):%H%M%S}",
        "engineer": "E04",
        "outcome": outcome,
        "confidence": Confidence.DEFINITE,
        "rang_seconds": 30,
        "manual": False,
        "duty": roster.duty_at(on, by, moment),
        "in_service": True,
    }
    return duty.RecordCall(at=moment, by="reaction:calls", **said | facts)


def call_back(when: str | datetime, **facts: Any) -> duty.RecordCall:
    moment = at(when) if isinstance(when, str) else when
    said: dict[str, Any] = {"call": f"back-{moment.astimezone(SHANGHAI):%H%M%S}", "direction": CallDirection.INBOUND}
    return call(moment, **{"outcome": CallOutcome.ANSWERED} | said | facts)


def expire(when: str) -> duty.ExpireCallBack:
    return duty.ExpireCallBack(at=at(when), by="timer:deadlines")
