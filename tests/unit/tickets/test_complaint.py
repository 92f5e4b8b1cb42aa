"""Complaints, rule by rule."""

from typing import Any

import pytest

from services.tickets.domain import complaint
from services.tickets.domain import complaint_commands as wish
from shared.decider import Arm, Breach, Command, Drop, Meet
from shared.events import tickets as fact
from shared.events.tickets import ComplaintCategory, ComplaintStatus
from tests.unit.tickets.examples import (
    CALL,
    PHOTO,
    T0,
    TICKET,
    acknowledge,
    close_complaint,
    complete,
    dismiss,
    evidence,
    hours,
    investigate,
    lodge,
    plan,
    statement,
    substantiate,
    withdraw,
)
from tests.unit.tickets.story import given

INVESTIGATED = (lodge(), acknowledge(), investigate())
HEARD = (*INVESTIGATED, evidence(), statement())
FOUND = (*HEARD, substantiate())
NOBODY = (lodge(engineer=None, category="other"), acknowledge(), investigate(), evidence())
LAPSE = wish.LapseStatement(at=hours(26), by="timer:statement")


class TestLodging:
    def test_it_has_a_number_and_says_who_recorded_it(self) -> None:
        lodged = given(complaint).when(lodge()).then(fact.ComplaintLodged).saying(lodged_by="reception")
        assert lodged.now().lodged.number.startswith("TS-20261003-")
        assert lodged.now().status is ComplaintStatus.LODGED

    def test_twice_is_once(self) -> None:
        story = given(complaint, lodge()).when(lodge()).then()
        story.when(lodge(summary="别的事")).refused("complaint_exists")

    def test_it_cant_have_happened_later(self) -> None:
        given(complaint).when(lodge(happened_at=hours(1))).refused("happened_later")

    def test_nothing_happens_before_it(self) -> None:
        given(complaint).when(acknowledge()).refused("complaint_unknown")
        given(complaint, lodge()).when(acknowledge(at=-1)).refused("before_complaint")


class TestInvestigation:
    def test_the_engineer_is_asked_for_a_statement_within_24_hours(self) -> None:
        story = given(complaint, lodge(), acknowledge()).when(investigate())
        story.then(fact.ComplaintInvestigationStarted, fact.ComplaintSubjectNamed)
        story.saying(engineer="wang", statement_due=hours(26)).deadlines(Arm("statement", hours(26)))
        story.when(investigate()).then()

    def test_only_after_acknowledgement(self) -> None:
        given(complaint, lodge()).when(investigate()).refused("complaint_lodged")
        given(complaint, *INVESTIGATED).when(investigate(investigator="sun")).refused("complaint_investigating")

    def test_acknowledging_twice_is_once(self) -> None:
        given(complaint, lodge(), acknowledge()).when(acknowledge()).then()

    def test_the_subject_doesnt_investigate(self) -> None:
        given(complaint, lodge(), acknowledge()).when(investigate(investigator="wang")).refused(
            "investigator_is_subject"
        )
        named = wish.NameSubject(at=hours(3), by="manager", engineer="zhao")
        given(complaint, *INVESTIGATED).when(named).refused("investigator_is_subject")

    def test_an_engineer_found_out_later_is_asked_then_and_the_former_one_no_more(self) -> None:
        named = wish.NameSubject(at=hours(10), by="zhao", engineer="qian")
        story = given(complaint, *HEARD).when(named).then(fact.ComplaintSubjectNamed).saying(statement_due=hours(34))
        story.when(named).then()
        story.when(substantiate(at=hours(11))).refused("statement_awaited")
        story.when(statement(at=hours(12))).refused("not_the_subject")

    def test_the_same_evidence_counts_once(self) -> None:
        given(complaint, *INVESTIGATED, evidence()).when(evidence(at=hours(4))).then()

    def test_no_evidence_after_the_finding(self) -> None:
        given(complaint, *FOUND).when(evidence(at=hours(6), sha256="cd" * 32)).refused("complaint_substantiated")


