"""What counts as a customer's consent."""

from shared.decider import Refused
from shared.events.dispatch import Consent
from shared.events.tickets import CallProof, MessageProof


def check_consent(consent: Consent) -> None:
    """D4: the customer has accepted; a call in which nobody talked, or an automatic message, shows nothing.

    Raises ``Refused``.
    """
    match consent:
        case CallProof(seconds=0):
            raise Refused(
                "call_not_two_way", "未接通的电话不能证明客户同意。", "A call in which nobody talked shows nothing."
            )
        case MessageProof(automatic=True):
            raise Refused("message_automatic", "自动消息不能证明客户同意。", "An automatic message shows no consent.")
        case CallProof() | MessageProof():
            return
