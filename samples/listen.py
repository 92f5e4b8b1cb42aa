"""Listening to Shouhou from outside: a line for each ticket that is opened, and one for each answer that is overdue.

    NATS_URL=nats://user:password@127.0.0.1:4222 .venv/bin/faststream run samples.listen:app

This is what another system writes to take part: FastStream (https://faststream.ag2.ai), a durable consumer, the JSON of
``docs/events``. Messages may come again; ``ce-id`` tells whether they have been seen.
"""

import os
from typing import Any

from faststream import Context, FastStream
from faststream.nats import JStream, NatsBroker, PullSub
from nats.js.api import ConsumerConfig, DeliverPolicy

broker = NatsBroker(os.environ.get("NATS_URL", "nats://127.0.0.1:4222"))
app = FastStream(broker)
EVENTS = JStream("EVENTS_TICKETS", declare=False)
FROM_THE_START = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)


@broker.subscriber(
    "events.tickets.*.TicketOpened", stream=EVENTS, durable="sample-opened", pull_sub=PullSub(), config=FROM_THE_START
)
async def opened(body: dict[str, Any], headers: dict[str, str] = Context("message.headers")) -> None:
    """3.4a: from now on the answer clock runs."""
    ticket = body["data"]
    print(headers["ce-id"], ticket["number"], ticket["channel"], "答复时限 · due", ticket["answer_due"], flush=True)


@broker.subscriber(
    "events.tickets.*.AnswerOverdue", stream=EVENTS, durable="sample-overdue", pull_sub=PullSub(), config=FROM_THE_START
)
async def overdue(body: dict[str, Any], headers: dict[str, str] = Context("message.headers")) -> None:
    """3.4a was not kept."""
    print(headers["ce-id"], body["data"]["number"], "已超时 · overdue", flush=True)
