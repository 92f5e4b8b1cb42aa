"""Work orders become visits, visits become signed reports, and what they cost is booked (3.4b, 3.6, 4.4, 4.7)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from samples.month import expenses, parts, reports
from samples.month.company import CITIES, ENGINEERS, Customer
from samples.month.month import LAST, SHANGHAI, Month, moment, shanghai
from samples.month.office import Caller, until

PURPOSES = {"ZSB-L": "placement", "ZSB-S": "placement", "ZZW-1": "replacement", "MYF-5": "training",
            "SCJ-2": "replacement", "MFL-9": "repair"}  # fmt: skip
"""What is done on site about a product."""
_SKILLS = {"placement": "灭鼠", "replacement": "灭蟑", "training": "培训", "repair": "维修", "routine_visit": "灭鼠"}
_HOURS = (8.5, 10.5, 13.5, 15.5)
"""When visits are agreed on."""
_RESULTS = ("已处理，试用正常", "已更换并清理现场", "已布放并讲解用法", "已按要求完成")


@dataclass
class Job:
    """A visit that somebody makes."""

    order: str
    purpose: str
    customer: Customer
    visit: str
    arrival: datetime
    engineer: str = ""
    refused_by: set[str] = field(default_factory=set)

    @property
    def path(self) -> str:
        return f"/dispatch/visits/{self.visit}"


async def reference_data(m: Month) -> None:
    """Where the sites are, and the programmes by which customers are seen again and again (2.3)."""
    for customer in m.company.customers:
        place = {"site": m.ids[f"{customer.code}/site"], "latitude": customer.latitude, "longitude": customer.longitude}
        await m.dispatcher.do("/dispatch/places", place)
    for n, region in enumerate(sorted({province for _, _, province in CITIES.values()})):
        body = {"name": f"{region}走访", "region": region, "rule": f"FREQ=MONTHLY;BYMONTHDAY={5 + 4 * n}",
                "starts_on": "2026-10-01", "within_days": 6, "skills": ["灭鼠"], "note": "询问使用情况"}  # fmt: skip
        await m.manager.do("/dispatch/programmes", body)
    keys = {"name": "重点客户走访", "key_customers": True, "rule": "FREQ=WEEKLY;BYDAY=TU,FR", "starts_on": "2026-10-01",
            "within_days": 3, "skills": ["灭鼠"], "note": "检查布放点"}  # fmt: skip
    await m.manager.do("/dispatch/programmes", keys)


async def serve(m: Month, ticket: str, customer: Customer, product: str) -> bool:
    """What a triaged ticket is about: its work order, from the draft to the books. False: it came to nothing."""

    async def drafted() -> Any:
        return (await m.dispatcher.read("/dispatch/work-orders", ticket=ticket))["items"]

    order = (await until(drafted, "work order"))[0]["work_order"]
    purpose = PURPOSES[product]
    facts = {"purpose": purpose, "skills": [_SKILLS[purpose]]}
    await m.dispatcher.do(f"/dispatch/work-orders/{order}/qualify", facts)
    if not await carried_out(m, order, purpose, customer):
        return False
    m.sample = m.sample or ticket

    async def verified() -> bool:
        shown = await m.dispatcher.read(f"/tickets/{ticket}")
        return any(each["progress"] == "verified" for each in shown["work_orders"])

    await until(verified, "the ticket hears of its work order")
    return True


async def routine(m: Month) -> None:
    """Each morning the dispatcher takes up what the programmes ask for."""
    taken: set[str] = set()
    day = shanghai(LAST, 8) - timedelta(days=29)
    while day < shanghai(LAST, 8) - timedelta(days=3):
        await m.reach(day)
        await m.office.seen("dispatch")
        found = await m.dispatcher.read("/dispatch/work-orders", origin="programme", status="QUALIFIED", limit=200)
        for order in sorted(found["items"], key=lambda row: row["number"]):
            if order["work_order"] not in taken and m.likely(100 * min(m.size, 1)):
                await m.begin(_see_again(m, order))
            taken.add(order["work_order"])
        day += timedelta(days=1)


async def _see_again(m: Month, order: dict[str, Any]) -> None:
    await m.later(hours=m.between(0.2, 6))
    customer = next(each for each in m.company.customers if m.ids[each.code] == order["customer"])
    m.count("routine")
    await carried_out(m, order["work_order"], "routine_visit", customer)


async def carried_out(m: Month, order: str, purpose: str, customer: Customer) -> bool:
    """A qualified work order until it is posted. False: the customer didn't want it any more."""
    await m.later(minutes=m.between(5, 90))
    part = await parts.wanted(m, _nearest(m, customer)[0], order) if purpose == "repair" and m.likely(35) else None
    planned = await m.dispatcher.do(f"/dispatch/work-orders/{order}/plan-visit", {"minutes": 90})
    job = Job(order, purpose, customer, planned["visit"], m.now)
    while not await _taken_on(m, job):
        m.count("asked_again")
    if m.likely(7):
        await _another_time(m, job)
    trip = await expenses.planned(m, job.engineer, job.customer.city, job.order, job.visit, job.arrival)
    await _on_site(m, job)
    if part:
        await parts.used(m, part)
    await m.begin(expenses.story(m, job.engineer, trip))
    return await _proved(m, job)


