"""Expense claims: from the draft to the payment, or to the finding of a fraud (4.3, 5.1)."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.events.base import Moment
from shared.events.dispatch.expense_values import (
    ApprovedLine,
    Check,
    CheckResult,
    ClaimStatus,
    CostShare,
    DayUse,
    ExpenseKind,
    ExpenseLine,
    ExpenseRules,
    FraudDeed,
    FraudGravity,
)
from shared.events.dispatch.values import DispatchEvent


class ExpenseDrafted(DispatchEvent):
    """新建报销单 · A claim for the expenses of a trip is begun (5.1)."""

    claim: UUID
    number: str
    """供人使用的编号 · For people: ``BX-20261003-7F3KQ2``."""
    engineer: str
    trip: UUID
    trip_number: str
    drafted_by: str


class ExpenseLineRecorded(DispatchEvent):
    """报销明细 · An expense with its receipts; replaces the line of the same id."""

    claim: UUID
    entry: ExpenseLine
    recorded_by: str


class ExpenseLineRemoved(DispatchEvent):
    """删除报销明细 · An expense is no longer claimed."""

    claim: UUID
    line: UUID


class ExpenseSubmitted(DispatchEvent):
    """提交报销 · The claim is handed in (5.1). With everything that is claimed."""

    claim: UUID
    number: str
    engineer: str
    trip: UUID
    submission: int
    """第几次提交；退回后可再次提交 · The how manieth; a returned claim may be submitted again."""
    lines: tuple[ExpenseLine, ...]
    total: Decimal
    """元 · CNY."""
    general_manager: bool
    """按制度限额还须总经理审批 · The policy's thresholds demand the general manager's approval as well."""
    policy_version: int
    submitted_by: str


class ExpenseChecked(DispatchEvent):
    """自动核对 · Every line was checked by itself; failed checks are facts, no verdicts (4.3)."""

    claim: UUID
    submission: int
    results: tuple[CheckResult, ...]
    failed: tuple[UUID, ...]
    """有核对项未通过的明细 · Lines of which a check failed."""


class ExpenseExceptionGranted(DispatchEvent):
    """准予例外 · A line counts though a check failed ⚖, for the reason given (D17)."""

    claim: UUID
    line: UUID
    check: Check
    reason: str
    granted_by: str


class ExpenseLineRejected(DispatchEvent):
    """明细不予报销 · A line is not reimbursed, or not in full ⚖ (4.3)."""

    claim: UUID
    number: str
    engineer: str
    trip: UUID
    line: UUID
    kind: ExpenseKind
    invoice_code: str | None
    invoice_number: str | None
    claimed: Decimal
    """元 · CNY."""
    allowed: Decimal
    """元，仍予报销的金额；0.00 为不予报销 · CNY: what is reimbursed all the same; 0.00 for nothing."""
    checks: tuple[Check, ...]
    """该明细未通过的核对项 · Which checks of the line had failed."""
    reasons: str
    rejected_by: str


class ExpenseManagerApproved(DispatchEvent):
    """主管审批 · The service manager approves ⚖ (5.1)."""

    claim: UUID
    engineer: str
    total: Decimal
    """元，不含不予报销的部分 · CNY, without what is not reimbursed."""
    approved_by: str


class ExpenseGeneralManagerApproved(DispatchEvent):
    """总经理审批 · The general manager approves ⚖, as the policy's thresholds demand (5.1)."""

    claim: UUID
    engineer: str
    total: Decimal
    """元 · CNY."""
    approved_by: str


class ExpenseApproved(DispatchEvent):
    """财务审批 · Finance approves ⚖: the claim may be paid (5.1). With what it costs each work order."""

    claim: UUID
    number: str
    engineer: str
    trip: UUID
    total: Decimal
    """元 · CNY."""
    lines: tuple[ApprovedLine, ...]
    shares: tuple[CostShare, ...]
    approved_by: str


class ExpensePaid(DispatchEvent):
    """报销付款 · The approved amount was paid (5.1)."""

    claim: UUID
    number: str
    engineer: str
    total: Decimal
    """元 · CNY."""
    paid_on: date
    reference: str
    """银行流水号或凭证号 · Of the bank or the voucher."""
    paid_by: str


