"""Phone duty (4.6): the calls of an engineer's duty day, and what follows from them. A stream for each day.

D10: probes within 30 minutes are one occurrence, of which there is at most one a day. D11: it takes two probes, at
least 10 minutes apart, and no call-back within 30 minutes after the second. D13: only outcomes count. What is filed is
evidence; whether anybody is to blame is decided elsewhere. All figures are the policy's of that day.

What follows is computed from all calls of the day as they are known, whatever the order in which they were told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, TypeVar, assert_never

from pydantic import Field

from services.dispatch.domain.engineer import Code
from services.dispatch.domain.roster import DutyAt
from shared.decider import Arm, Breach, Command, DeadlineChange, Drop, Meet, Refused, Words
from shared.events.base import Moment
from shared.events.dispatch import (
    CallBackAwaited,
    CallBackSettled,
    DutyCallReassessed,
    DutyCallRecorded,
    DutyCallsExempted,
    DutyDayOpened,
    DutyTerms,
    Exemption,
    PhoneUnanswered,
    PhoneUnansweredWithdrawn,
    SettledBy,
)
from shared.events.telephony import CallDirection, CallOutcome, Confidence
from shared.facts import tell
from shared.refusal import why_not
from shared.text import Name

STREAM = "duty_day"

CALL_BACK = "call_back"
"""The deadline until which a call-back clears two unanswered probes (D11)."""

ABSENT = frozenset({CallOutcome.UNREACHABLE, CallOutcome.NOT_REGISTERED, CallOutcome.SWITCHED_OFF})
"""Off, or without coverage: the exchange can't tell. So one of these counts only if the other probe says the same."""
DOUBTFUL = frozenset({CallOutcome.UNREACHABLE, CallOutcome.NOT_REGISTERED})

# --- commands ---------------------------------------------------------------------------------------------------------


class RecordCall(Command):
    """A call to or from an engineer; ``at`` is when it was dialled. Told again with another outcome, it changes."""

    engineer: Code
    call: Name
    direction: CallDirection = CallDirection.OUTBOUND
    outcome: CallOutcome
    confidence: Confidence = Confidence.DEFINITE
    rang_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    """Unanswered and declined calls count only where it is known that, and how long, it rang."""
    manual: bool
    duty: DutyAt
    """What the moment is by roster and policy."""
    in_service: bool


class ExemptCalls(Command):
    """Leave was granted afterwards."""

    starts: Moment
    ends: Moment


class ExpireCallBack(Command):
    """The timer says that nobody has called back in time."""


DutyCommand = RecordCall | ExemptCalls | ExpireCallBack
DutyEvent = (
    DutyDayOpened
    | DutyCallRecorded
    | DutyCallReassessed
    | DutyCallsExempted
    | CallBackAwaited
    | CallBackSettled
    | PhoneUnanswered
    | PhoneUnansweredWithdrawn
)

# --- state ------------------------------------------------------------------------------------------------------------

Pair = tuple[str, str]
"""Two calls."""


@dataclass(frozen=True, slots=True)
class DutyDay:
    opened: DutyDayOpened | None = None
    calls: tuple[DutyCallRecorded, ...] = ()
    """As they are known now; by the time of dialling."""
    awaited: CallBackAwaited | None = None
    declared: tuple[PhoneUnanswered, ...] = ()
    """What stands."""
    withdrawn: frozenset[Pair] = frozenset()

    def call(self, call: str) -> DutyCallRecorded | None:
        return next((known for known in self.calls if known.call == call), None)


NEW = DutyDay()


