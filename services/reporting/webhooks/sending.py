"""The worker that pushes what waits. A receiver that is slow or away keeps nobody else waiting, least of all the
business: what is pushed was laid down before, and what becomes of it is written beside the log."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID, uuid5

import structlog

from services.reporting.domain import webhook as domain
from services.reporting.domain.identity import NAMESPACE
from services.reporting.domain.trying import given_up, pause_after
from services.reporting.domain.webhook import NoteGone
from services.reporting.sealing import Seal, Unsealable
from services.reporting.sending.outgoing import Answer, NotAllowed, Outgoing, Unreachable
from services.reporting.sending.signing import signed
from services.reporting.webhooks.letters import Waiting, written
from services.reporting.webhooks.queue import Queue, Route, Try
from services.reporting.webhooks.tables import PING, SET_STATUS
from shared.clock import Clock
from shared.decider import Words
from shared.eventlog import Context, EventLog, IdempotencyKey, Streams
from shared.events.base import Source
from shared.events.reporting import WebhookFormat, WebhookStatus
from shared.leases import Leases
from shared.telemetry import WEBHOOK_LETTERS, WEBHOOK_TRIES

ACTOR = "timer:webhooks"
POLL_SECONDS = 0.25
BATCH = 100
AT_ONCE = 8
"""Letters of different aggregates that one receiver gets at the same time."""
REMEMBERED = timedelta(days=30)
"""So long the list of tries reaches back."""
GONE = 410

log: structlog.stdlib.BoundLogger = structlog.get_logger(part="webhooks")


class Pusher:
    """Any number of processes may run it; one works."""

    name = "webhooks-pusher"

    def __init__(
        self,
        events: EventLog,
        queue: Queue,
        seal: Seal,
        outgoing: Outgoing,
        clock: Clock,
        leases: Leases,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._log = events
        self._queue = queue
        self._seal = seal
        self._outgoing = outgoing
        self._clock = clock
        self._leases = leases
        self._chance = chance
        self._busy: dict[UUID, asyncio.Task[None]] = {}

    async def run(self) -> None:
        await self._leases.share("push webhooks", 1, self._work)

    def ready(self) -> Words | None:
        """Always: what couldn't be pushed waits, is listed, and is tried again."""
        return None

    async def _work(self, _: int) -> None:
        swept = 0.0
        try:
            while True:
                for webhook in await self._queue.due(self._clock.now()):
                    if webhook not in self._busy:
                        task = asyncio.create_task(self._push(webhook), name=f"webhook-{webhook}")
                        self._busy[webhook] = task
                        task.add_done_callback(partial(self._done, webhook))
                if monotonic() - swept > 60.0:
                    await self._sweep()
                    swept = monotonic()
                await asyncio.sleep(POLL_SECONDS)
        finally:
            for task in list(self._busy.values()):
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    def _done(self, webhook: UUID, _: "asyncio.Task[None]") -> None:
        del self._busy[webhook]

    async def _sweep(self) -> None:
        await self._queue.forget(self._clock.now() - REMEMBERED)
        waiting = dead = 0
        for _, still, given in await self._queue.counts():
            waiting, dead = waiting + still, dead + given
        WEBHOOK_LETTERS.labels("waiting").set(waiting)
        WEBHOOK_LETTERS.labels("dead").set(dead)

    async def _push(self, webhook: UUID) -> None:
        """All that one receiver is to get now; ends at the first trouble that isn't a single letter's."""
        try:
            route = await self._queue.route(webhook)
            for letter in await self._queue.pings(webhook):
                await self._settle(route, await self._send(route, letter))
            while route.status == WebhookStatus.ACTIVE:
                now = self._clock.now()
                probe = route.again_at is not None
                letters = await self._queue.heads(webhook, now, 1 if probe else BATCH, probe=probe)
                if not letters or not await self._push_some(route, letters):
                    return
                route = await self._queue.route(webhook)
        except Exception as error:  # noqa: BLE001 - one webhook's trouble is not another's
            log.warning("webhook_in_trouble", error=type(error).__name__)

    async def _push_some(self, route: Route, letters: list[Waiting]) -> bool:
        """Whether to go on."""
        for start in range(0, len(letters), AT_ONCE):
            some = letters[start : start + AT_ONCE]
            tries = await asyncio.gather(*(self._send(route, letter) for letter in some))
            if not all([await self._settle(route, done) for done in tries]):
                return False
        return True

    async def _send(self, route: Route, letter: Waiting) -> Try:
        now, began = self._clock.now(), monotonic()
        status: int | None = None
        error: str | None = None
        asked = 0.0
        try:
            answer = await self._post(route, letter)
            status, asked = answer.status, answer.wait_seconds(now)
            error = None if answer.taken else f"HTTP {answer.status}"
        except Unreachable as trouble:
            error = trouble.what
        except NotAllowed as trouble:
            error = trouble.words.zh
        except Unsealable:
            error = "SECRET_KEY 已更换，请重新填写地址 · the address has to be entered anew"
        WEBHOOK_TRIES.labels("taken" if error is None else "failed").inc()
        return Try(letter, now, int((monotonic() - began) * 1000), status, error, asked)

    async def _post(self, route: Route, letter: Waiting) -> Answer:
        owner, now = f"webhook:{route.webhook}", self._clock.now()
        url = self._seal.open(owner, route.url)
        keys = [self._seal.open(owner, route.secret)]
        if route.old_secret and route.old_until and now < route.old_until:
            keys.append(self._seal.open(owner, route.old_secret))
        body, headers = written(letter, WebhookFormat(route.format))
        return await self._outgoing.post(url, body, headers | signed(keys, letter.id, now, body))

    async def _settle(self, route: Route, done: Try) -> bool:
        """Write down what came of it; whether the receiver may get more now."""
        webhook, letter = route.webhook, done.letter
        if done.error is None:
            await self._queue.taken(webhook, done)
            if route.failures or route.again_at:
                await self._queue.fares(webhook, 0, None, done)
            return True
        if letter.source == PING:
            await self._queue.failed(webhook, done, None)
            return True
        if done.status == GONE:
            await self._gone(webhook)
            return False
        attempts = letter.attempts + 1
        wait = pause_after(attempts, self._chance(), timedelta(seconds=done.asked_seconds))
        await self._queue.failed(webhook, done, None if given_up(attempts) else done.at + wait)
        if not done.blames_receiver:
            return True
        failures = route.failures + 1
        asked = timedelta(seconds=done.asked_seconds)
        await self._queue.fares(webhook, failures, done.at + pause_after(failures, self._chance(), asked), done)
        return False

    async def _gone(self, webhook: UUID) -> None:
        now, key = self._clock.now(), f"gone:{webhook}"

        async def work(streams: Streams) -> int:
            events = await streams.handle(domain, webhook, NoteGone(at=now, by=ACTOR))
            streams.write_beside(SET_STATUS, WebhookStatus.ENDED, webhook)
            return len(events)

        context = Context(ACTOR, Source.TIMER, uuid5(NAMESPACE, key), key=IdempotencyKey(key, key.encode()))
        await self._log.execute(work, context)
