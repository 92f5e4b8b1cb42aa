"""The heads of the log's chain: one a day by the calendar in Shanghai, and never a step back."""

from datetime import UTC, datetime, timedelta

import pytest

from services.penalties.domain import chain
from services.penalties.domain.chain import Heads, RecordHead
from services.penalties.wording import in_words
from shared.decider import Refused

MIDNIGHT = datetime(2026, 10, 3, 16, tzinfo=UTC)
"""In Shanghai, the first moment of 4 October."""


def head(position: int, at: datetime = MIDNIGHT) -> RecordHead:
    return RecordHead(at=at, by="timer:chain", position=position, head="ab" * 32, text="…", key="cd", signature="ef")


def after(*commands: RecordHead) -> Heads:
    state = chain.NEW
    for command in commands:
        for event in chain.decide(command, state):
            state = chain.evolve(state, event)
    return state


def test_a_head_says_all_that_was_signed() -> None:
    (event,) = chain.decide(head(7), chain.NEW)

    assert event.model_dump(exclude={"at"}) == head(7).model_dump(exclude={"at", "by"})
    assert event.at == MIDNIGHT
    assert "7" in in_words(event).zh


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=23, minutes=59)])
def test_a_day_has_one_head(later: timedelta) -> None:
    assert chain.decide(head(9, MIDNIGHT + later), after(head(7))) == []


def test_the_next_day_has_another() -> None:
    (event,) = chain.decide(head(9, MIDNIGHT + timedelta(days=1)), after(head(7)))

    assert event.position == 9


@pytest.mark.parametrize("position", [6, 7])
def test_a_head_never_goes_back(position: int) -> None:
    with pytest.raises(Refused, match="was signed already"):
        chain.decide(head(position, MIDNIGHT + timedelta(days=1)), after(head(7)))
