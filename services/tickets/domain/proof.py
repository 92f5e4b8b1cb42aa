"""What counts as proof that a customer was reached (D2)."""

from shared.decider import Refused
from shared.events.tickets import CallProof, Channel, MessageProof, Proof, RegisterProof

WRITTEN = frozenset({Channel.LETTER, Channel.WALK_IN, Channel.EMAIL, Channel.IM, Channel.PORTAL})
"""Channels on which a message goes; ``walk_in`` is a paper handed over at the desk."""


def check_proof(proof: Proof, *, register: bool = False) -> None:
    """D2: a logged call in which two talked, or a message sent by a person. Never an automatic reply.

    ``register``: an entry in a paper register counts as well, for what was taken over from one.
    Raises ``Refused``.
    """
    match proof:
        case CallProof(seconds=0):
            raise Refused(
                "call_not_two_way", "未接通的电话不算答复（D2）。", "A call in which nobody talked is no answer (D2)."
            )
        case MessageProof(automatic=True):
            raise Refused("message_automatic", "自动回复不算（D2）。", "An automatic reply proves nothing (D2).")
        case MessageProof() if proof.channel not in WRITTEN:
            raise Refused(
                "message_channel_invalid", "这个渠道不能发送书面消息。", "No written message goes over that channel."
            )
        case MessageProof() if not proof.sent_by.strip():
            raise Refused("message_sender_missing", "请注明由谁发送（D2）。", "Say who sent the message (D2).")
        case RegisterProof() if not register:
            raise Refused(
                "register_proof_not_accepted",
                "登记表只能证明从登记表导入的内容；请提供通话记录或已发消息。",
                "A register proves only what was taken over from it: give a call or a sent message.",
            )
        case CallProof() | MessageProof() | RegisterProof():
            return
