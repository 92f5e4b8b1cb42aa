"""The life of a ticket, rule by rule."""

from datetime import timedelta
from typing import Any

import pytest

from services.tickets.domain import ticket
from services.tickets.domain import ticket_commands as wish
from shared.decider import Arm, Breach, Command, Drop, Meet
from shared.events import tickets as fact
from shared.events.base import Event
from shared.events.tickets import (
    CallProof,
    Channel,
    CoverageVerdict,
    MessageProof,
    SurveyOutcome,
    TicketStatus,
)
from tests.unit.tickets.examples import (
    CALL,
    CUSTOMER,
    MAIL,
    OTHER,
    OUT,
    PRODUCT,
    REGISTER,
    T0,
    TICKET,
    an_id,
    answer,
    archive,
    cancel,
    cancel_order,
    close,
    dispatch,
    escalate,
    hold,
    hours,
    merge,
    open_,
    overdue,
    reopen,
    resolve,
    resume,
    triage,
    verify,
)
from tests.unit.tickets.story import given

RESOLVED = (open_(), triage(), answer(), resolve())
CLOSED = (*RESOLVED, close())
ARCHIVED = (*CLOSED, archive())


class TestOpening:
    def test_the_answer_is_due_24_hours_after_receipt(self) -> None:
        given(ticket).when(open_()).then(fact.TicketOpened).saying(
            answer_due=hours(24), received_at=T0, number="SQ-20261003-" + ticket_tail()
        ).deadlines(Arm("answer", hours(24)))

    def test_a_second_policy_may_set_another_due_time(self) -> None:
        given(ticket).when(open_(answer_due=hours(50))).then(fact.TicketOpened).saying(answer_due=hours(50))

    def test_the_number_shows_the_day_of_receipt_in_shanghai(self) -> None:
        late_evening = T0 + timedelta(hours=16)
        given(ticket).when(open_(at=late_evening)).then(fact.TicketOpened)
        number = given(ticket, open_(at=late_evening)).now().opened.number
        assert number.startswith("SQ-20261004-")

    def test_opening_twice_with_the_same_facts_is_one_ticket(self) -> None:
        given(ticket, open_()).when(open_(received_at=T0, at=hours(1))).then()

    def test_opening_twice_with_other_facts_is_refused(self) -> None:
        given(ticket, open_()).when(open_(summary="别的事")).refused("ticket_exists")

    def test_receipt_after_opening_is_refused(self) -> None:
        given(ticket).when(open_(received_at=hours(1))).refused("received_later")

    def test_an_answer_due_before_receipt_is_refused(self) -> None:
        given(ticket).when(open_(answer_due=T0)).refused("answer_due_invalid")

    def test_nothing_else_is_possible_before(self) -> None:
        given(ticket).when(answer()).refused("ticket_unknown")

    def test_nothing_happens_to_a_ticket_before_it_was_received(self) -> None:
        given(ticket, open_()).when(hold(at=hours(-1))).refused("before_receipt")


