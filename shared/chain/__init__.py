"""A hash chain over a service's log: proof that no row was changed, removed or put in since it was linked.

Each entry of the chain is SHA-256 over the entry before it and all that the log says at its position:

    entry(0) = SHA-256("shouhou-chain-1 <service>")
    entry(n) = SHA-256(entry(n-1) ‖ field(position) ‖ field(stream) ‖ field(version) ‖ field(topic) ‖ field(state))
    field(x) = length of x in bytes ‖ x

Lengths, position and version are 8 bytes, big-endian; stream is the 16 bytes of the UUID; topic is UTF-8; state is the
stored bytes, which are the published bytes. Every field has its length before it, so no two rows are hashed alike.

Once a day the last entry is signed (Ed25519) and recorded as an event of the log, which carries it out of the house.
What this proves and what it can't: docs/adr/0011-a-hash-chain-over-the-log.md.
"""

import hashlib
from struct import Struct
from typing import NamedTuple
from uuid import UUID

FORMAT = "shouhou-chain-1"
"""Names this way of hashing and signing, in what is hashed and signed."""
_BEFORE_TOPIC = Struct(">QqQ16sQqQ")
_LENGTH = Struct(">Q")


class Entry(NamedTuple):
    """The chain at one position of the log."""

    position: int
    hash: bytes
    """32 bytes."""


def origin(service: str) -> Entry:
    """What stands before the first row: every service's chain is its own."""
    return Entry(0, hashlib.sha256(f"{FORMAT} {service}".encode()).digest())


def link(previous: bytes, position: int, stream: UUID, version: int, topic: str, state: bytes) -> bytes:
    """The hash of the entry at ``position``, from that of the entry before it."""
    name = topic.encode()
    before = _BEFORE_TOPIC.pack(8, position, 16, stream.bytes, 8, version, len(name))
    return hashlib.sha256(b"".join((previous, before, name, _LENGTH.pack(len(state)), state))).digest()
