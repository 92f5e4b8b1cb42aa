"""A work order: drafted, qualified, rolled up from its visits, reported, verified by another, posted."""

from decimal import Decimal

from services.dispatch.domain import work_order
from services.dispatch.domain.work_order_commands import NoteLateCost
from shared.events import dispatch as fact
from shared.events.dispatch import CostKind, VisitProgress, WorkOrderStatus
from tests.unit.dispatch import visit_examples as ex
from tests.unit.dispatch.visit_examples import an_id, at, kinds
from tests.unit.tickets.story import given

OTHER = an_id("other visit")


def test_it_goes_its_way_to_posting_and_its_costs_are_added_up() -> None:
    story = given(work_order, *ex.REPORTED, ex.cost(CostKind.PEOPLE, "58.33", "visit:1"))
    story.when(ex.cost(CostKind.TRAVEL, "120.00"), ex.verify(), ex.post()).then(fact.WorkOrderPosted)
    story.saying(people=Decimal("58.33"), travel=Decimal("120.00"), freight=Decimal("0.00"), total=Decimal("178.33"))
    assert story.now().status is WorkOrderStatus.POSTED


def test_a_draft_is_made_once_and_qualified_when_it_says_what_for_and_where() -> None:
    story = given(work_order, ex.draft()).when(ex.draft(at=at("07:10"))).then()
    story.when(ex.draft(note="另一件事")).refused("work_order_exists")
    story.when(ex.qualify(purpose=None)).refused("purpose_missing")
    story.when(ex.qualify(customer=None)).refused("customer_missing")
    story.when(ex.note(VisitProgress.PLANNED)).refused("work_order_draft")
    story.when(ex.qualify()).then(fact.WorkOrderQualified).when(ex.qualify()).then()


def test_its_status_rolls_up_from_its_visits() -> None:
    story = given(work_order, *ex.WORKED[:3])
    second = {"visit": OTHER}
    story.when(ex.note(VisitProgress.PLANNED, **second)).then(fact.WorkOrderVisitNoted)
    story.when(ex.note(VisitProgress.ASSIGNED)).then(*kinds("WorkOrderVisitNoted", "WorkOrderScheduled"))
    story.when(ex.note(VisitProgress.PLANNED)).then(fact.WorkOrderVisitNoted)
    assert story.now().status is WorkOrderStatus.QUALIFIED
    story.when(ex.note(VisitProgress.ASSIGNED)).then(fact.WorkOrderVisitNoted)
    story.when(ex.note(VisitProgress.UNDER_WAY)).then(*kinds("WorkOrderVisitNoted", "WorkOrderStarted"))
    story.when(ex.note(VisitProgress.DONE)).then(fact.WorkOrderVisitNoted).saying(status=WorkOrderStatus.IN_PROGRESS)
    story.when(ex.note(VisitProgress.ABORTED, **second)).then(*kinds("WorkOrderVisitNoted", "WorkOrderWorkDone"))
    assert story.now().status is WorkOrderStatus.WORK_DONE


def test_a_visit_told_to_be_done_before_its_arrival_starts_and_ends_the_work() -> None:
    story = given(work_order, *ex.WORKED[:4]).when(ex.note(VisitProgress.DONE))
    story.then(*kinds("WorkOrderVisitNoted", "WorkOrderStarted", "WorkOrderWorkDone"))


def test_the_report_may_be_signed_before_the_last_visit_is_told_to_be_done() -> None:
    story = given(work_order, *ex.WORKED[:5]).when(ex.report("10:50")).then(fact.WorkOrderReported)
    story.saying(status=WorkOrderStatus.IN_PROGRESS)
    story.when(ex.note(VisitProgress.DONE)).then(*kinds("WorkOrderVisitNoted", "WorkOrderWorkDone"))
    assert story.now().status is WorkOrderStatus.REPORTED


def test_a_report_is_signed_or_refused_with_a_reason() -> None:
    story = given(work_order, *ex.WORKED)
    story.when(ex.report(signed_at=None)).refused("signature_missing")
    story.when(ex.report(signature_refused="不满意")).refused("signature_missing")
    story.when(ex.report(signed_at=None, signature_refused="负责人不在")).then(fact.WorkOrderReported)
    assert story.now().status is WorkOrderStatus.REPORTED
    story.when(ex.report(signed_at=None, signature_refused="不满意")).refused("report_superseded")
    story.when(ex.report("16:00")).then(fact.WorkOrderReported).saying(version=1, signature_refused=None)
    story.when(ex.report(signed_at=None, signature_refused="负责人不在")).refused("report_superseded")


