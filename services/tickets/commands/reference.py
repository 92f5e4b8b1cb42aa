"""Reference data: what an entry belongs to has to be there first."""

from typing import Any
from uuid import UUID

from services.tickets.domain import reference
from services.tickets.domain.reference import RecordLot, RecordSite, RecordUnit, ReferenceCommand
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.tickets import CustomerRecorded, ProductRecorded, SiteRecorded


async def record(streams: Streams, entry: UUID, version: int | None, command: ReferenceCommand) -> dict[str, Any]:
    """Record an entry that the caller has seen as ``version``; ``changed`` says whether that told anything new.

    Raises ``Refused`` where the customer, site or product that it names isn't recorded.
    """
    await streams.expect(reference, entry, version)
    events = await streams.handle(reference, entry, await _belonging(streams, command))
    return {"id": str(entry), "version": streams.version(entry), "changed": bool(events)}


async def _belonging(streams: Streams, command: ReferenceCommand) -> ReferenceCommand:
    """The command with the product's name as it is recorded."""
    if isinstance(command, RecordSite | RecordUnit):
        await _named(streams, command.customer, CustomerRecorded)
    if isinstance(command, RecordUnit) and command.site:
        await _named(streams, command.site, SiteRecorded)
    if isinstance(command, RecordLot | RecordUnit):
        return command.model_copy(update={"product_name": await _named(streams, command.product, ProductRecorded)})
    return command


Named = CustomerRecorded | SiteRecorded | ProductRecorded

_MISSING = {
    CustomerRecorded: (
        "customer_unknown",
        "没有这个客户，请先登记客户。",
        "There is no such customer: record it first.",
    ),
    SiteRecorded: ("site_unknown", "没有这个服务地点，请先登记。", "There is no such site: record it first."),
    ProductRecorded: ("product_unknown", "没有这个产品，请先登记产品。", "There is no such product: record it first."),
}


async def _named(streams: Streams, entry: UUID, kind: type[Named]) -> str:
    found = (await streams.load(reference, entry, required=False)).latest
    if not isinstance(found, kind):
        raise Refused(*_MISSING[kind])
    return found.name
