"""Satisfaction surveys, rule by rule."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.tickets.domain import survey
from shared.decider import Arm, Breach, Meet
from shared.events import tickets as fact
from shared.events.tickets import Channel, SurveyOutcome
from tests.unit.tickets.examples import CALL, REGISTER, TICKET, When, an_id, hours, moment
from tests.unit.tickets.story import given

SURVEY, LINK = an_id("survey"), an_id("link")


def send(at: When = 0, **facts: Any) -> survey.SendSurvey:
    said = {"survey": SURVEY, "ticket": TICKET, "token": LINK, "channel": Channel.IM, "engineers": ("wang",)}
    return survey.SendSurvey(**{"at": moment(at), "by": "reception", "resolved": True} | said | facts)


def click(at: When = 5, **facts: Any) -> survey.AnswerSurvey:
    said = {"survey": SURVEY, "ticket": TICKET, "channel": Channel.SURVEY, "token": LINK, "score": 5}
    return survey.AnswerSurvey(at=moment(at), by="customer", **said | facts)


def by_phone(**facts: Any) -> survey.AnswerSurvey:
    return click(**{"channel": Channel.PHONE, "token": None, "proof": CALL} | facts)


def decline(at: When = 5, **facts: Any) -> survey.DeclineSurvey:
    said = {"survey": SURVEY, "ticket": TICKET, "proof": CALL}
    return survey.DeclineSurvey(at=moment(at), by="reception", **said | facts)


def remind(at: When = 72) -> survey.RemindOfSurvey:
    return survey.RemindOfSurvey(at=moment(at), by="timer:survey_reminder")


def test_a_link_that_was_sent_is_answered_once() -> None:
    story = (
        given(survey, send()).when(click()).then(fact.SurveyAnswered).saying(score=5, engineers=("wang",), proof=None)
    )
    story.deadlines(Meet("survey_reminder", hours(5)))
    assert story.now().outcome is SurveyOutcome.ANSWERED
    story.when(click(at=6)).then()
    story.when(click(score=1)).refused("survey_already_answered")
    story.when(decline()).refused("survey_already_answered")


@pytest.mark.parametrize("token", [None, an_id("forged")])
def test_another_link_isnt_valid(token: Any) -> None:
    given(survey, send()).when(click(token=token)).refused("survey_link_unknown")
    given(survey).when(click()).refused("survey_link_unknown")


def test_links_sent_before_stay_good() -> None:
    again = send(at=1, token=an_id("second"))
    given(survey, send()).when(send(at=1)).then()
    given(survey, send(), again).when(click()).then(fact.SurveyAnswered)


def test_by_phone_or_on_paper_it_needs_proof() -> None:
    given(survey).when(by_phone(proof=None)).refused("survey_proof_missing")
    given(survey).when(by_phone()).then(fact.SurveyAnswered).deadlines()
    given(survey).when(by_phone(channel=Channel.WALK_IN, proof=REGISTER)).then(fact.SurveyAnswered)


def test_a_paper_form_may_have_a_word_instead_of_a_score() -> None:
    paper = by_phone(score=None, verdict="不满意", proof=REGISTER)
    story = given(survey).when(paper).then(fact.SurveyAnswered).saying(score=None, verdict="不满意")
    assert not survey.lodges_complaint(story.now().answered)
    given(survey).when(by_phone(score=None)).refused("score_missing")


@pytest.mark.parametrize("score", [0, 6])
def test_a_score_is_one_to_five(score: int) -> None:
    with pytest.raises(ValidationError):
        click(score=score)


@pytest.mark.parametrize(("score", "lodges"), [(1, True), (2, True), (3, False), (5, False)])
def test_two_or_less_lodges_a_complaint(score: int, lodges: bool) -> None:
    assert survey.lodges_complaint(given(survey, send(), click(score=score)).now().answered) is lodges


def test_declining_needs_proof_that_it_was_offered() -> None:
    silent = CALL.model_copy(update={"seconds": 0})
    given(survey).when(decline(proof=silent)).refused("call_not_two_way")
    story = given(survey, send()).when(decline()).then(fact.SurveyDeclined).saying(engineers=("wang",))
    story.deadlines(Meet("survey_reminder", hours(5))).when(decline(at=6)).then()
    assert story.now().outcome is SurveyOutcome.DECLINED
    story.when(decline(reason="没空")).refused("survey_already_declined")
    story.when(send(at=6, token=an_id("second"))).refused("survey_already_declined")


def test_a_customer_who_declined_may_still_answer() -> None:
    story = given(survey, send(), decline()).when(click(at=7)).then(fact.SurveyAnswered).deadlines()
    assert story.now().outcome is SurveyOutcome.ANSWERED


def test_after_three_days_somebody_asks_again() -> None:
    story = given(survey).when(send()).then(fact.SurveySent).deadlines(Arm("survey_reminder", hours(72)))
    story.when(remind(at=71)).refused("reminder_not_due")
    story.when(remind(at=80)).then(fact.SurveyReminderDue).deadlines(Breach("survey_reminder", hours(72)))
    story.when(remind(at=81)).then()
    story.when(click(at=90)).then(fact.SurveyAnswered).deadlines()
    given(survey, send(), click()).when(remind()).then()


def test_nobody_is_asked_before_the_job_is_done() -> None:
    given(survey).when(send(resolved=False)).refused("nothing_to_survey")
    assert survey.available(survey.NEW, resolved=False)["send_survey"] is not None


def test_available() -> None:
    assert set(survey.available(survey.NEW, resolved=True).values()) == {None}
    answered = survey.available(given(survey, send(), click()).now(), resolved=True)
    assert all(answered.values())
    declined = survey.available(given(survey, send(), decline()).now(), resolved=True)
    assert declined["answer_survey"] is None
    assert declined["decline_survey"] is not None
