"""Who may enter: tokens of the data folder's key, tokens of an OIDC issuer, permissions."""

import asyncio
import itertools
import json
import stat
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from shared import auth
from shared.auth import Auth, InvalidToken, IssuerUnreachable, Permission, Principal, Role, public, roles_at
from shared.clock import ManualClock
from shared.issuers import ASK_AGAIN, FIRST_ASK_AGAIN, REFRESH, LocalKeys, OidcKeys

NOW = datetime(2026, 10, 8, 2, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def bearer(token: str) -> bytes:
    return f"Bearer {token}".encode()


# -- permissions ------------------------------------------------------------------------------------------------

RECEPTIONIST = Principal("r", frozenset({Role.RECEPTION}))
AUDITOR = Principal("a", frozenset({Role.AUDITOR}))
ENGINEER = Principal("e", frozenset({Role.ENGINEER}), "e-7")
ADMIN = Principal("x", frozenset({Role.ADMIN}))


def test_a_role_that_is_named_may_enter_and_no_other() -> None:
    permission = Permission("ticket.open", [Role.RECEPTION])
    assert permission.allows(RECEPTIONIST, reading=False)
    assert not permission.allows(ADMIN, reading=False)
    assert not permission.allows(Principal("n", frozenset()), reading=False)


def test_an_auditor_reads_everything_and_commands_nothing() -> None:
    permission = Permission("ticket.open", [Role.RECEPTION])
    assert permission.allows(AUDITOR, reading=True)
    assert not permission.allows(AUDITOR, reading=False)
    with pytest.raises(ValueError, match="auditor"):
        Permission("ticket.open", [Role.AUDITOR]).check_declaration(reading=False)


def test_an_admin_commands_operations_only() -> None:
    with pytest.raises(ValueError, match="admin"):
        Permission("ticket.open", [Role.ADMIN]).check_declaration(reading=False)
    Permission("parked.retry", [Role.ADMIN], operations=True).check_declaration(reading=False)
    Permission("parked.list", [Role.ADMIN]).check_declaration(reading=True)


def test_a_permission_for_engineers_says_how_far_it_goes() -> None:
    with pytest.raises(ValueError, match="own"):
        Permission("visit.read", [Role.ENGINEER])
    with pytest.raises(ValueError, match="own"):
        Permission("visit.read", [Role.DISPATCHER], own=True)
    with pytest.raises(ValueError, match="own"):
        Permission("visit.read", [Role.ENGINEER], own=True, shared="both at once")
    with pytest.raises(ValueError, match="nobody"):
        Permission("visit.read", [])


def test_an_engineer_is_limited_to_what_is_theirs_unless_they_enter_by_another_role() -> None:
    own = Permission("visit.read", [Role.ENGINEER, Role.DISPATCHER], own=True)
    shared = Permission("product.read", [Role.ENGINEER], shared="products are the same for all")
    both = Principal("b", frozenset({Role.ENGINEER, Role.DISPATCHER}), "e-7")
    auditing = Principal("c", frozenset({Role.ENGINEER, Role.AUDITOR}), "e-7")
    assert own.limit(ENGINEER, reading=True)
    assert not own.limit(both, reading=True)
    assert not own.limit(auditing, reading=True)
    assert own.limit(auditing, reading=False)
    assert not shared.limit(ENGINEER, reading=True)


def test_a_public_route_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="reason"):
        public(" ")


@pytest.mark.parametrize(
    ("claims", "path", "roles"),
    [
        ({"roles": ["reception", "offline_access"]}, "roles", {Role.RECEPTION}),
        ({"realm_access": {"roles": ["hr", "finance"]}}, "realm_access.roles", {Role.HR, Role.FINANCE}),
        ({"https://a.b/roles": ["quality"]}, "https://a.b/roles", {Role.QUALITY}),
        ({"scope": "openid warehouse"}, "scope", {Role.WAREHOUSE}),
        ({"realm_access": []}, "realm_access.roles", set()),
        ({"roles": {"reception": True}}, "roles", set()),
        ({"roles": [1, None, ["reception"]]}, "roles", set()),
        ({}, "roles", set()),
    ],
)
def test_roles_are_found_where_the_issuer_puts_them(claims: dict[str, Any], path: str, roles: set[Role]) -> None:
    assert roles_at(claims, path) == roles


