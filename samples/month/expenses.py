"""Trips and what they cost (4.3, 5.1): claimed with invoices, checked, decided by three, paid."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from samples.month.month import SHANGHAI, Month
from samples.month.office import Caller

_COMPANY = "91350100M000100Y43"
_SELLERS = {"long_distance": "铁路客运", "lodging": "快捷酒店", "meals": "家常菜馆", "local_transport": "出租汽车"}


@dataclass(frozen=True, slots=True)
class Trip:
    id: str
    city: str
    first: date
    last: date


async def planned(m: Month, engineer: str, city: str, order: str, visit: str, arrival: datetime) -> Trip | None:
    """A trip where the customer isn't at home; None in the engineer's own city."""
    if city == m.company.engineers[engineer][1]:
        return None
    day = arrival.astimezone(SHANGHAI).date()
    last = day + timedelta(days=1 if m.likely(35) else 0)
    stop = {
        "city": city,
        "from_day": day.isoformat(),
        "until_day": last.isoformat(),
        "visit": visit,
        "work_order": order,
    }
    body = {"engineer": engineer, "starts": day.isoformat(), "ends": last.isoformat(), "stops": [stop]}
    trip = await m.dispatcher.do("/dispatch/trips", body)
    m.count("trips")
    return Trip(trip["trip"], city, day, last)


async def story(m: Month, engineer: str, trip: Trip | None) -> None:
    """The claim of a trip, from the receipts to the payment."""
    if trip is None:
        return
    await m.later(days=1, hours=m.between(1, 30))
    them = m.engineer(engineer)
    await them.do(f"/dispatch/trips/{trip.id}/end", {"ends": trip.last.isoformat()})
    claim = (await them.do("/dispatch/claims", {"trip": trip.id}))["claim"]
    path = f"/dispatch/claims/{claim}"
    m.count("claims")
    await _lines(m, them, path, trip)
    checked = await them.do(f"{path}/submit")
    await m.later(hours=m.between(2, 30))
    if m.likely(6):
        await m.manager.do(f"{path}/return", {"reasons": "请补充事由说明"})
        m.count("returned")
        await m.later(hours=m.between(1, 10))
        await them.do(f"{path}/revise")
        checked = await them.do(f"{path}/submit")
        await m.later(hours=m.between(1, 10))
    for line in checked["failed_lines"]:
        checked = await m.manager.do(f"{path}/reject-line", {"line": line, "reasons": "与行程不符"})
        m.count("rejected_lines")
    if checked["approvable"] == "0.00":
        await m.manager.do(f"{path}/reject", {"reasons": "各项均与行程不符"})
        return
    await m.manager.do(f"{path}/approve")
    await m.later(hours=m.between(2, 30))
    await m.finance.do(f"{path}/approve-finance")
    await m.later(hours=m.between(12, 40))
    paid_on = m.now.astimezone(SHANGHAI).date().isoformat()
    await m.cashier.do(f"{path}/pay", {"paid_on": paid_on, "reference": f"YH-{m.chance.randrange(10**6):06}"})
    m.count("paid")


async def _lines(m: Month, them: Caller, path: str, trip: Trip) -> None:
    """There and back, meals, a night where it was two days; now and then a receipt of another city."""
    nights = (trip.last - trip.first).days
    spent = [("long_distance", trip.first, 1, m.between(60, 180)), ("meals", trip.first, nights + 1, m.between(50, 78))]
    if nights:
        spent.append(("lodging", trip.first, nights, m.between(180, 290)))
    if m.likely(40):
        spent.append(("local_transport", trip.last, 1, m.between(15, 60)))
    for kind, day, days, cost in spent:
        city = "宁波" if m.likely(3) and trip.city != "宁波" else trip.city
        amount = Decimal(f"{cost * days:.2f}")
        invoice = _invoice(m, amount, trip.last, f"{city}{_SELLERS[kind]}")
        kept = await them.do("/dispatch/claims/receipts", files={"file": ("invoice.xml", invoice, "application/xml")})
        line: dict[str, Any] = {"kind": kind, "spent_on": day.isoformat(), "days": days, "city": city}
        line |= {"amount": str(amount), "invoice": kept["invoice"], "receipts": [kept["sha256"]]}
        await them.do(f"{path}/lines", line)


def _invoice(m: Month, total: Decimal, issued: date, seller: str) -> bytes:
    """A fully digital invoice (数电票), as a tax platform delivers it; no real one."""
    number = f"2633{m.chance.randrange(10**16):016}"
    net = (total / Decimal("1.06")).quantize(Decimal("0.01"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<EInvoice><Header><EIid>{number}</EIid></Header><EInvoiceData>"
        f"<SellerInformation><SellerIdNum>91330106MA00000016</SellerIdNum><SellerName>{seller}</SellerName>"
        f"</SellerInformation><BuyerInformation><BuyerIdNum>{_COMPANY}</BuyerIdNum><BuyerName>本公司</BuyerName>"
        f"</BuyerInformation><BasicInformation><TotalAmWithoutTax>{net}</TotalAmWithoutTax>"
        f"<TotalTaxAm>{total - net}</TotalTaxAm><TotalTax-includedAmount>{total}</TotalTax-includedAmount>"
        f"</BasicInformation></EInvoiceData><TaxSupervisionInfo><InvoiceNumber>{number}</InvoiceNumber>"
        f"<IssueTime>{issued.isoformat()}</IssueTime></TaxSupervisionInfo></EInvoice>"
    ).encode()
