"""Claims on suppliers, rule by rule (3.7, D28), and the policy that gives them their time."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.dispatch.domain import parts_policy, supplier_claim
from shared.decider import Arm, Breach, Command, Drop, Meet
from shared.events import dispatch as fact
from shared.events.dispatch import SupplierAnswer
from shared.events.dispatch import SupplierClaimStatus as S
from tests.unit.dispatch.part_examples import abandon, answered, claim_overdue, notify, open_claim, settle
from tests.unit.tickets.examples import hours
from tests.unit.tickets.story import given

NOTICE_DUE = datetime(2026, 10, 6, 16, 0, tzinfo=UTC)
"""The end of the third day after 3 October, in Shanghai."""
ANSWER_DUE = datetime(2026, 10, 13, 16, 0, tzinfo=UTC)
SETTLEMENT_DUE = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)


def test_purchasing_settles_it_by_default_and_has_a_time_for_the_notice() -> None:
    """D28"""
    story = given(supplier_claim).when(open_claim()).then(fact.SupplierClaimOpened)
    story.saying(responsible="purchasing", notice_due=NOTICE_DUE).deadlines(Arm("notice", NOTICE_DUE))
    story.when(open_claim()).then()
    story.when(open_claim(defect="别的毛病")).refused("supplier_claim_exists")


def test_each_step_ends_its_own_time_and_begins_the_next() -> None:
    story = given(supplier_claim, open_claim())
    story.when(notify()).then(fact.SupplierNotified).deadlines(Meet("notice", hours(1)), Arm("answer", ANSWER_DUE))
    story.when(answered()).then(fact.SupplierAnswered)
    story.deadlines(Meet("answer", hours(2)), Arm("settlement", SETTLEMENT_DUE))
    story.when(settle()).then(fact.SupplierClaimSettled).saying(amount=Decimal("60.00"))
    story.deadlines(Meet("settlement", hours(3)))
    assert story.now().status is S.SETTLED


def test_a_supplier_who_disputed_may_yet_accept_and_gains_no_time_by_it() -> None:
    story = given(supplier_claim, open_claim(), notify(), answered(answer=SupplierAnswer.DISPUTED))
    assert story.now().status is S.DISPUTED
    story.when(answered(at=3)).then(fact.SupplierAnswered).deadlines()
    assert story.now().status is S.ACCEPTED
    assert story.now().due == SETTLEMENT_DUE


@pytest.mark.parametrize(
    ("past", "due", "step"),
    [
        ((open_claim(),), NOTICE_DUE, "notice"),
        ((open_claim(), notify()), ANSWER_DUE, "answer"),
        ((open_claim(), notify(), answered()), SETTLEMENT_DUE, "settlement"),
    ],
)
def test_a_step_is_overdue_when_its_time_is_up(past: tuple[Command, ...], due: datetime, step: str) -> None:
    story = given(supplier_claim, *past)
    story.when(claim_overdue(at=4)).refused("step_not_due")
    story.when(claim_overdue(at=due)).then(fact.SupplierClaimOverdue).saying(step=step).deadlines(Breach(step, due))
    story.when(claim_overdue(at=due)).then()


def test_a_late_step_says_so_before_the_timer_does() -> None:
    given(supplier_claim, open_claim()).when(notify(at=NOTICE_DUE)).then(
        fact.SupplierClaimOverdue, fact.SupplierNotified
    )
    given(supplier_claim, open_claim(), claim_overdue(at=NOTICE_DUE)).when(notify(at=200)).then(fact.SupplierNotified)


def test_whoever_opened_it_does_not_give_it_up() -> None:
    """⚖"""
    given(supplier_claim, open_claim()).when(abandon(by="cai.gou")).refused("opener_cannot_abandon")
    given(supplier_claim, open_claim()).when(abandon()).then(fact.SupplierClaimAbandoned).deadlines(Drop("notice"))


def test_nothing_is_settled_before_the_supplier_answered() -> None:
    given(supplier_claim, open_claim()).when(settle()).refused("supplier_claim_opened")
    given(supplier_claim, open_claim(), notify()).when(settle()).refused("supplier_claim_notified")


@pytest.mark.parametrize("end", [(notify(), answered(), settle()), (abandon(),)])
def test_what_is_over_stays_over(end: tuple[Command, ...]) -> None:
    state = given(supplier_claim, open_claim(), *end).now()
    assert all(why for why in supplier_claim.available(state, "zhao.min").values())


def test_a_step_is_not_before_the_last() -> None:
    given(supplier_claim, open_claim(at=2)).when(notify(at=1)).refused("before_last_step")


# -- the policy --------------------------------------------------------------------------------------------------------


def adopt(valid_from: date, old_part_days: int = 7, at: float = 0) -> parts_policy.AdoptPartsPolicy:
    days: dict[str, Any] = {"supplier_notice_days": 2, "supplier_answer_days": 5, "supplier_settlement_days": 20}
    return parts_policy.AdoptPartsPolicy(
        at=hours(at), by="zhao.min", valid_from=valid_from, old_part_days=old_part_days, **days
    )


def test_what_was_in_force_when_it_happened_counts() -> None:
    policy = given(parts_policy, adopt(date(2026, 10, 10)), adopt(date(2026, 11, 1), old_part_days=9)).now()
    eve, day = datetime(2026, 10, 9, 15, 59, tzinfo=UTC), datetime(2026, 10, 9, 16, 0, tzinfo=UTC)
    assert parts_policy.terms(policy, eve) == parts_policy.SHIPPED
    assert parts_policy.terms(policy, day).old_part_days == 7
    assert parts_policy.terms(policy, datetime(2026, 12, 1, tzinfo=UTC)).old_part_days == 9


def test_a_policy_does_not_reach_back() -> None:
    given(parts_policy).when(adopt(date(2026, 10, 2))).refused("policy_reaches_back")
    given(parts_policy, adopt(date(2026, 10, 3))).when(adopt(date(2026, 10, 3), at=1)).then()


def test_the_version_adopted_last_counts_where_two_are_in_force() -> None:
    policy = given(
        parts_policy, adopt(date(2026, 11, 1), old_part_days=9), adopt(date(2026, 10, 10), old_part_days=7, at=1)
    ).now()
    assert parts_policy.terms(policy, datetime(2026, 12, 1, tzinfo=UTC)).old_part_days == 7
