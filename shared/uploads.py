"""Documents over HTTP: uploaded, kept, and given back to be saved, never to be run."""

from collections.abc import Container, Sequence

from fastapi import UploadFile
from starlette.responses import Response

from shared.decider import Words
from shared.documents import ACCEPTED, LIMIT, Document, DocumentDamaged, Documents, Fault, NotADocument
from shared.problems import INVALID, NOT_FOUND, NOT_READY, Finding, Problem
from shared.shelves import ShelfUnreachable

UPLOAD_LIMIT = LIMIT + 100_000
"""Bytes of a form with a document in it."""
UPLOADED = f"扫描件、照片或录音，最大 {LIMIT // 1_000_000} MB · a scan, photo or recording: {ACCEPTED}"
SAME_AGAIN = "a document is known by its fingerprint: sending the same one again changes nothing"

_AWAY = Words("文件库暂时无法访问，请稍后再试。", "The store of documents can't be reached; try again shortly.")
_NOT_HERE = Words("没有这个文件，请先上传。", "There is no such file: upload it first.")
_DAMAGED = Words(
    "该文件的内容与其指纹不符，请从备份恢复。",
    "The document is not what its fingerprint says: restore it from the backup.",
)


async def keep(documents: Documents, file: UploadFile, fault: Fault | None = None) -> Document:
    """The uploaded file, kept. Raises Problem (422, 503)."""
    return await keep_content(documents, await file.read(), fault=fault)


async def keep_content(
    documents: Documents, content: bytes, field: str = "file", *, fault: Fault | None = None
) -> Document:
    """``content`` of the form's ``field``, kept. Raises Problem (422, 503)."""
    try:
        return await documents.keep(content, fault)
    except NotADocument as wrong:
        raise Problem(INVALID, findings=[Finding(wrong.words, (field,))]) from wrong
    except ShelfUnreachable as away:
        raise Problem(NOT_READY, _AWAY, headers={"Retry-After": "5"}) from away


async def content_of(documents: Documents, sha256: str) -> tuple[Document, bytes]:
    """A document and its content. Raises Problem (404, 503)."""
    try:
        found = await documents.find(sha256)
    except ShelfUnreachable as away:
        raise Problem(NOT_READY, _AWAY, headers={"Retry-After": "5"}) from away
    except DocumentDamaged as damaged:
        raise Problem(NOT_READY, _DAMAGED, code="document-damaged") from damaged
    if found is None:
        raise Problem(NOT_FOUND)
    return found


async def kept_before(
    documents: Documents, sha256s: Sequence[str], field: str, fault: Fault | None = None
) -> Sequence[tuple[Document, bytes]]:
    """The documents that the body's ``field`` names. Raises Problem (422) for one that was never uploaded or that is of
    a kind that doesn't do, or 503."""
    found = []
    for place, sha256 in enumerate(sha256s):
        try:
            found.append(await content_of(documents, sha256))
        except Problem as problem:
            if problem.kind is not NOT_FOUND:
                raise
            raise Problem(INVALID, findings=[Finding(_NOT_HERE, (field, place))]) from problem
        if fault and (words := fault(found[-1][0].media_type)):
            raise Problem(INVALID, findings=[Finding(words, (field, place))])
    return found


async def download(documents: Documents, sha256: str, among: Container[str]) -> Response:
    """A document's content, to be saved and not to be run; ``among``: those that belong to what was asked about.
    Raises Problem (404, 503)."""
    if sha256 not in among:
        raise Problem(NOT_FOUND)
    document, content = await content_of(documents, sha256)
    return file_response(content, document.media_type, f"{sha256[:12]}.{document.suffix}")


def file_response(content: bytes, media_type: str, name: str) -> Response:
    """``name`` is ASCII."""
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=media_type, headers=headers)
