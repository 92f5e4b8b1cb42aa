"""The words that the events of telephony are made of."""

from enum import StrEnum
from typing import ClassVar

from shared.events.base import Event


class TelephonyEvent(Event):
    """A fact of telephony. ``engineer`` is an account's code (``E04``), never a person's name or number."""

    SERVICE: ClassVar[str] = "telephony"


class CallDirection(StrEnum):
    """Who called."""

    OUTBOUND = "outbound"
    """The company called."""
    INBOUND = "inbound"
    """The company was called."""


class CallOutcome(StrEnum):
    """How a call ended, by the evidence of the leg that was called; what isn't known is ``unknown``."""

    ANSWERED = "answered"
    ANSWERED_BY_MACHINE = "answered_by_machine"
    """A voice mail or a carrier's assistant."""
    NO_ANSWER = "no_answer"
    """It rang, and nobody took it."""
    REJECTED = "rejected"
    """It rang, and was declined."""
    SWITCHED_OFF = "switched_off"
    """The carrier says so."""
    UNREACHABLE = "unreachable"
    """Off, or without coverage."""
    NOT_REGISTERED = "not_registered"
    """A softphone that isn't there."""
    BUSY = "busy"
    CANCELLED_BY_CALLER = "cancelled_by_caller"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    CALLER_NOT_READY = "caller_not_ready"
    INVALID_NUMBER = "invalid_number"
    BARRED = "barred"
    """The carrier or the trunk refuses our call."""
    NETWORK_FAILURE = "network_failure"
    """Congestion, a dead trunk, a time-out on the way."""
    PLATFORM_ERROR = "platform_error"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure the outcome is."""

    DEFINITE = "definite"
    LIKELY = "likely"
    AMBIGUOUS = "ambiguous"
    """The evidence has another explanation too."""
