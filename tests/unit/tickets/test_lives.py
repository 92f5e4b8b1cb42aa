"""Whole lives by chance: whatever people do in whatever order, what was promised of a ticket and a complaint holds."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.tickets.domain import complaint, ticket
from services.tickets.domain import complaint_commands as grievance
from services.tickets.domain import ticket_commands as wish
from services.tickets.domain.ticket_state import Progress
from shared.decider import Arm, Breach, Command, DeadlineChange, Decider, Drop, Meet, Refused
from shared.events import tickets as fact
from shared.events.base import Event
from shared.events.tickets import CallProof, ComplaintStatus, Purpose, SurveyOutcome, TicketStatus
from tests.unit.tickets.examples import (
    IN,
    OUT,
    T0,
    acknowledge,
    an_id,
    archive,
    cancel,
    close,
    close_complaint,
    complete,
    dismiss,
    escalate,
    evidence,
    hold,
    investigate,
    lodge,
    merge,
    open_,
    overdue,
    plan,
    reopen,
    resolve,
    resume,
    statement,
    substantiate,
    triage,
    withdraw,
)

CHANCE = settings(max_examples=100, stateful_step_count=25, deadline=None)


class Life(RuleBasedStateMachine):
    """A stream, its history, and its deadlines as the log keeps them."""

    decider: Decider[Any]

    def __init__(self) -> None:
        super().__init__()
        self.state: Any = self.decider.NEW
        self.history: list[Event] = []
        self.deadlines: dict[str, str] = {}
        self.now = T0
        self.count = 0

    def a_number(self) -> int:
        """Another one each time."""
        self.count += 1
        return self.count

    def ask(self, command: Command) -> Sequence[Event] | None:
        """What ``command`` caused; None where it was refused."""
        try:
            events = self.decider.decide(command, self.state)
        except Refused:
            return None
        for event in events:
            self.state = self.decider.evolve(self.state, event)
            self.history.append(event)
            for change in self.decider.deadlines(event):
                self.deadlines[change.name] = self.after(change)
        return events

    def after(self, change: DeadlineChange) -> str:
        """The deadline after ``change``, which must fit what it was."""
        was = self.deadlines.get(change.name)
        match change:
            case Arm():
                return "armed"
            case Meet():
                assert was in ("armed", "breached")
                return "met"
            case Breach():
                assert was == "armed"
                return "breached"
            case Drop():
                assert was == "armed"
                return "dropped"
            case _:
                raise AssertionError(change)

    @invariant()
    def telling_the_history_again_gives_the_same_state(self) -> None:
        state = self.decider.NEW
        for event in self.history:
            state = self.decider.evolve(state, event)
        assert state == self.state

    def count_of(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.history)


class TicketLife(Life):
    decider: Decider[Any] = ticket
    state: ticket.Ticket

    @initialize()
    def opened(self) -> None:
        assert self.ask(open_())

    @rule(minutes=st.sampled_from([1, 60, 600, 1439, 1440, 1441]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(decision=st.sampled_from([IN, OUT, None]), lot=st.sampled_from(["A", "B"]))
    def triaged(self, decision: Any, lot: str) -> None:
        self.ask(triage(at=self.now, decision=decision, lot=lot))

    @rule(back=st.sampled_from([0, 5, 1441]))
    def answered(self, back: int) -> None:
        """Perhaps told later than it happened."""
        proof = CallProof(call_id=str(self.a_number()), direction="outbound", seconds=9)
        at = self.now - timedelta(minutes=back)
        asked, due, was_overdue = self.state.asked_at, self.state.answer_due, self.state.overdue
        events = self.ask(wish.AnswerTicket(at=at, by="reception", proof=proof))
        if not events:
            return
        given = events[-1]
        assert asked
        assert due
        assert isinstance(given, fact.FirstAnswerGiven)
        assert at >= asked
        assert (given.late_minutes > 0) == (at > due)
        assert given.status is self.state.status
        assert any(isinstance(event, fact.AnswerOverdue) for event in events) == (at > due and not was_overdue)

    @rule()
    def timer(self) -> None:
        self.ask(overdue(at=self.now))

    @rule()
    def held(self) -> None:
        self.ask(hold(at=self.now))

    @rule()
    def resumed(self) -> None:
        self.ask(resume(at=self.now))

    @rule()
    def escalated(self) -> None:
        self.ask(escalate(at=self.now))

    @rule()
    def headquarters_answered(self) -> None:
        self.ask(wish.AnswerEscalation(at=self.now, by="hq", answer="好"))

    @rule(number=st.integers(0, 2), purpose=st.sampled_from([Purpose.REPAIR, Purpose.TRAINING]))
    def dispatched(self, number: int, purpose: Purpose) -> None:
        order = an_id(f"order {number}")
        self.ask(wish.DispatchTicket(at=self.now, by="dispatcher", work_order=order, purpose=purpose))

    @rule(number=st.integers(0, 2))
    def verified(self, number: int) -> None:
        self.ask(wish.VerifyWorkOrder(at=self.now, by="dispatch", work_order=an_id(f"order {number}")))

    @rule(number=st.integers(0, 2))
    def order_cancelled(self, number: int) -> None:
        self.ask(wish.CancelWorkOrder(at=self.now, by="d", work_order=an_id(f"order {number}"), reason="改期"))

    @rule(number=st.integers(0, 2), purpose=st.sampled_from([Purpose.REPAIR, Purpose.TRAINING]))
    def taken_up(self, number: int, purpose: Purpose) -> None:
        """Dispatch is told in any case that its work order is the ticket's, or why not; and only once."""
        order, known = an_id(f"order {number}"), self.state
        command = wish.TakeUpWorkOrder(at=self.now, by="d", work_order=order, number="PG-1", purpose=purpose)
        told = self.ask(command)
        if order in known.work_orders or order in known.declined:
            assert not told
        else:
            assert told
            assert (order in self.state.work_orders) != (order in self.state.declined)
        assert not self.ask(command)

    @rule(number=st.integers(0, 2), follow_up=st.integers(0, 2))
    def continued(self, number: int, follow_up: int) -> None:
        waited = self.state.open_work_orders
        order, next_ = an_id(f"order {number}"), an_id(f"order {follow_up}")
        facts = {"work_order": order, "follow_up": next_, "follow_up_number": "PG-2", "reason": "缺件"}
        if number != follow_up and next_ not in self.state.work_orders:
            going_on = self.ask(wish.ContinueWorkOrder(at=self.now, by="d", **facts))
            called_off = bool(going_on) and next_ in self.state.declined
            assert self.state.open_work_orders == waited - called_off, "what goes on is waited for, unless declined"

    @rule(number=st.integers(0, 1), arrived=st.booleans(), finished=st.booleans())
    def visit_noted(self, number: int, arrived: bool, finished: bool) -> None:
        status = self.state.status
        times = {"arrived_at": self.now if arrived else None, "finished_at": self.now if finished else None}
        visit = {"visit": an_id(f"visit {number}"), "work_order": an_id("order 0"), "engineer": "E04"}
        command = wish.NoteVisit(at=self.now, by="E04", **visit, **times)
        assert self.ask(command) is not None
        assert not self.ask(command)
        assert self.state.status is status

    @rule()
    def resolved(self) -> None:
        self.ask(resolve(at=self.now))

    @rule()
    def reopened(self) -> None:
        before = self.state
        events = self.ask(reopen(at=self.now))
        if events:
            owed = before.waiting and before.answer_due and self.now <= before.answer_due
            assert self.state.answer_due == (before.answer_due if owed else self.now + ticket.ANSWER_WITHIN)
            assert self.state.answer is None

    @rule(survey=st.sampled_from([None, *SurveyOutcome]))
    def closed(self, survey: SurveyOutcome | None) -> None:
        if self.ask(close(at=self.now, survey=survey)):
            assert survey
            assert not self.state.open_work_orders

    @rule(missing=st.sampled_from([(), ("letter",)]))
    def archived(self, missing: tuple[str, ...]) -> None:
        if self.ask(archive(at=self.now, missing=missing)):
            assert not missing

    @rule(steps=st.integers(1, 6), again=st.booleans())
    def goes_the_usual_way(self, steps: int, again: bool) -> None:
        """Without this, chance hardly ever comes to the end of a life."""
        for _ in range(steps):
            self.step(again)

    def step(self, again: bool) -> None:
        match self.state.status:
            case TicketStatus.OPEN | TicketStatus.REOPENED:
                self.triaged(IN, "A")
            case TicketStatus.TRIAGED:
                self.dispatched(0, Purpose.REPAIR) if again else self.answered(0)
            case TicketStatus.ANSWERED | TicketStatus.DISPATCHED:
                self.resolved()
            case TicketStatus.ON_HOLD:
                self.resumed()
            case TicketStatus.RESOLVED if again:
                self.reopened()
            case TicketStatus.RESOLVED:
                for number in range(3):
                    self.verified(number)
                self.closed(SurveyOutcome.ANSWERED)
            case TicketStatus.CLOSED:
                self.reopened() if again else self.archived(())
            case _:
                self.timer()

    @rule(how=st.sampled_from([None, "merged", "cancelled"]))
    def ends_early(self, how: str | None) -> None:
        """Seldom: there is no life after it."""
        if how:
            self.ask(merge(at=self.now) if how == "merged" else cancel(at=self.now))

    @invariant()
    def a_closed_ticket_has_everything(self) -> None:
        if self.state.status in (TicketStatus.CLOSED, TicketStatus.ARCHIVED):
            assert all(order.progress is not Progress.OPEN for order in self.state.work_orders.values())
            assert self.state.closed
            assert self.state.closed.survey in SurveyOutcome

    @invariant()
    def it_is_answered_at_most_once_for_each_request(self) -> None:
        answers = 0
        for event in self.history:
            answers = (
                0 if isinstance(event, fact.TicketReopened) else answers + isinstance(event, fact.FirstAnswerGiven)
            )
            assert answers <= 1

    @invariant()
    def an_uncorrected_breach_is_an_answer_that_was_late_or_absent(self) -> None:
        due: datetime | None = None
        breached = False
        for event in self.history:
            match event:
                case fact.TicketOpened() | fact.TicketReopened():
                    due, breached = event.answer_due, False
                case fact.AnswerOverdue():
                    assert not breached
                    assert event.at == due
                    breached = True
                case fact.AnswerOverdueCorrected():
                    assert breached
                    breached = False
                case fact.FirstAnswerGiven():
                    assert breached == (event.late_minutes > 0)
                case _:
                    pass

    @invariant()
    def the_deadline_is_what_the_ticket_thinks(self) -> None:
        if self.history:
            expected = "armed" if self.state.waiting else None
            assert (self.deadlines["answer"] == "armed") == (expected == "armed")
            if self.state.answer and not self.state.answer.late_minutes:
                assert self.deadlines["answer"] == "met"

    @invariant()
    def what_is_over_stays_over(self) -> None:
        if self.state.ended:
            assert self.state.status in (TicketStatus.MERGED, TicketStatus.CANCELLED, TicketStatus.ARCHIVED)

    @invariant()
    def available_tells_the_truth(self) -> None:
        if not self.history:
            return
        offered = ticket.available(self.state, survey=SurveyOutcome.ANSWERED)
        for action, wanted in self.well_formed().items():
            accepted = granted(ticket, wanted, self.state)
            assert accepted == (offered[action] is None), action

    def well_formed(self) -> dict[str, Command]:
        """For each action a wish with new facts that nothing but the state of the ticket could refuse."""
        now, new = self.now, f"{len(self.history)}"
        proof = CallProof(call_id="new " + new, direction="outbound", seconds=9)
        order = next((key for key, o in self.state.work_orders.items() if o.progress is not Progress.CANCELLED), None)
        wishes: dict[str, Command] = {
            "triage": triage(at=now, lot=new),
            "decide_coverage": wish.DecideCoverage(at=now, by="r", decision=IN.model_copy(update={"note": new})),
            "correct_triage": wish.CorrectTriage(
                at=now, by="r", reason=new, customer_unknown="?", product_unknown="?", decision=IN
            ),
            "answer": wish.AnswerTicket(at=now, by="r", proof=proof),
            "hold": wish.HoldTicket(at=now, by="r", reason=new),
            "escalate": wish.EscalateTicket(at=now, by="r", question=new),
            "answer_escalation": wish.AnswerEscalation(at=now, by="hq", answer=new),
            "dispatch": wish.DispatchTicket(
                at=now, by="d", work_order=an_id(new), purpose=Purpose.REPAIR, goodwill="好意"
            ),
            "resolve": wish.ResolveTicket(at=now, by="r", resolution=new),
            "reopen": reopen(at=now, reason=new),
            "merge": merge(at=now, reason=new),
            "cancel": cancel(at=now, reason=new),
        }
        if self.state.closed is None:
            wishes["close"] = close(at=now)
        if self.state.hold or not self.state.resumed:
            wishes["resume"] = resume(at=now)
        if not self.state.ended:
            wishes["archive"] = archive(at=now)
        if order or not self.state.work_orders:
            wishes["record_visit"] = wish.RecordVisit(
                at=now, by="r", visit=an_id(new), work_order=order or an_id(new), engineer="wang"
            )
        return wishes


