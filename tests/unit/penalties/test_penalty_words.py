"""What is said of an appeal, in words."""

import pytest

from services.penalties.wording import in_words
from shared.events.penalties import AppealDecided, AppealDecisionProposed, AppealOutcome, Mode
from tests.unit.penalties.penalty_examples import (
    appeal,
    confirm,
    decided,
    given,
    impose,
    notice,
    propose,
    raise_,
    state,
    told_of,
)


@pytest.mark.parametrize(
    ("mode", "to", "zh", "en"),
    [
        (Mode.MONEY, {"amount": "20.00"}, "减轻为 ¥20.00", "reduced to ¥20.00"),
        (Mode.SCORE_ONLY, {"score": 1}, "减轻为 1 分", "reduced to a score of 1"),
    ],
)
def test_both_the_proposal_and_the_decision_say_to_how_much_it_is_reduced(
    mode: Mode, to: dict[str, object], zh: str, en: str
) -> None:
    # given
    appealed = given(raise_(), notice(), state(), impose(mode=mode), appeal())

    # when
    [proposed] = decided(appealed, propose(AppealOutcome.REDUCED, **to))
    [settled, *_] = decided(told_of(appealed, [proposed]), confirm(AppealOutcome.REDUCED, **to))

    # then
    assert isinstance(proposed, AppealDecisionProposed)
    assert isinstance(settled, AppealDecided)
    for event in (proposed, settled):
        words = in_words(event)
        assert zh in words.zh
        assert en in words.en
