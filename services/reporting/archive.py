"""The documents of issued reports, kept under their SHA-256; what was kept once can't be changed unseen."""

import hashlib

from shared.documents import DocumentDamaged
from shared.shelves import Shelf


class Archive:
    """On the company's shelf of documents. What lies here was made by this service, so its kind is known."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def keep(self, content: bytes) -> str:
        """The fingerprint; durable when it returns. Raises ``ShelfUnreachable``."""
        sha256 = hashlib.sha256(content).hexdigest()
        await self._shelf.put(sha256, content)
        return sha256

    async def find(self, sha256: str) -> bytes | None:
        """None where it isn't here. Raises ``DocumentDamaged``, ``ShelfUnreachable``."""
        content = await self._shelf.get(sha256)
        if content is not None and hashlib.sha256(content).hexdigest() != sha256:
            raise DocumentDamaged(sha256)
        return content
