"""Receipts of a claim: uploaded, read, attached to lines, given back; evidence; and the export for accounting."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.api.claim_actions import ClaimDone
from services.dispatch.commands import claims
from services.dispatch.domain import claim
from services.dispatch.domain.claim_commands import RecordLine
from services.dispatch.domain.claim_state import Claim, known
from services.dispatch.domain.invoice_facts import receipt_fault
from services.dispatch.invoices import read_invoice, read_qr
from services.dispatch.views import expenses
from services.dispatch.views.expense_sheet import sheet
from shared.actions import made_by
from shared.api import Call, Routes
from shared.bodies import CommandBody, body_of, said
from shared.calendar import Period
from shared.decider import Words
from shared.documents import Document, Documents
from shared.events.dispatch import InvoiceFacts
from shared.problems import INVALID, Finding, Problem
from shared.service import Runtime
from shared.uploads import SAME_AGAIN, UPLOAD_LIMIT, UPLOADED, content_of, download, file_response, keep, kept_before

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Evidence(BaseModel):
    """A file as it was kept."""

    sha256: str
    media_type: str
    size: int


class Receipt(Evidence):
    """With what it says of itself."""

    invoice: InvoiceFacts | None = Field(
        description="数电票内容；扫描件须手工填写 · null for scans: type what stands there"
    )


class Scanned(BaseModel):
    """The text of an invoice's QR code."""

    text: str = Field(max_length=1000)


class LineDone(ClaimDone):
    line: UUID


def declare_receipts(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    @routes.post(
        "/receipts",
        permission=may.CLAIMS_WRITE,
        keyless=SAME_AGAIN,
        body_limit=UPLOAD_LIMIT,
        status_code=201,
        response_model=Receipt,
        summary="上传票据 · Upload a receipt",
    )
    async def upload_receipt(call: Call, file: Annotated[UploadFile, File(description=UPLOADED)]) -> Response:
        """数电票（XML、OFD、PDF）自动识别；扫描件与照片须手工填写发票内容 ·
        A digital invoice is read; of a scan or photo somebody types what stands on it."""
        _ = call.own  # whoever uploads sees nothing but what they have sent
        kept = await keep(documents, file, receipt_fault)
        _, content = await content_of(documents, kept.sha256)
        invoice = await asyncio.to_thread(read_invoice, content, kept.media_type)
        shown = {"sha256": kept.sha256, "media_type": kept.media_type, "size": kept.size, "invoice": invoice}
        return call.answer(shown, status=201)

    @routes.search(
        "/qr",
        permission=may.CLAIMS_WRITE,
        response_model=InvoiceFacts | None,
        summary="识别发票二维码 · Read a QR code",
    )
    async def read_code(call: Call, body: Scanned) -> Response:
        """手机扫得的二维码文本 → 发票内容；无法识别时为 null · The text of a QR code; null where it is no invoice's."""
        _ = call.own
        return call.answer(read_qr(body.text))

    @routes.get(
        "/{id:uuid}/receipts/{sha256}",
        permission=may.CLAIMS_READ,
        response_class=Response,
        summary="下载票据 · Download",
    )
    async def show_receipt(call: Call, id: UUID, sha256: str) -> Response:
        """一张票据的文件 · The file of a receipt."""
        return await download(documents, sha256, (await _own_claim(call, runtime, id)).receipts)


async def _own_claim(call: Call, runtime: Runtime, id: UUID) -> Claim:
    """Raises Problem (403, 404) where it isn't there for the caller."""
    state, _ = await runtime.log.load(claim, id)
    call.require_own(known(state).engineer)
    return state


def declare_evidence(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    @routes.post(
        "/evidence",
        permission=may.CLAIMS_PROVE,
        keyless=SAME_AGAIN,
        body_limit=UPLOAD_LIMIT,
        status_code=201,
        response_model=Evidence,
        summary="上传证据 · Upload evidence",
    )
    async def upload_evidence(call: Call, file: Annotated[UploadFile, File(description=UPLOADED)]) -> Response:
        """开始调查或认定舞弊时以指纹引用 · To be named by its fingerprint in an investigation or a finding."""
        kept = await keep(documents, file)
        return call.answer({"sha256": kept.sha256, "media_type": kept.media_type, "size": kept.size}, status=201)

    @routes.get(
        "/{id:uuid}/evidence/{sha256}",
        permission=may.CLAIMS_READ,
        response_class=Response,
        summary="下载证据 · Download evidence",
    )
    async def show_evidence(call: Call, id: UUID, sha256: str) -> Response:
        """调查的证据；当事人可查看本人的 · What an investigation brought forward; the subject may see theirs."""
        return await download(documents, sha256, (await _own_claim(call, runtime, id)).evidence)


_LINE = {
    "kind": "lodging",
    "spent_on": "2026-10-08",
    "days": 2,
    "city": "杭州",
    "amount": "600.00",
    "invoice": {"number": "26332000000000000017", "issued": "2026-10-10", "total": "600.00"},
}


def declare_line(routes: Routes, runtime: Runtime, documents: Documents) -> None:
    async def record_line(call: Call, id: UUID, body: CommandBody) -> Response:
        """填写或更正一条明细，附先前上传的票据；附数电票的可不填发票内容 ·
        Write a line, or put one right; of an attached digital invoice nothing need be typed."""
        facts = said(body)
        facts["line"] = facts["line"] or made_by(call, "line")
        wish = partial(RecordLine, at=call.moment(body.at), by=call.actor, **facts)
        read = await _read(await kept_before(documents, facts["receipts"], "receipts", receipt_fault))
        doing = partial(claims.record_line, id=id, wish=wish, version=call.expected_version, own=call.own, read=read)
        return call.done(await runtime.log.execute(doing, call.context()))

    record_line.__annotations__["body"] = body_of(RecordLine, ("read",), _LINE, made="line")
    routes.post(
        "/{id:uuid}/lines",
        permission=may.CLAIMS_WRITE,
        response_model=LineDone,
        summary="填写明细 · Write a line",
    )(record_line)


async def _read(files: Sequence[tuple[Document, bytes]]) -> InvoiceFacts | None:
    """What the first digital invoice among the files says."""
    for document, content in files:
        if found := await asyncio.to_thread(read_invoice, content, document.media_type):
            return found
    return None


def declare_export(routes: Routes, runtime: Runtime) -> None:
    @routes.get("/export.xlsx", permission=may.CLAIMS_EXPORT, response_class=Response, summary="导出 · Export")
    async def export_claims(
        call: Call, month: Annotated[str, Query(description="财务审批的月份 · month of the approval, 2026-10")]
    ) -> Response:
        """当月财务批准的报销明细（XLSX），供记账 · Every line that finance approved in a month, for accounting."""
        try:
            period = Period.parse(month)
        except ValueError as error:
            raise Problem(INVALID, findings=[Finding(_A_MONTH, ("month",), "query")]) from error
        rows: list[dict[str, Any]] = await expenses.for_accounting(runtime.pool, period.start, period.end)
        content = await asyncio.to_thread(sheet, rows, call.language)
        return file_response(content, XLSX, f"expenses-{period}.xlsx")


_A_MONTH = Words("应为月份，如 2026-10。", "A month is expected, such as 2026-10.")
