"""Two who want the same at once, each at another process of the API, on one PostgreSQL: one of them gets it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from shared import assembly
from shared.events.dispatch import CostKind
from shared.gateway import build_gateway
from shared.service import Part
from tests.integration.dispatch.conftest import Caller, DispatchOffice, code
from tests.integration.dispatch.shop import Shop, opened_shop

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHIPPING = {"carrier": "顺丰", "waybill": "SF1", "freight": "23.00"}
Elsewhere = Callable[[Caller], Caller]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(office: DispatchOffice) -> Shop:
    return await opened_shop(office)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def elsewhere(office: DispatchOffice) -> AsyncIterator[Elsewhere]:
    """The same person at a second API with a log, a writer and connections of its own."""
    service, settings = office.dispatch.service, office.dispatch.settings
    async with assembly.running([service], settings, Part.API, clock=office.clock) as runtimes, runtimes[0].running():
        transport = httpx.ASGITransport(build_gateway(runtimes), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://elsewhere.test") as http:
            yield lambda caller: replace(caller, http=http)


async def at_once(*asked: tuple[Caller, str, dict[str, Any]]) -> list[httpx.Response]:
    return await asyncio.gather(*(who.post(path, body) for who, path, body in asked))


def one_got_it(answers: list[httpx.Response], *why_not: str) -> None:
    """Exactly one was granted, and the others hear one of these reasons."""
    assert [answer.status_code for answer in answers].count(200) == 1, [answer.text for answer in answers]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in refused} == {409}
    assert {code(answer.json()) for answer in refused} <= {*why_not, "conflict"}


async def test_the_last_of_it_is_promised_once(shop: Shop, elsewhere: Elsewhere) -> None:
    part = await shop.stocked("1")
    wanted = [await shop.approved(part, "1", destination="van") for _ in range(6)]
    clerks = [shop.warehouse, elsewhere(shop.warehouse)] * 3

    answers = await at_once(
        *((who, f"{each}/reserve", {"lots": ["L1"]}) for who, each in zip(clerks, wanted, strict=True))
    )

    one_got_it(answers, "stock-short")
    assert await shop.lies(part, "warehouse") == (Decimal(1), Decimal(1))


async def test_what_is_moved_away_is_not_promised(shop: Shop, elsewhere: Elsewhere) -> None:
    part = await shop.stocked("1")
    request = await shop.approved(part, "1", destination="van")
    moving = {"location": "warehouse", "to": "warehouse:JN", "part": part, "quantity": "1"}

    answers = await at_once(
        (shop.warehouse, f"{request}/reserve", {"lots": ["L1"]}),
        (elsewhere(shop.warehouse), "/dispatch/stock/move", moving),
    )

    one_got_it(answers, "stock-short")
    there, promised = await shop.lies(part, "warehouse")
    assert there == promised  # it is both there and promised, or neither
    assert there + (await shop.lies(part, "warehouse:JN"))[0] == Decimal(1)


async def test_a_vans_last_piece_is_used_on_one_work_order(shop: Shop, elsewhere: Elsewhere) -> None:
    # given a van's own stock, of which one piece is left, and two works that need it
    part, orders = await shop.stocked(), [await shop.order(), await shop.order()]
    await shop.delivered(part, "1")

    # when both take it
    using = [{"location": "van:E04", "part": part, "quantity": "1", "work_order": str(order)} for order in orders]
    answers = await at_once(
        (shop.engineer, "/dispatch/stock/use", using[0]),
        (elsewhere(shop.engineer), "/dispatch/stock/use", using[1]),
    )

    # then one has it, and only that one bears its cost
    one_got_it(answers, "stock-short")
    assert await shop.lies(part, "van:E04") == (Decimal(0), Decimal(0))
    assert sorted([await shop.cost(order, CostKind.MATERIAL) for order in orders]) == [Decimal(0), Decimal("3.35")]


async def test_what_was_delivered_is_used_once(shop: Shop, elsewhere: Elsewhere) -> None:
    part, order = await shop.stocked(), await shop.order()
    request = await shop.delivered(part, work_order=str(order))

    answers = await at_once(
        (shop.engineer, f"{request}/consume", {"use": str(uuid4())}),
        (elsewhere(shop.office.dispatcher), f"{request}/consume", {"use": str(uuid4())}),
        (elsewhere(shop.warehouse), f"{request}/give-back", {}),
    )

    # whoever read the request before the other's commit, and the van after it, hears of the van
    one_got_it(answers, "nothing-left", "part-request-consumed", "part-request-returned", "stock-short")
    assert await shop.lies(part, "van:E04") == (Decimal(0), Decimal(0))
    used = (await shop.manager.read(request))["status"] == "CONSUMED"
    assert await shop.cost(order, CostKind.MATERIAL) == (Decimal("67.00") if used else Decimal(0))


async def test_what_is_cancelled_is_not_shipped(shop: Shop, elsewhere: Elsewhere) -> None:
    part, order = await shop.stocked(), await shop.order()
    request = await shop.approved(part, work_order=str(order))
    await shop.warehouse.do(f"{request}/reserve", {"lots": ["L1"]})
    await shop.quality.do(f"{request}/release", {"certificate": "ZJ-1"})

    answers = await at_once(
        (shop.warehouse, f"{request}/ship", SHIPPING),
        (elsewhere(shop.engineer), f"{request}/cancel", {"reason": "客户不修了"}),
    )

    one_got_it(answers, "part-request-cancelled", "part-request-shipped")
    shipped = (await shop.manager.read(request))["status"] == "SHIPPED"
    assert await shop.lies(part, "warehouse") == (Decimal(0 if shipped else 20), Decimal(0))
    assert await shop.cost(order, CostKind.FREIGHT) == Decimal("23.00" if shipped else 0)


async def test_what_was_ordered_is_received_once(shop: Shop, elsewhere: Elsewhere) -> None:
    part = await shop.part("bought")
    request = await shop.approved(part)
    bought = {"order": "CG-1", "supplier": "宏达五金", "quantity": "30", "due": "2026-12-01"}
    await shop.purchasing.do(f"{request}/order-purchase", bought)

    answers = await at_once(
        (shop.warehouse, f"{request}/record-received", {"lots": ["H1"]}),
        (elsewhere(shop.purchasing), f"{request}/record-received", {"lots": ["H2"]}),
    )

    one_got_it(answers, "part-request-received")
    assert await shop.lies(part, "warehouse") == (Decimal(30), Decimal(30))


async def test_two_who_decide_at_once_decide_once(shop: Shop, elsewhere: Elsewhere) -> None:
    request = await shop.asked(await shop.stocked())
    others = [shop.office.caller("service_manager", subject=f"jing.li.{n}") for n in range(4)]
    spread = [elsewhere(who) if n % 2 else who for n, who in enumerate(others)]

    answers = await at_once(*((who, f"{request}/approve", {}) for who in spread))

    one_got_it(answers, "part-request-approved")
    history = await shop.manager.read(f"{request}/history")
    assert [line["event"] for line in history].count("SparePartRequestApproved") == 1
