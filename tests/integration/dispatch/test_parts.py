"""Spare parts over HTTP, from the request to the cost on the work order; real PostgreSQL and NATS."""

from decimal import Decimal
from uuid import uuid4

import pytest
import pytest_asyncio

from services.dispatch.domain import work_order
from services.dispatch.domain.work_order_commands import CancelWorkOrder
from shared.events.dispatch import CostKind
from shared.events.tickets import Purpose
from tests.integration.dispatch.conftest import Caller, DispatchOffice, actions, code, open_now, until
from tests.integration.dispatch.shop import REQUESTS, Shop, opened_shop

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(office: DispatchOffice) -> Shop:
    return await opened_shop(office)


async def test_from_the_request_to_the_cost_of_the_work_order(office: DispatchOffice, shop: Shop) -> None:
    # given a part in the warehouse, and work that needs it
    part, order = await shop.stocked("25"), await shop.order()

    # when it is requested, approved, reserved, released, shipped, delivered
    request = await shop.delivered(part, work_order=str(order), old_part_expected=True)

    # then it lies in the engineer's van, set apart for that work, and the freight is a cost of it
    assert await shop.lies(part, "warehouse") == (Decimal(5), Decimal(0))
    assert await shop.lies(part, "van:E04") == (Decimal(20), Decimal(20))
    assert await shop.cost(order, CostKind.FREIGHT) == Decimal("23.00")

    # when most of it is used, the rest comes back, and the old parts too
    used = {"quantity": "18", "use": str(uuid4())}
    await shop.engineer.do(f"{request}/consume", used)
    await shop.engineer.do(f"{request}/consume", used)  # told again under another key
    assert code(await shop.warehouse.refused(f"{request}/close")) == "not-accounted-for"
    await shop.warehouse.do(f"{request}/give-back")
    assert code(await shop.warehouse.refused(f"{request}/close")) == "old-part-owed"
    await shop.warehouse.do(f"{request}/return-old-part", {"quantity": "18", "findings": "断口为旧伤"})
    done = await shop.warehouse.do(f"{request}/close")

    # then everything is accounted for, in the ledger, on the work order and in words
    assert done["status"] == "CLOSED"
    assert await shop.lies(part, "van:E04") == (Decimal(0), Decimal(0))
    assert await shop.lies(part, "warehouse") == (Decimal(7), Decimal(0))
    assert await shop.cost(order, CostKind.MATERIAL) == Decimal("60.30")
    await office.seen()
    ledger = await shop.warehouse.list("/dispatch/stock/movements", part=part)
    assert [(row["cause"], row["location"], Decimal(row["quantity"])) for row in reversed(ledger)] == [
        ("opening", "warehouse", Decimal(25)),
        ("shipped", "warehouse", Decimal(-20)),
        ("delivered", "van:E04", Decimal(20)),
        ("consumed", "van:E04", Decimal(-18)),
        ("returned", "van:E04", Decimal(-2)),
        ("returned", "warehouse", Decimal(2)),
    ]
    number = (await shop.manager.read(request))["number"]
    costs = await shop.manager.read(f"/dispatch/work-orders/{order}/history")
    words = [line["words"] for line in costs if line["event"] == "CostAdded"]
    assert words == [f"运费费用 ¥23.00（{number}）。", f"材料费用 ¥60.30（{number}）。"]
    history = await shop.manager.read(f"{request}/history")
    assert [line["event"] for line in history][-1] == "SparePartRequestClosed"
    assert any("运费 ¥23.00" in line["words"] for line in history)
    listed = await shop.warehouse.list(REQUESTS, part=part)
    assert (listed[0]["status"], listed[0]["consumed"], listed[0]["returned"]) == ("CLOSED", "18", "2")
    assert (listed[0]["material"], listed[0]["freight"], listed[0]["old_part"]) == ("60.30", "23.00", "returned")


async def test_a_use_that_was_told_wrong_is_corrected_with_its_cost(office: DispatchOffice, shop: Shop) -> None:
    part, order = await shop.stocked(), await shop.order()
    request = await shop.delivered(part, work_order=str(order), old_part_expected=True)
    use = str(uuid4())
    await shop.engineer.do(f"{request}/consume", {"use": use, "quantity": "10"})

    await shop.manager.do(f"{request}/correct-use", {"use": use, "quantity": "0", "reason": "装的是别的型号"})

    assert await shop.cost(order, CostKind.MATERIAL) == Decimal(0)
    assert await shop.lies(part, "van:E04") == (Decimal(20), Decimal(20))
    await office.seen()
    [listed] = await shop.warehouse.list(REQUESTS, part=part)
    assert (listed["status"], listed["consumed"], Decimal(listed["material"])) == ("DELIVERED", "0", Decimal(0))
    assert listed["old_part_due"] is None
    assert (await shop.manager.read(request))["uses"][0]["quantity"] == "0"


