"""The evidence of a penalty, for the engineer, for those who judge, and for whoever judges them."""

import asyncio
from uuid import UUID

from starlette.responses import Response

from services.penalties.api import permissions as may
from services.penalties.paper.evidence import printed
from services.penalties.views import evidence
from services.penalties.views.evidence import Bundle
from shared.api import Call, Routes
from shared.own import require_own
from shared.service import Runtime
from shared.typesetting import Type
from shared.uploads import file_response


def routes(runtime: Runtime) -> Routes:
    """``/{id}/evidence.…``."""
    routes = Routes("证据材料", "Evidence")
    type_ = Type(runtime.settings.report_font)

    async def bundle(call: Call, id: UUID) -> Bundle:
        """Raises ``StreamNotFound``, and Problem (403) for another engineer's."""
        found = await evidence.bundle(runtime.log, id)
        require_own(call.own, found.engineer)
        return found

    @routes.get(
        "/{id:uuid}/evidence.json",
        permission=may.EVIDENCE_READ,
        response_class=Response,
        summary="证据材料 JSON · Evidence as JSON",
    )
    async def evidence_json(call: Call, id: UUID) -> Response:
        """一项处罚的全部依据与经过,附事件原文、链值与签名;规范化 JSON(RFC 8785),其 SHA-256 印在 PDF 上 ·
        All that a penalty rests on, with the events as they are stored, the chain and its signature; canonical JSON
        (RFC 8785), whose SHA-256 stands on the PDF.
        """
        found = await bundle(call, id)
        response = file_response(found.content, "application/json", f"{found.number}.json")
        response.headers["Repr-Digest"] = f"sha-256=:{found.digest}:"
        return response

    @routes.get(
        "/{id:uuid}/evidence.pdf",
        permission=may.EVIDENCE_READ,
        response_class=Response,
        summary="证据材料 PDF · Evidence as PDF",
    )
    async def evidence_pdf(call: Call, id: UUID) -> Response:
        """供阅读与打印;每页印有 JSON 的 SHA-256 · To be read and printed; each page names the JSON's SHA-256."""
        found = await bundle(call, id)
        company = runtime.settings.company_name
        made = await asyncio.to_thread(printed, found.document, found.sha256, company, type_)
        return file_response(made, "application/pdf", f"{found.number}.pdf")

    return routes
