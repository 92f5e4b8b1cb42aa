"""Proposed dismissals and legal referrals: two signatures ⚖, of different persons for different sides (4.3)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.penalties.domain import measure
from services.penalties.domain.measure import DropMeasure, ProposeMeasure, SignMeasure, WithdrawMeasure
from shared.events.penalties import (
    MeasureCarried,
    MeasureDropped,
    MeasureKind,
    MeasureProposed,
    MeasureSigned,
    MeasureStatus,
    SignsAs,
)
from tests.unit.tickets.story import given

START = datetime(2026, 10, 8, 1, 0, tzinfo=UTC)
ID = UUID("00000000-0000-0000-0000-000000000009")
HR, MANAGEMENT = SignsAs.HR, SignsAs.GENERAL_MANAGER


def propose(**facts: Any) -> ProposeMeasure:
    said: dict[str, Any] = {"measure": ID, "kind": MeasureKind.DISMISSAL, "engineer": "E04", "prepared_by": ("zhao",)}
    return ProposeMeasure(**said | {"at": START, "by": "reaction"} | facts)


def sign(signs_as: SignsAs = HR, by: str = "sun", hour: int = 1, **facts: Any) -> SignMeasure:
    said: dict[str, Any] = {"signs_as": signs_as, "by": by, "reasons": "情节严重"} | facts
    return SignMeasure(at=START + timedelta(hours=hour), **said)


def drop(by: str = "sun", **facts: Any) -> DropMeasure:
    said: dict[str, Any] = {"by": by, "reasons": "初犯"} | facts
    return DropMeasure(at=START + timedelta(hours=3), **said)


def withdraw() -> WithdrawMeasure:
    return WithdrawMeasure(at=START + timedelta(hours=4), by="reaction", reasons="处罚撤销")


@pytest.mark.parametrize("sides", [(HR, MANAGEMENT), (MANAGEMENT, HR)])
def test_two_persons_carry_it_in_whichever_order(sides: tuple[SignsAs, SignsAs]) -> None:
    story = given(measure, propose()).when(sign(sides[0])).then(MeasureSigned)
    story.when(sign(sides[1], "chen", 2)).then(MeasureCarried)
    story.saying(signed_as=sides, signed_by=("sun", "chen"), kind=MeasureKind.DISMISSAL)
    assert story.now().status is MeasureStatus.CARRIED


def test_it_is_proposed_once_and_signed_once_by_each() -> None:
    story = given(measure).when(propose()).then(MeasureProposed).when(propose()).then()
    story.when(sign()).then(MeasureSigned).when(sign(hour=2)).then()
    story.when(sign(MANAGEMENT, "chen")).then(MeasureCarried)
    story.when(sign()).then().when(sign(MANAGEMENT, "chen")).then()


def test_one_person_does_not_sign_for_both_sides() -> None:
    given(measure, propose(), sign()).when(sign(MANAGEMENT, "sun")).refused("signed_by_you")


def test_two_persons_of_one_side_are_not_enough() -> None:
    given(measure, propose(), sign()).when(sign(HR, "qian")).refused("side_has_signed")


@pytest.mark.parametrize("command", [sign(by="zhao"), drop(by="zhao")])
def test_who_decided_what_it_rests_on_keeps_out(command: Any) -> None:
    given(measure, propose()).when(command).refused("measure_prepared_by_you")


@pytest.mark.parametrize("command", [sign(by="E04"), sign(decider_engineer="E04"), drop(decider_engineer="E04")])
def test_nobody_judges_themselves_under_whatever_name(command: Any) -> None:
    given(measure, propose()).when(command).refused("measure_about_you")


def test_what_is_over_takes_no_signature() -> None:
    story = given(measure, propose(), drop())
    story.when(sign()).refused("measure_dropped").when(drop()).then()
    story.when(drop(by="qian")).refused("measure_dropped")
    given(measure, propose(), sign(), sign(MANAGEMENT, "chen")).when(drop(by="qian")).refused("measure_carried")
    given(measure).when(sign()).refused("measure_unknown")


def test_it_falls_with_what_it_rests_on_though_it_was_carried() -> None:
    given(measure, propose(), sign()).when(withdraw()).then(MeasureDropped).saying(carried=False)
    carried = given(measure, propose(), sign(), sign(MANAGEMENT, "chen"))
    carried.when(withdraw()).then(MeasureDropped).saying(carried=True, dropped_by="reaction")
    carried.when(withdraw()).then()


def test_what_is_open_is_what_would_be_granted() -> None:
    # given a measure that HR has signed
    state = given(measure, propose(), sign()).now()

    # then the general manager may sign, HR may not again, and whom it is about may do nothing
    assert {name for name, why in measure.available(state, "chen", None).items() if why is None} == {
        "sign_for_management",
        "drop",
    }
    assert not [name for name, why in measure.available(state, "x", "E04").items() if why is None]
