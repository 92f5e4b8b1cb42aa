"""What every lifecycle stands on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from shared.decider import replace


@dataclass(frozen=True, slots=True)
class Jar:
    lid: bool = True
    label: str | None = None
    holds: Mapping[str, int] = field(default_factory=dict)


def test_a_state_with_other_facts_is_another_state() -> None:
    before = Jar(label="糖", holds={"sugar": 3})
    after = replace(before, lid=False, label=None)
    assert after == Jar(lid=False, label=None, holds={"sugar": 3})
    assert before == Jar(lid=True, label="糖", holds={"sugar": 3})
    with pytest.raises(AttributeError):
        after.lid = True  # type: ignore[misc]


def test_a_fact_that_the_state_does_not_have_is_an_error() -> None:
    with pytest.raises(TypeError, match="Jar has no colour"):
        replace(Jar(), colour="red")
