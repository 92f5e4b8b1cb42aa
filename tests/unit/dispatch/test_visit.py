"""A visit: assigned, agreed, made and reported; late words; disputes; what passed times make of it."""

from datetime import datetime

import pytest

from services.dispatch.domain import visit
from services.dispatch.domain.visit_policy import VisitTerms
from services.dispatch.domain.visit_state import Step
from shared.decider import Arm, Breach, Drop, Meet
from shared.events import dispatch as fact
from shared.events.dispatch import ArrivalGrade, CheckOutWay, Claimant, Delay, VisitStatus
from tests.unit.dispatch import visit_examples as ex
from tests.unit.dispatch.visit_examples import AGREED, at, kinds
from tests.unit.tickets.story import given


def test_a_visit_goes_its_way() -> None:
    story = given(visit, *ex.DONE).when(ex.check_out()).then(fact.VisitCheckedOut)
    assert story.saying(late_minutes=0, way=CheckOutWay.APP).now().status is VisitStatus.CHECKED_OUT
    told = [type(event).__name__ for event in story.history]
    assert told == [
        "VisitPlanned",
        "VisitAssigned",
        "InstructionDelivered",
        "VisitAccepted",
        "VisitEnRoute",
        "VisitArrived",
        "WorkStarted",
        "VisitFinished",
        "VisitCheckedOut",
    ]


def test_each_step_is_refused_before_its_time_with_a_hint() -> None:
    story = given(visit, ex.plan(), ex.assign())
    story.when(ex.depart()).refused("visit_assigned")
    story.when(ex.check_in()).refused("visit_assigned")
    story.when(ex.start()).refused("visit_assigned")
    story.when(ex.finish()).refused("visit_assigned")
    story.when(ex.check_out()).refused("visit_assigned")
    given(visit, *ex.ON_SITE).when(ex.depart("09:59")).refused("visit_arrived")
    words = visit.available(story.now())["depart"]
    assert words
    assert words.zh == "上门已派人，现在不能出发。请先接受或拒绝。"


def test_a_retry_changes_nothing() -> None:
    for done in range(1, len(ex.DONE)):
        given(visit, *ex.DONE[: done + 1]).when(ex.DONE[done]).then()


# --- assigning --------------------------------------------------------------------------------------------------------


def test_an_instruction_says_who_when_and_what_and_arms_the_clock() -> None:
    story = given(visit, ex.plan()).when(ex.assign()).deadlines(Arm("arrival", AGREED))
    story.saying(engineer="E04", instruction="更换粘鼠板 20 张", agreed_arrival=AGREED, ends_at=at("11:00"))


def test_without_an_agreed_time_or_with_one_that_has_passed_nobody_is_sent() -> None:
    given(visit, ex.plan()).when(ex.assign(agreed_arrival=None)).refused("agreed_arrival_missing")
    given(visit, ex.plan()).when(ex.assign(agreed_arrival=at("08:00"))).refused("agreed_arrival_past")


def test_somebody_else_is_sent_for_the_time_that_the_customer_accepted() -> None:
    story = given(visit, ex.plan(), ex.assign(), ex.deliver())
    story.when(ex.assign(at=at("08:30"), engineer="E05", agreed_arrival=at("12:00"))).refused("reschedule_first")
    story.when(ex.assign(at=at("08:30"), engineer="E05", agreed_arrival=None)).then(fact.VisitAssigned)
    story.saying(assignment=2, replaces="E04", agreed_arrival=AGREED).deadlines(Drop("answer"))
    assert story.now().status is VisitStatus.ASSIGNED
    story.when(ex.assign(at=at("10:30"), engineer="E06")).then(fact.VisitAssigned).deadlines()


def test_a_grace_time_of_the_policy_moves_the_deadline_not_the_agreement() -> None:
    story = given(visit, ex.plan(), ex.assign(terms=VisitTerms(grace_minutes=10)))
    story.when(ex.no_arrival("10:05")).refused("arrival_not_due")
    story.when(ex.no_arrival("10:10")).then(fact.VisitLate).saying(at=at("10:10"), agreed_arrival=AGREED, minutes=10)


