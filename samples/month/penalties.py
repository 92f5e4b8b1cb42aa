"""What follows from what went wrong: notice, statement, decision, appeal, the month's payroll list (4.1–4.7, D6)."""

from typing import Any

from samples.month.company import ENGINEERS
from samples.month.month import FIRST, LAST, Month, moment, shanghai

PERIOD = f"{FIRST:%Y-%m}"
_PANEL = ("lin.tao", "deng.yu")
"""Two from outside service, who hear appeals."""


async def policy(m: Month) -> None:
    """Version 1 is adopted as it is shipped, everybody has read it, and finance knows what is earned."""
    adopted = {"version": 1, "valid_from": moment(shanghai(FIRST, 0)), "procedure": "职工代表大会讨论通过"}
    await m.general_manager.do("/penalties/policy/adopt", adopted)
    for engineer in ENGINEERS:
        await m.engineer(engineer).do("/penalties/policy/versions/1/acknowledge")
    wages = [{"engineer": code, "wage": f"{6000 + 300 * n}.00", "minimum_wage": "2740.00"}
             for n, code in enumerate(ENGINEERS)]  # fmt: skip
    await m.hr.do("/penalties/wages", {"period": PERIOD, "wages": wages})


async def mornings(m: Month) -> None:
    """Each morning HR tells engineers of what is suspected."""
    seen: set[str] = set()
    for day in range(1, 40):
        await m.reach(shanghai(FIRST, 24 * day + 9.5))
        await m.office.heard("penalties", "facts")
        await m.office.seen("penalties")
        found = await m.hr.read("/penalties", status="SUSPECTED", limit=200)
        for row in sorted(found["items"], key=lambda row: row["number"]):
            if row["penalty"] not in seen:
                seen.add(row["penalty"])
                await m.begin(_case(m, row))


async def _case(m: Month, row: dict[str, Any]) -> None:
    """One suspicion to its end. Of the first two late visits one is fined, the other appealed against with success."""
    path, engineer = f"/penalties/{row['penalty']}", m.engineer(row["engineer"])
    m.count("suspicions")
    await m.hr.do(f"{path}/notice")
    await m.later(hours=m.between(1, 20))
    stated = m.likely(80)
    if stated:
        await engineer.do(f"{path}/give-statement", {"statement": "路上堵车，已尽力赶到"}, source="app")
    await m.later(hours=m.between(26, 44))
    if await _withdrawn(m, path):
        return
    late = row["rule"] == "4.5"
    shown = late and m.told["late_imposed"] < 2
    if not shown and m.likely(35):
        await m.manager.do(f"{path}/waive", {"reasons": "所述情况属实，非个人原因"})
        m.count("waived")
        return
    await m.manager.do(f"{path}/impose", {"reasons": "所述情况无法证实"})
    m.count("imposed")
    m.count("late_imposed", int(late))
    if shown and m.fined is None:
        m.fined = row["penalty"]
    elif shown or m.likely(20):
        await _appeal(m, path, engineer, revoked=shown or m.likely(40))


async def _withdrawn(m: Month, path: str) -> bool:
    """What was corrected in the meantime needs no decision."""
    return (await m.hr.read(path))["status"] not in ("STATED", "STATEMENT_LAPSED")


async def _appeal(m: Month, path: str, engineer: Any, *, revoked: bool) -> None:
    await m.later(hours=m.between(4, 40))
    await engineer.do(f"{path}/lodge-appeal", {"grounds": "导航记录可以证明封路"}, source="app")
    m.count("appeals")
    one, another = (m.office.caller(who, "appeal_panel") for who in _PANEL)
    decided = {"outcome": "revoked" if revoked else "upheld"}
    await m.later(hours=m.between(10, 50))
    reasons = "导航记录属实" if revoked else "记录与行程不符"
    await one.do(f"{path}/propose-appeal-decision", decided | {"reasons": reasons})
    await m.later(hours=m.between(2, 20))
    await another.do(f"{path}/confirm-appeal-decision", decided)
    m.count("revoked" if revoked else "upheld")
    if revoked:
        m.revoked = m.revoked or path.rpartition("/")[2]


async def payroll(m: Month) -> None:
    """On the third finance closes the list of the month that is over."""
    await m.reach(shanghai(LAST, 24 * 3 + 10))
    listed = await m.finance.do(f"/penalties/payroll/{PERIOD}/export")
    m.count("listed", len((await m.finance.read(f"/penalties/payroll/{PERIOD}"))["lines"]))
    m.payroll = str(listed["total"])