class TestTriage:
    def test_it_decides_coverage_and_says_what_it_found(self) -> None:
        given(ticket, open_()).when(triage()).then(fact.CoverageDecided, fact.TicketTriaged).saying(
            customer=CUSTOMER,
            product=PRODUCT,
            lot="NS260101",
            coverage=CoverageVerdict.IN_WARRANTY,
            status=TicketStatus.TRIAGED,
        )

    def test_coverage_may_have_been_decided_before(self) -> None:
        decided = wish.DecideCoverage(at=T0, by="reception", decision=OUT)
        given(ticket, open_(), decided).when(triage(decision=None)).then(fact.TicketTriaged).saying(
            coverage=CoverageVerdict.OUT_OF_WARRANTY
        )

    @pytest.mark.parametrize(
        ("gap", "code"),
        [
            ({"customer": None}, "customer_missing"),
            ({"product": None}, "product_missing"),
            ({"lot": None}, "product_missing"),
            ({"decision": None}, "coverage_missing"),
            ({"decision": {"verdict": "unknown"}}, "coverage_reason_missing"),
            ({"decision": {"verdict": "in_warranty", "proposed": "unknown"}}, "coverage_override_reason_missing"),
        ],
    )
    def test_it_needs_customer_product_and_coverage(self, gap: dict[str, Any], code: str) -> None:
        given(ticket, open_()).when(triage(**gap)).refused(code)

    @pytest.mark.parametrize(
        "reason",
        [
            {"customer": None, "customer_unknown": "匿名来电"},
            {"product": None, "product_unknown": "说不清"},
            {"lot": None, "product_unknown": "标签脱落"},
            {"lot": None, "unit": an_id("unit")},
            {"decision": {"verdict": "unknown", "note": "没有发票"}},
            {"decision": {"verdict": "in_warranty", "proposed": "unknown", "note": "老客户"}},
        ],
    )
    def test_or_unknown_with_a_reason(self, reason: dict[str, Any]) -> None:
        given(ticket, open_()).when(triage(**reason)).then(fact.CoverageDecided, fact.TicketTriaged)

    def test_a_ticket_answered_while_open_is_answered_once_triaged(self) -> None:
        story = given(ticket, open_(), answer())
        assert story.now().status is TicketStatus.OPEN
        story.when(triage(at=hours(2))).then(fact.CoverageDecided, fact.TicketTriaged)
        story.saying(status=TicketStatus.ANSWERED)
        assert story.now().status is TicketStatus.ANSWERED

    def test_twice_the_same_is_once(self) -> None:
        given(ticket, open_(), triage()).when(triage(at=hours(2))).then()

    def test_other_facts_are_a_correction_with_a_reason(self) -> None:
        story = given(ticket, open_(), triage())
        story.when(triage(lot="NS999999")).refused("ticket_triaged")
        facts = {"customer": CUSTOMER, "product": PRODUCT, "lot": "NS999999"}
        correct = wish.CorrectTriage(at=hours(2), by="reception", reason="看错批号", **facts)
        story.when(correct).then(fact.TicketTriageCorrected).saying(lot="NS999999", status=TicketStatus.TRIAGED)
        story.when(correct).then()
        assert story.now().status is TicketStatus.TRIAGED

    def test_an_open_ticket_has_no_triage_to_correct(self) -> None:
        given(ticket, open_()).when(wish.CorrectTriage(at=T0, by="r", reason="x")).refused("ticket_open")

    def test_coverage_is_corrected_by_another_decision_until_resolved(self) -> None:
        decide = wish.DecideCoverage(at=hours(3), by="reception", decision=OUT)
        given(ticket, open_(), triage()).when(decide).then(fact.CoverageDecided).when(decide).then()
        given(ticket, *RESOLVED).when(decide.model_copy(update={"at": hours(7)})).refused("ticket_resolved")


