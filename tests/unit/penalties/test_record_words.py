"""Demerits, measures, lists and wages as people read them: every event, in both languages."""

import pytest

from services.penalties.wording import in_words
from shared.catalogue.samples import sample
from shared.events import penalties as fact
from shared.events.base import Event

TOLD: list[type[Event]] = [
    fact.DemeritRecorded,
    fact.DemeritStruck,
    fact.DismissalReached,
    fact.MeasureProposed,
    fact.MeasureSigned,
    fact.MeasureCarried,
    fact.MeasureDropped,
    fact.PayrollExported,
    fact.WageRecorded,
    fact.WagesErased,
]


@pytest.mark.parametrize("kind", TOLD, ids=lambda kind: kind.__name__)
def test_every_event_is_told_in_both_languages(kind: type[Event]) -> None:
    words = in_words(sample(kind))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in words.zh)
    assert words.en[0].isupper() or words.en.startswith(("wang", "1 ", "3 "))
    assert "None" not in words.zh + words.en
