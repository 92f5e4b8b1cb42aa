"""The satisfaction survey of a ticket (3.6): sent, then answered once, or declined with proof of the offer (D19).

One stream per (re)opening of a ticket. A customer may also answer without a link, by phone or on paper. A customer who
declined may still answer: their own word counts more than our note of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import assert_never
from uuid import UUID

from pydantic import Field

from services.tickets.domain.proof import check_proof
from shared.decider import Arm, Breach, Command, DeadlineChange, Meet, Refused, Words
from shared.events.tickets import (
    Channel,
    Proof,
    SurveyAnswered,
    SurveyDeclined,
    SurveyOutcome,
    SurveyReminderDue,
    SurveySent,
)
from shared.facts import repeats, same, tell
from shared.refusal import why_not
from shared.text import Name, Text

STREAM = "survey"

LODGES_COMPLAINT_AT_OR_BELOW = 2
"""D18, of 5."""
REMINDER = "survey_reminder"
"""The deadline after which somebody asks again."""
REMIND_AFTER = timedelta(days=3)

# --- commands ---------------------------------------------------------------------------------------------------------


class SendSurvey(Command):
    survey: UUID
    ticket: UUID
    token: UUID
    """The id of the link's token."""
    channel: Channel
    engineers: tuple[Name, ...] = ()
    """Who served the customer (D19 reports by engineer)."""
    resolved: bool
    """What the customer asked for is done: before, there is nothing to be asked about."""


class AnswerSurvey(Command):
    survey: UUID
    ticket: UUID
    channel: Channel
    """``survey`` for the link."""
    token: UUID | None = None
    """Of the link through which it came."""
    score: int | None = Field(default=None, ge=1, le=5)
    verdict: Name | None = None
    text: Text | None = None
    engineers: tuple[Name, ...] = ()
    proof: Proof | None = None
    """Needed where it didn't come through the link."""


class DeclineSurvey(Command):
    survey: UUID
    ticket: UUID
    reason: Text | None = None
    proof: Proof
    """That it was offered (D19)."""
    engineers: tuple[Name, ...] = ()


class RemindOfSurvey(Command):
    """The timer says that the answer is awaited for long."""


SurveyCommand = SendSurvey | AnswerSurvey | DeclineSurvey | RemindOfSurvey
SurveyEvent = SurveySent | SurveyAnswered | SurveyDeclined | SurveyReminderDue

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Survey:
    sent: SurveySent | None = None
    """The last link that was sent."""
    tokens: frozenset[UUID] = frozenset()
    reminded: bool = False
    answered: SurveyAnswered | None = None
    declined: SurveyDeclined | None = None

    @property
    def outcome(self) -> SurveyOutcome | None:
        """What the closing of the ticket asks for."""
        if self.answered:
            return SurveyOutcome.ANSWERED
        return SurveyOutcome.DECLINED if self.declined else None


NEW = Survey()


def evolve(survey: Survey, event: SurveyEvent) -> Survey:
    match event:
        case SurveySent():
            return replace(survey, sent=event, tokens=survey.tokens | {event.token}, reminded=False)
        case SurveyReminderDue():
            return replace(survey, reminded=True)
        case SurveyAnswered():
            return replace(survey, answered=event)
        case SurveyDeclined():
            return replace(survey, declined=event)
        case _:
            assert_never(event)


