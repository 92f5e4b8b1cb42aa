"""How people get in: by a link that works once, or by the company's identity provider (OpenID Connect)."""

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

import httpx
import structlog
from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from services.reporting import links
from services.reporting.screens.frame import HEADERS, Frame
from shared.api import Call, Routes
from shared.auth import InvalidToken, IssuerUnreachable, Principal, public, roles_at
from shared.decider import Words
from shared.issuers import OidcKeys
from shared.service import Runtime
from shared.sessions import COOKIE, SESSION, Sessions

STATE_COOKIE = "shouhou_state"
UNDER_WAY = timedelta(minutes=10)
"""So long somebody may take to sign in with the identity provider."""
PATIENCE_SECONDS = 10.0
SCOPE = "openid profile"

_DOOR = public("it is where people without a session get one")
_TO = re.compile(r"/screens/[a-z0-9/_-]{0,100}")

log: structlog.stdlib.BoundLogger = structlog.get_logger("shouhou.sign_in")

USED = Words(
    "此登录链接已用过或已失效。请运行 shouhou sign-in 重新获取。",
    "This sign-in link was used before or is too old. Run shouhou sign-in for another.",
)
NOT_CONFIRMED = Words(
    "登录未完成：身份提供方没有确认，或耗时过长。请重试。",
    "Signing in was not completed: the identity provider did not confirm it, or it took too long. Try again.",
)
AWAY = Words("身份提供方无法访问，请稍后重试。", "The identity provider can't be reached; try again shortly.")
NO_ROLE = Words(
    "身份提供方没有给您任何角色，请联系管理员。", "The identity provider gave you no role here; ask the administrator."
)


class ProvidersAnswer(BaseModel):
    """What comes back with the browser. Names that aren't known are passed over (RFC 6749, 4.1.2)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    state: str = Field("", max_length=500)
    code: str = Field("", max_length=4000, description="缺失即未确认 · without it, nothing was confirmed")


def routes(runtime: Runtime, frame: Frame) -> Routes:
    """``/sign-in``, ``/sign-in/start``, ``/sign-in/callback``, ``/sign-out``."""
    door = Routes("登录", "Signing in")
    sessions = Sessions(runtime.secret, runtime.clock)
    settings = runtime.settings
    provider = Provider(runtime) if settings.oidc_issuer and settings.oidc_client_id else None

    def refused(call: Call, words: Words) -> Response:
        return frame.page(call, "sign_in.html", at="", provider=provider is not None, wrong=words, to="")

    def let_in(call: Call, principal: Principal, to: str) -> Response:
        """To the page that was wanted, with a session, and without the token in the address."""
        answer = RedirectResponse(_address(call, _path(to)), 303, HEADERS | {"Referrer-Policy": "no-referrer"})
        keep(call, answer, COOKIE, sessions.cookie(principal), SESSION)
        return answer

    def keep(call: Call, answer: Response, name: str, value: str, span: timedelta) -> None:
        secure = _own(runtime, call, "").startswith("https:")
        answer.set_cookie(
            name, value, max_age=int(span.total_seconds()), path="/", httponly=True, samesite="lax", secure=secure
        )

    @door.get("/sign-in", permission=_DOOR, include_in_schema=False)
    async def sign_in(
        call: Call,
        token: Annotated[str | None, Query(max_length=2000)] = None,
        to: Annotated[str, Query(max_length=120)] = "",
    ) -> Response:
        """一次性登录链接，或说明如何登录 · redeems a one-time link, or says how to sign in."""
        if token is None:
            return frame.page(call, "sign_in.html", at="", provider=provider is not None, wrong=None, to=_path(to))
        try:
            principal, link = sessions.redeem(token)
        except InvalidToken:
            return refused(call, USED)
        if not await links.use(runtime.pool, link, runtime.clock.now()):
            return refused(call, USED)
        return let_in(call, principal, to)

    @door.get("/sign-in/start", permission=_DOOR, include_in_schema=False)
    async def start(call: Call, to: Annotated[str, Query(max_length=120)] = "") -> Response:
        """转到身份提供方 · on to the identity provider."""
        if provider is None:
            return RedirectResponse(_address(call, "/sign-in"), 303, HEADERS)
        secrets_kept = {"state": secrets.token_urlsafe(), "nonce": secrets.token_urlsafe()}
        secrets_kept |= {"sub": "", "verifier": secrets.token_urlsafe(48), "to": _path(to)}
        try:
            url = await provider.address(_own(runtime, call, "/sign-in/callback"), secrets_kept)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            log.warning("issuer_unreachable", error=type(error).__name__)
            return refused(call, AWAY)
        answer = RedirectResponse(url, 303, HEADERS)
        keep(call, answer, STATE_COOKIE, sessions.sealed(secrets_kept, "oidc", UNDER_WAY), UNDER_WAY)
        return answer

    @door.get("/sign-in/callback", permission=_DOOR, include_in_schema=False)
    async def callback(call: Call, answered: Annotated[ProvidersAnswer, Query()]) -> Response:
        """身份提供方的回答 · the identity provider's answer (OpenID Connect Core 3.1.2.5)."""
        try:
            kept = sessions.unsealed(call.cookies.get(STATE_COOKIE, ""), "oidc")
        except InvalidToken:
            return refused(call, NOT_CONFIRMED)
        if provider is None or not answered.code or not secrets.compare_digest(answered.state, kept["state"]):
            return refused(call, NOT_CONFIRMED)
        try:
            principal = await provider.principal(answered.code, _own(runtime, call, "/sign-in/callback"), kept)
        except InvalidToken as wrong:
            log.warning("sign_in_refused", error=type(wrong).__name__)
            return refused(call, NOT_CONFIRMED)
        except (httpx.HTTPError, IssuerUnreachable, ValueError, KeyError) as wrong:
            log.warning("issuer_unreachable", error=type(wrong).__name__)
            return refused(call, AWAY)
        if not principal.roles:
            return refused(call, NO_ROLE)
        answer = let_in(call, principal, kept["to"])
        answer.delete_cookie(STATE_COOKIE, path="/")
        return answer

    @door.get("/sign-out", permission=_DOOR, include_in_schema=False)
    async def sign_out(call: Call) -> Response:
        """删除本浏览器的会话 · forgets this browser's session."""
        answer = RedirectResponse(_address(call, "/sign-in"), 303, HEADERS)
        answer.delete_cookie(COOKIE, path="/")
        return answer

    return door


