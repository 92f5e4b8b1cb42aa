"""What dispatch and tickets tell of engineers, and an office in memory that hears it: the real commands and deciders
over a dictionary of streams. All times are Shanghai's, of October 2026."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid5

from services.penalties.commands import facts
from services.penalties.domain import conduct, policy
from services.penalties.domain.conduct import AcknowledgePolicy
from services.penalties.domain.fact import Fact
from services.penalties.domain.identity import NAMESPACE, POLICY, conduct_id, fact_id
from services.penalties.domain.penalty_state import Penalty
from shared.decider import Command, Decider
from shared.eventlog import Recorded, Streams
from shared.events import dispatch, tickets
from shared.events.base import Event, Metadata, Source
from shared.events.dispatch import ArrivalGrade, Delay, ExpenseKind, FraudDeed, FraudGravity, KnownCause, SettledBy
from shared.events.telephony import CallOutcome
from shared.events.tickets import ComplaintCategory
from tests.unit.penalties.policies import adopt, at

DAY = 10
AGREED = at(DAY, "10:00")
LATE = at(DAY, "10:15")
"""The agreed arrival and the time of grace."""
NOW = at(DAY, "18:00")
CUSTOMER = "光明物业"


def an_id(name: str) -> UUID:
    return uuid5(NAMESPACE, f"told:{name}")


VISIT, ORDER, COMPLAINT, CLAIM = an_id("visit"), an_id("order"), an_id("complaint"), an_id("claim")


def late(visit: UUID = VISIT, engineer: str | None = "E04", **more: Any) -> dispatch.VisitLate:
    facts: dict[str, Any] = {
        "at": LATE,
        "visit": visit,
        "number": "SM-1",
        "work_order": ORDER,
        "ticket": None,
        "engineer": engineer,
        "customer": None,
        "customer_name": CUSTOMER,
        "agreed_arrival": AGREED,
        "minutes": 15,
        "arrived_at": None,
        "causes": (KnownCause(cause=Delay.TRAFFIC, told_at=AGREED), KnownCause(cause=Delay.UNANSWERED)),
        "instruction": "带两箱粘鼠板",
        "assigned_at": at(DAY, "08:00"),
        "assigned_by": "li.na",
    }
    return dispatch.VisitLate(**facts | more)


def not_late(visit: UUID = VISIT, engineer: str | None = "E04", **more: Any) -> dispatch.VisitLateCorrected:
    facts: dict[str, Any] = {"at": NOW, "visit": visit, "work_order": ORDER, "engineer": engineer}
    facts |= {"agreed_arrival": AGREED, "arrived_at": at(DAY, "09:55")}
    return dispatch.VisitLateCorrected(**facts | more)


def arrived(minutes: int = 40, visit: UUID = VISIT, engineer: str = "E04") -> dispatch.VisitArrived:
    return dispatch.VisitArrived(
        at=AGREED + timedelta(minutes=minutes),
        visit=visit,
        work_order=ORDER,
        ticket=None,
        engineer=engineer,
        customer=None,
        agreed_arrival=AGREED,
        late_after=LATE,
        late_minutes=max(0, minutes),
        grade=ArrivalGrade.GEOFENCE_OK,
        distance_m=20,
        accuracy_m=10,
        reason=None,
        confirmation=None,
        received_at=AGREED + timedelta(minutes=minutes),
        offline=False,
    )


def adjudicated(minutes: int | None, visit: UUID = VISIT, engineer: str = "E04") -> dispatch.ArrivalAdjudicated:
    return dispatch.ArrivalAdjudicated(
        at=NOW,
        visit=visit,
        work_order=ORDER,
        ticket=None,
        engineer=engineer,
        agreed_arrival=AGREED,
        arrived_at=None if minutes is None else AGREED + timedelta(minutes=minutes),
        late_minutes=minutes,
        device=None,
        server=None,
        customer=None,
        reasons="门禁记录",
        adjudicated_by="wang.fang",
    )


def substantiated(
    category: ComplaintCategory = ComplaintCategory.LATENESS, visit: UUID | None = VISIT, **more: Any
) -> tickets.ComplaintSubstantiated:
    facts: dict[str, Any] = {
        "at": NOW,
        "complaint": COMPLAINT,
        "number": "TS-1",
        "ticket": None,
        "category": category,
        "engineer": "E04",
        "work_order": None,
        "visit": visit,
        "happened_at": at(DAY, "10:30"),
        "evidence": ("a" * 64,),
        "statement_lapsed": False,
        "reasons": "通话录音",
        "found_by": "zhou.jie",
    }
    return tickets.ComplaintSubstantiated(**facts | more)


def left(visit: UUID = VISIT, engineer: str = "E04") -> dispatch.LeftWithoutReporting:
    due = at(DAY, "13:00")
    more: dict[str, Any] = {"finished_at": at(DAY, "12:00"), "due": due, "call_demanded": False}
    more |= {"number": "SM-1", "work_order": ORDER, "assigned_by": "li.na"}
    return dispatch.LeftWithoutReporting(at=due, visit=visit, engineer=engineer, **more)


def reported_in_time(visit: UUID = VISIT, engineer: str = "E04") -> dispatch.LeftWithoutReportingCorrected:
    more: dict[str, Any] = {"due": at(DAY, "13:00"), "reported_at": at(DAY, "12:30"), "work_order": ORDER}
    return dispatch.LeftWithoutReportingCorrected(at=NOW, visit=visit, engineer=engineer, **more)


def checked_out(minutes: int | None, visit: UUID = VISIT, engineer: str = "E04") -> dispatch.VisitCheckedOut:
    more: dict[str, Any] = {"way": dispatch.CheckOutWay.APP, "call_id": None, "offline": False, "work_order": ORDER}
    return dispatch.VisitCheckedOut(at=at(DAY, "14:00"), visit=visit, engineer=engineer, late_minutes=minutes, **more)


def called_late(minutes: int, visit: UUID = VISIT, engineer: str = "E04") -> dispatch.CalledHomeLate:
    more: dict[str, Any] = {"due": at(DAY, "13:00"), "call": "c-4", "work_order": ORDER}
    return dispatch.CalledHomeLate(at=at(DAY, "13:25"), visit=visit, engineer=engineer, late_minutes=minutes, **more)


def phone(pair: int = 1, engineer: str = "E04", **more: Any) -> dispatch.PhoneUnanswered:
    facts: dict[str, Any] = {
        "at": at(DAY, "15:30"),
        "engineer": engineer,
        "duty_day": date(2026, 10, DAY),
        "first_call": f"c-{pair}",
        "first_at": at(DAY, f"{10 + pair}:00"),
        "first_outcome": CallOutcome.SWITCHED_OFF,
        "second_call": f"d-{pair}",
        "second_at": at(DAY, f"{10 + pair}:15"),
        "second_outcome": CallOutcome.NO_ANSWER,
        "opens_at": at(DAY, "08:00"),
        "closes_at": at(DAY, "22:00"),
        "trip": None,
        "allowance": None,
        "policy": 1,
    }
    return dispatch.PhoneUnanswered(**facts | more)


def phone_settled(pair: int = 1, engineer: str = "E04") -> dispatch.PhoneUnansweredWithdrawn:
    return dispatch.PhoneUnansweredWithdrawn(
        at=NOW,
        engineer=engineer,
        duty_day=date(2026, 10, DAY),
        first_call=f"c-{pair}",
        second_call=f"d-{pair}",
        settled_by=SettledBy.EXEMPTED,
    )


DELIVERED = at(DAY, "08:05")


def refused(visit: UUID = VISIT, engineer: str = "E04", **more: Any) -> dispatch.DispatchRefused:
    facts: dict[str, Any] = {
        "at": at(DAY, "08:50"),
        "visit": visit,
        "work_order": ORDER,
        "engineer": engineer,
        "reason": "太远",
        "safety": False,
        "instruction": "带两箱粘鼠板",
        "assigned_at": at(DAY, "08:00"),
        "delivered_at": DELIVERED,
        "answer_due": None,
        "assigned_by": "li.na",
        "offline": False,
    }
    return dispatch.DispatchRefused(**facts | more)


def unanswered(visit: UUID = VISIT, engineer: str = "E04") -> dispatch.DispatchUnanswered:
    due = at(DAY, "08:35")
    more: dict[str, Any] = {"instruction": "带两箱粘鼠板", "delivered_at": DELIVERED, "assigned_by": "li.na"}
    return dispatch.DispatchUnanswered(at=due, visit=visit, work_order=ORDER, engineer=engineer, due=due, **more)


def answered(visit: UUID = VISIT, engineer: str = "E04", **more: Any) -> dispatch.DispatchUnansweredCorrected:
    facts: dict[str, Any] = {"due": at(DAY, "08:35"), "answered_at": at(DAY, "08:30"), "delivered_at": DELIVERED}
    facts |= {"at": NOW, "visit": visit, "work_order": ORDER, "engineer": engineer}
    return dispatch.DispatchUnansweredCorrected(**facts | more)


def fraud(gravity: FraudGravity = FraudGravity.DEMERIT, **more: Any) -> dispatch.ExpenseFraudFound:
    facts: dict[str, Any] = {
        "at": NOW,
        "claim": CLAIM,
        "number": "BX-1",
        "engineer": "E04",
        "trip": an_id("trip"),
        "lines": (an_id("line"),),
        "invoices": ("12345678",),
        "amount": Decimal("120.00"),
        "deed": FraudDeed.REUSED,
        "repeated": False,
        "organised": False,
        "criminal": False,
        "gravity": gravity,
        "evidence": ("b" * 64,),
        "reasons": "同一发票",
        "happened_at": at(DAY - 3, "09:00"),
        "policy_version": 1,
        "paid": False,
        "found_by": "qian.li",
    }
    return dispatch.ExpenseFraudFound(**facts | more)


def rejected_line() -> dispatch.ExpenseLineRejected:
    return dispatch.ExpenseLineRejected(
        at=NOW,
        claim=CLAIM,
        number="BX-1",
        engineer="E04",
        trip=an_id("trip"),
        line=an_id("line"),
        kind=ExpenseKind.LODGING,
        invoice_code=None,
        invoice_number="12345678",
        claimed=Decimal("320.00"),
        allowed=Decimal("0.00"),
        checks=(dispatch.Check.DATE, dispatch.Check.CITY),
        reasons="不在行程内",
        rejected_by="qian.li",
    )


def recorded(event: Event, position: int, actor: str = "timer:deadlines") -> Recorded[Any]:
    """As it comes from the other service's log, at ``position`` there."""
    service = event.SERVICE
    meta = Metadata(
        actor=actor,
        source=Source.TIMER,
        correlation_id=an_id("call"),
        occurred_at=event.at,
        recorded_at=event.at,
    )
    published = f"{service}-{position}".encode()
    return Recorded(service, an_id(f"{service}-{position}"), 1, position, event, meta, published)


