"""A worker that brings issued reports and reminders to their recipients, and says what became of it.

Sending and saying so are two things: after a crash between them a letter is sent twice, never not at all. Its name
stays the same, so that the recipient can tell.
"""

import asyncio
from dataclasses import dataclass
from uuid import uuid5

import structlog
from psycopg_pool import AsyncConnectionPool

from services.reporting.addresses import Address, addresses
from services.reporting.archive import Archive
from services.reporting.domain import monthly_report
from services.reporting.domain.identity import NAMESPACE
from services.reporting.domain.report_commands import RecordDelivery, RecordDeliveryFailure
from services.reporting.domain.report_state import Issue, Report
from services.reporting.sending.folder import lay_down
from services.reporting.sending.letter import Attachment, Letter, NotSent
from services.reporting.sending.mail import mail
from services.reporting.sending.outgoing import Outgoing
from services.reporting.sending.webhook import push
from services.reporting.views.months import Outstanding, outstanding
from shared.clock import Clock
from shared.decider import Words
from shared.documents import DocumentDamaged
from shared.eventlog import Context, EventLog, IdempotencyKey, Streams
from shared.events.base import Source
from shared.events.reporting import DeliveryMeans
from shared.leases import Leases
from shared.settings import Settings
from shared.shelves import ShelfUnreachable

ACTOR = "timer:delivery"
POLL_SECONDS = 1.0
"""How long it rests without a new event."""

logger = structlog.get_logger(part="delivery")


@dataclass(frozen=True, slots=True)
class Sender:
    """What a letter is sent with."""

    settings: Settings
    secret: bytes
    archive: Archive
    outgoing: Outgoing


class Delivery:
    """Any number of processes may run it; one works."""

    name = "report-delivery"

    def __init__(self, log: EventLog, pool: AsyncConnectionPool, clock: Clock, leases: Leases, sender: Sender) -> None:
        self._log = log
        self._pool = pool
        self._clock = clock
        self._leases = leases
        self._sender = sender

    async def run(self) -> None:
        await self._leases.share("deliver reports", 1, self._follow)

    def ready(self) -> Words | None:
        """Always: who couldn't be reached is in the lists, and tried again."""
        return None

    async def _follow(self, _: int) -> None:
        while True:
            moved = self._log.moved()
            await self.deliver_due()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await moved.wait()
            except TimeoutError:
                continue

    async def deliver_due(self) -> None:
        """Try all that is to be tried now."""
        waiting = await outstanding(self._pool, self._clock.now())
        if waiting:
            known = await addresses(self._pool)
            for each in waiting:
                await self._deliver(each, known.get(each.recipient))

    async def _deliver(self, what: Outstanding, address: Address | None) -> None:
        state, _ = await self._log.load(monthly_report, what.report)
        issue = next((each for each in state.issues if each.number == what.number), None)
        if issue is None or not self._owed(state, what):
            return
        means = DeliveryMeans(what.means)
        try:
            letter = await self._letter(issue, what)
            reference = await self._send(letter, means, address)
        except NotSent as error:
            logger.warning("report_not_delivered", attempt=what.attempts + 1)
            await self._record(RecordDeliveryFailure, what, reason=error.reason)
        else:
            await self._record(RecordDelivery, what, reference=reference)

    def _owed(self, state: Report, what: Outstanding) -> bool:
        """The list lags behind the log: what was delivered or tried a moment ago is left alone."""
        way = (what.number, what.reminder, what.recipient, DeliveryMeans(what.means))
        failed = state.failures.get(way)
        return way not in state.delivered and (failed is None or failed.again_at <= self._clock.now())

    async def _letter(self, issue: Issue, what: Outstanding) -> Letter:
        """With the files that are for this recipient; a reminder has none. Raises ``NotSent``."""
        recipient = next(each for each in issue.recipients if each.recipient == what.recipient)
        wanted = [] if what.reminder else [f for f in issue.files if f.audience in (None, recipient.audience)]
        found = []
        for file in wanted:
            try:
                content = await self._sender.archive.find(file.sha256)
            except (ShelfUnreachable, DocumentDamaged) as error:
                raise NotSent(f"文件库：{type(error).__name__} · the store of documents") from error
            if content is None:
                raise NotSent(f"文件库中没有 {file.name} · {file.name} isn't in the store of documents")
            found.append(Attachment(file, content))
        return Letter(issue, what.recipient, what.reminder, self._sender.settings.company_name, found)

    async def _send(self, letter: Letter, means: DeliveryMeans, address: Address | None) -> str:
        settings = self._sender.settings
        match means:
            case DeliveryMeans.EMAIL:
                return await mail(letter, settings, address.email if address else None)
            case DeliveryMeans.FOLDER:
                return await lay_down(letter, settings.data_dir)
            case DeliveryMeans.WEBHOOK:
                to = address.webhook if address else None
                return await push(letter, self._sender.secret, to, self._clock.now(), self._sender.outgoing)

    async def _record(
        self, kind: type[RecordDelivery] | type[RecordDeliveryFailure], what: Outstanding, **said: str
    ) -> None:
        key = f"{kind.__name__}:{what.number}:{what.reminder}:{what.recipient}:{what.means}:{what.attempts}"
        way = {name: getattr(what, name) for name in ("number", "reminder", "recipient", "means")}
        command = kind(at=self._clock.now(), by=ACTOR, **way, **said)

        async def work(streams: Streams) -> int:
            return len(await streams.handle(monthly_report, what.report, command))

        context = Context(ACTOR, Source.TIMER, uuid5(NAMESPACE, key), key=IdempotencyKey(key, key.encode()))
        await self._log.execute(work, context)
