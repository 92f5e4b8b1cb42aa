"""What other services' events and passed deadlines make this service do."""

from collections.abc import Awaitable, Callable
from typing import Any

from shared.deadlines import Due
from shared.decider import Command, Decider
from shared.eventlog import EventLog, Streams
from shared.reaction import Reaction

TIMER = "timer:deadlines"

_LAPSES: dict[tuple[str, str], tuple[Decider[Any], type[Command]]] = {}
"""Which command a passed deadline becomes, by kind of stream and name."""

REACTIONS: tuple[Reaction, ...] = ()


def on_deadline(log: EventLog) -> Callable[[Due], Awaitable[bool]]:
    """The handler of passed deadlines; True when the log has recorded something."""

    async def lapse(due: Due) -> bool:
        async def work(streams: Streams) -> int:
            decider, command = _LAPSES[due.kind, due.name]
            return len(await streams.handle(decider, due.stream, command(at=log.clock.now(), by=TIMER)))

        return bool((await log.execute(work, due.context)).answer)

    return lapse
