"""The case file of a ticket (5.3): its documents, its checklist, and archiving."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Form, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.tickets.api import permissions as may
from services.tickets.api.intake import Opened
from services.tickets.api.work import ticket_actions
from services.tickets.commands import case_files
from services.tickets.domain.identity import case_file_id
from services.tickets.views import case_file as case_file_view
from services.tickets.views import desk
from shared.api import Call, Routes
from shared.bodies import CommandBody
from shared.decider import Words
from shared.documents import Documents
from shared.events.tickets import DocumentKind
from shared.problems import NOT_READY, Problem
from shared.service import Runtime
from shared.text import Name
from shared.uploads import SAME_AGAIN, UPLOAD_LIMIT, UPLOADED, download, keep


class DocumentFiled(BaseModel):
    """The document as it was filed."""

    case_file: UUID
    ticket: UUID
    sha256: str
    media_type: str
    size: int
    version: int


def routes(runtime: Runtime, documents: Documents) -> Routes:
    routes = Routes("服务档案", "Case files", prefix="/{ticket_id:uuid}", actions=ticket_actions(runtime))
    _declare_documents(routes, runtime, documents)

    @routes.get("/case-file", permission=may.READ, response_model=dict[str, Any], summary="档案清单 · The checklist")
    async def show_case_file(call: Call, ticket_id: UUID) -> Response:
        """归档所需的各项是否齐全，及已归入的文件（5.3）·
        What a complete file holds, what is missing, and its documents."""
        return call.answer(await case_file_view.shown(runtime.log, runtime.pool, ticket_id, call.language))

    @routes.post("/archive", permission=may.ARCHIVE, response_model=Opened, summary="归档 · Archive")
    async def archive_ticket(call: Call, ticket_id: UUID, body: CommandBody) -> Response:
        """服务档案完整后归档（5.3）· Archive the complete case file, and with it the ticket."""
        if not await desk.up_to(runtime.pool, await runtime.log.head()):
            raise Problem(NOT_READY, _BEHIND, headers={"Retry-After": "2"})
        doing = partial(
            case_files.archive,
            ticket_id=ticket_id,
            complaints=[complaint for complaint, _, _ in await desk.complaints_of(runtime.pool, ticket_id)],
            version=call.expected_version,
            at=call.moment(body.at),
            by=call.actor,
        )
        return call.done(await runtime.log.execute(doing, call.context()))

    return routes


_BEHIND = Words(
    "列表尚未跟上最新记录，暂时无法确认投诉是否都已办结；请稍后再试。",
    "The lists are behind, so it isn't known yet whether a complaint is open; try again shortly.",
)


def _declare_documents(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    @routes.post(
        "/documents",
        permission=may.FILE,
        keyless=SAME_AGAIN,
        body_limit=UPLOAD_LIMIT,
        status_code=201,
        response_model=DocumentFiled,
        summary="归入文件 · File a document",
    )
    async def file_document(
        call: Call,
        ticket_id: UUID,
        file: Annotated[UploadFile, File(description=UPLOADED)],
        document: Annotated[DocumentKind, Form(description="类别 · what it is")],
        title: Annotated[Name, Form(description="标题，请勿写个人信息 · title; nothing personal in it")],
    ) -> Response:
        """把来函扫描件、服务报告单、照片等归入服务档案（5.3）·
        Put a scan, a service report, a photo into the case file."""
        kept = await keep(documents, file)
        work = partial(
            case_files.file_document,
            ticket_id=ticket_id,
            sha256=kept.sha256,
            document=document,
            title=title,
            at=runtime.clock.now(),
            by=call.actor,
        )
        filed = (await runtime.log.execute(work, call.context())).answer
        shown = filed | {"sha256": kept.sha256, "media_type": kept.media_type, "size": kept.size}
        return call.answer(shown, status=201, headers={"Location": f"{call.url.path}/{kept.sha256}"})

    @routes.get("/documents/{sha256}", permission=may.FILES_READ, response_class=Response, summary="下载 · Download")
    async def show_document(ticket_id: UUID, sha256: str) -> Response:
        """一份文件的内容 · The content of a document."""
        return await download(
            documents, sha256, await case_file_view.documents_of(runtime.log, case_file_id(ticket_id))
        )
