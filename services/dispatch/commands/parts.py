"""The catalogue of parts, and how long things may take with them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.dispatch.domain import part, parts_policy
from services.dispatch.domain.identity import PARTS_POLICY, part_id
from services.dispatch.domain.parts_policy import Terms, terms
from shared.eventlog import Streams
from shared.events.dispatch import PartRecorded

Wish = Callable[..., Any]
"""Makes the command; asks for what the caller can't know, but the application does."""


async def record(streams: Streams, wish: Wish, version: int | None) -> dict[str, Any]:
    """Record or correct a part; its code says which one it is."""
    command: part.RecordPart = wish(part=PARTS_POLICY)
    stream = part_id(command.code)
    await streams.expect(part, stream, version)
    events = await streams.handle(part, stream, command.model_copy(update={"part": stream}))
    return {"part": str(stream), "code": command.code, "version": streams.version(stream), "changed": bool(events)}


async def adopt(streams: Streams, wish: Wish, version: int | None) -> dict[str, Any]:
    """A new version of the policy."""
    await streams.expect(parts_policy, PARTS_POLICY, version)
    await streams.handle(parts_policy, PARTS_POLICY, wish())
    state = await streams.load(parts_policy, PARTS_POLICY)
    latest = state.versions[-1]
    return {"policy": latest.version, "valid_from": str(latest.valid_from), "version": streams.version(PARTS_POLICY)}


async def terms_at(streams: Streams, at: datetime) -> Terms:
    """What is in force at ``at``."""
    return terms(await streams.load(parts_policy, PARTS_POLICY, required=False), at)


async def article(streams: Streams, part_: UUID) -> PartRecorded:
    """The part as it is recorded. Raises ``Refused``."""
    return part.known(await streams.load(part, part_, required=False))
