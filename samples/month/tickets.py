"""Reception's month: customers call and write, are answered, served, asked how it was."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from samples.month.company import PRODUCTS, Customer
from samples.month.month import FIRST, LAST, Month, moment, shanghai
from samples.month.office import until

TICKETS = 200

_QUESTIONS = (
    "粘鼠板怎么摆放？",
    "药粉对宠物有没有影响？",
    "灭蝇灯灯管多久换一次？",
    "保质期怎么看？",
    "能否提供合格证？",
)
_FAULTS = ("粘不住，老鼠跑了", "灭蝇灯不亮", "药粉结块", "喷头堵塞", "胶面起皮", "蟑螂没有减少", "到货破损")
_LOW = ("等了很久", "人来得晚", "问题没有解决")
_HIGH = ("上门很快", "讲得清楚", "态度好", "解决了", "")

Serve = Callable[[Month, str, Customer, str], Awaitable[bool]]
"""Does what a dispatched ticket is about: takes the month, the ticket, its customer, the product's code."""


async def reference_data(m: Month) -> None:
    """Customers with a site, products with their lots."""
    for code, name in PRODUCTS:
        body = {
            "code": code,
            "name": name,
            "consumable": code != "MFL-9",
            "warranty_months": 12,
            "shelf_life_months": 24,
        }
        m.ids[code] = (await m.manager.do("/tickets/products", body))["id"]
    for lot in m.company.lots:
        body = {"product": m.ids[lot.product], "lot": lot.number, "manufactured": lot.made.isoformat()}
        await m.manager.do("/tickets/lots", body)
    for customer in m.company.customers:
        body = {"code": customer.code, "name": customer.name, "region": customer.province, "key_customer": m.likely(20)}
        m.ids[customer.code] = (await m.manager.do("/tickets/customers", body))["id"]
        site = {"customer": m.ids[customer.code], "name": "本部", "city": customer.city}
        m.ids[f"{customer.code}/site"] = (await m.manager.do("/tickets/sites", site))["id"]


def stories(m: Month, serve: Serve) -> list[Any]:
    """The month's tickets, each a story."""
    return [_ticket(m, n, serve) for n in range(round(TICKETS * m.size))]


async def _ticket(m: Month, n: int, serve: Serve) -> None:
    await m.reach(shanghai(m.workday(FIRST, LAST - timedelta(days=4)), m.between(8, 18)))
    customer, product = m.chance.choice(m.company.customers), m.chance.choice(PRODUCTS)[0]
    wants_visit = m.likely(79)
    ticket = await _opened(m, customer, product, wants_visit)
    await m.later(minutes=m.between(4, 40))
    if m.likely(3):
        await m.manager.do(f"/tickets/{ticket}/cancel", {"reason": "客户来电说已自行解决"})
        return m.count("cancelled")
    await m.dispatcher.do(f"/tickets/{ticket}/triage", {})
    await _answer(m, ticket)
    if wants_visit and not await serve(m, ticket, customer, product):
        return None
    await m.later(hours=m.between(0.2, 3))
    await m.reception.do(f"/tickets/{ticket}/resolve", {"resolution": "已处理，客户认可" if wants_visit else "已答复"})
    await _ask_how_it_was(m, ticket)
    return None


async def _opened(m: Month, customer: Customer, product: str, wants_visit: bool) -> str:
    lot = m.chance.choice([lot.number for lot in m.company.lots if lot.product == product])
    channel = m.chance.choices(("phone", "im", "email", "walk_in", "letter"), (70, 14, 8, 4, 4))[0]
    body: dict[str, Any] = {
        "channel": channel,
        "customer": m.ids[customer.code],
        "site": m.ids[f"{customer.code}/site"],
        "person": {"name": customer.person, "phone": customer.phone},
        "product": m.ids[product],
        "lot": lot,
        "summary": m.chance.choice(_FAULTS if wants_visit else _QUESTIONS),
    }
    if channel == "letter":
        body["postmark"] = (m.now - timedelta(days=2)).date().isoformat()
    m.count("tickets")
    opened: str = (await m.reception.do("/tickets", body))["ticket"]
    return opened


async def _answer(m: Month, ticket: str) -> None:
    """3.4a: nearly always the same day; now and then too late."""
    asked = m.now
    await m.later(hours=m.chance.choices((m.between(0.1, 3), m.between(3, 14), m.between(24, 30)), (85, 11, 4))[0])
    m.count("answered" if m.now - asked < timedelta(hours=24) else "answered_late")
    await m.reception.do(f"/tickets/{ticket}/answer", {"proof": m.a_call()})


async def _ask_how_it_was(m: Month, ticket: str) -> None:
    """3.6: the survey; closed and filed when it is answered or declined."""
    await m.reception.do(f"/tickets/{ticket}/survey", {"channel": "im"})
    await m.later(hours=m.between(1, 40))
    if m.likely(12):
        declined = {"reason": "客户没有时间", "proof": m.a_call()}
        await m.reception.do(f"/tickets/{ticket}/survey/decline", declined)
        m.count("declined")
    else:
        score = m.chance.choices((5, 4, 3, 2, 1), (52, 31, 10, 4, 3))[0]
        text = m.chance.choice(_HIGH if score > 2 else _LOW)
        body: dict[str, Any] = {"channel": "phone", "score": score, "text": text or None, "proof": m.a_call()}
        await m.reception.do(f"/tickets/{ticket}/survey/answer", body)
        m.count("surveys")
        m.count("stars", score)
        if score <= 2:
            await m.begin(_hear_complaint(m, ticket))
    await m.later(hours=m.between(1, 20))
    await m.reception.do(f"/tickets/{ticket}/close")
    m.count("closed")


async def _hear_complaint(m: Month, ticket: str) -> None:
    """4.1, D18: a low score has lodged a complaint; it is looked into, decided by somebody else, and made good."""

    async def lodged() -> Any:
        return (await m.manager.read("/tickets/complaints", ticket=ticket))["items"]

    path = f"/tickets/complaints/{(await until(lodged, 'complaint'))[0]['complaint']}"
    happened = moment(m.now)
    m.count("complaints")
    await m.later(hours=m.between(1, 8))
    await m.manager.do(f"{path}/acknowledge")
    await m.later(hours=m.between(1, 20))
    await m.manager.do(f"{path}/start-investigation", {"investigator": "zhao.min"})
    letter = {"file": ("来函.pdf", b"%PDF-1.7 ...", "application/pdf")}
    await m.manager.do(f"{path}/add-evidence", files=letter, data={"description": "客户来函"})
    if engineer := (await m.manager.read(path))["engineer"]:
        await m.later(hours=m.between(2, 20))
        await m.engineer(engineer).do(f"{path}/give-statement", {"statement": "当天路上拥堵，已向客户说明。"})
    await m.later(hours=m.between(20, 50))
    if m.likely(45):
        await m.headquarters.do(f"{path}/dismiss", {"finding": "UNSUBSTANTIATED", "reasons": "记录与客户所述不符"})
        await m.manager.do(f"{path}/close")
        return
    finding = {"category": "other", "reasons": "客户所述属实", "happened_at": happened}
    await m.headquarters.do(f"{path}/substantiate", finding)
    m.count("substantiated")
    await m.manager.do(f"{path}/plan-remedy", {"remedy": "致歉并免费复查一次", "responsible": "zhao.min"})
    await m.later(hours=m.between(20, 60))
    await m.manager.do(f"{path}/complete-remedy", {"outcome": "客户接受"})
    await m.manager.do(f"{path}/close")