async def test_what_is_used_after_the_posting_is_kept_beside_the_frozen_costs(shop: Shop) -> None:
    """5.4"""
    part, order = await shop.stocked(), await shop.order()
    request = await shop.delivered(part, work_order=str(order))
    await shop.posted(order)

    await shop.engineer.do(f"{request}/consume")

    state, _ = await shop.office.dispatch.log.load(work_order, order)
    assert state.total(CostKind.MATERIAL) == Decimal(0)
    assert [cost.amount for cost in state.late_costs.values()] == [Decimal("67.00")]


async def test_a_use_corrected_after_the_posting_is_noted_beside_the_frozen_costs(shop: Shop) -> None:
    """5.4: posted figures never change."""
    part, order = await shop.stocked(), await shop.order()
    request = await shop.delivered(part, work_order=str(order))
    use = str(uuid4())
    await shop.engineer.do(f"{request}/consume", {"use": use})
    await shop.posted(order)

    await shop.manager.do(f"{request}/correct-use", {"use": use, "quantity": "18", "reason": "数错两个"})

    state, _ = await shop.office.dispatch.log.load(work_order, order)
    assert state.total(CostKind.MATERIAL) == Decimal("67.00")
    assert [cost.amount for cost in state.late_costs.values()] == [Decimal("-6.70")]


async def test_nobody_asks_for_a_van_that_is_not_there(shop: Shop) -> None:
    part = await shop.stocked()
    asking = {"part": part, "quantity": "1", "needed_by": "2026-12-20", "reason": "备用", "engineer": "E99"}
    assert code(await shop.office.dispatcher.refused(REQUESTS, asking)) == "engineer-unknown"


async def test_what_is_not_there_when_it_is_needed_is_listed_as_late(office: DispatchOffice, shop: Shop) -> None:
    part = await shop.stocked()
    today = office.clock.now().date().isoformat()
    await shop.asked(part, "1", needed_by=today)
    await shop.delivered(part, "1", needed_by=today)
    office.later(days=1)
    await office.seen()
    assert [row["status"] for row in await shop.warehouse.list(REQUESTS, part=part, late=True)] == ["REQUESTED"]
    assert [row["status"] for row in await shop.warehouse.list(REQUESTS, part=part, late=False)] == ["DELIVERED"]


async def test_one_place_shows_its_promises_and_its_history(shop: Shop) -> None:
    part = await shop.stocked()
    request = await shop.approved(part, "7")
    await shop.warehouse.do(f"{request}/reserve", {"lots": ["L1"]})

    shown = await shop.warehouse.read(f"/dispatch/stock/warehouse/{part}")

    assert (shown["on_hand"], shown["reserved"], shown["available"]) == ("20", "7", "13")
    assert [each["quantity"] for each in shown["reservations"]] == ["7"]
    assert open_now(shown) == {"receive", "move", "count"}
    told = await shop.warehouse.read(f"/dispatch/stock/warehouse/{part}/history")
    assert [line["event"] for line in told] == ["StockReceived", "StockReserved"]
    assert (await shop.engineer.send("GET", f"/dispatch/stock/warehouse/{part}")).status_code == 403


async def test_nothing_ships_unreleased_and_the_refusal_says_what_is_open(shop: Shop) -> None:
    """0.2"""
    part, order = await shop.stocked(), await shop.order(Purpose.DELIVERY)
    request = await shop.approved(part, work_order=str(order), destination="site")
    await shop.warehouse.do(f"{request}/reserve", {"lots": ["L1"]})

    problem = await shop.warehouse.refused(f"{request}/ship", {"carrier": "顺丰", "waybill": "SF1", "freight": "0"})

    assert code(problem) == "part-request-reserved"
    assert problem["detail"] == "配件申请已预留，现在不能发货。请先质检。"
    assert "cancel" not in open_now(problem)
    assert "质检" in str(actions(problem)["ship"])
    assert await shop.lies(part, "warehouse") == (Decimal(20), Decimal(20))
    inspector = await shop.office.caller("quality", "warehouse", subject="cang.ku").refused(
        f"{request}/release", {"certificate": "ZJ-1"}
    )
    assert code(inspector) == "inspector-procured-it"


