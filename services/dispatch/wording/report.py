"""What happens to service reports and their forms, in plain words (3.6)."""

from typing import assert_never

from services.dispatch.domain.names.report import CHANGED, PURPOSE, TRAINING
from services.dispatch.domain.report import ReportEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event, Moment


def report_in_words(event: Event) -> Words | None:
    """None of what is no event of a report or a form."""
    if isinstance(event, fact.ReportFormAdopted):
        return _form(event)
    return _report(event) if isinstance(event, ReportEvent) else None


def _form(event: fact.ReportFormAdopted) -> Words:
    kind, since, count = PURPOSE[event.purpose], _when(event.valid_from), len(event.items)
    return Words(
        f"{kind.zh}报告单样式第 {event.edition} 版，自 {since} 起，共 {count} 项：{event.reason}",
        f"Edition {event.edition} of the form for {kind.en}, from {since}, {count} items: {event.reason}",
    )


def _report(event: ReportEvent) -> Words:
    match event:
        case fact.ServiceReportDrafted():
            kind = PURPOSE[event.form.purpose]
            return Words(f"起草报告单 {event.number}（{kind.zh}）。", f"Report {event.number} begun ({kind.en}).")
        case fact.ServiceReportFilled():
            return _filled(event)
        case fact.ReportAttachmentAdded():
            title = event.attachment.title
            return Words(f"添加附件：{title}", f"Attached: {title}")
        case fact.ReportAttachmentRemoved():
            return Words(f"移除附件 {event.sha256[:8]}。", f"Took out the attachment {event.sha256[:8]}.")
        case fact.ServiceReportSubmitted():
            return Words(
                f"提交第 {event.version} 版，待客户签字。", f"Version {event.version} submitted, to be signed."
            )
        case fact.ServiceReportRecalled():
            return Words(
                f"撤回第 {event.version} 版：{event.reason}", f"Version {event.version} taken back: {event.reason}"
            )
        case _:
            return _shown(event)


_Shown = (
    fact.ServiceReportSigned
    | fact.SignatureRefused
    | fact.ServiceReportCorrectionBegun
    | fact.ServiceReportCorrected
    | fact.ServiceReportCorrectionDropped
    | fact.ReportSignerErased
)


def _shown(event: _Shown) -> Words:
    match event:
        case fact.ServiceReportSigned():
            outcome = _training(event.training)
            return Words(
                f"客户签字确认第 {event.version} 版{outcome.zh}（3.6）。",
                f"The customer signed version {event.version}{outcome.en} (3.6).",
            )
        case fact.SignatureRefused():
            return Words(
                f"客户拒绝在第 {event.version} 版签字：{event.reason}",
                f"The customer didn't sign version {event.version}: {event.reason}",
            )
        case fact.ServiceReportCorrectionBegun():
            return Words(
                f"开始更正第 {event.corrects} 版：{event.reason}",
                f"Correction of version {event.corrects} begun: {event.reason}",
            )
        case fact.ServiceReportCorrected():
            return _corrected(event)
        case fact.ServiceReportCorrectionDropped():
            return Words(
                f"放弃更正，第 {event.corrects} 版仍有效：{event.reason}",
                f"Correction dropped, version {event.corrects} stands: {event.reason}",
            )
        case fact.ReportSignerErased():
            return Words(
                f"第 {event.version} 版签字人信息已删除（D13）：{event.reason}",
                f"Who signed version {event.version} was erased (D13): {event.reason}",
            )
        case _:
            assert_never(event)


def _filled(event: fact.ServiceReportFilled) -> Words:
    count, emptied = len(event.answers), len(event.emptied)
    zh = [f"填写 {count} 项"] * bool(count) + [f"清空 {emptied} 项"] * bool(emptied)
    en = [f"{count} item(s) filled in"] * bool(count) + [f"{emptied} emptied"] * bool(emptied)
    if event.parts is not None:
        zh.append(f"材料与配件 {len(event.parts)} 种")
        en.append(f"{len(event.parts)} kind(s) of material")
    return Words(f"{'，'.join(zh)}。", f"{', '.join(en)}.")


def _corrected(event: fact.ServiceReportCorrected) -> Words:
    items = {item.key: Words(item.zh, item.en) for item in event.content.form.items} | dict(CHANGED)
    names = [items[change.item] for change in event.changes]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    return Words(
        f"提交第 {event.version} 版，更正第 {event.corrects} 版的{zh}：{event.reason}",
        f"Version {event.version} submitted; it corrects version {event.corrects} in {en}: {event.reason}",
    )


def _training(outcome: fact.TrainingOutcome | None) -> Words:
    if outcome is None:
        return Words("", "")
    words = TRAINING[outcome]
    return Words(f"，{words.zh}", f", {words.en}")


def _when(moment: Moment) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
