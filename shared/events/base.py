"""What every event is: an immutable fact in the past tense that says when it happened."""

from datetime import UTC
from enum import StrEnum
from operator import methodcaller
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

Moment = Annotated[AwareDatetime, AfterValidator(methodcaller("astimezone", UTC))]
"""An aware datetime, turned into UTC where it enters: aware local times don't survive JSON, and ``at + 24 h``
in local time is 23 or 25 hours over a clock change."""


class Source(StrEnum):
    """From where a fact reached the log."""

    CALL = "call"
    APP = "app"
    WEB = "web"
    TIMER = "timer"
    IMPORT = "import"
    EVENT = "event"


PUBLISHED: dict[str, type["Event"]] = {}
"""Every event class by its stable name."""


class Event(BaseModel):
    """A published fact. Its subclasses are flat, and no field of theirs is ever renamed or removed.

    ``SERVICE`` and the class name make the stable name (``tickets.TicketOpened``). A class whose fields changed
    raises ``class_version`` and carries ``upcast_v1_v2(state: dict) -> None`` beside it, which turns yesterday's
    fields into today's in place (the ``eventsourcing`` library's convention).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    SERVICE: ClassVar[str] = ""
    class_version: ClassVar[int] = 1
    TOPIC: ClassVar[str] = ""

    at: Moment
    """发生时间，UTC · When it happened (``occurred_at``), UTC."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if "SERVICE" not in cls.__dict__:  # the class that sets SERVICE is a service's own base, not a fact
            cls.TOPIC = f"{cls.SERVICE}.{cls.__name__}"
            PUBLISHED[cls.TOPIC] = cls


class Metadata(BaseModel):
    """What stands around an event: who, from where, why, and when it was written down."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actor: str
    """何人：令牌的账号，或 ``timer:…``、``import:…``、``reaction:…`` ·
    Who: the subject of a token, or ``timer:…``, ``import:…``, ``reaction:…``."""
    source: Source
    correlation_id: UUID
    """同一请求、导入或来电引起的各事件相同 · The same for everything that one request, import or call set off."""
    causation_id: str | None = None
    """起因：事件的标识，或命令的幂等键 ·
    The id of the event, or the idempotency key of the command, that caused this one."""
    occurred_at: Moment
    recorded_at: Moment
    schema_version: int = 1
    traceparent: str | None = None
    """起因请求的 W3C 跟踪上下文 · W3C trace context of the request that caused it."""
