"""Whole lives by chance: whatever people do in whatever order, what was promised of parts, stock and claims holds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from services.dispatch.domain import part_request, stock, supplier_claim
from services.dispatch.domain.part_request_commands import CorrectPartUse
from services.dispatch.domain.part_request_state import PartRequest
from services.dispatch.wording import in_words
from shared.decider import Command, Decider
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.events.dispatch import PartCondition, StockCause, SupplierAnswer
from shared.events.dispatch import PartRequestStatus as S
from shared.events.dispatch import SupplierClaimStatus as C
from tests.unit.dispatch.part_examples import (
    abandon,
    answered,
    approve,
    ask,
    bought,
    cancel,
    claim_overdue,
    close,
    consume,
    count,
    deliver,
    for_van,
    give_back,
    issue,
    notify,
    old_overdue,
    open_claim,
    order,
    plan_production,
    produced,
    received,
    refuse_release,
    release,
    reserve,
    return_old,
    set_apart,
    set_free,
    settle,
    ship,
    take_in,
    waive_old,
)
from tests.unit.tickets.examples import T0, an_id
from tests.unit.tickets.test_lives import Life, granted, with_chance

MANY = [Decimal(1), Decimal("7.5"), None]


class TwiceLife(Life):
    """A life in which everybody says everything twice."""

    def ask(self, command: Command) -> Sequence[Event] | None:
        """A retry of what was granted changes nothing."""
        events = super().ask(command)
        if events:
            assert self.decider.decide(command, self.state) == []
        for event in events or ():
            assert in_words(event).zh
        return events


class PartRequestLife(TwiceLife):
    decider: Decider[Any] = part_request
    state: PartRequest

    @initialize(how=st.sampled_from([ask, bought, for_van]))
    def asked(self, how: Any) -> None:
        assert self.ask(how())

    @rule(hours=st.sampled_from([1, 30, 24 * 16]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(who=st.sampled_from(["zhao.min", "li.na", "E04"]))
    def approved(self, who: str) -> None:
        if self.ask(approve(at=self.now, by=who)):
            assert who == "zhao.min"

    @rule(really=st.sampled_from([False, False, False, True]))
    def cancelled(self, really: bool) -> None:
        """Seldom: there is no life after it."""
        if really and self.ask(cancel(at=self.now)):
            assert not self.count_of(fact.SparePartShipped)

    @rule(who=st.sampled_from(["cang.ku", "zhi.jian"]))
    def reserved(self, who: str) -> None:
        self.ask(reserve(at=self.now, by=who))

    @rule(more=st.sampled_from([0, 5]))
    def planned(self, more: int) -> None:
        self.ask(plan_production(at=self.now, due=self.now.date(), quantity=Decimal(20 + more)))

    @rule(who=st.sampled_from(["cang.ku", "zhi.jian"]))
    def made(self, who: str) -> None:
        self.ask(produced(at=self.now, by=who))

    @rule()
    def ordered(self) -> None:
        self.ask(order(at=self.now, due=self.now.date()))

    @rule(who=st.sampled_from(["cang.ku", "zhi.jian"]))
    def arrived(self, who: str) -> None:
        self.ask(received(at=self.now, by=who))

    @rule(who=st.sampled_from(["zhi.jian", "zhi.jian.2", "cai.gou"]))
    def released(self, who: str) -> None:
        procurers = self.state.procurers
        if self.ask(release(at=self.now, by=who)):
            assert who not in procurers

    @rule(who=st.sampled_from(["zhi.jian", "cang.ku"]))
    def found_bad(self, who: str) -> None:
        self.ask(refuse_release(at=self.now, by=who, certificate=f"ZJ-{self.a_number()}"))

    @rule()
    def shipped(self) -> None:
        self.ask(ship(at=self.now))

    @rule(many=st.sampled_from([Decimal(0), Decimal(19), None]))
    def delivered(self, many: Decimal | None) -> None:
        self.ask(deliver(at=self.now, quantity=many, note="途中破损"))

    @rule(many=st.sampled_from(MANY))
    def used(self, many: Decimal | None) -> None:
        self.ask(consume(at=self.now, quantity=many, use=an_id(f"use {self.a_number()}")))

    @rule(less=st.sampled_from([Decimal(0), Decimal(1), Decimal("7.5")]))
    def corrected(self, less: Decimal) -> None:
        uses = [e.use for e in self.history if isinstance(e, fact.SparePartConsumed)]
        if uses:
            self.ask(CorrectPartUse(at=self.now, by="zhao.min", use=uses[-1], quantity=less, reason="数错"))

    @rule(many=st.sampled_from(MANY), how=st.sampled_from(PartCondition))
    def given_back(self, many: Decimal | None, how: PartCondition) -> None:
        back = an_id(f"back {self.a_number()}")
        self.ask(give_back(at=self.now, quantity=many, condition=how, giving_back=back, note="外壳开裂"))

    @rule()
    def old_part_back(self) -> None:
        self.ask(return_old(at=self.now))

    @rule(who=st.sampled_from(["zhao.min", "E04"]))
    def old_part_waived(self, who: str) -> None:
        self.ask(waive_old(at=self.now, by=who))

    @rule()
    def timer(self) -> None:
        self.ask(old_overdue(at=self.now))

    @rule()
    def closed(self) -> None:
        self.ask(close(at=self.now))

    @rule(steps=st.integers(1, 8))
    def goes_the_usual_way(self, steps: int) -> None:
        """Without this, chance hardly ever comes to the end of a life."""
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        match self.state.status:
            case S.REQUESTED:
                self.approved("zhao.min")
            case S.APPROVED:
                self.reserved("cang.ku")
            case S.PRODUCTION_PLANNED:
                self.made("cang.ku")
            case S.PURCHASE_ORDERED:
                self.arrived("cang.ku")
            case S.RESERVED | S.PRODUCED | S.RECEIVED:
                self.released("zhi.jian.2")
            case S.QUALITY_RELEASED:
                self.shipped()
            case S.SHIPPED:
                self.delivered(None)
            case S.DELIVERED:
                self.used(None)
            case _:
                self.old_part_back()
                self.closed()

    @invariant()
    def whatever_shipped_was_released_after_it_was_procured_last(self) -> None:
        """0.2"""
        good = False
        for event in self.history:
            match event:
                case fact.QualityReleased():
                    good = True
                case (
                    fact.QualityRefused()
                    | fact.SparePartReserved()
                    | fact.SparePartProduced()
                    | fact.SparePartReceived()
                ):
                    good = False
                case fact.SparePartShipped():
                    assert good
                case _:
                    pass

    @invariant()
    def nothing_comes_from_nowhere(self) -> None:
        arrived = sum((e.quantity for e in self.history if isinstance(e, fact.SparePartDelivered)), Decimal(0))
        used = sum((e.quantity for e in self.history if isinstance(e, fact.SparePartConsumed)), Decimal(0))
        used -= sum((e.difference for e in self.history if isinstance(e, fact.SparePartUseCorrected)), Decimal(0))
        back = sum((e.quantity for e in self.history if isinstance(e, fact.SparePartReturned)), Decimal(0))
        assert used + back + self.state.left == arrived
        assert used == self.state.consumed == sum((e.quantity for e in self.state.uses.values()), Decimal(0))
        assert self.state.left >= 0
        if self.state.status is S.CLOSED and not self.state.for_van_stock:
            assert used + back == arrived
            assert not self.state.old_part_owed

    @invariant()
    def each_thing_happens_once(self) -> None:
        for kind in (fact.SparePartShipped, fact.SparePartDelivered, fact.OldPartOverdue, fact.SparePartRequestClosed):
            assert self.count_of(kind) <= 1

    @invariant()
    def the_old_part_is_waited_for_exactly_while_it_is_owed(self) -> None:
        armed = self.deadlines.get("old_part") == "armed"
        assert armed == (self.state.old_part_owed and not self.state.old_part_overdue)

    @invariant()
    def available_tells_the_truth(self) -> None:
        if not self.history:
            return
        at, new, by = self.now, f"new {len(self.history)}", "somebody"
        day = at.date() + timedelta(days=1)
        wishes: dict[str, Command] = {
            "approve": approve(at=at, by=by),
            "reserve": reserve(at=at, by=by, lots=(new,)),
            "plan_production": plan_production(at=at, by=by, order=new, due=day),
            "record_produced": produced(at=at, by=by, lots=(new,)),
            "order_purchase": order(at=at, by=by, order=new, due=day),
            "record_received": received(at=at, by=by, lots=(new,)),
            "release": release(at=at, by=by, certificate=new),
            "refuse_release": refuse_release(at=at, by=by, certificate=new),
            "ship": ship(at=at, by=by, waybill=new),
            "deliver": deliver(at=at, by=by, note=new),
            "consume": consume(at=at, by=by, use=an_id(new)),
            "give_back": give_back(at=at, by=by, giving_back=an_id(new)),
            "close": close(at=at, by=by),
            "return_old_part": return_old(at=at, by=by, findings=new),
            "waive_old_part": waive_old(at=at, by=by),
            "cancel": cancel(at=at, by=by, reason=new),
        }
        offered = part_request.available(self.state, by)
        if self.state.uses:
            first, *_ = self.state.uses.values()
            less = CorrectPartUse(at=at, by=by, use=first.use, quantity=first.quantity / 2, reason=new)
            if first.quantity:  # what is told again changes nothing
                wishes["correct_use"] = less
        if self.state.status is S.CLOSED:
            del wishes["close"]  # said again, it changes nothing
        if self.state.old_part:
            del wishes["waive_old_part"]  # said again, it changes nothing
        for action, wanted in wishes.items():
            assert granted(part_request, wanted, self.state) == (offered[action] is None), action


class StockLife(Life):
    """A warehouse's ledger; movements have no sign by which a repeated one is known, so nobody says them twice."""

    decider: Decider[Any] = stock
    state: stock.Stock

    def __init__(self) -> None:
        super().__init__()
        self.state = stock.NEW

    @rule(many=st.sampled_from(["0.5", "3", "10"]))
    def came_in(self, many: str) -> None:
        self.ask(take_in(many, at=self.now))

    @rule(many=st.sampled_from(["0.5", "3", "10"]), request=st.sampled_from(["a", "b"]))
    def promised(self, many: str, request: str) -> None:
        self.ask(set_apart(many, request=request, at=self.now))

    @rule(request=st.sampled_from(["a", "b"]))
    def promise_ended(self, request: str) -> None:
        self.ask(set_free(request, at=self.now))

    @rule(request=st.sampled_from(["a", "b"]), keeping=st.sampled_from(["0.5", "3", "10"]))
    def promised_less(self, request: str, keeping: str) -> None:
        before = self.state.reserved.get(an_id(request), Decimal(0))
        self.ask(set_free(request, at=self.now, keeping=keeping))
        assert self.state.reserved.get(an_id(request), Decimal(0)) == min(before, Decimal(keeping))

    @rule(many=st.sampled_from(["0.5", "3"]), request=st.sampled_from(["a", "b"]))
    def shipped(self, many: str, request: str) -> None:
        others = {key: value for key, value in self.state.reserved.items() if key != an_id(request)}
        if self.ask(issue(many, at=self.now, cause=StockCause.SHIPPED, request=an_id(request))):
            assert {key: value for key, value in self.state.reserved.items() if key != an_id(request)} == others

    @rule(many=st.sampled_from(["0.5", "3"]))
    def moved(self, many: str) -> None:
        promised = self.state.reserved
        if self.ask(issue(many, at=self.now, to="warehouse:JN")):
            assert self.state.reserved == promised

    @rule(many=st.sampled_from(["0", "5", "20"]))
    def counted(self, many: str) -> None:
        self.ask(count(many, at=self.now))

    @invariant()
    def it_is_never_negative_and_keeps_its_promises(self) -> None:
        assert self.state.on_hand >= 0
        assert self.state.available >= 0
        assert all(quantity > 0 for quantity in self.state.reserved.values())

    @invariant()
    def the_ledger_adds_up(self) -> None:
        total = Decimal(0)
        for event in self.history:
            match event:
                case fact.StockReceived():
                    total += event.quantity
                    assert event.on_hand == total
                case fact.StockIssued():
                    total -= event.quantity
                    assert event.on_hand == total
                case fact.StockCounted():
                    total += event.difference
                    assert event.counted == total
                case _:
                    pass
        assert total == self.state.on_hand


