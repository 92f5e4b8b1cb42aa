"""Who gets the monthly reports (D26): the office in the log, its addresses beside it."""

from collections.abc import Callable
from typing import Any

from services.reporting import addresses
from services.reporting.domain import recipient
from services.reporting.domain.identity import recipient_id
from services.reporting.domain.recipient import RecordRecipient
from shared.eventlog import Streams


async def record(streams: Streams, wish: Callable[[], RecordRecipient], email: str | None, webhook: str | None) -> Any:
    """The recipient as known from now on, with its addresses, in one transaction."""
    command = wish()
    id = recipient_id(command.recipient)
    await streams.handle(recipient, id, command)
    streams.write_beside(addresses.SET, command.recipient, email, webhook)
    return {"recipient": command.recipient, "version": streams.version(id)}
