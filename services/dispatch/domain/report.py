"""The service report of a job (3.6): filled in on its purpose's form, submitted, signed by the customer or refused.

DRAFT → SUBMITTED → {SIGNED | SIGNATURE_REFUSED}; SUBMITTED → DRAFT (recalled); SIGNATURE_REFUSED → SIGNED;
{SIGNED | SIGNATURE_REFUSED} → CORRECTING → SUBMITTED. What was signed never changes: a correction is a new version,
and shows both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, assert_never

from services.dispatch.domain.identity import report_number
from services.dispatch.domain.names.report import REPORT_ACTION, REPORT_HINT, REPORT_STATUS
from services.dispatch.domain.report_commands import (
    AttachToReport,
    BeginCorrection,
    DetachFromReport,
    DraftReport,
    DropCorrection,
    EraseSigner,
    FillReport,
    RecallReport,
    RefuseSignature,
    ReportCommand,
    SignReport,
    SubmitReport,
)
from services.dispatch.domain.report_content import (
    changes,
    fingerprint,
    item_of,
    judged,
    training,
    unanswered,
    unexplained,
)
from shared.decider import DeadlineChange, Refused, Words
from shared.events.base import Moment
from shared.events.dispatch.report import (
    ItemAnswer,
    PartUsed,
    ReportAttachment,
    ReportAttachmentAdded,
    ReportAttachmentRemoved,
    ReportContent,
    ReportSignerErased,
    ReportStatus,
    ServiceReportCorrected,
    ServiceReportCorrectionBegun,
    ServiceReportCorrectionDropped,
    ServiceReportDrafted,
    ServiceReportFilled,
    ServiceReportRecalled,
    ServiceReportSigned,
    ServiceReportSubmitted,
    SignatureRefused,
)
from shared.events.dispatch.report_form import ItemKind, ReportItem
from shared.refusal import not_now, why_not

STREAM = "report"

MAX_ATTACHMENTS = 50

ReportEvent = (
    ServiceReportDrafted
    | ServiceReportFilled
    | ReportAttachmentAdded
    | ReportAttachmentRemoved
    | ServiceReportSubmitted
    | ServiceReportRecalled
    | ServiceReportSigned
    | SignatureRefused
    | ServiceReportCorrectionBegun
    | ServiceReportCorrected
    | ServiceReportCorrectionDropped
    | ReportSignerErased
)

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    status: ReportStatus | None = None
    """None: nothing was begun."""
    drafted: ServiceReportDrafted | None = None
    answers: Mapping[str, ItemAnswer] = field(default_factory=dict)
    parts: tuple[PartUsed, ...] = ()
    attachments: tuple[ReportAttachment, ...] = ()
    content: ReportContent | None = None
    """What was submitted last."""
    submitted_at: Moment | None = None
    hashes: Mapping[int, str] = field(default_factory=dict)
    """The content hash of every version that was submitted."""
    signatures: Mapping[int, ServiceReportSigned] = field(default_factory=dict)
    """By version."""
    refusals: Mapping[int, SignatureRefused] = field(default_factory=dict)
    standing: ReportContent | None = None
    """The latest version that was signed, or refused: it holds until a correction of it is."""
    correction: ServiceReportCorrectionBegun | None = None
    erased: frozenset[int] = frozenset()
    """The versions whose signer was erased."""

    @property
    def version(self) -> int:
        """The last that was submitted; 0 before the first."""
        return self.content.version if self.content else 0


NEW = Report()


def evolve(report: Report, event: ReportEvent) -> Report:
    match event:
        case ServiceReportDrafted():
            return replace(report, status=ReportStatus.DRAFT, drafted=event)
        case ServiceReportFilled():
            return _filled(report, event)
        case ReportAttachmentAdded():
            return replace(report, attachments=(*report.attachments, event.attachment))
        case ReportAttachmentRemoved():
            return replace(report, attachments=tuple(a for a in report.attachments if a.sha256 != event.sha256))
        case ServiceReportSubmitted() | ServiceReportCorrected():
            hashes = {**report.hashes, event.version: event.content_hash}
            shown = replace(report, content=event.content, submitted_at=event.at, hashes=hashes)
            return replace(shown, status=ReportStatus.SUBMITTED)
        case ServiceReportRecalled():
            return replace(report, status=ReportStatus.CORRECTING if report.correction else ReportStatus.DRAFT)
        case ServiceReportSigned():
            signatures = {**report.signatures, event.version: event}
            return replace(_settled(report, ReportStatus.SIGNED), signatures=signatures)
        case SignatureRefused():
            refusals = {**report.refusals, event.version: event}
            return replace(_settled(report, ReportStatus.SIGNATURE_REFUSED), refusals=refusals)
        case ServiceReportCorrectionBegun():
            return replace(report, status=ReportStatus.CORRECTING, correction=event)
        case ServiceReportCorrectionDropped():
            return _dropped(report)
        case ReportSignerErased():
            return replace(report, erased=report.erased | {event.version})
        case _:
            assert_never(event)


def _filled(report: Report, event: ServiceReportFilled) -> Report:
    answers = {key: answer for key, answer in report.answers.items() if key not in event.emptied}
    answers |= {answer.item: answer for answer in event.answers}
    return replace(report, answers=answers, parts=report.parts if event.parts is None else event.parts)


def _settled(report: Report, status: ReportStatus) -> Report:
    return replace(report, status=status, standing=report.content, correction=None)


def _dropped(report: Report) -> Report:
    """Back to what stands, as if the correction had not been begun; a version that it submitted stays in the history,
    and its number isn't given again."""
    content = report.standing
    if content is None:
        return report
    signed = content.version in report.signatures
    return replace(
        report,
        status=ReportStatus.SIGNED if signed else ReportStatus.SIGNATURE_REFUSED,
        answers={answer.item: answer for answer in content.answers},
        parts=content.parts,
        attachments=content.attachments,
        content=content,
        correction=None,
    )


