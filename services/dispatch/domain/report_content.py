"""What stands in a service report: whether it answers its form, what it is known by, how two of them differ (3.6)."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from services.dispatch.domain.names.report import ANSWER
from services.dispatch.domain.report_form import ATTENDEES
from shared.calendar import SHANGHAI
from shared.decider import Refused, Words
from shared.events.dispatch.report import (
    ItemAnswer,
    PartUsed,
    ReportAttachment,
    ReportChange,
    ReportContent,
    ReportJob,
    TrainingOutcome,
)
from shared.events.dispatch.report_form import ItemKind, ReportForm, ReportItem
from shared.events.tickets import Purpose

CHECKED = ("done", "not_done", "not_applicable")
SHOWN = ("shown", "not_shown")
NUMBERS = (ItemKind.COUNT, ItemKind.MEASUREMENT)
MAX_DIGITS = 30


def fingerprint(content: ReportContent) -> str:
    """The SHA-256 that a signature is about. What is empty by default is left out, so that a field that the form of
    events gets later doesn't change what was signed."""
    plain = content.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def item_of(form: ReportForm, key: str) -> ReportItem:
    """Raises ``Refused`` for what the form doesn't ask."""
    for item in form.items:
        if item.key == key:
            return item
    raise Refused("report_item_unknown", f"样式中没有项目 {key}。", f"The form has no item {key}.")


def judged(answer: ItemAnswer, form: ReportForm) -> ItemAnswer:
    """The answer as it is kept: blanks dropped, numbers in digits. Raises ``Refused`` where it is none."""
    item = item_of(form, answer.item)
    value, note = answer.value.strip(), answer.note.strip()
    if item.kind in NUMBERS:
        value = _number(item, value)
    elif not _answers(item, value):
        raise Refused(
            "report_answer_invalid",
            f"「{item.zh}」不能填「{value}」。{_may_be(item).zh}",
            f"“{item.en}” can't be “{value}”. {_may_be(item).en}",
        )
    return ItemAnswer(item=item.key, value=value, note=note)


def _answers(item: ReportItem, value: str) -> bool:
    match item.kind:
        case ItemKind.CHOICE:
            return value in {choice.key for choice in item.choices}
        case ItemKind.CHECK:
            return value in CHECKED
        case ItemKind.DEMONSTRATED:
            return value in SHOWN
        case ItemKind.PHOTO:
            return False
        case _:
            return bool(value)


def _may_be(item: ReportItem) -> Words:
    match item.kind:
        case ItemKind.PHOTO:
            return Words("请添加照片。", "Attach a photo.")
        case ItemKind.CHOICE:
            keys = [choice.key for choice in item.choices]
        case ItemKind.CHECK:
            keys = list(CHECKED)
        case ItemKind.DEMONSTRATED:
            keys = list(SHOWN)
        case _:
            return Words("请填写内容。", "Say something.")
    return Words(f"可填：{'、'.join(keys)}。", f"It may be {', '.join(keys)}.")


def _number(item: ReportItem, value: str) -> str:
    """Counts are whole and not below 0; what is measured may be anything."""
    counted = item.kind is ItemKind.COUNT
    should = Words("不小于 0 的整数", "a whole number, not below 0") if counted else Words("数字", "a number")
    wrong = Refused("report_number_invalid", f"「{item.zh}」须为{should.zh}。", f"“{item.en}” is {should.en}.")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise wrong from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 12 or len(value) > MAX_DIGITS:
        raise wrong
    if counted and (number < 0 or number != number.to_integral_value()):
        raise wrong
    return f"{number:f}"


def unanswered(
    form: ReportForm, answers: Mapping[str, ItemAnswer], attachments: Iterable[ReportAttachment]
) -> list[ReportItem]:
    """What must be answered and isn't, in the order of the form (3.6)."""
    photos = [attachment.item for attachment in attachments]
    return [item for item in form.items if item.required and not _there(item, answers, photos.count(item.key))]


def _there(item: ReportItem, answers: Mapping[str, ItemAnswer], photos: int) -> bool:
    if item.kind is ItemKind.PHOTO:
        return photos >= (item.at_least or 1)
    return item.key in answers