def evolve(day: DutyDay, event: DutyEvent) -> DutyDay:
    match event:
        case DutyDayOpened():
            return replace(day, opened=event)
        case DutyCallRecorded():
            return replace(day, calls=tuple(sorted([*day.calls, event], key=_by_time)))
        case DutyCallReassessed():
            told = {name: getattr(event, name) for name in ("outcome", "confidence", "rang_seconds", "exemption")}
            return replace(day, calls=_changed(day, (event.call,), told))
        case DutyCallsExempted():
            return replace(day, calls=_changed(day, event.calls, {"exemption": event.exemption}))
        case CallBackAwaited():
            return replace(day, awaited=event)
        case CallBackSettled():
            return replace(day, awaited=None)
        case PhoneUnanswered():
            pair = (event.first_call, event.second_call)
            return replace(day, awaited=None, declared=(*day.declared, event), withdrawn=day.withdrawn - {pair})
        case PhoneUnansweredWithdrawn():
            pair = (event.first_call, event.second_call)
            left = tuple(fact for fact in day.declared if (fact.first_call, fact.second_call) != pair)
            return replace(day, declared=left, withdrawn=day.withdrawn | {pair})
        case _:
            assert_never(event)


def deadlines(event: DutyEvent) -> Sequence[DeadlineChange]:
    match event:
        case CallBackAwaited():
            return [Arm(CALL_BACK, event.until)]
        case CallBackSettled():
            return [Meet(CALL_BACK, event.at) if event.settled_by is SettledBy.CALLED_BACK else Drop(CALL_BACK)]
        case PhoneUnanswered():
            return [Breach(CALL_BACK, event.at)]
        case DutyDayOpened() | DutyCallRecorded() | DutyCallReassessed() | DutyCallsExempted():
            return []
        case PhoneUnansweredWithdrawn():
            return []
        case _:
            assert_never(event)


def _changed(day: DutyDay, calls: Sequence[str], told: Mapping[str, object]) -> tuple[DutyCallRecorded, ...]:
    return tuple(known.model_copy(update=told) if known.call in calls else known for known in day.calls)


