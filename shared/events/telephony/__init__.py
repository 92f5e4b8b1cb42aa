"""What telephony tells the others of calls; import everything from here. No event holds a telephone number."""

from shared.events.telephony.call import CallEnded
from shared.events.telephony.values import CallDirection, CallOutcome, Confidence, TelephonyEvent

__all__ = ["CallDirection", "CallEnded", "CallOutcome", "Confidence", "TelephonyEvent"]
