"""Whole lives by chance: whatever people do in whatever order, what was promised of claims and trips holds."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from services.dispatch.domain import claim, trip
from services.dispatch.domain.claim_commands import RemoveLine
from services.dispatch.domain.claim_state import Claim
from services.dispatch.domain.trip import (
    CancelTrip,
    ChangeTrip,
    ClaimTripExpenses,
    EndTrip,
    ReleaseTripExpenses,
    Trip,
)
from services.dispatch.wording import in_words
from shared.calendar import day_of
from shared.decider import Command, Decider
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import Check, DayUse, ExpenseKind, Stop, TripStatus
from shared.events.dispatch import ClaimStatus as S
from tests.unit.dispatch.expense_examples import (
    PAPER,
    T0,
    an_id,
    approve,
    approve_finance,
    approve_general,
    checks,
    draft,
    find_fraud,
    grant,
    investigate,
    line,
    pay,
    plan,
    reject,
    reject_line,
    restore,
    revise,
    send_back,
    submit,
    withdraw,
)
from tests.unit.tickets.test_lives import Life, granted, with_chance

WHO = st.sampled_from(["E04", "li.na", "zhao.min", "chen.gm", "qian.yu", "wu.cashier"])
"""The engineer, the dispatcher who may write for them, the manager, the general manager, finance, the cashier."""
NAMES = st.sampled_from(["hotel", "train", "far"])
HOW = st.sampled_from(["well", "alone", "carelessly", "for nothing"])
OVER = frozenset({S.PAID, S.REJECTED, S.WITHDRAWN, S.FRAUD_FOUND})


class ToldTwice(Life):
    """A life in which everybody says everything twice, and every event can be told."""

    def __init__(self) -> None:
        super().__init__()
        self.now = T0

    def ask(self, command: Command) -> Sequence[Event] | None:
        events = super().ask(command)
        if events:
            assert self.decider.decide(command, self.state) == []
        for event in events or ():
            assert in_words(event).zh
        return events


class ClaimLife(ToldTwice):
    decider: Decider[Any] = claim
    state: Claim

    @initialize(steps=st.integers(0, 5), how=HOW)
    def drafted(self, steps: int, how: str) -> None:
        assert self.ask(draft())
        self.goes_the_usual_way(steps, how)

    @rule(hours=st.sampled_from([1, 30]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(name=NAMES, amount=st.sampled_from(["90.00", "399.99", "5100.00"]), who=st.sampled_from(["E04", "li.na"]))
    def written(self, name: str, amount: str, who: str) -> None:
        """The far one's city isn't on the itinerary; of the train there is no cap."""
        facts: dict[str, Any] = {"train": {"kind": ExpenseKind.LONG_DISTANCE}, "far": {"city": "宁波"}}.get(name, {})
        self.ask(line(name, amount, at=self.now, by=who, **facts))

    @rule(name=NAMES)
    def removed(self, name: str) -> None:
        self.ask(RemoveLine(line=an_id(name), at=self.now, by="E04"))

    @rule(who=st.sampled_from(["E04", "li.na"]))
    def submitted(self, who: str) -> None:
        if self.ask(submit(by=who).model_copy(update={"at": self.now})):
            assert self.state.lines
            self.checked()

    @rule()
    def checked(self) -> None:
        if self.state.lines:
            self.ask(checks(self.state).model_copy(update={"at": self.now}))

    @rule(who=WHO, name=NAMES, check=st.sampled_from([Check.CITY, Check.CAP, Check.UNIQUE]))
    def excepted(self, who: str, name: str, check: Check) -> None:
        if self.ask(self.late(grant(check, name, by=who))):
            assert check is not Check.UNIQUE

    @rule(who=WHO, name=NAMES, allowed=st.sampled_from(["0.00", "50.00", "400.00"]))
    def line_rejected(self, who: str, name: str, allowed: str) -> None:
        before = self.state.approvable
        if self.ask(self.late(reject_line(name, allowed, by=who))):
            assert self.state.approvable < before

    @rule(who=WHO)
    def approved(self, who: str) -> None:
        if self.ask(self.late(approve(by=who))):
            assert not any(self.state.open_failures(line) for line in self.state.lines)

    @rule(who=WHO)
    def approved_by_general(self, who: str) -> None:
        self.ask(self.late(approve_general(by=who)))

    @rule(who=WHO)
    def approved_by_finance(self, who: str) -> None:
        self.ask(self.late(approve_finance(by=who)))

    @rule(who=WHO)
    def paid(self, who: str) -> None:
        if self.ask(self.late(pay(by=who, paid_on=day_of(self.now)))):
            assert self.count_of(fact.ExpenseApproved)

    @rule(who=WHO)
    def returned(self, who: str) -> None:
        self.ask(self.late(send_back(by=who, reasons=f"请补票 {self.a_number()}")))

    @rule()
    def revised(self) -> None:
        self.ask(self.late(revise()))

    @rule(who=WHO, end=st.sampled_from(["", "", "", "withdraw", "reject"]))
    def ended(self, who: str, end: str) -> None:
        """Seldom: there is no life after it."""
        match end:
            case "withdraw":
                self.ask(self.late(withdraw(by=who)))
            case "reject":
                self.ask(self.late(reject(by=who)))
            case _:
                pass

    @rule(who=WHO)
    def doubted(self, who: str) -> None:
        self.ask(self.late(investigate(by=who, reason=f"票面有涂改 {self.a_number()}", evidence=(PAPER,))))

    @rule(who=WHO)
    def restored(self, who: str) -> None:
        before = self.state.before
        if self.ask(self.late(restore(by=who, reasons=f"酒店已证实 {self.a_number()}"))):
            assert self.state.status is before

    @rule(who=WHO, really=st.sampled_from([False, False, True]))
    def found_fraudulent(self, who: str, really: bool) -> None:
        if really and self.ask(self.late(find_fraud(by=who))):
            assert self.state.investigation
            assert self.state.investigation.opened_by != who

    @rule(steps=st.integers(2, 6), how=HOW)
    def goes_the_usual_way(self, steps: int, how: str) -> None:
        """Without this, chance hardly ever comes to the end of a life: nor to one person who wants to do it all, to a
        failed check that is overlooked, to the approval of nothing."""
        for _ in range(steps):
            self.step("zhao.min" if how == "alone" else None, how)

    def step(self, alone: str | None, how: str) -> None:
        match self.state.status:
            case S.DRAFT:
                self.written("far" if how == "carelessly" else "hotel", "90.00", "E04")
                self.submitted("E04")
            case S.CHECKED:
                if how == "for nothing":
                    for name in ("hotel", "train", "far"):
                        self.line_rejected("zhao.min", name, "0.00")
                elif how != "carelessly":
                    self.excepted("zhao.min", "far", Check.CITY)
                self.approved("zhao.min")
            case S.MANAGER_APPROVED if self.state.submitted and self.state.submitted.general_manager:
                self.approved_by_general(alone or "chen.gm")
            case S.MANAGER_APPROVED | S.GENERAL_MANAGER_APPROVED:
                self.approved_by_finance(alone or "qian.yu")
            case S.FINANCE_APPROVED:
                self.paid("wu.cashier")
            case S.RETURNED:
                self.revised()
            case _:
                pass

    def late(self, command: Command) -> Command:
        return command.model_copy(update={"at": self.now})

    @invariant()
    def four_eyes_at_every_step(self) -> None:
        """⚖: nobody approves what is theirs, and nobody twice."""
        approvers = self.state.approvers
        assert len(set(approvers)) == len(approvers)
        assert not self.state.claimants & set(approvers)
        assert {"E04"} <= self.state.claimants or not self.history

    @invariant()
    def what_finance_approved_passed_every_desk(self) -> None:
        steps: list[str] = []
        for event in self.history:
            match event:
                case fact.ExpenseSubmitted():
                    steps = ["general"] if event.general_manager else []
                case fact.ExpenseManagerApproved():
                    steps.append("manager")
                case fact.ExpenseGeneralManagerApproved():
                    assert "general" in steps
                    steps.remove("general")
                case fact.ExpenseApproved():
                    assert steps == ["manager"]
                    assert event.total == sum((each.amount for each in event.lines), Decimal(0)) > 0
                case fact.ExpensePaid():
                    approved = self.state.approved
                    assert approved
                    assert event.total == approved.total
                case _:
                    pass

    @invariant()
    def no_line_is_worth_more_than_was_claimed(self) -> None:
        for each in self.state.lines.values():
            assert Decimal(0) <= self.state.allowed(each) <= each.amount
        assert self.state.approvable <= self.state.total

    @invariant()
    def it_ends_once_and_is_paid_once(self) -> None:
        assert self.count_of(fact.ExpensePaid) <= 1
        assert self.count_of(fact.ExpenseFraudFound) <= 1
        ends = [kind for kind in (fact.ExpenseRejected, fact.ExpenseWithdrawn) if self.count_of(kind)]
        assert len(ends) <= 1
        if ends:
            assert isinstance(self.history[-1], ends[0])

    @invariant()
    def available_tells_the_truth(self) -> None:
        if not self.history:
            return
        new, by, failed = f"new {len(self.history)}", "somebody", self.failed_first()
        wishes: dict[str, Command] = {
            "record_line": line(new, at=self.now),
            "submit": submit(),
            "withdraw": withdraw(reason=new),
            "revise": revise(),
            "approve": approve(by=by),
            "approve_general": approve_general(by=by),
            "approve_finance": approve_finance(by=by),
            "return": send_back(by=by, reasons=new),
            "reject": reject(by=by, reasons=new),
            "pay": pay(by=by, paid_on=day_of(self.now)),
            "investigate": investigate(by=by, reason=new),
            "restore": restore(by=by, reasons=new),
            "find_fraud": find_fraud(by=by),
        }
        if failed:
            wishes["grant_exception"] = grant(failed.check, by=by).model_copy(update={"line": failed.line})
        offered = claim.available(self.state, {by})
        for action, wanted in wishes.items():
            assert granted(claim, self.late(wanted), self.state) == (offered[action] is None), action
        if self.state.status in OVER - {S.PAID}:
            assert all(offered.values())

    def failed_first(self) -> Any:
        """A failed check that may be excused, if there is one."""
        found = (each for id in self.state.lines for each in self.state.open_failures(id))
        return next((each for each in found if each.check in (Check.CITY, Check.CAP)), None)


class TripLife(ToldTwice):
    decider: Decider[Any] = trip
    state: Trip

    @initialize()
    def planned(self) -> None:
        assert self.ask(plan())
        self.now += timedelta(days=1)

    @rule(first=st.integers(5, 9), days=st.integers(-1, 6))
    def changed(self, first: int, days: int) -> None:
        starts = date(2026, 10, first)
        ends = starts + timedelta(days=days)
        stop = Stop(city="杭州", from_day=starts, until_day=starts)
        wish = ChangeTrip(starts=starts, ends=ends, stops=(stop,), reason=f"{self.a_number()}", at=self.now, by="li.na")
        if self.ask(wish):
            assert days >= 0

    @rule(day=st.integers(4, 14))
    def ended(self, day: int) -> None:
        self.ask(EndTrip(ends=date(2026, 10, day), at=self.now, by="E04"))

    @rule(really=st.sampled_from([False, False, True]))
    def cancelled(self, really: bool) -> None:
        if really and self.ask(CancelTrip(reason="客户取消", at=self.now, by="li.na")):
            assert not self.state.uses

    @rule(who=st.sampled_from(["a", "b"]), amount=st.sampled_from(["80.00", "90.00"]))
    def claimed(self, who: str, amount: str) -> None:
        use = DayUse(kind=ExpenseKind.MEALS, day=date(2026, 10, 8), amount=Decimal(amount))
        self.ask(ClaimTripExpenses(claim=an_id(who), uses=(use,), at=self.now, by="E04"))

    @rule(who=st.sampled_from(["a", "b"]))
    def released(self, who: str) -> None:
        self.ask(ReleaseTripExpenses(claim=an_id(who), at=self.now, by="E04"))

    @invariant()
    def its_days_are_in_order_and_its_home_is_among_its_cities(self) -> None:
        if self.history:
            assert self.state.starts <= self.state.ends
            assert len(self.state.days) == (self.state.ends - self.state.starts).days + 1
            assert "上海" in self.state.cities

    @invariant()
    def nothing_is_claimed_for_what_didnt_take_place(self) -> None:
        if self.state.status is TripStatus.CANCELLED:
            assert not self.state.uses

    @invariant()
    def available_tells_the_truth(self) -> None:
        if not self.history:
            return
        new, by = f"new {len(self.history)}", "somebody"
        days = {"starts": self.state.starts, "ends": self.state.ends + timedelta(days=1)}
        later = self.now + timedelta(days=30)
        wishes: dict[str, Command] = {
            "change": ChangeTrip.model_validate({**days, "reason": new, "at": later, "by": by}),
            "end": EndTrip(ends=self.state.ends, at=later, by=by),
            "cancel": CancelTrip(reason=new, at=later, by=by),
            "draft_claim": ClaimTripExpenses(claim=an_id(new), uses=(), at=later, by=by),
        }
        offered = trip.available(self.state)
        if self.state.status is TripStatus.ENDED:
            del wishes["end"]  # said again, it changes nothing
        for action, wanted in wishes.items():
            assert granted(trip, wanted, self.state) == (offered[action] is None), action


TestClaimLife = with_chance(ClaimLife)
TestTripLife = with_chance(TripLife)
