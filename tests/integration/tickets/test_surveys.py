"""Surveys (3.6, D18, D19): a link without login in two languages, answered once; a low score is a complaint."""

import html
from typing import Any

import httpx
import pytest

from tests.integration.tickets.conftest import TALKED, Office, code

pytestmark = pytest.mark.asyncio(loop_scope="module")

EN = {"Accept-Language": "en"}


async def sent(office: Office) -> tuple[str, str]:
    """A resolved ticket whose customer was asked, and the link."""
    ticket = await office.resolved()
    link: str = (await office.desk.do(f"/tickets/{ticket}/survey", {"channel": "im"}))["link"]
    return ticket, link


async def survey_of(office: Office, ticket: str) -> dict[str, Any]:
    found: dict[str, Any] = (await office.desk.read(f"/tickets/{ticket}"))["survey"]
    return found


def text_of(page: httpx.Response) -> str:
    return html.unescape(page.text)


async def test_the_page_speaks_the_customers_language_and_needs_no_login(office: Office) -> None:
    # given a link
    ticket, link = await sent(office)
    number = (await office.desk.read(f"/tickets/{ticket}"))["number"]

    # when it is opened in Chinese, in English, and by the switch on the page
    chinese = await office.http.get(link)
    english = await office.http.get(link, headers=EN)
    switched = await office.http.get(f"{link}?lang=en")

    # then each page asks in its language, with the number and nothing personal
    assert ("您对这次服务满意吗？" in text_of(chinese), chinese.headers["content-language"]) == (True, "zh-CN")
    for page in (english, switched):
        assert "Are you satisfied with our service?" in text_of(page)
        assert page.headers["content-language"] == "en"
    assert number in chinese.text
    assert "王主任" not in chinese.text
    assert "13800000067" not in chinese.text
    assert "default-src 'none'" in chinese.headers["content-security-policy"]


async def test_an_answer_is_recorded_once(office: Office) -> None:
    # given a link
    ticket, link = await sent(office)

    # when the customer answers, presses twice, and changes their mind
    first = await office.http.post(link, data={"score": "4", "text": " 很快\r\n谢谢 "})
    again = await office.http.post(link, data={"score": "4", "text": "很快\n谢谢"})
    other = await office.http.post(link, data={"score": "1"}, headers=EN)

    # then the first answer counts, and the page says so
    assert [first.status_code, again.status_code, other.status_code] == [200, 200, 409]
    assert "已收到您的评价" in text_of(first)
    assert "The survey has been answered." in text_of(other)
    assert "已收到您的评价" in text_of(await office.http.get(link))
    survey = await survey_of(office, ticket)
    assert (survey["outcome"], survey["score"], survey["text"]) == ("answered", 4, "很快\n谢谢")
    line = await office.told(ticket, "SurveyAnswered")
    assert (line["who"], line["from"], line["words"]) == ("客户本人", "网页", "客户评价：4/5 很快\n谢谢")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "请选择 1 至 5 分。"),
        ({"score": "6"}, "请选择 1 至 5 分。"),
        ({"score": "abc", "text": "很好"}, "请选择 1 至 5 分。"),
        ({"score": "5", "text": "长" * 2001}, "意见请不要超过 2000 字。"),
    ],
)
async def test_what_is_wrong_is_told_on_the_page_and_nothing_written_is_lost(
    office: Office, form: dict[str, str], told: str
) -> None:
    # given a link
    ticket, link = await sent(office)

    # when the form is sent wrongly
    page = await office.http.post(link, data=form)

    # then the customer sees the form again, with what they wrote
    assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")
    assert told in text_of(page)
    assert form.get("text", "") in text_of(page)
    assert (await survey_of(office, ticket))["outcome"] is None


async def test_a_text_of_2000_characters_is_taken_however_its_lines_end(office: Office) -> None:
    ticket, link = await sent(office)
    text = "好\n" * 999 + "好好"
    await office.http.post(link, data={"score": "5", "text": text.replace("\n", "\r\n")})
    assert (await survey_of(office, ticket))["text"] == text