# --- answering (4.7, D15) ---------------------------------------------------------------------------------------------


def test_from_delivery_on_an_answer_is_due() -> None:
    story = given(visit, ex.plan(), ex.assign()).when(ex.deliver()).deadlines(Arm("answer", at("08:45")))
    story.when(ex.no_answer("08:44")).refused("answer_not_due")
    story.when(ex.no_answer()).then(fact.DispatchUnanswered).saying(at=at("08:45"), assigned_by="li.na")
    story.deadlines(Breach("answer", at("08:45")))
    story.when(ex.accept("09:00")).then(fact.VisitAccepted).deadlines()


def test_what_was_not_delivered_is_not_unanswered() -> None:
    story = given(visit, ex.plan(), ex.assign()).when(ex.no_answer()).then()
    story.when(ex.accept("09:30")).then(fact.VisitAccepted).saying(answer_due=None).deadlines()


def test_an_answer_that_was_in_time_and_came_late_corrects_what_was_made_of_it() -> None:
    story = given(visit, ex.plan(), ex.assign(), ex.deliver(), ex.no_answer())
    story.when(ex.accept("08:30", received="09:10")).then(*kinds("DispatchUnansweredCorrected", "VisitAccepted"))
    story.deadlines(Meet("answer", at("08:30")))


def test_a_late_answer_before_the_timer_is_late_as_well() -> None:
    story = given(visit, ex.plan(), ex.assign(), ex.deliver())
    story.when(ex.refuse("08:46")).then(*kinds("DispatchUnanswered", "DispatchRefused"))


@pytest.mark.parametrize(("own", "delivered"), [("E04", at("08:20")), ("E05", None), (None, None)])
def test_who_refuses_an_instruction_themselves_has_it(own: str | None, delivered: datetime | None) -> None:
    story = given(visit, ex.plan(), ex.assign()).when(ex.refuse(own_engineer=own)).then(fact.DispatchRefused)
    story.saying(delivered_at=delivered)


def test_a_refusal_keeps_its_reason_and_safety_apart_and_somebody_else_may_go() -> None:
    story = given(visit, ex.plan(), ex.assign(), ex.deliver())
    story.when(ex.refuse(reason="现场有触电危险", safety=True)).then(fact.DispatchRefused)
    story.saying(safety=True, instruction="更换粘鼠板 20 张", assigned_by="li.na").deadlines(
        Meet("answer", at("08:20"))
    )
    assert story.now().engineer is None
    story.when(ex.accept("08:30")).refused("visit_refused")
    story.when(ex.assign(at=at("08:40"), engineer="E05", agreed_arrival=None)).then(fact.VisitAssigned)


def test_once_accepted_it_cant_be_refused() -> None:
    given(visit, *ex.ON_SITE[:4]).when(ex.refuse("08:50")).refused("visit_accepted")


# --- lateness (3.4b, 4.5) ---------------------------------------------------------------------------------------------


def test_the_timer_records_that_nobody_came_with_causes_and_the_instruction() -> None:
    delayed = ex.told(ex.wish.ReportDelay, "09:40", cause=Delay.TRAFFIC, note="高速封闭")
    story = given(visit, *ex.ON_SITE[:5], delayed).when(ex.no_arrival("10:12")).then(fact.VisitLate)
    story.saying(at=AGREED, minutes=12, instruction="更换粘鼠板 20 张", engineer="E04", arrived_at=None)
    assert [(cause.cause, cause.note) for cause in story.new[0].causes] == [(Delay.TRAFFIC, "高速封闭")]
    story.when(ex.no_arrival("10:13")).then()
    story.when(ex.check_in("10:25")).then(fact.VisitArrived).saying(late_minutes=25).deadlines()


