"""Quotes for work out of warranty, rule by rule."""

from decimal import Decimal

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from pydantic import ValidationError

from services.tickets.domain import quote
from shared.decider import Arm, Breach, Drop, Meet
from shared.events import tickets as fact
from shared.events.tickets import CoverageVerdict, LineKind, MessageProof
from tests.unit.tickets.examples import CALL, MAIL, PARTS, TRAVEL, hours, issue
from tests.unit.tickets.story import given

END = hours(30 * 24)


def accept(revision: int = 1, at: float = 5) -> quote.AcceptQuote:
    return quote.AcceptQuote(at=hours(at), by="reception", revision=revision, proof=CALL)


def decline(revision: int = 1, at: float = 5) -> quote.DeclineQuote:
    return quote.DeclineQuote(at=hours(at), by="reception", revision=revision, reason="太贵")


def expire(at: float = 30 * 24) -> quote.ExpireQuote:
    return quote.ExpireQuote(at=hours(at), by="timer:quote_validity")


def line(quantity: str, unit_price: str) -> quote.Line:
    return quote.Line(
        kind=LineKind.LABOUR, description="工", quantity=Decimal(quantity), unit_price=Decimal(unit_price)
    )


def test_it_is_valid_for_30_days_and_its_total_is_exact() -> None:
    story = (
        given(quote).when(issue()).then(fact.QuoteIssued).saying(total=Decimal("117.50"), revision=1, valid_until=END)
    )
    story.deadlines(Arm("quote_validity", END))
    assert [line.amount for line in story.now().offer.lines] == [Decimal("37.50"), Decimal("80.00")]


@pytest.mark.parametrize(
    ("quantity", "unit_price", "amount"),
    [("1.5", "3.33", "5.00"), ("0.5", "0.01", "0.01"), ("0.001", "4.99", "0.00"), ("3", "0.1", "0.30")],
)
def test_an_amount_is_rounded_half_up_to_the_fen(quantity: str, unit_price: str, amount: str) -> None:
    assert str(quote.price(line(quantity, unit_price)).amount) == amount


quantities = st.decimals("0.001", "999999", places=3, allow_nan=False)
prices = st.decimals("0", "999999", places=2, allow_nan=False)


@examples(st.lists(st.tuples(quantities, prices), min_size=1, max_size=20))
def test_the_total_is_the_sum_of_what_the_lines_show(numbers: list[tuple[Decimal, Decimal]]) -> None:
    lines = tuple(line(str(quantity), str(unit_price)) for quantity, unit_price in numbers)
    offer = given(quote).when(issue(lines=lines, no_travel="远程")).now().offer
    assert offer.total == sum(shown.amount for shown in offer.lines)
    assert all(abs(shown.amount - shown.quantity * shown.unit_price) <= Decimal("0.005") for shown in offer.lines)
    assert type(offer).model_validate_json(offer.model_dump_json()) == offer


@pytest.mark.parametrize(("quantity", "unit_price"), [("0", "1"), ("-1", "1"), ("1", "-0.01"), ("1", "0.001")])
def test_no_line_without_quantity_or_with_parts_of_a_fen(quantity: str, unit_price: str) -> None:
    with pytest.raises(ValidationError):
        line(quantity, unit_price)


@pytest.mark.parametrize("coverage", [CoverageVerdict.IN_WARRANTY, CoverageVerdict.UNKNOWN, None])
def test_only_work_out_of_warranty_is_quoted(coverage: CoverageVerdict | None) -> None:
    given(quote).when(issue(coverage=coverage)).refused("quote_not_chargeable")
    assert quote.available(quote.NEW, coverage)["issue_quote"] is not None


def test_travel_is_included_or_it_is_said_why_not() -> None:
    given(quote).when(issue(lines=(PARTS,))).refused("travel_missing")
    given(quote).when(issue(lines=(PARTS,), no_travel="邮寄")).then(fact.QuoteIssued)
    given(quote).when(issue(lines=())).refused("quote_empty")


def test_an_offer_is_valid_for_some_time() -> None:
    given(quote).when(issue(valid_until=hours(0))).refused("validity_over")


def test_a_new_offer_replaces_the_one_before() -> None:
    story = given(quote, issue()).when(issue()).then()
    story.when(issue(at=2, lines=(TRAVEL,))).then(fact.QuoteIssued).saying(revision=2)
    story.when(accept(revision=1)).refused("quote_superseded")
    story.when(accept(revision=2)).then(fact.QuoteAccepted).saying(total=Decimal("80.00"))


def test_accepted_with_proof_and_once() -> None:
    story = given(quote, issue()).when(accept()).then(fact.QuoteAccepted).deadlines(Meet("quote_validity", hours(5)))
    story.when(accept(at=6)).then()
    story.when(decline()).refused("quote_accepted")
    story.when(issue(at=7, lines=(TRAVEL,))).refused("quote_accepted")
    story.when(expire()).then()
    robot: MessageProof = MAIL.model_copy(update={"automatic": True})
    given(quote, issue()).when(accept().model_copy(update={"proof": robot})).refused("message_automatic")


def test_declined_and_offered_anew() -> None:
    story = given(quote, issue()).when(decline()).then(fact.QuoteDeclined).deadlines(Drop("quote_validity"))
    story.when(decline()).then().when(accept()).refused("quote_declined")
    story.when(issue(at=6)).then(fact.QuoteIssued).saying(revision=2)


def test_it_expires_at_the_end_of_its_validity() -> None:
    story = given(quote, issue()).when(expire(at=719)).refused("quote_still_valid")
    story.when(expire(at=800)).then(fact.QuoteExpired).deadlines(Breach("quote_validity", END))
    story.when(expire(at=801)).then().when(decline(at=801)).refused("quote_expired")
    story.when(accept(at=801)).refused("quote_expired")
    story.when(issue(at=802)).then(fact.QuoteIssued).saying(revision=2)


def test_an_acceptance_in_time_that_is_recorded_late_counts() -> None:
    given(quote, issue(), expire()).when(accept(at=720)).then(fact.QuoteAccepted)
    given(quote, issue()).when(accept(at=720.1)).refused("quote_expired")


def test_nothing_is_answered_before_it_was_offered() -> None:
    given(quote).when(accept()).refused("quote_missing")
    given(quote, issue(at=6)).when(decline(at=5)).refused("before_quote")
