"""A visit at a customer's: planned, assigned, agreed, made, reported; and what didn't go as it should.

``at`` of what an engineer tells is when it happened by the engineer's device; the envelope's ``recorded_at`` is the
server's. ``offline``: it was told later than it happened, and earlier steps may be told after it.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent
from shared.events.tickets.values import CallProof, MessageProof, Purpose


class VisitStatus(StrEnum):
    """Follows from the events: how far the visit is by what has been told so far."""

    PLANNED = "PLANNED"
    ASSIGNED = "ASSIGNED"
    RESCHEDULED = "RESCHEDULED"
    """The customer has accepted another time; the engineer is asked again."""
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    EN_ROUTE = "EN_ROUTE"
    ARRIVED = "ARRIVED"
    WORKING = "WORKING"
    PAUSED = "PAUSED"
    FINISHED = "FINISHED"
    CHECKED_OUT = "CHECKED_OUT"
    ABORTED = "ABORTED"


class ArrivalGrade(StrEnum):
    """How sure an arrival is."""

    GEOFENCE_OK = "geofence_ok"
    GEOFENCE_FAILED = "geofence_failed"
    """A position was given, and doesn't show that it was at the site."""
    CUSTOMER_CONFIRMED = "customer_confirmed"
    OFFLINE_UNVERIFIED = "offline_unverified"
    """Told later than it happened, or without a position: nothing but the engineer's device says so."""
    MANUAL = "manual"
    """Recorded by the office."""


class Delay(StrEnum):
    """Why an arrival is late, as far as somebody has said or the system knows. Whose fault it is, is not said."""

    TRAFFIC = "traffic"
    WEATHER = "weather"
    VEHICLE = "vehicle"
    EARLIER_VISIT = "earlier_visit"
    CUSTOMER = "customer"
    PARTS = "parts"
    INSTRUCTION = "instruction"
    """The instruction was wrong or came too late."""
    SAFETY = "safety"
    ILLNESS = "illness"
    OTHER = "other"
    NOBODY_ASSIGNED = "nobody_assigned"
    """Known by the system: nobody was to go when the time came, as the one assigned had refused."""
    UNANSWERED = "unanswered"
    """Known by the system: the engineer had not accepted."""
    NOT_DELIVERED = "not_delivered"
    """Known by the system: nothing shows that the instruction reached the engineer."""


class DeliveryWay(StrEnum):
    """How an instruction reached an engineer."""

    APP = "app"
    CALL = "call"
    MESSAGE = "message"
    PAPER = "paper"


class CheckOutWay(StrEnum):
    """D14: how headquarters was told that the engineer has left."""

    CALL = "call"
    APP = "app"


class Claimant(StrEnum):
    """D5: whose word it is about when somebody arrived."""

    DEVICE = "device"
    SERVER = "server"
    CUSTOMER = "customer"


