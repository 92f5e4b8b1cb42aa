"""Errors as the caller sees them: RFC 9457 problem documents, in Chinese or English.

``type`` is ``urn:shouhou:problem:<code>`` and stays the same for ever; programs go by it. ``detail`` says what is
wrong, where, and what to do next. Nothing of an unexpected error's inside is told; its correlation id finds it in
the logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.decider import Refused, Words
from shared.eventlog import ConcurrencyConflict, IdempotencyMismatch, PreconditionFailed, StreamNotFound
from shared.language import CONTENT_LANGUAGE, Language, preferred, say
from shared.validation import findings, pointer

MEDIA_TYPE = "application/problem+json"
URN = "urn:shouhou:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its code never changes."""

    code: str
    status: int
    title: Words
    detail: Words
    """What to do, where nothing more exact is known."""

    @property
    def type(self) -> str:
        return URN + self.code


@dataclass(frozen=True, slots=True)
class Action:
    """What the caller could do instead. ``reason`` says why it is closed now; without one it is open."""

    name: str
    title: Words
    reason: Words | None = None

    def shown(self, language: Language) -> dict[str, str | bool]:
        answer: dict[str, str | bool] = {"name": self.name, "title": say(self.title, language)}
        answer["open"] = self.reason is None
        if self.reason is not None:
            answer["reason"] = say(self.reason, language)
        return answer


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the input, where pydantic didn't find it."""

    words: Words
    steps: tuple[str | int, ...]
    place: str = "body"

    def shown(self, language: Language) -> dict[str, str]:
        return {"in": self.place, "pointer": pointer(*self.steps), "detail": say(self.words, language)}


