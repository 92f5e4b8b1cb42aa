"""The stock's ledger, rule by rule."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from services.dispatch.domain import stock
from services.dispatch.domain.quantity import plain
from shared.events import dispatch as fact
from shared.events.dispatch import StockCause
from tests.unit.dispatch.part_examples import count, issue, set_apart, set_free, take_in
from tests.unit.tickets.examples import an_id
from tests.unit.tickets.story import given

REQUEST = an_id("request")


def test_the_ledger_says_what_is_there_after_each_movement() -> None:
    story = given(stock, take_in("10")).when(take_in("2.5")).then(fact.StockReceived).saying(on_hand=Decimal("12.5"))
    story.when(issue("12.5", to="warehouse:JN")).then(fact.StockIssued).saying(on_hand=Decimal(0))


def test_it_is_never_negative() -> None:
    given(stock, take_in("10")).when(issue("10.001", to="warehouse:JN")).refused("stock_short")


def test_what_is_set_apart_is_nobody_elses() -> None:
    story = given(stock, take_in("10"), set_apart("7"))
    story.when(set_apart("4", request="another")).refused("stock_short")
    story.when(issue("4", to="warehouse:JN")).refused("stock_short")
    story.when(issue("3", to="warehouse:JN")).then(fact.StockIssued).saying(reserved=False)


def test_more_can_be_set_apart_for_the_same_request_and_all_be_free_again() -> None:
    story = given(stock, take_in("10"), set_apart("3"))
    story.when(set_apart("4")).then(fact.StockReserved)
    assert story.now().set_apart == Decimal(7)
    story.when(set_free()).then(fact.StockReservationEnded).saying(quantity=Decimal(7))
    story.when(set_free()).then()
    assert story.now().available == Decimal(10)


def test_what_was_set_apart_beyond_the_need_is_free_and_the_rest_stays() -> None:
    story = given(stock, take_in("30"), set_apart("30"))
    story.when(set_apart("1", request="another")).refused("stock_short")
    story.when(set_free(keeping="20")).then(fact.StockReservationEnded).saying(quantity=Decimal(10))
    story.when(set_free(keeping="20")).then().when(set_free(keeping="25")).then()
    assert (story.now().available, story.now().reserved) == (Decimal(10), {REQUEST: Decimal(20)})


def test_a_shipment_takes_what_was_set_apart_for_it() -> None:
    story = given(stock, take_in("10"), set_apart("7"))
    story.when(issue("8", cause=StockCause.SHIPPED, request=REQUEST)).refused("beyond_reservation")
    story.when(issue("7", cause=StockCause.SHIPPED, request=REQUEST)).then(fact.StockIssued).saying(reserved=True)
    assert story.now().available == Decimal(3)
    assert not story.now().reserved


@pytest.mark.parametrize("to", [None, "van:E04"])
def test_nothing_leaves_the_warehouse_but_by_a_request(to: str | None) -> None:
    """0.2"""
    given(stock, take_in("10")).when(issue("1", to=to)).refused("unreleased")
    given(stock, take_in("10")).when(issue("1", to=to, cause=StockCause.SHIPPED)).refused("unreleased")
    given(stock, take_in("10")).when(issue("1", to=to, cause=StockCause.CONSUMED)).refused("unreleased")


def test_what_was_found_bad_goes_to_nobody() -> None:
    """0.2"""
    story = given(stock, take_in("10", location="quarantine"))
    story.when(issue("1", location="quarantine", to="warehouse")).refused("quarantined")
    story.when(set_apart("1", location="quarantine")).refused("quarantined")
    story.when(issue("1", location="quarantine", cause=StockCause.SHIPPED, request=REQUEST)).refused("quarantined")
    story.when(issue("1", location="quarantine", cause=StockCause.SENT_BACK)).then(fact.StockIssued)
    story.when(issue("9", location="quarantine", cause=StockCause.SCRAPPED)).then(fact.StockIssued)


def test_what_lies_in_a_van_has_been_released_and_may_be_used_or_brought_back() -> None:
    story = given(stock, take_in("10", location="van:E04", cause=StockCause.DELIVERED))
    story.when(issue("1", location="van:E04", cause=StockCause.CONSUMED)).then(fact.StockIssued)
    story.when(issue("1", location="van:E04", to="warehouse")).then(fact.StockIssued)
    story.when(issue("1", location="van:E04", to="van:E05")).then(fact.StockIssued)


def test_a_count_says_by_how_much_the_ledger_was_wrong() -> None:
    story = given(stock, take_in("10"))
    story.when(count("10")).then()
    story.when(count("8")).then(fact.StockCounted).saying(difference=Decimal(-2))
    assert story.now().on_hand == Decimal(8)


def test_a_count_breaks_no_promise_in_silence() -> None:
    given(stock, take_in("10"), set_apart("7")).when(count("6")).refused("counted_below_reserved")


def test_it_says_of_each_place_what_can_be_done_there() -> None:
    full = given(stock, take_in("10")).now()
    assert {name for name, why in stock.available("warehouse", full).items() if why is None} == {
        "receive",
        "move",
        "count",
    }
    assert {name for name, why in stock.available("van:E04", full).items() if why is None} == {"move", "use", "count"}
    assert {name for name, why in stock.available("quarantine", full).items() if why is None} == {
        "scrap",
        "send_back",
        "count",
    }
    assert stock.available("van:E04", stock.NEW)["use"] is not None


@pytest.mark.parametrize("quantity", ["0", "-1", "1.0001", "NaN", "Infinity"])
def test_a_quantity_is_something(quantity: str) -> None:
    with pytest.raises(ValidationError):
        take_in(quantity)


@pytest.mark.parametrize("location", ["", "Warehouse", "van:", "van", "quarantine:x", "warehouse:", "van:a b"])
def test_a_place_is_a_warehouse_a_van_or_the_quarantine(location: str) -> None:
    with pytest.raises(ValidationError):
        take_in("1", location=location)


@pytest.mark.parametrize(("told", "kept"), [("20.000", "20"), ("1E+2", "100"), ("1.50", "1.5"), ("0.000", "0")])
def test_equal_quantities_are_written_alike(told: str, kept: str) -> None:
    assert str(plain(Decimal(told))) == kept
