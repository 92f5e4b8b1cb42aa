"""Triage (2.1, 2.2): who it is for, what it is about, and whether it is covered, with what the reference data say."""

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.tickets.conftest import CALL, Office, code

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def goods(office: Office, **facts: Any) -> dict[str, str]:
    """A customer to whom a lot of a product was delivered, under names of their own."""
    mark = uuid4().hex[:6]
    desk = office.desk
    customer = (await desk.do("/tickets/customers", {"name": f"客户{mark}"}))["id"]
    terms = {"name": f"毒饵{mark}", "consumable": True, "warranty_months": 6, "shelf_life_months": 24}
    product = (await desk.do("/tickets/products", terms | facts.get("product", {})))["id"]
    lot = {"product": product, "lot": f"L{mark}", "manufactured": "2026-06-01"} | facts.get("lot", {})
    await desk.do("/tickets/lots", lot)
    unit = {"customer": customer, "product": product, "lot": f"L{mark}", "delivered": "2026-09-01"}
    made = (await desk.do("/tickets/units", unit | facts.get("unit", {})))["id"]
    await office.seen()
    return {"customer": customer, "product": product, "lot": f"L{mark}", "unit": made}


async def opened(office: Office, known: dict[str, str], *without: str) -> str:
    said = {name: value for name, value in known.items() if name not in without}
    ticket: str = (await office.desk.do("/tickets", {"channel": "phone", "summary": "失效"} | said))["ticket"]
    return ticket


async def test_triage_takes_what_reception_wrote_down_and_decides_by_the_dates(office: Office) -> None:
    # given goods within shelf life and warranty, and a ticket that names customer, product and lot
    known = await goods(office)
    ticket = await opened(office, known, "unit")
    proposed = await office.desk.read(f"/tickets/{ticket}/coverage")

    # when it is triaged without saying anything
    await office.desk.do(f"/tickets/{ticket}/triage")

    # then all is as taken down, and the verdict is what was delivered of that lot: a serial is optional (D21)
    assert (proposed["verdict"], proposed["until"]) == ("in_warranty", "2027-03-01")
    shown = await office.desk.read(f"/tickets/{ticket}")
    assert (shown["status"], shown["customer"]["customer"]) == ("TRIAGED", known["customer"])
    assert shown["coverage"]["verdict"] == shown["coverage"]["proposed"] == "in_warranty"
    assert shown["coverage"]["reasons"] == ["within_shelf_life", "within_warranty"]


@pytest.mark.parametrize(
    ("facts", "verdict", "reasons"),
    [
        (
            {"lot": {"manufactured": "2024-08-01"}, "unit": {"delivered": "2026-07-01"}},
            "out_of_warranty",
            ["shelf_life_over"],
        ),
        (
            {"unit": {"delivered": "2025-11-01"}, "lot": {"manufactured": "2025-10-01"}},
            "out_of_warranty",
            ["warranty_over"],
        ),
        (
            {"unit": {"delivered": "2026-07-01"}, "lot": {"manufactured": "2024-05-01"}},
            "in_warranty",
            ["delivered_expired"],
        ),
        ({"unit": {"delivered": "2026-05-01"}}, "unknown", ["dates_contradict"]),
        ({"unit": {"delivered": None}}, "unknown", ["delivery_unknown"]),
        (
            {"unit": {"delivered": "2024-01-01", "contract": "HT-9", "contract_until": "2026-12-31"}},
            "in_warranty",
            ["contract"],
        ),
        (
            {
                "product": {"consumable": False, "warranty_months": 12},
                "lot": {"manufactured": "2025-08-01"},
                "unit": {"serial": "S1", "delivered": "2025-09-01"},
            },
            "out_of_warranty",
            ["warranty_over"],
        ),
        (
            {
                "product": {"consumable": False, "warranty_months": 12},
                "lot": {"manufactured": "2025-08-01"},
                "unit": {"serial": "S1", "delivered": "2025-12-01"},
            },
            "in_warranty",
            ["within_warranty"],
        ),
    ],
)
async def test_the_dates_say_what_is_covered(
    office: Office, facts: dict[str, Any], verdict: str, reasons: list[str]
) -> None:
    # given goods with these dates, on 8 October 2026 or soon after
    known = await goods(office, **facts)

    # when the coverage is asked for, and a ticket about them is triaged
    proposed = await office.desk.read(
        "/tickets/coverage", product=known["product"], lot=known["lot"], unit=known["unit"]
    )
    ticket = await opened(office, known)
    await office.desk.do(f"/tickets/{ticket}/triage")

    # then both say the same
    assert (proposed["verdict"], proposed["reasons"]) == (verdict, reasons)
    assert (await office.desk.read(f"/tickets/{ticket}"))["coverage"]["verdict"] == verdict


