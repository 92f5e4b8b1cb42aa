"""Those who spend, decide and pay; a trip, a hotel bill, and a claim on its way."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from services.dispatch.domain import engineer, work_order
from services.dispatch.domain.engineer import RecordEngineer
from services.dispatch.domain.identity import engineer_id
from services.dispatch.domain.work_order_commands import DraftWorkOrder
from shared.eventlog import Context, Streams
from shared.events.base import Source
from tests.integration.dispatch.conftest import Caller, DispatchOffice
from tests.unit.dispatch.invoice_files import a_pdf

DAYS = {"starts": "2026-10-05", "ends": "2026-10-07"}
"""Before every test begins: Monday to Wednesday."""
STOPS = [{"city": "杭州", "from_day": "2026-10-05", "until_day": "2026-10-07"}]


@dataclass
class Expenses:
    """Whoever has to do with a claim of one engineer."""

    office: DispatchOffice
    code: str
    engineer: Caller
    dispatcher: Caller
    manager: Caller
    general: Caller
    finance: Caller
    cashier: Caller

    async def trip(self, **facts: Any) -> str:
        """To Hangzhou and back."""
        said = {"engineer": self.code, **DAYS, "stops": STOPS} | facts
        trip: str = (await self.dispatcher.do("/dispatch/trips", said))["trip"]
        return trip

    async def claim(self, trip: str) -> str:
        claim: str = (await self.engineer.do("/dispatch/claims", {"trip": trip}))["claim"]
        return claim

    async def receipt(self, text: str = "") -> str:
        """A scan on which nothing can be read: its fingerprint."""
        answer = await self.engineer.upload("/dispatch/claims/receipts", "scan.pdf", a_pdf(text or uuid4().hex))
        assert answer.status_code == 201, answer.text
        sha256: str = answer.json()["sha256"]
        return sha256

    async def hotel(self, claim: str, number: str = "", **facts: Any) -> dict[str, Any]:
        """A night in Hangzhou, with its bill."""
        said = {
            "kind": "lodging",
            "spent_on": "2026-10-05",
            "city": "杭州",
            "amount": "380.00",
            "invoice": {"number": number or a_number(), "issued": "2026-10-06", "total": facts.get("amount", "380.00")},
            "receipts": [await self.receipt()],
        }
        return await self.engineer.do(f"/dispatch/claims/{claim}/lines", said | facts)

    async def submitted(self, trip: str = "", **facts: Any) -> str:
        """A claim with one line, submitted and checked."""
        claim = await self.claim(trip or await self.trip())
        await self.hotel(claim, **facts)
        await self.engineer.do(f"/dispatch/claims/{claim}/submit")
        return claim

    async def status(self, claim: str) -> str:
        status: str = (await self.finance.read(f"/dispatch/claims/{claim}"))["status"]
        return status


async def people(office: DispatchOffice) -> Expenses:
    """An engineer of its own, and the others."""
    code = f"E{uuid4().int % 10**8}"
    await recorded(office, code)
    return Expenses(
        office,
        code,
        office.engineer(code),
        office.dispatcher,
        office.manager,
        office.caller("general_manager", subject="chen.gm"),
        office.caller("finance", subject="qian.yu"),
        office.caller("finance", subject="wu.cashier"),
    )


async def recorded(office: DispatchOffice, code: str) -> None:
    """An engineer who is based in Shanghai."""
    now = office.clock.now()
    wish = RecordEngineer(engineer=code, base_city="上海", at=now, by="li.na")

    async def record(streams: Streams) -> None:
        await streams.handle(engineer, engineer_id(code), wish)

    await office.dispatch.log.execute(record, Context("li.na", Source.WEB, uuid4()))


async def an_order(office: DispatchOffice) -> str:
    """A work order that a trip may be for."""
    order = uuid4()
    wish = DraftWorkOrder(work_order=order, origin="manual", at=office.clock.now(), by="li.na")

    async def draft(streams: Streams) -> None:
        await streams.handle(work_order, order, wish)

    await office.dispatch.log.execute(draft, Context("li.na", Source.WEB, uuid4()))
    return str(order)


def a_number() -> str:
    """Of a fully digital invoice of Zhejiang, each time another."""
    return f"2633{uuid4().int % 10**16:016}"
