"""Expense claims, rule by rule (4.3, 5.1)."""

from datetime import date
from decimal import Decimal

import pytest

from services.dispatch.domain import claim, fraud_record, invoice
from services.dispatch.domain.claim_commands import DraftClaim, RemoveLine
from services.dispatch.domain.claim_costs import cost_of
from services.dispatch.domain.fraud_record import RecordEngineerFraud
from services.dispatch.domain.invoice import ClaimInvoice, ReleaseInvoice
from shared.events import dispatch as fact
from shared.events.dispatch import Check, ExpenseKind, FraudGravity
from shared.events.dispatch import ClaimStatus as S
from tests.unit.dispatch.expense_examples import (
    CLAIM,
    ORDER,
    OTHER_ORDER,
    PAPER,
    T0,
    after,
    an_id,
    approve,
    approve_finance,
    approve_general,
    checked,
    checks,
    draft,
    find_fraud,
    grant,
    hours,
    investigate,
    line,
    pay,
    reject,
    reject_line,
    restore,
    revise,
    send_back,
    submit,
    withdraw,
)
from tests.unit.tickets.story import Story, given

WRITTEN = (draft(), line())
FAR = line("far", city="宁波", spent_on=date(2026, 10, 9))
"""Ningbo isn't on the itinerary."""


def of(state: claim.Claim) -> Story:
    """A story that goes on from ``state``."""
    story = Story(claim)
    story.state = state
    return story


def approved(*lines: claim.wish.ClaimCommand) -> claim.Claim:
    """Checked and approved by the manager and by finance."""
    return after(checked(*lines), approve(), approve_finance())


# --- writing ----------------------------------------------------------------------------------------------------------


def test_it_is_begun_for_a_trip_and_told_again_it_is_the_same() -> None:
    story = given(claim).when(draft()).then(fact.ExpenseDrafted).saying(number="BX-20261012-" + _tail(), engineer="E04")
    story.when(draft()).then()
    story.when(draft(trip=an_id("other"))).refused("claim_exists")


def _tail() -> str:
    event = claim.decide(draft(), claim.NEW)[0]
    assert isinstance(event, fact.ExpenseDrafted)
    return event.number.rpartition("-")[2]


def test_a_line_is_written_replaced_and_removed() -> None:
    story = given(claim, draft()).when(line()).then(fact.ExpenseLineRecorded)
    story.when(line()).then()
    story.when(line(amount="250.00")).then(fact.ExpenseLineRecorded)
    assert story.now().total == Decimal("250.00")
    story.when(RemoveLine(at=hours(1), by="E04", line=an_id("hotel"))).then(fact.ExpenseLineRemoved)
    story.when(RemoveLine(at=hours(1), by="E04", line=an_id("hotel"))).then()
    story.when(submit()).refused("claim_empty")


def test_nothing_is_claimed_before_it_was_spent_or_before_the_claim_began() -> None:
    given(claim, draft()).when(line(spent_on=date(2026, 10, 13))).refused("expense_in_future")
    given(claim, draft()).when(line(at=hours(-1))).refused("before_claim")
    given(claim).when(line()).refused("claim_unknown")


def test_handed_in_it_cant_be_written_any_more() -> None:
    story = given(claim, *WRITTEN).when(submit()).then(fact.ExpenseSubmitted)
    story.saying(submission=1, total=Decimal("300.00"), general_manager=False, policy_version=0)
    story.when(submit()).then()
    story.when(line("taxi", "20.00")).refused("claim_submitted")


def test_the_checks_are_kept_with_their_reasons() -> None:
    story = given(claim, *WRITTEN, FAR, submit())
    story.when(checks(story.now())).then(fact.ExpenseChecked).saying(failed=(an_id("far"),))
    story.when(checks(story.now())).then()
    assert story.now().status is S.CHECKED
    (failure,) = story.now().open_failures(an_id("far"))
    assert (failure.check, failure.found) == (Check.CITY, "宁波")


