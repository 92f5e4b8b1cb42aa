"""Recording a signed head of the log's own hash chain: the worker that keeps the chain asks for it once a day."""

from datetime import datetime
from uuid import uuid5

from services.penalties.domain import chain
from services.penalties.domain.chain import RecordHead
from services.penalties.domain.identity import CHAIN
from shared.chain.heads import HeadRecorder, SignedHead
from shared.eventlog import Context, EventLog, Streams
from shared.events.base import Source

TIMER = "timer:chain"


def record_head(log: EventLog) -> HeadRecorder:
    """What records a head in ``log``; it tells whether it did."""

    async def record(head: SignedHead, at: datetime) -> bool:
        command = RecordHead(
            at=at,
            by=TIMER,
            position=head.position,
            head=head.head,
            text=head.text,
            key=head.key,
            signature=head.signature,
        )

        async def work(streams: Streams) -> int:
            return len(await streams.handle(chain, CHAIN, command))

        context = Context(TIMER, Source.TIMER, uuid5(CHAIN, head.text))
        return bool((await log.execute(work, context)).answer)

    return record
