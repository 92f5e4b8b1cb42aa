"""How far the figures surely are: where a month can be cut off.

A position counts once all that was published up to it is in the view. The last message is asked for first and the ends
of the partitions after it, so nothing that was published before it can be missed.
"""

import asyncio

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from psycopg_pool import AsyncConnectionPool

from services.reporting.domain.cuts import Cut
from services.reporting.feed import ends_of
from services.reporting.views import STATISTICS
from services.reporting.views.statistics_reading import held, one_state
from shared.jetstream import NATS_ERRORS, POSITION, Nats, stream_of
from shared.view import View

PATIENCE_SECONDS = 10.0
"""What is published is in the view within a fraction of that, unless its worker is behind or away."""
LOOK_SECONDS = 0.05


class NotThere(Exception):
    """The figures are behind what was published, or events are parked, or NATS is away: nothing can be cut off now."""


async def reached(nats: Nats | None, pool: AsyncConnectionPool, view: View = STATISTICS) -> Cut:
    """The positions up to which everything published is in the view. Raises ``NotThere``, ``NotBuilt``."""
    if nats is None:
        raise NotThere("NATS is away")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            jetstream = (await nats.client()).jetstream()
            cut = {source: await _last(jetstream, source) for source in view.sources}
            ends = {source: await ends_of(jetstream, source) for source in view.sources}
            while not await _there(pool, view, cut, ends):  # noqa: ASYNC110 - another process may keep the view
                await asyncio.sleep(LOOK_SECONDS)
    except (*NATS_ERRORS, NotFoundError) as error:
        raise NotThere(f"NATS is away: {type(error).__name__}") from error
    except TimeoutError as error:
        raise NotThere("the figures are behind") from error
    await whole(pool, view)
    return cut


async def whole(pool: AsyncConnectionPool, view: View = STATISTICS) -> None:
    """Raises ``NotThere`` where events are parked: figures without them would change later."""
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT count(*) FROM public.parked WHERE subscriber = %s AND state = 'waiting'", (view.name,)
        )
        count = await rows.fetchone()
    if count and count[0]:
        raise NotThere(f"{count[0]} events are parked")


async def _last(jetstream: JetStreamContext, source: str) -> int:
    try:
        last = await jetstream.get_last_msg(stream_of(source), f"events.{source}.>")
    except NotFoundError:
        return 0
    return int((last.headers or {}).get(POSITION, 0))


async def _there(pool: AsyncConnectionPool, view: View, cut: Cut, ends: dict[str, dict[int, int]]) -> bool:
    """Whether every partition is as far as the cut asks; what came after it needn't be in."""
    async with one_state(pool) as connection:
        at = await held(connection, view)
    return all(
        at[source].get(partition, 0) >= min(end, cut[source])
        for source, partitions in ends.items()
        for partition, end in partitions.items()
    )
