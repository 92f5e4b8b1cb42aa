"""Work orders and visits of a ticket, rule by rule."""

from datetime import timedelta
from typing import Any

import pytest

from services.tickets.domain import ticket
from services.tickets.domain import ticket_commands as wish
from shared.events import tickets as fact
from shared.events.tickets import (
    CoverageVerdict,
    Purpose,
)
from tests.unit.tickets.examples import (
    CUSTOMER,
    ORDER,
    OTHER,
    OUT,
    PRODUCT,
    an_id,
    answer,
    cancel_order,
    dispatch,
    hold,
    hours,
    open_,
    reopen,
    resolve,
    triage,
    verify,
)
from tests.unit.tickets.story import given

RESOLVED = (open_(), triage(), answer(), resolve())


class TestDispatch:
    def test_it_tells_dispatch_all_it_needs(self) -> None:
        opened = open_(person=an_id("person"), site=an_id("site"))
        given(ticket, opened, triage()).when(dispatch()).then(fact.TicketDispatched).saying(
            work_order=ORDER,
            purpose=Purpose.REPAIR,
            customer=CUSTOMER,
            customer_name="光明物业",
            product=PRODUCT,
            lot="NS260101",
            person=an_id("person"),
            site=an_id("site"),
            coverage=CoverageVerdict.IN_WARRANTY,
        )

    def test_only_after_triage(self) -> None:
        given(ticket, open_()).when(dispatch()).refused("ticket_open")
        given(ticket, *RESOLVED, reopen()).when(dispatch(at=hours(31))).refused("ticket_reopened")

    def test_more_orders_may_follow(self) -> None:
        more = dispatch(work_order=OTHER, purpose=Purpose.TRAINING)
        story = given(ticket, open_(), triage(), dispatch()).when(more).then(fact.TicketDispatched)
        story.when(more).then()
        story.when(dispatch(work_order=OTHER, purpose=Purpose.REPAIR)).refused("work_order_exists")

    @pytest.mark.parametrize(
        ("facts", "free"),
        [
            ({}, False),
            ({"purpose": Purpose.REPLACEMENT}, False),
            ({"purpose": Purpose.TRAINING}, True),
            ({"quote_accepted": True}, True),
            ({"goodwill": "老客户"}, True),
        ],
    )
    def test_out_of_warranty_chargeable_work_needs_an_accepted_quote(self, facts: dict[str, Any], free: bool) -> None:
        story = given(ticket, open_(), triage(decision=OUT)).when(dispatch(**facts))
        story.then(fact.TicketDispatched) if free else story.refused("quote_needed")

    def test_an_order_is_verified_or_cancelled_in_whatever_state(self) -> None:
        story = given(ticket, open_(), triage(), dispatch(), hold(at=hours(3)))
        story.when(verify()).then(fact.TicketWorkOrderVerified).when(verify()).then()
        story.when(cancel_order()).refused("work_order_verified")
        story.when(verify(work_order=OTHER)).refused("work_order_unknown")

    def test_a_cancelled_order_isnt_verified(self) -> None:
        story = given(ticket, open_(), triage(), dispatch()).when(cancel_order()).then(fact.TicketWorkOrderCancelled)
        story.when(cancel_order()).then().when(verify()).refused("work_order_cancelled")


class TestVisits:
    @staticmethod
    def visit(**facts: object) -> wish.RecordVisit:
        said = {
            "visit": an_id("visit"),
            "work_order": ORDER,
            "engineer": "工程师04",
            "agreed_arrival": hours(3),
            "arrived_at": hours(3) + timedelta(minutes=10),
            "finished_at": hours(4),
        }
        return wish.RecordVisit.model_validate({"at": hours(4), "by": "import"} | said | facts)

    @pytest.mark.parametrize(("minutes", "late"), [(-20, 0), (0, 0), (10, 10)])
    def test_late_is_late_by_the_agreed_time(self, minutes: int, late: int) -> None:
        visit = self.visit(arrived_at=hours(3) + timedelta(minutes=minutes))
        given(ticket, open_(), triage(), dispatch()).when(visit).then(fact.VisitReported).saying(late_minutes=late)

    @pytest.mark.parametrize("gap", [{"agreed_arrival": None}, {"arrived_at": None, "finished_at": None}])
    def test_without_both_times_lateness_isnt_known(self, gap: dict[str, None]) -> None:
        visited = given(ticket, open_(), triage(), dispatch()).when(self.visit(**gap)).then(fact.VisitReported)
        visited.saying(late_minutes=None)

    @pytest.mark.parametrize("times", [{"finished_at": hours(3)}, {"arrived_at": None}])
    def test_nobody_finishes_before_arriving(self, times: dict[str, Any]) -> None:
        given(ticket, open_(), triage(), dispatch()).when(self.visit(**times)).refused("visit_times_impossible")

    def test_it_belongs_to_a_work_order_that_isnt_cancelled(self) -> None:
        given(ticket, open_(), triage()).when(self.visit()).refused("no_work_order")
        story = given(ticket, open_(), triage(), dispatch())
        story.when(self.visit(work_order=OTHER)).refused("work_order_unknown")
        story.when(cancel_order()).then(fact.TicketWorkOrderCancelled)
        story.when(self.visit()).refused("work_order_cancelled")

    def test_twice_is_once(self) -> None:
        story = given(ticket, open_(), triage(), dispatch(), self.visit())
        story.when(self.visit()).then()
        story.when(self.visit(engineer="工程师01")).refused("visit_exists")

    def test_what_was_not_known_of_a_visit_may_be_added(self) -> None:
        agreed = self.visit(arrived_at=None, finished_at=None)
        story = given(ticket, open_(), triage(), dispatch(), agreed)
        story.when(self.visit()).then(fact.VisitReported).saying(visit=agreed.visit)
        assert len(story.now().visits) == 1
        story.when(agreed).refused("visit_exists")


def test_work_orders_can_be_verified_or_cancelled_while_they_are_open() -> None:
    story = given(ticket, open_(), triage())
    assert ticket.available(story.now())["verify_work_order"] is not None
    story.when(dispatch()).now()
    assert ticket.available(story.now())["verify_work_order"] is None
    story.when(verify()).now()
    assert ticket.available(story.now())["cancel_work_order"] is not None
