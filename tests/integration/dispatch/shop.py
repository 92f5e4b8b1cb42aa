"""Those who have to do with parts, and what they do in most tests."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.dispatch.domain import engineer, stock, work_order
from services.dispatch.domain.engineer import RecordEngineer
from services.dispatch.domain.identity import engineer_id, stock_id
from services.dispatch.domain.work_order_commands import (
    DraftWorkOrder,
    PostWorkOrder,
    QualifyWorkOrder,
)
from shared.decider import Command, Decider
from shared.eventlog import Context, StreamNotFound, Streams
from shared.events.base import Source
from shared.events.dispatch import CostKind
from shared.events.tickets import Purpose
from tests.integration.dispatch.conftest import DispatchOffice

REQUESTS = "/dispatch/part-requests"


class Shop:
    """Those who have to do with parts, each a person of their own."""

    def __init__(self, office: DispatchOffice) -> None:
        self.office = office
        self.engineer = office.engineer("E04")
        self.manager = office.manager
        self.warehouse = office.caller("warehouse", subject="cang.ku")
        self.quality = office.caller("quality", subject="zhi.jian")
        self.planner = office.caller("production_planner", subject="pai.chan")
        self.purchasing = office.caller("purchasing", subject="cai.gou")

    async def part(self, supply: str = "made", **facts: Any) -> str:
        """A part that nobody has heard of before."""
        said = {"code": uuid4().hex[:8], "name": "诱饵站锁扣", "supply": supply, "unit": "个", "unit_cost": "3.35"}
        recorded = await self.warehouse.do("/dispatch/parts", said | facts)
        found: str = recorded["part"]
        return found

    async def stocked(self, quantity: str = "20") -> str:
        """A part of which so many lie in the warehouse."""
        part = await self.part()
        await self.warehouse.do(
            "/dispatch/stock/receive", {"location": "warehouse", "part": part, "quantity": quantity}
        )
        return part

    async def order(self, purpose: Purpose = Purpose.REPAIR) -> UUID:
        """A work order that is to be done."""
        order, at = uuid4(), self.office.clock.now()
        facts = {
            "purpose": purpose,
            "customer": uuid4(),
            "customer_name": "光明物业",
            "site": uuid4(),
            "site_name": "西门店",
        }
        facts |= {"city": "济南", "region": "济南"}
        await self.decide(order, DraftWorkOrder(at=at, by="li.na", work_order=order, **facts))
        await self.decide(order, QualifyWorkOrder(at=at, by="li.na", **facts))
        return order

    async def posted(self, order: UUID) -> None:
        """The work is done, reported, verified and posted."""
        await self.office.verified(str(order))
        await self.decide(order, PostWorkOrder(at=self.office.clock.now(), by="cai.wu"))

    async def decide(self, order: UUID, command: Command, decider: Decider[Any] = work_order) -> None:
        context = Context(actor="li.na", source=Source.WEB, correlation_id=uuid4())

        async def work(streams: Streams) -> None:
            await streams.handle(decider, order, command)

        await self.office.dispatch.log.execute(work, context)

    async def asked(self, part: str, quantity: str = "20", **facts: Any) -> str:
        """A request of E04's; its path."""
        said = {"part": part, "quantity": quantity, "needed_by": "2026-12-20", "reason": "锁扣断裂"}
        answer = await self.engineer.do(REQUESTS, said | facts)
        return f"{REQUESTS}/{answer['request']}"

    async def approved(self, part: str, quantity: str = "20", **facts: Any) -> str:
        request = await self.asked(part, quantity, **facts)
        await self.manager.do(f"{request}/approve")
        return request

    async def shipped(self, part: str, quantity: str = "20", **facts: Any) -> str:
        request = await self.approved(part, quantity, **facts)
        await self.warehouse.do(f"{request}/reserve", {"lots": ["L1"]})
        await self.quality.do(f"{request}/release", {"certificate": "ZJ-1"})
        await self.warehouse.do(f"{request}/ship", {"carrier": "顺丰", "waybill": "SF1", "freight": "23.00"})
        return request

    async def delivered(self, part: str, quantity: str = "20", **facts: Any) -> str:
        request = await self.shipped(part, quantity, **facts)
        await self.engineer.do(f"{request}/deliver")
        return request

    async def lies(self, part: str, location: str) -> tuple[Decimal, Decimal]:
        """What is on hand, and what of it is set apart; by the log."""
        try:
            state, _ = await self.office.dispatch.log.load(stock, stock_id(location, UUID(part)))
        except StreamNotFound:
            state = stock.NEW
        return state.on_hand, state.set_apart

    async def cost(self, order: UUID, kind: CostKind) -> Decimal:
        state, _ = await self.office.dispatch.log.load(work_order, order)
        return state.total(kind)


async def opened_shop(office: DispatchOffice) -> Shop:
    """With the engineers E04 and E05."""
    shop = Shop(office)
    for who in ("E04", "E05"):
        recording = RecordEngineer(at=office.clock.now(), by="li.na", engineer=who)
        await shop.decide(engineer_id(who), recording, engineer)
    return shop
