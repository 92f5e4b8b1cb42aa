"""A complaint (4.1, 4.2): ``LODGED → ACKNOWLEDGED → INVESTIGATING → {SUBSTANTIATED | UNSUBSTANTIATED | INCONCLUSIVE}⚖
→ REMEDY_PLANNED → REMEDIED → CLOSED``; before the finding ``→ WITHDRAWN``.

The finding is made by somebody who neither prepared the case nor is its subject. It is SUBSTANTIATED only with evidence
and with the engineer's statement, or the lapse of the 24 hours to give one (D6). Where nobody in particular is
concerned (dissatisfaction with the goods), no statement is owed, and only "other" can be found.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never
from uuid import UUID

from services.tickets.domain import complaint_commands as wish
from services.tickets.domain.identity import complaint_number
from services.tickets.domain.proof import check_proof
from services.tickets.domain.refusal import complaint_not_now
from shared.decider import Arm, Breach, DeadlineChange, Drop, Meet, Refused, Words
from shared.events import tickets as fact
from shared.events.tickets import ComplaintCategory
from shared.events.tickets import ComplaintStatus as S
from shared.facts import repeats, same, tell
from shared.refusal import why_not

STREAM = "complaint"

STATEMENT = "statement"
"""The deadline of the engineer's statement."""
STATEMENT_WITHIN = timedelta(hours=24)
"""D6: from when the engineer is asked."""

_BEFORE_FINDING = frozenset({S.LODGED, S.ACKNOWLEDGED, S.INVESTIGATING})

ALLOWED: Mapping[str, frozenset[S]] = {
    "acknowledge": frozenset({S.LODGED}),
    "start_investigation": frozenset({S.ACKNOWLEDGED}),
    "name_subject": frozenset({S.INVESTIGATING}),
    "add_evidence": _BEFORE_FINDING,
    "give_statement": frozenset({S.INVESTIGATING}),
    "substantiate": frozenset({S.INVESTIGATING}),
    "dismiss": frozenset({S.INVESTIGATING}),
    "plan_remedy": frozenset({S.SUBSTANTIATED, S.UNSUBSTANTIATED, S.INCONCLUSIVE, S.REMEDY_PLANNED}),
    "complete_remedy": frozenset({S.REMEDY_PLANNED}),
    "close": frozenset({S.UNSUBSTANTIATED, S.INCONCLUSIVE, S.REMEDIED}),
    "withdraw": _BEFORE_FINDING,
}
"""In which states the lifecycle lists an action; a plan may be replaced while it isn't done."""

ComplaintEvent = (
    fact.ComplaintLodged
    | fact.ComplaintAcknowledged
    | fact.ComplaintInvestigationStarted
    | fact.ComplaintSubjectNamed
    | fact.EvidenceAdded
    | fact.ComplaintStatementGiven
    | fact.ComplaintStatementLapsed
    | fact.ComplaintSubstantiated
    | fact.ComplaintDismissed
    | fact.RemedyPlanned
    | fact.RemedyCompleted
    | fact.ComplaintClosed
    | fact.ComplaintWithdrawn
)

# --- state ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Complaint:
    """What the next decision needs."""

    status: S | None = None
    lodged: fact.ComplaintLodged | None = None
    preparers: frozenset[str] = frozenset()
    """⚖ Whoever recorded, investigated or gathered evidence; none of them makes the finding."""
    investigator: str | None = None
    subject: fact.ComplaintSubjectNamed | None = None
    """The engineer, as asked for a statement."""
    statement: fact.ComplaintStatementGiven | None = None
    lapsed: bool = False
    evidence: tuple[str, ...] = ()
    finding: fact.ComplaintSubstantiated | fact.ComplaintDismissed | None = None
    plan: fact.RemedyPlanned | None = None
    outcome: fact.RemedyCompleted | None = None
    withdrawn: fact.ComplaintWithdrawn | None = None

    @property
    def statement_awaited(self) -> bool:
        return self.subject is not None and not (self.statement or self.lapsed)

    @property
    def engineer(self) -> str | None:
        if self.subject:
            return self.subject.engineer
        return self.lodged.engineer if self.lodged else None

    @property
    def over(self) -> bool:
        return self.status in (S.CLOSED, S.WITHDRAWN)