def in_two_logs(events: Iterable[Event]) -> list[Recorded[Any]]:
    """Each at the next position of its own service's log."""
    last = {"dispatch": 0, "tickets": 0}
    found = []
    for event in events:
        last[event.SERVICE] += 1
        found.append(recorded(event, last[event.SERVICE]))
    return found


class Office:
    """Penalties in memory. Version 1 holds from the 2nd of October; those who acknowledged it did so then, unless told
    otherwise."""

    def __init__(self, *acknowledged: str, now: datetime = NOW) -> None:
        self.now = now
        self.states: dict[UUID, Any] = {}
        self.events: dict[UUID, list[Event]] = {}
        self.do(policy, POLICY, adopt(1, day=2))
        for engineer in acknowledged or ("E04",):
            self.acknowledge(engineer, at(2, "10:00"))

    def acknowledge(self, engineer: str, moment: datetime) -> None:
        command = AcknowledgePolicy(at=moment, by=engineer, engineer=engineer, version=1)
        self.do(conduct, conduct_id(engineer), command)

    async def hear(self, *told: Recorded[Any]) -> "Office":
        for each in told:
            await facts.hear(cast("Streams", self), each)
        return self

    # -- what a piece of work may do with streams ------------------------------------------------------------------

    async def load(self, decider: Decider[Any], stream: UUID, *, required: bool = True) -> Any:
        assert stream in self.events or not required, f"no {decider.STREAM} {stream}"
        return self.states.get(stream, decider.NEW)

    async def handle(
        self, decider: Decider[Any], stream: UUID, command: Command, *, new: bool = False
    ) -> Sequence[Event]:
        assert not new or stream not in self.events
        return self.do(decider, stream, command)

    def do(self, decider: Decider[Any], stream: UUID, command: Command) -> Sequence[Event]:
        state = self.states.get(stream, decider.NEW)
        events = decider.decide(command, state)
        for event in events:
            state = decider.evolve(state, event)
            self.events.setdefault(stream, []).append(event)
        self.states[stream] = state
        return events

    # -- what can be seen of it ------------------------------------------------------------------------------------

    def fact(self, key: str) -> Fact:
        return cast(Fact, self.states[fact_id(key)])

    def facts(self) -> list[Fact]:
        """Those of which anything was heard, by their keys."""
        found = [state for state in self.states.values() if isinstance(state, Fact) and state.reports]
        return sorted(found, key=lambda state: state.reports[0].key)

    def penalty(self, id: UUID) -> Penalty:
        return cast(Penalty, self.states[id])

    def charges(self) -> dict[str, tuple[str, Decimal]]:
        """By the fact's key: the rule it is charged with, and what is at stake."""
        return {
            state.reports[0].key: (state.charged.rule, state.charged.amount) for state in self.facts() if state.charged
        }
