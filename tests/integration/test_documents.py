"""Documents on either shelf: a folder, and a bucket of a server that speaks S3."""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from shared.documents import LIMIT, DocumentDamaged, Documents, NotADocument
from shared.settings import Settings
from shared.shelves import FolderShelf, Shelf, ShelfUnreachable, shelf

SCAN = b"%PDF-1.7\nscan of a letter"
NAME = hashlib.sha256(SCAN).hexdigest()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def in_bucket(endpoint: str, bucket: str, **more: str) -> Settings:
    said = {"s3_endpoint": endpoint, "s3_access_key_id": "key", "s3_secret_access_key": "secret"} | more
    return Settings(documents_bucket=bucket, **said)


@pytest.fixture(params=["folder", "bucket"])
async def shelves(request: pytest.FixtureRequest, tmp_path: Path, s3: str) -> tuple[Shelf, Shelf]:
    """The same shelf, as two processes have it."""
    if request.param == "folder":
        settings = Settings(data_dir=tmp_path)
    else:
        async with httpx.AsyncClient() as http:
            (await http.put(f"{s3}/company-papers")).raise_for_status()
        settings = in_bucket(s3, "company-papers", documents_prefix=f"{tmp_path.name}/")
    return shelf(settings), shelf(settings)


async def test_what_one_keeps_the_other_finds(shelves: tuple[Shelf, Shelf]) -> None:
    one, other = (Documents(each) for each in shelves)
    assert await other.find(NAME) is None
    first, again = await one.keep(SCAN), await other.keep(SCAN)
    assert first == again
    assert (first.sha256, first.media_type, first.size) == (NAME, "application/pdf", len(SCAN))
    assert await other.find(NAME) == (first, SCAN)


async def test_a_large_photo_comes_back_as_it_was(shelves: tuple[Shelf, Shelf]) -> None:
    one, other = (Documents(each) for each in shelves)
    photo = b"\xff\xd8\xff" + os.urandom(LIMIT - 3)
    kept = await one.keep(photo)
    assert await other.find(kept.sha256) == (kept, photo)


async def test_what_was_changed_on_the_shelf_is_not_given_back(shelves: tuple[Shelf, Shelf]) -> None:
    one, other = shelves
    await one.put(NAME, SCAN + b"changed")
    with pytest.raises(DocumentDamaged):
        await Documents(other).find(NAME)


async def test_what_is_forgotten_is_gone(shelves: tuple[Shelf, Shelf]) -> None:
    one, other = (Documents(each) for each in shelves)
    await one.keep(SCAN)
    await other.forget(NAME)
    await one.forget(NAME)
    assert await one.find(NAME) is None


@pytest.mark.parametrize("content", [b"", b"MZ\x90\0", b"<html>", b"%PDF-" + bytes(LIMIT)])
def test_what_is_no_document_is_not_kept(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(NotADocument):
        asyncio.run(Documents(FolderShelf(tmp_path)).keep(content))
    assert list(tmp_path.iterdir()) == []


async def test_a_bucket_that_is_not_there_is_said_so(s3: str) -> None:
    nowhere = Documents(shelf(in_bucket(s3, "no-such-bucket")))
    with pytest.raises(ShelfUnreachable):
        await nowhere.keep(SCAN)


async def test_the_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("s3-secret\n")
    monkeypatch.setenv("S3_SECRET_ACCESS_KEY_FILE", str(tmp_path / "secret"))
    secret = Settings().s3_secret_access_key
    assert secret
    assert secret.get_secret_value() == "s3-secret"