# -- the local key ----------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def keys(tmp_path: Path, clock: ManualClock) -> LocalKeys:
    return LocalKeys(tmp_path, clock)


@pytest.fixture
def door(keys: LocalKeys, clock: ManualClock) -> Auth:
    return Auth(keys, clock)


async def test_a_token_brings_its_bearer_in(keys: LocalKeys, door: Auth) -> None:
    token = keys.issue_token([Role.ENGINEER, Role.DISPATCHER], engineer="e-7", ttl=HOUR, subject="li")
    who = await door.principal(bearer(token))
    assert who == Principal("li", frozenset({Role.ENGINEER, Role.DISPATCHER}), "e-7")


async def test_the_key_is_kept_and_its_owners_alone(tmp_path: Path, keys: LocalKeys, clock: ManualClock) -> None:
    path = tmp_path / "keys" / "token.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["token.pem"]
    token = keys.issue_token([Role.HR])
    assert await Auth(LocalKeys(tmp_path, clock), clock).principal(bearer(token))


async def test_processes_that_start_at_once_share_one_key(tmp_path: Path, clock: ManualClock) -> None:
    made = await asyncio.gather(*(asyncio.to_thread(LocalKeys, tmp_path, clock) for _ in range(8)))
    token = made[0].issue_token([Role.HR])
    for keys in made:
        assert (await keys.verify(token))["roles"] == ["hr"]


async def test_a_token_expires_also_when_it_is_known(keys: LocalKeys, door: Auth, clock: ManualClock) -> None:
    header = bearer(keys.issue_token([Role.HR], ttl=timedelta(minutes=2)))
    await door.principal(header)
    assert door.known(header)
    clock.move_to(NOW + timedelta(minutes=2) + auth.LEEWAY)
    assert door.known(header) is None
    with pytest.raises(InvalidToken) as refused:
        await door.principal(header)
    assert refused.value.code == "token-expired"


async def test_a_known_token_is_verified_again_after_a_while(keys: LocalKeys, clock: ManualClock) -> None:
    class Counting:
        count = 0

        async def verify(self, token: str) -> Mapping[str, Any]:
            self.count += 1
            return await keys.verify(token)

    counting = Counting()
    door = Auth(counting, clock)
    header = bearer(keys.issue_token([Role.HR], ttl=HOUR))
    for _ in range(3):
        await door.principal(header)
    assert counting.count == 1
    clock.move_to(NOW + auth.REMEMBER)
    await door.principal(header)
    assert counting.count == 2


