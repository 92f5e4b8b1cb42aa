"""What a service report asks for: forms by purpose, as data, in editions (3.6)."""

from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.events.base import Moment
from shared.events.dispatch.values import DispatchEvent
from shared.events.tickets import Purpose


class ItemKind(StrEnum):
    """What is asked, and so what answers it."""

    TEXT = "text"
    CHOICE = "choice"
    CHECK = "check"
    """Done by the engineer: ``done``, ``not_done`` or ``not_applicable``."""
    DEMONSTRATED = "demonstrated"
    """Done by the customer without help (0.4, D29): ``shown`` or ``not_shown``."""
    COUNT = "count"
    MEASUREMENT = "measurement"
    PHOTO = "photo"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ItemChoice(_Value):
    key: str
    zh: str
    en: str


class ReportItem(_Value):
    """One thing that a form asks for."""

    key: str
    """同一用途内不变的键，如 ``cause`` · Stable within a purpose: ``cause``."""
    kind: ItemKind
    zh: str
    en: str
    required: bool = True
    choices: tuple[ItemChoice, ...] = ()
    unit: str = ""
    at_least: Decimal | None = None
    """计数或测量低于此值须说明；照片至少几张 ·
    Of a count or a measurement: below, it needs a note. Of photos: how many."""
    at_most: Decimal | None = None


class ReportForm(_Value):
    """An edition of a purpose's form, whole."""

    purpose: Purpose
    edition: int
    """0 为系统自带版本 · 0 is the one that comes with the system."""
    items: tuple[ReportItem, ...]
    parts: bool
    """是否填写用料与配件 · Whether it asks for the material and the parts that were used."""


class ReportFormAdopted(DispatchEvent):
    """报告单样式启用 · A form of the service report was adopted; reports begun from ``valid_from`` on use it (3.6)."""

    purpose: Purpose
    edition: int
    valid_from: Moment
    items: tuple[ReportItem, ...]
    parts: bool
    reason: str
