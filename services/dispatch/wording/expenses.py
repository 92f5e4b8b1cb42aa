"""Expense claims, invoices and the expense policy in plain sentences."""

from decimal import Decimal
from typing import assert_never

from services.dispatch.domain.claim_state import ClaimEvent
from services.dispatch.domain.invoice import InvoiceEvent
from services.dispatch.domain.names.expenses import CHECK, CLAIM_STATUS, EXPENSE_KIND, FRAUD_DEED, FRAUD_GRAVITY
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import Check, CheckResult
from shared.money import yuan


def expense_in_words(event: Event) -> Words | None:
    """None for another subject's event."""
    if isinstance(event, ClaimEvent):
        return _claim(event)
    if isinstance(event, InvoiceEvent):
        return _invoice(event)
    match event:
        case fact.EngineerFraudRecorded():
            return Words(f"{event.engineer} 的舞弊记录。", f"A fraud of {event.engineer} is on record.")
        case fact.ExpenseDaysUsed():
            used = yuan(sum((use.amount for use in event.uses), Decimal(0)))
            return Words(
                f"{event.engineer} 的报销占用每日限额 {used}。",
                f"A claim of {event.engineer} uses {used} of the days' caps.",
            )
        case fact.ExpensePolicyAdopted():
            return Words(
                f"报销制度第 {event.version} 版自 {event.valid_from} 起执行：{event.reason}",
                f"Expense policy, version {event.version}, holds from {event.valid_from}: {event.reason}",
            )
        case _:
            return None


_Written = (
    fact.ExpenseDrafted
    | fact.ExpenseLineRecorded
    | fact.ExpenseLineRemoved
    | fact.ExpenseSubmitted
    | fact.ExpenseChecked
    | fact.ExpenseReturned
    | fact.ExpenseRevisionStarted
    | fact.ExpenseWithdrawn
)


def _claim(event: ClaimEvent) -> Words:
    return _written(event) if isinstance(event, _Written) else _decided(event)


def _written(event: _Written) -> Words:
    match event:
        case fact.ExpenseDrafted():
            return Words(
                f"新建报销单 {event.number}，出差 {event.trip_number}。",
                f"Claim {event.number} begun for trip {event.trip_number}.",
            )
        case fact.ExpenseLineRecorded():
            kind, line = EXPENSE_KIND[event.entry.kind], event.entry
            return Words(
                f"填写{kind.zh} {yuan(line.amount)}（{line.spent_on}，{line.city}）。",
                f"Line written: {kind.en}, {yuan(line.amount)} ({line.spent_on}, {line.city}).",
            )
        case fact.ExpenseLineRemoved():
            return Words("删除一条明细。", "A line was removed.")
        case fact.ExpenseSubmitted():
            again = Words("提交", "Submitted") if event.submission == 1 else Words("再次提交", "Submitted again")
            return Words(f"{again.zh}，共 {yuan(event.total)}。", f"{again.en}: {yuan(event.total)}.")
        case fact.ExpenseChecked():
            if not event.failed:
                return Words("自动核对：全部通过。", "Checked: every line passed.")
            count = len(event.failed)
            return Words(f"自动核对：{count} 条不符。", f"Checked: {count} line(s) didn't pass.")
        case fact.ExpenseReturned():
            return Words(f"退回：{event.reasons}", f"Returned: {event.reasons}")
        case fact.ExpenseRevisionStarted():
            return Words("开始修改。", "It is being revised.")
        case fact.ExpenseWithdrawn():
            return Words(f"撤回：{event.reason}", f"Withdrawn: {event.reason}")
        case _:
            assert_never(event)


_Decided = (
    fact.ExpenseExceptionGranted
    | fact.ExpenseLineRejected
    | fact.ExpenseManagerApproved
    | fact.ExpenseGeneralManagerApproved
    | fact.ExpenseApproved
    | fact.ExpensePaid
    | fact.ExpenseRejected
    | fact.ExpenseInvestigationOpened
    | fact.ExpenseRestored
    | fact.ExpenseFraudFound
)


