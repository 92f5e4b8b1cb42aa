"""The words that the events of trips and expense claims are made of."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ExpenseKind(StrEnum):
    """What money was spent on."""

    LONG_DISTANCE = "long_distance"
    LOCAL_TRANSPORT = "local_transport"
    FUEL_TOLL = "fuel_toll"
    LODGING = "lodging"
    MEALS = "meals"
    POSTAGE = "postage"
    OTHER = "other"


class ClaimStatus(StrEnum):
    """Follows from the events. GENERAL_MANAGER_APPROVED only where the policy's thresholds demand that step."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    CHECKED = "CHECKED"
    MANAGER_APPROVED = "MANAGER_APPROVED"
    GENERAL_MANAGER_APPROVED = "GENERAL_MANAGER_APPROVED"
    FINANCE_APPROVED = "FINANCE_APPROVED"
    PAID = "PAID"
    RETURNED = "RETURNED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    UNDER_INVESTIGATION = "UNDER_INVESTIGATION"
    FRAUD_FOUND = "FRAUD_FOUND"


class TripStatus(StrEnum):
    PLANNED = "PLANNED"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class Check(StrEnum):
    """What is checked of each line by itself (4.3, D17)."""

    RECEIPT = "receipt"
    """A receipt is attached."""
    INVOICE = "invoice"
    """The invoice's number, date and sums are such as an invoice can have."""
    UNIQUE = "unique"
    """The invoice was never used before in the company."""
    MATCH = "match"
    """What was typed is what the digital invoice says."""
    BUYER = "buyer"
    """The invoice is made out to the company."""
    DATE = "date"
    """Within the trip, and the days around it that the policy allows."""
    CITY = "city"
    """On the itinerary, in transit, or at home."""
    AMOUNT = "amount"
    """Not more than the receipt says."""
    CAP = "cap"
    """Not more than the policy's cap for the day and the city's tier."""


class CheckOutcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


class FraudDeed(StrEnum):
    """What was done with a receipt (4.3)."""

    FORGED = "forged"
    BOUGHT = "bought"
    REUSED = "reused"


class FraudGravity(StrEnum):
    """How grave a fraud is, by the policy's table (D16)."""

    DEMERIT = "demerit"
    MAJOR_DEMERIT = "major_demerit"
    DISMISSAL = "dismissal_proposed"
    LEGAL_REFERRAL = "legal_referral_proposed"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InvoiceFacts(_Value):
    """What a Chinese invoice says of itself. Who bought as a person, or travelled, is not kept."""

    code: str | None
    """发票代码 · 10 or 12 digits; a fully digital invoice (数电票) has none."""
    number: str
    """发票号码 · 20 digits on a fully digital invoice, otherwise 8."""
    check_code: str | None
    """校验码 · The check code, where there is one."""
    issued: date | None
    net: Decimal | None
    """元，不含税 · CNY, without tax."""
    tax: Decimal | None
    """元 · CNY."""
    total: Decimal
    """价税合计，元 · CNY, with tax."""
    seller: str | None
    """销售方 · The organisation that sold."""
    seller_tax_id: str | None
    buyer_tax_id: str | None


class ExpenseLine(_Value):
    """One expense with its receipts."""

    line: UUID
    kind: ExpenseKind
    spent_on: date
    """第一天，上海日期 · The first day, Asia/Shanghai."""
    days: int = Field(ge=1)
    """天数或住宿夜数 · Days or nights that it was for."""
    city: str
    amount: Decimal
    """元，申报金额 · CNY, as claimed."""
    invoice: InvoiceFacts | None
    read: InvoiceFacts | None
    """所附电子发票的内容，以程序能读出的为限 ·
    What the attached digital invoice says, as far as a program can read it."""
    receipts: tuple[str, ...]
    """每个附件的 SHA-256 · SHA-256 of each attached file."""
    work_order: UUID | None
    """为哪张派工单支出；空：由该次出差的各派工单分摊 · For which it was spent; None: for all of the trip's."""
    explanation: str | None


class CheckResult(_Value):
    """What one check of one line came to, and why."""

    line: UUID
    check: Check
    outcome: CheckOutcome
    expected: str | None
    found: str | None
    limit: Decimal | None
    """元，仅因金额超限未通过时可通过的金额 · CNY: the amount that would pass, where only the amount is too high."""


class DayUse(_Value):
    """So much of a day's cap is used."""

    kind: ExpenseKind
    day: date
    amount: Decimal
    """元 · CNY."""


class ApprovedLine(_Value):
    line: UUID
    kind: ExpenseKind
    amount: Decimal
    """元，批准金额 · CNY, as approved."""


class CostShare(_Value):
    """What a claim costs a work order."""

    work_order: UUID
    amount: Decimal
    """元 · CNY."""
    booked: bool
    """否：派工单费用此前已冻结，金额计入批准当月 ·
    False: the work order's costs were frozen before; the amount counts in the month of the approval."""


class Stop(_Value):
    """A place of a trip's itinerary."""

    city: str
    from_day: date
    until_day: date
    visit: UUID | None = None
    work_order: UUID | None = None


class DayCap(_Value):
    """The most that is reimbursed of a kind, for a day or night in cities of a tier."""

    kind: ExpenseKind
    tier: str
    per_day: Decimal
    """元 · CNY."""


class CityTier(_Value):
    tier: str
    cities: tuple[str, ...]


class Threshold(_Value):
    """From this much on the general manager approves as well."""

    kind: ExpenseKind | None
    """空：按报销单总额 · None: the claim's total."""
    amount: Decimal
    """元 · CNY."""


class GravityRule(_Value):
    """A row of the table of gravity (D16): it holds where everything it names is so."""

    gravity: FraudGravity
    deed: FraudDeed | None
    from_amount: Decimal | None
    """元 · CNY."""
    repeated: bool
    organised: bool
    criminal: bool


class ExpenseRules(_Value):
    """What a version of the expense policy says (4.3, 5.1)."""

    days_around: int = Field(ge=0)
    """出差前后多少天内仍算该次出差（D17） · D17: so many days before and after the trip still belong to it."""
    issued_within_days: int = Field(ge=0)
    """发票开具日期可早于或晚于出差的天数 · So many days before and after the trip an invoice may be issued."""
    tiers: tuple[CityTier, ...]
    other_tier: str
    """未列入任何档次的城市 · Of the cities that no tier names."""
    caps: tuple[DayCap, ...]
    """未设上限的类别与档次不限额 · A kind and tier without a cap is not limited."""
    general_manager: tuple[Threshold, ...]
    without_receipt: tuple[ExpenseKind, ...]
    """无票据也可报销的类别 · Kinds that are reimbursed without a receipt."""
    excusable: tuple[Check, ...]
    """经人工说明理由可以例外的核对项 · Checks from which a person may except a line, with a reason."""
    company_tax_ids: tuple[str, ...]
    """发票抬头的统一社会信用代码；空则不核对 · The tax id to which invoices are made out; empty: not checked."""
    phone_allowance_per_day: Decimal
    """元，出差日的电话费补贴 · CNY, phone allowance on trip days."""
    gravity: tuple[GravityRule, ...]
    """以第一条符合的为准 · The first row that holds counts."""
