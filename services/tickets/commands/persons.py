"""Contact persons: recorded, or erased for good (D13)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.tickets.domain import reference
from services.tickets.domain.reference import ErasePerson
from services.tickets.persons import ERASE, PersonData, Persons
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.tickets import CustomerRecorded, SiteRecorded


async def record_person(
    streams: Streams,
    persons: Persons,
    data: PersonData,
    *,
    customer: UUID | None,
    site: UUID | None,
    seed: str,
    at: datetime,
    by: str,
) -> dict[str, Any]:
    """Record who it is. Raises ``Refused`` where nothing is said, or the customer or site isn't recorded."""
    for entry, kind, zh, en in (
        (customer, CustomerRecorded, "客户", "customer"),
        (site, SiteRecorded, "服务地点", "site"),
    ):
        if entry and not isinstance((await streams.load(reference, entry, required=False)).latest, kind):
            raise Refused(f"{en}_unknown", f"没有这个{zh}，请先登记。", f"There is no such {en}: record it first.")
    person = await persons.record(streams, data, customer, seed, at=at, by=by, site=site, corrects=True)
    if person is None:
        raise Refused(
            "person_blank", "请填写姓名、电话、邮箱或地址。", "Give a name, a number, an e-mail or an address."
        )
    changed = any(stream == person for stream, *_ in streams.decided)
    return {"id": str(person), "version": streams.version(person), "changed": changed}


async def erase(streams: Streams, person: UUID, reason: str, *, at: datetime, by: str) -> dict[str, Any]:
    """D13: what the pseudonym stood for is deleted; the log stays whole. Raises ``StreamNotFound``, ``Refused``."""
    await streams.load(reference, person)
    await streams.handle(reference, person, ErasePerson(person=person, reason=reason, at=at, by=by))
    streams.write_beside(ERASE, at, person)
    return {"person": str(person), "erased_at": at.isoformat()}