async def test_goods_that_go_straight_to_the_customer_are_in_no_van(shop: Shop) -> None:
    """0.1, 0.2"""
    part, order = await shop.stocked(), await shop.order(Purpose.DELIVERY)
    request = await shop.delivered(part, work_order=str(order), destination="site")
    handed = await shop.engineer.do(f"{request}/consume")
    assert handed["status"] == "CONSUMED"
    assert await shop.lies(part, "van:E04") == (Decimal(0), Decimal(0))
    assert await shop.cost(order, CostKind.MATERIAL) == Decimal("67.00")


async def test_what_was_made_beyond_the_need_is_free_when_quality_has_released_it(shop: Shop) -> None:
    """0.2"""
    # given twenty that are needed, and thirty that were made
    part, order = await shop.part(), await shop.order()
    request = await shop.approved(part, work_order=str(order))
    plan = {"order": "SC-1", "quantity": "30", "due": "2026-12-01"}
    await shop.planner.do(f"{request}/plan-production", plan)
    await shop.warehouse.do(f"{request}/record-produced", {"lots": ["P7"]})
    assert await shop.lies(part, "warehouse") == (Decimal(30), Decimal(30))

    # when quality releases them, then the other ten are anybody's
    await shop.quality.do(f"{request}/release", {"certificate": "ZJ-3"})
    assert await shop.lies(part, "warehouse") == (Decimal(30), Decimal(20))
    another = await shop.approved(part, "10", work_order=str(order))
    await shop.warehouse.do(f"{another}/reserve", {"lots": ["P7"]})

    # and the twenty leave as they were asked for
    await shop.warehouse.do(f"{request}/ship", {"carrier": "顺丰", "waybill": "SF1", "freight": "23.00"})
    assert await shop.lies(part, "warehouse") == (Decimal(10), Decimal(10))


async def test_what_was_bought_and_is_bad_lies_apart_and_purchasing_has_a_claim(
    office: DispatchOffice, shop: Shop
) -> None:
    """0.2, 3.7, D28"""
    # given a purchase for a work order
    part, order = await shop.part("bought"), await shop.order()
    request = await shop.approved(part, work_order=str(order))
    bought = {"order": "CG-1", "supplier": "宏达五金", "quantity": "30", "due": "2026-12-01"}
    await shop.purchasing.do(f"{request}/order-purchase", bought)
    await shop.warehouse.do(f"{request}/record-received", {"lots": ["H9"]})
    # then nobody else gets any of it before quality has released it, not even of what was bought beyond the need
    assert await shop.lies(part, "warehouse") == (Decimal(30), Decimal(30))
    another = await shop.approved(part, "5", work_order=str(order))
    short = await shop.warehouse.refused(f"{another}/reserve", {"lots": ["H9"]})
    assert code(short) == "stock-short"

    # when quality finds it bad
    await shop.quality.do(f"{request}/refuse-release", {"certificate": "ZJ-2", "findings": "锁扣开裂"})

    # then it lies where nothing leaves for a customer, and the request is procured anew
    assert await shop.lies(part, "warehouse") == (Decimal(0), Decimal(0))
    assert await shop.lies(part, "quarantine") == (Decimal(30), Decimal(0))
    assert (await shop.manager.read(request))["status"] == "APPROVED"

    # and purchasing has a claim, with a deadline
    await office.seen()
    [claim] = await shop.purchasing.list("/dispatch/supplier-claims", request=request.rpartition("/")[2])
    assert (claim["supplier"], claim["amount"], claim["responsible"]) == ("宏达五金", "100.50", "purchasing")
    assert (claim["waiting_for"], claim["status"]) == ("notice", "OPENED")

    # when it goes its way
    path = f"/dispatch/supplier-claims/{claim['claim']}"
    await shop.purchasing.do(f"{path}/notify", {"reference": "函-1"})
    await shop.purchasing.do(f"{path}/record-answer", {"answer": "accepted", "words": "同意"})
    settled = {"kind": "credited", "amount": "60.00", "reference": "对账 10"}
    assert (await shop.purchasing.do(f"{path}/settle", settled))["status"] == "SETTLED"
    back = {"location": "quarantine", "part": part, "quantity": "30", "note": "随索赔退回"}
    await shop.warehouse.do("/dispatch/stock/send-back", back)
    assert await shop.lies(part, "quarantine") == (Decimal(0), Decimal(0))
    assert [line["event"] for line in await shop.purchasing.read(f"{path}/history")] == [
        "SupplierClaimOpened",
        "SupplierNotified",
        "SupplierAnswered",
        "SupplierClaimSettled",
    ]


