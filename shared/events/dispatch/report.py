"""The service report of a job: filled in, submitted, signed by the customer, corrected by new versions (3.6)."""

from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.base import Moment
from shared.events.dispatch.report_form import ReportForm
from shared.events.dispatch.values import DispatchEvent
from shared.events.tickets import Purpose


class ReportStatus(StrEnum):
    """Follows from the events."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    SIGNED = "SIGNED"
    SIGNATURE_REFUSED = "SIGNATURE_REFUSED"
    CORRECTING = "CORRECTING"
    """A new version is being written; the version before stands."""


class TrainingOutcome(StrEnum):
    """Whether a customer was trained (0.4, D29)."""

    PASSED = "passed"
    REPEAT = "repeat"
    """Not all was demonstrated, nobody attended, or it wasn't signed: the training is held again."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ItemAnswer(_Value):
    """What was found of one item of the form."""

    item: str
    value: str
    """文字、选项的键、``done``、``shown`` 等，或数字 ·
    A text, the key of a choice, ``done``, ``shown`` …, or a number in digits."""
    note: str = ""


class PartUsed(_Value):
    """Material or a part that stayed with the customer."""

    name: str
    quantity: Decimal
    unit: str = "件"
    product: UUID | None = None
    lot: str | None = None
    request: UUID | None = None
    """来自哪个配件申请（5.2） · The spare-part request that it came by (5.2)."""


class ReportAttachment(_Value):
    """A photo or a paper, by its fingerprint; the content is in the store of documents."""

    sha256: str
    media_type: str
    size: int = Field(ge=1)
    """字节数 · Bytes."""
    title: str
    item: str | None = None
    """对应的表单项目 · The item of the form that it answers."""


class ReportVisit(_Value):
    """Who was there, and when."""

    visit: UUID
    engineer: str
    arrived_at: Moment | None = None
    finished_at: Moment | None = None


class ReportJob(_Value):
    """The work that is reported on, as its work order tells of it."""

    work_order: UUID
    number: str
    purpose: Purpose
    ticket: UUID | None = None
    ticket_number: str | None = None
    customer: UUID | None = None
    customer_name: str | None = None
    site: UUID | None = None
    site_name: str | None = None
    city: str | None = None
    product: UUID | None = None
    product_name: str | None = None
    lot: str | None = None
    visits: tuple[ReportVisit, ...] = ()


class ReportContent(_Value):
    """All that is signed. Its hash is the SHA-256 of its JSON: keys sorted, no blanks, UTF-8, without what is empty
    by default."""

    number: str
    version: int
    job: ReportJob
    form: ReportForm
    answers: tuple[ItemAnswer, ...]
    """按表单顺序 · In the order of the form."""
    parts: tuple[PartUsed, ...] = ()
    attachments: tuple[ReportAttachment, ...] = ()


class ReportChange(_Value):
    """What a correction changes: an item, ``parts``, ``attachments`` or ``job``, before and after."""

    item: str
    before: str
    after: str


class ServiceReportDrafted(DispatchEvent):
    """报告单起草 · A service report was begun on the form that is in force."""

    report: UUID
    number: str
    work_order: UUID
    job: ReportJob
    form: ReportForm


class ServiceReportFilled(DispatchEvent):
    """报告单填写 · Items of a service report were filled in, or emptied."""

    report: UUID
    work_order: UUID
    answers: tuple[ItemAnswer, ...]
    emptied: tuple[str, ...]
    """已删去答案的项目 · Items whose answer was taken out."""
    parts: tuple[PartUsed, ...] | None
    """全部用料；空：不变 · All material used; None: as it was."""


class ReportAttachmentAdded(DispatchEvent):
    """报告单添加附件 · A photo or a paper was put into a service report."""

    report: UUID
    work_order: UUID
    attachment: ReportAttachment


class ReportAttachmentRemoved(DispatchEvent):
    """报告单移除附件 · A photo or a paper was taken out of a report that isn't signed yet."""

    report: UUID
    work_order: UUID
    sha256: str


class ServiceReportSubmitted(DispatchEvent):
    """报告单提交 · A service report was completed and shown to the customer to be signed (3.6)."""

    report: UUID
    work_order: UUID
    version: int
    content: ReportContent
    content_hash: str
    """内容的 SHA-256，见 ``ReportContent`` · SHA-256 of the content, see ``ReportContent``."""


class ServiceReportRecalled(DispatchEvent):
    """报告单撤回修改 · A report that nobody has signed yet was taken back to be changed."""

    report: UUID
    work_order: UUID
    version: int
    reason: str


class ServiceReportSigned(DispatchEvent):
    """客户签字 · The customer signed a version of the service report (3.6)."""

    report: UUID
    work_order: UUID
    version: int
    content_hash: str
    signature: str
    """签字图片的 SHA-256 · SHA-256 of the signature's image."""
    signer: UUID
    """签字人代号；姓名不在日志中 · Who signed, as a pseudonym; the name lies beside the log."""
    engineers: tuple[str, ...]
    training: TrainingOutcome | None = None
    """培训结果（D29）；其他工作为空 · Of a training (D29); None for other work."""


class SignatureRefused(DispatchEvent):
    """客户拒绝签字 · The customer would not sign a version of the service report (3.6)."""

    report: UUID
    work_order: UUID
    version: int
    content_hash: str
    reason: str
    engineers: tuple[str, ...]
    training: TrainingOutcome | None = None


class ServiceReportCorrectionBegun(DispatchEvent):
    """报告单开始更正 · A correction of a service report was begun; the version that was signed stands."""

    report: UUID
    work_order: UUID
    corrects: int
    """现行版本 · The version that stands."""
    reason: str


class ServiceReportCorrected(DispatchEvent):
    """报告单更正 · A new version of a signed service report was submitted; it shows what was, and what is (3.6)."""

    report: UUID
    work_order: UUID
    version: int
    content: ReportContent
    content_hash: str
    corrects: int
    corrected_hash: str
    """被更正版本的内容哈希 · The content hash of the version that is corrected."""
    reason: str
    changes: tuple[ReportChange, ...]


class ServiceReportCorrectionDropped(DispatchEvent):
    """报告单放弃更正 · A correction was given up: the version that was signed goes on standing."""

    report: UUID
    work_order: UUID
    corrects: int
    reason: str


class ReportSignerErased(DispatchEvent):
    """删除签字人信息 · The name and the image of who signed a version were erased (D13); the report stands."""

    report: UUID
    work_order: UUID
    version: int
    signer: UUID
    reason: str
