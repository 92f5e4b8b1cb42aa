"""What passed deadlines make this service do."""

from collections.abc import Awaitable, Callable

from services.reporting.domain import monthly_report
from services.reporting.domain.report_commands import MarkReportLate, RemindRecipients, TellDueSoon
from services.reporting.domain.report_state import ALARM, DUE, REMINDER
from shared.deadlines import Due
from shared.decider import Command
from shared.eventlog import EventLog, Streams

TIMER = "timer:deadlines"

_LAPSES: dict[str, type[Command]] = {ALARM: TellDueSoon, DUE: MarkReportLate, REMINDER: RemindRecipients}
"""Which command a passed deadline becomes, by name."""


def on_deadline(log: EventLog) -> Callable[[Due], Awaitable[bool]]:
    """The handler of passed deadlines; True when the log has recorded something."""

    async def lapse(due: Due) -> bool:
        async def work(streams: Streams) -> int:
            command = _LAPSES[due.name](at=log.clock.now(), by=TIMER)
            return len(await streams.handle(monthly_report, due.stream, command))

        return bool((await log.execute(work, due.context)).answer)

    return lapse
