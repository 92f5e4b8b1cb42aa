"""A quote for work out of warranty (2.2): issued, then accepted, declined or expired.

One stream per (re)opening of a ticket; a new offer is a new revision of it, and replaces the one before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Annotated, assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.tickets.domain.proof import check_proof
from shared.decider import Arm, Breach, Command, DeadlineChange, Drop, Meet, Refused, Words
from shared.events.base import Moment
from shared.events.tickets import (
    CoverageVerdict,
    LineKind,
    Proof,
    QuoteAccepted,
    QuoteDeclined,
    QuoteExpired,
    QuoteIssued,
    QuoteLine,
    QuoteStatus,
)
from shared.facts import repeats, tell
from shared.refusal import why_not
from shared.text import Text

STREAM = "quote"

VALIDITY = "quote_validity"
"""The deadline until which an offer stands."""
VALID_FOR = timedelta(days=30)
"""Where the offer doesn't say otherwise."""
FEN = Decimal("0.01")

Quantity = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3)]
Price = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]
"""CNY."""

# --- commands ---------------------------------------------------------------------------------------------------------


class Line(BaseModel):
    """What is offered; its amount follows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: LineKind
    description: Text
    quantity: Quantity
    unit_price: Price


class IssueQuote(Command):
    quote: UUID
    ticket: UUID
    coverage: CoverageVerdict | None
    """Of the ticket, as decided; None: not yet."""
    lines: tuple[Line, ...]
    no_travel: Text | None = None
    """Why there is no travel line."""
    valid_until: Moment | None = None
    """None: 30 days from now."""


class AcceptQuote(Command):
    revision: int
    """The one that the customer saw."""
    proof: Proof


class DeclineQuote(Command):
    revision: int
    reason: Text


class ExpireQuote(Command):
    """The timer says that the validity is over."""


QuoteCommand = IssueQuote | AcceptQuote | DeclineQuote | ExpireQuote
QuoteEvent = QuoteIssued | QuoteAccepted | QuoteDeclined | QuoteExpired

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Quote:
    status: QuoteStatus | None = None
    """None: nothing was offered."""
    offer: QuoteIssued | None = None
    answer: QuoteAccepted | QuoteDeclined | None = None


NEW = Quote()


def evolve(quote: Quote, event: QuoteEvent) -> Quote:
    match event:
        case QuoteIssued():
            return Quote(QuoteStatus.ISSUED, offer=event)
        case QuoteAccepted():
            return replace(quote, status=QuoteStatus.ACCEPTED, answer=event)
        case QuoteDeclined():
            return replace(quote, status=QuoteStatus.DECLINED, answer=event)
        case QuoteExpired():
            return replace(quote, status=QuoteStatus.EXPIRED)
        case _:
            assert_never(event)


def deadlines(event: QuoteEvent) -> Sequence[DeadlineChange]:
    match event:
        case QuoteIssued():
            return [Arm(VALIDITY, event.valid_until)]
        case QuoteAccepted():
            return [Meet(VALIDITY, event.at)]
        case QuoteDeclined():
            return [Drop(VALIDITY)]
        case QuoteExpired():
            return [Breach(VALIDITY, event.at)]
        case _:
            assert_never(event)


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: QuoteCommand, quote: Quote) -> Sequence[QuoteEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case IssueQuote():
            return _issue(command, quote)
        case AcceptQuote():
            return _accept(command, quote)
        case DeclineQuote():
            return _decline(command, quote)
        case ExpireQuote():
            return _expire(command, quote)
        case _:
            assert_never(command)


def available(quote: Quote, coverage: CoverageVerdict | None) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not."""
    guards: Mapping[str, Callable[[], None]] = {
        "issue_quote": partial(_can_issue, quote, coverage),
        "accept_quote": partial(_can_accept, quote),
        "decline_quote": partial(_can_answer, quote),
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def price(line: Line) -> QuoteLine:
    """The line with its amount, rounded half up to the fen."""
    return QuoteLine(**dict(line), amount=(line.quantity * line.unit_price).quantize(FEN, ROUND_HALF_UP))


def _issue(command: IssueQuote, quote: Quote) -> Sequence[QuoteEvent]:
    """2.2: travel is included, or it is said why there is none."""
    lines = tuple(price(line) for line in command.lines)
    if quote.status is QuoteStatus.ISSUED and quote.offer and _same_offer(command, lines, quote.offer):
        return []
    _can_issue(quote, command.coverage)
    if not lines:
        raise Refused("quote_empty", "报价单没有明细。", "The quote has no lines.")
    if not (any(line.kind is LineKind.TRAVEL for line in lines) or command.no_travel):
        raise Refused(
            "travel_missing",
            "报价须含差旅费（2.2），或说明为何没有。",
            "The quote includes travel (2.2), or says why there is none.",
        )
    until = command.valid_until or command.at + VALID_FOR
    if until <= command.at:
        raise Refused("validity_over", "有效期须在报价之后。", "The offer must be valid for some time.")
    revision = quote.offer.revision + 1 if quote.offer else 1
    total = sum((line.amount for line in lines), Decimal("0.00"))
    return [tell(QuoteIssued, command, lines=lines, total=total, revision=revision, valid_until=until)]


def _same_offer(command: IssueQuote, lines: tuple[QuoteLine, ...], offer: QuoteIssued) -> bool:
    same_validity = command.valid_until in (None, offer.valid_until)
    return lines == offer.lines and command.no_travel == offer.no_travel and same_validity


def _accept(command: AcceptQuote, quote: Quote) -> Sequence[QuoteEvent]:
    """Accepted at the very end of the validity is in time, also where the expiry was recorded first."""
    if isinstance(quote.answer, QuoteAccepted) and repeats(command, quote.answer):
        return []
    _can_accept(quote)
    offer = _seen(command, quote)
    check_proof(command.proof)
    if command.at > offer.valid_until:
        raise Refused("quote_expired", "报价已过有效期，请重新报价。", "The offer has expired: issue a new one.")
    return [tell(QuoteAccepted, command, quote=offer.quote, ticket=offer.ticket, total=offer.total)]


def _decline(command: DeclineQuote, quote: Quote) -> Sequence[QuoteEvent]:
    if isinstance(quote.answer, QuoteDeclined) and repeats(command, quote.answer):
        return []
    _can_answer(quote)
    offer = _seen(command, quote)
    return [tell(QuoteDeclined, command, quote=offer.quote, ticket=offer.ticket)]


def _expire(command: ExpireQuote, quote: Quote) -> Sequence[QuoteEvent]:
    """The offer ends at the end of its validity, not when somebody looks."""
    offer = quote.offer
    if quote.status is not QuoteStatus.ISSUED or offer is None:
        return []
    if command.at < offer.valid_until:
        raise Refused("quote_still_valid", "报价仍在有效期内。", "The offer is still valid.")
    return [QuoteExpired(at=offer.valid_until, quote=offer.quote, ticket=offer.ticket, revision=offer.revision)]


def _can_issue(quote: Quote, coverage: CoverageVerdict | None) -> None:
    """D20: 2.2 applies out of warranty."""
    if quote.status is QuoteStatus.ACCEPTED:
        raise Refused("quote_accepted", "客户已接受报价。", "The customer has accepted a quote.")
    if coverage is not CoverageVerdict.OUT_OF_WARRANTY:
        raise Refused(
            "quote_not_chargeable",
            "只有保外服务才报价（2.2）；请先判定为保外。",
            "Only work out of warranty is quoted (2.2): decide the coverage first.",
        )


def _can_accept(quote: Quote) -> None:
    if quote.status is not QuoteStatus.EXPIRED:
        _can_answer(quote)


def _can_answer(quote: Quote) -> None:
    match quote.status:
        case QuoteStatus.ISSUED:
            return
        case None:
            raise Refused("quote_missing", "还没有报价。", "No quote has been issued.")
        case QuoteStatus.ACCEPTED:
            raise Refused("quote_accepted", "客户已接受报价。", "The customer has accepted the quote.")
        case QuoteStatus.DECLINED:
            raise Refused("quote_declined", "客户已拒绝报价，请重新报价。", "The customer declined: issue a new quote.")
        case QuoteStatus.EXPIRED:
            raise Refused("quote_expired", "报价已过有效期，请重新报价。", "The quote has expired: issue a new one.")
        case _:
            assert_never(quote.status)


def _seen(command: AcceptQuote | DeclineQuote, quote: Quote) -> QuoteIssued:
    """The offer that counts, if it is the one that the customer saw."""
    assert quote.offer, "a quote with a status has an offer"
    if command.revision != quote.offer.revision:
        raise Refused(
            "quote_superseded",
            f"这是第 {command.revision} 版，当前为第 {quote.offer.revision} 版。",
            f"That is revision {command.revision}; the offer that counts is revision {quote.offer.revision}.",
        )
    if command.at < quote.offer.at:
        raise Refused("before_quote", "时间早于报价。", "That was before the quote was issued.")
    return quote.offer
