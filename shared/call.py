"""One request: who calls, from where and why, and how it is answered."""

import hashlib
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from shared.auth import Principal
from shared.decider import Words
from shared.eventlog import Context, IdempotencyKey, Outcome
from shared.events.base import Source
from shared.language import Language, preferred
from shared.own import require_own
from shared.paging import Page, page_of
from shared.problems import FORBIDDEN, HEADER_INVALID, INVALID, Action, BodyTooLarge, Finding, Problem

CLOCK_SKEW = timedelta(minutes=2)
"""How far ahead a caller's clock may be; what lies within is taken as now."""

NOBODY = Principal("public", frozenset())
"""Who calls a public route."""

_VERSION = re.compile(rb'\s*(?:W/)?"(\d{1,18})"\s*')
_ETAG = re.compile(rb'"(\d{1,18})"')
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_SOURCES = {b"app": Source.APP, b"web": Source.WEB, b"call": Source.CALL}

T = TypeVar("T")


class Call(Request):
    """One request: who, from where, why, and how to answer it."""

    def __init__(self, scope: Scope, receive: Receive, *, reading: bool, keyed: bool, body_limit: int) -> None:
        super().__init__(scope, receive)
        self.principal = NOBODY
        self.reading = reading
        self.keyed = keyed
        self.body_limit = body_limit
        self.limited = False
        self.own_asked = False
        self._digest: Any = None

    # -- who, and why ------------------------------------------------------------------------------------------

    @property
    def actor(self) -> str:
        """The subject of the token; ``public`` without one."""
        return self.principal.subject

    @property
    def own(self) -> str | None:
        """The engineer to whose rows the answer must be limited; None: no limit.

        A handler behind a permission with ``own=True`` must ask this: an engineer gets no answer from one that
        didn't. Raises Problem (403) when the token names no engineer.
        """
        self.own_asked = True
        if not self.limited:
            return None
        if self.principal.engineer is None:
            raise Problem(FORBIDDEN, _NO_ENGINEER)
        return self.principal.engineer

    def require_own(self, *engineers: str | None) -> None:
        """Raises Problem (403) unless the caller may reach what belongs to one of ``engineers``."""
        require_own(self.own, *engineers)

    @property
    def correlation_id(self) -> UUID:
        found: UUID = self.scope["correlation_id"]
        return found

    @cached_property
    def language(self) -> Language:
        """What the answer speaks, by ``Accept-Language``."""
        return preferred(self._header(b"accept-language").decode("latin-1"))

    @property
    def source(self) -> Source:
        """From where the command came (``X-Source``). Raises Problem (400) for an unknown one."""
        given = self._header(b"x-source")
        if not given:
            return Source.WEB
        if given not in _SOURCES:
            raise Problem(
                HEADER_INVALID,
                Words("X-Source 须为 app、web 或 call。", "X-Source has to be app, web or call."),
            )
        return _SOURCES[given]

    @property
    def idempotency_key(self) -> str | None:
        """The command's key; None on routes that go without, whatever the caller sends: there, a request is many
        pieces of work, and under one key all but the first would count as done."""
        given = self._header(b"idempotency-key") if self.keyed else b""
        return given.decode() if given else None

    @property
    def expected_version(self) -> int | None:
        """The version that ``If-Match`` names; None without it, or for ``*``. Raises Problem (400)."""
        given = self._header(b"if-match")
        if not given or given.strip() == b"*":
            return None
        match = _VERSION.fullmatch(given)
        if match is None:
            raise Problem(
                HEADER_INVALID,
                Words(
                    'If-Match 须为读取时 ETag 响应头给出的值,如 "7",或 *。',
                    'If-Match has to be the ETag that reading gave, such as "7", or *.',
                ),
            )
        return int(match[1])

    def context(self, *, actor: str = "") -> Context:
        """What the events will say of their origin. ``actor`` names who acts on a public route.

        Raises Problem (400) for an unknown ``X-Source``.
        """
        key = self.idempotency_key
        return Context(
            actor=actor or self.principal.subject,
            source=self.source,
            correlation_id=self.correlation_id,
            traceparent=self.scope.get("traceparent"),
            key=IdempotencyKey(key, self._fingerprint()) if key else None,
        )

    def moment(self, at: datetime | None = None) -> datetime:
        """When it happened: ``at``, or now. Raises Problem (422) for a moment in the future."""
        now: datetime = self.app.state.clock.now()
        if at is None:
            return now
        if at > now + CLOCK_SKEW:
            raise Problem(INVALID, findings=[Finding(_IN_FUTURE, ("at",))])
        return min(at, now)

    # -- answers -----------------------------------------------------------------------------------------------

    def standing(self, shown: dict[str, Any], actions: Iterable[Action], version: int) -> Response:
        """What something is now, with what the caller can do and why not the rest.

        No 304: what is open depends on the caller, often on the clock and on other streams too.
        """
        offers = [action.shown(self.language) for action in actions]
        return self.answer(shown | {"version": version, "available_actions": offers}, headers={"ETag": f'"{version}"'})

    def answer(
        self, content: Any, *, status: int = 200, version: int | None = None, headers: dict[str, str] | None = None
    ) -> Response:
        """``content`` as JSON; ``version`` of the aggregate becomes the ETag, and 304 where the caller has it."""
        headers = dict(headers or {})
        if version is not None:
            headers["ETag"] = f'"{version}"'
            if status == 200 and self.reading and self._has(version):
                return Response(status_code=304, headers=headers)
        body = b"" if status == 204 else as_json(content)
        return Response(body, status, headers, media_type="application/json" if body else None)

    def done(self, outcome: Outcome, *, status: int = 200, location: str | None = None) -> Response:
        """What came of a command; the same for a repeated key. ``version`` in the answer becomes the ETag."""
        headers = {"Idempotency-Replayed": "true"} if outcome.replayed else {}
        if location is not None:
            headers["Location"] = self.scope.get("root_path", "") + location
        version = outcome.answer.get("version") if isinstance(outcome.answer, dict) else None
        return self.answer(outcome.answer, status=status, version=version, headers=headers)

    def page(
        self,
        page: Page,
        rows: Sequence[T],
        key: Callable[[T], tuple[Any, ...]],
        show: Callable[[T], Any] = lambda row: row,
    ) -> Response:
        """One page of a list. ``rows`` are up to ``page.limit + 1``: the one too many says that there is more.

        ``key`` gives the values by which the rows are sorted; they stand in the cursor, so nothing personal may be
        among them.
        """
        url = self.url.path if self.method == "GET" else None
        return self.answer(page_of(page, rows, key, show, url, self.query_params.multi_items()))

    def _has(self, version: int) -> bool:
        given = self._header(b"if-none-match")
        return bool(given) and (given.strip() == b"*" or str(version).encode() in _ETAG.findall(given))

    # -- the body ----------------------------------------------------------------------------------------------

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes: counted, and digested for the fingerprint."""
        if hasattr(self, "_body"):
            yield self._body
            return
        self._digest = hashlib.sha256()
        received, more = 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk, more = message.get("body", b""), message.get("more_body", False)
            received += len(chunk)
            if received > self.body_limit:
                raise BodyTooLarge(self.body_limit)
            self._digest.update(chunk)
            yield chunk

    async def json(self) -> Any:
        """The body, parsed. Raises json.JSONDecodeError, also for U+0000, which no database keeps."""
        if not hasattr(self, "_json"):
            body = await self.body()
            if b"\\u0000" in body and (nul := _NUL.search(body)):
                raise json.JSONDecodeError("U+0000 is not allowed", body.decode(errors="replace"), nul.start())
            self._json = orjson.loads(body)
        return self._json

    def _fingerprint(self) -> bytes:
        scope = self.scope
        digest = hashlib.sha256(f"{scope['method']} {scope['path']}?".encode())
        digest.update(scope["query_string"])
        digest.update(b"\n")
        if self._digest is not None:
            digest.update(self._digest.digest())
        return digest.digest()

    def _header(self, name: bytes) -> bytes:
        found: bytes = self.scope["header"].get(name, b"")
        return found


_NO_ENGINEER = Words(
    "令牌中没有服务人员编号(engineer),请联系管理员。",
    "The token names no engineer (claim engineer); ask the administrator.",
)
_IN_FUTURE = Words(
    "发生时间不得晚于现在;请检查时区与时钟。", "It can't have happened in the future; check the offset and the clock."
)


def as_json(content: Any) -> bytes:
    """JSON of models, dataclasses, dates, ids; an exact decimal becomes a string."""
    if isinstance(content, BaseModel):
        return content.__pydantic_serializer__.to_json(content)
    return orjson.dumps(content, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
