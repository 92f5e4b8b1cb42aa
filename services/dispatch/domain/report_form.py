"""What a service report asks for (3.6): a stream per purpose, an edition a version of it. A report keeps the edition
that was in force when it was begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from services.dispatch.domain.report_defaults import DEFAULT_FORMS
from shared.decider import Command, DeadlineChange, Refused
from shared.events.base import Moment
from shared.events.dispatch.report_form import ItemKind, ReportForm, ReportFormAdopted, ReportItem
from shared.events.tickets import Purpose
from shared.facts import repeats, tell
from shared.text import Text

STREAM = "report_form"

# --- commands ---------------------------------------------------------------------------------------------------------


class AdoptReportForm(Command):
    """A new edition, whole: what it doesn't name is no longer asked."""

    purpose: Purpose
    valid_from: Moment
    items: tuple[ReportItem, ...]
    parts: bool = True
    reason: Text


ReportFormCommand = AdoptReportForm
ReportFormEvent = ReportFormAdopted

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportForms:
    """The editions that were adopted, oldest first."""

    editions: tuple[ReportFormAdopted, ...] = ()


NEW = ReportForms()


def evolve(forms: ReportForms, event: ReportFormEvent) -> ReportForms:
    return ReportForms((*forms.editions, event))


def deadlines(event: ReportFormEvent) -> Sequence[DeadlineChange]:
    """None."""
    return []


def in_force(forms: ReportForms, purpose: Purpose, at: Moment) -> ReportForm:
    """The latest edition that was valid at ``at``; before the first, the one that comes with the system."""
    valid = [edition for edition in forms.editions if edition.valid_from <= at]
    if not valid:
        return DEFAULT_FORMS[purpose]
    last = valid[-1]
    return ReportForm(purpose=purpose, edition=last.edition, items=last.items, parts=last.parts)


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: ReportFormCommand, forms: ReportForms) -> Sequence[ReportFormEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case AdoptReportForm():
            return _adopt(command, forms)
        case _:
            assert_never(command)


def _adopt(command: AdoptReportForm, forms: ReportForms) -> Sequence[ReportFormEvent]:
    """An edition binds reports that are begun later, never those that are there."""
    if forms.editions and repeats(command, forms.editions[-1]):
        return []
    if command.valid_from < command.at:
        raise Refused("form_backdated", "生效时间不能早于启用时间。", "A form can't hold from before it was adopted.")
    check_items(command.purpose, command.items)
    return [tell(ReportFormAdopted, command, edition=len(forms.editions) + 1)]


def check_items(purpose: Purpose, items: tuple[ReportItem, ...]) -> None:
    """Whether a form can be filled in. Raises ``Refused``."""
    if not items:
        raise Refused("form_empty", "样式没有任何项目。", "The form asks for nothing.")
    keys = [item.key for item in items]
    if repeated := sorted({key for key in keys if keys.count(key) > 1}):
        names = "、".join(repeated)
        raise Refused("form_item_repeated", f"项目重复：{names}。", f"Items that occur twice: {', '.join(repeated)}.")
    for item in items:
        _check_item(item)
    if purpose is Purpose.TRAINING:
        _check_training(items)


def _check_item(item: ReportItem) -> None:
    if item.kind is ItemKind.CHOICE and len({choice.key for choice in item.choices}) < 2:
        raise Refused(
            "form_choices_missing", f"「{item.zh}」至少要有两个选项。", f"“{item.en}” needs two choices at least."
        )
    if item.at_least is not None and item.at_most is not None and item.at_least > item.at_most:
        raise Refused("form_range_empty", f"「{item.zh}」的上下限颠倒。", f"The limits of “{item.en}” are reversed.")
    if not (item.zh.strip() and item.en.strip()):
        raise Refused("form_title_missing", f"项目 {item.key} 没有名称。", f"The item {item.key} has no title.")


def _check_training(items: tuple[ReportItem, ...]) -> None:
    """D29: attendance and what the customer demonstrates are what a training is judged by."""
    if ATTENDEES not in {item.key for item in items if item.kind is ItemKind.COUNT and item.required}:
        raise Refused(
            "form_attendance_missing",
            f"培训报告单须填写参加人数（{ATTENDEES}）（0.4）。",
            f"The report of a training counts who attended (item {ATTENDEES}; 0.4).",
        )
    if not any(item.kind is ItemKind.DEMONSTRATED and item.required for item in items):
        raise Refused(
            "form_demonstration_missing",
            "培训报告单须有客户演示项目（0.4）。",
            "The report of a training asks what the customer can do alone (0.4).",
        )


ATTENDEES = "attendees"
"""The item that counts who attended a training."""
