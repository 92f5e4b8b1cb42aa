"""Work orders: drafted and qualified with the names that go with ids, ended together with their visits."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from services.dispatch.commands.visits import abort_all
from services.dispatch.domain import work_order
from services.dispatch.domain.work_order_commands import (
    CancelWorkOrder,
    DraftWorkOrder,
    Facts,
    MarkIncomplete,
    QualifyWorkOrder,
)
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.dispatch import Origin, VisitProgress, WorkOrderFacts

Wish = Callable[..., Any]
"""Makes the command; asks for what the caller can't know, but the application does."""
NamesOf = Callable[[str, UUID], Awaitable[Mapping[str, Any] | None]]
"""What is known of a ``customer``, ``site``, ``product`` or ``ticket``, by the names of the facts; None: there is none
such."""
F = TypeVar("F", bound=Facts)

_FACTS = tuple(name for name in Facts.model_fields if name not in ("at", "by"))
_NAMED = (("site", "服务地点"), ("customer", "客户"), ("product", "产品"), ("ticket", "服务请求"))
"""Facts that are ids of what was recorded before; a site stands before its customer, whom it brings."""
_OVER = (VisitProgress.DONE, VisitProgress.ABORTED)


async def draft(streams: Streams, wish: Wish, version: int | None, names: NamesOf) -> dict[str, Any]:
    """By hand. Others (tickets, programmes) decide ``DraftWorkOrder`` straight on the stream."""
    command: DraftWorkOrder = await _fitting(await _named(wish(), names), names)
    await streams.handle(work_order, command.work_order, command, new=True)
    return await answer(streams, command.work_order)


async def qualify(streams: Streams, id: UUID, wish: Wish, version: int | None, names: NamesOf) -> dict[str, Any]:
    """What isn't said stays as it was drafted."""
    await streams.expect(work_order, id, version)
    order = await streams.load(work_order, id)
    command: QualifyWorkOrder = await _named(wish(), names)
    filled = _filled(command, work_order.known(order))
    await streams.handle(work_order, id, await _fitting(filled, names))
    return await answer(streams, id)


async def act(streams: Streams, id: UUID, wish: Wish, version: int | None, **_: Any) -> dict[str, Any]:
    """What needs nothing besides the work order."""
    await streams.expect(work_order, id, version)
    await streams.load(work_order, id)
    await streams.handle(work_order, id, wish())
    return await answer(streams, id)


async def cancel(streams: Streams, id: UUID, wish: Wish, version: int | None, **_: Any) -> dict[str, Any]:
    """Nobody goes any more."""
    await streams.expect(work_order, id, version)
    await streams.load(work_order, id)
    await call_off(streams, id, wish())
    return await answer(streams, id)


async def call_off(streams: Streams, id: UUID, command: CancelWorkOrder) -> None:
    """The work order is cancelled, and its visits that aren't over are aborted."""
    await streams.handle(work_order, id, command)
    await _abort_open(streams, id, command)


async def mark_incomplete(streams: Streams, id: UUID, wish: Wish, version: int | None, **_: Any) -> dict[str, Any]:
    """The follow-up is drafted with the same facts, and somebody looks at it anew."""
    await streams.expect(work_order, id, version)
    order = await streams.load(work_order, id)
    command: MarkIncomplete = wish()
    if await streams.handle(work_order, id, command):
        await _abort_open(streams, id, command)
        facts = work_order.known(order)
        said = {name: getattr(facts, name) for name in _FACTS}
        origin = {"origin": Origin.FOLLOW_UP, "follows": id, "follows_reason": command.reason}
        follow_up = DraftWorkOrder(at=command.at, by=command.by, work_order=command.follow_up, **origin, **said)
        await streams.handle(work_order, command.follow_up, follow_up)
    return await answer(streams, id) | {"follow_up": str(command.follow_up)}


async def _abort_open(streams: Streams, id: UUID, command: CancelWorkOrder | MarkIncomplete) -> None:
    order = await streams.load(work_order, id)
    open_ = [visit for visit, noted in order.visits.items() if noted.progress not in _OVER]
    await abort_all(streams, open_, command.reason, command.at, command.by)


def _filled(command: QualifyWorkOrder, before: WorkOrderFacts) -> QualifyWorkOrder:
    unsaid = {name: getattr(before, name) for name in _FACTS if name not in command.model_fields_set}
    return command.model_copy(update=unsaid)


async def _named(command: F, names: NamesOf) -> F:
    """Where an id is said, the names that go with it are known, and nobody's typing counts; a site brings its customer.
    Raises ``Refused``."""
    found: dict[str, Any] = {}
    for kind, zh in _NAMED:
        key = getattr(command, kind) or found.get(kind)
        if key is None:
            continue
        known = await names(kind, key)
        if known is None:
            raise Refused(f"{kind}_unknown", f"没有这个{zh}，请先登记。", f"There is no such {kind}: record it first.")
        found |= known
    return command.model_copy(update=found | ({"customer": command.customer} if command.customer else {}))


async def _fitting(command: F, names: NamesOf) -> F:
    """Raises ``Refused`` where the site is not the customer's."""
    known = await names("site", command.site) if command.site else None
    if known and known["customer"] != command.customer:
        raise Refused("site_of_another", "该服务地点属于另一客户。", "The site belongs to another customer.")
    return command


async def answer(streams: Streams, id: UUID) -> dict[str, Any]:
    """A work order as it stands after a command, short enough to be kept with its key; the total in CNY."""
    order = await streams.load(work_order, id)
    facts = work_order.known(order)
    return {
        "work_order": str(id),
        "number": facts.number,
        "status": order.status.value,
        "ticket": str(facts.ticket) if facts.ticket else None,
        "total": str(order.total()),
        "version": streams.version(id),
    }