def test_nobody_assigned_or_nothing_delivered_are_causes_that_the_system_knows() -> None:
    story = given(visit, ex.plan(), ex.assign()).when(ex.no_arrival()).then(fact.VisitLate)
    late = story.now().late
    assert [cause.cause for cause in late.causes] == [Delay.UNANSWERED, Delay.NOT_DELIVERED]
    story = given(visit, ex.plan(), ex.assign(), ex.deliver(), ex.refuse()).when(ex.no_arrival()).then(fact.VisitLate)
    late = story.now().late
    assert (late.engineer, [cause.cause for cause in late.causes]) == (None, [Delay.NOBODY_ASSIGNED])


def test_at_the_agreed_minute_is_in_time_and_a_moment_after_is_not() -> None:
    story = given(visit, *ex.ON_SITE[:5]).when(ex.check_in("10:00")).then(fact.VisitArrived)
    story.saying(late_minutes=0).deadlines(Meet("arrival", AGREED))
    story = given(visit, *ex.ON_SITE[:5]).when(ex.check_in("10:01")).then(fact.VisitLate, fact.VisitArrived)
    assert (story.new[0].at, story.now().late.minutes, story.now().late.arrived_at) == (AGREED, 1, at("10:01"))


def test_an_arrival_in_time_that_is_told_after_the_timer_corrects_it() -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.no_arrival())
    story.when(ex.check_in("09:50", received="10:40")).then(*kinds("VisitLateCorrected", "VisitArrived"))
    story.saying(grade=ArrivalGrade.OFFLINE_UNVERIFIED, late_minutes=0, received_at=at("10:40"), offline=True)
    assert story.now().late is None
    assert set(story.deadlines(Meet("arrival", at("09:50")), Meet("arrival", at("09:50"))).new)


# --- grades -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("distance", "accuracy", "grade"),
    [
        (0, 5, ArrivalGrade.GEOFENCE_OK),
        (300, 200, ArrivalGrade.GEOFENCE_OK),
        (301, 5, ArrivalGrade.GEOFENCE_FAILED),
        (10, 201, ArrivalGrade.GEOFENCE_FAILED),
        (None, 5, ArrivalGrade.GEOFENCE_FAILED),
    ],
)
def test_a_check_in_is_graded_by_distance_and_accuracy(distance: int | None, accuracy: int, grade: str) -> None:
    position = ex.wish.Position(latitude=31.3, longitude=120.6, accuracy_m=accuracy)
    story = given(visit, *ex.ON_SITE[:5]).when(ex.check_in(position=position, distance_m=distance))
    story.then(fact.VisitArrived).saying(grade=grade, distance_m=distance, accuracy_m=accuracy)
    assert not {"latitude", "longitude", "position"} & set(fact.VisitArrived.model_fields)


def test_a_large_site_has_a_radius_of_its_own() -> None:
    story = given(visit, *ex.ON_SITE[:5]).when(ex.check_in(distance_m=900, radius_m=1000)).then(fact.VisitArrived)
    story.saying(grade=ArrivalGrade.GEOFENCE_OK)


def test_without_a_position_nothing_but_the_device_says_so() -> None:
    story = given(visit, *ex.ON_SITE[:5]).when(ex.check_in(position=None, distance_m=None)).then(fact.VisitArrived)
    story.saying(grade=ArrivalGrade.OFFLINE_UNVERIFIED, accuracy_m=None)


def test_the_office_records_an_arrival_with_the_customers_word_or_a_reason() -> None:
    early = ex.ON_SITE[:3]
    story = given(visit, *early).when(ex.record_arrival("09:50", reason=None)).refused("arrival_unfounded")
    story.when(ex.record_arrival("09:50", reason=None, confirmation=ex.TALKED)).then(fact.VisitArrived)
    story.saying(grade=ArrivalGrade.CUSTOMER_CONFIRMED, confirmation=ex.TALKED)
    given(visit, *early).when(ex.record_arrival("09:50")).then(fact.VisitArrived).saying(grade=ArrivalGrade.MANUAL)


