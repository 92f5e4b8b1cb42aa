"""Engineers: who serves customers, what they can do, where they start from."""

from datetime import date
from uuid import UUID

from shared.events.dispatch.values import DispatchEvent


class EngineerRecorded(DispatchEvent):
    """服务人员登记或更正 · An engineer as known from now on; name, telephone and home lie beside the log."""

    engineer: str
    skills: tuple[str, ...]
    """能胜任的工作，用公司自己的说法；已排序，不重复 ·
    What they are fit for, in the company's own words (``灭鼠``, ``repair``); sorted, each once."""
    region: str | None
    base_city: str | None
    active: bool
    """否：不再派工，也不值守 · False: gets no more work, and owes no phone duty."""


class EngineerContactsRecorded(DispatchEvent):
    """服务人员联系方式登记 · Name, telephone numbers and base were recorded; they lie beside the log (D13)."""

    engineer: str
    content: UUID
    """所登记内容的加密代号，内容相同则代号相同 · A keyed pseudonym of what was said: the same again is the same."""


class EngineerTermsRecorded(DispatchEvent):
    """电话补贴与工资档登记 · Phone allowance and wage band were recorded; only HR and finance see them."""

    engineer: str
    valid_from: date
    content: UUID
    """所登记内容的加密代号，内容相同则代号相同 · A keyed pseudonym of what was said: the same again is the same."""


class EngineerErased(DispatchEvent):
    """服务人员个人信息删除 · What lay beside the log of this engineer is gone (D13)."""

    engineer: str
    reason: str
