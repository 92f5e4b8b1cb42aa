"""What every service's ``api.py`` is made of: routes that declare who may use them, and the call behind a request.

``Call`` is FastAPI's own request, extended; a handler asks for it by type, which costs no dependency:

    routes = Routes("受理", "Reception")

    @routes.post("/tickets", permission=OPEN, status_code=201, response_model=Opened)
    async def open_ticket(call: Call, body: OpenTicket) -> Response:
        outcome = await log.execute(partial(commands.open_ticket, body, call.moment(body.at)), call.context())
        return call.done(outcome, status=201)
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from enum import Enum
from typing import Any, TypedDict, TypeVar, Unpack
from urllib.parse import urlsplit

from fastapi import FastAPI, params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from shared import openapi
from shared.auth import Auth, InvalidToken, IssuerUnreachable, Permission, Principal, Public
from shared.binding import bound, query_names, strange
from shared.call import Call
from shared.decider import Refused, Words
from shared.problems import (
    FORBIDDEN,
    HEADER_INVALID,
    KEY_INVALID,
    KEY_MISSING,
    NOT_READY,
    UNAUTHENTICATED,
    UNSUPPORTED_MEDIA_TYPE,
    Action,
    BodyTooLarge,
    Problem,
    refused,
)
from shared.sessions import COOKIE

__all__ = ["BODY_LIMIT", "FILE_LIMIT", "Actions", "Call", "Directory", "Options", "Route", "Routes", "routes_of"]

BODY_LIMIT = 1_000_000
"""Bytes of a body, where a route says nothing else."""
FILE_LIMIT = 50_000_000
"""Bytes of an uploaded file."""
_KEY = re.compile(rb"[\x21-\x7e]{1,200}")

Handler = TypeVar("Handler", bound=Callable[..., Coroutine[Any, Any, Any]])
TurnedAway = Callable[[Call, Problem], Response]
"""Tells a person in a browser, who may not enter, what to do."""
Actions = Callable[[Call], Awaitable[Sequence[Action]]]
"""Tells a refused caller what is open now, of the aggregate that the call's path names."""


class Options(TypedDict, total=False):
    """What FastAPI lets a route say of itself, as far as we use it."""

    status_code: int
    response_model: Any
    response_class: type[Response]
    responses: dict[int | str, dict[str, Any]]
    summary: str
    description: str
    name: str
    include_in_schema: bool
    openapi_extra: dict[str, Any]


