"""Trips, lines and wishes that are granted as they stand, for stories of expense claims to begin with."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5
from zlib import crc32

from services.dispatch.domain import claim, claim_commands, expense_policy, trip
from services.dispatch.domain.claim_checks import check_lines
from services.dispatch.domain.claim_state import Claim
from services.dispatch.domain.expense_policy import DEFAULT
from shared.events.dispatch import Check, CheckResult, ExpenseKind, InvoiceFacts, Stop

T0 = datetime(2026, 10, 12, 1, 0, tzinfo=UTC)
"""Monday 12 October 2026, 09:00 in Shanghai: when the claim is written."""
TODAY = date(2026, 10, 12)


def an_id(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


CLAIM, TRIP, ORDER, OTHER_ORDER = (an_id(name) for name in ("claim", "trip", "order", "other order"))
PAPER = "ab" * 32
STOPS = (
    Stop(
        city="杭州",
        from_day=date(2026, 10, 8),
        until_day=date(2026, 10, 9),
        visit=an_id("visit"),
        work_order=ORDER,
    ),
    Stop(city="绍兴", from_day=date(2026, 10, 9), until_day=date(2026, 10, 10), work_order=OTHER_ORDER),
)


def hours(after: float) -> datetime:
    return T0 + timedelta(hours=after)


def plan(**facts: Any) -> trip.PlanTrip:
    """Thursday to Saturday, from Shanghai to Hangzhou and Shaoxing."""
    said = {
        "trip": TRIP,
        "engineer": "E04",
        "home": "上海",
        "starts": date(2026, 10, 8),
        "ends": date(2026, 10, 10),
        "stops": STOPS,
        "transit": ("嘉兴",),
        "allowance_per_day": Decimal("10.00"),
    }
    return trip.PlanTrip(at=T0 - timedelta(days=5), by="dispatcher", **said | facts)


def a_trip(**facts: Any) -> trip.Trip:
    (event,) = trip.decide(plan(**facts), trip.NEW)
    return trip.evolve(trip.NEW, event)


def invoice(serial: int = 1, total: str = "300.00", **facts: Any) -> claim_commands.TypedInvoice:
    """A fully digital one of Zhejiang."""
    said = {"number": f"2633{serial:016}", "issued": date(2026, 10, 9), "total": Decimal(total)}
    return claim_commands.TypedInvoice(**said | facts)


def line(name: str = "hotel", amount: str = "300.00", **facts: Any) -> claim_commands.RecordLine:
    """A night in a hotel in Hangzhou, unless said otherwise."""
    said = {
        "line": an_id(name),
        "kind": ExpenseKind.LODGING,
        "spent_on": date(2026, 10, 8),
        "city": "杭州市",
        "amount": Decimal(amount),
        "invoice": invoice(crc32(name.encode()) + 1, amount),
        "receipts": (PAPER,),
    }
    return claim_commands.RecordLine(at=facts.pop("at", hours(1)), by=facts.pop("by", "E04"), **said | facts)


def draft(**facts: Any) -> claim_commands.DraftClaim:
    said = {"claim": CLAIM, "trip": TRIP, "engineer": "E04", "trip_number": "CC-20261007-000000"}
    return claim_commands.DraftClaim(at=T0, by="E04", **said | facts)


def submit(after: float = 2, **facts: Any) -> claim_commands.SubmitClaim:
    said = {"rules": DEFAULT, "policy_version": 0, "by": "E04"}
    return claim_commands.SubmitClaim(at=hours(after), **said | facts)


def checks(
    state: Claim, of: trip.Trip | None = None, used_in: dict[UUID, str] | None = None
) -> claim_commands.RecordChecks:
    """What the automatic checks come to."""
    found = check_lines(
        tuple(state.lines.values()), CLAIM, of or a_trip(), expense_policy.NEW, used_in or {}, TODAY, {}
    )
    return claim_commands.RecordChecks(at=hours(2), by="E04", results=found.results)


def checked(*wishes: claim_commands.ClaimCommand) -> Claim:
    """A claim of these lines, submitted and checked."""
    state = claim.NEW
    for wish in (draft(), *(wishes or (line(),)), submit()):
        for event in claim.decide(wish, state):
            state = claim.evolve(state, event)
    for event in claim.decide(checks(state), state):
        state = claim.evolve(state, event)
    return state


def after(state: Claim, *wishes: claim_commands.ClaimCommand) -> Claim:
    """The claim when these wishes were granted as well."""
    for wish in wishes:
        for event in claim.decide(wish, state):
            state = claim.evolve(state, event)
    return state


def approve(by: str = "manager", **facts: Any) -> claim_commands.ApproveByManager:
    return claim_commands.ApproveByManager(at=hours(3), by=by, **facts)


def approve_general(by: str = "gm", **facts: Any) -> claim_commands.ApproveByGeneralManager:
    return claim_commands.ApproveByGeneralManager(at=hours(4), by=by, **facts)


def approve_finance(by: str = "finance", **facts: Any) -> claim_commands.ApproveByFinance:
    return claim_commands.ApproveByFinance(at=hours(5), by=by, **{"shares": ()} | facts)


def pay(**facts: Any) -> claim_commands.PayClaim:
    said = {"paid_on": TODAY, "reference": "YH-20261012-0031", "by": "cashier"}
    return claim_commands.PayClaim(at=hours(6), **said | facts)


def reject_line(name: str = "hotel", allowed: str = "0.00", **facts: Any) -> claim_commands.RejectLine:
    said = {"line": an_id(name), "allowed": Decimal(allowed), "reasons": "与行程不符", "by": "manager"}
    return claim_commands.RejectLine(at=hours(3), **said | facts)


def grant(check: Check, name: str = "hotel", **facts: Any) -> claim_commands.GrantException:
    said = {"line": an_id(name), "check": check, "reason": "台风改道", "excusable": DEFAULT.excusable, "by": "manager"}
    return claim_commands.GrantException(at=hours(3), **said | facts)


def send_back(**facts: Any) -> claim_commands.ReturnClaim:
    return claim_commands.ReturnClaim(at=hours(3), **{"by": "manager", "reasons": "请补票"} | facts)


def reject(**facts: Any) -> claim_commands.RejectClaim:
    return claim_commands.RejectClaim(at=hours(3), **{"by": "manager", "reasons": "与出差无关"} | facts)


def withdraw(**facts: Any) -> claim_commands.WithdrawClaim:
    return claim_commands.WithdrawClaim(at=hours(3), **{"by": "E04", "reason": "填错了"} | facts)


def revise(**facts: Any) -> claim_commands.ReviseClaim:
    return claim_commands.ReviseClaim(at=hours(4), **{"by": "E04"} | facts)


def investigate(**facts: Any) -> claim_commands.OpenInvestigation:
    return claim_commands.OpenInvestigation(at=hours(4), **{"by": "auditor", "reason": "票面有涂改"} | facts)


def restore(**facts: Any) -> claim_commands.RestoreClaim:
    return claim_commands.RestoreClaim(at=hours(5), **{"by": "finance", "reasons": "酒店已证实"} | facts)


def find_fraud(**facts: Any) -> claim_commands.FindFraud:
    said = {"deed": "reused", "reasons": "同一张发票两次使用", "repeated": False, "rules": DEFAULT, "by": "finance"}
    return claim_commands.FindFraud(at=hours(5), **said | facts)


def result(results: tuple[CheckResult, ...], check: Check, name: str = "hotel") -> CheckResult:
    return next(each for each in results if each.check is check and each.line == an_id(name))


def read(serial: int = 1, total: str = "300.00", **facts: Any) -> InvoiceFacts:
    """What a digital invoice says of itself."""
    return invoice(serial, total, **facts).facts()
