"""A service's log of events: load, decide, append; read in order. The log is the truth."""

from shared.eventlog.batching import LogUnavailable
from shared.eventlog.folding import StreamNotFound
from shared.eventlog.loading import Sought
from shared.eventlog.log import (
    Context,
    EventLog,
    IdempotencyKey,
    IdempotencyMismatch,
    Outcome,
    PreconditionFailed,
    Stored,
    Streams,
)
from shared.eventlog.mapping import EventMapper, Recorded, UnknownEvent, decode, stored_model
from shared.eventlog.tables import CHANNEL, migrate, stock_recorder
from shared.eventlog.transaction import ConcurrencyConflict

__all__ = [
    "CHANNEL",
    "ConcurrencyConflict",
    "Context",
    "EventLog",
    "EventMapper",
    "IdempotencyKey",
    "IdempotencyMismatch",
    "LogUnavailable",
    "Outcome",
    "PreconditionFailed",
    "Recorded",
    "Sought",
    "Stored",
    "StreamNotFound",
    "Streams",
    "UnknownEvent",
    "decode",
    "migrate",
    "stock_recorder",
    "stored_model",
]