NEW = Complaint()


def evolve(complaint: Complaint, event: ComplaintEvent) -> Complaint:
    prepared = complaint.preparers
    match event:
        case fact.ComplaintLodged():
            return replace(complaint, status=S.LODGED, lodged=event, preparers=prepared | {event.lodged_by})
        case fact.ComplaintAcknowledged():
            return replace(complaint, status=S.ACKNOWLEDGED)
        case fact.ComplaintInvestigationStarted():
            by = event.investigator
            return replace(complaint, status=S.INVESTIGATING, investigator=by, preparers=prepared | {by})
        case fact.ComplaintSubjectNamed():
            return replace(complaint, subject=event, statement=None, lapsed=False)
        case fact.EvidenceAdded():
            evidence = (*complaint.evidence, event.sha256)
            return replace(complaint, evidence=evidence, preparers=prepared | {event.added_by})
        case fact.ComplaintStatementGiven():
            return replace(complaint, statement=event)
        case fact.ComplaintStatementLapsed():
            return replace(complaint, lapsed=True)
        case fact.ComplaintSubstantiated():
            return replace(complaint, status=S.SUBSTANTIATED, finding=event)
        case fact.ComplaintDismissed():
            return replace(complaint, status=event.finding, finding=event)
        case fact.RemedyPlanned():
            return replace(complaint, status=S.REMEDY_PLANNED, plan=event)
        case fact.RemedyCompleted():
            return replace(complaint, status=S.REMEDIED, outcome=event)
        case fact.ComplaintClosed():
            return replace(complaint, status=S.CLOSED)
        case fact.ComplaintWithdrawn():
            return replace(complaint, status=S.WITHDRAWN, withdrawn=event)
        case _:
            assert_never(event)


