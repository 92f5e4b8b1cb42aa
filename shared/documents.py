"""The content of documents (5.3): files named by their SHA-256, so that the same paper is kept once and can't be
changed unseen. What a file is, its own first bytes say, not its name."""

import asyncio
import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shared.decider import Words

LIMIT = 20_000_000
"""Bytes of a document."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that is kept."""

    sha256: str
    media_type: str
    suffix: str
    size: int


class NotADocument(Exception):
    """The file can't be kept; ``words`` says why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


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
)
"""Scans, photos and recordings, by what stands at which place."""
ACCEPTED = "PDF, JPEG, PNG, TIFF, WebP, HEIC, WAV, MP3, M4A, MP4"


class Documents:
    """The store, in ``folder``. Several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, content: bytes) -> Document:
        """Durable when it returns. Raises ``NotADocument``."""
        found = _described(hashlib.sha256(content).hexdigest(), content, len(content))
        await asyncio.to_thread(self._write, found, content)
        return found

    async def find(self, sha256: str) -> tuple[Document, Path] | None:
        """A document and where its content lies; None where it isn't here."""
        return await asyncio.to_thread(self._find, sha256)

    def _find(self, sha256: str) -> tuple[Document, Path] | None:
        path = self._path(sha256)
        try:
            with path.open("rb") as file:
                return _described(sha256, file.read(16), path.stat().st_size), path
        except FileNotFoundError:
            return None

    def _write(self, document: Document, content: bytes) -> None:
        path = self._path(document.sha256)
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent) as draft:  # made with mode 0600
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            with contextlib.suppress(FileExistsError):  # another process was first, with the same bytes
                os.link(draft.name, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def _described(sha256: str, head: bytes, size: int) -> Document:
    if not size:
        raise NotADocument("文件是空的。", "The file is empty.")
    for at, mark, media_type, suffix in _KINDS:
        if head[at : at + len(mark)] == mark:
            return Document(sha256, media_type, suffix, size)
    raise NotADocument(
        f"无法识别该文件；可接受 {ACCEPTED}。其他文件请另存为 PDF。",
        f"It isn't a kind of file that is kept: {ACCEPTED}. Save others as PDF.",
    )
