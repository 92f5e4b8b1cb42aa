"""What people can want of an expense claim. The rules are in ``claim``."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.dispatch.domain.invoice_facts import is_citizen_id
from shared.decider import Command
from shared.events.dispatch import (
    Check,
    CheckResult,
    CostShare,
    ExpenseKind,
    ExpenseRules,
    FraudDeed,
    InvoiceFacts,
)
from shared.money import Money, NonNegativeMoney
from shared.text import Name, Sha256, Text
from shared.validation import wrong


def _nobodys(tax_id: str) -> str:
    if is_citizen_id(tax_id):
        raise wrong("这是个人身份证号，请勿填写。", "That is a person's identity number: leave it out.")
    return tax_id


TaxId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, min_length=15, max_length=20),
    AfterValidator(_nobodys),
]
"""统一社会信用代码, or an older 纳税人识别号; not the number of a person's identity card, which no event may hold."""
Digits = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\d{1,30}$")]
PositiveMoney = Annotated[Money, Field(gt=0)]


class TypedInvoice(BaseModel):
    """What stands on the invoice, as somebody typed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Digits | None = Field(None, description="发票代码，数电票没有 · none on a fully digital invoice")
    number: Digits = Field(description="发票号码，数电票 20 位 · 20 digits on a fully digital invoice, otherwise 8")
    check_code: Digits | None = Field(None, description="校验码 · check code")
    issued: date | None = Field(None, description="开票日期 · day of issue")
    net: NonNegativeMoney | None = Field(None, description="不含税金额 · without tax")
    tax: NonNegativeMoney | None = Field(None, description="税额 · tax")
    total: PositiveMoney = Field(description="价税合计 · total with tax, CNY")
    seller: Name | None = Field(None, description="销售方名称 · the seller")
    seller_tax_id: TaxId | None = None
    buyer_tax_id: TaxId | None = None

    def facts(self) -> InvoiceFacts:
        return InvoiceFacts(**dict(self))


class DraftClaim(Command):
    claim: UUID
    trip: UUID
    engineer: str
    """Whose trip it is."""
    trip_number: str


class RecordLine(Command):
    """A new line, or another content of the line of that id."""

    line: UUID
    kind: ExpenseKind
    spent_on: date = Field(description="发生日期，多日的为首日 · the first day")
    days: int = Field(1, ge=1, le=366, description="天数或晚数 · days or nights")
    city: Name
    amount: PositiveMoney = Field(description="申报金额 · CNY, as claimed")
    invoice: TypedInvoice | None = Field(None, description="不填则取自所附数电票 · default: as the attached file says")
    receipts: tuple[Sha256, ...] = Field((), max_length=20, description="所附文件 · files, as uploaded before")
    work_order: UUID | None = None
    explanation: Text | None = Field(None, description="例外说明 · why a check should be excused")
    read: InvoiceFacts | None = None
    """What the attached digital invoice says."""


class RemoveLine(Command):
    line: UUID


class SubmitClaim(Command):
    rules: ExpenseRules
    policy_version: int


class RecordChecks(Command):
    """What the automatic checks of the submitted lines came to."""

    results: tuple[CheckResult, ...]


class WithdrawClaim(Command):
    reason: Text


class ReviseClaim(Command):
    """A returned claim is taken up again."""


class Decision(Command):
    """Of a person ⚖."""

    decider_engineer: Name | None = None
    """The decider's own number, where the decider is an engineer as well: nobody judges themselves (⚖)."""


class GrantException(Decision):
    line: UUID
    check: Check
    reason: Text
    excusable: tuple[Check, ...]
    """By the policy in force."""


class RejectLine(Decision):
    line: UUID
    allowed: NonNegativeMoney = Field(
        Decimal("0.00"), description="仍可报销的金额 · CNY that are reimbursed all the same"
    )
    reasons: Text


class ApproveByManager(Decision):
    pass


class ApproveByGeneralManager(Decision):
    pass


class ApproveByFinance(Decision):
    shares: tuple[CostShare, ...]
    """What it costs each work order."""


class ReturnClaim(Decision):
    reasons: Text


class RejectClaim(Decision):
    reasons: Text


class PayClaim(Decision):
    paid_on: date
    reference: Name = Field(description="付款凭证号 · of the bank or the voucher")


class OpenInvestigation(Decision):
    lines: tuple[UUID, ...] = Field((), description="存疑的明细；不填为全部 · lines in doubt; none: all")
    reason: Text
    evidence: tuple[Sha256, ...] = ()


class RestoreClaim(Decision):
    reasons: Text


class FindFraud(Decision):
    """D16: the gravity follows from the table; nobody chooses it."""

    lines: tuple[UUID, ...] = Field((), description="不填为调查所涉明细 · none: those under investigation")
    deed: FraudDeed
    organised: bool = False
    criminal: bool = False
    evidence: tuple[Sha256, ...] = ()
    reasons: Text
    repeated: bool
    """A fraud of this engineer was found before, in another claim."""
    rules: ExpenseRules
    """In force when it was submitted."""


ClaimCommand = (
    DraftClaim
    | RecordLine
    | RemoveLine
    | SubmitClaim
    | RecordChecks
    | WithdrawClaim
    | ReviseClaim
    | GrantException
    | RejectLine
    | ApproveByManager
    | ApproveByGeneralManager
    | ApproveByFinance
    | ReturnClaim
    | RejectClaim
    | PayClaim
    | OpenInvestigation
    | RestoreClaim
    | FindFraud
)
