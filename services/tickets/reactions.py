"""What dispatch's events and passed deadlines make this service do."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.tickets.commands import dispatched
from services.tickets.domain import complaint, quote, survey, ticket
from services.tickets.domain.complaint_commands import LapseStatement
from services.tickets.domain.quote import ExpireQuote
from services.tickets.domain.survey import RemindOfSurvey
from services.tickets.domain.ticket_commands import MarkAnswerOverdue
from shared.deadlines import Due
from shared.decider import Command, Decider
from shared.eventlog import EventLog, Streams
from shared.reaction import Reaction

TIMER = "timer:deadlines"

_LAPSES: dict[tuple[str, str], tuple[Decider[Any], type[Command]]] = {
    (ticket.STREAM, "answer"): (ticket, MarkAnswerOverdue),
    (quote.STREAM, quote.VALIDITY): (quote, ExpireQuote),
    (complaint.STREAM, complaint.STATEMENT): (complaint, LapseStatement),
    (survey.STREAM, survey.REMINDER): (survey, RemindOfSurvey),
}
"""Which command a passed deadline becomes, by kind of stream and name."""

REACTIONS: tuple[Reaction, ...] = (
    Reaction("dispatched", ("dispatch",), dispatched.TOLD, dispatched.hear, patient=True),
)


def on_deadline(log: EventLog) -> Callable[[Due], Awaitable[bool]]:
    """The handler of passed deadlines; True when the log has recorded something."""

    async def lapse(due: Due) -> bool:
        decider, command = _LAPSES[due.kind, due.name]

        async def work(streams: Streams) -> int:
            return len(await streams.handle(decider, due.stream, command(at=log.clock.now(), by=TIMER)))

        return bool((await log.execute(work, due.context)).answer)

    return lapse