class ExpenseReturned(DispatchEvent):
    """退回报销单 · Something has to be put right before it can be decided."""

    claim: UUID
    engineer: str
    reasons: str
    returned_by: str


class ExpenseRevisionStarted(DispatchEvent):
    """修改报销单 · A returned claim is a draft again."""

    claim: UUID


class ExpenseRejected(DispatchEvent):
    """驳回报销单 · The whole claim is not reimbursed ⚖ (4.3)."""

    claim: UUID
    number: str
    engineer: str
    trip: UUID
    total: Decimal
    """元，申报金额 · CNY, as claimed."""
    reasons: str
    rejected_by: str


class ExpenseWithdrawn(DispatchEvent):
    """撤回报销单 · The one who claimed takes it back."""

    claim: UUID
    engineer: str
    reason: str


class ExpenseInvestigationOpened(DispatchEvent):
    """报销调查 · Receipts are doubted; until that is settled nothing is paid (4.3)."""

    claim: UUID
    number: str
    engineer: str
    lines: tuple[UUID, ...]
    reason: str
    evidence: tuple[str, ...]
    """每份证据的 SHA-256 · SHA-256 of each piece."""
    opened_by: str


class ExpenseRestored(DispatchEvent):
    """调查结束、恢复原状态 · The doubt came to nothing ⚖: the claim stands where it stood."""

    claim: UUID
    engineer: str
    status: ClaimStatus
    reasons: str
    decided_by: str


class ExpenseFraudFound(DispatchEvent):
    """认定报销舞弊 · A fraud is found ⚖, its gravity by the policy's table (4.3, D16).

    With everything that penalties needs.
    """

    claim: UUID
    number: str
    engineer: str
    trip: UUID
    lines: tuple[UUID, ...]
    invoices: tuple[str, ...]
    """发票代码与号码 · Codes and numbers."""
    amount: Decimal
    """元，这些明细的申报金额 · CNY, as claimed on these lines."""
    deed: FraudDeed
    repeated: bool
    """此人此前曾被认定舞弊 · A fraud of this engineer was found before."""
    organised: bool
    criminal: bool
    gravity: FraudGravity
    evidence: tuple[str, ...]
    """每份证据的 SHA-256 · SHA-256 of each piece."""
    reasons: str
    happened_at: Moment
    """提交之时；适用当日的制度 · When it was submitted; the policy of that day holds."""
    policy_version: int
    paid: bool
    """此前已付款 · The claim had been paid before."""
    found_by: str
    opened_by: str | None = None
    """发起调查的人，不得决定处罚（D6） · Who opened the investigation; they decide on no penalty (D6)."""


class InvoiceClaimed(DispatchEvent):
    """发票占用 · An invoice is used by a line of a claim; nobody else in the company can use it."""

    invoice: UUID
    code: str | None
    number: str
    claim: UUID
    claim_number: str
    line: UUID
    engineer: str


class InvoiceReleased(DispatchEvent):
    """发票释放 · The claim that used the invoice came to nothing; it may be used again."""

    invoice: UUID
    claim: UUID
    line: UUID


class EngineerFraudRecorded(DispatchEvent):
    """舞弊记录 · An engineer's fraud is remembered, so that the next one counts as repeated (D16)."""

    engineer: str
    claim: UUID


class ExpenseDaysUsed(DispatchEvent):
    """占用每日限额 · All that a claim uses of an engineer's days' caps, on whatever trip; replaces what it used."""

    engineer: str
    claim: UUID
    uses: tuple[DayUse, ...]
    """空：不再占用 · Empty: it uses nothing any more."""


class ExpensePolicyAdopted(DispatchEvent):
    """采用报销制度 · A version of the expense policy holds from a day on; earlier days keep theirs (4.3, 5.1)."""

    policy: UUID
    version: int
    valid_from: date
    """上海日期 · Asia/Shanghai."""
    rules: ExpenseRules
    reason: str
    adopted_by: str
