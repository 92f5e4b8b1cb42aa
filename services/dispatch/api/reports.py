"""Service reports (3.6): begun, filled in, signed by the customer, corrected; read as data and as a form."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, Query, UploadFile
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import reports as commands
from services.dispatch.domain import report
from services.dispatch.domain import report_commands as wish
from services.dispatch.domain.names.report import REPORT_ACTION
from services.dispatch.paper.report import printed, reduced
from services.dispatch.signers import check_signature, names_of
from services.dispatch.views import report as one
from services.dispatch.views import reports as many
from services.dispatch.views.reports import ReportsPage
from services.dispatch.wording import in_words
from shared.actions import Act, declare
from shared.api import Call, Routes
from shared.auth import Permission
from shared.bodies import CommandBody
from shared.documents import Document, Documents, NotADocument
from shared.events.dispatch import ReportAttachment
from shared.history import line
from shared.offers import offered
from shared.paging import PageOf
from shared.problems import INVALID, NOT_FOUND, Action, Finding, Problem
from shared.service import Runtime
from shared.text import Name, Text
from shared.typesetting import Type
from shared.uploads import (
    SAME_AGAIN,
    UPLOAD_LIMIT,
    UPLOADED,
    content_of,
    download,
    file_response,
    keep,
    keep_content,
)

SIGNED_AGAIN = "a signature is known by its fingerprint: sending the same one again changes nothing"
_ID = "2f0c9d1e-7a41-5c55-9d3b-64a1f1d7b0c2"


class DraftBody(CommandBody):
    """Of which work order."""

    model_config = ConfigDict(json_schema_extra={"example": {"work_order": _ID}})

    work_order: UUID = Field(description="派工单 · work order")


class EraseBody(CommandBody):
    """Whose, and why."""

    model_config = ConfigDict(json_schema_extra={"example": {"report_version": 1, "reason": "客户要求删除"}})

    report_version: int = Field(ge=1, description="版本 · version")
    reason: Text


class ReportDone(BaseModel):
    """The report as it stands after the command; ``version`` is that of the ETag."""

    report: UUID
    number: str
    work_order: UUID
    status: str
    report_version: int
    content_hash: str | None
    version: int


_ANSWERS = [
    {"item": "points", "value": "12"},
    {"item": "spacing", "value": "18.5", "note": "受货架限制"},
    {"item": "labelled", "value": "done"},
    {"item": "result", "value": "solved"},
]
_PARTS = [{"name": "大号粘鼠板", "quantity": "20", "unit": "张", "lot": "NSD260948"}]

ACTIONS: Sequence[Act] = (
    Act(
        "fill",
        wish.FillReport,
        may.REPORTS_WRITE,
        "填写项目与所用材料；再次填写即替换，emptied 为清空的项目 · Answers by item, and the material used; what is "
        "answered again is replaced.",
        {"answers": _ANSWERS, "parts": _PARTS},
        commands.act,
    ),
    Act(
        "detach",
        wish.DetachFromReport,
        may.REPORTS_WRITE,
        "移除未签字版本的附件 · Take a photo out of what isn't signed yet.",
        {"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
        commands.act,
    ),
    Act(
        "submit",
        wish.SubmitReport,
        may.REPORTS_WRITE,
        "填写完整后提交，请客户签字；更正时即为新版本（3.6）· Complete: to be signed. Of a correction: a new version.",
        {},
        commands.submit,
        ("job",),
    ),
    Act(
        "recall",
        wish.RecallReport,
        may.REPORTS_WRITE,
        "客户签字前撤回修改 · Take back, before it is signed.",
        {"reason": "客户要求补充处理过程"},
        commands.act,
    ),
    Act(
        "refuse_signature",
        wish.RefuseSignature,
        may.REPORTS_WRITE,
        "客户拒绝签字，须写明原因（3.6）· The customer doesn't sign: why.",
        {"version": 1, "reason": "负责人不在现场"},
        commands.refuse,
    ),
    Act(
        "correct",
        wish.BeginCorrection,
        may.REPORTS_WRITE,
        "更正已签字的报告单：原版本不变，提交后生成同时载明原内容与现内容的新版本 · Correct what was signed: it stays "
        "as it is; a new version shows what was and what is.",
        {"reason": "布放点数写错"},
        commands.act,
    ),
    Act(
        "drop_correction",
        wish.DropCorrection,
        may.REPORTS_WRITE,
        "放弃更正，原版本仍有效 · Give the correction up; what was signed stands.",
        {"reason": "原内容无误"},
        commands.act,
    ),
)

PERMISSIONS: Mapping[str, Permission] = {act.name: act.permission for act in ACTIONS} | {
    "attach": may.REPORTS_WRITE,
    "sign": may.REPORTS_WRITE,
    "erase_signer": may.REPORT_SIGNERS_ERASE,
}


def routes(runtime: Runtime, documents: Documents) -> Routes:
    routes = Routes("售后服务报告单", "Service reports", prefix="/reports", actions=_actions(runtime))
    _declare_drafting(routes, runtime)
    for act in ACTIONS:
        declare(routes, runtime.log, act, REPORT_ACTION, ReportDone)
    _declare_attachments(routes, runtime, documents)
    _declare_signing(routes, runtime, documents)
    _declare_reading(routes, runtime)
    _declare_papers(routes, runtime, documents)
    return routes


def _actions(runtime: Runtime) -> Callable[[Call], Awaitable[Sequence[Action]]]:
    async def actions(call: Call) -> Sequence[Action]:
        found = call.path_params.get("id")
        if found is None:
            return []
        now = await _reached(runtime, call, UUID(str(found)))
        return _offered(call, now)

    return actions


def _offered(call: Call, now: one.Standing) -> list[Action]:
    return offered(call.principal, report.available(now.state), PERMISSIONS, REPORT_ACTION)


async def _reached(runtime: Runtime, call: Call, report_id: UUID) -> one.Standing:
    """The report, if the caller may reach it. Raises ``StreamNotFound``, Problem (403)."""
    now = await one.standing(runtime.log, report_id)
    if call.own is not None:
        order = report.known(now.state).work_order
        call.require_own(*await runtime.log.look(partial(commands.engineers_of, order=order)))
    return now


def _declare_drafting(routes: Routes, runtime: Runtime) -> None:
    @routes.post(
        "",
        permission=may.REPORTS_WRITE,
        status_code=201,
        response_model=ReportDone,
        summary="起草 · Begin",
    )
    async def draft_report(call: Call, body: DraftBody) -> Response:
        """按派工单的服务类别起草报告单；已起草的返回原单 ·
        Begin the report of a work order on the form of its purpose; one that was begun is given back."""
        at = call.moment(body.at)
        doing = partial(commands.draft, order=body.work_order, at=at, by=call.actor, own=call.own)
        outcome = await runtime.log.execute(doing, call.context())
        return call.done(outcome, status=201, location=f"/reports/{outcome.answer['report']}")


def _declare_attachments(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    @routes.post(
        "/{id:uuid}/attachments",
        permission=may.REPORTS_WRITE,
        keyless=SAME_AGAIN,
        body_limit=UPLOAD_LIMIT,
        status_code=201,
        response_model=ReportDone,
        summary="添加附件 · Attach",
    )
    async def attach_to_report(
        call: Call,
        id: UUID,
        file: Annotated[UploadFile, File(description=UPLOADED)],
        title: Annotated[Name, Form(description="标题，请勿写个人信息 · title; nothing personal in it")],
        item: Annotated[str | None, Form(description="所属照片项目 · the item that it answers", max_length=40)] = None,
        at: Annotated[AwareDatetime | None, Form(description="发生时间 · when it happened")] = None,
    ) -> Response:
        """照片或文件；按内容识别，重复上传不变 · A photo or a paper, known by its content."""
        await _reached(runtime, call, id)
        kept = await keep(documents, file)
        adding = wish.AttachToReport(attachment=_attachment(kept, title, item), at=call.moment(at), by=call.actor)
        doing = partial(commands.act, id=id, wish=lambda: adding, version=call.expected_version, own=call.own)
        outcome = await runtime.log.execute(doing, call.context())
        return call.done(outcome, status=201, location=f"/reports/{id}/attachments/{kept.sha256}")

    @routes.get(
        "/{id:uuid}/attachments/{sha256}",
        permission=may.REPORTS_READ,
        response_class=Response,
        summary="下载附件 · Download",
    )
    async def show_report_attachment(call: Call, id: UUID, sha256: str) -> Response:
        """一份附件的原件 · The content of a photo or a paper, as it was sent."""
        return await download(documents, sha256, one.attached(await _reached(runtime, call, id)))


def _attachment(kept: Document, title: str, item: str | None) -> ReportAttachment:
    return ReportAttachment(
        sha256=kept.sha256, media_type=kept.media_type, size=kept.size, title=title, item=item or None
    )


def _declare_signing(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    @routes.post(
        "/{id:uuid}/sign",
        permission=may.REPORTS_WRITE,
        keyless=SIGNED_AGAIN,
        response_model=ReportDone,
        summary="客户签字 · Sign",
    )
    async def sign_report(
        call: Call,
        id: UUID,
        file: Annotated[UploadFile, File(description="签字图片，PNG，最大 1 MB · the signature: PNG, 1 MB at most")],
        version: Annotated[int, Form(ge=1, le=10_000, description="客户所见的版本 · the version that was seen")],
        name: Annotated[
            str,
            Form(min_length=1, max_length=100, pattern=r"\S", description="签字人姓名，存于日志之外 · who signs"),
        ],
        at: Annotated[AwareDatetime | None, Form(description="签字时间 · when it was signed")] = None,
    ) -> Response:
        """客户在所见的版本上签字：图片、时间、姓名；已签字的内容不再改变（3.6）·
        The customer signs the version that they saw: image, time and name. What is signed never changes."""
        await _reached(runtime, call, id)
        image = await file.read()
        try:
            await asyncio.to_thread(check_signature, image)
        except NotADocument as wrong:
            raise Problem(INVALID, findings=[Finding(wrong.words, ("file",))]) from wrong
        kept = await keep_content(documents, image)
        doing = partial(
            commands.sign,
            id=id,
            signature=kept.sha256,
            seen=version,
            name=name.strip(),
            at=call.moment(at),
            by=call.actor,
            version=call.expected_version,
            own=call.own,
        )
        return call.done(await runtime.log.execute(doing, call.context()))

    @routes.get(
        "/{id:uuid}/signatures/{report_version}",
        permission=may.REPORTS_READ,
        response_class=Response,
        summary="签字图片 · The signature",
    )
    async def show_signature(call: Call, id: UUID, report_version: int) -> Response:
        """某一版本的签字图片 · The image of the signature under a version."""
        signed = (await _reached(runtime, call, id)).state.signatures.get(report_version)
        if signed is None:
            raise Problem(NOT_FOUND)
        return await download(documents, signed.signature, (signed.signature,))

    @routes.post(
        "/{id:uuid}/erase-signer",
        permission=may.REPORT_SIGNERS_ERASE,
        response_model=ReportDone,
        summary="删除签字人信息 · Erase the signer",
    )
    async def erase_signer(call: Call, id: UUID, body: EraseBody) -> Response:
        """删除签字人姓名与签字图片，报告单与日志保持完整（D13）·
        Erase the signer's name and the image; the report and the log stay whole."""
        doing = partial(
            commands.erase_signer,
            id=id,
            seen=body.report_version,
            reason=body.reason,
            at=call.moment(body.at),
            by=call.actor,
        )
        outcome = await runtime.log.execute(doing, call.context())
        await documents.forget(outcome.answer.pop("signature"))
        return call.done(outcome)


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    @routes.get("", permission=may.REPORTS_READ, response_model=PageOf[dict[str, Any]], summary="列表 · List")
    async def list_reports(call: Call, page: Annotated[ReportsPage, Query()]) -> Response:
        """报告单列表，新的在前；服务人员只看到本人的 · Reports, the latest begun first; engineers see their own."""
        rows = await many.reports(runtime.pool, page, call.own)
        return call.page(page, rows, lambda row: (row["drafted_at"], row["report"]))

    @routes.get("/{id:uuid}", permission=may.REPORTS_READ, response_model=dict[str, Any], summary="查看 · Show")
    async def show_report(call: Call, id: UUID) -> Response:
        """一份报告单：样式、填写内容、尚缺项目、各版本及签字、可用操作 ·
        One report: form, answers, what is missing, every version with its signature, and what is open now."""
        now = await _reached(runtime, call, id)
        shown = one.shown(now, await names_of(runtime.pool, id), call.language)
        return call.standing(shown, _offered(call, now), now.version)

    @routes.get(
        "/{id:uuid}/versions/{report_version}",
        permission=may.REPORTS_READ,
        response_model=dict[str, Any],
        summary="查看版本 · Show a version",
    )
    async def show_report_version(call: Call, id: UUID, report_version: int) -> Response:
        """某一版本签字的全部内容及其指纹核对；更正版载明原内容与现内容 ·
        All that a version says, and whether it is what its hash says; a correction shows what was and what is."""
        now = await _reached(runtime, call, id)
        if (event := now.submitted.get(report_version)) is None:
            raise Problem(NOT_FOUND)
        told = one.version_shown(now, event, await names_of(runtime.pool, id), call.language)
        return call.answer(told | {"content": event.content})

    @routes.get(
        "/{id:uuid}/history", permission=may.REPORTS_READ, response_model=list[dict[str, Any]], summary="历史 · History"
    )
    async def show_report_history(call: Call, id: UUID) -> Response:
        """每一步：何时、何人、从何处、何事，上海时间 · Every step in plain words, Shanghai time."""
        await _reached(runtime, call, id)
        return call.answer([line(each, call.language, in_words) for each in await runtime.log.history(id)])