class KnownCause(BaseModel):
    """A cause of lateness that was known when it was recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cause: Delay
    note: str | None = None
    told_at: Moment | None = None
    """服务人员或办公室何时告知；空：系统已知 · When the engineer or the office told it; None: the system knows it."""


Consent = Annotated[CallProof | MessageProof, Field(discriminator="kind")]
"""What shows that a customer agreed: a call in which two talked, or a message of theirs or to them by a person."""


class VisitPlanned(DispatchEvent):
    """上门计划 · Somebody has to go."""

    visit: UUID
    number: str
    """供人使用的编号 · For people: ``SM-20261003-7F3KQ2``."""
    work_order: UUID
    ticket: UUID | None
    purpose: Purpose
    customer: UUID | None
    customer_name: str | None
    site: UUID | None
    site_name: str | None
    city: str | None
    region: str | None
    skills: tuple[str, ...]
    wanted_from: Moment | None
    wanted_until: Moment | None
    """客户希望的时间，尚未约定 · When the customer would like it; not agreed yet."""
    minutes: int = Field(ge=1)
    """预计现场分钟数 · How long it is expected to take, on site."""


class VisitAssigned(DispatchEvent):
    """派工指令 · An engineer is told in writing to go; the customer has accepted ``agreed_arrival`` (3.4b)."""

    visit: UUID
    work_order: UUID
    engineer: str
    assignment: int
    """第几次派工；改派则递增 · 1 for the first; more where it was given to somebody anew."""
    instruction: str
    agreed_arrival: Moment
    starts_at: Moment
    ends_at: Moment
    """为其保留的时间，与此人其他上门不重叠 ·
    The time that is kept free for it; others of the engineer's visits don't overlap it."""
    late_after: Moment
    """晚于此刻即为迟到：约定到场时间加宽限 ·
    When an arrival is late by the policy: the agreed arrival and the time of grace."""
    overlaps: tuple[UUID, ...]
    """同一时间的其他上门，仍予派工 · Visits of the engineer in the same time, in spite of which it was assigned."""
    override_reason: str | None
    replaces: str | None
    """改派前的服务人员 · The engineer from whom it was taken."""
    answer_dropped: bool
    """原服务人员尚未答复，不再等待 · That engineer's answer was still awaited, and is owed no longer."""
    assigned_by: str
    on_leave: bool = False
    """该时段服务人员在休假，仍予派工 · It was assigned in spite of the engineer's leave."""


class InstructionDelivered(DispatchEvent):
    """指令送达 · The instruction has reached the engineer; an answer is due (4.7, D15)."""

    visit: UUID
    work_order: UUID
    engineer: str
    assignment: int
    way: DeliveryWay
    reference: str | None
    """通话或消息的标识 · The call's or message's id."""
    answer_due: Moment


class VisitAccepted(DispatchEvent):
    """接受派工 · The engineer goes."""

    visit: UUID
    work_order: UUID
    engineer: str
    answer_due: Moment | None
    """答复期限；空：指令未证实送达，不等待答复 ·
    Until when an answer was awaited; None: it was not, as nothing shows that the instruction was delivered."""
    offline: bool


class DispatchRefused(DispatchEvent):
    """拒绝派工 · The engineer doesn't go (4.7). ``safety`` refusals are exempt (D15). No verdict."""

    visit: UUID
    work_order: UUID
    engineer: str
    reason: str
    safety: bool
    instruction: str
    assigned_at: Moment
    delivered_at: Moment | None
    answer_due: Moment | None
    """答复期限；空：指令未证实送达，不等待答复 ·
    Until when an answer was awaited; None: it was not, as nothing shows that the instruction was delivered."""
    assigned_by: str
    offline: bool


class DispatchUnanswered(DispatchEvent):
    """派工未答复 · Delivered, and not answered in time (4.7, D15). ``at`` is the due time. No verdict."""

    visit: UUID
    work_order: UUID
    engineer: str
    instruction: str
    delivered_at: Moment
    due: Moment
    assigned_by: str


class DispatchUnansweredCorrected(DispatchEvent):
    """更正：派工已按时答复 · The answer had been in time, and was only recorded late; it follows."""

    visit: UUID
    work_order: UUID
    engineer: str
    due: Moment
    answered_at: Moment
    delivered_at: Moment | None = None
    """指令何时送达，据此知道更正的是哪一条 · When the instruction was delivered, which tells whose answer it was."""


class VisitRescheduled(DispatchEvent):
    """改约 · The customer has accepted another time. ``at`` is when they did."""

    visit: UUID
    work_order: UUID
    ticket: UUID | None
    engineer: str | None
    agreed_before: Moment
    new_arrival: Moment
    counts: bool
    """原时间过去之前已同意，迟到按新时间计，否则按原时间（D4） ·
    D4: accepted before the earlier time lapsed, so lateness counts from the new one; otherwise from the earlier."""
    agreed_arrival: Moment
    """计算迟到所用的约定时间（D4） · The one that counts (D4)."""
    awaited: bool
    """就所知服务人员尚未到场 · The engineer hasn't arrived, as far as is known."""
    late_after: Moment
    starts_at: Moment
    ends_at: Moment
    overlaps: tuple[UUID, ...]
    override_reason: str | None
    reason: str
    consent: Consent
    rescheduled_by: str
    on_leave: bool = False
    """新时段服务人员在休假，仍予改约 · It was moved there in spite of the engineer's leave."""


