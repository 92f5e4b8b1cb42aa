"""One service report with all its versions, read from the log itself (3.6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.dispatch.domain import report
from services.dispatch.domain.names.report import REPORT_STATUS, TRAINING
from services.dispatch.domain.report import Report
from services.dispatch.domain.report_content import fingerprint, unanswered
from services.dispatch.paper.report import Correction, ReportPaper, Signature
from shared.calendar import SHANGHAI
from shared.eventlog import EventLog, StreamNotFound
from shared.events.dispatch import (
    ReportContent,
    ReportStatus,
    ServiceReportCorrected,
    ServiceReportSubmitted,
)
from shared.language import Language, say

Submitted = ServiceReportSubmitted | ServiceReportCorrected


@dataclass(frozen=True, slots=True)
class Standing:
    """A report as it stands, and everything that was ever submitted of it."""

    report: UUID
    state: Report
    version: int
    submitted: Mapping[int, Submitted]
    """By version."""


async def standing(log: EventLog, report_id: UUID) -> Standing:
    """Raises ``StreamNotFound``."""
    recorded = await log.history(report_id)
    state = report.NEW
    for each in recorded:
        if not isinstance(each.event, report.ReportEvent):
            raise StreamNotFound(f"{report_id} is no report")
        state = report.evolve(state, each.event)
    submitted = {each.event.version: each.event for each in recorded if isinstance(each.event, Submitted)}
    return Standing(report_id, state, recorded[-1].version, submitted)


def shown(now: Standing, names: Mapping[UUID, str | None], language: Language) -> dict[str, Any]:
    """The report as JSON; ``names`` of the signers lie beside the log."""
    state = now.state
    drafted = report.known(state)
    assert state.status, "a report that was begun has a status"
    missing = unanswered(drafted.form, state.answers, state.attachments)
    return {
        "report": now.report,
        "number": drafted.number,
        "work_order": drafted.work_order,
        "status": state.status,
        "status_words": say(REPORT_STATUS[state.status], language),
        "job": state.content.job if state.content else drafted.job,
        "form": drafted.form,
        "answers": list(state.answers.values()),
        "parts": state.parts,
        "attachments": state.attachments,
        "missing": [{"item": item.key, "title": item.en if language == "en" else item.zh} for item in missing],
        "report_version": state.version,
        "content_hash": state.hashes.get(state.version),
        "standing_version": state.standing.version if state.standing else None,
        "correction": state.correction.reason if state.correction else None,
        "versions": [version_shown(now, each, names, language) for each in now.submitted.values()],
        "version": now.version,
    }


def version_shown(
    now: Standing, event: Submitted, names: Mapping[UUID, str | None], language: Language
) -> dict[str, Any]:
    """What became of one version; a correction with what it changed."""
    signed, refused = now.state.signatures.get(event.version), now.state.refusals.get(event.version)
    settled = signed or refused
    corrected = event if isinstance(event, ServiceReportCorrected) else None
    return {
        "report_version": event.version,
        "submitted_at": event.at,
        "content_hash": event.content_hash,
        "intact": fingerprint(event.content) == event.content_hash,
        "corrects": corrected.corrects if corrected else None,
        "corrected_hash": corrected.corrected_hash if corrected else None,
        "reason": corrected.reason if corrected else None,
        "changes": corrected.changes if corrected else [],
        "signed": {
            "at": signed.at,
            "name": names.get(signed.signer),
            "signature": signed.signature,
            "erased": event.version in now.state.erased,
        }
        if signed
        else None,
        "refused": {"at": refused.at, "reason": refused.reason} if refused and not signed else None,
        "training": settled.training if settled else None,
        "training_words": say(TRAINING[settled.training], language) if settled and settled.training else None,
    }


def attached(now: Standing) -> frozenset[str]:
    """The fingerprints of all photos and papers of the report, whichever version they were in."""
    contents = [event.content for event in now.submitted.values()]
    ever = [each for content in contents for each in content.attachments]
    return frozenset(each.sha256 for each in (*ever, *now.state.attachments))


# -- what is printed ---------------------------------------------------------------------------------------------------


def drafted_paper(now: Standing, company: str, telephone: str) -> ReportPaper:
    """The report as far as it is filled in."""
    drafted, state = report.known(now.state), now.state
    content = ReportContent(
        number=drafted.number,
        version=0,
        job=state.content.job if state.content else drafted.job,
        form=drafted.form,
        answers=tuple(state.answers.values()),
        parts=state.parts,
        attachments=state.attachments,
    )
    return ReportPaper(company, telephone, drafted.form, content, state="草稿")


def version_paper(
    now: Standing,
    version: int,
    company: str,
    telephone: str,
    names: Mapping[UUID, str | None],
    images: Mapping[str, bytes],
) -> ReportPaper:
    """A version as it was submitted, and how the customer settled it. ``images``: contents by fingerprint."""
    event, state = now.submitted[version], now.state
    signed, refused = state.signatures.get(version), state.refusals.get(version)
    settled = signed or refused
    return ReportPaper(
        company,
        telephone,
        event.content.form,
        event.content,
        event.content_hash,
        state=_mark(now, version),
        signature=Signature(signed.at, images.get(signed.signature), names.get(signed.signer)) if signed else None,
        refused=(refused.at, refused.reason) if refused and not signed else None,
        training=settled.training if settled else None,
        correction=_correction(now, event),
        pictures=images,
    )


def _mark(now: Standing, version: int) -> str:
    """What is printed across a version that isn't the one that stands."""
    state = now.state
    if state.standing and version < state.standing.version:
        return "已更正"
    if version in state.signatures or version in state.refusals:
        return ""
    return "待签字" if state.status is ReportStatus.SUBMITTED and version == state.version else "已作废"


def _correction(now: Standing, event: Submitted) -> Correction | None:
    """3.6: a correction shows both."""
    if not isinstance(event, ServiceReportCorrected):
        return None
    signed = now.state.signatures.get(event.corrects)
    refused = now.state.refusals.get(event.corrects)
    settled = signed or refused
    assert settled, "what is corrected was signed or refused"
    how = "客户签字" if signed else "客户拒签"
    when = f"{settled.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {how}"
    return Correction(event.corrects, when, event.reason, event.changes)


def numbered(now: Standing, version: int | None) -> int | None:
    """The version that is asked for, or the latest submitted; None where nothing was submitted.

    Raises ``StreamNotFound`` for a version that isn't there.
    """
    if version is not None and version not in now.submitted:
        raise StreamNotFound(f"{now.report} has no version {version}")
    return version or (now.state.version or None)


def pictures_of(content: ReportContent) -> Sequence[str]:
    """The fingerprints of what can be printed small."""
    return [each.sha256 for each in content.attachments if each.media_type.startswith("image/")]
