"""Spare parts (5.2): what is in stock, made or bought, released, shipped, used and given back."""

from datetime import timedelta
from typing import Any

from samples.month.company import ENGINEERS
from samples.month.month import LAST, Month, moment, shanghai

PARTS = (
    ("YD-01", "诱饵站锁扣", "bought", "3.35"),
    ("DG-18", "灭蝇灯灯管", "bought", "26.80"),
    ("ZL-02", "灭蝇灯镇流器", "made", "41.00"),
    ("PT-07", "喷头", "made", "8.60"),
)
_IN_STOCK = {"YD-01": 400, "DG-18": 120, "ZL-02": 10, "PT-07": 60}


async def stock(m: Month) -> None:
    """The catalogue, and what lies in the warehouse at the month's beginning."""
    for code, name, supply, cost in PARTS:
        body = {"code": code, "name": name, "supply": supply, "unit": "个", "unit_cost": cost}
        if supply == "bought":
            body["supplier"] = "宏达五金"
        m.ids[code] = (await m.warehouse.do("/dispatch/parts", body))["part"]
        received = {"location": "warehouse", "part": m.ids[code], "quantity": str(_IN_STOCK[code]), "lot": f"{code}-A"}
        await m.warehouse.do("/dispatch/stock/receive", received)


def stories(m: Month) -> list[Any]:
    """Vans that are filled up; the rest is asked for by visits."""
    return [_fill_a_van(m) for _ in range(round(14 * m.size))]


async def _fill_a_van(m: Month) -> None:
    await m.reach(shanghai(m.workday(last=LAST - timedelta(days=12)), m.between(8, 17)))
    engineer = m.chance.choice(ENGINEERS)
    code = m.chance.choice(PARTS)[0]
    body = {"part": m.ids[code], "quantity": str(m.chance.randrange(2, 12)), "engineer": engineer, "destination": "van"}
    await supplied(m, engineer, code, body | {"reason": "车载备件不足"})


async def wanted(m: Month, engineer: str, order: str) -> str | None:
    """A part that a repair needs, on the engineer's van before the visit; None where they do without."""
    code = m.chance.choice(("DG-18", "ZL-02"))
    body = {"part": m.ids[code], "quantity": "1", "engineer": engineer, "destination": "van", "work_order": order}
    return await supplied(m, engineer, code, body | {"reason": "维修更换", "old_part_expected": True})


async def used(m: Month, path: str) -> None:
    """Built in; the old part comes back."""
    await m.dispatcher.do(f"{path}/consume", {"quantity": "1"})
    await m.warehouse.do(f"{path}/return-old-part", {"quantity": "1", "findings": "烧毁，自然损耗"})
    await m.warehouse.do(f"{path}/close")
    m.count("built_in")


async def supplied(m: Month, engineer: str, code: str, body: dict[str, Any]) -> str | None:
    """A request, from the engineer to the delivery; None where it was rejected."""
    needed = (m.now + timedelta(days=8)).date().isoformat()
    request = await m.engineer(engineer).do("/dispatch/part-requests", body | {"needed_by": needed})
    path = f"/dispatch/part-requests/{request['request']}"
    m.count("parts")
    await m.later(hours=m.between(0.5, 6))
    if m.likely(6):
        await m.manager.do(f"{path}/reject", {"reason": "可用车上现有备件"})
        return None
    await m.manager.do(f"{path}/approve")
    await m.later(hours=m.between(0.5, 4))
    await _provided(m, path, code, int(body["quantity"]))
    await m.later(hours=m.between(1, 10))
    if m.likely(8):
        found = {"certificate": _certificate(m), "findings": "外观划伤，不予放行"}
        await m.quality.do(f"{path}/refuse-release", found)
        m.count("withheld")
        return None
    await m.quality.do(f"{path}/release", {"certificate": _certificate(m)})
    await m.later(hours=m.between(1, 6))
    waybill = f"SF{m.chance.randrange(10**12, 10**13)}"
    shipment = {"carrier": "顺丰", "waybill": waybill, "freight": f"{m.chance.randrange(12, 40)}.00"}
    await m.warehouse.do(f"{path}/ship", shipment)
    m.count("shipped")
    await m.later(hours=m.between(18, 40))
    await m.engineer(engineer).do(f"{path}/deliver")
    return path


async def _provided(m: Month, path: str, code: str, quantity: int) -> None:
    """From stock where there is enough; otherwise made, or bought."""
    stocked = {"location": "warehouse", "lots": [f"{code}-A"]}
    if (await m.warehouse.send(f"{path}/reserve", stocked)).is_success:
        return
    supply = next(supply for each, _, supply, _ in PARTS if each == code)
    number, due = m.chance.randrange(100, 999), moment(m.now + timedelta(days=3))
    lots = [f"{code}-{number}"]
    if supply == "made":
        plan = {"order": f"SC-2026-{number}", "due": due[:10]}
        await m.planner.do(f"{path}/plan-production", plan)
        await m.later(hours=m.between(20, 60))
        await m.planner.do(f"{path}/record-produced", {"lots": lots, "location": "warehouse"})
        m.count("produced", quantity)
    else:
        order = {"order": f"CG-2026-{number}", "supplier": "宏达五金", "due": due[:10]}
        await m.purchasing.do(f"{path}/order-purchase", order)
        await m.later(hours=m.between(20, 60))
        await m.purchasing.do(f"{path}/record-received", {"lots": lots, "location": "warehouse"})


def _certificate(m: Month) -> str:
    return f"ZJ-2026-{m.chance.randrange(1000, 9999)}"
