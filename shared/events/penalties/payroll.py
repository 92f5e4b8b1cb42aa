"""What goes to the payroll: final amounts of a month, each once (D8)."""

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events.penalties.values import DropCause, PenaltiesEvent


class WageRecorded(PenaltiesEvent):
    """工资登记 · A month's wage and minimum wage of an engineer were recorded; they lie beside the log (D8)."""

    engineer: str
    period: str
    content: UUID
    """所登记内容的加密代号，内容相同则代号相同 · A keyed pseudonym of what was said: the same again is the same."""


class WagesErased(PenaltiesEvent):
    """工资登记删除（D13） · What was recorded of an engineer's wages beside the log was deleted (D13)."""

    engineer: str
    reason: str


class PayrollLine(BaseModel):
    """One amount on a month's list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int
    engineer: str
    penalty: UUID
    number: str
    rule: str
    allowance: bool
    visit: UUID | None
    due: Decimal
    """元，应扣；退还为负 · CNY: what was final, or left of it; negative where it is paid back."""
    taken: Decimal
    """元，实扣；退还为负 · CNY: what is taken; negative where it is paid back."""
    dropped: Decimal
    """元，不再扣 · CNY: what will never be taken."""
    dropped_for: DropCause | None
    carried: Decimal
    """元，转入下一清单 · CNY: what stays due and goes on the next list."""
    carried_for: DropCause | None


class PayrollExported(PenaltiesEvent):
    """工资清单导出 · A month's list is closed: later changes go to the next one."""

    period: str
    number: str
    """供人使用的编号 · For people: ``GZ-2026-10``."""
    lines: tuple[PayrollLine, ...]
    total: Decimal
    """元 · CNY."""
    position: int
    """截至日志位置 · The log's position up to which it was made."""
    sha256: str
    """CSV 内容的 SHA-256 · SHA-256 of its CSV."""
    exported_by: str