# --- words that come late and in any order ----------------------------------------------------------------------------


def test_a_day_told_backwards_from_offline_gives_the_same_history_by_time() -> None:
    """Everything after the acceptance was kept on the device, and arrives at noon, the last first."""
    noon = "12:30"
    late = [
        ex.check_out("11:10", noon),
        ex.finish("11:00", noon),
        ex.resume("10:40", noon),
        ex.pause("10:20", noon),
        ex.start("10:05", noon),
        ex.check_in("09:55", noon),
        ex.depart("09:20", noon),
    ]
    story = given(visit, *ex.ON_SITE[:4], ex.no_arrival())
    expected = [*VisitStatus.__members__]
    for command in late:
        story.when(command).now()
        expected.append(story.state.status)
    state = story.now()
    assert state.status is VisitStatus.CHECKED_OUT
    assert state.gaps() == []
    assert state.late is None
    assert state.unreported is None
    assert state.rested() == 20
    by_time = sorted((event for event in story.history if not isinstance(event, fact.VisitLate)), key=lambda e: e.at)
    assert [type(event).__name__ for event in by_time[3:]] == [
        "VisitAccepted",
        "VisitEnRoute",
        "VisitLateCorrected",
        "VisitArrived",
        "WorkStarted",
        "WorkPaused",
        "WorkResumed",
        "VisitFinished",
        "VisitCheckedOut",
    ]


def test_a_check_out_before_the_arrival_leaves_gaps_that_are_named_until_they_are_told() -> None:
    story = given(visit, *ex.ON_SITE[:4]).when(ex.check_out("11:10", received="12:30")).then(fact.VisitCheckedOut)
    story.saying(late_minutes=None, offline=True).deadlines()
    assert story.now().gaps() == [Step.DEPART, Step.ARRIVE, Step.START, Step.FINISH]
    story.when(ex.finish("11:00", received="12:30")).then(fact.VisitFinished).saying(told=True).deadlines()
    story.when(ex.no_report("13:00")).then()
    assert story.now().gaps() == [Step.DEPART, Step.ARRIVE, Step.START]


def test_online_nothing_is_told_ahead() -> None:
    given(visit, *ex.ON_SITE[:4]).when(ex.check_out("11:10", received="11:14")).refused("visit_accepted")


def test_a_device_may_say_that_it_was_offline_even_for_a_minute() -> None:
    story = given(visit, *ex.ON_SITE[:5])
    story.when(ex.told(ex.wish.StartWork, "10:05", offline=True)).then(fact.WorkStarted).saying(offline=True)


@pytest.mark.parametrize(
    "wrong",
    [
        ex.check_in("09:10", received="12:30"),  # before setting off
        ex.start("11:05", received="12:30"),  # after the end of the work
        ex.pause("11:05", received="12:30"),
        ex.check_out("10:59", received="12:30"),  # before the end of the work
    ],
)
def test_times_that_contradict_each_other_are_refused(wrong: object) -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.finish("11:00", received="12:30"))
    story.when(wrong).refused("steps_out_of_order")


def test_a_step_told_with_another_time_is_no_retry() -> None:
    given(visit, *ex.ON_SITE).when(ex.check_in("09:58")).refused("visit_arrived")
    given(visit, *ex.ON_SITE).when(ex.check_in("08:05", received="12:00")).refused("visit_arrived")


def test_what_happened_before_the_office_aborted_the_visit_is_still_told() -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.no_arrival(), ex.abort("10:30"))
    story.when(ex.check_in("09:58", received="10:50")).then(*kinds("VisitLateCorrected", "VisitArrived"))
    assert story.now().status is VisitStatus.ABORTED
    story.when(ex.start("10:35", received="10:50")).refused("visit_aborted")
    story.when(ex.finish("10:29", received="10:50")).refused("visit_aborted")


