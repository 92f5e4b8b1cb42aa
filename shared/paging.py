"""Lists, page by page: a cursor says where the page before ended, so that nothing is skipped or shown twice."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.problems import CURSOR_INVALID, Problem

T = TypeVar("T")

MAX_LIMIT = 200


class Page(BaseModel):
    """Which part of a list. A list's filters are the fields of a subclass, taken as ``Annotated[Sub, Query()]``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="每页条数 · items on a page")
    cursor: str | None = Field(None, max_length=2000, description="上一页给出的游标 · as the page before gave it")

    def after(self, *types: type) -> tuple[Any, ...] | None:
        """The sort key of the last row that was shown, as ``types``; None on the first page.

        Raises Problem (400) for a cursor that isn't ours, or belongs to other filters.
        """
        if self.cursor is None:
            return None
        try:
            padded = self.cursor + "=" * (-len(self.cursor) % 4)
            digest, *values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if digest != self._filters():
                raise Problem(CURSOR_INVALID)
            pairs = zip(types, values, strict=True)
            return tuple(_reader(kind).validate_json(orjson.dumps(value)) for kind, value in pairs)
        except (ValueError, TypeError, binascii.Error, ValidationError) as error:
            raise Problem(CURSOR_INVALID) from error

    def cursor_at(self, key: tuple[Any, ...]) -> str:
        """The cursor of the page that begins behind ``key``."""
        return base64.urlsafe_b64encode(orjson.dumps([self._filters(), *key])).decode().rstrip("=")

    def _filters(self) -> str:
        """Tells one list's filters from another's."""
        chosen = self.model_dump_json(exclude={"limit", "cursor"})
        return hashlib.sha256(f"{type(self).__qualname__}{chosen}".encode()).hexdigest()[:8]


class PageOf(BaseModel, Generic[T]):
    """The answer of a list."""

    items: list[T]
    next: str | None = Field(None, description="下一页的地址 · address of the next page")
    cursor: str | None = Field(None, description="下一页的游标 · cursor of the next page")


@lru_cache(maxsize=64)
def _reader(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def page_of(
    page: Page,
    rows: Sequence[T],
    key: Callable[[T], tuple[Any, ...]],
    show: Callable[[T], Any],
    path: str | None,
    query: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """The answer of a list, as ``PageOf``. Without a ``path`` (a search by POST) there is a cursor, but no link."""
    cursor = page.cursor_at(key(rows[page.limit - 1])) if len(rows) > page.limit else None
    following = None
    if cursor is not None and path is not None:
        kept = [(name, value) for name, value in query if name != "cursor"]
        following = f"{path}?{urlencode([*kept, ('cursor', cursor)])}"
    return {"items": [show(row) for row in rows[: page.limit]], "next": following, "cursor": cursor}
