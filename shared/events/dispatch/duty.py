"""Phone duty (4.6): calls, and what follows from them; evidence, never a verdict (D11).

Only outcomes of calls are used, neither sound nor place (D13).
"""

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent
from shared.events.telephony.values import CallDirection, CallOutcome, Confidence


class DutyTerms(BaseModel):
    """The parameters of the phone-duty policy (D10–D13)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: time
    closes: time
    """排班未另定时的开机时段，不含终点（D12） · The duty window [opens, closes) where the roster sets none (D12)."""
    outcomes: tuple[CallOutcome, ...]
    """哪些结果算未接 · What counts as unanswered."""
    ring_seconds: int
    """振铃至少这么久，无人接听才算 · So long it has to ring before nobody's taking it counts."""
    gap_minutes: int
    """两次拨测的最短间隔（D11） · Two probes have to be so far apart at least (D11)."""
    occurrence_minutes: int
    """此分钟数内的拨测算一次（D10） · Probes within so many minutes are one occurrence (D10)."""
    call_back_minutes: int
    """第二次拨测后多久内回电可消除（D11） · So long after the second probe a call-back clears both (D11)."""
    per_day: int
    """每个值守日最多计几次（D10） · At most so many occurrences in a duty day (D10)."""
    retention_days: int
    """值守日的通话最多显示多少天（D13） · So many days the calls of a duty day are shown to anybody (D13)."""


class Exemption(StrEnum):
    """Why a probe doesn't count."""

    OFF_DUTY = "off_duty"
    """The day is neither rostered nor a day of a trip (D12)."""
    OUTSIDE_WINDOW = "outside_window"
    LEAVE = "leave"
    OUTCOME = "outcome"
    """Busy, network, our own cancelling …: the policy doesn't count this outcome."""
    RANG_SHORT = "rang_short"
    UNCERTAIN = "uncertain"
    """The outcome has another explanation too, or nobody knows how long it rang."""
    INACTIVE = "inactive"
    """No longer an engineer of the company."""


class SettledBy(StrEnum):
    """Why two unanswered probes are no occurrence after all."""

    CALLED_BACK = "called_back"
    """The engineer called, or took a call."""
    EXEMPTED = "exempted"
    """A probe doesn't count any more: leave was granted."""
    REASSESSED = "reassessed"
    """A call is now known to have ended otherwise."""


class DutyPolicyAdopted(DispatchEvent):
    """值守制度生效版本 · A version of the phone-duty policy, for duty days from ``valid_from`` on."""

    version: int
    valid_from: date
    terms: DutyTerms
    purpose: str
    """向员工告知的用途（D13） · What the outcomes are used for, as staff are told (D13)."""
    reason: str
    """修改原因 · Why it was changed."""


class DutyPolicyAcknowledged(DispatchEvent):
    """值守制度已阅 · An engineer has read a version: purpose, retention and rules (D13)."""

    engineer: str
    version: int


class DutyDayOpened(DispatchEvent):
    """值守日首次通话 · The first call of an engineer's duty day; the policy by which the day is judged."""

    engineer: str
    duty_day: date
    policy: int
    terms: DutyTerms


class DutyCallRecorded(DispatchEvent):
    """值守通话登记 · A call to or from an engineer; ``at`` is when it was dialled."""

    engineer: str
    duty_day: date
    call: str
    direction: CallDirection
    outcome: CallOutcome
    confidence: Confidence
    rang_seconds: int | None
    manual: bool
    """由人登记；否则来自交换机 · Told by a person; otherwise by the exchange."""
    exemption: Exemption | None
    """拨测为何不计；空：计入，或不是拨测而是有应答 ·
    Of a probe, why it doesn't count; None: it counts, or is no probe but a sign of life."""
    opens_at: Moment | None
    closes_at: Moment | None
    """所在的开机时段；空：不在时段内 · The duty window in which it was made; None: in none."""
    trip: UUID | None
    """当天所属的出差 · The trip whose day it is."""
    allowance: Decimal | None
    """当天的电话费补贴，元（D9）；空：非出差日 · That day's phone allowance, CNY (D9); None: no trip."""


class DutyCallReassessed(DispatchEvent):
    """值守通话更正 · A call is now known to have ended otherwise."""

    engineer: str
    duty_day: date
    call: str
    outcome: CallOutcome
    confidence: Confidence
    rang_seconds: int | None
    exemption: Exemption | None


class DutyCallsExempted(DispatchEvent):
    """值守通话豁免 · These probes don't count any more: leave was granted for their time (D12)."""

    engineer: str
    duty_day: date
    calls: tuple[str, ...]
    exemption: Exemption


class CallBackAwaited(DispatchEvent):
    """等待回电 · Two probes were unanswered; a call-back until ``until`` clears them (D11)."""

    engineer: str
    duty_day: date
    first_call: str
    second_call: str
    until: Moment


class CallBackSettled(DispatchEvent):
    """未接已消除 · The two probes are no occurrence."""

    engineer: str
    duty_day: date
    first_call: str
    second_call: str
    settled_by: SettledBy


class PhoneUnanswered(DispatchEvent):
    """值守电话无人接听 · Two probes in the duty window, no call-back in time (4.6, D11): evidence, not a verdict."""

    engineer: str
    duty_day: date
    first_call: str
    first_at: Moment
    first_outcome: CallOutcome
    second_call: str
    second_at: Moment
    second_outcome: CallOutcome
    opens_at: Moment
    closes_at: Moment
    """第二次拨测所在的开机时段 · The duty window of the second probe."""
    trip: UUID | None
    """当天所属的出差（D9） · The trip whose day it was (D9)."""
    allowance: Decimal | None
    """当天的电话费补贴，元（D9）；空：非出差日 · That day's phone allowance, CNY (D9); None: no trip."""
    policy: int


class PhoneUnansweredWithdrawn(DispatchEvent):
    """值守电话无人接听撤回 · What was learned later takes it back."""

    engineer: str
    duty_day: date
    first_call: str
    second_call: str
    settled_by: SettledBy
