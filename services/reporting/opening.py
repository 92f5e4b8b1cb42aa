"""A worker that opens the reports of a month as soon as it begins, and those that were missed while nothing ran."""

from collections.abc import Sequence
from uuid import uuid5

from services.reporting.commands.months import months_to_open
from services.reporting.domain import monthly_report
from services.reporting.domain.identity import NAMESPACE, report_id
from services.reporting.domain.report_commands import OpenMonth
from shared.calendar import Period
from shared.clock import Clock
from shared.decider import Words
from shared.eventlog import Context, EventLog, Streams
from shared.events.base import Source
from shared.events.reporting import ReportKind
from shared.leases import Leases

ACTOR = "timer:months"


class Opener:
    """Any number of processes may run it; one works."""

    name = "months"

    def __init__(self, log: EventLog, clock: Clock, leases: Leases) -> None:
        self._log = log
        self._clock = clock
        self._leases = leases

    async def run(self) -> None:
        await self._leases.share("open months", 1, self._open_each)

    def ready(self) -> Words | None:
        """Always: a month that opens a little later loses nothing."""
        return None

    async def _open_each(self, _: int) -> None:
        while True:
            for kind in ReportKind:
                await self.open_due(kind)
            await self._clock.reach(Period.of(self._clock.now()).end)

    async def open_due(self, kind: ReportKind) -> None:
        """Open what has begun and isn't open."""
        now = self._clock.now()

        async def work(streams: Streams) -> Sequence[str]:
            periods = await months_to_open(streams, kind, now)
            for period in periods:
                command = OpenMonth(at=now, by=ACTOR, kind=kind, period=str(period))
                await streams.handle(monthly_report, report_id(kind, period), command)
            return [str(period) for period in periods]

        await self._log.execute(work, Context(ACTOR, Source.TIMER, uuid5(NAMESPACE, f"open:{kind}:{now}")))