# --- four eyes --------------------------------------------------------------------------------------------------------


def test_manager_then_finance_then_paid() -> None:
    story = of(checked()).when(approve()).then(fact.ExpenseManagerApproved)
    story.when(approve()).then()
    story.when(approve_finance()).then(fact.ExpenseApproved).saying(total=Decimal("300.00"), engineer="E04")
    story.when(approve_finance()).then()
    story.when(pay()).then(fact.ExpensePaid).saying(total=Decimal("300.00"), paid_by="cashier")
    story.when(pay()).then()
    story.when(pay(reference="another")).refused("claim_paid")


@pytest.mark.parametrize("who", [{"by": "E04"}, {"by": "wang", "decider_engineer": "E04"}])
def test_nobody_decides_on_their_own_claim(who: dict[str, str]) -> None:
    for wish in (approve(**who), reject_line(**who), grant(Check.CITY, **who), send_back(**who), reject(**who)):
        of(checked()).when(wish).refused("decider_is_claimant")
    of(after(checked(), approve())).when(approve_finance(**who)).refused("decider_is_claimant")
    of(approved()).when(pay(**who)).refused("decider_is_claimant")
    of(checked()).when(investigate(**who)).refused("decider_is_claimant")
    of(after(checked(), investigate())).when(restore(**who)).refused("decider_is_claimant")
    of(after(checked(), investigate())).when(find_fraud(**who)).refused("decider_is_claimant")


def test_whoever_wrote_it_for_the_engineer_doesnt_approve_it() -> None:
    of(checked(line(by="clerk"))).when(approve("clerk")).refused("decider_is_claimant")


def test_each_step_needs_another_person() -> None:
    of(after(checked(), approve("boss"))).when(approve_finance("boss")).refused("approved_before_by_same")
    large = checked(line(amount="6000.00", kind=ExpenseKind.LONG_DISTANCE))
    of(after(large, approve("boss"))).when(approve_general("boss")).refused("approved_before_by_same")


def test_from_the_threshold_on_the_general_manager_comes_before_finance() -> None:
    large = after(checked(line(amount="5000.00", kind=ExpenseKind.LONG_DISTANCE)), approve())
    story = of(large).when(approve_finance()).refused("general_manager_first")
    story.when(approve_general()).then(fact.ExpenseGeneralManagerApproved)
    story.when(approve_general()).then()
    story.when(approve_finance()).then(fact.ExpenseApproved)
    of(after(checked(), approve())).when(approve_general()).refused("general_manager_not_needed")


# --- lines that don't match -------------------------------------------------------------------------------------------


def test_a_line_that_failed_holds_up_the_approval_until_somebody_settles_it() -> None:
    state = checked(line(), FAR)
    of(state).when(approve()).refused("line_failed_checks")
    excepted = of(state).when(grant(Check.CITY, "far")).then(fact.ExpenseExceptionGranted)
    excepted.when(grant(Check.CITY, "far")).then()
    excepted.when(approve()).then(fact.ExpenseManagerApproved).saying(total=Decimal("600.00"))
    rejected = of(state).when(reject_line("far")).then(fact.ExpenseLineRejected)
    rejected.saying(claimed=Decimal("300.00"), allowed=Decimal("0.00"), checks=(Check.CITY,))
    rejected.when(reject_line("far")).then()
    rejected.when(approve()).then(fact.ExpenseManagerApproved).saying(total=Decimal("300.00"))


def test_exceptions_are_only_from_checks_that_failed_and_can_be_excused() -> None:
    story = of(checked(line(receipts=())))
    story.when(grant(Check.RECEIPT)).refused("check_not_excusable")
    story.when(grant(Check.CITY)).refused("check_not_failed")