async def test_what_comes_back_defective_is_claimed_on_its_supplier(office: DispatchOffice, shop: Shop) -> None:
    """3.7: of a purchase its supplier, of what lay in stock the usual one; what the company made, on nobody."""
    defective = {"quantity": "2", "condition": "defective", "note": "外壳开裂"}
    usual = await shop.part("bought", supplier="利民塑料")
    await shop.warehouse.do("/dispatch/stock/receive", {"location": "warehouse", "part": usual, "quantity": "20"})
    of_stock = await shop.delivered(usual, work_order=str(await shop.order()))
    made = await shop.delivered(await shop.stocked(), work_order=str(await shop.order()))
    for request in (of_stock, made):
        await shop.warehouse.do(f"{request}/give-back", defective)
    await office.seen()

    assert await shop.lies(usual, "quarantine") == (Decimal(2), Decimal(0))
    [claim] = await shop.purchasing.list("/dispatch/supplier-claims", request=of_stock.rpartition("/")[2])
    assert (claim["supplier"], claim["defect"], claim["quantity"], claim["amount"], claim["waiting_for"]) == (
        "利民塑料",
        "外壳开裂",
        "2",
        "6.70",
        "notice",
    )
    assert await shop.purchasing.list("/dispatch/supplier-claims", request=made.rpartition("/")[2]) == []


async def test_a_claim_and_an_old_part_are_overdue_when_nobody_acts(office: DispatchOffice, shop: Shop) -> None:
    part, order = await shop.stocked(), await shop.order()
    request = await shop.delivered(part, work_order=str(order), old_part_expected=True)
    await shop.engineer.do(f"{request}/consume")
    bought = await shop.part("bought")
    defect = {"supplier": "宏达五金", "part": bought, "quantity": "1", "defect": "断裂", "amount": "3.35"}
    claim = f"/dispatch/supplier-claims/{(await shop.purchasing.do('/dispatch/supplier-claims', defect))['claim']}"

    office.later(days=16)

    async def told(caller: Caller, path: str, event: str) -> None:
        async def found() -> bool:
            return event in [line["event"] for line in await caller.read(f"{path}/history")]

        await until(found)

    await told(shop.purchasing, claim, "SupplierClaimOverdue")
    await told(shop.manager, request, "OldPartOverdue")
    assert (await shop.purchasing.read(claim))["overdue"] is True


async def test_neither_who_asked_nor_who_gets_it_approves(office: DispatchOffice, shop: Shop) -> None:
    """5.2 ⚖"""
    request = await shop.asked(await shop.stocked())
    both = office.caller("engineer", "service_manager", engineer="E04", subject="E04")
    assert code(await both.refused(f"{request}/approve")) == "approver-asked-for-it"


async def test_an_engineer_reaches_what_is_theirs(office: DispatchOffice, shop: Shop) -> None:
    part = await shop.stocked()
    request, other = await shop.shipped(part), office.engineer("E05")

    assert (await other.send("GET", request)).status_code == 403
    assert (await other.send("GET", f"{request}/history")).status_code == 403
    assert (await other.post(f"{request}/deliver")).status_code == 403
    asking = {"part": part, "quantity": "1", "needed_by": "2026-12-20", "reason": "备用", "engineer": "E04"}
    assert (await other.post(REQUESTS, asking)).status_code == 403
    move = {"location": "van:E04", "to": "warehouse", "part": part, "quantity": "1"}
    assert (await other.post("/dispatch/stock/move", move)).status_code == 403

    await shop.engineer.do(f"{request}/deliver")
    await office.seen()
    assert await other.list(REQUESTS, part=part) == []
    assert len(await shop.engineer.list(REQUESTS, part=part)) == 1
    assert {row["location"] for row in await shop.engineer.list("/dispatch/stock", part=part)} == {"van:E04"}
    assert await other.list("/dispatch/stock", part=part) == []


