"""Facts: what has been heard of one piece of conduct, from whoever told it, in whatever order."""

from decimal import Decimal
from uuid import UUID

from shared.events.base import Moment
from shared.events.penalties.values import Evidence, FactKind, PenaltiesEvent, Values


class FactReported(PenaltiesEvent):
    """事实登记 · Another service's event says something about a fact. ``at`` is that event's own. No verdict."""

    fact: UUID
    key: str
    """同一事实的键，如 ``lateness:<上门>:E04`` · What makes it the same fact: ``lateness:<visit>:E04``."""
    kind: FactKind
    engineer: str
    evidence: Evidence
    position: int
    """在来源日志中的位置，决定先后 · In the log of its source, which orders what is said about a fact."""
    about: str | None
    """所说的是哪一次，如两次拨测；后说的取代先前对同一次所说的；空：事实本身 ·
    Which occurrence it is about, such as two probes; a later word on it replaces the earlier. None: the fact itself."""
    happened_at: Moment | None
    """所述行为的发生时间，决定适用的制度版本；空：未提及 ·
    When the conduct happened, by which the policy's version is chosen; None: it doesn't say."""
    says: Values
    """所述内容，供规则读取 · What it says, as rules read it."""
    involved: tuple[str, ...]
    """报告人、派工人等，不得作决定（⚖） · Whoever reported it or gave the order: they don't decide (⚖)."""
    visit: UUID | None
    work_order: UUID | None
    ticket: UUID | None
    complaint: UUID | None
    claim: UUID | None


class FactCharged(PenaltiesEvent):
    """事实立案 · A rule that binds the engineer is broken by the fact; this suspicion stands for it."""

    fact: UUID
    penalty: UUID
    engineer: str
    rule: str
    policy_version: int
    amount: Decimal
    """元；按 D9 为当日补贴或罚款 · CNY; by D9 that day's allowance or the fine; 0.00 where no money is at stake."""
    allowance: bool
    """该金额为当日电话费补贴（D9） · The amount is that day's phone allowance (D9)."""


class FactCleared(PenaltiesEvent):
    """事实销案 · What is known by now breaks no rule, or another one: the suspicion no longer stands for it."""

    fact: UUID
    penalty: UUID
    engineer: str
    evidence: Evidence
    """由此得知 · By what this became known."""
