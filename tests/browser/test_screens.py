"""The screens as people see them: live, in both languages, on a wall and on a phone."""

from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.browser.conftest import Viewer
from tests.integration.dispatch.conftest import DispatchOffice
from tests.integration.dispatch.visiting import visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERIOUS = {"serious", "critical"}
PAGES = ("", "tickets", "visits", "duty", "expenses", "parts", "penalties", "satisfaction", "month")


def row(ticket: str) -> str:
    return f"#ticket-{ticket}"


async def test_a_ticket_appears_breaches_and_disappears_without_a_reload(
    office: DispatchOffice, viewer: Viewer
) -> None:
    # given somebody who looks at the board
    page = viewer.page
    await viewer.goes_to("tickets")
    await viewer.is_live()
    await page.evaluate("window.sameDocument = true")

    # when a ticket is taken down, of a call of yesterday
    called = office.clock.now() - timedelta(hours=23, minutes=50)
    ticket = await office.ticket(at=called.isoformat())

    # then it is there with its clock
    await expect(page.locator(f"{row(ticket)} .clock.soon")).to_contain_text("还剩")
    await viewer.picture("tickets")

    # when its 24 hours are over
    office.later(minutes=15)

    # then it is overdue, and the figures say so
    await expect(page.locator(f"{row(ticket)} .clock.late")).to_contain_text("已超时")
    await expect(page.locator(".figure.bad b")).not_to_have_text("0")

    # when it is cancelled, it goes
    await office.desk.do(f"/tickets/{ticket}/cancel", {"reason": "客户自行解决"})
    await expect(page.locator(row(ticket))).to_have_count(0)
    assert await page.evaluate("window.sameDocument") is True
    assert viewer.complaints == []


async def test_the_focus_and_what_is_open_stay_where_they_are(office: DispatchOffice, viewer: Viewer) -> None:
    page = viewer.page
    await viewer.goes_to("tickets")
    await viewer.is_live()
    await page.locator("#days-table summary").click()
    await page.locator("#filter-phone").focus()
    ticket = await office.ticket()
    await expect(page.locator(row(ticket))).to_be_visible()
    assert await page.evaluate("document.activeElement.id") == "filter-phone"
    assert await page.locator("#days-table").get_attribute("open") is not None


async def test_the_language_and_the_colours_are_switched(viewer: Viewer) -> None:
    page = viewer.page
    await viewer.goes_to("tickets")
    await expect(page.locator("h1")).to_have_text("服务请求")
    await page.get_by_text("English", exact=True).click()
    await expect(page.locator("h1")).to_have_text("Tickets")
    assert await page.locator("html").get_attribute("lang") == "en"
    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.get_by_text("Dark", exact=True).click()
    await page.wait_for_selector('html[data-theme="dark"]')
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    await page.get_by_text("中文", exact=True).click()
    await expect(page.locator("h1")).to_have_text("服务请求")


async def test_on_a_phone_nothing_is_wider_than_the_screen(office: DispatchOffice, viewer: Viewer) -> None:
    await office.ticket()
    await viewer.page.set_viewport_size({"width": 390, "height": 844})
    for path in PAGES:
        await viewer.goes_to(path)
        wide = await viewer.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path
    await viewer.goes_to("tickets")
    await viewer.picture("tickets-phone")


async def test_a_lost_connection_is_told_and_found_again(office: DispatchOffice, viewer: Viewer) -> None:
    page = viewer.page
    await viewer.goes_to("tickets")
    await viewer.is_live()
    await viewer.context.set_offline(True)
    await page.wait_for_selector('#connection[data-state="lost"]')
    ticket = await office.ticket()
    await viewer.context.set_offline(False)
    await viewer.is_live()
    await expect(page.locator(row(ticket))).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_serious(office: DispatchOffice, viewer: Viewer, theme: str) -> None:
    await office.ticket()
    await viewer.goes_to(f"look?theme={theme}&back=")
    for path in PAGES:
        await viewer.goes_to(path)
        found = await Axe().run(viewer.page)
        serious = [
            v["id"] + ": " + v["nodes"][0]["html"] for v in found.response["violations"] if v["impact"] in SERIOUS
        ]
        assert serious == [], path or "overview"
    assert viewer.complaints == []


async def test_everything_can_be_reached_by_the_keyboard(viewer: Viewer) -> None:
    page = viewer.page
    await viewer.goes_to("")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"


async def test_whoever_signs_out_is_out(viewer: Viewer) -> None:
    await viewer.goes_to("tickets")
    await viewer.page.get_by_text("退出").click()
    await expect(viewer.page.locator("h1")).to_have_text("登录")
    await viewer.goes_to("tickets")
    await expect(viewer.page.locator("h1")).to_have_text("登录")
    assert "to=/screens/tickets" in viewer.page.url


async def test_the_day_is_seen_on_a_timeline_and_a_map(office: DispatchOffice, viewer: Viewer) -> None:
    # given somebody who looks at today's visits
    page = viewer.page
    await viewer.goes_to("visits")
    await viewer.is_live()

    # when one is under way and another is finished
    first, second = await visiting(office), await visiting(office)
    visit = await first.on_site()
    await second.assigned()

    # then both are there without a reload: in the list, on the timeline of their engineers, on the map
    await expect(page.locator(f"#visit-{visit}")).to_contain_text("已到场")
    await expect(page.locator(".lane", has_text=first.code).locator(".span.on_site")).to_have_count(1)
    await expect(page.locator(".lane", has_text=second.code).locator(".span.to_go")).to_have_count(1)
    await expect(page.locator(".map .city").first).to_be_attached()
    await viewer.picture("visits")
    await viewer.goes_to("")
    await expect(page.locator("#tile-visits")).to_be_visible()
    await viewer.picture("overview")
    assert viewer.complaints == []
