"""Who calls, and what they may do: bearer tokens, roles, permissions.

``shared.issuers`` knows whose signatures count; ``Auth`` stands in front of it and remembers what it has verified.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

from shared.clock import Clock
from shared.decider import Words


class Role(StrEnum):
    """What a person or a program is in the company."""

    RECEPTION = "reception"
    DISPATCHER = "dispatcher"
    ENGINEER = "engineer"
    SERVICE_MANAGER = "service_manager"
    HQ_VERIFIER = "hq_verifier"
    QUALITY = "quality"
    WAREHOUSE = "warehouse"
    PRODUCTION_PLANNER = "production_planner"
    PURCHASING = "purchasing"
    FINANCE = "finance"
    GENERAL_MANAGER = "general_manager"
    HR = "hr"
    APPEAL_PANEL = "appeal_panel"
    CONTRACT_MANAGER = "contract_manager"
    REPORT_RECIPIENT = "report_recipient"
    AUDITOR = "auditor"
    INTEGRATION = "integration"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls."""

    subject: str
    roles: frozenset[Role]
    engineer: str | None = None
    """The engineer's id, when the caller is one."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What a route demands. The auditor reads whatever anybody may read; that need not be said.

    A permission that lets engineers in says how far: ``own=True``, and the handler limits the answer by
    ``call.own``; or ``shared="why"``, and every engineer sees the same. ``operations`` marks what keeps the
    system running (parked events, …): only there may an admin command anything.
    """

    name: str
    roles: frozenset[Role]
    own: bool = False
    shared: str = ""
    operations: bool = False

    def __init__(
        self,
        name: str,
        roles: Iterable[Role],
        *,
        own: bool = False,
        shared: str = "",
        operations: bool = False,
    ) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "roles", frozenset(roles))
        object.__setattr__(self, "own", own)
        object.__setattr__(self, "shared", shared)
        object.__setattr__(self, "operations", operations)
        if not self.roles:
            raise ValueError(f"permission {name} lets nobody in")
        if (Role.ENGINEER in self.roles) != (own != bool(shared)):
            raise ValueError(f"permission {name}: say own=True or shared='why' if, and only if, engineers may enter")

    def check_declaration(self, *, reading: bool) -> None:
        """Raises ValueError where a command would be given to those who command nothing."""
        if reading:
            return
        if Role.AUDITOR in self.roles:
            raise ValueError(f"permission {self.name}: an auditor reads, and changes nothing")
        if Role.ADMIN in self.roles and not self.operations:
            raise ValueError(f"permission {self.name}: an admin has no business commands")

    def allows(self, principal: Principal, *, reading: bool) -> bool:
        """Whether the caller may enter. Engineers are limited further, by ``limit``."""
        roles = principal.roles
        return not roles.isdisjoint(self.roles) or (reading and Role.AUDITOR in roles)

    def limit(self, principal: Principal, *, reading: bool) -> bool:
        """Whether the caller enters as an engineer alone, and so reaches only what is theirs."""
        if not self.own or Role.ENGINEER not in principal.roles:
            return False
        others = self.roles - {Role.ENGINEER}
        return principal.roles.isdisjoint(others) and not (reading and Role.AUDITOR in principal.roles)


@dataclass(frozen=True, slots=True)
class Public:
    """A route that everybody may use, with the reason."""

    reason: str


def public(reason: str) -> Public:
    """Marks a route as open to all. Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("a public route needs a reason")
    return Public(reason)


class InvalidToken(Exception):
    """The token is missing, forged, expired or not for us: HTTP 401. ``code`` is stable."""

    def __init__(self, code: str, words: Words) -> None:
        super().__init__(words.en)
        self.code = code
        self.words = words


class IssuerUnreachable(Exception):
    """The OIDC issuer doesn't answer and its keys aren't known yet: HTTP 503."""


def missing() -> InvalidToken:
    """No token, or not a bearer token."""
    zh = "请在 Authorization 请求头中携带 Bearer 令牌。"
    return InvalidToken("token-missing", Words(zh, "Send a token in the header Authorization: Bearer <token>."))


def expired() -> InvalidToken:
    """The token was good once."""
    return InvalidToken(
        "token-expired", Words("令牌已过期,请重新获取。", "The token has expired; get a new one and try again.")
    )


def not_yet_valid() -> InvalidToken:
    """The token will be good."""
    return InvalidToken(
        "token-not-yet-valid", Words("令牌尚未生效,请检查时钟。", "The token is not valid yet; check the clocks.")
    )


def invalid(why: str) -> InvalidToken:
    """The token can't be trusted; ``why`` is for those who set up the issuer."""
    return InvalidToken(
        "token-invalid",
        Words(f"令牌无效({why}),请重新获取。", f"The token is not valid ({why}); get a new one and try again."),
    )


