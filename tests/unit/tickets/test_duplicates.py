"""Which tickets may be one request told twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from services.tickets.domain.duplicates import WINDOW, Likeness, looks_like_duplicate
from tests.unit.tickets.examples import CUSTOMER, OTHER, PRODUCT, T0, TICKET, an_id

FIRST = Likeness(TICKET, T0, phone="digest", customer=CUSTOMER, product=PRODUCT)
AGAIN = replace(FIRST, ticket=OTHER, received_at=T0 + WINDOW)


@pytest.mark.parametrize(
    ("other", "duplicate"),
    [
        (AGAIN, True),
        (replace(AGAIN, received_at=T0 + WINDOW + timedelta(seconds=1)), False),
        (replace(AGAIN, ticket=TICKET), False),
        (replace(AGAIN, phone="another", person=None), True),
        (replace(AGAIN, phone=None, product=an_id("bait")), False),
        (replace(AGAIN, phone=None, customer=an_id("someone")), False),
        (replace(AGAIN, customer=None, product=None), True),
        (replace(AGAIN, product=an_id("bait")), False),
        (replace(AGAIN, phone=None, customer=None, product=None), False),
    ],
)
def test_the_same_caller_or_the_same_customer_and_product_within_the_window(other: Likeness, duplicate: bool) -> None:
    assert looks_like_duplicate(FIRST, other) is duplicate


some = st.builds(
    Likeness,
    ticket=st.sampled_from([TICKET, OTHER, CUSTOMER]),
    received_at=st.integers(0, 100).map(lambda h: T0 + timedelta(hours=h)),
    phone=st.sampled_from([None, "a", "b"]),
    person=st.sampled_from([None, TICKET]),
    customer=st.sampled_from([None, TICKET, OTHER]),
    product=st.sampled_from([None, TICKET, OTHER]),
    product_name=st.sampled_from([None, "粘鼠板"]),
)


@examples(some, some)
def test_it_is_mutual(one: Likeness, other: Likeness) -> None:
    assert looks_like_duplicate(one, other) == looks_like_duplicate(other, one)
