"""Quality problems of parts that were bought, settled with their suppliers (3.7, D28)."""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent


class SupplierClaimStatus(StrEnum):
    OPENED = "OPENED"
    NOTIFIED = "NOTIFIED"
    ACCEPTED = "ACCEPTED"
    DISPUTED = "DISPUTED"
    SETTLED = "SETTLED"
    ABANDONED = "ABANDONED"


class SupplierStep(StrEnum):
    """What of a claim has to be done by a deadline."""

    NOTICE = "notice"
    ANSWER = "answer"
    SETTLEMENT = "settlement"


class SupplierAnswer(StrEnum):
    ACCEPTED = "accepted"
    DISPUTED = "disputed"


class SettlementKind(StrEnum):
    REPLACED = "replaced"
    REPAIRED = "repaired"
    CREDITED = "credited"
    PAID = "paid"


class SupplierClaimOpened(DispatchEvent):
    """提出外协索赔 · A part that was bought has a fault; purchasing settles it with the supplier (3.7)."""

    claim: UUID
    number: str
    supplier: str
    part: UUID
    part_code: str
    part_name: str
    quantity: Decimal
    lots: tuple[str, ...]
    defect: str
    amount: Decimal
    """元，索赔金额 · CNY that are claimed."""
    request: UUID | None
    work_order: UUID | None
    responsible: str
    """由谁解决，未说明时为采购（D28） · Who settles it: ``purchasing`` unless said otherwise (D28)."""
    opened_by: str
    notice_due: Moment


class SupplierNotified(DispatchEvent):
    """通知供方 · The supplier was told, and that is proved."""

    claim: UUID
    reference: str
    """函件或消息编号 · The number of the letter or message."""
    answer_due: Moment


class SupplierAnswered(DispatchEvent):
    """供方答复 · The supplier accepts the claim, or disputes it."""

    claim: UUID
    answer: SupplierAnswer
    words: str
    settlement_due: Moment | None
    """首次答复时确定的解决期限 · Said with the first answer."""


class SupplierClaimSettled(DispatchEvent):
    """索赔了结 · Replaced, repaired, credited or paid."""

    claim: UUID
    kind: SettlementKind
    amount: Decimal
    """元，供方承担的金额 · CNY that the supplier bears."""
    reference: str
    settled_by: str


class SupplierClaimAbandoned(DispatchEvent):
    """放弃索赔 · Given up by another person than the one who opened it (⚖)."""

    claim: UUID
    reason: str
    abandoned_by: str
    step: SupplierStep | None
    """尚在等待的步骤；已逾期则为空 · What was still waited for; None where that was overdue."""


class SupplierClaimOverdue(DispatchEvent):
    """索赔逾期 · A step wasn't done in time. ``at`` is the due time. No verdict."""

    claim: UUID
    step: SupplierStep
    due: Moment