class Provider:
    """The company's identity provider: the authorization code flow with PKCE (RFC 6749, 4.1; RFC 7636; OpenID Connect
    Core 3.1)."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings
        assert settings.oidc_issuer
        assert settings.oidc_client_id
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._roles_claim = settings.oidc_roles_claim
        self._http = httpx.AsyncClient(timeout=PATIENCE_SECONDS)
        self._keys = OidcKeys(settings.oidc_issuer, self._client_id, runtime.clock, self._http)
        self._clock = runtime.clock

    async def address(self, redirect_uri: str, kept: Mapping[str, str]) -> str:
        """Where the browser goes. Raises httpx.HTTPError, ValueError, KeyError where the provider can't be asked."""
        challenge = urlsafe_b64encode(sha256(kept["verifier"].encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": kept["state"],
            "nonce": kept["nonce"],
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return str(httpx.URL((await self._endpoints())["authorization_endpoint"]).copy_merge_params(asked))

    async def principal(self, code: str, redirect_uri: str, kept: Mapping[str, str]) -> Principal:
        """Who has signed in. Raises InvalidToken, IssuerUnreachable, httpx.HTTPError, KeyError."""
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": kept["verifier"],
        }
        if self._secret:
            given["client_secret"] = self._secret.get_secret_value()
        answer = await self._http.post((await self._endpoints())["token_endpoint"], data=given)
        if answer.is_client_error:
            raise InvalidToken("token-invalid", NOT_CONFIRMED)
        tokens = answer.raise_for_status().json()
        claims = await self._keys.verify(tokens["id_token"])
        if not secrets.compare_digest(str(claims.get("nonce", "")), kept["nonce"]):
            raise InvalidToken("token-invalid", NOT_CONFIRMED)
        if float(claims["exp"]) <= self._clock.now().timestamp():
            raise InvalidToken("token-expired", NOT_CONFIRMED)
        engineer = claims.get("engineer")
        return Principal(
            claims["sub"], roles_at(claims, self._roles_claim), engineer if isinstance(engineer, str) else None
        )

    async def _endpoints(self) -> dict[str, str]:
        answer = await self._http.get(f"{self._issuer}/.well-known/openid-configuration")
        found: dict[str, str] = answer.raise_for_status().json()
        return found


def _path(to: str) -> str:
    """Where to go after signing in: one of our own pages."""
    return to if _TO.fullmatch(to) else "/screens/"


def _address(call: Call, path: str) -> str:
    return f"{call.scope.get('root_path', '')}{path}"


def _own(runtime: Runtime, call: Call, path: str) -> str:
    """An address of ours as the browser sees it."""
    if runtime.settings.public_url:
        return f"{runtime.settings.public_url.rstrip('/')}/{runtime.service.name}{path}"
    return f"{str(call.base_url).rstrip('/')}{path}"
