"""Calls."""

from shared.events.base import Moment
from shared.events.telephony.values import CallDirection, CallOutcome, Confidence, TelephonyEvent


class CallEnded(TelephonyEvent):
    """通话结束 · A call is over; told again under the same ``call`` where later evidence knows better."""

    call: str
    """Its id, unique over all exchanges."""
    direction: CallDirection
    engineer: str | None
    """Whom the company called, or who called; None: nobody of the service staff."""
    outcome: CallOutcome
    confidence: Confidence
    started_at: Moment
    """When it was dialled, by the exchange's clock."""
    ended_at: Moment
    rang_seconds: int | None
    """None: it isn't known whether it rang; 0: it never did."""
    seconds: int
    """How long the two talked; 0 when nobody did."""