class TestStatement:
    def test_in_time_it_meets_the_deadline(self) -> None:
        story = given(complaint, *INVESTIGATED).when(statement(at=hours(26))).then(fact.ComplaintStatementGiven)
        story.saying(late=False).deadlines(Meet("statement", hours(26)))
        story.when(statement(at=hours(27))).then()
        story.when(statement(statement="改口")).refused("statement_already_given")

    def test_only_the_subject_gives_it(self) -> None:
        given(complaint, *INVESTIGATED).when(statement(engineer="qian")).refused("not_the_subject")
        given(complaint, *NOBODY).when(statement()).refused("subject_missing")

    def test_the_timer_records_the_lapse_at_the_due_time(self) -> None:
        story = given(complaint, *INVESTIGATED).when(LAPSE.model_copy(update={"at": hours(25)}))
        story.refused("statement_not_due")
        story.when(LAPSE.model_copy(update={"at": hours(40)})).then(fact.ComplaintStatementLapsed)
        story.deadlines(Breach("statement", hours(26)))
        story.when(LAPSE).then()

    def test_the_timer_finds_nothing_to_do_when_it_was_given(self) -> None:
        given(complaint, *HEARD).when(LAPSE).then()

    @pytest.mark.parametrize(
        ("past", "events"),
        [
            ((LAPSE,), (fact.ComplaintStatementGiven,)),
            ((), (fact.ComplaintStatementLapsed, fact.ComplaintStatementGiven)),
        ],
    )
    def test_a_late_one_is_heard_before_the_finding(self, past: tuple[Command, ...], events: tuple[Any, ...]) -> None:
        story = given(complaint, *INVESTIGATED, *past).when(statement(at=hours(30))).then(*events).saying(late=True)
        assert Meet("statement", hours(30)) not in [
            change for event in story.new for change in story.decider.deadlines(event)
        ]


class TestFinding:
    def test_it_carries_all_that_penalties_needs(self) -> None:
        given(complaint, *HEARD).when(substantiate()).then(fact.ComplaintSubstantiated).saying(
            category=ComplaintCategory.QUARREL,
            engineer="wang",
            ticket=TICKET,
            happened_at=hours(-3),
            evidence=(PHOTO,),
            statement_lapsed=False,
            found_by="manager",
            prepared_by=("reception", "zhao"),
        )

    def test_twice_is_once(self) -> None:
        story = given(complaint, *FOUND).when(substantiate()).then()
        story.when(substantiate(category="4.2.3")).refused("complaint_substantiated")
        story.when(dismiss()).refused("complaint_substantiated")

    @pytest.mark.parametrize(
        ("past", "wanted", "code"),
        [
            ((*INVESTIGATED, statement()), substantiate(), "evidence_missing"),
            ((*INVESTIGATED, evidence()), substantiate(), "statement_awaited"),
            ((*INVESTIGATED, evidence()), substantiate(at=26), "statement_awaited"),
            ((lodge(), acknowledge()), substantiate(), "complaint_acknowledged"),
            (HEARD, substantiate(by="reception"), "finder_prepared_it"),
            (HEARD, substantiate(by="zhao"), "finder_prepared_it"),
            ((*HEARD, evidence(by="sun", sha256="cd" * 32)), substantiate(by="sun"), "finder_prepared_it"),
            (HEARD, substantiate(by="wang"), "finder_is_subject"),
            (HEARD, dismiss(by="zhao"), "finder_prepared_it"),
            (HEARD, dismiss(by="wang"), "finder_is_subject"),
            (NOBODY, substantiate(), "subject_missing"),
            (HEARD, substantiate(happened_at=hours(6)), "happened_later"),
            ((lodge(happened_at=None), *HEARD[1:]), substantiate(), "happened_at_missing"),
        ],
    )
    def test_what_it_needs(self, past: tuple[Command, ...], wanted: Command, code: str) -> None:
        given(complaint, *past).when(wanted).refused(code)

    def test_without_a_statement_once_the_time_has_lapsed(self) -> None:
        story = given(complaint, *INVESTIGATED, evidence()).when(substantiate(at=hours(27)))
        story.then(fact.ComplaintStatementLapsed, fact.ComplaintSubstantiated).saying(statement_lapsed=True)
        story.deadlines(Breach("statement", hours(26)))

    def test_dissatisfaction_that_concerns_nobody_can_only_be_other(self) -> None:
        given(complaint, *NOBODY).when(substantiate(category="other")).then(fact.ComplaintSubstantiated)

    @pytest.mark.parametrize("finding", ["UNSUBSTANTIATED", "INCONCLUSIVE"])
    def test_dismissing_ends_the_wait_for_a_statement(self, finding: str) -> None:
        story = given(complaint, *INVESTIGATED).when(dismiss(finding=finding)).then(fact.ComplaintDismissed)
        story.deadlines(Drop("statement")).when(dismiss(finding=finding)).then()
        assert story.now().status == finding
        story.when(LAPSE).then()

    def test_dismissing_after_the_due_time_leaves_the_lapse(self) -> None:
        story = given(complaint, *INVESTIGATED).when(dismiss(at=hours(27)))
        story.then(fact.ComplaintStatementLapsed, fact.ComplaintDismissed).deadlines(Breach("statement", hours(26)))