async def test_a_link_that_we_did_not_make_lets_nobody_in(office: Office) -> None:
    # given a link, and others like it
    _, link = await sent(office)
    base, token = link.rsplit("/", 1)
    changed = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")

    # when they are opened and filled in
    for wrong in (changed, token[:-1], "x", "%2e%2e", token + "A"):
        page = await office.http.get(f"{base}/{wrong}")
        filled = await office.http.post(f"{base}/{wrong}", data={"score": "1"})

        # then there is a page that says so
        assert (page.status_code, filled.status_code in (404, 409)) == (404, True), wrong
        assert "链接无效" in text_of(page)


@pytest.mark.parametrize("way", ["link", "desk"])
async def test_two_points_or_less_lodge_a_complaint(office: Office, way: str) -> None:
    # given a customer who isn't content
    ticket, link = await sent(office)

    # when they give two points
    if way == "link":
        await office.http.post(link, data={"score": "2", "text": "两次都没解决"})
    else:
        said = {"channel": "phone", "score": 2, "text": "两次都没解决", "proof": TALKED}
        await office.desk.do(f"/tickets/{ticket}/survey/answer", said)

    # then there is a complaint of the survey, about the same ticket
    await office.seen()
    (complaint,) = await office.desk.list("/tickets/complaints", ticket=ticket)
    assert (complaint["channel"], complaint["status"], complaint["summary"]) == ("survey", "LODGED", "两次都没解决")
    line = await office.told(ticket, "ComplaintLodged")
    assert line["who"] == ("客户本人" if way == "link" else "li.na")


async def test_three_points_lodge_none(office: Office) -> None:
    ticket, link = await sent(office)
    await office.http.post(link, data={"score": "3"})
    await office.seen()
    assert await office.desk.list("/tickets/complaints", ticket=ticket) == []


async def test_declining_is_proved_and_the_customers_own_answer_counts_more(office: Office) -> None:
    # given a customer who was asked
    ticket, link = await sent(office)
    path = f"/tickets/{ticket}/survey/decline"

    # when they decline, without and with proof that it was offered, and answer all the same
    silent = await office.desk.refused(path, {"proof": TALKED | {"seconds": 0}})
    declined = await office.desk.do(path, {"proof": TALKED, "reason": "没空"})
    assert (code(silent), declined["outcome"]) == ("call-not-two-way", "declined")
    assert (await survey_of(office, ticket))["declined"] == "没空"
    await office.http.post(link, data={"score": "5"})

    # then the answer counts
    assert (await survey_of(office, ticket))["outcome"] == "answered"


async def test_nobody_is_asked_before_the_job_is_done(office: Office) -> None:
    ticket = await office.triaged()
    assert code(await office.desk.refused(f"/tickets/{ticket}/survey", {"channel": "im"})) == "nothing-to-survey"


async def test_after_three_days_somebody_should_ask_again(office: Office) -> None:
    # given a link that nobody answers
    ticket, first = await sent(office)

    # when three days pass
    office.later(days=3, seconds=1)
    line = await office.told(ticket, "SurveyReminderDue")

    # then it is on record, and a second link may be sent; the first stays good
    assert line["words"] == "满意度调查尚未答复，应催填。"
    second = (await office.desk.do(f"/tickets/{ticket}/survey", {"channel": "email"}))["link"]
    assert second != first
    assert "已收到您的评价" in text_of(await office.http.post(first, data={"score": "5"}))


async def test_the_same_key_gives_the_same_link(office: Office) -> None:
    ticket = await office.resolved()
    sent_once = await office.desk.do(f"/tickets/{ticket}/survey", {"channel": "im"}, key="one-survey")
    assert await office.desk.do(f"/tickets/{ticket}/survey", {"channel": "im"}, key="one-survey") == sent_once