def test_a_corrected_report_has_to_be_verified_again_until_posting() -> None:
    story = given(work_order, *ex.REPORTED, ex.verify()).when(ex.report()).then()
    story.when(ex.report(version=2)).then(fact.WorkOrderReported).saying(status=WorkOrderStatus.REPORTED)
    story.when(ex.report(version=1, signed_at=at("11:30"))).refused("report_superseded")
    story.when(ex.post()).refused("work_order_reported")
    story.when(ex.verify()).then(fact.WorkOrderVerified).saying(report_version=2)
    story.when(ex.post(), ex.report(version=3)).then(fact.WorkOrderReported).saying(status=WorkOrderStatus.POSTED)


def test_whoever_had_a_part_in_the_work_doesnt_verify_it() -> None:
    story = given(work_order, *ex.WORKED, ex.report(by="li.na"))
    story.when(ex.verify(by="E04")).refused("four_eyes")
    story.when(ex.verify(by="li.na")).refused("four_eyes")
    story.when(ex.verify(by="wang.qiang", decider_engineer="E04")).refused("four_eyes")
    refusal = work_order.available(story.now(), {"E04"})["verify"]
    assert refusal
    assert work_order.available(story.now(), {"zhao.min"})["verify"] is None
    story.when(ex.verify()).then(fact.WorkOrderVerified).saying(verified_by="zhao.min")


def test_a_cost_is_added_once_and_never_below_nothing() -> None:
    story = given(work_order, *ex.WORKED).when(ex.cost(CostKind.TRAVEL, "120.00")).then(fact.CostAdded)
    story.when(ex.cost(CostKind.TRAVEL, "120.00")).then()
    story.when(ex.cost(CostKind.TRAVEL, "121.00")).refused("cost_cause_used")
    story.when(ex.cost(CostKind.FREIGHT, "-1.00", "back")).refused("cost_below_zero")
    story.when(ex.cost(CostKind.TRAVEL, "0.00", "nothing")).refused("cost_zero")
    story.when(ex.cost(CostKind.TRAVEL, "-20.00", "back")).then(fact.CostAdded)
    assert story.now().total() == Decimal("100.00")


def test_posted_costs_are_frozen_and_what_comes_later_is_kept_beside_them() -> None:
    story = given(work_order, *ex.REPORTED, ex.cost(CostKind.TRAVEL, "120.00"), ex.verify(), ex.post())
    story.when(ex.cost(CostKind.FREIGHT, "18.00", "parcel")).refused("work_order_posted")
    late = NoteLateCost(**dict(ex.cost(CostKind.FREIGHT, "18.00", "parcel")))
    story.when(late).then(fact.LateCostNoted).when(late).then()
    story.when(NoteLateCost(**dict(ex.cost(CostKind.TRAVEL, "120.00")))).then()
    assert story.now().total() == story.now().posted.total == Decimal("120.00")


def test_it_is_cancelled_before_the_work_is_done_and_not_after() -> None:
    given(work_order, ex.draft()).when(ex.cancel(taken_up_by=an_id("w"))).then(fact.WorkOrderCancelled)
    given(work_order, *ex.WORKED[:5]).when(ex.cancel()).then(fact.WorkOrderCancelled)
    story = given(work_order, *ex.WORKED).when(ex.cancel()).refused("work_order_work_done")
    assert story.now().status is WorkOrderStatus.WORK_DONE


def test_what_cant_be_brought_to_its_end_goes_on_in_a_follow_up() -> None:
    given(work_order, *ex.WORKED[:5]).when(ex.incomplete()).refused("visit_under_way")
    story = given(work_order, *ex.WORKED).when(ex.incomplete()).then(fact.WorkOrderIncomplete)
    story.saying(follow_up=an_id("follow-up")).when(ex.incomplete()).then()
    story.when(ex.report()).then(fact.WorkOrderReported).saying(status=WorkOrderStatus.INCOMPLETE)
    story.when(ex.cost(CostKind.FREIGHT, "5.00")).then(fact.CostAdded)
    story.when(ex.note(VisitProgress.PLANNED, visit=OTHER)).refused("work_order_incomplete")


def test_what_became_of_a_visit_is_noted_also_when_the_work_was_cancelled() -> None:
    story = given(work_order, *ex.WORKED[:4], ex.cancel()).when(ex.note(VisitProgress.ABORTED))
    story.then(fact.WorkOrderVisitNoted).saying(status=WorkOrderStatus.CANCELLED)
