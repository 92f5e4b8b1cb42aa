"""Whose signatures count: a key in the data folder on one machine, any OIDC issuer elsewhere."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.types import Options

from shared.auth import IssuerUnreachable, Role, invalid
from shared.clock import Clock

log: structlog.stdlib.BoundLogger = structlog.get_logger("shouhou.issuers")

ONLY_SIGNATURE: Options = {
    "require": ["exp", "sub"],
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}
"""PyJWT asks the machine for the time; ``Auth`` asks its clock."""

LOCAL_ISSUER = "shouhou"
LOCAL_ALGORITHM = "EdDSA"


class LocalKeys:
    """One-machine mode: an Ed25519 key in ``DATA_DIR/keys``, readable by its owner alone, signs and verifies."""

    def __init__(self, data_dir: Path, clock: Clock) -> None:
        self._clock = clock
        self._key = load_or_make(data_dir / "keys" / "token.pem")
        self._public = self._key.public_key()

    def issue_token(
        self,
        roles: Iterable[Role],
        engineer: str | None = None,
        ttl: timedelta = timedelta(hours=12),
        subject: str = "",
    ) -> str:
        """A token for ``subject`` (default: the first role's name) that holds for ``ttl``."""
        names = [role.value for role in roles]
        now = self._clock.now()
        claims: dict[str, Any] = {
            "iss": LOCAL_ISSUER,
            "aud": LOCAL_ISSUER,
            "sub": subject or engineer or (names[0] if names else "nobody"),
            "roles": names,
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + ttl).timestamp()),
        }
        if engineer is not None:
            claims["engineer"] = engineer
        return jwt.encode(claims, self._key, algorithm=LOCAL_ALGORITHM)

    async def verify(self, token: str) -> Mapping[str, Any]:
        """See ``Verifier``."""
        try:
            return jwt.decode(
                token,
                self._public,
                algorithms=[LOCAL_ALGORITHM],
                audience=LOCAL_ISSUER,
                issuer=LOCAL_ISSUER,
                options=ONLY_SIGNATURE,
            )
        except jwt.PyJWTError as error:
            raise invalid(type(error).__name__) from error


def load_or_make(path: Path) -> Ed25519PrivateKey:
    """The key at ``path``; made, whole or not at all, when there is none. Several processes may start at once."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with tempfile.NamedTemporaryFile(dir=path.parent) as draft:  # made with mode 0600
            draft.write(pem)
            draft.flush()
            os.fsync(draft.fileno())
            with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                os.link(draft.name, path)
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} is not an Ed25519 key; move it away and a new one is made")
    return key


ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
"""What an OIDC issuer may sign with. No HMAC: the issuer's public key must never serve as a secret."""
KEY_TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "EdDSA": "OKP"}
REFRESH = timedelta(minutes=15)
"""After so long the issuer's keys are read again; if that fails, those known go on."""
FIRST_ASK_AGAIN = timedelta(seconds=2)
ASK_AGAIN = timedelta(seconds=30)
"""No issuer is asked more often, however many tokens name keys that nobody knows."""


class OidcKeys:
    """Tokens of an OIDC issuer, verified by the keys that it publishes (JWKS)."""

    def __init__(self, issuer: str, audience: str, clock: Clock, http: httpx.AsyncClient) -> None:
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._http = http
        self._keys: dict[str | None, Mapping[str, Any]] = {}
        self._asked: datetime | None = None
        self._read: datetime | None = None
        self._asking = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def verify(self, token: str) -> Mapping[str, Any]:
        """See ``Verifier``."""
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            if algorithm not in ALGORITHMS:
                raise invalid("its algorithm is not allowed")
            key = await self._key(header.get("kid"), algorithm)
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                options=ONLY_SIGNATURE,
            )
        except jwt.PyJWTError as error:
            raise invalid(type(error).__name__) from error

    async def _key(self, kid: str | None, algorithm: str) -> jwt.PyJWK:
        data = self._find(kid)
        if data is None:
            await self._ask()
            data = self._find(kid)
        elif self._stale() and not self._asking.locked():
            self._refreshing = asyncio.create_task(self._ask())  # this token need not wait for it
        if data is None:
            if self._read is None:
                raise IssuerUnreachable(self._issuer)
            raise invalid("its key is unknown")
        if data.get("kty") != KEY_TYPES[algorithm] or data.get("alg", algorithm) != algorithm:
            raise invalid("its algorithm is not that of its key")
        return jwt.PyJWK(dict(data), algorithm)

    def _find(self, kid: str | None) -> Mapping[str, Any] | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _stale(self) -> bool:
        return self._read is None or self._clock.now() - self._read > REFRESH

    async def _ask(self) -> None:
        """Read the issuer's keys, unless somebody did just now. Those known stay when that fails."""
        async with self._asking:
            now = self._clock.now()
            pause = FIRST_ASK_AGAIN if self._read is None else ASK_AGAIN
            if self._asked is not None and now - self._asked < pause:
                return
            self._asked = now
            try:
                keys = await self._published()
            except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
                log.warning("issuer_unreachable", error=type(error).__name__)
                return
            self._keys = keys
            self._read = now

    async def _published(self) -> dict[str | None, Mapping[str, Any]]:
        base = self._issuer.rstrip("/")
        configuration = (await self._http.get(f"{base}/.well-known/openid-configuration")).raise_for_status().json()
        if configuration["issuer"] != self._issuer:
            raise ValueError("the issuer calls itself by another name")
        keys = (await self._http.get(configuration["jwks_uri"])).raise_for_status().json()["keys"]
        return {key.get("kid"): key for key in keys if key.get("use", "sig") == "sig"}