class ComplaintLife(Life):
    decider: Decider[Any] = complaint
    state: complaint.Complaint

    @initialize(engineer=st.sampled_from(["wang", "qian", None]))
    def lodged(self, engineer: str | None) -> None:
        assert self.ask(lodge(engineer=engineer))

    @rule(hours=st.sampled_from([1, 23, 24, 25]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def acknowledged(self) -> None:
        self.ask(acknowledge(at=self.now))

    @rule(who=st.sampled_from(["zhao", "wang"]))
    def investigated(self, who: str) -> None:
        self.ask(investigate(at=self.now, investigator=who))

    @rule(who=st.sampled_from(["wang", "qian", "zhao"]))
    def named(self, who: str) -> None:
        self.ask(grievance.NameSubject(at=self.now, by="manager", engineer=who))

    @rule(who=st.sampled_from(["zhao", "sun"]))
    def evidence_added(self, who: str) -> None:
        self.ask(evidence(at=self.now, by=who, sha256=f"{self.a_number():064x}"))

    @rule(who=st.sampled_from(["wang", "qian"]))
    def stated(self, who: str) -> None:
        self.ask(statement(at=self.now, engineer=who))

    @rule()
    def timer(self) -> None:
        self.ask(grievance.LapseStatement(at=self.now, by="timer:statement"))

    @rule(who=st.sampled_from(["manager", "zhao", "wang", "sun"]), category=st.sampled_from(["4.2.1", "other"]))
    def substantiated(self, who: str, category: str) -> None:
        before = self.state
        events = self.ask(substantiate(at=self.now, by=who, category=category))
        if events:
            assert who not in before.preparers
            assert who != before.engineer
            assert before.evidence
            assert before.engineer or category == "other"
            assert self.state.statement or self.state.lapsed or before.engineer is None

    @rule(who=st.sampled_from(["manager", "zhao", "wang", "sun"]))
    def dismissed(self, who: str) -> None:
        before = self.state
        if self.ask(dismiss(at=self.now, by=who)):
            assert who not in before.preparers | {before.engineer}

    @rule(words=st.sampled_from(["道歉", "更换"]))
    def planned(self, words: str) -> None:
        self.ask(plan(at=self.now, remedy=words))

    @rule()
    def completed(self) -> None:
        self.ask(complete(at=self.now))

    @rule()
    def closed(self) -> None:
        self.ask(close_complaint(at=self.now))

    @rule(steps=st.integers(1, 6), guilty=st.booleans())
    def goes_the_usual_way(self, steps: int, guilty: bool) -> None:
        """Without this, chance hardly ever comes to the end of a case."""
        for _ in range(steps):
            self.step(guilty)

    def step(self, guilty: bool) -> None:
        match self.state.status:
            case ComplaintStatus.LODGED:
                self.acknowledged()
            case ComplaintStatus.ACKNOWLEDGED:
                self.investigated("zhao")
            case ComplaintStatus.INVESTIGATING if not self.state.evidence:
                self.evidence_added("zhao")
            case ComplaintStatus.INVESTIGATING if guilty:
                self.time_passes(25)
                self.substantiated("manager", "4.2.1" if self.state.engineer else "other")
            case ComplaintStatus.INVESTIGATING:
                self.dismissed("manager")
            case ComplaintStatus.SUBSTANTIATED:
                self.planned("道歉")
            case ComplaintStatus.REMEDY_PLANNED:
                self.completed()
            case _:
                self.closed()

    @rule(really=st.sampled_from([False, False, False, True]))
    def withdrawn(self, really: bool) -> None:
        """Seldom: there is no life after it."""
        if really:
            self.ask(withdraw(at=self.now))

    @invariant()
    def a_substantiated_complaint_closes_after_its_remedy(self) -> None:
        if isinstance(self.state.finding, fact.ComplaintSubstantiated) and self.count_of(fact.ComplaintClosed):
            assert self.count_of(fact.RemedyCompleted) == 1

    @invariant()
    def there_is_one_finding_at_most(self) -> None:
        assert self.count_of(fact.ComplaintSubstantiated) + self.count_of(fact.ComplaintDismissed) <= 1

    @invariant()
    def no_statement_is_awaited_once_it_is_decided(self) -> None:
        if self.state.finding or self.state.withdrawn:
            assert self.deadlines.get("statement") != "armed"
        elif self.state.statement_awaited:
            assert self.deadlines["statement"] == "armed"

    @invariant()
    def available_tells_the_truth(self) -> None:
        if not self.history:
            return
        new = f"{len(self.history)}"
        offered = complaint.available(self.state, "manager", self.now)
        subject = self.state.engineer or "wang"
        wishes: dict[str, Command] = {
            "start_investigation": investigate(at=self.now, investigator="new " + new),
            "name_subject": grievance.NameSubject(at=self.now, by="m", engineer="new " + new),
            "add_evidence": evidence(at=self.now, sha256=f"{10**9 + len(self.history):064x}"),
            "give_statement": statement(at=self.now, engineer=subject, statement=new),
            "substantiate": substantiate(at=self.now, category="other", reasons=new),
            "dismiss": dismiss(at=self.now, reasons=new),
            "plan_remedy": plan(at=self.now, remedy=new),
            "withdraw": withdraw(at=self.now, reason=new),
        }
        if self.state.outcome is None:
            wishes["complete_remedy"] = complete(at=self.now)
        for action, wanted in wishes.items():
            assert granted(complaint, wanted, self.state) == (offered[action] is None), action


def granted(decider: Decider[Any], wanted: Command, state: Any) -> bool:
    try:
        return bool(decider.decide(wanted, state))
    except Refused:
        return False


def with_chance(machine: type[RuleBasedStateMachine]) -> Callable[..., Any]:
    machine.TestCase.settings = CHANCE
    return machine.TestCase


TestTicketLife = with_chance(TicketLife)
TestComplaintLife = with_chance(ComplaintLife)