def test_an_acceptance_of_the_earlier_time_is_asked_again() -> None:
    story = given(visit, ex.plan(), ex.assign(), ex.deliver(), ex.reschedule("08:40", "13:00"))
    story.when(ex.accept("08:30", received="09:00")).then(fact.VisitAccepted)
    assert story.now().status is VisitStatus.RESCHEDULED
    story.when(ex.accept("09:05")).then(fact.VisitAccepted).saying(answer_due=None)
    assert story.now().status is VisitStatus.ACCEPTED


# --- pauses -----------------------------------------------------------------------------------------------------------


def test_work_rests_and_goes_on() -> None:
    story = given(visit, *ex.ON_SITE, ex.start()).when(ex.resume("10:10")).refused("visit_working")
    story.when(ex.pause("10:20")).then(fact.WorkPaused)
    assert story.now().status is VisitStatus.PAUSED
    story.when(ex.pause("10:25")).refused("visit_paused")
    story.when(ex.pause("10:20")).then()
    story.when(ex.finish("10:50")).then(fact.VisitFinished)
    assert story.now().rested() == 30


# --- another time (D4) ------------------------------------------------------------------------------------------------


def test_a_time_accepted_before_the_earlier_one_lapsed_counts() -> None:
    story = given(visit, *ex.ON_SITE[:5]).when(ex.reschedule("09:30", "13:00")).then(fact.VisitRescheduled)
    story.saying(counts=True, agreed_before=AGREED, agreed_arrival=at("13:00"), starts_at=at("13:00"))
    story.deadlines(Arm("arrival", at("13:00")))
    assert story.now().status is VisitStatus.RESCHEDULED
    story.when(ex.no_arrival()).refused("arrival_not_due")


def test_a_time_accepted_after_it_moves_the_visit_and_leaves_the_lateness() -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.no_arrival()).when(ex.reschedule("10:10", "13:00"))
    story.then(fact.VisitRescheduled).saying(counts=False, agreed_arrival=AGREED, starts_at=at("13:00")).deadlines()
    story.when(ex.accept("10:12"), ex.depart("12:00"), ex.check_in("13:00")).then(fact.VisitArrived)
    story.saying(late_minutes=180)


def test_consent_that_is_recorded_after_the_timer_corrects_it() -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.no_arrival()).when(ex.reschedule("09:30", "13:00"))
    story.then(*kinds("VisitLateCorrected", "VisitRescheduled"))
    assert story.now().late is None


@pytest.mark.parametrize(("arrived", "late"), [("10:50", False), ("11:20", True)])
def test_consent_that_is_recorded_after_the_arrival_still_counts(arrived: str, late: bool) -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.check_in(arrived)).when(ex.reschedule("09:30", "11:00"))
    expected = ["VisitLateCorrected", "VisitRescheduled", *(["VisitLate"] if late else [])]
    story.then(*kinds(*expected))
    assert story.now().status is VisitStatus.ARRIVED
    assert bool(story.now().late) == late


def test_of_two_times_the_one_that_was_accepted_last_counts_whichever_is_recorded_last() -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.reschedule("09:40", "12:00"))
    story.when(ex.reschedule("09:20", "11:00")).refused("rescheduled_since")
    story.when(ex.reschedule("09:40", "12:00")).then()


def test_consent_is_shown_not_said() -> None:
    story = given(visit, *ex.ON_SITE[:5])
    story.when(ex.reschedule("09:30", "13:00", consent=ex.TALKED.model_copy(update={"seconds": 0})))
    story.refused("call_not_two_way")
    story.when(ex.reschedule("09:30", "13:00", consent=ex.WROTE.model_copy(update={"automatic": True})))
    story.refused("message_automatic")
    story.when(ex.reschedule("09:30", "09:20")).refused("new_arrival_past")
    given(visit, *ex.ON_SITE).when(ex.reschedule("10:10", "13:00")).refused("visit_arrived")


# --- leaving (4.4, D14) -----------------------------------------------------------------------------------------------