def _declare_papers(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    company, telephone = runtime.settings.company_name, runtime.settings.company_phone
    type_ = Type(runtime.settings.report_font)

    @routes.get(
        "/{id:uuid}/report.pdf",
        permission=may.REPORTS_READ,
        response_class=Response,
        summary="报告单 PDF · The form as PDF",
    )
    async def print_report(
        call: Call,
        id: UUID,
        version: Annotated[
            int | None, Query(description="版本，默认最新提交的 · default: the latest submitted")
        ] = None,
    ) -> Response:
        """售后服务报告单 PDF；未提交的标明草稿 · The company's form as PDF; what isn't submitted is marked a draft."""
        now = await _reached(runtime, call, id)
        if version is not None and version not in now.submitted:
            raise Problem(NOT_FOUND)
        chosen = version or now.state.version
        if not chosen:
            paper = one.drafted_paper(now, company, telephone)
        else:
            images = await _images(documents, now, chosen)
            names = await names_of(runtime.pool, id)
            paper = one.version_paper(now, chosen, company, telephone, names, images)
        made = await asyncio.to_thread(printed, paper, type_)
        return file_response(made, "application/pdf", f"{report.known(now.state).number}-v{chosen}.pdf")


async def _images(documents: Documents, now: one.Standing, version: int) -> dict[str, bytes]:
    """Photos, made small one after the other, and the signature. What can't be printed is left to its fingerprint."""
    small: dict[str, bytes] = {}
    for sha256 in one.pictures_of(now.submitted[version].content):
        _, content = await content_of(documents, sha256)
        if made := await asyncio.to_thread(reduced, content):
            small[sha256] = made
    signed = now.state.signatures.get(version)
    if signed and version not in now.state.erased:
        small[signed.signature] = (await content_of(documents, signed.signature))[1]
    return small