async def test_what_is_remembered_is_bounded(keys: LocalKeys, door: Auth, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MAX_REMEMBERED", 3)
    headers = [bearer(keys.issue_token([Role.HR], subject=f"s{n}")) for n in range(5)]
    for header in headers:
        await door.principal(header)
    assert [door.known(header) is not None for header in headers] == [False, False, True, True, True]


async def test_a_token_of_the_future_is_not_valid_yet(keys: LocalKeys, tmp_path: Path, door: Auth) -> None:
    tomorrow = LocalKeys(tmp_path, ManualClock(NOW + timedelta(days=1)))
    with pytest.raises(InvalidToken) as refused:
        await door.principal(bearer(tomorrow.issue_token([Role.HR])))
    assert refused.value.code == "token-not-yet-valid"


@pytest.mark.parametrize("header", [None, b"", b"Bearer", b"Bearer  ", b"Basic YTpi", b"token"])
async def test_no_token_is_told_apart_from_a_bad_one(door: Auth, header: bytes | None) -> None:
    with pytest.raises(InvalidToken) as refused:
        await door.principal(header)
    assert refused.value.code == "token-missing"


def forged(keys: LocalKeys, **claims: Any) -> str:
    genuine = jwt.decode(keys.issue_token([Role.HR]), options={"verify_signature": False})
    return jwt.encode({**genuine, **claims}, Ed25519PrivateKey.generate(), algorithm="EdDSA")


async def test_tokens_that_are_not_ours_are_refused(keys: LocalKeys, door: Auth) -> None:
    genuine = keys.issue_token([Role.HR])
    head, payload, _ = genuine.split(".")
    claims = jwt.decode(genuine, options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none")
    symmetric = jwt.encode(claims, "0" * 32, algorithm="HS256")
    for token in (forged(keys), f"{head}.{payload}.AAAA", unsigned, symmetric, "a.b.c", "ü", "x" * 9000):
        with pytest.raises(InvalidToken) as refused:
            await door.principal(bearer(token))
        assert refused.value.code == "token-invalid", token


# -- an OIDC issuer ---------------------------------------------------------------------------------------------

RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = Ed25519PrivateKey.generate()


class Issuer:
    """An OIDC issuer on 127.0.0.1."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = []
        self.asked = 0
        self.broken = False
        self.url = ""

    def publish(self, kid: str, key: Any, **extra: str) -> None:
        algorithm: dict[type, Any] = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm}
        kind = next((a for k, a in algorithm.items() if isinstance(key, k)), OKPAlgorithm)
        self.keys.append({**json.loads(kind.to_jwk(key.public_key())), "kid": kid, **extra})

    def token(self, key: Any, algorithm: str, kid: str | None, **changed: Any) -> str:
        claims = {
            "iss": self.url,
            "aud": "shouhou",
            "sub": "li",
            "exp": int((NOW + HOUR).timestamp()),
            "realm_access": {"roles": ["reception"]},
        } | changed
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} if kid else None)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if b"/keys" in request.split(b"\r\n")[0]:
            self.asked += 1
            body: dict[str, Any] = {"keys": self.keys}
        else:
            body = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        status = b"500 Broken" if self.broken else b"200 OK"
        content = json.dumps(body).encode()
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % (status, len(content)) + content)
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def issuer() -> AsyncIterator[Issuer]:
    made = Issuer()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    made.publish("rsa", RSA_KEY, use="sig")
    made.publish("ec", EC_KEY)
    made.publish("ed", ED_KEY)
    async with server:
        yield made


@pytest_asyncio.fixture
async def oidc(issuer: Issuer, clock: ManualClock) -> AsyncIterator[Auth]:
    async with httpx.AsyncClient(timeout=5) as http:
        yield Auth(OidcKeys(issuer.url, "shouhou", clock, http), clock, roles_claim="realm_access.roles")


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [(RSA_KEY, "RS256", "rsa"), (RSA_KEY, "PS256", "rsa"), (EC_KEY, "ES256", "ec"), (ED_KEY, "EdDSA", "ed")],
    ids=["RS256", "PS256", "ES256", "EdDSA"],
)
async def test_a_token_of_the_issuer_brings_its_bearer_in(
    issuer: Issuer, oidc: Auth, key: Any, algorithm: str, kid: str
) -> None:
    who = await oidc.principal(bearer(issuer.token(key, algorithm, kid)))
    assert who == Principal("li", frozenset({Role.RECEPTION}))


async def test_a_token_of_the_issuer_must_be_meant_for_us_and_complete(issuer: Issuer, oidc: Auth) -> None:
    await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", "rsa", aud=["other", "shouhou"])))
    wrong: list[dict[str, Any]] = [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "other"},
        {"aud": None},
        {"iss": None},
        {"exp": None},
        {"sub": None},
    ]
    for change in wrong:
        with pytest.raises(InvalidToken) as refused:
            await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", "rsa", **change)))
        assert refused.value.code == "token-invalid", change


async def test_algorithms_must_be_allowed_and_be_those_of_the_key(issuer: Issuer, oidc: Auth) -> None:
    issuer.publish("pinned", RSA_KEY, alg="PS256")
    issuer.publish("encrypting", RSA_KEY, use="enc")
    tokens = [
        issuer.token(RSA_KEY, "RS512", "rsa"),
        issuer.token(issuer.keys[0]["n"], "HS256", "rsa"),
        issuer.token("", "none", "rsa"),
        issuer.token(EC_KEY, "ES256", "rsa"),
        issuer.token(RSA_KEY, "RS256", "pinned"),
        issuer.token(RSA_KEY, "RS256", "encrypting"),
        issuer.token(rsa.generate_private_key(65537, 2048), "RS256", "rsa"),
        issuer.token(RSA_KEY, "RS256", None),
    ]
    for token in tokens:
        with pytest.raises(InvalidToken) as refused:
            await oidc.principal(bearer(token))
        assert refused.value.code == "token-invalid"
    assert await oidc.principal(bearer(issuer.token(RSA_KEY, "PS256", "pinned")))


async def test_a_token_without_kid_goes_with_an_issuer_of_one_key(issuer: Issuer, oidc: Auth) -> None:
    del issuer.keys[1:]
    assert await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", None)))


async def test_keys_are_asked_for_once_and_again_when_a_new_one_signs(
    issuer: Issuer, oidc: Auth, clock: ManualClock
) -> None:
    tokens = [bearer(issuer.token(RSA_KEY, "RS256", "rsa", sub=f"s{n}")) for n in range(20)]
    await asyncio.gather(*(oidc.principal(token) for token in tokens))
    assert issuer.asked == 1
    rotated = ec.generate_private_key(ec.SECP256R1())
    issuer.publish("rotated", rotated)
    clock.move_to(NOW + ASK_AGAIN)
    assert await oidc.principal(bearer(issuer.token(rotated, "ES256", "rotated")))
    assert issuer.asked == 2


async def test_unknown_keys_do_not_make_us_ask_without_end(issuer: Issuer, oidc: Auth, clock: ManualClock) -> None:
    for n in range(10):
        with pytest.raises(InvalidToken):
            await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", f"unknown-{n}")))
    assert issuer.asked == 1


async def test_an_issuer_that_is_away_from_the_start_is_told_apart(
    issuer: Issuer, oidc: Auth, clock: ManualClock
) -> None:
    issuer.broken = True
    token = bearer(issuer.token(RSA_KEY, "RS256", "rsa"))
    with pytest.raises(IssuerUnreachable):
        await oidc.principal(token)
    issuer.broken = False
    clock.move_to(NOW + FIRST_ASK_AGAIN)
    assert await oidc.principal(token)


async def test_known_keys_outlast_an_issuer_that_goes_away(issuer: Issuer, oidc: Auth, clock: ManualClock) -> None:
    await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", "rsa")))
    issuer.broken = True
    clock.move_to(NOW + REFRESH * 2)
    assert await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", "rsa", sub="other")))


async def test_a_withdrawn_key_is_forgotten(
    issuer: Issuer, oidc: Auth, clock: ManualClock, eventually: Callable[..., Any]
) -> None:
    await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", "rsa")))
    issuer.keys = [key for key in issuer.keys if key["kid"] != "rsa"]
    clock.move_to(NOW + REFRESH * 2)
    await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", "rsa", sub="meanwhile")))  # sets off the refresh
    await eventually(lambda: issuer.asked == 2)

    subjects = itertools.count()  # a token that was let in once would be remembered

    async def refused() -> bool:
        try:
            await oidc.principal(bearer(issuer.token(RSA_KEY, "RS256", "rsa", sub=f"later-{next(subjects)}")))
        except InvalidToken:
            return True
        return False

    await eventually(refused)
