"""A real browser: Debian's Chromium, driven by Playwright. Without one these tests are skipped, and say so."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright

from shared.auth import Principal
from shared.sessions import Sessions
from shared.sessions import office as office_roles
from tests.integration.dispatch.conftest import DispatchOffice, office, on_a_port

__all__ = ["office"]

IMAGES = Path(__file__).parents[2] / "docs" / "images"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
BOSS = Principal("zhao.min", office_roles())


def chromium() -> str | None:
    """The browser; ``CHROMIUM`` names another."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium() is None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="no Chromium here: apt install chromium, or set CHROMIUM"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(office: DispatchOffice) -> AsyncIterator[str]:
    """Of the running system."""
    async with on_a_port(office) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        await started.close()


def link(office: DispatchOffice, address: str, who: Principal) -> str:
    """What ``shouhou sign-in`` prints."""
    sessions = Sessions(office.runtime("reporting").secret, office.clock)
    return f"{address}/reporting/sign-in?token={sessions.link_token(who)}"


@dataclass
class Viewer:
    """Somebody in front of a browser."""

    page: Page
    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote to its console as a warning or an error."""

    async def goes_to(self, path: str) -> None:
        await self.page.goto(f"{self.url}/screens/{path}")

    async def is_live(self) -> None:
        await self.page.wait_for_selector('#connection[data-state="live"]')

    async def picture(self, name: str) -> None:
        """Kept only where asked for: a run of the tests leaves the tree as it was."""
        if os.environ.get("SCREENSHOTS"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=IMAGES / f"{name}.png")


@pytest_asyncio.fixture(loop_scope="module")
async def viewer(browser: Browser, office: DispatchOffice, address: str) -> AsyncIterator[Viewer]:
    """Signed in by a link."""
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(15_000)
    found = Viewer(page, context, f"{address}/reporting")

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    await page.goto(link(office, address, BOSS))
    yield found
    await context.close()
