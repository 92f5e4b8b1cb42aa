"""The log's hash chain, as it can be shown: its end, what was found, and the heads that were signed."""

from dataclasses import dataclass

from psycopg import AsyncConnection

from services.penalties.domain.identity import CHAIN
from shared.chain import Entry, origin
from shared.chain.heads import SignedHead, head_in
from shared.chain.tables import LastCheck, end_of, last_check
from shared.eventlog import EventLog

_HEADS = (
    "SELECT notification_id, originator_version, state FROM events "
    "WHERE originator_id = %s AND originator_version < %s ORDER BY originator_version DESC LIMIT %s"
)
_NONE_LATER = 2**62


@dataclass(frozen=True, slots=True)
class RecordedHead:
    """A signed head, and the event that carries it."""

    number: int
    """1 for the first."""
    event: str
    """``penalties-1742``."""
    signed: SignedHead


@dataclass(frozen=True, slots=True)
class ChainState:
    """Where the chain is."""

    end: Entry
    recorded: int
    """The log's last position."""
    check: LastCheck | None
    heads: list[RecordedHead]


async def state(log: EventLog, heads: int) -> ChainState:
    """The chain now, with the last ``heads``."""
    async with log.pool.connection() as connection:
        end = await end_of(connection)
        check = await last_check(connection)
        signed = await _heads(connection, log.service, _NONE_LATER, heads)
    return ChainState(end[0] if end else origin(log.service), await log.head(), check, signed)


async def heads_before(log: EventLog, number: int | None, limit: int) -> list[RecordedHead]:
    """At most ``limit`` heads, newest first, older than head ``number``."""
    async with log.pool.connection() as connection:
        return await _heads(connection, log.service, number or _NONE_LATER, limit)


async def _heads(connection: AsyncConnection, service: str, before: int, limit: int) -> list[RecordedHead]:
    rows = await connection.execute(_HEADS, (CHAIN, before, limit), binary=True)
    return [
        RecordedHead(number, f"{service}-{position}", signed)
        for position, number, state in await rows.fetchall()
        if (signed := head_in(bytes(state)))
    ]
