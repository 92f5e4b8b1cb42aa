"""The log with its chain as a file of lines, to be checked elsewhere without this program (samples/verify_chain.py)."""

import json
from collections.abc import AsyncIterator
from typing import Any, LiteralString

from psycopg import AsyncServerCursor
from psycopg_pool import AsyncConnectionPool

from shared.chain import FORMAT
from shared.chain.proof import BATCH, snapshot
from shared.chain.tables import end_of

_ROWS: LiteralString = (
    "SELECT notification_id, originator_id, originator_version, topic, state, hash FROM events "
    "LEFT JOIN chain ON position = notification_id ORDER BY notification_id, originator_id, originator_version"
)


async def lines(service: str, pool: AsyncConnectionPool) -> AsyncIterator[str]:
    """A line of JSON about the file, then one for each row of the log as it is at this moment."""
    async with snapshot(pool) as connection:
        end = await end_of(connection)
        yield _json({"format": FORMAT, "service": service, "end": end[0].position if end else 0})
        async with AsyncServerCursor(connection, "chain_export") as rows:
            await rows.execute(_ROWS, binary=True)
            while batch := await rows.fetchmany(BATCH):
                for position, stream, version, topic, state, hash in batch:
                    about = {"position": position, "stream": str(stream), "version": version, "topic": topic}
                    yield _json(about | _state(bytes(state)) | {"hash": bytes(hash).hex() if hash else None})


def _state(state: bytes) -> dict[str, str]:
    """As text, which it is unless it was changed."""
    try:
        return {"state": state.decode()}
    except UnicodeDecodeError:
        return {"state_hex": state.hex()}


def _json(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"
