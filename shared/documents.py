"""The content of documents (5.3): kept under its SHA-256, so that the same paper is kept once and can't be changed
unseen. What a file is, its own first bytes say, not its name."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from shared.decider import Words
from shared.shelves import Shelf

LIMIT = 20_000_000
"""Bytes of a document."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is kept."""

    sha256: str
    media_type: str
    suffix: str
    size: int


Fault = Callable[[str], Words | None]
"""Given a media type: why a file of that kind doesn't do, or None."""


class NotADocument(Exception):
    """The file can't be kept; ``words`` says why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


class DocumentDamaged(Exception):
    """What lies under a fingerprint is not what it is the fingerprint of: it was changed, or the disk is bad."""


_KINDS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%PDF-", "application/pdf", "pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (0, b"II*\0", "image/tiff", "tif"),
    (0, b"MM\0*", "image/tiff", "tif"),
    (8, b"WEBP", "image/webp", "webp"),
    (8, b"WAVE", "audio/wav", "wav"),
    (4, b"ftyphei", "image/heic", "heic"),
    (4, b"ftypM4A", "audio/mp4", "m4a"),
    (4, b"ftyp", "video/mp4", "mp4"),
    (0, b"ID3", "audio/mpeg", "mp3"),
    (0, b"PK\x03\x04", "application/ofd", "ofd"),
    (0, b"<?xml", "application/xml", "xml"),
    (0, b"\xef\xbb\xbf<?xml", "application/xml", "xml"),
    (0, b"<EInvoice", "application/xml", "xml"),
)
"""Scans, photos, recordings and electronic invoices, by what stands at which place."""
ACCEPTED = "PDF, OFD, XML, JPEG, PNG, TIFF, WebP, HEIC, WAV, MP3, M4A, MP4"


class Documents:
    """The documents of the company, on a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def keep(self, content: bytes, fault: Fault | None = None) -> Document:
        """Durable when it returns. ``fault`` tells kinds that don't do here. Raises ``NotADocument``,
        ``ShelfUnreachable``."""
        found = _described(hashlib.sha256(content).hexdigest(), content)
        if fault and (words := fault(found.media_type)):
            raise NotADocument(words.zh, words.en)
        await self._shelf.put(found.sha256, content)
        return found

    async def find(self, sha256: str) -> tuple[Document, bytes] | None:
        """A document and its content; None where it isn't here. Raises ``DocumentDamaged``, ``ShelfUnreachable``."""
        content = await self._shelf.get(sha256)
        if content is None:
            return None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DocumentDamaged(sha256)
        return _described(sha256, content), content

    async def forget(self, sha256: str) -> None:
        """Delete the content for good (D13): only what can be no other paper's. Raises ``ShelfUnreachable``."""
        await self._shelf.remove(sha256)


def _described(sha256: str, content: bytes) -> Document:
    if not content:
        raise NotADocument("文件是空的。", "The file is empty.")
    if len(content) > LIMIT:
        size = f"{LIMIT // 1_000_000} MB"
        raise NotADocument(f"文件超过 {size}。", f"The file is larger than {size}.")
    for at, mark, media_type, suffix in _KINDS:
        if content[at : at + len(mark)] == mark and (suffix != "ofd" or b"OFD.xml" in content):  # of all zips only OFD
            return Document(sha256, media_type, suffix, len(content))
    raise NotADocument(
        f"无法识别该文件；可接受 {ACCEPTED}。其他文件请另存为 PDF。",
        f"It isn't a kind of file that is kept: {ACCEPTED}. Save others as PDF.",
    )