def deadlines(event: SurveyEvent) -> Sequence[DeadlineChange]:
    match event:
        case SurveySent():
            return [Arm(REMINDER, event.at + REMIND_AFTER)]
        case SurveyReminderDue():
            return [Breach(REMINDER, event.at)]
        case SurveyAnswered() | SurveyDeclined() if event.reminder_met:
            return [Meet(REMINDER, event.at)]
        case SurveyAnswered() | SurveyDeclined():
            return []
        case _:
            assert_never(event)


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: SurveyCommand, survey: Survey) -> Sequence[SurveyEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    match command:
        case SendSurvey():
            return _send(command, survey)
        case AnswerSurvey():
            return _answer(command, survey)
        case DeclineSurvey():
            return _decline(command, survey)
        case RemindOfSurvey():
            return _remind(command, survey)
        case _:
            assert_never(command)


def available(survey: Survey, *, resolved: bool) -> dict[str, Words | None]:
    """For every action None where it is open now, otherwise why not. ``resolved``: the ticket is."""
    guards: Mapping[str, Callable[[], None]] = {
        "send_survey": partial(_can_send, survey, resolved),
        "answer_survey": partial(_unanswered, survey),
        "decline_survey": partial(_undecided, survey),
    }
    return {action: why_not(guard) for action, guard in guards.items()}


def lodges_complaint(event: SurveyAnswered) -> bool:
    """D18: a score of 2 or less lodges a complaint. A word on paper has no score, and lodges none."""
    return event.score is not None and event.score <= LODGES_COMPLAINT_AT_OR_BELOW


def _send(command: SendSurvey, survey: Survey) -> Sequence[SurveyEvent]:
    """Sent again, the old links stay good."""
    event = tell(SurveySent, command)
    if same(event, survey.sent):
        return []
    _can_send(survey, command.resolved)
    return [event]


def _answer(command: AnswerSurvey, survey: Survey) -> Sequence[SurveyEvent]:
    """3.6: once, through a link that was sent, or otherwise with proof."""
    if survey.answered:
        if repeats(command, survey.answered.model_copy(update={"engineers": command.engineers})):
            return []
        _unanswered(survey)
    if command.score is None and command.verdict is None:
        raise Refused("score_missing", "请给出评分。", "Give a score.")
    if command.channel is Channel.SURVEY:
        if command.token not in survey.tokens:
            raise Refused("survey_link_unknown", "调查链接无效。", "This survey link isn't valid.")
    elif command.proof is None:
        raise Refused("survey_proof_missing", "请说明客户如何答复。", "Say how the customer's answer came.")
    else:
        check_proof(command.proof, register=True)
    met = _reminder_pending(survey)
    engineers = command.engineers or _engineers(survey)
    return [tell(SurveyAnswered, command, engineers=engineers, reminder_met=met)]


def _decline(command: DeclineSurvey, survey: Survey) -> Sequence[SurveyEvent]:
    """D19: with proof that it was offered; a paper form that says so is one."""
    if survey.declined and repeats(command, survey.declined.model_copy(update={"engineers": command.engineers})):
        return []
    _undecided(survey)
    check_proof(command.proof, register=True)
    engineers = command.engineers or _engineers(survey)
    return [tell(SurveyDeclined, command, engineers=engineers, reminder_met=_reminder_pending(survey))]


def _remind(command: RemindOfSurvey, survey: Survey) -> Sequence[SurveyEvent]:
    sent = survey.sent
    if sent is None or not _reminder_pending(survey):
        return []
    due = sent.at + REMIND_AFTER
    if command.at < due:
        raise Refused("reminder_not_due", "还不到催填时间。", "It is too early for a reminder.")
    return [SurveyReminderDue(at=due, survey=sent.survey, ticket=sent.ticket)]


def _reminder_pending(survey: Survey) -> bool:
    return survey.sent is not None and not survey.reminded and survey.outcome is None


def _engineers(survey: Survey) -> tuple[str, ...]:
    return survey.sent.engineers if survey.sent else ()


def _can_send(survey: Survey, resolved: bool) -> None:
    """3.6: after the job."""
    _undecided(survey)
    if not resolved:
        raise Refused(
            "nothing_to_survey",
            "请先解决服务请求，再请客户填写调查。",
            "Resolve the ticket first, then ask the customer.",
        )


def _unanswered(survey: Survey) -> None:
    if survey.answered:
        raise Refused("survey_already_answered", "调查已答复。", "The survey has been answered.")


def _undecided(survey: Survey) -> None:
    _unanswered(survey)
    if survey.declined:
        raise Refused("survey_already_declined", "客户已拒填。", "The customer has declined the survey.")
