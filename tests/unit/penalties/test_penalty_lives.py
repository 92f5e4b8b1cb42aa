"""Whole lives of penalties by chance: whatever is wished by whomever in whatever order, what was promised holds."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from services.penalties.domain import penalty
from services.penalties.domain import penalty_commands as wish
from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.penalty_state import Penalty
from services.penalties.views.penalty import shown
from services.penalties.wording import in_words
from shared.decider import Command, Decider
from shared.events import penalties as fact
from shared.events.base import Event
from shared.events.penalties import AppealOutcome, DropCause, Mode, PenaltyDeadline, ReviewOutcome
from shared.events.penalties import PenaltyStatus as S
from tests.unit.penalties.penalty_examples import (
    SCHEDULE,
    T0,
    appeal,
    confirm,
    demerit,
    execute,
    impose,
    notice,
    propose,
    raise_,
    reconsider,
    reverse,
    review,
    state,
    timer,
    waive,
)
from tests.unit.tickets.test_lives import Life, granted, with_chance

D = PenaltyDeadline
STAFF = ["sun.hong", "zhao.min", "chen.wei", "lin.tao", "qian.gm", "he.ping"]
WHO = st.sampled_from([*STAFF, "li.na", "E04"])
"""Li.na had sent the engineer E04."""
OUTCOME = st.sampled_from(list(AppealOutcome))
STEPS = st.lists(st.sampled_from(["on", "on", "on", "silence", "doubt", "review"]), max_size=6)
OF_TIMERS: Mapping[PenaltyDeadline, type[Command]] = {
    D.NOTICE: wish.LapseNotice,
    D.STATEMENT: wish.LapseStatement,
    D.DECISION: wish.LapseDecision,
    D.APPEAL: wish.BecomeFinal,
    D.APPEAL_DECISION: wish.LapseAppealDecision,
    D.REVIEW: wish.LapseReview,
}
DECISIONS = (fact.PenaltyImposed, fact.PenaltyWaived, fact.SuspicionWithdrawn)
OVER = frozenset({S.WITHDRAWN, S.WAIVED, S.REVERSED})


class PenaltyLife(Life):
    decider: Decider[Any] = penalty
    state: Penalty

    def __init__(self) -> None:
        super().__init__()
        self.now = T0

    def ask(self, command: Command) -> Sequence[Event] | None:
        """Everybody says everything twice, and every event can be told."""
        events = super().ask(command)
        for event in events or ():
            words = in_words(event)
            assert words.zh
            assert words.en
        if events:
            seen = shown(self.state, VERSION_1, "zh")
            assert seen["status"] == self.state.status
            assert [wait["due"] for wait in seen["waits"]] == sorted(self.state.clocks.values())
        if events:
            assert penalty.decide(command, self.state) == []
        return events

    @initialize(kind=st.sampled_from([raise_, raise_, demerit]), steps=STEPS, outcome=OUTCOME)
    def raised(self, kind: Any, steps: list[str], outcome: AppealOutcome) -> None:
        """Without going some way first, chance hardly ever comes to the end of a life."""
        assert self.ask(kind())
        self.goes_on(["on", "on"], outcome, None)
        self.goes_on(steps, outcome, None)

    @rule(steps=STEPS, outcome=OUTCOME, alone=st.sampled_from([None, *STAFF]))
    def goes_on(self, steps: list[str], outcome: AppealOutcome, alone: str | None) -> None:
        """The usual way; or nobody does anything until a time is up; or what was decided is doubted. Perhaps with one
        person who wants to do it all."""
        for step in steps:
            match step:
                case "on":
                    self.usual_step(outcome, alone)
                case "silence" if self.state.clocks:
                    self.now = max(self.now, min(self.state.clocks.values()))
                    self.timers(None)
                case "doubt" if self.state.imposed:
                    self.reconsidered()
                case "review" if self.state.review:
                    reverses = outcome is not AppealOutcome.UPHELD
                    self.reviewed(alone or "zhao.min", ReviewOutcome.STANDS)
                    self.reviewed("qian.gm", ReviewOutcome.REVERSED if reverses else ReviewOutcome.STANDS)
                case _:
                    pass

    def usual_step(self, outcome: AppealOutcome, alone: str | None) -> None:
        match self.state.status:
            case S.SUSPECTED:
                self.noticed(alone or "sun.hong")
            case S.NOTICED:
                self.stated("E04")
            case S.STATED | S.STATEMENT_LAPSED:
                self.judged(alone or "zhao.min", impose, None)
                self.judged("zhao.min", impose, None)
            case S.IMPOSED:
                self.appealed("E04")
            case S.APPEALED if self.state.proposal is None:
                self.proposed(alone or "chen.wei", outcome)
                self.proposed("chen.wei", outcome)
            case S.APPEALED:
                self.confirmed(alone or self.state.proposal.proposed_by if self.state.proposal else "lin.tao")
                self.confirmed("lin.tao")
            case S.FINAL:
                self.executed("20.00")
            case _:
                pass

    @rule(hours=st.sampled_from([0, 0, 1, 1, 1, 23, 24, 24 * 7]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(only=st.sampled_from([None, *PenaltyDeadline]))
    def timers(self, only: PenaltyDeadline | None) -> None:
        """All that are due come, or one of them, or one that isn't due."""
        for name, kind in OF_TIMERS.items():
            if only in (None, name):
                more = {"schedule": SCHEDULE} if name is D.STATEMENT else {}
                due = self.state.clocks.get(name)
                events = self.ask(timer(kind, self.now, **more))
                if events:
                    assert due
                    assert events[0].at == due <= self.now

    @rule(who=WHO)
    def noticed(self, who: str) -> None:
        if self.ask(notice(at=self.now, by=who)):
            assert who != "E04"

    @rule(who=st.sampled_from(["E04", "E04", "E05"]))
    def stated(self, who: str) -> None:
        undecided = not self.count_of(fact.PenaltyImposed) and not self.count_of(fact.PenaltyWaived)
        if self.ask(state(at=self.now, engineer=who, statement=f"封路 {self.a_number()}")):
            assert undecided
            assert who == "E04"

    @rule(who=WHO, kind=st.sampled_from([impose, impose, impose, waive]), number=st.sampled_from([None, None, "E04"]))
    def judged(self, who: str, kind: Any, number: str | None) -> None:
        heard = self.state.statement or self.state.lapsed
        noticed = self.state.noticed
        if self.ask(kind(at=self.now, by=who, decider_engineer=number)):
            assert number is None
            assert heard or (noticed and self.now >= noticed.statement_due)

    @rule()
    def scored(self) -> None:
        """D8"""
        if self.ask(impose(at=self.now, mode=Mode.SCORE_ONLY)):
            assert self.state.amount == 0

    @rule()
    def refused_while_another_stands(self) -> None:
        """D7"""
        assert not self.ask(impose(at=self.now, by="he.ping", standing="CF-1"))

    @rule(who=st.sampled_from(["E04", "E04", "E05"]))
    def appealed(self, who: str) -> None:
        if self.ask(appeal(at=self.now, engineer=who, grounds=f"截图 {self.a_number()}")):
            assert who == "E04"

    @rule(who=WHO, outcome=OUTCOME)
    def proposed(self, who: str, outcome: AppealOutcome) -> None:
        less = {"amount": Decimal("20.00")} if outcome is AppealOutcome.REDUCED else {}
        if outcome is AppealOutcome.REDUCED and self.state.imposed and self.state.imposed.score:
            less = {"score": 1}
        self.ask(propose(outcome, at=self.now, by=who, reasons=f"截图属实 {self.a_number()}", **less))

    @rule(who=WHO)
    def confirmed(self, who: str) -> None:
        found = self.state.proposal
        reduced = found and found.outcome is AppealOutcome.REDUCED
        less: dict[str, Any] = {}
        if found and reduced:
            less = {"score": found.score} if found.score else {"amount": found.amount}
        self.ask(confirm(found.outcome if found else AppealOutcome.UPHELD, at=self.now, by=who, **less))

    @rule(taken=st.sampled_from(["0.00", "20.00", "50.00", "50.01"]))
    def executed(self, taken: str) -> None:
        cause = DropCause.CAP if self.state.amount > Decimal(taken) else None
        if self.ask(execute(taken, at=self.now, dropped_for=cause)):
            assert self.state.final
            assert not self.state.review

    @rule(really=st.sampled_from([False, False, False, True]))
    def excused(self, really: bool) -> None:
        """Seldom: a suspicion doesn't live on."""
        if really or self.state.imposed:
            self.reconsidered()

    def reconsidered(self) -> None:
        self.ask(reconsider(at=self.now, event=f"dispatch-{self.a_number()}"))

    @rule(who=WHO, outcome=st.sampled_from(list(ReviewOutcome)))
    def reviewed(self, who: str, outcome: ReviewOutcome) -> None:
        self.ask(review(outcome, at=self.now, by=who, reasons=f"轨迹已核对 {self.a_number()}"))

    @rule(who=WHO, really=st.sampled_from([False, False, True]))
    def reversed_(self, who: str, really: bool) -> None:
        if really:
            self.ask(reverse(at=self.now, by=who))

    @invariant()
    def it_is_decided_once_at_every_step(self) -> None:
        assert sum(map(self.count_of, DECISIONS)) <= 1
        for kind in (fact.AppealLodged, fact.AppealDecided, fact.PenaltyFinal, fact.PenaltyExecuted):
            assert self.count_of(kind) <= 1
        assert self.count_of(fact.PenaltyReversed) <= 1
        assert self.count_of(fact.ReviewOpened) - self.count_of(fact.ReviewDecided) in (0, 1)

    @invariant()
    def nobody_decides_who_took_part(self) -> None:
        """⚖ D6"""
        involved = {"li.na", "E04"}
        part: set[str] = set(involved)
        for event in self.history:
            match event:
                case fact.PenaltyNoticed():
                    part.add(event.noticed_by)
                case fact.PenaltyImposed():
                    assert event.imposed_by not in part
                    part.add(event.imposed_by)
                case fact.PenaltyWaived() if event.cause is fact.WaiverCause.DECIDED:
                    assert event.waived_by not in part
                case fact.AppealDecided():
                    assert not part & set(event.decided_by)
                    assert event.lapsed or len(set(event.decided_by)) == 2
                    part |= set(event.decided_by)
                case fact.ReviewDecided() if not event.lapsed:
                    assert event.decided_by not in part
                    part.add(event.decided_by)
                case _:
                    pass

    @invariant()
    def it_never_costs_more_than_the_policy_says(self) -> None:
        raised = self.state.raised
        amounts = [raised.amount if raised else Decimal(0)]
        for event in self.history:
            if isinstance(event, fact.PenaltyImposed | fact.AppealDecided | fact.PenaltyFinal | fact.PenaltyExecuted):
                amounts.append(event.amount)
            if isinstance(event, fact.PenaltyExecuted):
                assert Decimal(0) <= event.taken <= event.amount
        assert amounts == sorted(amounts, reverse=True)

    @invariant()
    def it_is_final_when_no_appeal_is_open_any_more(self) -> None:
        final, decided = self.state.final, self.state.appeal_decided
        if final:
            imposed = self.state.imposed
            assert imposed
            assert decided or final.at >= imposed.appeal_due
            assert not decided or decided.outcome is not AppealOutcome.REVOKED
        if self.state.executed:
            assert final

    @invariant()
    def the_clocks_are_the_deadlines_of_the_log(self) -> None:
        armed = {name for name, was in self.deadlines.items() if was == "armed"}
        assert {str(name) for name in self.state.clocks} == armed
        if self.state.status in OVER:
            assert not armed
        elif self.state.status not in (S.APPEAL_DECIDED, S.FINAL, S.EXECUTED):
            assert armed

    @invariant()
    def available_tells_the_truth(self) -> None:
        if not self.history:
            return
        new = f"{len(self.history)}"
        found = self.state.proposal
        less: dict[str, Any] = {}
        if found and found.outcome is AppealOutcome.REDUCED:
            less = {"score": found.score} if found.score else {"amount": found.amount}
        for by, engineer in (("he.ping", None), ("zhao.min", None), ("chen.wei", None), ("E04", "E04")):
            who = {"at": self.now, "by": by}
            decider = {"decider_engineer": engineer}
            speaker = {"at": self.now, "engineer": engineer or "-"}
            wishes: dict[str, Command] = {
                "notice": notice(**who, **decider),
                "give_statement": state(**speaker, statement=new),
                "impose": impose(**who, **decider, reasons=new),
                "waive": waive(**who, **decider, reasons=new),
                "lodge_appeal": appeal(**speaker, grounds=new),
                "propose_appeal_decision": propose(**who, **decider, reasons=new),
                "decide_review": review(**who, **decider, reasons=new),
                "reverse": reverse(**who, **decider, reasons=new),
            }
            if found:
                wishes["confirm_appeal_decision"] = confirm(found.outcome, **who, **decider, **less)
            offered = penalty.available(self.state, by, engineer, self.now, SCHEDULE)
            for action, wanted in wishes.items():
                assert granted(penalty, wanted, self.state) == (offered[action] is None), (action, by)


TestPenaltyLife = with_chance(PenaltyLife)
