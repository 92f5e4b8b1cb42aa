"""An engineer's record: region, demerits, and the measures that they may lead to."""

from uuid import UUID

from shared.events.base import Moment
from shared.events.penalties.values import DemeritKind, MeasureKind, PenaltiesEvent, SignsAs


class SubjectRecorded(PenaltiesEvent):
    """受制度约束人员 · An engineer as dispatch knows them: the region decides which terms hold (D8)."""

    engineer: str
    region: str | None
    active: bool
    position: int
    """在调度日志中的位置，较早的不作数 · In dispatch's log; an earlier one no longer counts."""


class DemeritRecorded(PenaltiesEvent):
    """记过 · A demerit stands in the record until it expires: of a penalty, or as so many demerits make a major one."""

    engineer: str
    demerit: UUID
    kind: DemeritKind
    penalty: UUID | None
    """空：由若干记过累计而成 · None: made of several demerits."""
    made_of: tuple[UUID, ...]
    expires_at: Moment


class DemeritStruck(PenaltiesEvent):
    """记过撤销 · The penalty was reversed, or what it was made of no longer suffices."""

    engineer: str
    demerit: UUID
    kind: DemeritKind
    reason: str


class DismissalReached(PenaltiesEvent):
    """累计达到建议辞退 · So many major demerits stand that dismissal is proposed; they lead to no second proposal."""

    engineer: str
    measure: UUID
    demerits: tuple[UUID, ...]


class MeasureProposed(PenaltiesEvent):
    """建议辞退或移送 · Proposed only; carried by two signatures (4.3)."""

    measure: UUID
    number: str
    """供人使用的编号 · For people: ``CZ-20261003-7F3KQ2``."""
    kind: MeasureKind
    engineer: str
    penalty: UUID | None
    demerits: tuple[UUID, ...]
    """所依据的记过 · The demerits that led to it."""
    prepared_by: tuple[str, ...]
    """报告、派工、告知或决定过所依据处罚的人，不得签署（⚖） ·
    Who reported what it rests on, gave the order, noticed or decided it: they don't sign (⚖)."""


class MeasureSigned(PenaltiesEvent):
    """签署 · The first of two signatures."""

    measure: UUID
    engineer: str
    reasons: str
    signed_as: SignsAs
    signed_by: str


class MeasureCarried(PenaltiesEvent):
    """建议成立 ⚖ · The second signature, of another person."""

    measure: UUID
    kind: MeasureKind
    engineer: str
    reasons: str
    signed_as: tuple[SignsAs, ...]
    signed_by: tuple[str, ...]
    """两位签署人，与 ``signed_as`` 次序相同 · Both, in the order of ``signed_as``."""


class MeasureDropped(PenaltiesEvent):
    """建议不成立 · It isn't carried: somebody decided so, or what it rested on is gone."""

    measure: UUID
    kind: MeasureKind
    engineer: str
    reasons: str
    carried: bool
    """此前已成立：人事须撤销已采取的措施 · It had been carried: what was done upon it has to be undone."""
    dropped_by: str
