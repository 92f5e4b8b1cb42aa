"""Where what people enter may lead: public addresses, and private ones only where the settings say so."""

import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from services.reporting.sealing import Seal, Unsealable
from services.reporting.sending.outgoing import Answer, NotAllowed, Outgoing, Unreachable
from services.reporting.sending.signing import new_secret, signed

NOW = datetime(2026, 10, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://10.0.0.7/hook",
        "https://192.168.1.9/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://224.0.0.1/",
        "https://localhost/",
        "http://93.184.216.34/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "https:///nohost",
        "https://user:pass@93.184.216.34/",
        "https://93.184.216.34/#fragment",
        "no address",
    ],
)
async def test_an_address_that_leads_inside_or_is_plain_or_none_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        await Outgoing().check(url)


async def test_public_addresses_by_https_are_allowed_and_the_settings_open_networks() -> None:
    assert await Outgoing().check("https://93.184.216.34/hook?token=x") == "93.184.216.34"
    opened = Outgoing("10.1.2.0/24, 127.0.0.0/8")
    assert await opened.check("http://127.0.0.1:8080/hook") == "127.0.0.1"
    assert await opened.check("https://10.1.2.3/") == "10.1.2.3"
    with pytest.raises(NotAllowed):
        await opened.check("https://10.1.3.3/")
    with pytest.raises(NotAllowed):
        await opened.check("http://93.184.216.34/")
    with pytest.raises(ValueError):
        Outgoing("somewhere")


async def test_a_name_that_stands_for_a_private_address_too_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a name with two addresses, one of them inside
    def answers(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        if host == "unknown.example.com":
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in ("93.184.216.34", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", answers)

    # then it is not called
    with pytest.raises(NotAllowed):
        await Outgoing().post("https://two.example.com/", b"{}", {})
    with pytest.raises(Unreachable):
        await Outgoing().check("https://unknown.example.com/")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("Thu, 08 Oct 2026 01:05:00 GMT", 300),
        ("Thu, 08 Oct 2020 01:05:00 GMT", 0),
        ("soon", 0),
        (None, 0),
    ],
)
def test_a_receiver_says_how_long_it_wants_to_be_left_alone(said: str | None, seconds: float) -> None:
    assert Answer(503, said).wait_seconds(NOW) == seconds


@given(st.text(max_size=60))
def test_whatever_a_receiver_says_is_understood_or_passed_over(said: str) -> None:
    assert Answer(503, said).wait_seconds(NOW) >= 0


def test_a_signature_is_the_one_of_the_specification_and_of_both_secrets_while_one_is_replaced() -> None:
    # given the example of the Standard Webhooks specification
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    at = datetime.fromtimestamp(1614265330, UTC)

    headers = signed([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"

    # and while a secret is replaced, each of the two verifies
    secrets, now = [new_secret(), new_secret()], datetime.now(UTC)
    both = signed(secrets, "x", now, body)
    for each in secrets:
        assert Webhook(each).verify(body, both) == {"test": 2432232314}


def test_what_was_sealed_opens_for_its_owner_by_the_same_key_alone() -> None:
    sealed = Seal(b"company").close("webhook:1", "whsec_x\nwith a line")
    assert Seal(b"company").open("webhook:1", sealed) == "whsec_x\nwith a line"
    assert b"whsec" not in sealed
    for seal, owner in ((Seal(b"company"), "webhook:2"), (Seal(b"other"), "webhook:1")):
        with pytest.raises(Unsealable):
            seal.open(owner, sealed)