class Verifier(Protocol):
    """Checks a token's signature and claims."""

    async def verify(self, token: str) -> Mapping[str, Any]:
        """The claims of a genuine token for us; times are not judged here.

        Raises InvalidToken, IssuerUnreachable.
        """
        ...


class Sessions(Protocol):
    """Knows the sessions of people in a browser (``shared.sessions``)."""

    def principal(self, cookie: str) -> Principal:
        """Who has it. Raises InvalidToken."""
        ...


LEEWAY = timedelta(seconds=30)
"""How far the clocks of issuer and service may differ."""
REMEMBER = timedelta(minutes=5)
"""How long a verified token is trusted without another look at its signature: so long does a withdrawn key live."""
MAX_REMEMBERED = 10_000


class Auth:
    """Turns an ``Authorization`` header into a ``Principal``; what it has verified it knows again.

    A signature costs about 100 µs, a look-up about 1 µs.
    """

    def __init__(
        self,
        verifier: Verifier,
        clock: Clock,
        *,
        roles_claim: str = "roles",
        engineer_claim: str = "engineer",
        sessions: Sessions | None = None,
    ) -> None:
        self._verifier = verifier
        self._clock = clock
        self._roles_claim = roles_claim
        self._engineer_claim = engineer_claim
        self._sessions = sessions
        self._known: dict[bytes, tuple[Principal, float]] = {}

    def of_session(self, cookie: str) -> Principal:
        """Who has a browser's session. Raises InvalidToken."""
        if self._sessions is None:
            raise missing()
        return self._sessions.principal(cookie)

    def known(self, authorization: bytes) -> Principal | None:
        """The caller, if this header has been verified lately and the token still holds."""
        remembered = self._known.get(hashlib.sha256(authorization).digest())
        if remembered is None or remembered[1] <= self._clock.now().timestamp():
            return None
        return remembered[0]

    async def principal(self, authorization: bytes | None) -> Principal:
        """The caller. Raises InvalidToken, IssuerUnreachable."""
        if authorization is None:
            raise missing()
        found = self.known(authorization)
        if found is not None:
            return found
        scheme, _, token = authorization.decode("latin-1").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise missing()
        claims = await self._verifier.verify(token.strip())
        now = self._clock.now().timestamp()
        expires = _instant(claims, "exp")
        if expires is None or expires + LEEWAY.total_seconds() <= now:
            raise expired()
        not_before = _instant(claims, "nbf")
        if not_before is not None and not_before - LEEWAY.total_seconds() > now:
            raise not_yet_valid()
        principal = self._principal_of(claims)
        self._remember(authorization, principal, now, expires)
        return principal

    def _principal_of(self, claims: Mapping[str, Any]) -> Principal:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise invalid("no subject")
        engineer = claims.get(self._engineer_claim)
        return Principal(
            subject=subject,
            roles=roles_at(claims, self._roles_claim),
            engineer=engineer if isinstance(engineer, str) and engineer else None,
        )

    def _remember(self, authorization: bytes, principal: Principal, now: float, expires: float) -> None:
        if len(self._known) >= MAX_REMEMBERED:
            for key in [key for key, entry in self._known.items() if entry[1] <= now]:
                del self._known[key]
            while len(self._known) >= MAX_REMEMBERED:
                del self._known[next(iter(self._known))]  # the oldest: dicts keep the order of insertion
        until = min(expires + LEEWAY.total_seconds(), now + REMEMBER.total_seconds())
        self._known[hashlib.sha256(authorization).digest()] = (principal, until)


def _instant(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(f"{name} is not a number")
    return float(value)


def roles_at(claims: Mapping[str, Any], path: str) -> frozenset[Role]:
    """The roles that we know among those in the claim ``path``, which may be nested (``realm_access.roles``).

    The claim is a list, or a string of words. An issuer's other roles are none of our business.
    """
    value: Any = claims.get(path)
    if value is None:
        value = claims
        for step in path.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        value = re.split(r"[\s,]+", value)
    if not isinstance(value, list):
        return frozenset()
    known = {role.value for role in Role}
    return frozenset(Role(name) for name in value if isinstance(name, str) and name in known)
