"""Calls."""

from shared.events.base import Moment
from shared.events.telephony.values import CallDirection, CallOutcome, Confidence, TelephonyEvent


class CallEnded(TelephonyEvent):
    """通话结束 · A call is over; told again under the same ``call`` where later evidence knows better."""

    call: str
    """通话标识，各交换机之间唯一 · Its id, unique over all exchanges."""
    direction: CallDirection
    engineer: str | None
    """被叫或主叫的服务人员；空：不是服务人员 ·
    Whom the company called, or who called; None: nobody of the service staff."""
    outcome: CallOutcome
    confidence: Confidence
    started_at: Moment
    """拨出时间，按交换机时钟 · When it was dialled, by the exchange's clock."""
    ended_at: Moment
    rang_seconds: int | None
    """空：不知是否振铃；0：未振铃 · None: it isn't known whether it rang; 0: it never did."""
    seconds: int
    """通话秒数，未接通为 0 · How long the two talked; 0 when nobody did."""