class TestAnswerClock:
    def test_an_answer_in_time_meets_it(self) -> None:
        given(ticket, open_(), triage()).when(answer(at=hours(24))).then(fact.FirstAnswerGiven).saying(
            late_minutes=0, status=TicketStatus.ANSWERED, asked_at=T0, due=hours(24)
        ).deadlines(Meet("answer", hours(24)))

    @pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (3600, 60)])
    def test_a_late_answer_is_overdue_first_and_counted_in_minutes_begun(self, seconds: int, minutes: int) -> None:
        at = hours(24) + timedelta(seconds=seconds)
        story = given(ticket, open_(), triage()).when(answer(at=at)).then(fact.AnswerOverdue, fact.FirstAnswerGiven)
        assert story.new[0].at == hours(24)
        story.saying(late_minutes=minutes).deadlines(Breach("answer", hours(24)))

    def test_the_timer_marks_it_at_the_due_time(self) -> None:
        due = fact.AnswerOverdue(
            at=hours(24), ticket=TICKET, number="SQ-20261003-" + ticket_tail(), asked_at=T0, due=hours(24)
        )
        story = given(ticket, open_()).when(overdue(at=hours(25))).then(due).deadlines(Breach("answer", hours(24)))
        story.when(overdue(at=hours(26))).then()
        story.when(answer(at=hours(27))).then(fact.FirstAnswerGiven).saying(late_minutes=180).deadlines()

    def test_the_timer_is_refused_when_it_is_early(self) -> None:
        given(ticket, open_()).when(overdue(at=hours(24) - timedelta(seconds=1))).refused("answer_not_due")

    def test_the_timer_finds_nothing_to_do_when_answered(self) -> None:
        given(ticket, open_(), answer()).when(overdue()).then()

    def test_an_answer_in_time_that_is_recorded_late_corrects_the_breach(self) -> None:
        story = given(ticket, open_(), overdue()).when(answer(at=hours(23)))
        story.then(fact.AnswerOverdueCorrected, fact.FirstAnswerGiven).saying(late_minutes=0)
        story.deadlines(Meet("answer", hours(23)))
        assert not story.now().overdue

    def test_a_hold_never_pauses_it(self) -> None:
        story = given(ticket, open_(), triage(), hold())
        assert story.now().answer_due == hours(24)
        story.when(overdue()).then(fact.AnswerOverdue)
        story.when(resume(at=hours(30))).then(fact.TicketResumed).deadlines()

    def test_an_answer_during_a_hold_counts_and_shows_when_resumed(self) -> None:
        story = given(ticket, open_(), triage(), hold())
        story.when(answer(at=hours(2))).then(fact.FirstAnswerGiven).saying(status=TicketStatus.ON_HOLD)
        assert story.now().status is TicketStatus.ON_HOLD
        story.when(resume(at=hours(3))).then(fact.TicketResumed).saying(status=TicketStatus.ANSWERED)

    def test_a_resolved_ticket_still_owes_its_answer(self) -> None:
        done = (open_(), triage(), dispatch(), resolve())
        given(ticket, *done).when(overdue()).then(fact.AnswerOverdue)
        given(ticket, *done).when(answer(at=hours(20))).then(fact.FirstAnswerGiven).saying(status=TicketStatus.RESOLVED)

    def test_a_second_answer_is_refused_and_the_same_one_is_no_news(self) -> None:
        story = given(ticket, open_(), triage(), answer())
        story.when(answer(at=hours(3))).then()
        story.when(answer(proof=MAIL)).refused("already_answered")

    @pytest.mark.parametrize(
        ("proof", "code"),
        [
            (CALL.model_copy(update={"seconds": 0}), "call_not_two_way"),
            (MAIL.model_copy(update={"automatic": True}), "message_automatic"),
            (MAIL.model_copy(update={"sent_by": " "}), "message_sender_missing"),
            (MAIL.model_copy(update={"channel": Channel.PHONE}), "message_channel_invalid"),
            (REGISTER, "register_proof_not_accepted"),
        ],
    )
    def test_what_is_no_proof(self, proof: CallProof | MessageProof, code: str) -> None:
        given(ticket, open_(), triage()).when(answer(proof=proof)).refused(code)

    def test_a_register_proves_what_was_taken_over_from_it(self) -> None:
        given(ticket, open_(from_register="10月")).when(answer(proof=REGISTER)).then(fact.FirstAnswerGiven)

    def test_nobody_answers_before_the_question(self) -> None:
        early = open_(at=hours(2), received_at=T0)
        given(ticket, early).when(answer(at=hours(-1))).refused("before_receipt")
        given(ticket, *RESOLVED, reopen()).when(answer(at=hours(29), proof=MAIL)).refused("answer_before_request")


class TestHolds:
    @pytest.mark.parametrize(
        ("past", "status"),
        [
            ((open_(),), TicketStatus.OPEN),
            ((open_(), triage()), TicketStatus.TRIAGED),
            ((open_(), triage(), answer()), TicketStatus.ANSWERED),
            ((open_(), triage(), dispatch()), TicketStatus.DISPATCHED),
            ((*RESOLVED, reopen()), TicketStatus.REOPENED),
        ],
    )
    def test_from_any_state_before_resolved_and_back(self, past: tuple[Command, ...], status: TicketStatus) -> None:
        story = given(ticket, *past).when(hold(at=hours(40))).then(fact.TicketHeld).saying(status_before=status)
        assert story.now().status is TicketStatus.ON_HOLD
        story.when(resume(at=hours(41))).then(fact.TicketResumed).saying(status=status)
        assert story.now().status is status

    def test_not_from_resolved_on(self) -> None:
        given(ticket, *RESOLVED).when(hold(at=hours(7))).refused("ticket_resolved")
        given(ticket, *CLOSED).when(hold(at=hours(9))).refused("ticket_closed")

    def test_a_held_ticket_is_resumed_first(self) -> None:
        story = given(ticket, open_(), triage(), hold())
        for command in (dispatch(), resolve(), merge(), cancel()):
            story.when(command).refused("ticket_on_hold")

    def test_twice_is_once(self) -> None:
        story = given(ticket, open_(), hold())
        story.when(hold(at=hours(2))).then()
        story.when(wish.HoldTicket(at=hours(2), by="r", reason="另一个原因")).refused("ticket_on_hold")
        story.when(resume()).then(fact.TicketResumed).when(resume(at=hours(3))).then()

    def test_what_was_never_held_cant_be_resumed(self) -> None:
        given(ticket, open_()).when(resume()).refused("ticket_open")