class Route(APIRoute):
    """A route with its permission; callers are judged before their body is read."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: list[str],
        permission: Permission | Public,
        reading: bool,
        keyless: str = "",
        quiet: bool = False,
        body_limit: int = BODY_LIMIT,
        actions: Actions | None = None,
        turned_away: TurnedAway | None = None,
        tags: list[str | Enum] | None = None,
        **options: Unpack[Options],
    ) -> None:
        if not isinstance(permission, Permission | Public):
            raise TypeError(f"{methods[0]} {path}: a route needs a Permission, or public('why')")
        if not inspect.iscoroutinefunction(endpoint):
            raise TypeError(f"{methods[0]} {path}: the handler has to be async")
        if isinstance(permission, Permission):
            permission.check_declaration(reading=reading)
        self.permission = permission
        self.reading = reading
        self.keyed = not reading and not keyless
        self.quiet = quiet
        self.body_limit = body_limit
        self.actions = actions
        self.turned_away = turned_away
        described = openapi.operation(permission, keyed=self.keyed, reading=reading)
        rest: dict[str, Any] = {
            **options,
            "openapi_extra": described | options.get("openapi_extra", {}),
            "responses": openapi.ANY_PROBLEM | options.get("responses", {}),
        }
        super().__init__(path, endpoint, methods=methods, tags=tags, **rest)
        self._query_names = query_names(self)
        handle = bound(self)
        if handle is not None:
            self._handle = handle
            self.app = self._respond

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The short way; errors are answered by the layer around the app's routes."""
        response = await self._answer(self._call(scope, receive), self._handle)
        await response(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's way, with a request class of our own, as its documentation shows."""
        handle = super().get_route_handler()

        async def handler(request: Request) -> Response:
            return await self._answer(self._call(request.scope, request.receive), handle)

        return handler

    def _call(self, scope: Scope, receive: Receive) -> Call:
        return Call(scope, receive, reading=self.reading, keyed=self.keyed, body_limit=self.body_limit)

    async def _answer(self, call: Call, handle: Callable[[Call], Awaitable[Response]]) -> Response:
        """Judge the caller, then the body, then do the work."""
        try:
            await _admit(self, call)
        except Problem as problem:
            if self.turned_away is None:
                raise
            return self.turned_away(call, problem)
        if self._query_names is not None and call.scope["query_string"] and (wrong := strange(call, self._query_names)):
            raise RequestValidationError(wrong)
        if self.body_field is not None:
            _judge_body(self, call)
        try:
            response = await handle(call)
        except Refused as refusal:
            raise refused(refusal, await self.actions(call) if self.actions else None) from refusal
        if call.limited and not call.own_asked:
            raise RuntimeError(f"{self.path} answered an engineer without asking call.own")
        return response


_JSON_ONLY = Words("请以 Content-Type: application/json 发送。", "Send it as Content-Type: application/json.")
_FORM_ONLY = Words(
    "请以表单发送:multipart/form-data 或 application/x-www-form-urlencoded。",
    "Send it as a form: multipart/form-data or application/x-www-form-urlencoded.",
)
_ISSUER_AWAY = Words(
    "身份认证服务暂时无法访问,请稍后再试。", "The identity provider can't be reached at the moment; try again shortly."
)


async def _admit(route: Route, call: Call) -> None:
    """Who may not enter, or sends no usable key, gets no further. Raises Problem."""
    if isinstance(route.permission, Permission):
        call.principal = await _authenticated(route, call)
        if not route.permission.allows(call.principal, reading=route.reading):
            raise Problem(FORBIDDEN, _forbidden(route.permission))
        call.limited = route.permission.limit(call.principal, reading=route.reading)
    if route.keyed:
        key = call.scope["header"].get(b"idempotency-key")
        if key is None:
            raise Problem(KEY_MISSING)
        if not _KEY.fullmatch(key):
            raise Problem(KEY_INVALID)
    if b"%00" in call.scope["query_string"] or "\0" in call.scope["path"]:
        raise Problem(HEADER_INVALID, Words("网址中不允许有空字符。", "The address may not contain U+0000."))


async def _authenticated(route: Route, call: Call) -> Principal:
    auth: Auth = call.app.state.auth
    header = call.scope["header"]
    try:
        if b"authorization" not in header and (cookie := call.cookies.get(COOKIE)):
            if not route.reading and not _from_our_own_page(call):
                raise Problem(FORBIDDEN, _FOREIGN_PAGE)
            return auth.of_session(cookie)
        return await auth.principal(header.get(b"authorization"))
    except InvalidToken as error:
        challenge = 'Bearer realm="shouhou"'
        if error.code != "token-missing":
            challenge += f', error="invalid_token", error_description="{error.code}"'
        raise Problem(UNAUTHENTICATED, error.words, code=error.code, headers={"WWW-Authenticate": challenge}) from error
    except IssuerUnreachable as error:
        raise Problem(NOT_READY, _ISSUER_AWAY, headers={"Retry-After": "5"}) from error


_FOREIGN_PAGE = Words(
    "此操作须由本系统的页面或以令牌发出。", "Only this system's own pages, or a bearer token, may command this."
)


def _from_our_own_page(call: Call) -> bool:
    """A browser sends the cookie along with whatever another site makes it send; it says from where, too."""
    header = call.scope["header"]
    site = header.get(b"sec-fetch-site")
    if site is not None:
        return bool(site == b"same-origin")
    origin = header.get(b"origin", b"").decode("latin-1")
    return bool(urlsplit(origin).netloc.encode("latin-1") == header.get(b"host"))


def _forbidden(permission: Permission) -> Words:
    roles = ", ".join(sorted(permission.roles))
    return Words(
        f"此操作({permission.name})需要以下角色之一:{roles}。",
        f"This ({permission.name}) needs one of the roles {roles}.",
    )


def _judge_body(route: Route, call: Call) -> None:
    """Refuse a body of the wrong kind or size before it is read. Raises Problem, BodyTooLarge."""
    header = call.scope["header"]
    length = header.get(b"content-length", b"0")
    if not length.isdigit() or int(length) > route.body_limit:
        raise BodyTooLarge(route.body_limit)
    if length == b"0" and b"transfer-encoding" not in header:
        return
    kind = header.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if route.body_field is not None and isinstance(route.body_field.field_info, params.Form):
        if kind not in (b"multipart/form-data", b"application/x-www-form-urlencoded"):
            raise Problem(UNSUPPORTED_MEDIA_TYPE, _FORM_ONLY)
    elif kind != b"application/json" and not kind.endswith(b"+json"):
        raise Problem(UNSUPPORTED_MEDIA_TYPE, _JSON_ONLY)


class Routes:
    """A service's routes on one subject. There is no way to add one without saying who may use it.

    ``actions`` is asked when a command is refused: its answer becomes ``available_actions``. ``turned_away`` answers
    whoever may not enter; without it they get a problem document.
    """

    def __init__(
        self,
        zh: str,
        en: str,
        *,
        prefix: str = "",
        actions: Actions | None = None,
        turned_away: TurnedAway | None = None,
    ) -> None:
        self.title = Words(zh, en)
        self.prefix = prefix
        self.actions = actions
        self.turned_away = turned_away
        self.routes: list[Route] = []

    def get(
        self, path: str, *, permission: Permission | Public, quiet: bool = False, **options: Unpack[Options]
    ) -> Callable[[Handler], Handler]:
        """A reading route. ``quiet``: not worth a line in the log."""
        return self._route("GET", path, permission, options, reading=True, quiet=quiet)

    def search(
        self, path: str, *, permission: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[Handler], Handler]:
        """A reading route whose question is too private for an address (a telephone number): POST, without a key."""
        return self._route("POST", path, permission, options, reading=True)

    def post(
        self,
        path: str,
        *,
        permission: Permission | Public,
        keyless: str = "",
        body_limit: int = BODY_LIMIT,
        **options: Unpack[Options],
    ) -> Callable[[Handler], Handler]:
        """A command. ``keyless`` gives the reason why it goes without an idempotency key."""
        return self._route("POST", path, permission, options, keyless=keyless, body_limit=body_limit)

    def put(
        self, path: str, *, permission: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[Handler], Handler]:
        """A command."""
        return self._route("PUT", path, permission, options)

    def patch(
        self, path: str, *, permission: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[Handler], Handler]:
        """A command."""
        return self._route("PATCH", path, permission, options)

    def delete(
        self, path: str, *, permission: Permission | Public, **options: Unpack[Options]
    ) -> Callable[[Handler], Handler]:
        """A command."""
        return self._route("DELETE", path, permission, options)

    def _route(
        self,
        method: str,
        path: str,
        permission: Permission | Public,
        options: Options,
        *,
        reading: bool = False,
        keyless: str = "",
        quiet: bool = False,
        body_limit: int = BODY_LIMIT,
    ) -> Callable[[Handler], Handler]:
        def declare(endpoint: Handler) -> Handler:
            self.routes.append(
                Route(
                    self.prefix + path,
                    endpoint,
                    methods=[method],
                    permission=permission,
                    reading=reading,
                    keyless=keyless,
                    quiet=quiet,
                    body_limit=body_limit,
                    actions=self.actions,
                    turned_away=self.turned_away,
                    tags=[f"{self.title.zh} · {self.title.en}"],
                    **options,
                )
            )
            return endpoint

        return declare


class Directory(BaseRoute):
    """All routes of an app. A request finds its own by method, depth and last segment, not by trying each in turn.

    A route that ends in a literal goes before one that ends in a parameter: ``/search`` before ``/{id}``.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = list(routes)
        self._index: dict[tuple[str, int, str | None], list[Route]] = {}
        for route in self.routes:
            head, _, last = route.path.rpartition("/")
            place = None if "{" in last else last
            for method in route.methods or ():
                self._index.setdefault((method, head.count("/"), place), []).append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        head, _, last = scope["path"][len(scope.get("root_path", "")) :].rpartition("/")
        for place in (last, None):
            for route in self._index.get((scope["method"], head.count("/"), place), ()):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    return match, found
        return self._by_another_method(scope)

    def _by_another_method(self, scope: Scope) -> tuple[Match, Scope]:
        """The path may be right where the method isn't: 405, with the methods that are."""
        there = [(route, found) for route in self.routes for match, found in [route.matches(scope)] if found]
        if not there:
            return Match.NONE, {}
        allowed = {method for route, _ in there for method in route.methods or ()}
        return Match.PARTIAL, {**there[0][1], "allowed": sorted(allowed)}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HTTPException (405) for a method that the path doesn't have."""
        allowed = scope.get("allowed")
        if allowed is not None:
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        await scope["route"].handle(scope, receive, send)


def routes_of(app: FastAPI) -> list[Route]:
    """Every route of an app of the chassis: there are no others."""
    return [route for directory in app.routes if isinstance(directory, Directory) for route in directory.routes]
