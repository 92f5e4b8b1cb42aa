"""The ladder of demerits: what adds up, what is struck, what expires (4.2, 4.3)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.penalties.domain.ladder import (
    PART_STRUCK,
    LadderEvent,
    Record,
    after,
    grounds,
    months_after,
    recorded,
    standing,
    struck,
)
from shared.events.penalties import DemeritKind, DemeritRecorded, DemeritStruck, DismissalReached, Ladder

START = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
TERMS = Ladder(demerits_for_major=3, majors_for_dismissal=2, demerit_months=12, major_months=24)
DEMERIT, MAJOR = DemeritKind.DEMERIT, DemeritKind.MAJOR_DEMERIT


def penalty(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))


class Engineer:
    """A record that grows."""

    def __init__(self, ladder: Ladder = TERMS) -> None:
        self.ladder = ladder
        self.record = Record()
        self.events: list[LadderEvent] = []

    def gets(self, number: int, kind: DemeritKind = DEMERIT, *, days: float = 0) -> Sequence[LadderEvent]:
        return self._told(
            recorded(self.record, "E04", penalty(number), kind, self.ladder, START + timedelta(days=days))
        )

    def loses(self, number: int, *, days: float = 0) -> Sequence[LadderEvent]:
        at = START + timedelta(days=days)
        return self._told(struck(self.record, "E04", penalty(number), "处罚撤销", self.ladder, at))

    def counts(self, days: float, kind: DemeritKind) -> int:
        return sum(d.kind is kind for d in standing(self.record, START + timedelta(days=days)))

    def _told(self, events: Sequence[LadderEvent]) -> Sequence[LadderEvent]:
        for event in events:
            self.record = after(self.record, event)
        self.events += events
        return events


def kinds(events: Sequence[LadderEvent]) -> list[str]:
    return [e.kind.value if isinstance(e, DemeritRecorded) else type(e).__name__ for e in events]


def test_so_many_demerits_make_a_major_one() -> None:
    # given two demerits
    engineer = Engineer()
    assert kinds(engineer.gets(1)) == ["demerit"]
    assert kinds(engineer.gets(2, days=1)) == ["demerit"]

    # when a third one comes
    third = engineer.gets(3, days=2)

    # then they make a major one, which lasts from the last of them
    assert kinds(third) == ["demerit", "major_demerit"]
    major = third[1]
    assert isinstance(major, DemeritRecorded)
    assert (major.penalty, len(major.made_of)) == (None, 3)
    assert major.expires_at == months_after(START + timedelta(days=2), 24)
    # and the same three lead to no second one
    assert kinds(engineer.gets(4, days=3)) == ["demerit"]


def test_two_major_ones_propose_a_dismissal_once() -> None:
    engineer = Engineer()
    engineer.gets(1, MAJOR)
    reached = engineer.gets(2, MAJOR, days=1)
    assert kinds(reached) == ["major_demerit", "DismissalReached"]
    assert kinds(engineer.gets(3, MAJOR, days=2)) == ["major_demerit"]
    assert [len(each.demerits) for each in grounds(engineer.record)] == [2]


def test_the_same_penalty_told_again_changes_nothing() -> None:
    engineer = Engineer()
    engineer.gets(1)
    assert engineer.gets(1, days=5) == []
    engineer.loses(1, days=6)
    assert engineer.loses(1, days=7) == []
    assert engineer.gets(1, days=8) == []


def test_what_is_struck_takes_the_major_one_with_it() -> None:
    """And the dismissal that rested on it; what else it was made of counts again."""
    # given a major demerit of three, and another one, so that a dismissal is proposed
    engineer = Engineer()
    for number in (1, 2, 3):
        engineer.gets(number, days=number)
    engineer.gets(9, MAJOR, days=4)
    assert len(grounds(engineer.record)) == 1

    # when one of the three is struck
    gone = engineer.loses(2, days=5)

    # then so is the major one, and the dismissal has lost its grounds
    assert [type(e) for e in gone] == [DemeritStruck, DemeritStruck]
    assert isinstance(gone[1], DemeritStruck)
    assert gone[1].reason == PART_STRUCK
    assert grounds(engineer.record) == []
    assert (engineer.counts(6, DEMERIT), engineer.counts(6, MAJOR)) == (2, 1)
    # and with one more demerit there is a major one again
    again = engineer.gets(4, days=6)
    assert kinds(again) == ["demerit", "major_demerit", "DismissalReached"]


def test_a_strike_puts_a_spare_demerit_in_the_place_of_the_one_that_is_gone() -> None:
    engineer = Engineer()
    for number in (1, 2, 3, 4):
        engineer.gets(number, days=number)
    remade = engineer.loses(1, days=300)
    assert kinds(remade) == ["DemeritStruck", "DemeritStruck", "major_demerit"]
    assert isinstance(remade[-1], DemeritRecorded)
    # it doesn't last longer for having been made anew
    assert remade[-1].expires_at == months_after(START + timedelta(days=4), 24)


def test_an_expired_demerit_adds_to_nothing() -> None:
    engineer = Engineer()
    engineer.gets(1)
    engineer.gets(2)
    assert kinds(engineer.gets(3, days=366)) == ["demerit"]
    assert engineer.counts(364, DEMERIT) == 2
    assert engineer.counts(366, DEMERIT) == 1


def test_told_late_they_add_up_all_the_same() -> None:
    engineer = Engineer(Ladder(demerits_for_major=2))
    engineer.gets(1, days=10)
    assert kinds(engineer.gets(2, days=3)) == ["demerit", "major_demerit"]


@pytest.mark.parametrize(
    ("months", "expected"), [(1, "2027-02-28 09:00"), (4, "2027-05-31 09:00"), (13, "2028-02-29 09:00")]
)
def test_months_end_where_the_month_ends(months: int, expected: str) -> None:
    at = datetime(2027, 1, 31, 1, 0, tzinfo=UTC)
    found = months_after(at, months) + timedelta(hours=8)
    assert f"{found:%Y-%m-%d %H:%M}" == expected


STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 12), st.sampled_from([DEMERIT, DEMERIT, MAJOR]), st.integers(0, 200)),
    max_size=40,
)
LADDERS = st.builds(
    Ladder,
    demerits_for_major=st.integers(1, 4),
    majors_for_dismissal=st.integers(1, 3),
    demerit_months=st.integers(1, 30),
    major_months=st.integers(1, 30),
)


@given(STEPS, LADDERS)
def test_nothing_stands_whose_parts_are_struck_and_nothing_counts_twice(
    steps: list[tuple[bool, int, DemeritKind, int]], ladder: Ladder
) -> None:
    # given any demerits, strikes and expiries
    engineer, day = Engineer(ladder), 0
    for gets, number, kind, days in steps:
        day += days
        if gets:
            engineer.gets(number, kind, days=day)
        else:
            engineer.loses(number, days=day)

        # then at every moment no major demerit stands of which a part was struck
        record = engineer.record
        gone = {d.demerit for d in record.demerits if d.struck_at}
        whole = [d for d in record.demerits if d.made_of and d.struck_at is None]
        assert not any(gone.intersection(d.made_of) for d in whole)
        assert not any(gone.intersection(each.demerits) for each in grounds(record))
        # and none is part of two
        parts = [part for d in whole for part in d.made_of]
        assert len(parts) == len(set(parts))
        led = [demerit for each in grounds(record) for demerit in each.demerits]
        assert len(led) == len(set(led))
        # and so many as make a major one don't stand unused
        now = START + timedelta(days=day)
        free = [d for d in standing(record, now) if d.kind is DEMERIT and d.demerit not in parts]
        lasting = months_after(max((d.at for d in free), default=now), ladder.major_months) > now
        assert len(free) < ladder.demerits_for_major or not lasting

    # and each penalty has one demerit at most, and what is counted is the fold of the events
    of_penalties = [e.penalty for e in engineer.events if isinstance(e, DemeritRecorded) and e.penalty]
    assert len(of_penalties) == len(set(of_penalties))
    told = sum(isinstance(e, DemeritRecorded) for e in engineer.events)
    taken_back = sum(isinstance(e, DemeritStruck) for e in engineer.events)
    assert told - taken_back == sum(d.struck_at is None for d in engineer.record.demerits)
    assert sum(isinstance(e, DismissalReached) for e in engineer.events) == len(engineer.record.dismissals)
