"""The connection to NATS never gives up."""

from nats.aio.client import Client

from tests.toys import connected, until


async def test_a_connection_that_closed_without_a_word_is_replaced(nats_url: str) -> None:
    # given a connection
    async with connected(nats_url) as nats:
        first = await nats.client()

        # when it closes as nats-py does on an error while it is being set up: no callback is called
        await first._close(Client.CLOSED, do_cbs=False)

        # then there is soon another one, and it works
        async def another() -> bool:
            return (await nats.client()).is_connected

        await until(another)
        assert await nats.client() is not first
        await (await nats.client()).flush()
