"""Commands on webhooks: the event in the log, address and secret sealed beside it, in one transaction."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.reporting.domain import webhook as domain
from services.reporting.domain.webhook import (
    ChangeWebhook,
    CreateWebhook,
    EndWebhook,
    PauseWebhook,
    ReplayEvents,
    ResumeWebhook,
    RotateSecret,
    Webhook,
)
from services.reporting.sealing import Seal
from services.reporting.sending.signing import new_secret
from services.reporting.webhooks import tables
from shared.decider import Command
from shared.eventlog import EventLog, Streams
from shared.events.reporting import WebhookStatus


@dataclass(frozen=True)
class Webhooks:
    """With what the commands work."""

    log: EventLog
    seal: Seal

    async def create(self, streams: Streams, wish: CreateWebhook, url: str) -> Any:
        await streams.handle(domain, wish.webhook, wish)
        owner = _owner(wish.webhook)
        streams.write_beside(
            tables.CREATE,
            wish.webhook,
            wish.name,
            wish.host,
            list(wish.types),
            wish.format,
            wish.at,
            self.seal.close(owner, url),
            self.seal.close(owner, new_secret()),
        )
        return _done(wish.webhook, WebhookStatus.ACTIVE, streams)

    async def change(self, streams: Streams, webhook: UUID, wish: ChangeWebhook, url: str | None) -> Any:
        await streams.handle(domain, webhook, wish)
        state: Webhook = await streams.load(domain, webhook)
        assert state.said
        sealed = self.seal.close(_owner(webhook), url) if url else None
        said = (state.said.name, state.said.host, list(state.said.types), state.said.format)
        streams.write_beside(tables.CHANGE, *said, sealed, webhook)
        return _done(webhook, state.status, streams)

    async def act(self, streams: Streams, webhook: UUID, wish: Command) -> Any:
        """Whatever needs no address."""
        events = await streams.handle(domain, webhook, wish)
        state: Webhook = await streams.load(domain, webhook)
        if events:
            self._beside(streams, webhook, wish, state)
        return _done(webhook, state.status, streams)

    def _beside(self, streams: Streams, webhook: UUID, wish: Command, state: Webhook) -> None:
        match wish:
            case RotateSecret():
                sealed = self.seal.close(_owner(webhook), new_secret())
                until = wish.at + wish.overlap
                streams.write_beside(tables.ROTATE, sealed, state.secret, until, webhook, state.secret)
            case PauseWebhook() | ResumeWebhook():
                streams.write_beside(tables.SET_STATUS, state.status, webhook)
            case ReplayEvents():
                streams.write_beside(tables.REPLAY, webhook, wish.source, wish.from_position)
            case EndWebhook():
                streams.write_beside(tables.SET_STATUS, state.status, webhook)
                streams.write_beside(tables.BURY, wish.at, webhook)
                streams.write_beside(tables.END_REPLAYS, webhook)


def _owner(webhook: UUID) -> str:
    return f"webhook:{webhook}"


def _done(webhook: UUID, status: WebhookStatus | None, streams: Streams) -> dict[str, Any]:
    return {"webhook": str(webhook), "status": status, "version": streams.version(webhook)}