async def test_a_vans_own_stock_is_used_on_a_work_order_or_brought_back(office: DispatchOffice, shop: Shop) -> None:
    # given a van that was stocked up by a request for no work order
    part, order = await shop.stocked(), await shop.order()
    request = await shop.delivered(part)
    await shop.warehouse.do(f"{request}/close")
    assert await shop.lies(part, "van:E04") == (Decimal(20), Decimal(0))

    # when some is used, some brought back, and the rest counted
    using = {"location": "van:E04", "part": part, "quantity": "2", "work_order": str(order)}
    await shop.engineer.do("/dispatch/stock/use", using)
    await shop.engineer.do("/dispatch/stock/use", using)
    await shop.engineer.do(
        "/dispatch/stock/move", {"location": "van:E04", "to": "warehouse", "part": part, "quantity": "5"}
    )
    counted = {"location": "van:E04", "part": part, "counted": "10", "reason": "车内盘点，少 1 个"}
    left = await shop.warehouse.do("/dispatch/stock/count", counted)

    # then the work order bears the cost of each use, and the ledger is right
    assert await shop.cost(order, CostKind.MATERIAL) == Decimal("13.40")
    assert left["on_hand"] == "10"
    assert await shop.lies(part, "warehouse") == (Decimal(5), Decimal(0))
    assert code(await shop.engineer.refused("/dispatch/stock/use", using | {"quantity": "11"})) == "stock-short"
    straight = {"location": "warehouse", "to": "van:E04", "part": part, "quantity": "1"}
    assert code(await shop.warehouse.refused("/dispatch/stock/move", straight)) == "unreleased"
    taken_in = {"location": "van:E04", "part": part, "quantity": "1"}
    assert code(await shop.warehouse.refused("/dispatch/stock/receive", taken_in)) == "not-a-warehouse"


async def test_the_production_plan_says_what_how_many_by_when(office: DispatchOffice, shop: Shop) -> None:
    """5.2"""
    part = await shop.part()
    first = await shop.approved(part, "20", needed_by="2026-12-20")
    await shop.approved(part, "7", needed_by="2026-12-10")
    await shop.planner.do(f"{first}/plan-production", {"order": "SC-1", "quantity": "50", "due": "2026-12-24"})
    await office.seen()

    rows = await shop.planner.list("/dispatch/production-plan", part=part)
    assert [(row["quantity"], row["due"], row["planned"], row["after_needed"]) for row in rows] == [
        ("7", "2026-12-10", False, False),
        ("50", "2026-12-24", True, True),
    ]
    totals = await shop.planner.read("/dispatch/production-plan/totals")
    [mine] = [row for row in totals if row["part"] == part]
    assert (mine["quantity"], mine["planned"], mine["first_due"]) == ("57", "50", "2026-12-10")
    assert len(await shop.planner.list("/dispatch/production-plan", part=part, until="2026-12-10")) == 1

    await shop.warehouse.do(f"{first}/record-produced", {"lots": ["L7"]})
    await office.seen()
    assert len(await shop.planner.list("/dispatch/production-plan", part=part)) == 1
    assert await shop.lies(part, "warehouse") == (Decimal(50), Decimal(50))


async def test_work_that_is_cancelled_gets_nothing_any_more(shop: Shop) -> None:
    part, order = await shop.stocked(), await shop.order()
    request = await shop.approved(part, work_order=str(order))
    await shop.warehouse.do(f"{request}/reserve", {"lots": ["L1"]})
    await shop.quality.do(f"{request}/release", {"certificate": "ZJ-1"})
    await shop.decide(order, CancelWorkOrder(at=shop.office.clock.now(), by="li.na", reason="客户不修了"))

    shipping = {"carrier": "顺丰", "waybill": "SF1", "freight": "23.00"}
    assert code(await shop.warehouse.refused(f"{request}/ship", shipping)) == "work-order-cancelled"
    await shop.engineer.do(f"{request}/cancel", {"reason": "派工单已取消"})
    assert await shop.lies(part, "warehouse") == (Decimal(20), Decimal(0))
    asking = {"part": part, "quantity": "1", "needed_by": "2026-12-20", "reason": "备用", "work_order": str(order)}
    assert code(await shop.engineer.refused(REQUESTS, asking)) == "work-order-over"
    assert code(await shop.engineer.refused(REQUESTS, asking | {"work_order": str(uuid4())})) == "work-order-unknown"


async def test_the_policy_that_is_in_force_counts(office: DispatchOffice, shop: Shop) -> None:
    policy = {
        "valid_from": f"{office.clock.now():%Y-%m-%d}",
        "supplier_notice_days": 3,
        "supplier_answer_days": 10,
        "supplier_settlement_days": 30,
        "old_part_days": 2,
    }
    await shop.manager.do("/dispatch/parts-policy", policy | {"valid_from": "2027-01-01"})
    assert (await shop.manager.read("/dispatch/parts-policy"))["in_force"]["old_part_days"] == 15
    await shop.manager.do("/dispatch/parts-policy", policy)
    assert (await shop.manager.read("/dispatch/parts-policy"))["in_force"]["old_part_days"] == 2
    assert code(await shop.manager.refused("/dispatch/parts-policy", policy | {"valid_from": "2026-01-01"})) == (
        "policy-reaches-back"
    )
