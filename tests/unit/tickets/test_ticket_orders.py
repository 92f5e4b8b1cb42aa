"""Work orders and visits of a ticket, rule by rule."""

from datetime import timedelta
from typing import Any

import pytest

from services.tickets.domain import ticket
from services.tickets.domain import ticket_commands as wish
from services.tickets.domain.ticket_state import Progress
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
    close,
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


class TestDispatchTells:
    """What dispatch tells is a fact: it holds in whatever state the ticket is."""

    @staticmethod
    def take_up(**facts: object) -> wish.TakeUpWorkOrder:
        said = {"work_order": ORDER, "number": "PG-20261001-7F3KQ2", "purpose": Purpose.REPAIR}
        return wish.TakeUpWorkOrder.model_validate({"at": hours(3), "by": "li.na"} | said | facts)

    @staticmethod
    def visit(**facts: object) -> wish.NoteVisit:
        said = {"visit": an_id("visit"), "work_order": ORDER, "engineer": "E04", "agreed_arrival": hours(3)}
        return wish.NoteVisit.model_validate({"at": hours(4), "by": "E04"} | said | facts)

    go_on = wish.ContinueWorkOrder(
        at=hours(5), by="li.na", work_order=ORDER, follow_up=OTHER, follow_up_number="PG-2", reason="缺件"
    )

    def test_a_draft_that_was_qualified_is_a_dispatch(self) -> None:
        story = given(ticket, open_(), triage()).when(self.take_up()).then(fact.TicketDispatched)
        story.saying(work_order=ORDER, customer=CUSTOMER, product=PRODUCT)
        story.when(self.take_up()).then()

    def test_what_the_ticket_asked_for_is_no_news(self) -> None:
        given(ticket, open_(), triage(), dispatch()).when(self.take_up()).then()

    @pytest.mark.parametrize(
        ("past", "rule", "wanted"),
        [
            ((open_(),), "ticket_open", True),
            ((open_(), triage(), hold(at=hours(2))), "ticket_on_hold", True),
            ((open_(), triage(decision=OUT)), "quote_needed", True),
            (RESOLVED, "ticket_resolved", False),
        ],
    )
    def test_what_the_rules_do_not_allow_is_declined_and_says_why(self, past: Any, rule: str, wanted: bool) -> None:
        story = given(ticket, *past).when(self.take_up()).then(fact.TicketDispatchDeclined)
        story.saying(work_order=ORDER, rule=rule, still_wanted=wanted)
        story.when(self.take_up()).then()

    @pytest.mark.parametrize("allowed", [{"quote_accepted": True}, {"goodwill": "老客户"}])
    def test_out_of_warranty_a_quote_or_a_favour_lets_it_be_taken_up(self, allowed: dict[str, Any]) -> None:
        given(ticket, open_(), triage(decision=OUT)).when(self.take_up(**allowed)).then(fact.TicketDispatched)

    def test_the_follow_up_of_what_could_not_be_done_is_waited_for(self) -> None:
        story = given(ticket, open_(), triage(), dispatch(), resolve(at=hours(4)))
        story.when(self.go_on).then(fact.TicketWorkOrderContinued).when(self.go_on).then()
        story.when(self.take_up(work_order=OTHER)).then()
        story.when(verify()).refused("work_order_continued")
        story.when(cancel_order()).refused("work_order_continued")
        story.when(close(at=hours(6))).refused("work_orders_open")
        story.when(verify(work_order=OTHER, at=hours(7))).then(fact.TicketWorkOrderVerified)
        story.when(close(at=hours(8))).then(fact.TicketClosed)

    @pytest.mark.parametrize(
        ("purpose", "ends"),
        [
            (Purpose.TRAINING, (fact.TicketWorkOrderContinued,)),
            (Purpose.REPAIR, (fact.TicketWorkOrderContinued, fact.TicketDispatchDeclined)),
        ],
    )
    def test_it_makes_no_difference_which_is_heard_first_the_follow_up_or_that_it_is_needed(
        self, purpose: Purpose, ends: tuple[type[Any], ...]
    ) -> None:
        # given training out of warranty, which costs nothing, and what goes on with it
        begun = (open_(), triage(decision=OUT), dispatch(purpose=Purpose.TRAINING))
        follow_up = self.take_up(work_order=OTHER, number="PG-2", purpose=purpose, at=hours(6))
        told = {"follows": ORDER, "follows_since": self.go_on.at, "follows_reason": self.go_on.reason}
        follow_up = follow_up.model_copy(update=told)

        # when tickets hears of both, in either order
        as_it_happened = given(ticket, *begun, self.go_on, follow_up)
        the_other_way = given(ticket, *begun, follow_up, self.go_on)

        # then history and state are the same, whether the follow-up needs a quote or not (2.2)
        assert the_other_way.history == as_it_happened.history
        assert tuple(type(event) for event in the_other_way.history[-len(ends) :]) == ends
        assert the_other_way.now() == as_it_happened.now()
        assert the_other_way.now().work_orders[ORDER].progress is Progress.CONTINUED

    @pytest.mark.parametrize("said", [{}, {"quote_accepted": True}, {"goodwill": "老客户"}])
    def test_what_becomes_chargeable_after_it_was_taken_up_needs_a_quote_all_the_same(
        self, said: dict[str, Any]
    ) -> None:
        # given training out of warranty, which costs nothing
        story = given(ticket, open_(), triage(decision=OUT), dispatch(purpose=Purpose.TRAINING))

        # when it is to be a repair, then the customer is asked first (2.2), unless they were or needn't be
        story.when(self.take_up(purpose=Purpose.TRAINING, note="带教材")).then()
        story.when(self.take_up(**said))
        if said:
            story.then()
            return
        story.then(fact.TicketDispatchDeclined).saying(work_order=ORDER, rule="quote_needed", still_wanted=True)
        story.when(self.take_up()).then()
        story.when(cancel_order()).then(fact.TicketWorkOrderCancelled)

    def test_what_was_chargeable_from_the_beginning_is_not_asked_for_twice(self) -> None:
        repair = dispatch(quote_accepted=True)
        given(ticket, open_(), triage(decision=OUT), repair).when(self.take_up(note="带梯子")).then()

    def test_what_is_over_is_not_asked_for_any_more(self) -> None:
        past = (open_(), triage(decision=OUT), dispatch(purpose=Purpose.TRAINING), verify())
        given(ticket, *past).when(self.take_up()).then()

    def test_a_follow_up_that_was_declined_is_not_waited_for(self) -> None:
        past = (open_(), triage(decision=OUT), dispatch(purpose=Purpose.TRAINING), self.take_up(work_order=OTHER))
        story = given(ticket, *past).when(self.go_on).then(fact.TicketWorkOrderContinued)
        assert story.now().open_work_orders == 0

    def test_a_follow_up_that_is_cancelled_has_resolved_nothing(self) -> None:
        story = given(ticket, open_(), triage(), dispatch(), self.go_on, cancel_order(work_order=OTHER))
        story.when(resolve(at=hours(9))).refused("nothing_done")

    def test_what_became_of_a_follow_up_is_not_forgotten_when_it_is_told_late_whose_it_is(self) -> None:
        past = (open_(), triage(), dispatch(), dispatch(work_order=OTHER), verify(work_order=OTHER), self.go_on)
        assert given(ticket, *past).now().open_work_orders == 0

    def test_the_steps_of_a_visit_come_in_any_order(self) -> None:
        story = given(ticket, *RESOLVED)
        story.when(self.visit(finished_at=hours(4))).then(fact.VisitReported).saying(late_minutes=None)
        both = self.visit(arrived_at=hours(3) + timedelta(minutes=7), finished_at=hours(4))
        story.when(both).then(fact.VisitReported).saying(late_minutes=7, finished_at=hours(4))
        story.when(both).then()
        story.when(self.visit(finished_at=hours(4))).then(fact.VisitReported).saying(arrived_at=None)


def test_work_orders_can_be_cancelled_while_they_are_open() -> None:
    story = given(ticket, open_(), triage())
    assert ticket.available(story.now())["cancel_work_order"] is not None
    story.when(dispatch()).now()
    assert ticket.available(story.now())["cancel_work_order"] is None
    story.when(verify()).now()
    assert ticket.available(story.now())["cancel_work_order"] is not None
