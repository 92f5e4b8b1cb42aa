"""Service reports (3.6): what they take from the work order and its visits, and what the work order learns of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.dispatch.domain import report, report_form, visit, work_order
from services.dispatch.domain.identity import report_form_id, report_id, signer_id
from services.dispatch.domain.report_commands import DraftReport, EraseSigner, SignReport
from services.dispatch.domain.report_form import AdoptReportForm
from services.dispatch.domain.visit_state import Visit
from services.dispatch.domain.work_order_commands import RecordReport
from services.dispatch.signers import ERASE, RECORD
from shared.decider import Refused
from shared.eventlog import Streams
from shared.events.dispatch import ReportForm, ReportJob, ReportVisit, ServiceReportSigned, WorkOrderStatus
from shared.events.tickets import Purpose
from shared.own import require_own


async def draft(streams: Streams, order: UUID, *, at: datetime, by: str, own: str | None) -> dict[str, Any]:
    """Begin the report of a work order, on the form that is in force at ``at``; one that was begun is given back."""
    state = await streams.load(work_order, order)
    if state.status in (WorkOrderStatus.DRAFT, WorkOrderStatus.CANCELLED):
        raise Refused(
            "work_order_not_reportable",
            "派工单未确认或已取消，不能填写报告单。",
            "The work order isn't qualified, or it was cancelled: there is nothing to report.",
        )
    work = await job_of(streams, order)
    await _only_own(streams, order, own)
    stream = report_id(order)
    form = await form_in_force(streams, work.purpose, at)
    await streams.handle(report, stream, DraftReport(report=stream, job=work, form=form, at=at, by=by))
    return await _answer(streams, stream)


async def act(
    streams: Streams, id: UUID, wish: Callable[..., Any], version: int | None, own: str | None
) -> dict[str, Any]:
    """Actions that need nothing but the report; an engineer reaches only those of their own work."""
    await _reach(streams, id, version, own)
    await streams.handle(report, id, wish())
    return await _answer(streams, id)


async def submit(
    streams: Streams, id: UUID, wish: Callable[..., Any], version: int | None, own: str | None
) -> dict[str, Any]:
    """What is signed says who was there and when, as the visits tell of it now."""
    order = await _reach(streams, id, version, own)
    await streams.handle(report, id, wish(job=await job_of(streams, order)))
    return await _answer(streams, id)


async def refuse(
    streams: Streams, id: UUID, wish: Callable[..., Any], version: int | None, own: str | None
) -> dict[str, Any]:
    """3.6: the work order learns why there is no signature."""
    order = await _reach(streams, id, version, own)
    wanted = wish()
    if await streams.handle(report, id, wanted):
        told = RecordReport(
            at=wanted.at, by=wanted.by, report=id, version=wanted.version, signature_refused=wanted.reason
        )
        await streams.handle(work_order, order, told)
    return await _answer(streams, id)


async def sign(
    streams: Streams,
    id: UUID,
    *,
    signature: str,
    seen: int,
    name: str,
    at: datetime,
    by: str,
    version: int | None,
    own: str | None,
) -> dict[str, Any]:
    """3.6: the customer signs version ``seen``; the name goes beside the log, and the work order is reported."""
    order = await _reach(streams, id, version, own)
    signer = signer_id(id, seen, signature)
    signing = SignReport(version=seen, signature=signature, signer=signer, at=at, by=by)
    if await streams.handle(report, id, signing):
        streams.write_beside(RECORD, signer, id, seen, name, at)
        await streams.handle(work_order, order, RecordReport(report=id, version=seen, signed_at=at, at=at, by=by))
    return await _answer(streams, id)


async def erase_signer(streams: Streams, id: UUID, *, seen: int, reason: str, at: datetime, by: str) -> dict[str, Any]:
    """D13. The answer names the ``signature`` too, the fingerprint of the image that is to be deleted."""
    state = await streams.load(report, id)
    await streams.handle(report, id, EraseSigner(version=seen, reason=reason, at=at, by=by))
    signed: ServiceReportSigned = state.signatures[seen]
    streams.write_beside(ERASE, at, signed.signer)
    return await _answer(streams, id) | {"signature": signed.signature}


async def adopt_form(
    streams: Streams, purpose: Purpose, wish: Callable[..., AdoptReportForm], version: int | None
) -> dict[str, Any]:
    """A new edition of a purpose's form."""
    stream = report_form_id(purpose)
    await streams.expect(report_form, stream, version)
    await streams.handle(report_form, stream, wish(purpose=purpose))
    last = (await streams.load(report_form, stream)).editions[-1]
    return {
        "purpose": purpose,
        "edition": last.edition,
        "valid_from": last.valid_from.isoformat(),
        "version": streams.version(stream),
    }


# -- look-ups ----------------------------------------------------------------------------------------------------------


async def form_in_force(streams: Streams, purpose: Purpose, at: datetime) -> ReportForm:
    """The edition of the purpose's form that holds at ``at``."""
    forms = await streams.load(report_form, report_form_id(purpose), required=False)
    return report_form.in_force(forms, purpose, at)


async def job_of(streams: Streams, order: UUID) -> ReportJob:
    """The work as its order and its visits tell of it now. Raises ``Refused`` for one without a purpose."""
    state = await streams.load(work_order, order)
    facts = work_order.known(state)
    if facts.purpose is None:
        raise Refused("purpose_missing", "请先确认派工单的服务类别。", "Say first what the work order is for.")
    known = {name: getattr(facts, name) for name in ReportJob.model_fields if hasattr(facts, name)}
    seen = [(each, await streams.load(visit, each)) for each in state.visits]
    visits = [_visited(each, there) for each, there in seen if there.assigned and not there.aborted]
    return ReportJob(**known, visits=tuple(visits))


def _visited(id: UUID, there: Visit) -> ReportVisit:
    """D5: a dispute about the arrival is settled by its adjudication."""
    assert there.assigned, "somebody went"
    arrived = there.arrived.at if there.arrived else None
    if there.adjudicated:
        arrived = there.adjudicated.arrived_at
    finished = there.finished.at if there.finished else None
    return ReportVisit(visit=id, engineer=there.assigned.engineer, arrived_at=arrived, finished_at=finished)


async def _reach(streams: Streams, id: UUID, version: int | None, own: str | None) -> UUID:
    """The report's work order, where the caller may reach it. Raises ``StreamNotFound``, ``PreconditionFailed``."""
    order = report.known(await streams.load(report, id)).work_order
    await _only_own(streams, order, own)
    await streams.expect(report, id, version)
    return order


async def _only_own(streams: Streams, order: UUID, own: str | None) -> None:
    require_own(own, *await engineers_of(streams, order))


async def engineers_of(streams: Streams, order: UUID) -> frozenset[str]:
    """Who went or is to go: whom a report concerns."""
    state = await streams.load(work_order, order)
    return frozenset(noted.engineer for noted in state.visits.values() if noted.engineer)


async def _answer(streams: Streams, id: UUID) -> dict[str, Any]:
    state = await streams.load(report, id)
    drafted = report.known(state)
    return {
        "report": str(id),
        "number": drafted.number,
        "work_order": str(drafted.work_order),
        "status": state.status,
        "report_version": state.version,
        "content_hash": state.hashes.get(state.version),
        "version": streams.version(id),
    }
