"""Sessions of people in a browser, and links that let somebody in."""

from datetime import UTC, datetime

import pytest

from shared.auth import InvalidToken, Principal, Role
from shared.clock import ManualClock
from shared.sessions import LINK, SESSION, Sessions, office

NOW = datetime(2026, 10, 3, 1, tzinfo=UTC)
LI = Principal("li", frozenset({Role.RECEPTION}))
E04 = Principal("E04", frozenset({Role.ENGINEER}), "E04")
OPERATOR = Principal("operator", office())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def sessions(clock: ManualClock) -> Sessions:
    return Sessions(b"ours", clock)


@pytest.mark.parametrize("who", [LI, E04, OPERATOR])
def test_whoever_gets_a_link_or_a_cookie_comes_back_as_themselves(sessions: Sessions, who: Principal) -> None:
    assert sessions.redeem(sessions.link_token(who))[0] == who
    assert sessions.principal(sessions.cookie(who)) == who


def test_each_link_has_an_id_of_its_own(sessions: Sessions) -> None:
    assert len({sessions.redeem(sessions.link_token(LI))[1] for _ in range(50)}) == 50


def test_links_and_sessions_end(sessions: Sessions, clock: ManualClock) -> None:
    # given a link and a session
    link, cookie = sessions.link_token(LI), sessions.cookie(LI)

    # when the link's time is over
    clock.move_to(NOW + LINK)

    # then only the session holds, until its own is
    with pytest.raises(InvalidToken):
        sessions.redeem(link)
    assert sessions.principal(cookie) == LI
    clock.move_to(NOW + SESSION)
    with pytest.raises(InvalidToken):
        sessions.principal(cookie)


def test_none_can_be_made_by_another_or_taken_for_the_other(sessions: Sessions, clock: ManualClock) -> None:
    strangers = Sessions(b"theirs", clock)
    for token in (sessions.link_token(LI), strangers.cookie(LI), "", "x.y.z"):
        with pytest.raises(InvalidToken):
            sessions.principal(token)
    for token in (sessions.cookie(LI), strangers.link_token(LI)):
        with pytest.raises(InvalidToken):
            sessions.redeem(token)


def test_an_operator_has_no_role_of_the_field_or_of_a_panel() -> None:
    assert office().isdisjoint({Role.ENGINEER, Role.APPEAL_PANEL, Role.INTEGRATION})
    assert {Role.SERVICE_MANAGER, Role.FINANCE, Role.RECEPTION} <= office()
