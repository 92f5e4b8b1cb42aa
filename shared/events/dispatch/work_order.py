"""The life of a work order: what is to be done for whom, how far it is, and what it cost."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent
from shared.events.tickets.values import CoverageVerdict, Purpose


class WorkOrderStatus(StrEnum):
    """Rolls up from the visits, until the work is done; then report, verification ⚖ and posting follow."""

    DRAFT = "DRAFT"
    QUALIFIED = "QUALIFIED"
    SCHEDULED = "SCHEDULED"
    IN_PROGRESS = "IN_PROGRESS"
    WORK_DONE = "WORK_DONE"
    REPORTED = "REPORTED"
    VERIFIED = "VERIFIED"
    POSTED = "POSTED"
    INCOMPLETE = "INCOMPLETE"
    CANCELLED = "CANCELLED"


class Origin(StrEnum):
    """Why there is a work order."""

    TICKET = "ticket"
    PROGRAMME = "programme"
    MANUAL = "manual"
    FOLLOW_UP = "follow_up"


class VisitProgress(StrEnum):
    """How far a visit is, as far as its work order must know."""

    PLANNED = "planned"
    """Nobody is to go yet, or nobody any more: refused."""
    ASSIGNED = "assigned"
    UNDER_WAY = "under_way"
    """The engineer has arrived."""
    DONE = "done"
    ABORTED = "aborted"


class CostKind(StrEnum):
    """5.4: how the month's cost is divided."""

    PEOPLE = "people"
    MATERIAL = "material"
    FREIGHT = "freight"
    TRAVEL = "travel"


class WorkOrderFacts(DispatchEvent):
    """What is to be done, where and for whom."""

    SERVICE: ClassVar[str] = "dispatch"

    work_order: UUID
    number: str
    """供人使用的编号 · For people: ``PG-20261003-7F3KQ2``."""
    purpose: Purpose | None
    """仅草稿可为空 · None only in a draft."""
    ticket: UUID | None
    ticket_number: str | None
    customer: UUID | None
    customer_name: str | None
    site: UUID | None
    site_name: str | None
    city: str | None
    region: str | None
    person: UUID | None
    product: UUID | None
    product_name: str | None
    lot: str | None
    unit: UUID | None
    coverage: CoverageVerdict
    goodwill: str | None
    """保外未接受报价即开工的原因（2.2） · Why work out of warranty starts without an accepted quote (2.2)."""
    contract: str | None
    """工作属于哪份合同的范围（D25） · The contract whose scope covers the work (D25)."""
    skills: tuple[str, ...]
    """前往人员须具备的技能 · What whoever goes must be able to do."""
    wanted_from: Moment | None
    wanted_until: Moment | None
    """客户希望的时间 · When the customer would like it."""
    note: str | None


class WorkOrderDrafted(WorkOrderFacts):
    """派工单草稿 · Work that may have to be done; somebody has to look at it."""

    origin: Origin
    reopening: int
    """对应服务请求第几次重开，0 为首次受理 · Which (re)opening of the ticket it is for; 0 is the first."""
    programme: UUID | None
    """来自哪个走访计划（2.3） · The visit programme that it comes from (2.3)."""
    occurrence: date | None
    """走访计划的日期，上海日期 · The programme's day, Asia/Shanghai."""
    follows: UUID | None
    """接续哪张未完成的派工单 · The incomplete work order that it goes on with."""
    follows_reason: str | None = None
    """那张派工单为何未完成 · Why that one could not be brought to its end."""


class WorkOrderQualified(WorkOrderFacts):
    """派工单确认 · It is to be done, and known enough to be planned; these are the facts from now on."""

    follows: UUID | None = None
    """接续哪张未完成的派工单 · The incomplete work order that it goes on with."""
    follows_reason: str | None = None
    """那张派工单为何未完成 · Why that one could not be brought to its end."""
    follows_since: Moment | None = None
    """那张派工单何时定为未完成；与其 WorkOrderIncomplete 谁先到都一样 ·
    When that was said: whoever hears this before the other's WorkOrderIncomplete knows the same."""


class WorkOrderVisitNoted(DispatchEvent):
    """派工单上门进展 · One of its visits is so far; the status follows."""

    work_order: UUID
    visit: UUID
    engineer: str | None
    progress: VisitProgress
    status: WorkOrderStatus
    """此事件之后的状态 · The status after this event."""
    noted_by: str
    """操作该次上门的账号，不得验收（⚖） · The account that acted on the visit; it can't verify the work (⚖)."""


class WorkOrderScheduled(DispatchEvent):
    """派工单已排程 · An engineer is to go."""

    work_order: UUID
    ticket: UUID | None


class WorkOrderStarted(DispatchEvent):
    """派工单开工 · The first engineer is on site."""

    work_order: UUID
    ticket: UUID | None


class WorkOrderWorkDone(DispatchEvent):
    """派工单完工 · All its visits are done or aborted, and one at least is done."""

    work_order: UUID
    ticket: UUID | None
    status: WorkOrderStatus
    """客户此前已签报告时为 REPORTED · REPORTED where the customer had signed the report before."""


class WorkOrderReported(DispatchEvent):
    """服务报告已交 · The service report is signed by the customer, or the refusal is on record (3.6)."""

    work_order: UUID
    ticket: UUID | None
    report: UUID
    version: int
    """报告版本：1 为首版，其后为更正 · Of the report: 1 is the first, more are corrections."""
    signed_at: Moment | None
    signature_refused: str | None
    """客户未签字的原因 · Why the customer didn't sign."""
    status: WorkOrderStatus
    """此事件之后的状态；仍在施工或已过账时不变 ·
    The status after this event: unchanged where work is still going on, or was posted."""
    reported_by: str


class WorkOrderVerified(DispatchEvent):
    """派工单验收 ⚖ · Somebody who had no part in the work found it done and its report in order."""

    work_order: UUID
    number: str
    ticket: UUID | None
    report: UUID
    report_version: int
    verified_by: str
    note: str | None


class CostAdded(DispatchEvent):
    """派工单费用 · What the work cost (5.4)."""

    work_order: UUID
    purpose: Purpose | None
    kind: CostKind
    amount: Decimal
    """元；负数为冲减多计的部分 · CNY; negative to take back what was too much."""
    cause: str
    """费用事由，在派工单内唯一 · What it was for, unique in the work order: ``visit:<id>``."""
    note: str | None


class LateCostNoted(DispatchEvent):
    """过账后发生的费用 · It came after the costs were frozen: they stay as posted, and this is kept beside them."""

    work_order: UUID
    kind: CostKind
    amount: Decimal
    """元 · CNY."""
    cause: str
    note: str | None


class WorkOrderPosted(DispatchEvent):
    """派工单过账 · Its costs are frozen; amounts in CNY."""

    work_order: UUID
    number: str
    ticket: UUID | None
    purpose: Purpose | None
    contract: str | None
    people: Decimal
    material: Decimal
    freight: Decimal
    travel: Decimal
    total: Decimal
    posted_by: str


class WorkOrderIncomplete(DispatchEvent):
    """派工单未完成 · The work can't be brought to its end here; ``follow_up`` goes on with it."""

    work_order: UUID
    number: str
    ticket: UUID | None
    reason: str
    follow_up: UUID
    follow_up_number: str


class WorkOrderCancelled(DispatchEvent):
    """派工单取消 · The work is not wanted any more, or was taken up elsewhere."""

    work_order: UUID
    number: str
    ticket: UUID | None
    reason: str
    taken_up_by: UUID | None
    """取代此草稿的派工单 · The work order that does what this draft was for."""
