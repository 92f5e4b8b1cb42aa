"""The chain over the service's log, by which anybody can prove that no row was changed, removed or put in."""

from shared.events.penalties.values import PenaltiesEvent


class ChainHeadSigned(PenaltiesEvent):
    """日志链签名 · The chain's head of a day, signed; published with all events, so it can't be taken back."""

    position: int
    """链到此位置 · The chain up to this position."""
    head: str
    """该位置的链值，SHA-256 · The chain's value there, SHA-256, hexadecimal."""
    text: str
    """所签文字，ASCII · What is signed, in ASCII: ``shouhou-chain-1 penalties <position> <head> <moment>``."""
    key: str
    """公钥，Ed25519，十六进制 · The public key, Ed25519, hexadecimal (RFC 8032)."""
    signature: str
    """对所签文字的签名，十六进制 · Over ``text``, hexadecimal."""