class TestEscalation:
    ANSWERED = wish.AnswerEscalation(at=hours(2), by="hq", answer="不能混用")

    def test_it_is_a_mark_beside_the_state_until_headquarters_answers(self) -> None:
        story = given(ticket, open_(), triage()).when(escalate()).then(fact.TicketEscalated)
        assert story.now().status is TicketStatus.TRIAGED
        assert story.now().escalation
        story.when(self.ANSWERED).then(fact.EscalationAnswered)
        assert not story.now().escalation

    def test_twice_is_once(self) -> None:
        story = given(ticket, open_(), escalate())
        story.when(escalate(at=hours(2))).then()
        story.when(wish.EscalateTicket(at=hours(2), by="r", question="另一个?")).refused("already_escalated")
        story.when(self.ANSWERED, self.ANSWERED).then()

    def test_there_must_be_a_question(self) -> None:
        given(ticket, open_()).when(self.ANSWERED).refused("not_escalated")

    def test_headquarters_may_answer_a_closed_ticket(self) -> None:
        done = (open_(), escalate(), triage(), answer(), resolve(), close())
        given(ticket, *done).when(self.ANSWERED.model_copy(update={"at": hours(9)})).then(fact.EscalationAnswered)


class TestResolvingAndClosing:
    @pytest.mark.parametrize("past", [(triage(), answer()), (triage(), dispatch())])
    def test_an_answer_or_a_dispatch_resolves(self, past: tuple[Command, ...]) -> None:
        story = given(ticket, open_(), *past).when(resolve()).then(fact.TicketResolved).when(resolve()).then()
        assert story.now().status is TicketStatus.RESOLVED

    def test_without_either_it_cant_be_resolved(self) -> None:
        given(ticket, open_(), triage()).when(resolve()).refused("ticket_triaged")
        given(ticket, open_(), triage(), dispatch(), cancel_order()).when(resolve()).refused("nothing_done")

    def test_closing_needs_every_work_order_verified_or_cancelled(self) -> None:
        two = (open_(), triage(), dispatch(), dispatch(work_order=OTHER), resolve())
        story = given(ticket, *two).when(close()).refused("work_orders_open")
        story.when(verify()).then(fact.TicketWorkOrderVerified).when(close()).refused("work_orders_open")
        story.when(cancel_order(work_order=OTHER)).then(fact.TicketWorkOrderCancelled)
        story.when(close()).then(fact.TicketClosed)

    def test_closing_needs_the_survey(self) -> None:
        given(ticket, *RESOLVED).when(close(survey=None)).refused("survey_missing")
        declined = given(ticket, *RESOLVED).when(close(survey=SurveyOutcome.DECLINED)).then(fact.TicketClosed)
        declined.saying(survey=SurveyOutcome.DECLINED).when(close(survey=SurveyOutcome.DECLINED)).then()

    def test_only_a_resolved_ticket_is_closed(self) -> None:
        given(ticket, open_(), triage(), answer()).when(close()).refused("ticket_answered")

    def test_archiving_needs_a_closed_ticket_and_a_complete_case_file(self) -> None:
        given(ticket, *RESOLVED).when(archive()).refused("ticket_resolved")
        given(ticket, *CLOSED).when(archive(missing=("letter",))).refused("case_file_incomplete")
        given(ticket, *CLOSED).when(archive()).then(fact.TicketArchived).when(archive()).then()

    def test_an_archived_ticket_never_changes(self) -> None:
        story = given(ticket, *ARCHIVED)
        for command in (hold(), escalate(), reopen(), cancel(), merge(), close(survey=SurveyOutcome.DECLINED)):
            story.when(command).refused("ticket_archived")