class TestRemedy:
    def test_a_substantiated_complaint_cant_close_before_it_is_done(self) -> None:
        story = given(complaint, *FOUND).when(close_complaint()).refused("complaint_substantiated")
        story.when(plan()).then(fact.RemedyPlanned).when(plan()).then()
        story.when(close_complaint()).refused("complaint_remedy_planned")
        story.when(complete()).then(fact.RemedyCompleted).when(complete()).then()
        story.when(close_complaint()).then(fact.ComplaintClosed).saying(finding=ComplaintStatus.SUBSTANTIATED)
        story.when(close_complaint()).then()

    def test_a_dismissed_one_may_close_at_once(self) -> None:
        closed = given(complaint, *HEARD, dismiss()).when(close_complaint()).then(fact.ComplaintClosed)
        closed.saying(finding=ComplaintStatus.UNSUBSTANTIATED)

    def test_a_remedy_may_follow_a_dismissal_as_a_favour_and_is_then_done(self) -> None:
        story = given(complaint, *HEARD, dismiss(), plan()).when(close_complaint()).refused("complaint_remedy_planned")
        story.when(complete(), close_complaint()).then(fact.ComplaintClosed)
        story.saying(finding=ComplaintStatus.UNSUBSTANTIATED)

    def test_a_plan_can_be_replaced_until_it_is_done(self) -> None:
        other = plan(remedy="免费更换")
        given(complaint, *FOUND, plan()).when(other).then(fact.RemedyPlanned)
        given(complaint, *FOUND, plan(), complete()).when(other).refused("complaint_remedied")

    def test_no_remedy_before_the_finding(self) -> None:
        given(complaint, *HEARD).when(plan()).refused("complaint_investigating")


class TestWithdrawal:
    def test_the_customer_takes_it_back_with_proof(self) -> None:
        story = given(complaint, *INVESTIGATED).when(withdraw()).then(fact.ComplaintWithdrawn)
        story.deadlines(Drop("statement")).when(withdraw()).then()
        story.when(evidence(at=hours(4))).refused("complaint_withdrawn")
        story.when(LAPSE).then()

    def test_before_anybody_was_asked_no_deadline_is_dropped(self) -> None:
        given(complaint, lodge()).when(withdraw()).then(fact.ComplaintWithdrawn).deadlines()

    def test_a_withdrawal_without_proof_is_none(self) -> None:
        silent = CALL.model_copy(update={"seconds": 0})
        given(complaint, lodge()).when(withdraw(proof=silent)).refused("call_not_two_way")

    def test_a_finding_isnt_withdrawn(self) -> None:
        given(complaint, *FOUND).when(withdraw(at=hours(6))).refused("complaint_substantiated")


def test_available_depends_on_who_asks_and_when() -> None:
    state = given(complaint, *INVESTIGATED, evidence()).now()
    assert complaint.available(state, "manager", hours(27))["substantiate"] is None
    assert complaint.available(state, "zhao", hours(27))["substantiate"] is not None
    assert complaint.available(state, "manager", hours(5))["substantiate"] is not None
    assert complaint.available(state, "manager", hours(5))["dismiss"] is None
    assert set(complaint.available(complaint.NEW, "manager", T0).values()) - {None} != set()


def test_an_engineer_with_another_role_does_not_judge_themselves() -> None:
    """The account of the finder and the number of the subject are two names of one person."""
    state = given(complaint, *INVESTIGATED, evidence())
    state.when(dismiss(at=hours(5), finder_engineer="wang")).refused("finder_is_subject")
    assert complaint.available(state.now(), "manager", hours(27), "wang")["substantiate"] is not None
    state.when(dismiss(at=hours(5), finder_engineer="chen")).then(fact.ComplaintDismissed)