def unexplained(form: ReportForm, answers: Mapping[str, ItemAnswer]) -> list[ReportItem]:
    """What is not as it should be, and no note says why: left undone, or a number beyond its limits."""
    found = [(item, answers[item.key]) for item in form.items if item.key in answers]
    return [item for item, answer in found if not answer.note and not _as_it_should(item, answer)]


def _as_it_should(item: ReportItem, answer: ItemAnswer) -> bool:
    if item.kind in (ItemKind.CHECK, ItemKind.DEMONSTRATED):
        return answer.value in ("done", "shown")
    return not beyond(item, answer)


def beyond(item: ReportItem, answer: ItemAnswer) -> bool:
    """Whether a number lies beyond the limits of its item."""
    if item.kind not in NUMBERS:
        return False
    number = Decimal(answer.value)
    low, high = item.at_least, item.at_most
    return (low is not None and number < low) or (high is not None and number > high)


def training(content: ReportContent, *, signed: bool) -> TrainingOutcome | None:
    """D29: a training is done when somebody attended and all was demonstrated, and that is signed; otherwise it is
    repeated. None for other work."""
    if content.job.purpose is not Purpose.TRAINING:
        return None
    answers = {answer.item: answer for answer in content.answers}
    wanted = [item.key for item in content.form.items if item.kind is ItemKind.DEMONSTRATED and item.required]
    shown = all(key in answers and answers[key].value == "shown" for key in wanted)
    attended = ATTENDEES in answers and Decimal(answers[ATTENDEES].value) > 0
    return TrainingOutcome.PASSED if signed and shown and attended else TrainingOutcome.REPEAT


# --- how a correction differs from what it corrects -------------------------------------------------------------------


def changes(before: ReportContent, after: ReportContent) -> tuple[ReportChange, ...]:
    """What differs, item by item, in the words of the form."""
    was = {answer.item: answer for answer in before.answers}
    now = {answer.item: answer for answer in after.answers}
    items = [(item.key, item) for item in after.form.items if was.get(item.key) != now.get(item.key)]
    found = [
        ReportChange(item=key, before=said(item, was.get(key)), after=said(item, now.get(key))) for key, item in items
    ]
    if before.parts != after.parts:
        found.append(ReportChange(item="parts", before=parts_said(before.parts), after=parts_said(after.parts)))
    if before.attachments != after.attachments:
        one, other = _attached(before.attachments), _attached(after.attachments)
        found.append(ReportChange(item="attachments", before=one, after=other))
    if before.job != after.job:
        found.append(ReportChange(item="job", before=_job_said(before.job), after=_job_said(after.job)))
    return tuple(found)


def said(item: ReportItem, answer: ItemAnswer | None) -> str:
    """An answer as people read it, Chinese; empty where there is none."""
    if answer is None:
        return ""
    choices = {choice.key: choice.zh for choice in item.choices}
    value = choices.get(answer.value, answer.value) if item.kind is ItemKind.CHOICE else answer.value
    if item.kind in (ItemKind.CHECK, ItemKind.DEMONSTRATED):
        value = ANSWER[answer.value].zh
    note = f"（{answer.note}）" if answer.note else ""
    return f"{value}{item.unit}{note}" if item.kind in NUMBERS else f"{value}{note}"


def parts_said(parts: Iterable[PartUsed]) -> str:
    """The material in one line."""
    return "；".join(
        f"{part.name}{f'（{part.lot}）' if part.lot else ''} {part.quantity:f}{part.unit}" for part in parts
    )


def _attached(attachments: Iterable[ReportAttachment]) -> str:
    return "；".join(f"{attachment.title}（{attachment.sha256[:8]}）" for attachment in attachments)


def _job_said(job: ReportJob) -> str:
    """The customer, the product, who was there and when (Shanghai)."""
    visits = [f"{visit.engineer} {_when(visit.arrived_at)}–{_when(visit.finished_at)}" for visit in job.visits]
    known = (job.customer_name, job.site_name, job.product_name, job.lot)
    return "；".join([*(name for name in known if name), *visits])


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else "?"
