"""The ledger's entries: the sum of them is what stands, to the cent, whatever happens to a penalty."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.penalties.domain.entry import Entry, EntryCause, EntryKind, MoneyEvent, booked, of_demerit, standing_of
from shared.catalogue.samples import sample
from shared.events.base import Event
from shared.events.penalties import (
    AppealDecided,
    AppealOutcome,
    DemeritKind,
    DemeritRecorded,
    DemeritStruck,
    DropCause,
    Mode,
    PenaltyExecuted,
    PenaltyImposed,
    PenaltyReversed,
)

START = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
ID = UUID(int=4)


def happens(of: type[Event], hour: int = 0, **facts: Any) -> Any:
    said = {"at": START + timedelta(hours=hour), "penalty": ID} | facts
    return sample(of).model_copy(update={k: v for k, v in said.items() if k in of.model_fields})


def imposed(amount: str = "50.00", **facts: Any) -> PenaltyImposed:
    said: dict[str, Any] = {"amount": Decimal(amount), "score": 0, "mode": Mode.MONEY, "allowance": False}
    event: PenaltyImposed = happens(PenaltyImposed, **said | facts)
    return event


def appealed(amount: str, score: int = 0) -> AppealDecided:
    outcome = AppealOutcome.REDUCED if Decimal(amount) else AppealOutcome.REVOKED
    event: AppealDecided = happens(AppealDecided, 1, amount=Decimal(amount), score=score, outcome=outcome)
    return event


def executed(taken: str, cause: DropCause | None = None) -> PenaltyExecuted:
    event: PenaltyExecuted = happens(PenaltyExecuted, 2, taken=Decimal(taken), dropped_for=cause)
    return event


def undone() -> PenaltyReversed:
    event: PenaltyReversed = happens(PenaltyReversed, 3)
    return event


def ledger(first: PenaltyImposed, *later: MoneyEvent) -> list[Entry]:
    """The entries of one penalty's life."""
    standing, found = standing_of(first), []
    for event in (first, *later):
        entry, standing = booked(event, standing)
        found.append(entry)
    return [entry for entry in found if entry]


def test_a_fine_from_the_decision_to_its_reversal() -> None:
    life = [imposed(), appealed("30.00"), executed("20.00", DropCause.CAP), undone()]
    entries = ledger(*life)
    assert [(entry.cause, str(entry.amount)) for entry in entries] == [
        (EntryCause.IMPOSED, "50.00"),
        (EntryCause.APPEALED, "-20.00"),
        (EntryCause.CAP, "-10.00"),
        (EntryCause.REVERSED, "-20.00"),
    ]


@pytest.mark.parametrize(
    ("cause", "entry"),
    [
        (DropCause.CAP, EntryCause.CAP),
        (DropCause.FLOOR, EntryCause.FLOOR),
        (DropCause.CUMULATION, EntryCause.CUMULATION),
    ],
)
def test_what_is_not_taken_is_booked_with_why(cause: DropCause, entry: EntryCause) -> None:
    assert [each.cause for each in ledger(imposed(), executed("0.00", cause))] == [EntryCause.IMPOSED, entry]


def test_what_changes_nothing_books_nothing() -> None:
    assert len(ledger(imposed(), appealed("50.00"), executed("50.00"))) == 1
    assert ledger(imposed("0.00"), executed("0.00"), undone()) == []
    assert len(ledger(imposed(), appealed("0.00"), undone())) == 2


def test_a_forfeited_allowance_and_a_score_are_told_apart() -> None:
    assert [each.kind for each in ledger(imposed(allowance=True))] == [EntryKind.ALLOWANCE]
    points = ledger(imposed("0.00", score=5, mode=Mode.SCORE_ONLY), appealed("0.00", 2), executed("0.00"), undone())
    assert [(each.kind, each.score) for each in points] == [(EntryKind.SCORE, n) for n in (5, -3, -2)]


def test_a_demerit_is_one_more_and_a_strike_one_less() -> None:
    minor = {"kind": DemeritKind.DEMERIT}
    assert of_demerit(happens(DemeritRecorded, **minor)) == Entry(EntryKind.DEMERIT, EntryCause.RECORDED, demerits=1)
    assert of_demerit(happens(DemeritStruck, **minor)) == Entry(EntryKind.DEMERIT, EntryCause.STRUCK, demerits=-1)
    major = {"kind": DemeritKind.MAJOR_DEMERIT}
    assert of_demerit(happens(DemeritRecorded, **major)).majors == 1


FEN = st.integers(0, 100_000).map(lambda fen: str(Decimal(fen) / 100))
LATER = st.lists(
    st.one_of(
        st.builds(appealed, FEN, st.integers(0, 9)),
        st.builds(executed, FEN, st.sampled_from([None, *DropCause])),
        st.builds(undone),
    ),
    max_size=6,
)


@given(st.builds(imposed, FEN, score=st.integers(0, 9)), LATER)
def test_the_sum_is_what_the_last_event_left(first: PenaltyImposed, later: list[MoneyEvent]) -> None:
    # given any life of a penalty, what it left is told by its last event
    amount, score = first.amount, first.score
    for event in later:
        if isinstance(event, AppealDecided):
            amount, score = event.amount, event.score
        elif isinstance(event, PenaltyExecuted):
            amount = event.taken
        else:
            amount, score = Decimal(0), 0

    # then the entries come to that
    entries = ledger(first, *later)
    assert sum((each.amount for each in entries), Decimal(0)) == amount
    assert sum(each.score for each in entries) == score
    assert all(each.amount or each.score for each in entries)