def deadlines(event: ReportEvent) -> Sequence[DeadlineChange]:
    """None: 3.6 sets no time."""
    return []


def known(report: Report) -> ServiceReportDrafted:
    """How it was begun. Raises ``Refused`` where it wasn't."""
    if report.drafted is None:
        raise Refused("report_missing", "还没有报告单，请先起草。", "There is no report yet: begin one.")
    return report.drafted


def engineers(report: Report) -> tuple[str, ...]:
    """Who did the work, as far as the report knows."""
    job = report.content.job if report.content else known(report).job
    return tuple(dict.fromkeys(visit.engineer for visit in job.visits))


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: ReportCommand, report: Report) -> Sequence[ReportEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case DraftReport():
            return _draft(command, report)
        case FillReport():
            return _fill(command, report)
        case AttachToReport():
            return _attach(command, report)
        case DetachFromReport():
            return _detach(command, report)
        case SubmitReport():
            return _submit(command, report)
        case RecallReport():
            return _recall(command, report)
        case SignReport():
            return _sign(command, report)
        case RefuseSignature():
            return _refuse(command, report)
        case BeginCorrection():
            return _begin_correction(command, report)
        case DropCorrection():
            return _drop_correction(command, report)
        case EraseSigner():
            return _erase_signer(command, report)
        case _:
            assert_never(command)


_DRAFTS = (ReportStatus.DRAFT, ReportStatus.CORRECTING)
_SHOWN = (ReportStatus.SIGNED, ReportStatus.SIGNATURE_REFUSED)
_OPEN: Mapping[str, tuple[ReportStatus, ...]] = {
    "fill": _DRAFTS,
    "attach": _DRAFTS,
    "detach": _DRAFTS,
    "submit": _DRAFTS,
    "recall": (ReportStatus.SUBMITTED,),
    "sign": (ReportStatus.SUBMITTED, ReportStatus.SIGNATURE_REFUSED),
    "refuse_signature": (ReportStatus.SUBMITTED,),
    "correct": _SHOWN,
    "drop_correction": (ReportStatus.CORRECTING,),
}
"""In which states an action is open."""


def available(report: Report) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not."""
    guards: dict[str, Callable[[], object]] = {action: partial(_permit, action, report) for action in _OPEN}
    guards["submit"] = partial(_can_submit, report)
    guards["erase_signer"] = partial(_somebody_signed, report)
    return {action: why_not(guard) for action, guard in guards.items()}


def _permit(action: str, report: Report) -> ServiceReportDrafted:
    """Raises ``Refused`` where the lifecycle doesn't list ``action`` now."""
    drafted, status = known(report), report.status
    assert status, "a report that was begun has a status"
    if status not in _OPEN[action]:
        what = Words("报告单", "report")
        raise not_now("report", what, REPORT_ACTION[action], status, REPORT_STATUS[status], REPORT_HINT[status])
    return drafted


def _of(command: ReportCommand, drafted: ServiceReportDrafted) -> dict[str, Any]:
    """What every event says: when, and of which report."""
    return {"at": command.at, "report": drafted.report, "work_order": drafted.work_order}


def _draft(command: DraftReport, report: Report) -> Sequence[ReportEvent]:
    """A job has one report: whoever begins it again gets the one that is there."""
    if report.drafted is not None:
        return []
    number = report_number(command.report, command.at)
    return [
        ServiceReportDrafted(
            at=command.at,
            report=command.report,
            number=number,
            work_order=command.job.work_order,
            job=command.job,
            form=command.form,
        )
    ]


def _fill(command: FillReport, report: Report) -> Sequence[ReportEvent]:
    drafted = _permit("fill", report)
    answers = {answer.item: judged(answer.kept(), drafted.form) for answer in command.answers}
    new = tuple(answer for key, answer in answers.items() if report.answers.get(key) != answer)
    emptied = tuple(key for key in command.emptied if item_of(drafted.form, key).key in report.answers)
    if both := [key for key in command.emptied if key in answers]:
        raise Refused("report_item_both", f"{both[0]} 不能既填写又清空。", f"{both[0]} is both answered and emptied.")
    parts = None if command.parts is None else tuple(PartUsed(**dict(part)) for part in command.parts)
    if parts and not drafted.form.parts:
        raise Refused(
            "report_without_parts", "该类报告单不填写材料。", "This form doesn't ask for material: leave it out."
        )
    if parts == report.parts:
        parts = None
    if not new and not emptied and parts is None:
        return []
    return [ServiceReportFilled(**_of(command, drafted), answers=new, emptied=emptied, parts=parts)]


def _attach(command: AttachToReport, report: Report) -> Sequence[ReportEvent]:
    """A photo is known by its fingerprint: the same one again changes nothing."""
    new = command.attachment
    if any(new.sha256 == there.sha256 and new.item == there.item for there in report.attachments):
        return []
    drafted = _permit("attach", report)
    if any(new.sha256 == there.sha256 for there in report.attachments):
        raise Refused(
            "attachment_elsewhere", "该文件已作为其他项目的附件。", "It is attached to another item: take it out there."
        )
    if new.item is not None and item_of(drafted.form, new.item).kind is ItemKind.PHOTO:
        if not new.media_type.startswith("image/"):
            raise Refused("attachment_no_photo", "该项目须为照片。", "That item asks for a photo.")
    elif new.item is not None:
        raise Refused("attachment_item_no_photo", "该项目不收照片。", "That item doesn't ask for a photo.")
    if len(report.attachments) >= MAX_ATTACHMENTS:
        raise Refused(
            "attachments_too_many",
            f"一份报告单最多 {MAX_ATTACHMENTS} 个附件。",
            f"A report takes {MAX_ATTACHMENTS} attachments at most.",
        )
    return [ReportAttachmentAdded(**_of(command, drafted), attachment=new)]


def _detach(command: DetachFromReport, report: Report) -> Sequence[ReportEvent]:
    drafted = _permit("detach", report)
    if all(command.sha256 != there.sha256 for there in report.attachments):
        return []
    return [ReportAttachmentRemoved(**_of(command, drafted), sha256=command.sha256)]


def _submit(command: SubmitReport, report: Report) -> Sequence[ReportEvent]:
    """3.6: complete, or it isn't submitted. Each submission is a version: a signature names the one that was seen."""
    if report.status is ReportStatus.SUBMITTED and report.content:
        return []
    drafted = _can_submit(report)
    if not any(visit.finished_at for visit in command.job.visits):
        raise Refused(
            "report_before_work", "服务尚未完成，请先登记完成。", "No visit is finished yet: finish the work first."
        )
    version = max(report.hashes, default=0) + 1
    content = _content(drafted, report, command, version)
    said = _of(command, drafted) | {"version": version, "content": content, "content_hash": fingerprint(content)}
    if report.correction is None or report.standing is None:
        return [ServiceReportSubmitted(**said)]
    differs = changes(report.standing, content)
    if not differs:
        raise Refused(
            "correction_empty",
            "与原版本没有不同，请放弃更正。",
            "Nothing differs from what stands: drop the correction.",
        )
    corrects = report.standing.version
    told = {"corrects": corrects, "corrected_hash": report.hashes[corrects], "reason": report.correction.reason}
    return [ServiceReportCorrected(**said, **told, changes=differs)]


def _content(drafted: ServiceReportDrafted, report: Report, command: SubmitReport, version: int) -> ReportContent:
    return ReportContent(
        number=drafted.number,
        version=version,
        job=command.job,
        form=drafted.form,
        answers=tuple(report.answers[item.key] for item in drafted.form.items if item.key in report.answers),
        parts=report.parts,
        attachments=report.attachments,
    )


def _can_submit(report: Report) -> ServiceReportDrafted:
    drafted = _permit("submit", report)
    if open_items := unanswered(drafted.form, report.answers, report.attachments):
        names = _listed(open_items)
        raise Refused("report_incomplete", f"尚未填写：{names.zh}。", f"Not answered yet: {names.en}.")
    if without_note := unexplained(drafted.form, report.answers):
        names = _listed(without_note)
        raise Refused(
            "report_unexplained",
            f"未达要求的项目须说明原因：{names.zh}。",
            f"A note has to say why it is not as it should be: {names.en}.",
        )
    return drafted


def _listed(items: Sequence[ReportItem]) -> Words:
    return Words("、".join(item.zh for item in items), ", ".join(item.en for item in items))


def _recall(command: RecallReport, report: Report) -> Sequence[ReportEvent]:
    drafted = _permit("recall", report)
    return [ServiceReportRecalled(**_of(command, drafted), version=report.version, reason=command.reason)]


def _sign(command: SignReport, report: Report) -> Sequence[ReportEvent]:
    """The customer signs the version that was seen; a customer who refused may still sign it."""
    before = report.signatures.get(command.version)
    if before is not None and before.signature == command.signature:
        return []
    drafted = _permit("sign", report)
    content = _seen(command.version, command.at, report)
    return [
        ServiceReportSigned(
            **_of(command, drafted),
            version=command.version,
            content_hash=report.hashes[command.version],
            signature=command.signature,
            signer=command.signer,
            engineers=engineers(report),
            training=training(content, signed=True),
        )
    ]


def _refuse(command: RefuseSignature, report: Report) -> Sequence[ReportEvent]:
    """3.6: without a signature, the reason is recorded."""
    before = report.refusals.get(command.version)
    if before is not None and before.reason == command.reason:
        return []
    drafted = _permit("refuse_signature", report)
    content = _seen(command.version, command.at, report)
    return [
        SignatureRefused(
            **_of(command, drafted),
            version=command.version,
            content_hash=report.hashes[command.version],
            reason=command.reason,
            engineers=engineers(report),
            training=training(content, signed=False),
        )
    ]


def _seen(version: int, at: Moment, report: Report) -> ReportContent:
    """The content that waits for a signature, if it is the one that the customer saw."""
    assert report.content, "what waits for a signature was submitted"
    assert report.submitted_at, "and at some time"
    if version != report.version:
        raise Refused(
            "report_superseded",
            f"客户所见为第 {version} 版，当前为第 {report.version} 版，请重新出示。",
            f"The customer saw version {version}, it is version {report.version} now: show it again.",
        )
    if at < report.submitted_at:
        raise Refused("before_report", "时间早于报告单提交。", "That was before the report was submitted.")
    return report.content


def _begin_correction(command: BeginCorrection, report: Report) -> Sequence[ReportEvent]:
    drafted = _permit("correct", report)
    assert report.standing, "what was signed or refused stands"
    return [
        ServiceReportCorrectionBegun(**_of(command, drafted), corrects=report.standing.version, reason=command.reason)
    ]


def _drop_correction(command: DropCorrection, report: Report) -> Sequence[ReportEvent]:
    drafted = _permit("drop_correction", report)
    assert report.standing, "a correction corrects what stands"
    return [
        ServiceReportCorrectionDropped(**_of(command, drafted), corrects=report.standing.version, reason=command.reason)
    ]


def _erase_signer(command: EraseSigner, report: Report) -> Sequence[ReportEvent]:
    """D13: what was signed and when stays; who it was doesn't."""
    if command.version in report.erased:
        return []
    drafted = _somebody_signed(report)
    signed = report.signatures.get(command.version)
    if signed is None:
        raise Refused("report_unsigned", "该版本没有签字。", "Nobody has signed that version.")
    return [
        ReportSignerErased(
            **_of(command, drafted), version=command.version, signer=signed.signer, reason=command.reason
        )
    ]


def _somebody_signed(report: Report) -> ServiceReportDrafted:
    drafted = known(report)
    if not report.signatures:
        raise Refused("report_unsigned", "还没有客户签字。", "Nobody has signed it.")
    return drafted
