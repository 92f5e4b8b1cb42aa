"""What other services' events and passed deadlines make this service do."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from services.penalties.commands import facts, penalties
from services.penalties.domain import penalty
from shared.deadlines import Due
from shared.decider import Command, Decider
from shared.eventlog import EventLog, Streams
from shared.events.penalties import PenaltyDeadline
from shared.reaction import Reaction

TIMER = "timer:deadlines"

_LAPSES: dict[tuple[str, str], tuple[Decider[Any], type[Command]]] = {}
"""Which command a passed deadline becomes, by kind of stream and name."""

_WORKS: dict[tuple[str, str], Callable[[Streams, UUID, datetime, str], Awaitable[int]]] = {
    (penalty.STREAM, deadline): partial(penalties.lapse, deadline=deadline) for deadline in PenaltyDeadline
}
"""Of the deadlines that need more than their own stream: what is done, given the stream, the moment and the actor; it
returns how many events it caused."""

REACTIONS: tuple[Reaction, ...] = (
    Reaction("facts", ("dispatch", "tickets"), facts.HEARD, facts.hear, patient=True, ahead=facts.ahead),
)


def on_deadline(log: EventLog) -> Callable[[Due], Awaitable[bool]]:
    """The handler of passed deadlines; True when the log has recorded something."""

    async def lapse(due: Due) -> bool:
        async def work(streams: Streams) -> int:
            if more := _WORKS.get((due.kind, due.name)):
                return await more(streams, due.stream, log.clock.now(), TIMER)
            decider, command = _LAPSES[due.kind, due.name]
            return len(await streams.handle(decider, due.stream, command(at=log.clock.now(), by=TIMER)))

        return bool((await log.execute(work, due.context)).answer)

    return lapse
