"""The hash chain: its format, which others must be able to recompute, and what a scan makes of a log that isn't what
was linked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.chain import Entry, link, origin
from shared.chain.heads import genuine, head_in, sign
from shared.chain.keeper import ChainBroken, linked
from shared.chain.scan import WINDOW, Break, Kind, Scan, merged
from shared.eventlog import Stored

STREAM = UUID("00112233-4455-6677-8899-aabbccddeeff")
STATE = '{"data":{"words":"迟到"},"meta":{}}'.encode()


def row(position: int, state: bytes | None = None) -> Stored:
    return Stored(position, STREAM, position, "toys.Counted", state or b'{"n":%d}' % position)


def log_of(size: int) -> list[Stored]:
    return [row(position) for position in range(1, size + 1)]


def chain_of(rows: list[Stored]) -> list[Entry]:
    return linked(origin("toys"), rows)


def scanned(rows: Sequence[Stored], entries: Sequence[Entry], portion: int = 1_000) -> tuple[Scan, list[Break]]:
    """As the database gives them, ``portion`` at a time."""
    scan, found = Scan(origin("toys")), []
    rows, entries = list(rows), list(entries)
    while True:
        if len(scan.rows) <= WINDOW:
            scan.rows.extend(rows[:portion])
            del rows[:portion]
        if len(scan.entries) <= WINDOW:
            scan.entries.extend(entries[:portion])
            del entries[:portion]
        found += scan.walk(all_rows=not rows, all_entries=not entries)
        if not rows and not entries:
            found += scan.walk(all_rows=True, all_entries=True)
            return scan, list(merged(found))


# -- the format --------------------------------------------------------------------------------------------------


VECTORS = [
    (1, 1, "penalties.StatementGiven", STATE, "335814e52d9285b34696b4950a43178d6acf6c2112449a1cca61ebbf5dd953a8"),
    (2, 2, "penalties.PenaltyWaived", b"{}", "54f541d60604572464f5f6a02f90dac8d22fcd8826dc9c8e9acd2ddefa78f6fe"),
]
"""Worked out once by the words of the format alone; they never change."""


def test_the_chain_is_what_everybody_else_works_out() -> None:
    hash = origin("penalties").hash
    assert hash.hex() == "68dcbcc7b9b5e3fc9e007a7b80ad426d3fa7c1dde35f59bc535b772efb55ac62"

    for position, version, topic, state, wanted in VECTORS:
        hash = link(hash, position, STREAM, version, topic, state)
        assert hash.hex() == wanted


@pytest.mark.parametrize(("position", "version"), [(0, 1), (-5, 3), (2**62, 2**62)])
def test_the_words_of_the_format_give_the_same(position: int, version: int) -> None:
    def field(content: bytes) -> bytes:
        return len(content).to_bytes(8, "big") + content

    numbers = [number.to_bytes(8, "big", signed=True) for number in (position, version)]
    fields = [numbers[0], STREAM.bytes, numbers[1], "事件".encode(), STATE]

    hash = link(b"\1" * 32, position, STREAM, version, "事件", STATE)

    assert hash == sha256(b"\1" * 32 + b"".join(map(field, fields))).digest()


def test_two_rows_are_never_hashed_alike_by_moving_a_byte_from_one_field_to_the_next() -> None:
    start = origin("toys").hash

    assert link(start, 1, STREAM, 1, "toys.A", b"BC") != link(start, 1, STREAM, 1, "toys.AB", b"C")


# -- scanning ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("portion", [1, 7, 1_000])
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 100])
def test_a_log_that_is_as_it_was_linked_has_no_break(size: int, portion: int) -> None:
    rows = log_of(size)
    entries = chain_of(rows)

    scan, found = scanned([*rows, row(size + 1), row(size + 2)], entries, portion)

    assert (found, scan.linked, scan.unlinked) == ([], size, 2)
    assert scan.end == (entries[-1] if entries else origin("toys"))


@given(st.integers(1, 60), st.data())
def test_a_changed_row_is_named_and_nothing_else(size: int, data: st.DataObject) -> None:
    rows = log_of(size)
    entries = chain_of(rows)
    at = data.draw(st.integers(1, size))
    rows[at - 1] = replace(rows[at - 1], state=b"changed")

    _, found = scanned(rows, entries, data.draw(st.integers(1, 70)))

    assert found == [Break(Kind.CHANGED, at, at)]


@pytest.mark.parametrize("changed", [{"topic": "toys.Other"}, {"version": 99}, {"stream": UUID(int=1)}])
def test_nothing_of_a_row_can_be_changed(changed: dict[str, object]) -> None:
    rows = log_of(5)
    entries = chain_of(rows)
    rows[2] = replace(rows[2], **changed)  # type: ignore[arg-type]

    assert scanned(rows, entries)[1] == [Break(Kind.CHANGED, 3, 3)]


@given(st.integers(1, 60), st.data())
def test_a_removed_row_is_named_whether_or_not_the_later_ones_were_moved_up(size: int, data: st.DataObject) -> None:
    rows = log_of(size)
    entries = chain_of(rows)
    at = data.draw(st.integers(1, size))
    del rows[at - 1]
    if data.draw(st.booleans()):
        rows = [replace(each, position=position) for position, each in enumerate(rows, 1)]

    _, found = scanned(rows, entries, data.draw(st.integers(1, 70)))

    assert found == [Break(Kind.REMOVED, at, at)]


@given(st.integers(1, 60), st.data())
def test_a_row_that_was_put_in_is_named(size: int, data: st.DataObject) -> None:
    rows = log_of(size)
    entries = chain_of(rows)
    at = data.draw(st.integers(1, size))
    moved = [replace(each, position=each.position + 1) for each in rows[at - 1 :]]

    _, found = scanned([*rows[: at - 1], row(at, b"put in"), *moved], entries, data.draw(st.integers(1, 70)))

    assert found == [Break(Kind.INSERTED, at, at)]


@given(st.integers(2, 60), st.data())
def test_two_rows_that_were_swapped_are_named(size: int, data: st.DataObject) -> None:
    rows = log_of(size)
    entries = chain_of(rows)
    first = data.draw(st.integers(1, size - 1))
    second = data.draw(st.integers(first + 1, size))
    a, b = rows[first - 1], rows[second - 1]
    rows[first - 1], rows[second - 1] = replace(b, position=first), replace(a, position=second)

    _, found = scanned(rows, entries, data.draw(st.integers(1, 70)))

    named = {position for each in found for position in range(each.first, each.last + 1)}
    assert named == {first, second}
    assert {each.kind for each in found} == {Kind.CHANGED}


def test_a_log_that_was_cut_off_lacks_its_last_rows() -> None:
    rows = log_of(40)

    assert scanned(rows[:30], chain_of(rows))[1] == [Break(Kind.REMOVED, 31, 40)]


def test_rows_that_were_moved_to_other_positions_are_noticed() -> None:
    rows = log_of(40)
    entries = chain_of(rows)

    found = scanned([*rows[:30], *(replace(each, position=each.position + 5) for each in rows[30:])], entries)[1]

    assert found == [Break(Kind.MOVED, 31, 31)]


def test_a_gap_between_rows_that_are_not_linked_yet_is_noticed() -> None:
    rows = log_of(10)

    assert scanned([*rows[:7], *rows[8:]], chain_of(rows[:5]))[1] == [Break(Kind.REMOVED, 8, 8)]


def test_a_changed_entry_is_told_from_a_changed_row() -> None:
    rows = log_of(40)
    entries = chain_of(rows)
    entries[9] = Entry(10, bytes(32))

    scan, found = scanned(rows, entries)

    assert found == [Break(Kind.ENTRY_CHANGED, 10, 10)]
    assert scan.linked == 40


def test_missing_entries_are_named_and_what_stands_behind_them_is_proved() -> None:
    rows = log_of(80)
    entries = chain_of(rows)
    rows[70] = replace(rows[70], state=b"changed")

    found = scanned(rows, [*entries[:10], *entries[40:]], portion=20)[1]

    assert found == [Break(Kind.ENTRY_MISSING, 11, 40), Break(Kind.CHANGED, 71, 71)]


def test_each_of_several_breaks_is_named() -> None:
    rows = log_of(200)
    entries = chain_of(rows)
    for position in (5, 60, 61, 199):
        rows[position - 1] = replace(rows[position - 1], state=b"changed")
    del rows[99]

    found = scanned(rows, entries, portion=50)[1]

    assert found == [
        Break(Kind.CHANGED, 5, 5),
        Break(Kind.CHANGED, 60, 61),
        Break(Kind.REMOVED, 100, 100),
        Break(Kind.CHANGED, 199, 199),
    ]


def test_more_rows_than_the_window_may_be_changed() -> None:
    rows = log_of(200)
    entries = chain_of(rows)
    rows[49:149] = [replace(each, state=b"changed") for each in rows[49:149]]

    assert scanned(rows, entries, portion=30)[1] == [Break(Kind.CHANGED, 50, 149)]


def test_what_is_linked_follows_without_a_gap() -> None:
    with pytest.raises(ChainBroken, match="position 3 was removed"):
        linked(origin("toys"), [row(1), row(2), row(4)])


def test_breaks_are_told_in_both_languages() -> None:
    for kind in Kind:
        words = Break(kind, 7, 9).words
        assert "7–9" in words.zh
        assert "7–9" in words.en
        assert "7–9" not in Break(kind, 7, 7).words.en


# -- heads -------------------------------------------------------------------------------------------------------

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AT = datetime(2026, 10, 3, 16, tzinfo=UTC)


def test_a_head_is_signed_in_words_that_say_everything() -> None:
    head = sign(KEY, "toys", Entry(3, bytes(32)), AT)

    assert head.text == f"shouhou-chain-1 toys 3 {'00' * 32} 2026-10-03T16:00:00Z"
    assert genuine(head, "toys")


@pytest.mark.parametrize(
    "forged",
    [
        {"position": 4},
        {"head": "11" * 32},
        {"text": f"shouhou-chain-1 toys 4 {'00' * 32} 2026-10-03T16:00:00Z"},
        {"signature": "00" * 64},
        {"signature": "no hexadecimal"},
        {"key": "00" * 31},
    ],
)
def test_a_head_of_which_anything_was_changed_is_not_genuine(forged: dict[str, object]) -> None:
    assert not genuine(replace(sign(KEY, "toys", Entry(3, bytes(32)), AT), **forged), "toys")  # type: ignore[arg-type]


def test_a_head_of_another_services_chain_is_not_genuine() -> None:
    assert not genuine(sign(KEY, "toys", Entry(3, bytes(32)), AT), "penalties")


@pytest.mark.parametrize("state", [b"", b"\xff", b'{"data":{}}', b"[]"])
def test_bytes_that_hold_no_head_are_none(state: bytes) -> None:
    assert head_in(state) is None
