"""Penalties on their way to the list, for those who test what becomes of them there."""

from typing import Any
from uuid import UUID, uuid4

from services.penalties.domain import penalty
from shared.events.penalties import PenaltyStatus
from tests.integration.penalties.conftest import PenaltiesOffice, until


async def engineer(office: PenaltiesOffice) -> str:
    """One of their own, whom version 1 binds."""
    name = f"E{uuid4().int % 10**8}"
    await office.policy(name)
    return name


async def imposed(office: PenaltiesOffice, who: str, **facts: Any) -> str:
    """A penalty that was decided."""
    id = await office.suspected(who, **facts)
    await office.imposed(id, who)
    return id


async def status(office: PenaltiesOffice, id: str, wanted: PenaltyStatus) -> None:
    async def there() -> bool:
        return (await office.penalties.log.load(penalty, UUID(id)))[0].status is wanted

    await until(there)


async def final(office: PenaltiesOffice, *ids: str) -> None:
    """The time for appeals is over."""
    office.later(days=8)
    for id in ids:
        await status(office, id, PenaltyStatus.FINAL)