class VisitDelayReported(DispatchEvent):
    """报告延误 · The engineer, or the office, says why it will be late."""

    visit: UUID
    work_order: UUID
    engineer: str
    cause: Delay
    note: str | None
    expected_arrival: Moment | None
    offline: bool


class VisitLate(DispatchEvent):
    """到场逾期 · The agreed time passed without an arrival (3.4b, 4.5). ``at`` is when. No verdict."""

    visit: UUID
    number: str
    work_order: UUID
    ticket: UUID | None
    engineer: str | None
    """空：已无人前往 · None: nobody was to go any more."""
    customer: UUID | None
    customer_name: str | None
    agreed_arrival: Moment
    minutes: int = Field(ge=0)
    """超过约定到场时间的分钟数，算到到场或登记之时；最终以 ``VisitArrived``、``ArrivalAdjudicated`` 为准 ·
    Minutes begun after the agreed arrival: until the arrival where it is known, otherwise until this was recorded;
    ``VisitArrived`` and ``ArrivalAdjudicated`` say how many they were in the end."""
    arrived_at: Moment | None
    causes: tuple[KnownCause, ...]
    instruction: str
    assigned_at: Moment
    assigned_by: str


class VisitLateCorrected(DispatchEvent):
    """更正：到场未逾期 · It had not been late: the arrival, or the customer's consent to another time, was only
    recorded late, or a dispute was settled so."""

    visit: UUID
    work_order: UUID
    engineer: str | None
    agreed_arrival: Moment
    """此前看似错过的约定时间 · The one that had seemed to be missed."""
    arrived_at: Moment | None
    """空：客户已同意另定时间，或上门此前已中止 ·
    None: the customer had agreed to another time, or the visit had been aborted before."""


class VisitEnRoute(DispatchEvent):
    """出发 · The engineer is on the way."""

    visit: UUID
    work_order: UUID
    engineer: str
    offline: bool


class VisitArrived(DispatchEvent):
    """签到到场 · The first graded check-in (D5). Where the engineer stood is not kept, only how far from the site."""

    visit: UUID
    work_order: UUID
    ticket: UUID | None
    engineer: str
    customer: UUID | None
    agreed_arrival: Moment
    late_after: Moment
    late_minutes: int = Field(ge=0)
    """超过约定到场时间的分钟数，0 为准时 · Minutes begun after the agreed arrival; 0 is in time."""
    grade: ArrivalGrade
    distance_m: int | None
    """设备位置距服务地点的米数 · From the site, in metres, as the device's position says."""
    accuracy_m: int | None
    """该位置的精度，米 · Of that position, in metres."""
    reason: str | None
    """办公室代为登记的原因 · Why the office recorded it."""
    confirmation: Consent | None
    """客户如何确认 · How the customer confirmed it."""
    received_at: Moment
    """服务器收到的时间（D5） · When the server was told (D5)."""
    offline: bool


class ArrivalClaimed(DispatchEvent):
    """到场时间争议 · Somebody's word on when the engineer arrived; each is kept (D5)."""

    visit: UUID
    work_order: UUID
    engineer: str
    claimant: Claimant
    arrived_at: Moment | None
    """空：没有到场 · None: not at all."""
    basis: str
    claimed_by: str