def test_after_the_job_headquarters_is_told_within_the_hour() -> None:
    story = given(visit, *ex.ON_SITE, ex.start()).when(ex.finish()).deadlines(Arm("report", at("12:00")))
    story.when(ex.no_report("11:59")).refused("report_not_due")
    story.when(ex.no_report()).then(fact.LeftWithoutReporting).saying(at=at("12:00"), finished_at=at("11:00"))
    story.deadlines(Breach("report", at("12:00")))
    story.when(ex.check_out("12:10")).then(fact.VisitCheckedOut).saying(late_minutes=10).deadlines()


def test_a_check_out_in_time_that_is_told_late_corrects_it() -> None:
    story = given(visit, *ex.DONE, ex.no_report())
    story.when(ex.check_out("12:00", received="14:00"))
    story.then(*kinds("LeftWithoutReportingCorrected", "VisitCheckedOut")).deadlines(Meet("report", at("12:00")))


def test_told_late_the_rest_may_still_be_on_its_way() -> None:
    story = given(visit, *ex.ON_SITE, ex.start()).when(ex.finish("11:00", received="15:00"))
    story.then(fact.VisitFinished).saying(report_due=at("12:00"), watched_until=at("15:15"))
    story.deadlines(Arm("report", at("15:15")))
    story.when(ex.no_report("15:15")).then(fact.LeftWithoutReporting).saying(at=at("12:00"))


def test_the_policy_can_demand_a_call() -> None:
    demanding = VisitTerms(call_demanded=True)
    story = given(visit, *ex.ON_SITE, ex.start(), ex.finish(terms=demanding))
    story.when(ex.check_out()).refused("call_demanded")
    story.when(ex.check_out(way=CheckOutWay.CALL)).refused("call_missing")
    story.when(ex.check_out(way=CheckOutWay.CALL, call_id="c-7")).then(fact.VisitCheckedOut)


def test_a_late_check_out_that_was_told_before_the_end_of_the_work_is_late() -> None:
    story = given(visit, *ex.ON_SITE, ex.start(), ex.check_out("12:30", received="13:00"))
    story.when(ex.finish("11:00", received="13:00")).then(*kinds("VisitFinished", "LeftWithoutReporting"))


# --- disputes (D5) ----------------------------------------------------------------------------------------------------


def test_three_claims_are_kept_and_one_adjudication_settles_them() -> None:
    story = given(visit, *ex.ON_SITE, ex.start(), ex.finish())
    story.when(ex.adjudicate("13:00", "10:20")).refused("not_disputed")
    story.when(ex.claim("12:00", "10:20")).then(fact.ArrivalClaimed)
    story.when(ex.adjudicate("13:00", "10:20", by="wang.mei")).refused("four_eyes")
    story.when(ex.adjudicate("13:00", "10:20", by="li.na")).refused("four_eyes")
    story.when(ex.adjudicate("13:00", "10:20", by="E04")).refused("four_eyes")
    story.when(ex.adjudicate("13:00", "10:20", by="wang.qiang", decider_engineer="E04")).refused("four_eyes")
    assert visit.available(story.now(), {"wang.qiang", "E04"})["adjudicate_arrival"]
    assert visit.available(story.now(), {"zhao.min"})["adjudicate_arrival"] is None
    story.when(ex.adjudicate("13:00", "10:20")).then(*kinds("VisitLate", "ArrivalAdjudicated"))
    story.saying(device=at("09:55"), server=at("09:55"), customer=at("10:20"), late_minutes=20)
    story.when(ex.claim("14:00", "09:00")).refused("already_adjudicated")
    story.when(ex.adjudicate("14:00", "09:50", by="sun.li")).refused("already_adjudicated")
    story.when(ex.adjudicate("14:00", "10:20")).then()


def test_a_dispute_can_take_a_lateness_back() -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.no_arrival(), ex.check_in("10:25"), ex.claim("12:00", "09:58"))
    story.when(ex.adjudicate("13:00", "09:58")).then(*kinds("VisitLateCorrected", "ArrivalAdjudicated"))


