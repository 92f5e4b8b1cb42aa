"""Part requests, rule by rule (5.2, 0.2)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from services.dispatch.domain import part_request
from services.dispatch.domain.part_request_commands import ShipPart
from shared.decider import Arm, Breach, Command, Drop, Meet
from shared.events import dispatch as fact
from shared.events.dispatch import PartCondition, PartDestination, WorkOrderStatus
from shared.events.dispatch import PartRequestStatus as S
from tests.unit.dispatch.part_examples import (
    DELIVERED,
    PRODUCED,
    RECEIVED,
    RELEASED,
    RESERVED,
    SHIPPED,
    approve,
    ask,
    bought,
    cancel,
    close,
    consume,
    correct,
    deliver,
    for_van,
    give_back,
    old_overdue,
    order,
    plan_production,
    produced,
    refuse_release,
    release,
    reserve,
    return_old,
    ship,
    waive_old,
)
from tests.unit.dispatch.part_examples import received as arrived
from tests.unit.tickets.examples import an_id, hours
from tests.unit.tickets.story import given

OLD_DUE = datetime(2026, 10, 18, 16, 0, tzinfo=UTC)
"""The end of the 15th day after 3 October, in Shanghai."""


def test_it_says_what_is_wanted_for_which_work_and_by_when() -> None:
    given(part_request).when(ask()).then(fact.SparePartRequested).saying(
        quantity=Decimal(20), needed_by=date(2026, 10, 20), requested_by="li.na"
    )


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (ask(engineer=None), "engineer_missing"),
        (ask(work_order=None, old_part_expected=False, destination=PartDestination.SITE), "work_order_missing"),
        (ask(work_order=None), "work_order_missing"),
        (ask(needed_by=date(2026, 10, 2)), "needed_in_the_past"),
        (ask(order_status=WorkOrderStatus.VERIFIED), "work_order_over"),
        (ask(order_status=WorkOrderStatus.CANCELLED), "work_order_over"),
    ],
)
def test_what_cannot_be_meant_is_refused(wanted: Command, code: str) -> None:
    given(part_request).when(wanted).refused(code)


def test_asked_again_it_is_one_request_and_another_under_its_id_is_refused() -> None:
    given(part_request, ask()).when(ask(at=1)).then()
    given(part_request, ask()).when(ask(reason="另一件事")).refused("part_request_exists")


@pytest.mark.parametrize("who", ["li.na", "E04"])
def test_neither_who_asked_nor_who_gets_it_decides_on_it(who: str) -> None:
    given(part_request, ask()).when(approve(by=who)).refused("approver_asked_for_it")
    assert part_request.available(given(part_request, ask()).now(), who)["reject"] is not None


@pytest.mark.parametrize("way", [RESERVED, PRODUCED, RECEIVED])
def test_each_way_of_procuring_leads_to_the_inspection_and_out(way: tuple[Command, ...]) -> None:
    story = given(part_request, *way).when(release()).then(fact.QualityReleased)
    story.when(ship()).then(fact.SparePartShipped).saying(freight=Decimal("23.00"), carrier="顺丰", waybill="SF1")
    story.when(deliver()).then(fact.SparePartDelivered).saying(missing=Decimal(0))


@pytest.mark.parametrize("way", [RESERVED, PRODUCED, RECEIVED, RESERVED[:2], PRODUCED[:3], RECEIVED[:3]])
def test_nothing_ships_without_release(way: tuple[Command, ...]) -> None:
    """0.2"""
    story = given(part_request, *way)
    status = story.now().status
    story.when(ship()).refused(f"part_request_{status.lower()}")


@pytest.mark.parametrize(
    ("way", "who"),
    [
        (RESERVED, "cang.ku"),
        (PRODUCED, "pai.chan"),
        (PRODUCED, "che.jian"),
        (RECEIVED, "cai.gou"),
        (RECEIVED, "cang.ku"),
    ],
)
def test_whoever_procured_it_does_not_inspect_it(way: tuple[Command, ...], who: str) -> None:
    """0.2 ⚖"""
    given(part_request, *way).when(release(by=who)).refused("inspector_procured_it")
    given(part_request, *way).when(refuse_release(by=who)).refused("inspector_procured_it")


def test_what_is_released_can_be_traced_by_its_lots() -> None:
    given(part_request, *PRODUCED).when(release()).then(fact.QualityReleased).saying(lots=("L2",))
    given(part_request, *PRODUCED).when(release(lots=("L3", "L4"))).then(fact.QualityReleased).saying(lots=("L3", "L4"))
    given(part_request, ask(), approve(), reserve(lots=())).when(release()).refused("lots_missing")


def test_what_is_found_bad_stays_and_others_are_procured() -> None:
    """0.2; with whom it is settled is known where it was bought (3.7)."""
    story = given(part_request, *RECEIVED).when(refuse_release()).then(fact.QualityRefused)
    story.saying(supplier="宏达五金", location="warehouse", quantity=Decimal(20), lots=("H9",))
    story.when(refuse_release(at=5)).then()
    story.when(ship()).refused("part_request_approved")
    story.when(order(at=6, order="CG-4"), arrived(at=7), release(at=8, certificate="ZJ-3"), ship(at=9)).then(
        fact.SparePartShipped
    )


def test_what_was_made_in_house_has_no_supplier() -> None:
    given(part_request, *PRODUCED).when(refuse_release()).then(fact.QualityRefused).saying(supplier=None)


def test_all_that_was_made_is_found_bad_and_not_only_what_was_asked_for() -> None:
    """0.2: the rest is of the same lots."""
    more = (ask(), approve(), plan_production(quantity=Decimal(30)), produced())
    given(part_request, *more).when(refuse_release()).then(fact.QualityRefused).saying(quantity=Decimal(30))


def test_what_is_made_is_planned_and_what_is_bought_is_ordered() -> None:
    given(part_request, bought(), approve()).when(plan_production()).refused("part_is_bought")
    given(part_request, ask(), approve()).when(order()).refused("part_is_made")


def test_a_plan_covers_the_request_and_its_later_word_counts() -> None:
    """5.2: what, how many, by when"""
    story = given(part_request, ask(), approve())
    story.when(plan_production(quantity=Decimal(19))).refused("quantity_short")
    story.when(plan_production(due=date(2026, 10, 2))).refused("due_in_the_past")
    story.when(plan_production()).then(fact.ProductionPlanned).saying(quantity=Decimal(20), due=date(2026, 10, 12))
    story.when(plan_production()).then()
    story.when(plan_production(quantity=Decimal(50))).then(fact.ProductionPlanned)
    story.when(produced()).then(fact.SparePartProduced).saying(quantity=Decimal(50), order="SC-7")


def test_the_steps_happen_in_their_order() -> None:
    given(part_request, *RESERVED, release(at=6)).when(ship(at=5)).refused("before_last_step")


def test_a_shipment_has_a_waybill_or_a_reason() -> None:
    given(part_request, *RELEASED).when(ship(waybill=None)).refused("waybill_missing")
    given(part_request, *RELEASED).when(ship(waybill=None, note="柜台自提")).then(fact.SparePartShipped)


def test_nothing_is_shipped_for_work_that_is_cancelled() -> None:
    cancelled, incomplete = WorkOrderStatus.CANCELLED, WorkOrderStatus.INCOMPLETE
    given(part_request, *RELEASED).when(ship(order_status=cancelled)).refused("work_order_cancelled")
    given(part_request, *RELEASED).when(ship(order_status=incomplete)).then(fact.SparePartShipped)


def test_freight_is_an_amount_to_the_fen() -> None:
    with pytest.raises(ValidationError):
        ShipPart(at=hours(5), by="cang.ku", carrier="顺丰", freight=Decimal("1.234"))
    with pytest.raises(ValidationError):
        ShipPart(at=hours(5), by="cang.ku", carrier="顺丰", freight=Decimal("-1"))


def test_what_is_missing_on_arrival_is_explained() -> None:
    given(part_request, *SHIPPED).when(deliver(quantity=Decimal(21))).refused("more_than_shipped")
    given(part_request, *SHIPPED).when(deliver(quantity=Decimal(18))).refused("missing_unexplained")
    story = (
        given(part_request, *SHIPPED).when(deliver(quantity=Decimal(18), note="外箱破损")).then(fact.SparePartDelivered)
    )
    story.saying(missing=Decimal(2))
    assert story.now().left == Decimal(18)


def test_nothing_arrived_and_it_can_be_closed() -> None:
    given(part_request, *SHIPPED, deliver(quantity=Decimal(0), note="整箱丢失")).when(close()).then(
        fact.SparePartRequestClosed
    )


def test_what_is_used_costs_exactly_and_is_told_in_parts() -> None:
    """5.2: material cost at CONSUMED"""
    story = given(part_request, *DELIVERED)
    story.when(consume(quantity=Decimal("0.5"), unit_cost=Decimal("0.01"))).then(fact.SparePartConsumed)
    story.saying(amount=Decimal("0.01"), complete=False)
    assert story.now().status is S.DELIVERED
    story.when(consume(quantity=Decimal("0.5"), unit_cost=Decimal("0.01"))).then()
    story.when(consume(use=an_id("use 2"), quantity=Decimal(20))).refused("more_than_left")
    story.when(consume(use=an_id("use 2"))).then(fact.SparePartConsumed)
    story.saying(quantity=Decimal("19.5"), amount=Decimal("65.33"), complete=True)
    assert story.now().status is S.CONSUMED


def test_what_came_back_lies_where_it_came_from_and_apart_if_it_is_defective() -> None:
    given(part_request, *DELIVERED).when(give_back()).then(fact.SparePartReturned).saying(
        location="warehouse", complete=True
    )
    story = given(part_request, *DELIVERED)
    story.when(give_back(condition=PartCondition.DEFECTIVE)).refused("defect_unexplained")
    story.when(give_back(condition=PartCondition.DEFECTIVE, note="外壳开裂")).then(fact.SparePartReturned)
    story.saying(location="quarantine")


def test_all_given_back_is_returned_and_partly_used_is_consumed() -> None:
    assert given(part_request, *DELIVERED, give_back()).now().status is S.RETURNED
    story = given(part_request, *DELIVERED, give_back(quantity=Decimal(5)), consume())
    assert story.now().status is S.CONSUMED
    assert story.now().consumed == Decimal(15)


def test_a_use_is_corrected_with_its_cost_and_the_rest_is_there_again() -> None:
    story = given(part_request, *DELIVERED, consume())
    story.when(correct("21")).refused("use_not_less")
    story.when(correct("20")).then()
    story.when(correct("1", use="another")).refused("use_unknown")
    story.when(correct("17")).then(fact.SparePartUseCorrected)
    story.saying(difference=Decimal(3), amount=Decimal("56.95"), refund=Decimal("10.05"), nothing_used=False)
    assert story.now().status is S.DELIVERED
    assert story.now().left == Decimal(3)
    story.when(correct("17", at=9)).then()
    story.when(correct("16.5", at=9)).then(fact.SparePartUseCorrected).saying(refund=Decimal("1.67"))
    story.when(give_back(at=10)).then(fact.SparePartReturned).saying(quantity=Decimal("3.5"), complete=True)


def test_where_nothing_was_used_after_all_no_old_part_is_owed() -> None:
    story = given(part_request, *DELIVERED, consume()).when(correct("0")).then(fact.SparePartUseCorrected)
    story.saying(nothing_used=True, refund=Decimal("67.00")).deadlines(Drop("old_part"))
    story.when(return_old()).refused("no_old_part")
    story.when(give_back(at=9)).then(fact.SparePartReturned)
    story.when(close(at=10)).then(fact.SparePartRequestClosed)


def test_a_closed_request_is_not_corrected() -> None:
    given(part_request, *DELIVERED, consume(), return_old(), close()).when(correct("1")).refused("part_request_closed")


def test_it_closes_when_everything_is_accounted_for() -> None:
    given(part_request, *DELIVERED, give_back(quantity=Decimal(5))).when(close()).refused("not_accounted_for")
    given(part_request, *DELIVERED, give_back()).when(close()).then(fact.SparePartRequestClosed)


def test_the_old_part_is_owed_from_the_first_use_on() -> None:
    story = given(part_request, *DELIVERED)
    story.when(return_old()).refused("no_old_part")
    story.when(consume(quantity=Decimal(1))).then(fact.SparePartConsumed).saying(old_part_due=OLD_DUE)
    story.deadlines(Arm("old_part", OLD_DUE))
    story.when(consume(use=an_id("use 2"))).then(fact.SparePartConsumed).saying(old_part_due=None)
    story.when(close()).refused("old_part_owed")
    story.when(return_old()).then(fact.OldPartReturned).saying(late=False).deadlines(Meet("old_part", hours(8)))
    story.when(return_old()).then()
    story.when(close()).then(fact.SparePartRequestClosed)


def test_an_old_part_is_overdue_when_its_time_is_up() -> None:
    story = given(part_request, *DELIVERED, consume())
    story.when(old_overdue(at=24)).refused("old_part_not_due")
    story.when(old_overdue(at=OLD_DUE)).then(fact.OldPartOverdue).saying(engineer="E04")
    story.deadlines(Breach("old_part", OLD_DUE))
    story.when(old_overdue(at=OLD_DUE)).then()
    story.when(return_old(at=500)).then(fact.OldPartReturned).saying(late=True)


def test_an_old_part_that_came_in_time_is_in_time_whenever_that_is_told() -> None:
    story = given(part_request, *DELIVERED, consume(), old_overdue(at=OLD_DUE))
    story.when(return_old(at=8)).then(fact.OldPartReturned).saying(late=False)


@pytest.mark.parametrize("who", ["E04", "cang.ku"])
def test_whoever_used_the_part_does_not_waive_the_old_one(who: str) -> None:
    """⚖"""
    given(part_request, *DELIVERED, consume(by="cang.ku")).when(waive_old(by=who)).refused("user_cannot_waive")


def test_another_may_waive_it_and_the_deadline_is_gone() -> None:
    given(part_request, *DELIVERED, consume()).when(waive_old()).then(fact.OldPartWaived).deadlines(Drop("old_part"))
    given(part_request, *DELIVERED, consume(), old_overdue(at=OLD_DUE)).when(waive_old(at=400)).then(
        fact.OldPartWaived
    ).deadlines()


def test_the_vans_own_stock_is_accounted_for_in_the_van() -> None:
    story = given(part_request, for_van(), approve(), reserve(), release(), ship(), deliver())
    story.when(consume()).refused("accounted_in_van")
    story.when(close()).then(fact.SparePartRequestClosed)


@pytest.mark.parametrize("far", range(1, len(RELEASED) + 1))
def test_it_can_be_cancelled_before_it_ships(far: int) -> None:
    given(part_request, *RELEASED[:far]).when(cancel()).then(fact.SparePartRequestCancelled)


@pytest.mark.parametrize("past", [SHIPPED, DELIVERED, (*DELIVERED, consume())])
def test_and_not_afterwards(past: tuple[Command, ...]) -> None:
    story = given(part_request, *past)
    status = story.now().status
    story.when(cancel()).refused(f"part_request_{status.lower()}")


def test_a_refusal_says_why_and_what_to_do() -> None:
    reason = part_request.available(given(part_request, ask(), approve()).now(), "cang.ku")["ship"]
    assert reason is not None
    assert reason.zh == "配件申请已批准，现在不能发货。请先预留库存、排产或采购。"
    assert "approved" in reason.en