def test_a_line_over_its_cap_counts_when_it_is_brought_down_to_it() -> None:
    state = checked(line(amount="500.00"))  # Hangzhou: 400.00
    of(after(state, reject_line(allowed="400.01"))).when(approve()).refused("line_failed_checks")
    story = of(after(state, reject_line(allowed="400.00"))).when(approve()).then(fact.ExpenseManagerApproved)
    story.saying(total=Decimal("400.00"))
    of(after(state, reject_line(allowed="400.00"))).when(reject_line(allowed="450.00")).refused("allowed_too_high")
    of(state).when(reject_line("no such")).refused("line_unknown")


def test_when_nothing_is_left_the_claim_is_rejected_with_reasons() -> None:
    state = after(checked(), reject_line())
    of(state).when(approve()).refused("nothing_left")
    story = of(state).when(reject()).then(fact.ExpenseRejected).saying(reasons="与出差无关", total=Decimal("300.00"))
    story.when(reject()).then()
    story.when(revise()).refused("claim_rejected")


# --- back and forth ---------------------------------------------------------------------------------------------------


def test_returned_it_is_a_draft_again_and_what_was_decided_no_longer_counts() -> None:
    state = after(checked(line(), FAR), grant(Check.CITY, "far"), approve())
    story = of(state).when(send_back()).then(fact.ExpenseReturned).saying(reasons="请补票")
    story.when(send_back()).then()
    story.when(line("far", city="杭州", at=hours(4))).refused("claim_returned")
    story.when(revise()).then(fact.ExpenseRevisionStarted)
    story.when(revise()).then()
    story.when(submit(5)).then(fact.ExpenseSubmitted).saying(submission=2)
    story.when(checks(story.now())).then(fact.ExpenseChecked)
    story.when(approve("boss")).refused("line_failed_checks")


def test_it_is_withdrawn_until_finance_has_approved_it() -> None:
    of(after(checked(), approve())).when(withdraw()).then(fact.ExpenseWithdrawn)
    of(after(checked(), withdraw())).when(withdraw()).then()
    of(approved()).when(withdraw()).refused("claim_finance_approved")
    of(after(checked(), withdraw())).when(submit()).refused("claim_withdrawn")


def test_it_isnt_paid_before_it_was_approved_or_in_the_future() -> None:
    of(approved()).when(pay(paid_on=date(2026, 10, 13))).refused("paid_in_future")
    of(approved()).when(pay(paid_on=date(2026, 10, 11))).refused("paid_before_approval")
    of(checked()).when(pay()).refused("claim_checked")


# --- doubts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [checked(), after(checked(), approve()), approved(), after(approved(), pay())])
def test_a_doubt_that_comes_to_nothing_restores_it_where_it_stood(before: claim.Claim) -> None:
    story = of(before).when(investigate()).then(fact.ExpenseInvestigationOpened).saying(lines=(an_id("hotel"),))
    story.when(investigate()).then()
    story.when(pay()).refused("claim_under_investigation")
    story.when(restore()).then(fact.ExpenseRestored).saying(status=before.status)
    story.when(restore()).then()
    assert story.now().status is before.status


def test_a_claim_that_was_restored_is_paid_after_all() -> None:
    of(after(approved(), investigate(), restore())).when(pay()).then(fact.ExpensePaid)


def test_whoever_opened_the_investigation_doesnt_come_to_the_finding() -> None:
    state = after(checked(), investigate(by="finance"))
    of(state).when(find_fraud(by="finance")).refused("decider_investigates")
    of(state).when(restore(by="finance")).refused("decider_investigates")


def test_a_fraud_is_found_with_its_gravity_by_the_table() -> None:
    state = after(checked(), investigate())
    story = of(state).when(find_fraud()).then(fact.ExpenseFraudFound)
    story.saying(
        gravity=FraudGravity.DEMERIT, amount=Decimal("300.00"), engineer="E04", happened_at=hours(2), paid=False
    )
    story.when(find_fraud()).then()
    story.when(approve()).refused("claim_fraud_found")
    of(state).when(find_fraud(deed="forged")).then(fact.ExpenseFraudFound).saying(gravity=FraudGravity.MAJOR_DEMERIT)
    of(state).when(find_fraud(repeated=True)).then(fact.ExpenseFraudFound).saying(gravity=FraudGravity.MAJOR_DEMERIT)
    of(state).when(find_fraud(lines=(an_id("no such"),))).refused("line_unknown")
    paid = after(approved(), pay(), investigate())
    of(paid).when(find_fraud()).then(fact.ExpenseFraudFound).saying(paid=True)