def _by_time(call: DutyCallRecorded) -> tuple[datetime, str]:
    return call.at, call.call


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: DutyCommand, day: DutyDay) -> Sequence[DutyEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case RecordCall():
            return _record(command, day)
        case ExemptCalls():
            return _exempt(command, day)
        case ExpireCallBack():
            return _expire(command, day)
        case _:
            assert_never(command)


def available(in_service: Callable[[], object]) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not; ``in_service`` refuses for one who has left."""
    return {"record_probe": why_not(in_service), "record_call_back": why_not(in_service)}


def _record(command: RecordCall, day: DutyDay) -> Sequence[DutyEvent]:
    if (known := day.call(command.call)) is not None:
        return _reassess(command, known, day)
    duty, events = command.duty, list[DutyEvent]()
    about = {"at": command.at, "engineer": command.engineer, "duty_day": duty.duty_day}
    if day.opened is None:
        events.append(DutyDayOpened(**about, policy=duty.policy.version, terms=duty.policy.terms))
    terms = day.opened.terms if day.opened else duty.policy.terms
    window = duty.window
    events.append(
        tell(
            DutyCallRecorded,
            command,
            duty_day=duty.duty_day,
            exemption=_exemption(command, terms),
            opens_at=window.start if window else None,
            closes_at=window.end if window else None,
            trip=duty.trip,
            allowance=duty.allowance,
        )
    )
    return _with_what_follows(events, day, command.at)


def _reassess(command: RecordCall, known: DutyCallRecorded, day: DutyDay) -> Sequence[DutyEvent]:
    """Later evidence knows better; a person's word doesn't overrule the exchange's."""
    if command.direction is not known.direction:
        raise Refused("call_known", "该通话已按另一方向登记。", "This call was recorded the other way round.")
    told = (command.outcome, command.confidence, command.rang_seconds)
    if told == (known.outcome, known.confidence, known.rang_seconds):
        return []
    if command.manual and not known.manual:
        raise Refused(
            "call_from_exchange",
            "该通话由话务系统登记，不能手工更改。",
            "This call was recorded by the exchange: it isn't changed by hand.",
        )
    assert day.opened, "a day with a call is open"
    exemption = known.exemption if known.exemption is Exemption.LEAVE else _exemption(command, day.opened.terms)
    event = tell(DutyCallReassessed, command, duty_day=known.duty_day, exemption=exemption)
    return _with_what_follows([event], day, command.at)


def _exempt(command: ExemptCalls, day: DutyDay) -> Sequence[DutyEvent]:
    """D12: leave is exempt, also where it is granted afterwards."""
    calls = tuple(probe.call for probe in _counted(day) if command.starts <= probe.at < command.ends)
    if not calls or day.opened is None:
        return []
    opened = day.opened
    event = DutyCallsExempted(
        at=command.at, engineer=opened.engineer, duty_day=opened.duty_day, calls=calls, exemption=Exemption.LEAVE
    )
    return _with_what_follows([event], day, command.at)


def _expire(command: ExpireCallBack, day: DutyDay) -> Sequence[DutyEvent]:
    """The time is over at its end, not when somebody looks."""
    if (awaited := day.awaited) is None:
        return []
    if command.at < awaited.until:
        raise Refused("call_back_open", "回电时限未到。", "There is still time to call back.")
    return _with_what_follows([_unanswered(day, (awaited.first_call, awaited.second_call))], day, awaited.until)


# --- what counts, and what follows ------------------------------------------------------------------------------------


def _exemption(command: RecordCall, terms: DutyTerms) -> Exemption | None:
    """Why a probe doesn't count; None for a sign of life, which is no probe."""
    if _is_contact(command.direction, command.outcome):
        return None
    if not command.in_service:
        return Exemption.INACTIVE
    return command.duty.exemption or _by_outcome(command, terms)


def _by_outcome(command: RecordCall, terms: DutyTerms) -> Exemption | None:
    """D11: not busy, not the network, not our own cancelling; and nothing that may have another explanation."""
    rang = command.rang_seconds
    if command.outcome not in terms.outcomes:
        return Exemption.OUTCOME
    if command.confidence is Confidence.AMBIGUOUS:
        return Exemption.UNCERTAIN
    if command.outcome in (CallOutcome.NO_ANSWER, CallOutcome.REJECTED) and not rang:
        return Exemption.UNCERTAIN
    if command.outcome is CallOutcome.NO_ANSWER and rang is not None and rang < terms.ring_seconds:
        return Exemption.RANG_SHORT
    return None


def _is_contact(direction: CallDirection, outcome: CallOutcome) -> bool:
    """A sign of life: the engineer called, whether we answered or not, or took our call."""
    return direction is CallDirection.INBOUND or outcome is CallOutcome.ANSWERED


def _counted(day: DutyDay) -> list[DutyCallRecorded]:
    return [call for call in day.calls if call.exemption is None and not _is_contact(call.direction, call.outcome)]


def _with_what_follows(events: list[DutyEvent], day: DutyDay, at: datetime) -> list[DutyEvent]:
    """``events``, and what all calls of the day together mean after them (D10, D11)."""
    told = list(events)
    for event in events:
        day = evolve(day, event)

    def conclude(event: DutyEvent) -> None:
        nonlocal day
        told.append(event)
        day = evolve(day, event)

    for fact in day.declared:
        if (why := _undone(day, (fact.first_call, fact.second_call))) is not None:
            conclude(_undoing(PhoneUnansweredWithdrawn, fact, at, why))
    if (awaited := day.awaited) and (why := _undone(day, (awaited.first_call, awaited.second_call))) is not None:
        conclude(_undoing(CallBackSettled, awaited, at, why))
    while day.awaited is None and (pair := _next(day)) is not None:
        if pair in day.withdrawn:  # its time to call back is over already
            conclude(_unanswered(day, pair))
        else:
            conclude(_await(day, pair, at))
    return told


def _next(day: DutyDay) -> Pair | None:
    """The earliest two probes that make an occurrence of which nothing is said yet."""
    if day.opened is None or len(day.declared) >= day.opened.terms.per_day:
        return None
    apart = timedelta(minutes=day.opened.terms.occurrence_minutes)
    for first, second in _pairs(day):
        alone = all(second.at + apart < f.first_at or f.second_at + apart < first.at for f in day.declared)
        if alone and not _contact_within(day, first, second):
            return first.call, second.call
    return None


def _pairs(day: DutyDay) -> Iterator[tuple[DutyCallRecorded, DutyCallRecorded]]:
    """Two probes of one occurrence, far enough apart (D10, D11); by the later one."""
    assert day.opened, "who has calls has a policy"
    terms, counted = day.opened.terms, _counted(day)
    least, most = timedelta(minutes=terms.gap_minutes), timedelta(minutes=terms.occurrence_minutes)
    for n, second in enumerate(counted):
        for first in counted[:n]:
            if least <= second.at - first.at <= most and _agree(first.outcome, second.outcome):
                yield first, second


def _agree(first: CallOutcome, second: CallOutcome) -> bool:
    """Whether an outcome that may be a lack of coverage is confirmed by the other probe."""
    doubtful = first in DOUBTFUL or second in DOUBTFUL
    return not doubtful or (first in ABSENT and second in ABSENT)


def _contact_within(day: DutyDay, first: DutyCallRecorded, second: DutyCallRecorded) -> bool:
    """Whether there was a sign of life from the first probe until the end of the time to call back."""
    return any(
        first.at <= call.at <= _until(day, second) for call in day.calls if _is_contact(call.direction, call.outcome)
    )


def _until(day: DutyDay, second: DutyCallRecorded) -> datetime:
    assert day.opened, "who has calls has a policy"
    return second.at + timedelta(minutes=day.opened.terms.call_back_minutes)


def _undone(day: DutyDay, pair: Pair) -> SettledBy | None:
    """Why the two are no occurrence any more; None while they are."""
    first, second = _both(day, pair)
    exemptions = {first.exemption, second.exemption}
    if Exemption.LEAVE in exemptions:
        return SettledBy.EXEMPTED
    counted = _counted(day)
    if first not in counted or second not in counted or not _agree(first.outcome, second.outcome):
        return SettledBy.REASSESSED
    return SettledBy.CALLED_BACK if _contact_within(day, first, second) else None


def _both(day: DutyDay, pair: Pair) -> tuple[DutyCallRecorded, DutyCallRecorded]:
    first, second = day.call(pair[0]), day.call(pair[1])
    assert first, "a call that was judged is known"
    assert second, "a call that was judged is known"
    return first, second


def _await(day: DutyDay, pair: Pair, at: datetime) -> CallBackAwaited:
    first, second = _both(day, pair)
    return CallBackAwaited(
        at=at,
        engineer=second.engineer,
        duty_day=second.duty_day,
        first_call=first.call,
        second_call=second.call,
        until=_until(day, second),
    )


def _unanswered(day: DutyDay, pair: Pair) -> PhoneUnanswered:
    """4.6. What is needed to judge it goes along: the window, the trip and its allowance (D9), the policy."""
    first, second = _both(day, pair)
    assert day.opened, "who has calls has a policy"
    assert second.opens_at, "a probe that counts lies in a window"
    assert second.closes_at, "a probe that counts lies in a window"
    return PhoneUnanswered(
        at=_until(day, second),
        engineer=second.engineer,
        duty_day=second.duty_day,
        first_call=first.call,
        first_at=first.at,
        first_outcome=first.outcome,
        second_call=second.call,
        second_at=second.at,
        second_outcome=second.outcome,
        opens_at=second.opens_at,
        closes_at=second.closes_at,
        trip=second.trip,
        allowance=second.allowance,
        policy=day.opened.policy,
    )


Undoing = TypeVar("Undoing", CallBackSettled, PhoneUnansweredWithdrawn)


def _undoing(kind: type[Undoing], of: CallBackAwaited | PhoneUnanswered, at: datetime, why: SettledBy) -> Undoing:
    return kind(
        at=at,
        engineer=of.engineer,
        duty_day=of.duty_day,
        first_call=of.first_call,
        second_call=of.second_call,
        settled_by=why,
    )