class Problem(Exception):
    """Raised anywhere behind a route, it becomes the answer."""

    def __init__(
        self,
        kind: Kind,
        detail: Words | None = None,
        *,
        code: str = "",
        findings: Sequence[Finding] = (),
        actions: Sequence[Action] | None = None,
        headers: dict[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        self.kind = kind
        self.detail = detail or kind.detail
        self.code = code or kind.code
        self.findings = findings
        self.actions = actions
        self.headers = headers or {}
        self.extensions = extensions
        super().__init__(f"{self.code}: {self.detail.en}")

    def document(self, language: Language) -> dict[str, Any]:
        """The problem document, without what only the request knows."""
        document: dict[str, Any] = {
            "type": URN + self.code,
            "title": say(self.kind.title, language),
            "status": self.kind.status,
            "detail": say(self.detail, language),
        }
        if self.findings:
            document["errors"] = [finding.shown(language) for finding in self.findings]
        if self.actions is not None:
            document["available_actions"] = [action.shown(language) for action in self.actions]
        return document | self.extensions


class BodyTooLarge(HTTPException):
    """A body beyond the route's limit, in bytes. FastAPI lets an HTTPException through where it reads bodies."""

    def __init__(self, limit: int) -> None:
        super().__init__(413)
        size = f"{limit / 1_000_000:g} MB"
        self.words = Words(
            f"最多允许 {size}。请缩小内容或分批提交。", f"At most {size}; send less, or in several parts."
        )


def _kind(status: int, code: str, title: tuple[str, str], detail: tuple[str, str]) -> Kind:
    return Kind(code, status, Words(*title), Words(*detail))


BAD_REQUEST = _kind(
    400,
    "bad-request",
    ("请求无法理解", "The request can't be understood"),
    ("请对照接口文档检查请求。", "Compare the request with the API docs."),
)
MALFORMED_JSON = _kind(
    400,
    "malformed-json",
    ("请求体不是有效的 JSON", "The body is not valid JSON"),
    ("请检查请求体的 JSON 格式。", "Check the JSON of the body."),
)
KEY_MISSING = _kind(
    400,
    "idempotency-key-missing",
    ("缺少 Idempotency-Key", "Idempotency-Key is missing"),
    (
        "每个命令都须携带 Idempotency-Key 请求头:每次操作新生成一个(例如 UUID),重试时沿用同一个,系统便只执行一次。",
        "Each command needs the header Idempotency-Key: make a new one (a UUID, say) for each action and send the "
        "same one again when you retry; then it is done once only.",
    ),
)
KEY_INVALID = _kind(
    400,
    "idempotency-key-invalid",
    ("Idempotency-Key 无效", "Idempotency-Key is not valid"),
    (
        "Idempotency-Key 须为 1 至 200 个可见 ASCII 字符,例如 UUID。",
        "Idempotency-Key has to be 1 to 200 visible ASCII characters, a UUID for example.",
    ),
)
HEADER_INVALID = _kind(
    400,
    "header-invalid",
    ("请求头无效", "A header is not valid"),
    ("请检查请求头。", "Check the headers."),
)
CURSOR_INVALID = _kind(
    400,
    "cursor-invalid",
    ("分页游标无效", "The cursor is not valid"),
    (
        "请原样使用上一页给出的 next 链接;更改筛选条件后请从第一页开始。",
        "Use the link next of the page before as it is; start from the first page after changing a filter.",
    ),
)
UNAUTHENTICATED = _kind(
    401,
    "unauthenticated",
    ("需要登录", "You have to sign in"),
    ("请携带有效的令牌。", "Send a valid token."),
)
FORBIDDEN = _kind(
    403,
    "forbidden",
    ("没有权限", "You may not do this"),
    ("请联系有权限的同事或系统管理员。", "Ask a colleague who may, or the administrator."),
)
NOT_FOUND = _kind(
    404,
    "not-found",
    ("未找到", "Not found"),
    ("请检查地址与编号是否正确。", "Check the address and the id."),
)
METHOD_NOT_ALLOWED = _kind(
    405,
    "method-not-allowed",
    ("不支持此方法", "This method is not supported here"),
    ("允许的方法见 Allow 响应头。", "The header Allow lists the methods that are."),
)
NOT_ACCEPTABLE = _kind(
    406,
    "not-acceptable",
    ("无法提供所要求的格式", "The format asked for is not available"),
    ("请在 Accept 中允许 application/json。", "Let Accept allow application/json."),
)
REFUSED = _kind(
    409,
    "refused",
    ("当前不允许此操作", "This is not allowed now"),
    ("请查看当前可用的操作。", "See which actions are open now."),
)
CONFLICT = _kind(
    409,
    "conflict",
    ("与同时进行的操作冲突", "Others changed this at the same time"),
    ("未记录任何内容。请重新读取后再试。", "Nothing was recorded. Read it again and retry."),
)
PRECONDITION = _kind(
    412,
    "precondition-failed",
    ("内容已被他人更改", "It has been changed since you read it"),
    ("请重新读取后再试。", "Read it again and retry."),
)
TOO_LARGE = _kind(
    413,
    "too-large",
    ("请求体过大", "The body is too large"),
    ("请缩小内容或分批提交。", "Send less, or in several parts."),
)
UNSUPPORTED_MEDIA_TYPE = _kind(
    415,
    "unsupported-media-type",
    ("不支持此内容类型", "This content type is not supported"),
    ("请以 Content-Type: application/json 发送。", "Send it as Content-Type: application/json."),
)
INVALID = _kind(
    422,
    "invalid",
    ("输入有误", "The input is not valid"),
    ("请按 errors 中的说明更正后重试。", "Correct what errors lists, then try again."),
)
KEY_REUSED = _kind(
    422,
    "idempotency-key-reused",
    ("Idempotency-Key 已用于另一请求", "The Idempotency-Key belongs to another request"),
    (
        "同一个 Idempotency-Key 只能用于完全相同的请求;新的操作请生成新的键。",
        "The same Idempotency-Key is for the very same request only; make a new key for a new action.",
    ),
)
TOO_MANY = _kind(
    429,
    "too-many-requests",
    ("请求过于频繁", "Too many requests"),
    ("请稍候再试,时间见 Retry-After。", "Wait as long as Retry-After says, then try again."),
)
UNEXPECTED = _kind(
    500,
    "unexpected",
    ("系统内部错误", "An unexpected error"),
    (
        "错误已记录。可用同一个 Idempotency-Key 安全地重试;若仍然出现,请将 correlation_id 告知管理员。",
        "It has been logged. You can safely retry with the same Idempotency-Key; if it happens again, give the "
        "correlation_id to the administrator.",
    ),
)
NOT_READY = _kind(
    503,
    "not-ready",
    ("服务尚未就绪", "The service is not ready"),
    ("请稍后再试。", "Try again shortly."),
)

KINDS: tuple[Kind, ...] = (
    BAD_REQUEST,
    MALFORMED_JSON,
    KEY_MISSING,
    KEY_INVALID,
    HEADER_INVALID,
    CURSOR_INVALID,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    REFUSED,
    CONFLICT,
    PRECONDITION,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID,
    KEY_REUSED,
    TOO_MANY,
    UNEXPECTED,
    NOT_READY,
)
"""All kinds, most general last among those of one status: the chassis documents them from here."""

_OF_STATUS: dict[int, Kind] = {
    kind.status: kind
    for kind in (
        BAD_REQUEST,
        UNAUTHENTICATED,
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        NOT_ACCEPTABLE,
        CONFLICT,
        PRECONDITION,
        TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        INVALID,
        TOO_MANY,
        UNEXPECTED,
        NOT_READY,
    )
}


def refused(refusal: Refused, actions: Sequence[Action] | None = None) -> Problem:
    """A refusal of the rules as the answer, with the actions that are open now where they are known."""
    return Problem(REFUSED, refusal.words, code=refusal.code.replace("_", "-"), actions=actions)


def answer(request: Request, problem: Problem) -> Response:
    """The response to ``request`` that tells the problem."""
    return _respond(request, problem.document(language_of(request)), problem.headers)


def language_of(request: Request) -> Language:
    return preferred(request.headers.get("accept-language", ""))


def _respond(request: Request, document: dict[str, Any], headers: dict[str, str]) -> Response:
    document["instance"] = request.scope["path"]
    correlation_id = request.scope.get("correlation_id")
    if correlation_id is not None:
        document["correlation_id"] = str(correlation_id)
    return Response(
        orjson.dumps(document, default=str),
        document["status"],
        headers={**headers, "Content-Language": CONTENT_LANGUAGE[language_of(request)], "Vary": "Accept-Language"},
        media_type=MEDIA_TYPE,
    )


def install(app: FastAPI) -> None:
    """Every error of ``app`` becomes a problem document; what nobody foresaw is answered in ``shared.exchange``."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(ConcurrencyConflict, _on_conflict)
    app.add_exception_handler(IdempotencyMismatch, _on_mismatch)
    app.add_exception_handler(PreconditionFailed, _on_precondition)
    app.add_exception_handler(StreamNotFound, _on_missing)
    app.add_exception_handler(psycopg.OperationalError, _on_unreachable)
    app.add_exception_handler(ConnectionError, _on_unreachable)
    app.add_exception_handler(psycopg.errors.UndefinedTable, _on_unbuilt)


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return answer(request, error)


async def _on_unbuilt(request: Request, error: Exception) -> Response:
    """A view that no worker has built yet."""
    words = Words("视图正在建立,请稍后再试。", "The view is being built; try again shortly.")
    return answer(request, Problem(NOT_READY, words, headers={"Retry-After": "2"}))


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return answer(request, refused(error))


async def _on_conflict(request: Request, error: Exception) -> Response:
    return answer(request, Problem(CONFLICT))


async def _on_mismatch(request: Request, error: Exception) -> Response:
    return answer(request, Problem(KEY_REUSED))


async def _on_missing(request: Request, error: Exception) -> Response:
    return answer(request, Problem(NOT_FOUND))


async def _on_unreachable(request: Request, error: Exception) -> Response:
    """The database is away, or this process is closing its log."""
    detail = Words(
        "数据库暂时无法访问。请稍后用同一个 Idempotency-Key 重试。",
        "The database can't be reached at the moment. Retry shortly, with the same Idempotency-Key.",
    )
    return answer(request, Problem(NOT_READY, detail, headers={"Retry-After": "2"}))


async def _on_precondition(request: Request, error: Exception) -> Response:
    assert isinstance(error, PreconditionFailed)
    detail = Words(
        f"您依据的是版本 {error.expected},现为版本 {error.actual}。请重新读取后再试。",
        f"You go by version {error.expected}; it is version {error.actual} now. Read it again and retry.",
    )
    return answer(request, Problem(PRECONDITION, detail, headers={"ETag": f'"{error.actual}"'}, version=error.actual))


async def _on_http(request: Request, error: Exception) -> Response:
    if isinstance(error, BodyTooLarge):
        return answer(request, Problem(TOO_LARGE, error.words, headers={"Connection": "close"}))
    assert isinstance(error, HTTPException)
    kind = _OF_STATUS.get(error.status_code) or _unnamed(error.status_code)
    return answer(request, Problem(kind, headers=dict(error.headers or {})))


def _unnamed(status: int) -> Kind:
    phrase = HTTPStatus(status).phrase
    general = BAD_REQUEST if status < 500 else UNEXPECTED
    return Kind(phrase.lower().replace(" ", "-"), status, Words(phrase, phrase), general.detail)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if errors and errors[0]["type"] == "json_invalid":
        return answer(request, malformed(errors[0]["loc"][-1], errors[0]["ctx"]["error"]))
    language = language_of(request)
    document = Problem(INVALID).document(language)
    document["errors"] = findings(errors, language)
    return _respond(request, document, {})


def malformed(at: int, why: str) -> Problem:
    """The body is no JSON; ``at`` is the place where it breaks off, counted from 0."""
    detail = Words(
        f"请检查请求体第 {at + 1} 个字符附近的 JSON 格式。",
        f"Check the JSON of the body near character {at + 1}: {why}.",
    )
    return Problem(MALFORMED_JSON, detail)
