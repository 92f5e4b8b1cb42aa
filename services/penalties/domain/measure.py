"""A dismissal or a legal referral, proposed only: ``PROPOSED → SIGNED → CARRIED``; ``→ DROPPED`` from each (4.3).

Two persons sign ⚖, one for HR and one for the general management, in whichever order. Neither of them is whom it is
about, nor has decided what it rests on. Where what it rests on is gone, it is dropped, though it was carried.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never
from uuid import UUID

from services.penalties.domain.identity import measure_number
from services.penalties.domain.names.measures import MEASURE_ACTION, MEASURE_HINT, MEASURE_STATUS, SIGNS_AS
from shared.decider import Command, DeadlineChange, Refused, Words
from shared.events.penalties import (
    MeasureCarried,
    MeasureDropped,
    MeasureKind,
    MeasureProposed,
    MeasureSigned,
    SignsAs,
)
from shared.events.penalties import MeasureStatus as S
from shared.facts import tell
from shared.refusal import not_now, why_not
from shared.text import Name, Text

STREAM = "measure"

_OPEN = frozenset({S.PROPOSED, S.SIGNED})

# --- commands ---------------------------------------------------------------------------------------------------------


class ProposeMeasure(Command):
    """A penalty provides for it, or so many major demerits stand."""

    measure: UUID
    kind: MeasureKind
    engineer: str
    penalty: UUID | None = None
    demerits: tuple[UUID, ...] = ()
    prepared_by: tuple[str, ...] = ()
    """Who decided what it rests on."""


class SignMeasure(Command):
    """The first signature, or the second one, which carries it."""

    reasons: Text
    signs_as: SignsAs
    decider_engineer: Name | None = None
    """The signer's own number as an engineer, if they have one."""


class DropMeasure(Command):
    """It isn't to be carried."""

    reasons: Text
    decider_engineer: Name | None = None
    """The decider's own number as an engineer, if they have one."""


class WithdrawMeasure(Command):
    """What it rests on is gone."""

    reasons: Text


MeasureCommand = ProposeMeasure | SignMeasure | DropMeasure | WithdrawMeasure
MeasureEvent = MeasureProposed | MeasureSigned | MeasureCarried | MeasureDropped

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    status: S | None = None
    proposed: MeasureProposed | None = None
    signed: MeasureSigned | None = None
    """The first signature."""
    carried: MeasureCarried | None = None
    dropped: MeasureDropped | None = None


NEW = Measure()


def evolve(measure: Measure, event: MeasureEvent) -> Measure:
    match event:
        case MeasureProposed():
            return Measure(S.PROPOSED, event)
        case MeasureSigned():
            return replace(measure, status=S.SIGNED, signed=event)
        case MeasureCarried():
            return replace(measure, status=S.CARRIED, carried=event)
        case MeasureDropped():
            return replace(measure, status=S.DROPPED, dropped=event)
        case _:
            assert_never(event)


def deadlines(event: MeasureEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: MeasureCommand, measure: Measure) -> Sequence[MeasureEvent]:
    """The events that ``command`` causes; none when it has already happened. Raises ``Refused``."""
    match command:
        case ProposeMeasure():
            return _propose(command, measure)
        case SignMeasure():
            return _sign(command, measure)
        case DropMeasure():
            return _drop(command, measure)
        case WithdrawMeasure():
            return _withdraw(command, measure)
        case _:
            assert_never(command)


