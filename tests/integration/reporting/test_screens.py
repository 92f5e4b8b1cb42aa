"""The pages, and the door to them, over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from pydantic import SecretStr

from services.reporting import links
from services.tickets.domain import ticket_commands as wish
from shared.auth import Principal, Role
from shared.sessions import COOKIE, LINK
from tests.boards import Clients, KeptBoard, kept_board, serving
from tests.sse import watching
from tests.ticket_histories import T0, an_id, call, opening

LI = Principal("li", frozenset({Role.RECEPTION}))
WANG = Principal("wang", frozenset({Role.WAREHOUSE}))


@pytest.fixture
async def board(database_url: str) -> AsyncIterator[KeptBoard]:
    async with kept_board(database_url) as kept:
        async with kept.pool.connection() as connection:
            await connection.execute(links.TABLES)
        yield kept


@pytest.fixture
async def clients(board: KeptBoard) -> AsyncIterator[Clients]:
    async with serving(board) as found:
        yield found


async def signed_in(clients: Clients, who: Principal = LI) -> httpx.AsyncClient:
    """A browser after it has opened its link."""
    browser = await clients()
    answer = await browser.get("/sign-in", params={"token": clients.sessions.link_token(who)})
    assert answer.status_code == 303
    return browser


async def opens(board: KeptBoard, name: str, **facts: object) -> None:
    board.desk.wants(an_id(name), opening(an_id(name), T0, T0, **facts))
    await board.catch_up()


# --- the door ---------------------------------------------------------------------------------------------------------


async def test_a_link_lets_in_once_and_leaves_no_token_in_the_address(clients: Clients) -> None:
    # given a link
    token = clients.sessions.link_token(LI)
    browser, thief = await clients(), await clients()

    # when its owner opens it, and then somebody else
    first = await browser.get("/sign-in", params={"token": token, "to": "/screens/tickets"})
    second = await thief.get("/sign-in", params={"token": token})

    # then the first is in, on the page that was wanted; the second is told what to do
    assert (first.status_code, first.headers["Location"]) == (303, "/screens/tickets")
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert all(mark in first.headers["Set-Cookie"] for mark in (COOKIE, "HttpOnly", "SameSite=lax", "Path=/"))
    assert (await browser.get("/screens/")).status_code == 200
    assert "shouhou sign-in" in second.text
    assert COOKIE not in second.headers.get("Set-Cookie", "")


async def test_an_old_link_lets_nobody_in(board: KeptBoard, clients: Clients) -> None:
    token = clients.sessions.link_token(LI)
    board.clock.move_to(board.clock.now() + LINK)
    answer = await (await clients()).get("/sign-in", params={"token": token})
    assert "已失效" in answer.text
    assert COOKIE not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/", "/screens/../../x", "/docs"])
async def test_after_signing_in_one_stays_here(clients: Clients, to: str) -> None:
    answer = await (await clients()).get("/sign-in", params={"token": clients.sessions.link_token(LI), "to": to})
    assert answer.headers["Location"] == "/screens/"


async def test_without_a_session_one_is_sent_to_sign_in_and_back(clients: Clients) -> None:
    answer = await (await clients()).get("/screens/tickets")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?to=/screens/tickets")
    fragment = await (await clients()).get("/screens/tickets", headers={"X-Fragment": "1"})
    assert fragment.status_code == 401


async def test_signed_out_is_out(clients: Clients) -> None:
    browser = await signed_in(clients)
    await browser.get("/sign-out")
    assert (await browser.get("/screens/")).status_code == 303


async def test_who_may_not_see_a_page_is_told_so_in_words(clients: Clients) -> None:
    browser = await signed_in(clients, WANG)
    answer = await browser.get("/screens/tickets")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert "换个账号登录" in answer.text


# --- the cookie -------------------------------------------------------------------------------------------------------


async def test_a_session_reads_the_api_and_commands_only_from_our_own_page(clients: Clients) -> None:
    # given somebody with a session who may command
    browser = await signed_in(clients, Principal("chen", frozenset({Role.SERVICE_MANAGER})))
    own, foreign = {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}
    old_own, old_foreign = {"Origin": clients.url}, {"Origin": "http://evil.example"}

    async def commanded(headers: dict[str, str]) -> int:
        answer = await browser.post("/months/2026-10/cut-off", json={}, headers={**headers, "Idempotency-Key": "k"})
        return answer.status_code

    # then reading goes, and commands depend on the page that sends them
    assert (await browser.get("/board")).status_code == 200
    assert [await commanded(h) for h in (foreign, old_foreign, {})] == [403, 403, 403]
    assert 403 not in [await commanded(h) for h in (own, old_own)]


# --- pages ------------------------------------------------------------------------------------------------------------


async def test_the_ticket_page_shows_what_the_board_knows_in_both_languages(board: KeptBoard, clients: Clients) -> None:
    await opens(board, "one", customer_name="光明<物业>")
    browser = await signed_in(clients)
    chinese = await browser.get("/screens/tickets")
    english = await browser.get("/screens/tickets", headers={"Accept-Language": "en"})
    assert "光明&lt;物业&gt;" in chinese.text
    assert ("未结清单" in chinese.text, "Open tickets" in english.text) == (True, True)
    assert (chinese.headers["Content-Language"], english.headers["Content-Language"]) == ("zh-CN", "en")
    policy = chinese.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy


async def test_a_fragment_is_the_content_alone(board: KeptBoard, clients: Clients) -> None:
    await opens(board, "one")
    fragment = await (await signed_in(clients)).get("/screens/tickets", headers={"X-Fragment": "1"})
    assert "<html" not in fragment.text
    assert f"ticket-{an_id('one')}" in fragment.text
    assert fragment.headers["X-Now"] == board.clock.now().isoformat()


async def test_language_and_colours_are_chosen_and_kept(clients: Clients) -> None:
    browser = await signed_in(clients)
    answer = await browser.get("/screens/look", params={"language": "en", "theme": "dark", "back": "tickets"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/screens/tickets")
    page = await browser.get("/screens/tickets")
    assert '<html lang="en" data-theme="dark">' in page.text
    assert (await browser.get("/screens/look?back=//evil")).headers["Location"] == "/screens/evil"
    assert (await browser.get("/screens/look", params={"back": "https://evil.example"})).status_code == 422


async def test_the_overview_shows_the_boards_of_ones_roles(board: KeptBoard, clients: Clients) -> None:
    await opens(board, "one")
    mine = await (await signed_in(clients)).get("/screens/")
    finance = await (await signed_in(clients, Principal("sun", frozenset({Role.FINANCE})))).get("/screens/")
    assert 'id="tile-tickets"' in mine.text
    assert 'id="tile-tickets"' not in finance.text


async def test_assets_may_be_kept_for_ever_under_their_fingerprint(clients: Clients) -> None:
    anybody = await clients()
    answer = await anybody.get("/screens/static/screens.css?v=1")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["Cache-Control"]
    assert (await anybody.get("/screens/static/frame.py")).status_code == 404


# --- what a page listens to -------------------------------------------------------------------------------------------


async def test_a_page_is_told_which_board_has_changed(board: KeptBoard, clients: Clients) -> None:
    browser = await signed_in(clients)
    async with watching(browser, "/screens/stream", boards="tickets") as told:
        # given what is told at the beginning, since nobody knows what happened while the page was made
        assert (await told.next()).data == {"board": "tickets"}

        # when a ticket comes, and is answered
        await opens(board, "one")
        assert (await told.next()).data == {"board": "tickets"}
        board.desk.wants(an_id("one"), wish.AnswerTicket(at=T0, by="li", proof=call(1)))
        await board.catch_up()
        assert (await told.next()).data == {"board": "tickets"}


async def test_nobody_listens_to_a_board_that_is_not_theirs_or_not_there(clients: Clients) -> None:
    sun = await signed_in(clients, Principal("sun", frozenset({Role.FINANCE})))
    assert (await sun.get("/screens/stream?boards=tickets")).status_code == 403
    li = await signed_in(clients)
    assert (await li.get("/screens/stream?boards=tickets,nothing")).status_code == 422


# --- the identity provider --------------------------------------------------------------------------------------------


class IdentityProvider:
    """A small one on 127.0.0.1: its discovery, its keys, and tokens for a code that it gave with a challenge."""

    def __init__(self, board: KeptBoard) -> None:
        self._clock = board.clock
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.url = ""
        self.claims: dict[str, object] = {"sub": "zhao", "roles": ["reception"]}
        self.asked: dict[str, list[str]] = {}
        self.nonce = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0)
        body = (await reader.readexactly(length)).decode()
        path = head.split(" ")[1]
        found: dict[str, object]
        if path == "/keys":
            found = {"keys": [{**json.loads(RSAAlgorithm.to_jwk(self._key.public_key())), "kid": "1"}]}
        elif path == "/token":
            self.asked = parse_qs(body)
            found = {"id_token": self._token(), "access_token": "x", "token_type": "Bearer"}
        else:
            at = {"authorization_endpoint": f"{self.url}/authorize?tenant=1", "token_endpoint": f"{self.url}/token"}
            found = {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **at}
        text = json.dumps(found).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n")
        writer.write(f"Content-Length: {len(text)}\r\n\r\n".encode() + text)
        await writer.drain()
        writer.close()

    def _token(self) -> str:
        until = int((self._clock.now() + timedelta(minutes=5)).timestamp())
        claims = {"iss": self.url, "aud": "boards", "exp": until, "nonce": self.nonce} | self.claims
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "1"})


@pytest.fixture
async def provider(board: KeptBoard) -> AsyncIterator[IdentityProvider]:
    found = IdentityProvider(board)
    server = await asyncio.start_server(found.answer, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield found


@pytest.fixture
async def companys(board: KeptBoard, provider: IdentityProvider) -> AsyncIterator[Clients]:
    """The service, where people sign in with the identity provider."""
    oidc = {"oidc_issuer": provider.url, "oidc_client_id": "boards", "oidc_client_secret": SecretStr("s3cret")}
    async with serving(board, board.settings.model_copy(update=oidc)) as found:
        yield found


async def sent_on(browser: httpx.AsyncClient, provider: IdentityProvider) -> dict[str, str]:
    """What the browser is sent to the provider with."""
    answer = await browser.get("/sign-in/start", params={"to": "/screens/tickets"})
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    provider.nonce = asked["nonce"]
    return asked


async def test_one_signs_in_with_the_identity_provider(companys: Clients, provider: IdentityProvider) -> None:
    # given a browser that was sent to the provider
    browser = await companys()
    asked = await sent_on(browser, provider)
    assert (asked["tenant"], asked["client_id"], asked["code_challenge_method"]) == ("1", "boards", "S256")

    # when it comes back with a code
    answer = await browser.get("/sign-in/callback", params={"code": "c0de", "state": asked["state"], "iss": "any"})

    # then the code was changed for a token with the verifier, and they are in with their roles
    assert (answer.status_code, answer.headers["Location"]) == (303, "/screens/tickets")
    assert (provider.asked["code"], provider.asked["client_secret"]) == (["c0de"], ["s3cret"])
    assert provider.asked["redirect_uri"] == [asked["redirect_uri"]] == [f"{companys.url}/sign-in/callback"]
    assert len(provider.asked["code_verifier"][0]) >= 43
    assert (await browser.get("/screens/tickets")).status_code == 200


@pytest.mark.parametrize("wrong", ["state", "nonce", "code", "browser", "audience"])
async def test_an_answer_that_does_not_fit_lets_nobody_in(
    companys: Clients, provider: IdentityProvider, wrong: str
) -> None:
    browser = await companys()
    asked = await sent_on(browser, provider)
    back = {"code": "c0de", "state": asked["state"]}
    match wrong:
        case "state":
            back["state"] = "another"
        case "nonce":
            provider.nonce = "another"
        case "code":
            back = {"error": "access_denied", "state": asked["state"]}
        case "browser":
            browser = await companys()
        case _:
            provider.claims["aud"] = "somebody else"
    answer = await browser.get("/sign-in/callback", params=back)
    assert (answer.status_code, COOKIE in answer.headers.get("Set-Cookie", "")) == (200, False)
    assert "登录未完成" in answer.text


async def test_who_has_no_role_here_is_told_so(companys: Clients, provider: IdentityProvider) -> None:
    provider.claims["roles"] = ["printer-user"]
    browser = await companys()
    asked = await sent_on(browser, provider)
    answer = await browser.get("/sign-in/callback", params={"code": "c0de", "state": asked["state"]})
    assert "没有给您任何角色" in answer.text
