"""The worker that sends notices, and says of each what became of it: sent, failed, or skipped and why."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import apprise
import structlog
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool

from services.reporting.domain.notice_channel import quiet_until
from services.reporting.sealing import Seal, Unsealable
from services.reporting.sending.outgoing import NotAllowed, Outgoing, Unreachable
from shared.clock import Clock
from shared.decider import Words
from shared.events.reporting import NoticeChannelRecorded, NoticeLanguage, QuietMode
from shared.leases import Leases
from shared.telemetry import NOTICES

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 20.0
BATCH = 50
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""After the first, the second, … try that failed; then it is given up: a notice of yesterday helps nobody."""
TOO_OLD = timedelta(hours=24)
TITLE = {NoticeLanguage.ZH: "售后", NoticeLanguage.EN: "Shouhou"}

log: structlog.stdlib.BoundLogger = structlog.get_logger(part="notices")


class Notice(NamedTuple):
    """A notice that waits, and its channel."""

    id: int
    channel: str
    type: str
    text: str
    at: datetime
    attempts: int
    recorded: dict[str, Any]
    url: bytes | None


class Notifier:
    """Any number of processes may run it; one works."""

    name = "notifier"

    def __init__(self, pool: AsyncConnectionPool, seal: Seal, outgoing: Outgoing, clock: Clock, leases: Leases) -> None:
        self._pool = pool
        self._seal = seal
        self._outgoing = outgoing
        self._clock = clock
        self._leases = leases

    async def run(self) -> None:
        await self._leases.share("send notices", 1, self._work)

    def ready(self) -> Words | None:
        """Always: a notice that can't be sent is listed so."""
        return None

    async def _work(self, _: int) -> None:
        while True:
            waiting = await self._waiting()
            by_channel: dict[str, list[Notice]] = {}
            for notice in waiting:
                by_channel.setdefault(notice.channel, []).append(notice)
            await asyncio.gather(*(self._channel(notices) for notices in by_channel.values()))
            if len(waiting) < BATCH:
                await asyncio.sleep(POLL_SECONDS)

    async def _waiting(self) -> list[Notice]:
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Notice)) as cursor:
            await cursor.execute(
                "SELECT n.id, n.channel, n.type, n.text, n.at, n.attempts, c.recorded, c.url FROM notices n "
                "JOIN notice_channels c USING (channel) WHERE outcome = 'waiting' AND due_at <= %s "
                "ORDER BY n.id LIMIT %s",
                (self._clock.now(), BATCH),
            )
            return await cursor.fetchall()

    async def _channel(self, notices: list[Notice]) -> None:
        """One channel's, in their order; others' go on meanwhile."""
        for notice in notices:
            await self._handle(notice)

    async def _handle(self, notice: Notice) -> None:
        channel, now = NoticeChannelRecorded.model_validate(notice.recorded), self._clock.now()
        if not channel.active:
            return await self._settle(notice, "skipped", "渠道已停用 · the channel is not active")
        if now - notice.at > TOO_OLD + timedelta(hours=24 if channel.quiet else 0):
            return await self._settle(notice, "skipped", "已过时 · too old")
        until = None if notice.type in channel.urgent else quiet_until(channel.quiet, now)
        if until is not None and channel.quiet:
            if channel.quiet.mode is QuietMode.SKIP:
                return await self._settle(notice, "skipped", "安静时段 · quiet hours")
            return await self._again(notice, until, notice.attempts, "安静时段，顺延 · held until quiet hours end")
        if channel.hourly_limit is not None and await self._sent_lately(notice, now) >= channel.hourly_limit:
            return await self._settle(notice, "skipped", "超过每小时条数 · more than the limit of an hour")
        wrong = await self._send(notice, channel)
        if wrong is None:
            return await self._settle(notice, "sent", None)
        if notice.attempts >= len(PAUSES):
            return await self._settle(notice, "failed", wrong)
        return await self._again(notice, now + PAUSES[notice.attempts], notice.attempts + 1, wrong)

    async def _send(self, notice: Notice, channel: NoticeChannelRecorded) -> str | None:
        """What went wrong; None: it was sent."""
        if notice.url is None:
            return "未填写地址 · no address"
        try:
            url = self._seal.open(f"notice:{notice.channel}", notice.url)
        except Unsealable:
            return "SECRET_KEY 已更换，请重新填写地址 · the address has to be entered anew"
        target = target_of(url)
        if target is None:
            return "地址无法识别 · the address is not understood"
        try:
            await judge(target, self._outgoing)
            async with asyncio.timeout(PATIENCE_SECONDS):
                done = await asyncio.to_thread(target.notify, body=notice.text, title=TITLE[channel.language])
        except (NotAllowed, Unreachable, TimeoutError) as error:
            return type(error).__name__
        return None if done else "对方拒收 · it was not taken"

    async def _sent_lately(self, notice: Notice, now: datetime) -> int:
        async with self._pool.connection() as connection:
            rows = await connection.execute(
                "SELECT count(*) FROM notices WHERE channel = %s AND outcome = 'sent' AND settled_at > %s",
                (notice.channel, now - timedelta(hours=1)),
            )
            found = await rows.fetchone()
        return int(found[0]) if found else 0

    async def _settle(self, notice: Notice, outcome: str, reason: str | None) -> None:
        NOTICES.labels(outcome).inc()
        if outcome == "failed":
            log.warning("notice_failed", attempt=notice.attempts + 1)
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE notices SET outcome = %s, reason = %s, settled_at = %s, attempts = attempts + %s WHERE id = %s",
                (outcome, reason, self._clock.now(), int(outcome != "skipped"), notice.id),
            )

    async def _again(self, notice: Notice, at: datetime, attempts: int, reason: str) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE notices SET due_at = %s, attempts = %s, reason = %s WHERE id = %s",
                (at, attempts, reason, notice.id),
            )


def target_of(url: str) -> Any:
    """Apprise's own object for an address (``wecombot://…``, ``dingtalk://…``, ``feishu://…``, ``mailtos://…``)."""
    return apprise.Apprise.instantiate(url, suppress_exceptions=True)


async def judge(target: Any, outgoing: Outgoing) -> None:
    """A host that people have entered (a mail server, a gateway of one's own) must not lie in a private network. Raises
    ``NotAllowed``, ``Unreachable``."""
    host = getattr(target, "smtp_host", None) or getattr(target, "host", None)
    if host:
        await outgoing.address(str(host), int(getattr(target, "port", None) or 443))
