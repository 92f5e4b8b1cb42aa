"""The words that the events of tickets are made of."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.events.base import Event


class Channel(StrEnum):
    """On which way a customer reached the company, or the company the customer."""

    PHONE = "phone"
    LETTER = "letter"
    WALK_IN = "walk_in"
    EMAIL = "email"
    IM = "im"
    PORTAL = "portal"
    SURVEY = "survey"


class TicketStatus(StrEnum):
    """Follows from the events; ESCALATED is a mark beside it."""

    OPEN = "OPEN"
    TRIAGED = "TRIAGED"
    ANSWERED = "ANSWERED"
    DISPATCHED = "DISPATCHED"
    ON_HOLD = "ON_HOLD"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    ARCHIVED = "ARCHIVED"
    REOPENED = "REOPENED"
    MERGED = "MERGED"
    CANCELLED = "CANCELLED"


class ComplaintStatus(StrEnum):
    LODGED = "LODGED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    INVESTIGATING = "INVESTIGATING"
    SUBSTANTIATED = "SUBSTANTIATED"
    UNSUBSTANTIATED = "UNSUBSTANTIATED"
    INCONCLUSIVE = "INCONCLUSIVE"
    REMEDY_PLANNED = "REMEDY_PLANNED"
    REMEDIED = "REMEDIED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class CoverageVerdict(StrEnum):
    IN_WARRANTY = "in_warranty"
    OUT_OF_WARRANTY = "out_of_warranty"
    UNKNOWN = "unknown"


class CoverageReason(StrEnum):
    """Why a verdict on coverage is what it is (2.1, 2.2, D20, D21)."""

    CONTRACT = "contract"
    WITHIN_WARRANTY = "within_warranty"
    WITHIN_SHELF_LIFE = "within_shelf_life"
    DELIVERED_EXPIRED = "delivered_expired"
    WARRANTY_OVER = "warranty_over"
    SHELF_LIFE_OVER = "shelf_life_over"
    PRODUCT_UNKNOWN = "product_unknown"
    LOT_UNKNOWN = "lot_unknown"
    MANUFACTURE_UNKNOWN = "manufacture_unknown"
    DELIVERY_UNKNOWN = "delivery_unknown"
    TERMS_UNKNOWN = "terms_unknown"
    DATES_CONTRADICT = "dates_contradict"
    JUDGED = "judged"
    """A person decided otherwise than the dates say; the note says why."""


class Purpose(StrEnum):
    """What a work order is for."""

    REPAIR = "repair"
    REPLACEMENT = "replacement"
    DELIVERY = "delivery"
    PLACEMENT = "placement"
    TRAINING = "training"
    INSTALLATION_GUIDANCE = "installation_guidance"
    COMMISSIONING = "commissioning"
    ROUTINE_VISIT = "routine_visit"


class ComplaintCategory(StrEnum):
    """The clause a complaint is about; only 4.2.x leads to a major demerit."""

    QUARREL = "4.2.1"
    EXTORTION = "4.2.2"
    LATENESS = "4.2.3"
    OTHER = "other"


class LineKind(StrEnum):
    MATERIAL = "material"
    LABOUR = "labour"
    TRAVEL = "travel"
    FREIGHT = "freight"
    OTHER = "other"


class QuoteStatus(StrEnum):
    ISSUED = "ISSUED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


class SurveyOutcome(StrEnum):
    ANSWERED = "answered"
    DECLINED = "declined"


class DocumentKind(StrEnum):
    """What is filed in a case file (5.3)."""

    LETTER = "letter"
    SERVICE_REPORT = "service_report"
    PHOTO = "photo"
    QUOTE = "quote"
    SURVEY_FORM = "survey_form"
    TRAINING_RECORD = "training_record"
    OTHER = "other"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CallProof(_Value):
    """A logged call."""

    kind: Literal["call"] = "call"
    call_id: str
    direction: Literal["inbound", "outbound"]
    seconds: int = Field(ge=0)
    """通话秒数，未接通为 0 · How long the two talked; 0 when nobody did."""


class MessageProof(_Value):
    """A message that was sent, or handed over in writing at the desk (channel ``walk_in``)."""

    kind: Literal["message"] = "message"
    message_id: str
    channel: Channel
    sent_by: str
    """发送人的账号 · The account of the person who sent it."""
    automatic: bool = False


class RegisterProof(_Value):
    """An entry in a paper register; proves only what was taken over from that register."""

    kind: Literal["register"] = "register"
    sheet: str
    row: int = Field(ge=1)
    way: str = ""
    """登记簿所写的方式 · How, in the register's own word (电话, 微信, 当面)."""


Proof = Annotated[CallProof | MessageProof | RegisterProof, Field(discriminator="kind")]
"""What shows that the customer was reached. A click on a status is no proof."""


class QuoteLine(_Value):
    kind: LineKind
    description: str
    quantity: Decimal
    unit_price: Decimal
    """元 · CNY."""
    amount: Decimal
    """元，数量 × 单价，四舍五入到分 · CNY, quantity × unit price, rounded half up to the fen."""


class TicketsEvent(Event):
    SERVICE: ClassVar[str] = "tickets"