class ArrivalAdjudicated(DispatchEvent):
    """到场时间裁定 ⚖ · The dispute is settled, once (D5)."""

    visit: UUID
    work_order: UUID
    ticket: UUID | None
    engineer: str
    agreed_arrival: Moment
    arrived_at: Moment | None
    """空：没有到场 · None: not at all."""
    late_minutes: int | None
    """超过约定到场时间的分钟数；空：没有到场 · Minutes begun after the agreed arrival; None: there was no arrival."""
    device: Moment | None
    server: Moment | None
    customer: Moment | None
    """三方各自的说法 · What each of the three claimed."""
    reasons: str
    adjudicated_by: str


class WorkStarted(DispatchEvent):
    """开始作业 · Work on site has begun."""

    visit: UUID
    work_order: UUID
    engineer: str
    offline: bool


class WorkPaused(DispatchEvent):
    """暂停作业 · Work rests."""

    visit: UUID
    work_order: UUID
    engineer: str
    reason: str
    offline: bool


class WorkResumed(DispatchEvent):
    """继续作业 · Work goes on."""

    visit: UUID
    work_order: UUID
    engineer: str
    offline: bool


class VisitFinished(DispatchEvent):
    """完成作业 · The job is done; the engineer reports to headquarters before leaving (4.4, D14)."""

    visit: UUID
    work_order: UUID
    ticket: UUID | None
    engineer: str
    agreed_arrival: Moment
    arrived_at: Moment | None
    """空：尚未告知 · None: not told yet."""
    result: str
    report_due: Moment
    """须向总部报告的期限 · Until when headquarters has to be told."""
    call_demanded: bool
    """制度要求来电报告，应用离场登记不够（D14） · The policy wants a call; the app's check-out is not enough (D14)."""
    watched_until: Moment
    """何时查看是否已报告：``report_due``；离线登记时更晚，离场报告可能还在途中 ·
    When it is looked whether headquarters was told: ``report_due``, or later where this came from offline and the
    check-out may be on its way."""
    told: bool
    """登记之前已按时报告总部 · Headquarters had been told in time, before this was recorded."""
    offline: bool


class VisitCheckedOut(DispatchEvent):
    """离场报告 · Headquarters knows that the engineer has left (4.4, D14)."""

    visit: UUID
    work_order: UUID
    engineer: str
    way: CheckOutWay
    call_id: str | None
    late_minutes: int | None
    """超过期限的分钟数，0 为按时；空：尚不知何时完工 ·
    Minutes begun after it was due; 0 is in time, None: the end of the work isn't known yet."""
    offline: bool


class LeftWithoutReporting(DispatchEvent):
    """离场未报 · Headquarters wasn't told in time (4.4, D14). ``at`` is the due time. No verdict."""

    visit: UUID
    number: str
    work_order: UUID
    engineer: str
    finished_at: Moment
    due: Moment
    call_demanded: bool
    assigned_by: str


class LeftWithoutReportingCorrected(DispatchEvent):
    """更正：离场已按时报告 · The check-out had been in time, and was only recorded late; it follows."""

    visit: UUID
    work_order: UUID
    engineer: str
    due: Moment
    reported_at: Moment


class CalledHomeLate(DispatchEvent):
    """逾期来电 · The engineer called when the report of the visit was overdue (4.4, D14).

    ``at`` is when they called. Whether it was about the visit nobody knows yet: that stays unreported. No verdict.
    """

    visit: UUID
    work_order: UUID
    engineer: str
    call: str
    due: Moment
    late_minutes: int
    """超过期限的分钟数 · Minutes begun after it was due."""


class VisitAborted(DispatchEvent):
    """中止上门 · The visit is not made, or not brought to its end."""

    visit: UUID
    work_order: UUID
    ticket: UUID | None
    engineer: str | None
    reason: str
    on_site: bool
    """服务人员已到场 · The engineer had arrived."""
    clock_dropped: bool
    """尚在等待到场，不再等待 · The arrival was still awaited, and is owed no longer."""
    answer_dropped: bool
    """尚在等待对指令的答复 · An answer to the instruction was still awaited."""
    offline: bool
