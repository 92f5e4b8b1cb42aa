"""Those who send, go, verify and pay; a site with its place, and a work order on its way to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.dispatch.domain import work_order
from services.dispatch.domain.work_order_commands import RecordReport
from shared.eventlog import Context, Streams
from shared.events.base import Source
from tests.integration.dispatch.conftest import Caller, DispatchOffice, until

TALKED = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}
AT_THE_SITE = {"latitude": 31.2990, "longitude": 120.5860, "accuracy_m": 20}
"""70 metres from the site of the tests."""
FAR_AWAY = {"latitude": 31.3500, "longitude": 120.5853, "accuracy_m": 20}


@dataclass
class Visiting:
    """Whoever has to do with the visits of one engineer."""

    office: DispatchOffice
    code: str
    engineer: Caller
    dispatcher: Caller
    manager: Caller
    verifier: Caller
    finance: Caller
    customer: str
    site: str

    @property
    def now(self) -> datetime:
        return self.office.clock.now()

    def soon(self, **delta: float) -> str:
        """So much from now, as it stands in a body."""
        return (self.now + timedelta(**delta)).isoformat()

    def ago(self, **delta: float) -> str:
        return (self.now - timedelta(**delta)).isoformat()

    async def drafted(self, **facts: Any) -> str:
        said = {"purpose": "repair", "customer": self.customer, "site": self.site, "skills": ["灭鼠"]}
        order: str = (await self.dispatcher.do("/dispatch/work-orders", said | facts))["work_order"]
        return order

    async def order(self, **facts: Any) -> str:
        """A work order that is to be done."""
        order = await self.drafted(**facts)
        await self.dispatcher.do(f"/dispatch/work-orders/{order}/qualify")
        return order

    async def visit(self, order: str = "", minutes: int = 60) -> str:
        """A visit that nobody is assigned to."""
        order = order or await self.order()
        planned = await self.dispatcher.do(f"/dispatch/work-orders/{order}/plan-visit", {"minutes": minutes})
        visit: str = planned["visit"]
        return visit

    def instruction(self, arrival: str = "", **facts: Any) -> dict[str, Any]:
        """To go there in an hour."""
        said = {
            "engineer": self.code,
            "instruction": "更换粘鼠板 20 张",
            "agreed_arrival": arrival or self.soon(hours=1),
        }
        return said | facts

    async def assigned(self, order: str = "", arrival: str = "", **facts: Any) -> str:
        visit = await self.visit(order)
        await self.act(visit, "assign", self.instruction(arrival, **facts), self.dispatcher)
        return visit

    async def on_the_way(self, order: str = "", arrival: str = "") -> str:
        visit = await self.assigned(order, arrival)
        for step in ("accept", "depart"):
            await self.act(visit, step)
        return visit

    async def on_site(self, order: str = "", arrival: str = "") -> str:
        visit = await self.on_the_way(order, arrival)
        await self.act(visit, "check-in", {"position": AT_THE_SITE})
        return visit

    async def done(self, order: str = "") -> str:
        """A visit that was made and reported."""
        visit = await self.on_site(order)
        await self.act(visit, "start-work")
        self.office.later(minutes=30)
        await self.act(visit, "finish", {"result": "已更换"})
        await self.act(visit, "check-out", {"way": "app"})
        return visit

    async def act(
        self, visit: str, action: str, said: dict[str, Any] | None = None, by: Caller | None = None
    ) -> dict[str, Any]:
        """The engineer, or ``by``, does something to a visit."""
        return await (by or self.engineer).do(f"/dispatch/visits/{visit}/{action}", said)

    async def refused(
        self, visit: str, action: str, said: dict[str, Any] | None = None, by: Caller | None = None
    ) -> dict[str, Any]:
        return await (by or self.engineer).refused(f"/dispatch/visits/{visit}/{action}", said)

    async def shown(self, visit: str, by: Caller | None = None) -> dict[str, Any]:
        found: dict[str, Any] = await (by or self.dispatcher).read(f"/dispatch/visits/{visit}")
        return found

    async def ordered(self, order: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.dispatcher.read(f"/dispatch/work-orders/{order}")
        return found

    async def told(self, visit: str) -> list[str]:
        """The names of what has happened to a visit, by the time it happened."""
        lines = await self.dispatcher.read(f"/dispatch/visits/{visit}/history")
        return [line["event"] for line in lines]

    async def until_told(self, visit: str, event: str) -> dict[str, Any]:
        """Until a timer has made ``event`` of a visit: its line."""

        async def found() -> Any:
            lines = await self.dispatcher.read(f"/dispatch/visits/{visit}/history")
            return next((line for line in lines if line["event"] == event), None)

        line: dict[str, Any] = await until(found)
        return line

    async def until_late(self, visit: str, **delta: float) -> dict[str, Any]:
        """The agreed time passes, and the timer says so: its line."""
        self.office.later(**delta)
        return await self.until_told(visit, "VisitLate")

    async def report(self, order: str, **facts: Any) -> None:
        """The service report, signed by the customer, as its own lifecycle records it."""
        said = {"report": uuid4(), "version": 1, "signed_at": self.now} | facts
        wish = RecordReport(at=self.now, by=self.code, **said)

        async def record(streams: Streams) -> None:
            await streams.handle(work_order, UUID(order), wish)

        await self.office.dispatch.log.execute(record, Context(self.code, Source.APP, uuid4()))


async def visiting(office: DispatchOffice) -> Visiting:
    """An engineer and a site of its own, and the others."""
    code = f"E{uuid4().int % 10**8}"
    await office.recorded(code)
    named = {"name": f"光明物业 {code}", "region": "华东"}
    customer = (await office.desk.do("/tickets/customers", named))["id"]
    site = (await office.desk.do("/tickets/sites", {"customer": customer, "name": "西门店", "city": "苏州"}))["id"]
    await office.dispatcher.do("/dispatch/places", {"site": site, "latitude": 31.2989, "longitude": 120.5853})
    await until(lambda: _heard_of(office, site))
    return Visiting(
        office,
        code,
        office.engineer(code),
        office.dispatcher,
        office.manager,
        office.caller("hq_verifier", subject="he.ping"),
        office.caller("finance", subject="wu.jun"),
        customer,
        site,
    )


async def _heard_of(office: DispatchOffice, site: str) -> bool:
    """Dispatch learns of customers and sites from what tickets publishes."""
    async with office.dispatch.pool.connection() as connection:
        found = await connection.execute("SELECT FROM view_clientele.sites WHERE site = %s", (site,))
        return await found.fetchone() is not None
