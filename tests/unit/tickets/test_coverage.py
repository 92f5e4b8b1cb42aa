"""In or out of warranty, as the dates say (2.1, 2.2, D20, D21)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.tickets.domain.coverage import Goods, check, months_after, propose
from shared.events.tickets import CoverageReason as R
from shared.events.tickets import CoverageVerdict as V

TODAY = date(2026, 10, 3)
BAIT = Goods(
    consumable=True, shelf_life_months=24, lot="DS1", manufactured=date(2025, 1, 10), delivered=date(2025, 3, 1)
)
LAMP = Goods(consumable=False, warranty_months=12, delivered=date(2025, 10, 3))


@pytest.mark.parametrize(
    ("goods", "verdict", "reasons", "until"),
    [
        (LAMP, V.IN_WARRANTY, (R.WITHIN_WARRANTY,), date(2026, 10, 3)),
        (replace(LAMP, delivered=date(2025, 10, 2)), V.OUT_OF_WARRANTY, (R.WARRANTY_OVER,), date(2026, 10, 2)),
        (replace(LAMP, delivered=None), V.UNKNOWN, (R.DELIVERY_UNKNOWN,), None),
        (replace(LAMP, delivered=None, warranty_months=None), V.UNKNOWN, (R.DELIVERY_UNKNOWN, R.TERMS_UNKNOWN), None),
        (BAIT, V.IN_WARRANTY, (R.WITHIN_SHELF_LIFE,), date(2027, 1, 10)),
        (replace(BAIT, shelf_life_months=20), V.OUT_OF_WARRANTY, (R.SHELF_LIFE_OVER,), date(2026, 9, 10)),
        (replace(BAIT, warranty_months=18), V.OUT_OF_WARRANTY, (R.WARRANTY_OVER,), date(2026, 9, 1)),
        (
            replace(BAIT, warranty_months=20),
            V.IN_WARRANTY,
            (R.WITHIN_SHELF_LIFE, R.WITHIN_WARRANTY),
            date(2026, 11, 1),
        ),
        (replace(BAIT, shelf_life_months=1), V.IN_WARRANTY, (R.DELIVERED_EXPIRED,), None),
        (replace(BAIT, lot=None, manufactured=None), V.UNKNOWN, (R.LOT_UNKNOWN, R.MANUFACTURE_UNKNOWN), None),
        (replace(BAIT, shelf_life_months=None), V.UNKNOWN, (R.TERMS_UNKNOWN,), None),
        (replace(BAIT, delivered=date(2024, 12, 1)), V.UNKNOWN, (R.DATES_CONTRADICT,), None),
        (replace(LAMP, delivered=date(2026, 10, 4)), V.UNKNOWN, (R.DATES_CONTRADICT,), None),
        (None, V.UNKNOWN, (R.PRODUCT_UNKNOWN,), None),
    ],
)
def test_what_the_dates_say(goods: Goods | None, verdict: V, reasons: tuple[R, ...], until: date | None) -> None:
    proposal = propose(goods, TODAY)
    assert (proposal.verdict, proposal.reasons, proposal.until) == (verdict, reasons, until)
    assert proposal.proposed is verdict
    check(proposal)


@pytest.mark.parametrize(
    ("until", "verdict"),
    [(None, V.IN_WARRANTY), (TODAY, V.IN_WARRANTY), (TODAY - timedelta(days=1), V.OUT_OF_WARRANTY)],
)
def test_a_contract_covers_until_its_last_day(until: date | None, verdict: V) -> None:
    old = replace(LAMP, delivered=date(2020, 1, 1), contract="HT-7", contract_until=until)
    proposal = propose(old, TODAY)
    assert proposal.verdict is verdict
    assert (proposal.contract == "HT-7") is (verdict is V.IN_WARRANTY)


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day: date, months: int, after: date) -> None:
    assert months_after(day, months) == after


days = st.dates(date(2015, 1, 1), date(2035, 12, 31))
goods = st.builds(
    Goods,
    consumable=st.booleans(),
    warranty_months=st.none() | st.integers(0, 60),
    shelf_life_months=st.none() | st.integers(0, 60),
    lot=st.none() | st.just("L"),
    manufactured=st.none() | days,
    delivered=st.none() | days,
    contract=st.none() | st.just("HT"),
    contract_until=st.none() | days,
)


@examples(goods, days)
def test_every_verdict_has_a_reason_and_can_be_recorded(what: Goods, on: date) -> None:
    proposal = propose(what, on)
    check(proposal)
    assert proposal.reasons
    if proposal.until:
        assert (proposal.verdict is V.IN_WARRANTY) == (on <= proposal.until)


@examples(goods, days, st.integers(1, 2000))
def test_what_is_out_of_warranty_stays_out(what: Goods, on: date, later: int) -> None:
    if propose(what, on).verdict is V.OUT_OF_WARRANTY:
        assert propose(what, on + timedelta(days=later)).verdict is V.OUT_OF_WARRANTY
