"""When a notice is better not sent, what it says, when what failed is tried again; and how it reaches whom."""

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.domain import notice_channel
from services.reporting.domain.notice_channel import RecordNoticeChannel, quiet_until
from services.reporting.domain.trying import PAUSES, SPREAD, given_up, pause_after
from services.reporting.notices.sending import target_of
from services.reporting.notices.texts import DEFAULTS, NoText, text_of
from shared.calendar import SHANGHAI
from shared.decider import Refused
from shared.events import tickets
from shared.events.reporting import NoticeLanguage, QuietHours

NIGHT = QuietHours(begins=time(22), ends=time(7, 30))
NOW = datetime(2026, 10, 8, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-10-08T21:59", None),
        ("2026-10-08T22:00", "2026-10-09T07:30"),
        ("2026-10-09T03:00", "2026-10-09T07:30"),
        ("2026-10-09T07:30", None),
    ],
)
def test_a_night_goes_over_midnight_and_its_end_is_no_part_of_it(now: str, until: str | None) -> None:
    assert quiet_until(NIGHT, at(now)) == (at(until) if until else None)


def test_a_weekends_quiet_begins_on_its_days_only() -> None:
    weekend = QuietHours(begins=time(20), ends=time(20), weekdays=(6,))
    assert quiet_until(weekend, at("2026-10-10T20:00")) == at("2026-10-11T20:00"), "Saturday"
    assert quiet_until(weekend, at("2026-10-11T19:59")) == at("2026-10-11T20:00")
    assert quiet_until(weekend, at("2026-10-11T20:00")) is None, "Sunday"


@given(
    now=st.timedeltas(timedelta(0), timedelta(days=365)).map(NOW.__add__),
    begins=st.times(),
    ends=st.times(),
    weekdays=st.sets(st.integers(1, 7)),
)
def test_quiet_hours_end_within_a_day_and_are_over_then_unless_others_begin(
    now: datetime, begins: time, ends: time, weekdays: set[int]
) -> None:
    quiet = QuietHours(begins=begins.replace(microsecond=0), ends=ends.replace(microsecond=0), weekdays=tuple(weekdays))
    until = quiet_until(quiet, now)
    if until is not None:
        assert now < until <= now + timedelta(days=1)
        again = quiet_until(quiet, until)
        assert again is None or quiet.begins == quiet.ends


@given(failures=st.integers(1, 40), chance=st.floats(0, 1), asked=st.timedeltas(timedelta(0), timedelta(days=9)))
def test_pauses_are_about_those_of_the_list_and_never_shorter_than_was_asked_for(
    failures: int, chance: float, asked: timedelta
) -> None:
    listed = PAUSES[min(failures, len(PAUSES)) - 1]
    pause = pause_after(failures, chance)
    assert listed * (1 - SPREAD) <= pause <= listed * (1 + SPREAD)
    assert pause_after(failures, chance, asked) >= min(asked, timedelta(days=1))


def test_tries_go_on_for_about_three_days() -> None:
    assert timedelta(days=2) < sum(PAUSES, timedelta()) < timedelta(days=4)
    assert not given_up(len(PAUSES))
    assert given_up(len(PAUSES) + 1)


# --- texts ------------------------------------------------------------------------------------------------------------


def overdue() -> tickets.AnswerOverdue:
    return tickets.AnswerOverdue(at=NOW, ticket=UUID(int=1), number="SQ-1", asked_at=NOW - timedelta(days=1), due=NOW)


def test_a_notice_speaks_the_language_of_its_channel() -> None:
    assert text_of(overdue(), {}, NoticeLanguage.ZH) == "服务请求首次答复已超时（3.4a），时限 10-08 09:00。"
    assert "was due 10-08 09:00" in text_of(overdue(), {}, NoticeLanguage.EN)


def test_a_channel_has_words_of_its_own() -> None:
    own = {"tickets.AnswerOverdue": "超时！{{ ticket }}"}
    assert text_of(overdue(), own, NoticeLanguage.ZH) == f"超时！{UUID(int=1)}"


@pytest.mark.parametrize("text", ["{{ nothing }}", "{{ ticket.__class__.__mro__ }}", "{{ 1 // 0 }}"])
def test_words_that_reach_for_what_isnt_there_are_no_notice(text: str) -> None:
    with pytest.raises(NoText):
        text_of(overdue(), {"tickets.AnswerOverdue": text}, NoticeLanguage.ZH)


def test_words_that_cant_be_read_are_refused_when_they_are_recorded() -> None:
    wish = RecordNoticeChannel(
        at=NOW, by="x", channel="x", title="x", service="feishu", templates={"tickets.AnswerOverdue": "{{ due"}
    )
    with pytest.raises(Refused, match="line 1"):
        notice_channel.decide(wish, notice_channel.NEW)


def test_every_default_is_of_a_published_type() -> None:
    wish = RecordNoticeChannel(at=NOW, by="x", channel="x", title="x", service="feishu", types=tuple(DEFAULTS))
    assert notice_channel.decide(wish, notice_channel.NEW)


# --- what WeCom, DingTalk and Feishu get ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("wecombot://0b6e4a0e-7f1c-4c55-9a43-2f5f0f2c8d11", "qyapi.weixin.qq.com", ("markdown", "text")),
        ("dingtalk://1234567890abcdef1234567890abcdef1234567890abcdef", "oapi.dingtalk.com", ("text", "markdown")),
        ("feishu://0b6e4a0e-7f1c-4c55-9a43-2f5f0f2c8d11", "open.feishu.cn", ("content", "card")),
    ],
)
def test_each_service_gets_what_it_wants(
    monkeypatch: pytest.MonkeyPatch, url: str, host: str, path: tuple[str, ...]
) -> None:
    # given the service, as Apprise knows it
    asked: list[tuple[str, Any]] = []

    def post(address: str, data: Any = None, **_: Any) -> requests.Response:
        asked.append((address, data))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b'{"errcode": 0, "code": 0, "StatusCode": 0}'
        return answer

    monkeypatch.setattr(requests, "post", post)
    target = target_of(url)
    assert target is not None

    # when a notice is sent
    assert target.notify(body="服务请求首次答复已超时", title="售后")

    # then it goes to that service, with the words
    ((address, data),) = asked
    assert host in address
    said = json.loads(data)
    assert any(name in said for name in path)
    assert "服务请求首次答复已超时" in json.dumps(said, ensure_ascii=False)