def _decided(event: _Decided) -> Words:
    match event:
        case fact.ExpenseExceptionGranted():
            check = CHECK[event.check]
            return Words(f"准予例外（{check.zh}）：{event.reason}", f"Exception granted ({check.en}): {event.reason}")
        case fact.ExpenseLineRejected():
            return _line_rejected(event)
        case fact.ExpenseManagerApproved():
            return Words(f"主管批准 {yuan(event.total)}。", f"The manager approved {yuan(event.total)}.")
        case fact.ExpenseGeneralManagerApproved():
            return Words(f"总经理批准 {yuan(event.total)}。", f"The general manager approved {yuan(event.total)}.")
        case fact.ExpenseApproved():
            return Words(f"财务批准 {yuan(event.total)}（5.1）。", f"Finance approved {yuan(event.total)} (5.1).")
        case fact.ExpensePaid():
            how = f"{event.paid_on}，{event.reference}"
            return Words(f"付款 {yuan(event.total)}（{how}）。", f"{yuan(event.total)} paid ({how}).")
        case fact.ExpenseRejected():
            return Words(f"驳回（4.3）：{event.reasons}", f"Rejected (4.3): {event.reasons}")
        case fact.ExpenseInvestigationOpened():
            return Words(f"开始调查：{event.reason}", f"Under investigation: {event.reason}")
        case fact.ExpenseRestored():
            status = CLAIM_STATUS[event.status]
            return Words(
                f"调查结束，恢复为「{status.zh}」：{event.reasons}",
                f"The doubt came to nothing; it is {status.en} again: {event.reasons}",
            )
        case fact.ExpenseFraudFound():
            deed, gravity = FRAUD_DEED[event.deed], FRAUD_GRAVITY[event.gravity]
            return Words(
                f"认定舞弊：{deed.zh} {yuan(event.amount)}，{gravity.zh}（4.3）。{event.reasons}",
                f"Fraud found: {deed.en}, {yuan(event.amount)}, {gravity.en} (4.3). {event.reasons}",
            )
        case _:
            assert_never(event)


def _line_rejected(event: fact.ExpenseLineRejected) -> Words:
    kind = EXPENSE_KIND[event.kind]
    if event.allowed:
        return Words(
            f"{kind.zh} {yuan(event.claimed)} 只报销 {yuan(event.allowed)}（4.3）：{event.reasons}",
            f"Of {kind.en}, {yuan(event.claimed)}, only {yuan(event.allowed)} count (4.3): {event.reasons}",
        )
    return Words(
        f"{kind.zh} {yuan(event.claimed)} 不予报销（4.3）：{event.reasons}",
        f"{kind.en.capitalize()}, {yuan(event.claimed)}, isn't reimbursed (4.3): {event.reasons}",
    )


def _invoice(event: InvoiceEvent) -> Words:
    match event:
        case fact.InvoiceClaimed():
            return Words(
                f"发票 {event.number} 用于 {event.claim_number}。",
                f"Invoice {event.number} is used in {event.claim_number}.",
            )
        case fact.InvoiceReleased():
            return Words("发票释放，可再次使用。", "The invoice is free again.")
        case _:
            assert_never(event)


# --- why a check failed -----------------------------------------------------------------------------------------------

_EXPECTED = {
    "valid_number": Words("有效的发票号码", "a valid invoice number"),
    "valid_code": Words("有效的发票代码（数电票没有）", "a valid code (a fully digital invoice has none)"),
    "valid_check_code": Words("20 位校验码，或其末 6 位", "a check code of 20 digits, or its last six"),
    "no_check_code": Words("数电票没有校验码", "none: a fully digital invoice has no check code"),
    "valid_region": Words("有效的地区代码", "a valid region"),
    "valid_tax_id": Words("有效的统一社会信用代码", "a valid tax id"),
}


def why(result: CheckResult) -> Words:
    """What was expected and what was found, in one sentence."""
    check = CHECK[result.check]
    if result.check is Check.UNIQUE:
        if result.found == "same_claim":
            return Words("该发票在本单中出现两次。", "The invoice stands in this claim twice.")
        return Words(f"该发票已在 {result.found} 中使用。", f"The invoice is used in {result.found} already.")
    expected = _EXPECTED.get(result.expected or "") or Words(result.expected or "-", result.expected or "-")
    found = Words(result.found or "无", result.found or "none")
    return Words(
        f"{check.zh}：应为 {expected.zh}，实为 {found.zh}。",
        f"{check.en.capitalize()}: expected {expected.en}, found {found.en}.",
    )