async def _taken_on(m: Month, job: Job) -> bool:
    """The dispatcher asks an engineer, in writing; some refuse, and one doesn't answer (4.7, D15)."""
    job.engineer, job.arrival = await _proposed(m, job)
    instruction = f"{job.customer.name}：{'、'.join(_SKILLS[job.purpose])}，带齐工具，完工请客户签字。"
    body = {"engineer": job.engineer, "instruction": instruction, "agreed_arrival": moment(job.arrival)}
    if job.refused_by:
        body["override_reason"] = "客户时间已定，原定人员不能前往"
    await m.dispatcher.do(f"{job.path}/assign", body)
    await m.later(minutes=1)
    await m.engineer(job.engineer).do(f"{job.path}/confirm-delivery", {"way": "app"})
    if m.likely(3):
        await m.later(minutes=50)
        m.count("unanswered")
    else:
        await m.later(minutes=m.between(1, 20))
    if m.likely(4):
        reason = {"reason": "现场有马蜂窝，无防护服", "safety": True} if m.likely(30) else {"reason": "车辆故障"}
        await m.engineer(job.engineer).do(f"{job.path}/refuse", reason)
        m.count("refused")
        job.refused_by.add(job.engineer)
        return False
    await m.engineer(job.engineer).do(f"{job.path}/accept")
    return True


async def _proposed(m: Month, job: Job) -> tuple[str, datetime]:
    """Somebody who is free, nearest first, and the time that the customer accepts."""
    near = [code for code in _nearest(m, job.customer) if code not in job.refused_by]
    if job.refused_by:  # the time is agreed on: somebody else keeps it, in spite of another visit if need be
        return next((code for code in near if m.book(code, job.arrival)), near[0]), job.arrival
    day = m.now.astimezone(SHANGHAI).date()
    while True:
        day += timedelta(days=1)
        for hour in m.chance.sample(_HOURS, len(_HOURS)) if day.weekday() < 6 else ():
            for code in near[: 2 + (day - m.now.date()).days]:
                if m.book(code, arrival := shanghai(day, hour)):
                    return code, arrival


def _nearest(m: Month, customer: Customer) -> list[str]:
    """Engineers, those of the customer's city first."""
    return sorted(ENGINEERS, key=lambda code: (m.company.engineers[code][1] != customer.city, m.chance.random()))


async def _another_time(m: Month, job: Job) -> None:
    """The customer asks for two days later (D4)."""
    await m.later(minutes=m.between(10, 120))
    if m.now >= job.arrival - timedelta(hours=1):
        return
    later = job.arrival + timedelta(days=2)
    if later.astimezone(SHANGHAI).weekday() == 6 or not m.book(job.engineer, later):
        return
    body = {"new_arrival": moment(later), "reason": "客户要求改期", "consent": m.a_call("inbound")}
    await m.dispatcher.do(f"{job.path}/reschedule", body)
    await m.engineer(job.engineer).do(f"{job.path}/accept", source="app")
    job.arrival = later
    m.count("rescheduled")


async def _on_site(m: Month, job: Job) -> None:
    """Sets off, arrives, works, has the report signed, and tells headquarters; now and then without a network."""
    engineer, offline = m.engineer(job.engineer), m.likely(9)
    m.count("set_off")
    late = m.told["set_off"] <= 2 or m.likely(8)  # of the first two the month tells what follows
    minutes_late = m.between(15, 55) if late else m.between(-15, -1)
    arrival = job.arrival + timedelta(minutes=minutes_late)
    await m.reach(arrival - timedelta(minutes=m.between(30, 70)))
    await engineer.do(f"{job.path}/depart", source="app")
    if minutes_late > 0:
        m.count("late")
        if m.likely(60):
            await m.reach(job.arrival - timedelta(minutes=5))
            await engineer.do(f"{job.path}/report-delay", {"cause": "traffic"}, source="app")
    await m.reach(arrival)
    position = {"latitude": job.customer.latitude + 0.0004, "longitude": job.customer.longitude, "accuracy_m": 25}
    told = _Told(m, engineer, job, offline)
    await told.step("check-in", position=position)
    m.count("arrived")
    await m.later(minutes=m.between(2, 8))
    await told.step("start-work")
    if m.likely(10):
        await m.later(minutes=m.between(10, 20))
        await told.step("pause", reason="等客户开门")
        await m.later(minutes=m.between(5, 15))
        await told.step("resume")
    await m.later(minutes=m.between(20, 55))
    await told.step("finish", result=m.chance.choice(_RESULTS))
    await told.all_of_it()
    signed = await reports.written(m, engineer, job.order)
    m.count("reports")
    if not signed:
        m.count("unsigned")
    if m.likely(3):
        await m.later(minutes=95)
        m.count("left")
    await m.later(minutes=m.between(3, 12))
    await engineer.do(f"{job.path}/check-out", {"way": "app"}, source="app")


class _Told:
    """What an engineer tells: at once, or, where there is no network, all of it when there is one again."""

    def __init__(self, m: Month, engineer: Caller, job: Job, offline: bool) -> None:
        self._m, self._engineer, self._job, self._offline = m, engineer, job, offline
        self._kept: list[tuple[str, dict[str, Any]]] = []

    async def step(self, action: str, **facts: Any) -> None:
        if self._offline:
            self._kept.append((action, facts | {"at": moment(self._m.now), "offline": True}))
            return
        await self._engineer.do(f"{self._job.path}/{action}", facts, source="app")

    async def all_of_it(self) -> None:
        if self._kept:
            self._m.count("offline")
        for action, facts in self._kept:
            await self._engineer.do(f"{self._job.path}/{action}", facts, source="app")


async def _proved(m: Month, job: Job) -> bool:
    """Headquarters verifies, finance posts: nothing changes any more."""
    await m.later(hours=m.between(2, 20))
    await m.headquarters.do(f"/dispatch/work-orders/{job.order}/verify", {"note": "电话回访，客户认可"})
    await m.later(hours=m.between(1, 8))
    if m.likely(92):
        await m.finance.do(f"/dispatch/work-orders/{job.order}/post")
        m.count("posted")
    return True
