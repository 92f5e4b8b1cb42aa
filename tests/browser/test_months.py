"""A month's report from draft to acknowledgement, by people in front of a browser, each signed in as themselves."""

from datetime import UTC, datetime

import pytest
from playwright.async_api import Browser, expect

from shared.auth import Principal, Role
from tests.browser.conftest import Viewer, link
from tests.integration.dispatch.conftest import DispatchOffice
from tests.integration.dispatch.visiting import visiting
from tests.integration.reporting.test_months import month_opened, recipients

pytestmark = pytest.mark.asyncio(loop_scope="module")
CODE = "TJ-2026-10"
DRAFTER = Principal("zhao.min", frozenset({Role.SERVICE_MANAGER}))
REVIEWER = Principal("wu.jun", frozenset({Role.FINANCE}))
BOSS = Principal("chen.gm", frozenset({Role.GENERAL_MANAGER}))
QUALITY = Principal("qian.zhi", frozenset({Role.QUALITY}))


async def before_the_report(browser: Browser, office: DispatchOffice, address: str, who: Principal) -> Viewer:
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 1000})
    page = await context.new_page()
    page.set_default_timeout(15_000)
    await page.goto(link(office, address, who))
    viewer = Viewer(page, context, f"{address}/reporting")
    await viewer.goes_to(f"months/{CODE}")
    return viewer


async def does(viewer: Viewer, action: str, status: str) -> None:
    """Press a button, and see what became of it without a reload."""
    await viewer.page.locator(f"#do-{action}").click()
    await expect(viewer.page.locator(".figure b").first).to_have_text(status)


async def test_a_month_is_drafted_reviewed_issued_and_acknowledged(
    browser: Browser, office: DispatchOffice, address: str
) -> None:
    # given a month with a visit, that is over
    team = await visiting(office)
    await team.done()
    await recipients(office)
    office.clock.move_to(datetime(2026, 11, 2, 1, tzinfo=UTC))
    await month_opened(office, CODE)

    # when the drafter cuts it off and drafts it, the review is not for them
    first = await before_the_report(browser, office, address, DRAFTER)
    await does(first, "cut-off", "已截数")
    await does(first, "draft", "已起草")
    await expect(first.page.locator("#do-review")).to_have_count(0)
    await expect(first.page.locator("#figures-title")).to_be_visible()

    # and another reviews it, and the general manager issues it
    second = await before_the_report(browser, office, address, REVIEWER)
    await second.page.locator("#review-note").fill("核对一致")
    await does(second, "review", "已复核")
    third = await before_the_report(browser, office, address, BOSS)
    await does(third, "issue", "已签发")
    await third.picture("month-report")

    # then a recipient acknowledges it; what can't be done is told with the reason
    fourth = await before_the_report(browser, office, address, QUALITY)
    await fourth.page.locator("#acknowledge-recipient").select_option("quality")
    await fourth.page.locator("#do-acknowledge").click()
    await expect(fourth.page.locator("#history-title + table")).to_contain_text("签收")
    await expect(fourth.page.locator("#closed li").first).to_be_attached()
    assert await fourth.page.locator("a[download]").count() >= 3


async def test_a_command_that_is_refused_says_why(browser: Browser, office: DispatchOffice, address: str) -> None:
    # given two people before the same report, one of whom has just acted
    viewer = await before_the_report(browser, office, address, QUALITY)
    await viewer.page.evaluate(
        """path => { const form = document.createElement("form"); form.dataset.command = path;
        form.innerHTML = "<button id=wrong>x</button>"; document.getElementById("content").append(form); }""",
        f"/reporting/months/{CODE}/draft",
    )
    await viewer.page.locator("#wrong").click()

    # then the page says so in words
    await expect(viewer.page.locator("#problem")).to_be_visible()
    assert (await viewer.page.locator("#problem p").inner_text()).strip()