def test_nobody_may_have_come_at_all() -> None:
    story = given(visit, *ex.ON_SITE, ex.start(), ex.finish(), ex.claim("12:00", None))
    story.when(ex.adjudicate("13:00", None)).then(*kinds("VisitLate", "ArrivalAdjudicated")).saying(late_minutes=None)


def test_a_device_that_tells_of_another_time_than_the_office_makes_a_dispute() -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.record_arrival("10:20"))
    story.when(ex.check_in("09:55", received="12:00")).then(fact.ArrivalClaimed)
    story.saying(claimant=Claimant.DEVICE, arrived_at=at("09:55"))
    story.when(ex.check_in("09:55", received="12:00")).then()


# --- calls after the report was due (4.4, D14) ------------------------------------------------------------------------


def test_a_call_after_the_due_time_is_on_record_with_its_minutes_and_takes_nothing_back() -> None:
    # given a job that was done at eleven, so that the report was due at twelve
    story = given(visit, *ex.DONE).when(ex.no_report("12:00")).then(fact.LeftWithoutReporting)

    # when the engineer calls at 12:25, and again at 13:00, then the first is on record, and nothing is withdrawn
    story.when(ex.called("12:25")).then(fact.CalledHomeLate).saying(late_minutes=25, due=at("12:00"), call="c-1")
    story.when(ex.called("12:25")).then().when(ex.called("13:00", "c-2")).then()
    assert story.now().unreported
    assert story.now().status is VisitStatus.FINISHED

    # when an earlier call is told of later, then that one counts
    story.when(ex.called("12:10", "c-3")).then(fact.CalledHomeLate).saying(late_minutes=10)

    # when they had checked out in time, from offline, then that is corrected, and the calls stay on record
    story.when(ex.check_out("11:30", received="14:00")).then(*kinds("LeftWithoutReportingCorrected", "VisitCheckedOut"))
    assert story.now().called_late
    story.when(ex.called("12:05", "c-4")).then()


def test_the_timer_says_what_was_missed_also_after_a_late_call() -> None:
    story = given(visit, *ex.DONE).when(ex.called("12:01")).then(fact.CalledHomeLate).deadlines()
    story.when(ex.no_report("12:02")).then(fact.LeftWithoutReporting).deadlines(Breach("report", at("12:00")))


@pytest.mark.parametrize("clock", ["10:30", "11:30", "12:00"])
def test_a_call_within_the_time_is_no_late_one(clock: str) -> None:
    given(visit, *ex.DONE).when(ex.called(clock)).then()


def test_of_what_is_not_done_or_was_aborted_no_report_is_owed() -> None:
    given(visit, *ex.ON_SITE).when(ex.called("23:00")).then()
    given(visit, *ex.ON_SITE, ex.abort("10:30")).when(ex.called("23:00")).then()


# --- aborting ---------------------------------------------------------------------------------------------------------


def test_an_aborted_visit_owes_nothing_any_more() -> None:
    story = given(visit, ex.plan(), ex.assign(), ex.deliver()).when(ex.abort("08:30")).then(fact.VisitAborted)
    story.deadlines(Drop("arrival"), Drop("answer"))
    story.when(ex.no_arrival()).then()
    story.when(ex.assign(at=at("08:40"), engineer="E05")).refused("visit_aborted")
    given(visit, *ex.DONE).when(ex.abort("11:30")).refused("visit_finished")


def test_aborted_before_the_agreed_time_it_was_never_late_and_after_it_was() -> None:
    story = given(visit, *ex.ON_SITE[:5], ex.no_arrival()).when(ex.abort("09:40", received="10:30"))
    story.then(*kinds("VisitLateCorrected", "VisitAborted"))
    story = given(visit, *ex.ON_SITE[:5]).when(ex.abort("10:10")).then(*kinds("VisitLate", "VisitAborted"))
    assert story.now().late