def deadlines(event: ComplaintEvent) -> Sequence[DeadlineChange]:
    """D6: the engineer states within 24 hours."""
    match event:
        case fact.ComplaintSubjectNamed():
            return [Arm(STATEMENT, event.statement_due)]
        case fact.ComplaintStatementGiven() if not event.late:
            return [Meet(STATEMENT, event.at)]
        case fact.ComplaintStatementLapsed():
            return [Breach(STATEMENT, event.at)]
        case fact.ComplaintDismissed() | fact.ComplaintWithdrawn() if event.statement_dropped:
            return [Drop(STATEMENT)]
        case _:
            return []


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(command: wish.ComplaintCommand, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """The events that ``command`` causes; none when it says again what has happened. Raises ``Refused``."""
    if isinstance(command, wish.LodgeComplaint):
        return _lodge(command, complaint)
    if command.at < known(complaint).at:
        raise Refused("before_complaint", "时间早于投诉登记。", "That was before the complaint was lodged.")
    match command:
        case wish.AcknowledgeComplaint():
            return _acknowledge(command, complaint)
        case wish.StartInvestigation():
            return _start_investigation(command, complaint)
        case wish.NameSubject():
            return _name_subject(command, complaint)
        case wish.AddEvidence():
            return _add_evidence(command, complaint)
        case wish.GiveStatement():
            return _give_statement(command, complaint)
        case wish.LapseStatement():
            return _lapse_statement(command, complaint)
        case wish.SubstantiateComplaint():
            return _substantiate(command, complaint)
        case wish.DismissComplaint():
            return _dismiss(command, complaint)
        case wish.PlanRemedy():
            return _plan_remedy(command, complaint)
        case wish.CompleteRemedy():
            return _complete_remedy(command, complaint)
        case wish.CloseComplaint():
            return _close(command, complaint)
        case wish.WithdrawComplaint():
            return _withdraw(command, complaint)
        case _:
            assert_never(command)


def available(
    complaint: Complaint, by: str, at: datetime, finder_engineer: str | None = None
) -> dict[str, Words | None]:
    """For every action None where it is open to ``by`` at the moment ``at``, otherwise why not.

    ``finder_engineer``: the number of ``by``, where that is an engineer as well.
    """
    guards: dict[str, Callable[[], None]] = {action: partial(_permit, action, complaint) for action in ALLOWED}
    guards["give_statement"] = partial(_can_state, complaint)
    guards["substantiate"] = partial(_can_substantiate, complaint, {by, finder_engineer}, at)
    guards["dismiss"] = partial(_can_find, "dismiss", complaint, {by, finder_engineer})
    return {action: why_not(guard) for action, guard in guards.items()}


def known(complaint: Complaint) -> fact.ComplaintLodged:
    """How the complaint began. Raises ``Refused`` where there is none."""
    if complaint.lodged is None:
        raise Refused("complaint_unknown", "没有这个投诉。", "There is no such complaint.")
    return complaint.lodged


def _permit(action: str, complaint: Complaint) -> None:
    known(complaint)
    if complaint.status and complaint.status not in ALLOWED[action]:
        raise complaint_not_now(action, complaint.status)


def _can_state(complaint: Complaint) -> None:
    _permit("give_statement", complaint)
    if complaint.subject is None:
        raise Refused("subject_missing", "尚未指明被投诉人。", "Nobody has been named as the subject.")
    if complaint.statement:
        raise Refused("statement_already_given", "本人已陈述。", "The statement has been given.")


def _can_find(action: str, complaint: Complaint, finder: Set[str | None]) -> None:
    """⚖ Decided by a person other than those who prepared it, or whom it is about. ``finder``: all the names that the
    one who decides goes by."""
    _permit(action, complaint)
    if finder & complaint.preparers:
        raise Refused(
            "finder_prepared_it",
            "登记、调查或取证的人不能作结论。",
            "Whoever recorded, investigated or gathered evidence can't make the finding.",
        )
    if complaint.engineer in finder - {None}:
        raise Refused("finder_is_subject", "被投诉人不能作结论。", "The subject can't make the finding.")


def _can_substantiate(complaint: Complaint, finder: Set[str | None], at: datetime) -> None:
    """4.2: with evidence, and the engineer heard or given the time for it."""
    _can_find("substantiate", complaint, finder)
    if not complaint.evidence:
        raise Refused("evidence_missing", "没有证据不能查实。", "Nothing is substantiated without evidence.")
    if complaint.subject and complaint.statement_awaited and at <= complaint.subject.statement_due:
        raise Refused(
            "statement_awaited",
            "被投诉人尚未陈述，期限未到（D6）。",
            "The engineer hasn't stated yet, and still has time to (D6).",
        )


def _lodge(command: wish.LodgeComplaint, complaint: Complaint) -> Sequence[ComplaintEvent]:
    number = complaint_number(command.complaint, command.at)
    event = tell(fact.ComplaintLodged, command, number=number, lodged_by=command.by)
    if complaint.lodged:
        if same(event, complaint.lodged):
            return []
        raise Refused("complaint_exists", "该投诉已存在。", "There is such a complaint already.")
    if command.happened_at and command.happened_at > command.at:
        raise Refused("happened_later", "事发时间晚于登记时间。", "It can't have happened after it was lodged.")
    return [event]


def _acknowledge(command: wish.AcknowledgeComplaint, complaint: Complaint) -> Sequence[ComplaintEvent]:
    if complaint.status in (S.ACKNOWLEDGED, S.INVESTIGATING):
        return []
    _permit("acknowledge", complaint)
    return [tell(fact.ComplaintAcknowledged, command, complaint=_id(complaint), acknowledged_by=command.by)]


def _start_investigation(command: wish.StartInvestigation, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """D6: an engineer who is named is asked for a statement at once."""
    if complaint.status is S.INVESTIGATING and complaint.investigator == command.investigator:
        return []
    _permit("start_investigation", complaint)
    _not_the_subject(command.investigator, complaint.engineer)
    started = tell(fact.ComplaintInvestigationStarted, command, complaint=_id(complaint))
    return [started, *([_ask(complaint.engineer, command.at, complaint)] if complaint.engineer else [])]


def _name_subject(command: wish.NameSubject, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """Another engineer than before is asked anew, and what the former one said no longer counts as the statement."""
    if complaint.status is S.INVESTIGATING and repeats(command, complaint.subject):
        return []
    _permit("name_subject", complaint)
    _not_the_subject(complaint.investigator, command.engineer)
    return [_ask(command.engineer, command.at, complaint)]


def _ask(engineer: str, at: datetime, complaint: Complaint) -> fact.ComplaintSubjectNamed:
    return fact.ComplaintSubjectNamed(
        at=at, complaint=_id(complaint), engineer=engineer, statement_due=at + STATEMENT_WITHIN
    )


def _not_the_subject(investigator: str | None, engineer: str | None) -> None:
    if engineer and investigator == engineer:
        raise Refused("investigator_is_subject", "被投诉人不能调查本案。", "The subject can't investigate the case.")


def _add_evidence(command: wish.AddEvidence, complaint: Complaint) -> Sequence[ComplaintEvent]:
    if command.sha256 in complaint.evidence:
        return []
    _permit("add_evidence", complaint)
    return [tell(fact.EvidenceAdded, command, complaint=_id(complaint), added_by=command.by)]


def _give_statement(command: wish.GiveStatement, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """D6. A late one is still heard, as long as there is no finding."""
    if repeats(command, complaint.statement):
        return []
    _can_state(complaint)
    assert complaint.subject
    if command.engineer != complaint.subject.engineer:
        raise Refused("not_the_subject", "只有被投诉人可以陈述。", "Only the subject gives a statement.")
    late = complaint.lapsed or command.at > complaint.subject.statement_due
    given = tell(fact.ComplaintStatementGiven, command, complaint=_id(complaint), late=late)
    return [*_lapse_before(command.at, complaint), given]


def _lapse_statement(command: wish.LapseStatement, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """The time lapses by itself, at the due time."""
    if not complaint.statement_awaited or complaint.status is not S.INVESTIGATING:
        return []
    assert complaint.subject
    if command.at < complaint.subject.statement_due:
        raise Refused("statement_not_due", "陈述期限未到。", "There is still time for the statement.")
    return _lapse(complaint.subject)


def _lapse(subject: fact.ComplaintSubjectNamed) -> Sequence[fact.ComplaintStatementLapsed]:
    return [
        fact.ComplaintStatementLapsed(at=subject.statement_due, complaint=subject.complaint, engineer=subject.engineer)
    ]


def _lapse_before(at: datetime, complaint: Complaint) -> Sequence[fact.ComplaintStatementLapsed]:
    """The lapse that the timer hadn't recorded yet."""
    subject = complaint.subject
    return _lapse(subject) if subject and complaint.statement_awaited and at > subject.statement_due else []


def _substantiate(command: wish.SubstantiateComplaint, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """4.2 ⚖, naming the clause. 4.2.1 to 4.2.3 are about somebody's conduct, so somebody is named."""
    if _found_as(command, complaint):
        return []
    _can_substantiate(complaint, {command.by, command.finder_engineer}, command.at)
    if complaint.engineer is None and command.category is not ComplaintCategory.OTHER:
        raise Refused("subject_missing", "认定4.2各条须指明被投诉人。", "A finding under 4.2 names the engineer.")
    lodged = known(complaint)
    happened = command.happened_at or lodged.happened_at
    if happened is None:
        raise Refused("happened_at_missing", "请写明事发时间。", "Say when it happened: the policy of that day holds.")
    if happened > command.at:
        raise Refused("happened_later", "事发时间晚于现在。", "It can't have happened later than the finding.")
    lapse = _lapse_before(command.at, complaint)
    facts = {
        "complaint": lodged.complaint,
        "number": lodged.number,
        "ticket": lodged.ticket,
        "engineer": complaint.engineer,
        "work_order": lodged.work_order,
        "visit": lodged.visit,
        "happened_at": happened,
        "evidence": complaint.evidence,
        "statement_lapsed": complaint.lapsed or bool(lapse),
        "found_by": command.by,
        "prepared_by": tuple(sorted(complaint.preparers)),
    }
    return [*lapse, tell(fact.ComplaintSubstantiated, command, **facts)]


def _dismiss(command: wish.DismissComplaint, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """⚖ Refuted, or it can't be known."""
    if _found_as(command, complaint):
        return []
    _can_find("dismiss", complaint, {command.by, command.finder_engineer})
    lapse = _lapse_before(command.at, complaint)
    facts = {
        "complaint": _id(complaint),
        "ticket": known(complaint).ticket,
        "engineer": complaint.engineer,
        "found_by": command.by,
        "statement_dropped": complaint.statement_awaited and not lapse,
    }
    return [*lapse, tell(fact.ComplaintDismissed, command, **facts)]


def _found_as(command: wish.SubstantiateComplaint | wish.DismissComplaint, complaint: Complaint) -> bool:
    """Whether the finding is what was found before; the moment of the deed may be left out."""
    finding = complaint.finding
    if isinstance(command, wish.SubstantiateComplaint):
        filled = command.happened_at or (complaint.lodged.happened_at if complaint.lodged else None)
        filled_in = command.model_copy(update={"happened_at": filled})
        return isinstance(finding, fact.ComplaintSubstantiated) and repeats(filled_in, finding)
    return isinstance(finding, fact.ComplaintDismissed) and repeats(command, finding)


def _plan_remedy(command: wish.PlanRemedy, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """4.2: remedial action. One is also open to a complaint that wasn't substantiated, as a favour."""
    if repeats(command, complaint.plan):
        return []
    _permit("plan_remedy", complaint)
    return [tell(fact.RemedyPlanned, command, complaint=_id(complaint))]


def _complete_remedy(command: wish.CompleteRemedy, complaint: Complaint) -> Sequence[ComplaintEvent]:
    if repeats(command, complaint.outcome):
        return []
    _permit("complete_remedy", complaint)
    return [tell(fact.RemedyCompleted, command, complaint=_id(complaint), ticket=known(complaint).ticket)]


def _close(command: wish.CloseComplaint, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """Not before the remedy is done, where one is owed or planned."""
    if complaint.status is S.CLOSED:
        return []
    _permit("close", complaint)
    lodged, finding = known(complaint), complaint.finding
    assert finding, "what can be closed has a finding"
    found = S.SUBSTANTIATED if isinstance(finding, fact.ComplaintSubstantiated) else finding.finding
    return [tell(fact.ComplaintClosed, command, complaint=lodged.complaint, ticket=lodged.ticket, finding=found)]


def _withdraw(command: wish.WithdrawComplaint, complaint: Complaint) -> Sequence[ComplaintEvent]:
    """Only the customer can take it back, so it is proved; and not once there is a finding."""
    if repeats(command, complaint.withdrawn):
        return []
    _permit("withdraw", complaint)
    check_proof(command.proof)
    lodged, lapse = known(complaint), _lapse_before(command.at, complaint)
    dropped = complaint.statement_awaited and not lapse
    facts = {"complaint": lodged.complaint, "ticket": lodged.ticket, "statement_dropped": dropped}
    return [*lapse, tell(fact.ComplaintWithdrawn, command, **facts)]


def _id(complaint: Complaint) -> UUID:
    return known(complaint).complaint