def available(measure: Measure, by: str, own: str | None) -> dict[str, Words | None]:
    """For every action None where it is open to ``by`` (engineer ``own``) now, otherwise why not."""
    guards: Mapping[str, Callable[[], None]] = {
        "sign_for_hr": partial(_can_sign, measure, SignsAs.HR, by, own),
        "sign_for_management": partial(_can_sign, measure, SignsAs.GENERAL_MANAGER, by, own),
        "drop": partial(_can_drop, measure, by, own),
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def known(measure: Measure) -> MeasureProposed:
    """How it began. Raises ``Refused`` where there is none."""
    if measure.proposed is None:
        raise Refused("measure_unknown", "没有这项建议。", "There is no such proposal.")
    return measure.proposed


def _propose(command: ProposeMeasure, measure: Measure) -> Sequence[MeasureEvent]:
    """Once for what led to it: its id says so."""
    if measure.proposed:
        return []
    return [tell(MeasureProposed, command, number=measure_number(command.measure, command.at))]


def _sign(command: SignMeasure, measure: Measure) -> Sequence[MeasureEvent]:
    proposed = known(measure)
    if _signed_already(command, measure):
        return []
    _can_sign(measure, command.signs_as, command.by, command.decider_engineer)
    if first := measure.signed:
        both, persons = (first.signed_as, command.signs_as), (first.signed_by, command.by)
        carried = MeasureCarried(
            at=command.at,
            measure=proposed.measure,
            kind=proposed.kind,
            engineer=proposed.engineer,
            reasons=command.reasons,
            signed_as=both,
            signed_by=persons,
        )
        return [carried]
    about = {"measure": proposed.measure, "engineer": proposed.engineer}
    return [tell(MeasureSigned, command, **about, signed_as=command.signs_as, signed_by=command.by)]


def _signed_already(command: SignMeasure, measure: Measure) -> bool:
    """A retry: the same person has signed for the same side."""
    first, both = measure.signed, measure.carried
    signatures = [(first.signed_as, first.signed_by)] if first else []
    signatures += zip(both.signed_as, both.signed_by, strict=True) if both else ()
    return measure.status in (S.SIGNED, S.CARRIED) and (command.signs_as, command.by) in signatures


def _can_sign(measure: Measure, signs_as: SignsAs, by: str, own: str | None) -> None:
    """⚖ Two persons, for two sides."""
    _permit("sign_for_hr" if signs_as is SignsAs.HR else "sign_for_management", measure)
    _judges_another(measure, by, own)
    if measure.signed is None:
        return
    if measure.signed.signed_by == by:
        raise Refused(
            "signed_by_you",
            "您已签署；第二个签署须由另一人作出。",
            "You have signed it already; the second signature is another person's.",
        )
    if measure.signed.signed_as is signs_as:
        side = SIGNS_AS[signs_as]
        raise Refused(
            "side_has_signed", f"{side.zh}已签署；还缺另一方签署。", f"{side.en} has signed; the other side hasn't."
        )


def _judges_another(measure: Measure, by: str, own: str | None) -> None:
    """⚖ Nobody judges themselves, nor signs what they have prepared."""
    proposed = known(measure)
    if proposed.engineer in (by, own):
        raise Refused("measure_about_you", "不能就本人的处理作决定。", "Nobody decides on a measure about themselves.")
    if by in proposed.prepared_by:
        raise Refused(
            "measure_prepared_by_you",
            "所依据的处罚由您决定，须由其他人签署。",
            "You decided what it rests on, so others have to sign.",
        )


def _drop(command: DropMeasure, measure: Measure) -> Sequence[MeasureEvent]:
    dropped = measure.dropped
    if dropped and (dropped.dropped_by, dropped.reasons) == (command.by, command.reasons):
        return []
    _can_drop(measure, command.by, command.decider_engineer)
    return [_dropped(command, measure)]


def _can_drop(measure: Measure, by: str, own: str | None) -> None:
    _permit("drop", measure)
    _judges_another(measure, by, own)


def _withdraw(command: WithdrawMeasure, measure: Measure) -> Sequence[MeasureEvent]:
    known(measure)
    return [] if measure.dropped else [_dropped(command, measure)]


def _dropped(command: DropMeasure | WithdrawMeasure, measure: Measure) -> MeasureDropped:
    proposed = known(measure)
    return MeasureDropped(
        at=command.at,
        measure=proposed.measure,
        kind=proposed.kind,
        engineer=proposed.engineer,
        reasons=command.reasons,
        carried=measure.carried is not None,
        dropped_by=command.by,
    )


def _permit(action: str, measure: Measure) -> None:
    known(measure)
    status = measure.status
    if status and status not in _OPEN:
        kind = Words("处理建议", "measure")
        raise not_now("measure", kind, MEASURE_ACTION[action], status, MEASURE_STATUS[status], MEASURE_HINT[status])