async def test_deliveries_that_say_different_things_decide_nothing(office: Office) -> None:
    # given one lot delivered twice, of which only the second is within its warranty
    known = await goods(office, unit={"delivered": "2025-11-01"}, lot={"manufactured": "2025-10-01"})
    again = {name: known[name] for name in ("customer", "product", "lot")}
    await office.desk.do("/tickets/units", again | {"delivered": "2026-09-01"})
    await office.seen()

    # when a ticket doesn't say which
    ticket = await opened(office, known, "unit")
    proposed = await office.desk.read(f"/tickets/{ticket}/coverage")

    # then a person has to
    assert (proposed["verdict"], proposed["reasons"]) == ("unknown", ["delivery_unknown"])


async def test_a_verdict_against_the_dates_needs_a_note_and_a_later_one_corrects_it(office: Office) -> None:
    # given a triaged ticket in warranty
    ticket = await opened(office, await goods(office))
    await office.desk.do(f"/tickets/{ticket}/triage")
    path = f"/tickets/{ticket}/decide-coverage"

    # when somebody decides otherwise, without and with a reason
    silent = await office.desk.refused(path, {"decision": {"verdict": "out_of_warranty"}})
    await office.desk.do(path, {"decision": {"verdict": "out_of_warranty", "note": "客户自行改装"}})

    # then the reason stands beside what the dates said
    assert code(silent) == "coverage-override-reason-missing"
    decided = (await office.desk.read(f"/tickets/{ticket}"))["coverage"]
    assert (decided["verdict"], decided["proposed"], decided["reasons"]) == (
        "out_of_warranty",
        "in_warranty",
        ["judged"],
    )
    history = await office.desk.read(f"/tickets/{ticket}/history")
    assert "判定为保外（人工判定、客户自行改装）。" in {line["words"] for line in history}


async def test_what_isnt_known_says_why(office: Office) -> None:
    # given a caller who said nothing about themselves
    ticket = (await office.desk.do("/tickets", {"channel": "phone", "summary": "药没效果"}))["ticket"]

    # when it is triaged with ever more
    nothing = await office.desk.refused(f"/tickets/{ticket}/triage")
    half = await office.desk.refused(f"/tickets/{ticket}/triage", {"customer_unknown": "未报单位"})
    whole = {"customer_unknown": "未报单位", "product_unknown": "包装已丢弃"}
    done = await office.desk.do(f"/tickets/{ticket}/triage", whole)

    # then it isn't triaged until it says why each is unknown
    assert [code(nothing), code(half), done["status"]] == ["customer-missing", "product-missing", "TRIAGED"]


async def test_a_correction_says_why_and_keeps_the_rest(office: Office) -> None:
    # given a ticket that was triaged for the wrong customer
    known = await goods(office)
    other = (await office.desk.do("/tickets/customers", {"name": "真正的客户"}))["id"]
    ticket = await opened(office, known)
    await office.desk.do(f"/tickets/{ticket}/triage")

    # when it is corrected, without and with a reason
    silent = await office.desk.post(f"/tickets/{ticket}/correct-triage", {"customer": other})
    await office.desk.do(f"/tickets/{ticket}/correct-triage", {"customer": other, "reason": "客户回电更正"})

    # then the customer is the right one and nothing else has changed
    assert silent.status_code == 422
    shown = await office.desk.read(f"/tickets/{ticket}")
    assert shown["customer"] == {"customer": other, "name": "真正的客户"}
    assert shown["product"]["product"] == known["product"]
    await office.seen()
    assert ticket in {row["ticket"] for row in await office.desk.list("/tickets", q="真正的客户")}


async def test_ids_that_stand_for_nothing_are_refused(office: Office) -> None:
    ticket = await office.ticket()
    assert (
        code(await office.desk.refused(f"/tickets/{ticket}/triage", {"customer": str(uuid4())})) == "customer-unknown"
    )
    assert code(await office.desk.refused(f"/tickets/{ticket}/triage", {"product": str(uuid4())})) == "product-unknown"
    assert CALL["customer_name"] == (await office.desk.read(f"/tickets/{ticket}"))["customer"]["name"]
