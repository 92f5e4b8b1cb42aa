"""Every event of trips and expenses is told in both languages, and every failed check says why."""

from typing import get_args

import pytest

from services.dispatch.domain.claim_state import ALLOWED, ClaimEvent
from services.dispatch.domain.invoice import InvoiceEvent
from services.dispatch.domain.names.expenses import (
    CHECK,
    CLAIM_ACTION,
    CLAIM_HINT,
    CLAIM_STATUS,
    EXPENSE_KIND,
    FRAUD_DEED,
    FRAUD_GRAVITY,
)
from services.dispatch.domain.names.trips import TRIP_ACTION, TRIP_HINT, TRIP_STATUS
from services.dispatch.domain.trip import ALLOWED as TRIP_ALLOWED
from services.dispatch.domain.trip import TripEvent
from services.dispatch.wording import in_words
from services.dispatch.wording.expenses import why
from shared.catalogue.samples import sample
from shared.events.base import Event
from shared.events.dispatch import (
    Check,
    CheckOutcome,
    CheckResult,
    ClaimStatus,
    EngineerFraudRecorded,
    ExpenseDaysUsed,
    ExpenseKind,
    ExpensePolicyAdopted,
    FraudDeed,
    FraudGravity,
    TripStatus,
)
from tests.unit.dispatch.expense_examples import an_id

EVENTS: list[type[Event]] = [
    *get_args(ClaimEvent),
    *get_args(InvoiceEvent),
    *get_args(TripEvent),
    EngineerFraudRecorded,
    ExpenseDaysUsed,
    ExpensePolicyAdopted,
]


@pytest.mark.parametrize("kind", EVENTS, ids=[kind.__name__ for kind in EVENTS])
def test_every_event_is_told(kind: type[Event]) -> None:
    words = in_words(sample(kind))
    assert any("\u4e00" <= character <= "\u9fff" for character in words.zh)
    assert not any("\u4e00" <= character <= "\u9fff" for character in words.en.partition(":")[0])


def test_everything_has_a_name() -> None:
    assert set(CLAIM_STATUS) == set(CLAIM_HINT) == set(ClaimStatus)
    assert set(TRIP_STATUS) == set(TRIP_HINT) == set(TripStatus)
    assert set(CLAIM_ACTION) >= set(ALLOWED)
    assert set(TRIP_ACTION) >= set(TRIP_ALLOWED)
    assert set(CHECK) == set(Check)
    assert set(EXPENSE_KIND) == set(ExpenseKind)
    assert set(FRAUD_DEED) == set(FraudDeed)
    assert set(FRAUD_GRAVITY) == set(FraudGravity)


@pytest.mark.parametrize(
    ("check", "expected", "found", "zh"),
    [
        (Check.UNIQUE, None, "BX-20261001-ABCDEF", "该发票已在 BX-20261001-ABCDEF 中使用。"),
        (Check.UNIQUE, None, "same_claim", "该发票在本单中出现两次。"),
        (Check.CITY, "杭州、上海", "宁波", "城市在行程内：应为 杭州、上海，实为 宁波。"),
        (Check.INVOICE, "valid_number", None, "发票要素有效：应为 有效的发票号码，实为 无。"),
    ],
)
def test_a_failed_check_says_why(check: Check, expected: str | None, found: str | None, zh: str) -> None:
    result = CheckResult(
        line=an_id("hotel"), check=check, outcome=CheckOutcome.FAILED, expected=expected, found=found, limit=None
    )
    assert why(result).zh == zh
