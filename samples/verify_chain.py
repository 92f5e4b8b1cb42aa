#!/usr/bin/env python3
"""Checks an export of a log (`shouhou chain export penalties > file.jsonl`) without the system that wrote it.

    pip install cryptography
    python verify_chain.py file.jsonl --key <public key, hexadecimal>
    python verify_chain.py file.jsonl --key … --heads heads.jsonl     heads that were kept elsewhere
    python verify_chain.py file.jsonl --key … --earlier last-month.jsonl

Needs Python 3.9 or newer and `cryptography`. Says what is wrong, and where; exit code 1 if anything is.

`--key` is a public key that you trust, from elsewhere than the database: from whoever runs the system, or as you noted
it before. May be repeated, where the key was renewed. `--heads` is a file with a line of JSON for each signed head
(text, key, signature), as `GET /penalties/chain/heads` gives them or NATS carries them; those that you received when
they were signed prove the most. `--earlier` is an export that you kept: all that it holds must still stand.

The format: SHA-256 of the entry before, then of position, stream, version, topic and state, each with its length
before it. Lengths, position and version are 8 bytes, big-endian; the stream is the 16 bytes of its UUID.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "shouhou-chain-1"


def origin(service):
    return hashlib.sha256(f"{FORMAT} {service}".encode()).digest()


def link(previous, position, stream, version, topic, state):
    digest = hashlib.sha256(previous)
    fields = (position.to_bytes(8, "big", signed=True), stream, version.to_bytes(8, "big", signed=True), topic, state)
    for field in fields:
        digest.update(len(field).to_bytes(8, "big") + field)
    return digest.digest()


def state_of(row):
    return row["state"].encode() if "state" in row else bytes.fromhex(row["state_hex"])


def hash_of(previous, row):
    return link(
        previous, row["position"], UUID(row["stream"]).bytes, row["version"], row["topic"].encode(), state_of(row)
    )


class Check:
    def __init__(self, about, keys):
        self.service, self.end, self.keys = about["service"], about["end"], keys
        self.hashes = {0: origin(self.service)}
        self.heads = []
        self.unlinked = 0
        self.last = 0
        self.wrong = []

    def row(self, row):
        """One row behind the last: is it the next one, and what was linked?"""
        position = row["position"]
        if position > self.last + 1:
            self.wrong.append(f"position {span(self.last + 1, position - 1)}: removed from the log")
        elif position <= self.last:
            self.wrong.append(f"position {position}: put into the log")
            return
        before = self.hashes.get(position - 1)
        self.last = position
        if row["hash"] is None:
            if position <= self.end:
                self.wrong.append(f"position {position}: removed from the chain")
            self.unlinked += 1
        else:
            self.hashes[position] = bytes.fromhex(row["hash"])
            if before and hash_of(before, row) != self.hashes[position]:
                self.wrong.append(f"position {position}: the row isn't what was linked")
        if row["topic"] == f"{self.service}.ChainHeadSigned":
            self.signed(row)

    def signed(self, row):
        try:
            data = json.loads(state_of(row))["data"]
            self.heads.append((f"the head recorded at position {row['position']}", data))
        except (ValueError, KeyError):
            self.wrong.append(f"position {row['position']}: the signed head can't be read")

    def finish(self):
        if self.end > self.last:
            self.wrong.append(f"position {span(self.last + 1, self.end)}: removed from the log's end")
        good = 0
        for name, head in self.heads:
            said = self.words_of(name, head)
            if said is None:
                continue
            position, value = said
            if self.hashes.get(position, b"").hex() == value:
                good = max(good, position)
            else:
                self.wrong.append(
                    f"{name}: the chain at {position} isn't what was signed; "
                    f"rows within {span(good + 1, position)} were changed or removed, and the chain with them"
                )
        return good

    def words_of(self, name, head):
        """Position and hash that a genuine head speaks of; None for any other."""
        words = head["text"].split(" ")
        if self.keys and head["key"] not in self.keys:
            self.wrong.append(f"{name}: signed with a key that you don't trust, {head['key']}")
        elif not genuine(head):
            self.wrong.append(f"{name}: its signature is wrong")
        elif len(words) != 5 or words[:2] != [FORMAT, self.service]:
            self.wrong.append(f"{name}: it is of another chain, {head['text']}")
        else:
            return int(words[2]), words[3]
        return None


def genuine(head):
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["key"]))
        key.verify(bytes.fromhex(head["signature"]), head["text"].encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def span(first, last):
    return str(first) if first == last else f"{first}-{last}"


def rows_of(path):
    with path.open(encoding="utf-8") as file:
        about = json.loads(next(file))
        if about.get("format") != FORMAT:
            raise SystemExit(f"{path} is no export of this format ({FORMAT})")
        yield about
        yield from map(json.loads, file)


def compare(check, earlier):
    """All that an earlier export holds must still be there."""
    rows = rows_of(earlier)
    next(rows)
    for row in rows:
        now = check.hashes.get(row["position"])
        if row["hash"] and (now is None or now.hex() != row["hash"]):
            return f"position {row['position']}: differs from {earlier}, and is the first that does"
    return None


def main():
    parser = argparse.ArgumentParser(description="Check an export of a log against its hash chain and signed heads.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", action="append", default=[], help="a public key that you trust, hexadecimal")
    parser.add_argument("--heads", type=Path, help="heads that were kept elsewhere, a line of JSON each")
    parser.add_argument("--earlier", type=Path, help="an export that was kept")
    asked = parser.parse_args()
    rows = rows_of(asked.export)
    check = Check(next(rows), set(asked.key))
    for row in rows:
        check.row(row)
    if asked.heads:
        kept = [json.loads(line) for line in asked.heads.read_text(encoding="utf-8").splitlines() if line.strip()]
        check.heads += [(f"head {number} of {asked.heads}", head) for number, head in enumerate(kept, 1)]
        check.heads.sort(key=lambda each: int(each[1]["text"].split(" ")[2]))
    good = check.finish()
    if asked.earlier and (differs := compare(check, asked.earlier)):
        check.wrong.append(differs)
    for wrong in check.wrong:
        print(f"✗ {wrong}")
    keys = ", ".join(sorted({head["key"] for _, head in check.heads})) or "none"
    print(f"{check.last} rows of {check.service}, {check.unlinked} not linked yet; {len(check.heads)} signed heads,")
    print(
        f"the newest that holds covers positions 1-{good}; keys: {keys}"
        if good
        else "no signed head holds yet, so only the chain itself was checked"
    )
    if not asked.key:
        print("! No --key was given: whoever changed the log may have signed it anew with a key of their own.")
    if not check.wrong:
        print("✓ nothing is wrong")
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