class TestReopening:
    @pytest.mark.parametrize("past", [RESOLVED, CLOSED])
    def test_it_is_a_new_request_with_a_new_clock(self, past: tuple[Command, ...]) -> None:
        story = given(ticket, *past).when(reopen(at=hours(30))).then(fact.TicketReopened)
        story.saying(answer_due=hours(54), asked_at=hours(30), reopening=1).deadlines(Arm("answer", hours(54)))
        assert story.now().status is TicketStatus.REOPENED
        story.when(reopen(at=hours(31))).then()
        story.when(answer(at=hours(31), proof=MAIL)).then(fact.FirstAnswerGiven).saying(late_minutes=0)

    def test_it_is_triaged_again(self) -> None:
        story = given(ticket, *RESOLVED, reopen()).when(dispatch(at=hours(31))).refused("ticket_reopened")
        story.when(triage(at=hours(31))).then(fact.TicketTriaged)

    def test_an_answer_proves_one_request_only(self) -> None:
        given(ticket, *RESOLVED, reopen()).when(answer(at=hours(31))).refused("proof_used")

    def test_it_gives_no_more_time_to_a_first_request_that_still_waits(self) -> None:
        waiting = (open_(), triage(), dispatch(), resolve())
        story = given(ticket, *waiting).when(reopen(at=hours(10))).then(fact.TicketReopened)
        story.saying(answer_due=hours(24), asked_at=T0).deadlines(Arm("answer", hours(24)))

    def test_a_breach_that_nobody_recorded_comes_first(self) -> None:
        waiting = (open_(), triage(), dispatch(), resolve())
        given(ticket, *waiting).when(reopen(at=hours(30))).then(fact.AnswerOverdue, fact.TicketReopened).saying(
            answer_due=hours(54)
        )

    def test_a_second_policy_may_set_another_due_time(self) -> None:
        again = reopen(answer_due=hours(99))
        given(ticket, *RESOLVED).when(again).then(fact.TicketReopened).saying(answer_due=hours(99))

    def test_the_second_time_counts(self) -> None:
        once = (*RESOLVED, reopen(), triage(at=hours(31)), answer(at=hours(31), proof=MAIL), resolve(at=hours(32)))
        given(ticket, *once).when(reopen(at=hours(40))).then(fact.TicketReopened).saying(reopening=2)

    def test_an_open_ticket_isnt_reopened(self) -> None:
        given(ticket, open_()).when(reopen()).refused("ticket_open")


