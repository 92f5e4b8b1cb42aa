"""The monthly reports (5.4): September's and October's item report are issued; October's statistics wait for you."""

from samples.month.office import Office, until

ITEMS, STATISTICS = "SX-2026-10", "TJ-2026-10"
BEFORE = ("TJ-2026-09", "SX-2026-09")
"""A report builds on that of the month before."""
OFFICES = (
    ("management", "总经理办公室", "management", ["chen.gm"]),
    ("quality", "质量部", "quality", ["qian.zhi"]),
)


async def report_the_month(office: Office) -> None:
    """Recipients, and the reports from cut-off to acknowledgement; each step by the person whose it is."""
    manager, boss = office.caller("zhao.min", "service_manager"), office.caller("chen.gm", "general_manager")
    for code, title, audience, accounts in OFFICES:
        said = {"recipient": code, "title": title, "audience": audience, "accounts": accounts, "means": ["folder"]}
        await manager.do("/reporting/recipients", said)

    async def listed() -> bool:
        return len(await manager.read("/reporting/recipients")) == len(OFFICES)

    await until(listed, "the recipients are listed")
    found: set[str] = set()

    async def opened() -> bool:
        found.update(report["number"] for report in (await boss.read("/reporting/months"))["items"])
        return {ITEMS, STATISTICS} <= found

    await until(opened, "October's reports are open")
    for code in (*(each for each in BEFORE if each in found), ITEMS):
        await _issue(office, f"/reporting/months/{code}")


async def _issue(office: Office, path: str) -> None:
    manager, boss = office.caller("zhao.min", "service_manager"), office.caller("chen.gm", "general_manager")
    await manager.do(f"{path}/cut-off")
    await manager.do(f"{path}/draft")
    await office.caller("wu.jun", "finance").do(f"{path}/review", {"note": "与台账核对一致"})
    await boss.do(f"{path}/issue")
    await boss.do(f"{path}/acknowledge", {"recipient": "management"})
    await office.caller("qian.zhi", "quality").do(f"{path}/acknowledge", {"recipient": "quality"})
