"""Where the content of documents lies: a folder that all replicas share, or a bucket of an S3-compatible store."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from shared.settings import Settings


class ShelfUnreachable(Exception):
    """The store of documents doesn't answer, or doesn't let us in: HTTP 503. Nothing was kept."""


class Shelf(Protocol):
    """Keeps bytes under a name; the same name always stands for the same bytes."""

    async def put(self, name: str, content: bytes) -> None:
        """Durable when it returns. Raises ``ShelfUnreachable``."""
        ...

    async def get(self, name: str) -> bytes | None:
        """None where nothing lies there. Raises ``ShelfUnreachable``."""
        ...

    async def remove(self, name: str) -> None:
        """For good (D13). Raises ``ShelfUnreachable``."""
        ...


def shelf(settings: Settings) -> Shelf:
    """The bucket where the settings name one, otherwise the folder ``documents`` among the data."""
    if settings.documents_bucket is None:
        return FolderShelf(settings.data_dir / "documents")
    return BucketShelf(settings)


class FolderShelf:
    """Files in ``folder``. Several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._write, name, content)

    async def get(self, name: str) -> bytes | None:
        try:
            return await asyncio.to_thread(self._path(name).read_bytes)
        except FileNotFoundError:
            return None

    async def remove(self, name: str) -> None:
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    def _write(self, name: str, content: bytes) -> None:
        path = self._path(name)
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

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / name


class BucketShelf:
    """Objects of an S3-compatible store."""

    def __init__(self, settings: Settings) -> None:
        endpoint, secret = settings.s3_endpoint, settings.s3_secret_access_key
        self._store = S3Store(
            settings.documents_bucket,
            prefix=settings.documents_prefix,
            endpoint=endpoint,
            region=settings.s3_region,
            access_key_id=settings.s3_access_key_id,
            secret_access_key=secret.get_secret_value() if secret else None,
            virtual_hosted_style_request=settings.s3_virtual_hosted,
            client_options={
                "allow_http": endpoint is not None and endpoint.startswith("http://"),
                "timeout": timedelta(seconds=30),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
        )

    async def put(self, name: str, content: bytes) -> None:
        with _reached():
            if await self._there(name):
                return
            await obstore.put_async(self._store, self._key(name), content, use_multipart=False)

    async def get(self, name: str) -> bytes | None:
        with _reached():
            try:
                found = await obstore.get_async(self._store, self._key(name))
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                return None

    async def remove(self, name: str) -> None:
        with _reached(), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, self._key(name))

    async def _there(self, name: str) -> bool:
        try:
            await obstore.head_async(self._store, self._key(name))
        except FileNotFoundError:
            return False
        return True

    def _key(self, name: str) -> str:
        return f"{name[:2]}/{name}"


@contextlib.contextmanager
def _reached() -> Iterator[None]:
    """Whatever the store answers instead of doing it: no bucket, no right, no network."""
    try:
        yield
    except (BaseError, PermissionError, OSError) as error:
        raise ShelfUnreachable(f"the store of documents: {type(error).__name__}") from error
