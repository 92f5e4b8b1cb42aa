"""What is told of engineers, rosters and phone duty has words, and says nothing that few may see."""

from typing import get_args

import pytest

from services.dispatch.domain.duty import DutyEvent
from services.dispatch.domain.duty_policy import DutyPolicyEvent
from services.dispatch.domain.engineer import EngineerEvent
from services.dispatch.domain.names import people as names
from services.dispatch.domain.roster import RosterEvent
from services.dispatch.wording import in_words
from shared.catalogue.samples import sample
from shared.events.base import Event
from shared.events.dispatch import Exemption, SettledBy, TripDaysRecorded
from shared.events.telephony import CallDirection, CallOutcome

EVENTS = [kind for union in (EngineerEvent, RosterEvent, DutyPolicyEvent, DutyEvent) for kind in get_args(union)]


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_has_a_sentence_in_both_languages(kind: type[Event]) -> None:
    words = in_words(sample(kind))
    assert any("\u4e00" <= character <= "\u9fff" for character in words.zh)
    assert words.en[0].isupper() or words.en[0].isdigit()
    assert "None" not in words.zh + words.en


def test_an_allowance_is_not_told() -> None:
    assert "12.5" not in "".join(in_words(sample(TripDaysRecorded)))


def test_everything_has_a_name() -> None:
    assert set(names.CALL_OUTCOME) == set(CallOutcome)
    assert set(names.CALL_DIRECTION) == set(CallDirection)
    assert set(names.EXEMPTION) == set(Exemption)
    assert set(names.SETTLED_BY) == set(SettledBy)