class TestMergingAndCancelling:
    def test_a_merged_ticket_owes_no_answer(self) -> None:
        story = given(ticket, open_()).when(merge()).then(fact.TicketMerged).saying(into=OTHER, clock_dropped=True)
        story.deadlines(Drop("answer")).when(overdue()).then().when(merge()).then()
        story.when(hold()).refused("ticket_merged")

    def test_not_into_itself(self) -> None:
        given(ticket, open_()).when(merge(into=TICKET)).refused("merge_into_itself")
        given(ticket, open_()).when(absorb(duplicate=TICKET)).refused("merge_into_itself")

    def test_an_answered_or_escalated_or_dispatched_ticket_is_kept(self) -> None:
        given(ticket, open_(), answer()).when(merge()).refused("answered_ticket_is_kept")
        given(ticket, open_(), escalate()).when(merge()).refused("escalated_ticket_is_kept")
        given(ticket, open_(), triage(), dispatch()).when(merge()).refused("ticket_dispatched")
        given(ticket, *dispatched_and_triaged_again()).when(merge(at=hours(8))).refused("work_orders_open")
        given(ticket, *dispatched_and_triaged_again()).when(cancel(at=hours(8))).refused("work_orders_open")

    def test_a_breach_stays_a_breach(self) -> None:
        given(ticket, open_()).when(merge(at=hours(25))).then(fact.AnswerOverdue, fact.TicketMerged).saying(
            clock_dropped=False
        ).deadlines(Breach("answer", hours(24)))
        given(ticket, open_()).when(cancel(at=hours(25))).then(fact.AnswerOverdue, fact.TicketCancelled)
        given(ticket, open_(), overdue()).when(cancel(at=hours(25))).then(fact.TicketCancelled).deadlines()

    def test_the_target_takes_the_earlier_clock_when_both_wait(self) -> None:
        story = given(ticket, open_()).when(absorb(asked_at=hours(-2), answer_due=hours(22)))
        story.then(fact.TicketAbsorbed).saying(answer_due=hours(22)).deadlines(Arm("answer", hours(22)))
        assert story.now().asked_at == hours(-2)

    @pytest.mark.parametrize(
        ("past", "facts"),
        [
            ((open_(), answer()), {"asked_at": hours(-2), "answer_due": hours(22)}),
            ((open_(),), {"asked_at": hours(1), "answer_due": hours(25)}),
            ((open_(),), {"asked_at": hours(-2), "answer_due": hours(22), "waiting": False}),
        ],
    )
    def test_otherwise_the_clock_stays(self, past: tuple[Command, ...], facts: dict[str, Any]) -> None:
        story = given(ticket, *past).when(absorb(**facts)).then(fact.TicketAbsorbed).saying(answer_due=None)
        story.deadlines()
        assert story.now().answer_due == hours(24)
        story.when(absorb(**facts)).then()

    @pytest.mark.parametrize(
        ("past", "code"),
        [((open_(), merge()), "ticket_merged"), ((open_(), cancel()), "ticket_cancelled"), (CLOSED, "ticket_closed")],
    )
    def test_nothing_is_merged_into_what_is_over(self, past: tuple[Command, ...], code: str) -> None:
        given(ticket, *past).when(absorb(at=hours(9))).refused(code)

    @pytest.mark.parametrize(("at", "waiting"), [(24, True), (24.1, False)])
    def test_a_duplicate_whose_time_is_over_brings_no_clock(self, at: float, waiting: bool) -> None:
        duplicate = given(ticket, open_()).now()
        told = ticket.as_duplicate(duplicate, hours(at), "reception")
        assert (told.duplicate, told.asked_at, told.answer_due) == (TICKET, T0, hours(24))
        assert told.waiting is waiting
        later = given(ticket, open_(ticket=OTHER, at=hours(2))).when(told).then(fact.TicketAbsorbed)
        later.saying(answer_due=hours(24) if waiting else None)

    def test_an_answered_duplicate_brings_no_clock(self) -> None:
        assert not ticket.as_duplicate(given(ticket, open_(), answer()).now(), hours(2), "reception").waiting

    def test_cancelling_drops_the_clock_only_where_it_runs(self) -> None:
        given(ticket, open_()).when(cancel()).then(fact.TicketCancelled).deadlines(Drop("answer"))
        given(ticket, open_(), answer()).when(cancel()).then(fact.TicketCancelled).deadlines()

    def test_twice_is_once_and_another_reason_is_refused(self) -> None:
        story = given(ticket, open_(), cancel()).when(cancel(at=hours(2))).then()
        story.when(cancel(reason="别的")).refused("ticket_cancelled")

    def test_only_open_or_triaged_tickets_end_like_that(self) -> None:
        given(ticket, open_(), triage(), answer()).when(cancel()).refused("ticket_answered")
        given(ticket, *RESOLVED).when(merge(at=hours(7))).refused("ticket_resolved")


def test_available_says_why_not() -> None:
    state = given(ticket, *RESOLVED).now()
    closed, open_now = ticket.available(state), ticket.available(state, survey=SurveyOutcome.ANSWERED)
    assert closed["close"] is not None
    assert "满意度" in closed["close"].zh
    assert open_now["close"] is None
    assert open_now["reopen"] is None
    assert open_now["hold"] is not None
    assert open_now["hold"].en.startswith("The ticket is resolved")


def absorb(**facts: object) -> wish.AbsorbTicket:
    said = {
        "duplicate": OTHER,
        "duplicate_number": "SQ-20261003-000000",
        "asked_at": hours(1),
        "answer_due": hours(25),
        "waiting": True,
    }
    return wish.AbsorbTicket.model_validate({"at": hours(2), "by": "reception"} | said | facts)


def dispatched_and_triaged_again() -> tuple[Command | Event, ...]:
    """A work order is still open after resolving, reopening and triaging."""
    return (open_(), triage(), dispatch(), resolve(), reopen(at=hours(7)), triage(at=hours(7)))


def ticket_tail() -> str:
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    low = TICKET.int & (1 << 30) - 1
    return "".join(digits[low // 32**place % 32] for place in range(5, -1, -1))
