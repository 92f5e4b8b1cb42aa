"""A process that subscribes to the toys and writes down what it sees, until it is killed."""

import asyncio
import sys

from psycopg_pool import AsyncConnectionPool
from toys import Counted, connected, see

from shared.leases import Leases
from shared.subscription import Subscriber, Subscription


async def main(database_url: str, nats_url: str) -> None:
    async with AsyncConnectionPool(database_url, max_size=8, kwargs={"autocommit": True}) as pool:
        async with connected(nats_url) as bus:
            subscription = Subscription("watcher", ("toys",), see, frozenset({Counted}))
            await Subscriber(subscription, "toys", pool, bus, Leases(database_url, tick_seconds=0.2)).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
