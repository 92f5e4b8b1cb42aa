"""Dismissal and legal referral, proposed by what has happened, signed or dropped by people."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from services.penalties.domain import measure
from services.penalties.domain.identity import measure_id
from services.penalties.domain.measure import MeasureCommand, ProposeMeasure, WithdrawMeasure, known
from shared.eventlog import Streams
from shared.events.base import Moment
from shared.events.penalties import DismissalReached, MeasureKind, SignsAs

Wish = Callable[..., MeasureCommand]


async def propose(
    streams: Streams, kind: MeasureKind, engineer: str, penalty: UUID, prepared_by: Sequence[str], at: Moment, by: str
) -> None:
    """A penalty provides for it; once for each. ``prepared_by`` sign nothing (⚖)."""
    about = {"kind": kind, "engineer": engineer, "penalty": penalty, "prepared_by": tuple(prepared_by)}
    await _handle(streams, measure_id(penalty), ProposeMeasure(measure=measure_id(penalty), **about, at=at, by=by))


async def propose_dismissal(streams: Streams, reached: DismissalReached, prepared_by: Sequence[str], by: str) -> None:
    """So many major demerits stand; once for the same ones."""
    command = ProposeMeasure(
        measure=reached.measure,
        kind=MeasureKind.DISMISSAL,
        engineer=reached.engineer,
        demerits=reached.demerits,
        prepared_by=tuple(prepared_by),
        at=reached.at,
        by=by,
    )
    await _handle(streams, reached.measure, command)


async def withdraw(streams: Streams, id: UUID, reasons: str, *, at: Moment, by: str) -> None:
    """What it rests on is gone."""
    await _handle(streams, id, WithdrawMeasure(reasons=reasons, at=at, by=by))


async def withdraw_of(streams: Streams, penalty: UUID, reasons: str, *, at: Moment, by: str) -> None:
    """The same for what a penalty led to by itself; nothing where it led to none."""
    id = measure_id(penalty)
    if (await streams.load(measure, id, required=False)).proposed:
        await withdraw(streams, id, reasons, at=at, by=by)


async def act(streams: Streams, id: UUID, wish: Wish, version: int | None) -> dict[str, Any]:
    """Decide the command on the measure that the caller has seen as ``version`` (None: as it is). Raises
    ``Refused``, ``StreamNotFound``, ``PreconditionFailed``."""
    await streams.load(measure, id)
    await streams.expect(measure, id, version)
    await _handle(streams, id, wish())
    state = await streams.load(measure, id)
    return {"measure": str(id), "number": known(state).number, "status": state.status, "version": streams.version(id)}


async def sign(streams: Streams, id: UUID, wish: Wish, version: int | None, signs_as: SignsAs) -> dict[str, Any]:
    """The first signature, or the second one."""
    return await act(streams, id, partial(wish, signs_as=signs_as), version)


async def _handle(streams: Streams, id: UUID, command: MeasureCommand) -> None:
    await streams.handle(measure, id, command)