def test_every_paper_that_was_ever_shown_stays_known() -> None:
    exchanged, evidence = "cd" * 32, "ef" * 32
    state = after(checked(), send_back(), revise(), line(receipts=(exchanged,), at=hours(4)))
    assert state.receipts == {PAPER, exchanged}
    doubted = after(checked(), investigate(evidence=(evidence,)), find_fraud(evidence=("09" * 32,)))
    assert doubted.evidence == {evidence, "09" * 32}


def test_no_fraud_is_found_without_evidence() -> None:
    state = after(checked(line(receipts=())), investigate())
    of(state).when(find_fraud()).refused("evidence_missing")
    of(state).when(find_fraud(evidence=("cd" * 32,))).then(fact.ExpenseFraudFound)


def test_one_fraud_counts_once() -> None:
    record = RecordEngineerFraud(at=T0, by="finance", engineer="E04", claim=CLAIM)
    given(fraud_record).when(record).then(fact.EngineerFraudRecorded)
    given(fraud_record, record).when(record).then()


# --- invoices, costs, what is open ------------------------------------------------------------------------------------


def test_an_invoice_belongs_to_one_line_until_it_is_released() -> None:
    def use(claim_name: str) -> ClaimInvoice:
        said = {"invoice": an_id("invoice"), "code": None, "number": "2633", "line": an_id("hotel"), "engineer": "E04"}
        return ClaimInvoice(at=T0, by="E04", claim=an_id(claim_name), claim_number=f"BX-{claim_name}", **said)

    def release(claim_name: str) -> ReleaseInvoice:
        return ReleaseInvoice(at=T0, by="E04", claim=an_id(claim_name), line=an_id("hotel"))

    story = given(invoice).when(use("a")).then(fact.InvoiceClaimed)
    story.when(use("a")).then()
    story.when(use("b")).refused("invoice_used")
    story.when(release("b")).then()
    story.when(release("a")).then(fact.InvoiceReleased)
    story.when(release("a")).then()
    story.when(use("b")).then(fact.InvoiceClaimed)


def test_what_isnt_of_one_work_order_costs_all_visits_alike_to_the_fen() -> None:
    state = checked(line(amount="100.00", work_order=ORDER), line("taxi", "0.05", kind=ExpenseKind.FUEL_TOLL))
    assert cost_of(state, (ORDER, OTHER_ORDER)) == {ORDER: Decimal("100.03"), OTHER_ORDER: Decimal("0.02")}
    assert cost_of(state, ()) == {ORDER: Decimal("100.00")}
    assert cost_of(after(state, reject_line()), (OTHER_ORDER,)) == {OTHER_ORDER: Decimal("0.05")}


def test_what_is_open_now_is_said_for_every_action_and_person() -> None:
    def open_to(state: claim.Claim, *names: str) -> set[str]:
        return {action for action, why in claim.available(state, set(names)).items() if why is None}

    assert open_to(given(claim, *WRITTEN).now(), "E04") == {"record_line", "remove_line", "submit", "withdraw"}
    assert open_to(checked(), "E04") == {"recheck", "withdraw"}
    assert open_to(checked(), "boss") >= {"approve", "return", "reject", "reject_line", "investigate"}
    assert open_to(after(checked(), approve("boss")), "boss").isdisjoint({"approve_finance", "approve_general"})
    assert "pay" in open_to(approved(), "cashier")
    assert isinstance(draft(), DraftClaim)
