"""Signed heads: what the chain came to on a day, in words that anybody can check with the public key alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from shared.chain import FORMAT, Entry
from shared.datafolder import unusable
from shared.issuers import load_or_make
from shared.settings import Settings

EVENT = "ChainHeadSigned"
"""The class of the event by which a chained service records its heads."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """An entry of the chain, signed. All in hexadecimal, as it is published."""

    position: int
    head: str
    text: str
    """What was signed, in ASCII."""
    key: str
    """The public key."""
    signature: str


HeadRecorder = Callable[[SignedHead, datetime], Awaitable[bool]]
"""Records a head as an event at a moment; False where the day has one already."""


def text_of(service: str, entry: Entry, at: datetime) -> str:
    """``shouhou-chain-1 penalties 1742 <hash> 2026-10-03T16:00:00Z``."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{FORMAT} {service} {entry.position} {entry.hash.hex()} {moment}"


def sign(key: Ed25519PrivateKey, service: str, entry: Entry, at: datetime) -> SignedHead:
    """The head, signed at ``at``."""
    text = text_of(service, entry, at)
    public = key.public_key().public_bytes_raw().hex()
    return SignedHead(entry.position, entry.hash.hex(), text, public, key.sign(text.encode("ascii")).hex())


def genuine(head: SignedHead, service: str) -> bool:
    """Whether its signature is that of its key, over a text that says the same as its fields."""
    if not head.text.startswith(f"{FORMAT} {service} {head.position} {head.head} "):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head.key))
        key.verify(bytes.fromhex(head.signature), head.text.encode("ascii"))
    except (InvalidSignature, ValueError):
        return False
    return True


def head_in(state: bytes) -> SignedHead | None:
    """The head that a stored event holds; None where its bytes hold none (they were changed, and are found so)."""
    try:
        data: dict[str, Any] = orjson.loads(state)["data"]
        return SignedHead(int(data["position"]), *(str(data[name]) for name in ("head", "text", "key", "signature")))
    except (ValueError, LookupError, TypeError):
        return None


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key that signs: of the settings, otherwise of the data folder, where it is made when there is none.

    Raises ``DataFolderUnusable`` where it can't be kept there, and ValueError for what is no Ed25519 key.
    """
    if settings.chain_key is None:
        path = _path(settings)
        try:
            return load_or_make(path)
        except OSError as error:
            raise unusable(settings.data_dir, error) from error
    key = load_pem_private_key(settings.chain_key.get_secret_value().encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("CHAIN_KEY is not an Ed25519 key")
    return key


def known_public_key(settings: Settings) -> str | None:
    """The public half of the key that this process has at hand; None where it has none. Never makes one."""
    if settings.chain_key is None and not _path(settings).exists():
        return None
    return signing_key(settings).public_key().public_bytes_raw().hex()


def _path(settings: Settings) -> Path:
    return settings.data_dir / "keys" / "chain.pem"
