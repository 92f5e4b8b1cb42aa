"""Sessions of people in a browser: a signed cookie that ends by itself, and links that let somebody in once.

Both are signed with the company's secret, so every service and every process of it knows them. A program goes on
sending a bearer token; the cookie is what a browser has instead.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt

from shared.auth import Principal, Role, expired, invalid
from shared.clock import Clock
from shared.issuers import ONLY_SIGNATURE

COOKIE = "shouhou_session"
SESSION = timedelta(hours=12)
"""A working day; then one signs in again."""
LINK = timedelta(minutes=15)
"""How long a link waits for being opened."""
_ALGORITHM = "HS256"
OFFICE = "office"
"""Stands for ``office()`` in a token."""


class Sessions:
    """Makes and reads them."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key = hmac.digest(secret, b"shouhou sessions", hashlib.sha256)
        self._clock = clock

    def link_token(self, principal: Principal) -> str:
        """What a sign-in link carries; whoever opens it first gets the session."""
        return self._signed(principal, "sign-in", LINK, jti=secrets.token_urlsafe(12))

    def redeem(self, token: str) -> tuple[Principal, str]:
        """Whose link it is, and its id, under which its use has to be recorded. Raises InvalidToken."""
        claims = self._read(token, "sign-in")
        return _principal(claims), claims["jti"]

    def cookie(self, principal: Principal) -> str:
        """The cookie's value, for a ``SESSION``."""
        return self._signed(principal, "session", SESSION)

    def principal(self, cookie: str) -> Principal:
        """Who has the session. Raises InvalidToken."""
        return _principal(self._read(cookie, "session"))

    def sealed(self, claims: Mapping[str, Any], purpose: str, ttl: timedelta) -> str:
        """Claims that come back to us by a browser unchanged, within ``ttl``; ``sub`` has to be among them."""
        until = int((self._clock.now() + ttl).timestamp())
        return jwt.encode({**claims, "aud": purpose, "exp": until}, self._key, algorithm=_ALGORITHM)

    def unsealed(self, token: str, purpose: str) -> Mapping[str, Any]:
        """See ``sealed``. Raises InvalidToken."""
        return self._read(token, purpose)

    def _signed(self, principal: Principal, purpose: str, ttl: timedelta, **more: Any) -> str:
        roles = [OFFICE] if principal.roles == office() else sorted(principal.roles)  # a link should not be long
        claims = {"sub": principal.subject, "roles": roles, **more}
        if principal.engineer is not None:
            claims["engineer"] = principal.engineer
        return self.sealed(claims, purpose, ttl)

    def _read(self, token: str, purpose: str) -> Mapping[str, Any]:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], audience=purpose, options=ONLY_SIGNATURE
            )
        except jwt.PyJWTError as error:
            raise invalid(type(error).__name__) from error
        if claims["exp"] <= self._clock.now().timestamp():
            raise expired()
        return claims


def _principal(claims: Mapping[str, Any]) -> Principal:
    roles = office() if claims["roles"] == [OFFICE] else frozenset(Role(role) for role in claims["roles"])
    return Principal(claims["sub"], roles, claims.get("engineer"))


def office() -> frozenset[Role]:
    """The roles of whoever started the system on their own machine: all of the office's. An engineer's own things need
    an engineer's link. What takes two people still takes two: a rule compares accounts, not roles."""
    return frozenset(Role) - {Role.ENGINEER, Role.APPEAL_PANEL, Role.INTEGRATION}