class SupplierClaimLife(TwiceLife):
    decider: Decider[Any] = supplier_claim
    state: supplier_claim.SupplierClaim

    @initialize()
    def opened(self) -> None:
        assert self.ask(open_claim())

    @rule(days=st.sampled_from([1, 4, 11, 31]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def notified(self) -> None:
        self.ask(notify(at=self.now))

    @rule(how=st.sampled_from(SupplierAnswer))
    def supplier_answered(self, how: SupplierAnswer) -> None:
        self.ask(answered(at=self.now, answer=how))

    @rule()
    def settled(self) -> None:
        self.ask(settle(at=self.now))

    @rule(who=st.sampled_from(["cai.gou", "zhao.min"]), really=st.booleans())
    def given_up(self, who: str, really: bool) -> None:
        if really and self.ask(abandon(at=self.now, by=who)):
            assert who != "cai.gou"

    @rule()
    def timer(self) -> None:
        self.ask(claim_overdue(at=self.now))

    @invariant()
    def exactly_one_step_is_waited_for_until_the_end(self) -> None:
        armed = {name for name, how in self.deadlines.items() if how == "armed"}
        if self.state.status in (C.SETTLED, C.ABANDONED):
            assert not armed
        elif self.history:
            assert armed == (set() if self.state.overdue else {str(self.state.waiting_for)})

    @invariant()
    def a_step_is_overdue_at_most_once(self) -> None:
        steps = [event.step for event in self.history if isinstance(event, fact.SupplierClaimOverdue)]
        assert len(steps) == len(set(steps))

    @invariant()
    def overdue_is_said_of_the_moment_when_the_time_was_up(self) -> None:
        dues: dict[str, datetime] = {}
        for event in self.history:
            match event:
                case fact.SupplierClaimOpened():
                    dues["notice"] = event.notice_due
                case fact.SupplierNotified():
                    dues["answer"] = event.answer_due
                case fact.SupplierAnswered() if event.settlement_due:
                    dues["settlement"] = event.settlement_due
                case fact.SupplierClaimOverdue():
                    assert event.at == dues[event.step] <= self.now
                case _:
                    pass
        assert self.now >= T0


TestPartRequestLife = with_chance(PartRequestLife)
TestStockLife = with_chance(StockLife)
TestSupplierClaimLife = with_chance(SupplierClaimLife)
