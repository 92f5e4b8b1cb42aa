"""What could happen to some tickets: histories that the tickets' own rules have granted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, cast
from uuid import UUID, uuid5

from services.tickets.domain import complaint, complaint_commands, ticket
from services.tickets.domain import ticket_commands as wish
from services.tickets.domain.coverage import CoverageDecision
from shared.decider import Command, Decider, Refused
from shared.eventlog import Recorded
from shared.events.base import Event, Metadata, Source
from shared.events.tickets import (
    CallProof,
    Channel,
    ComplaintCategory,
    CoverageReason,
    CoverageVerdict,
    Purpose,
    SurveyOutcome,
)

T0 = datetime(2026, 10, 3, 1, 0, tzinfo=UTC)
"""Saturday 3 October 2026, 09:00 in Shanghai."""
CUSTOMERS = ("光明物业", "东方酒店", None)
PRODUCTS = ("蟑螂胶饵", "粘鼠板", None)
COVERED = CoverageDecision(verdict=CoverageVerdict.IN_WARRANTY, reasons=(CoverageReason.WITHIN_WARRANTY,))

Happened = Recorded[Any]


def an_id(name: str) -> UUID:
    return uuid5(UUID(int=7), name)


def recorded(event: Event, stream: UUID, version: int, position: int) -> Happened:
    """``event`` as it stands in the log of tickets."""
    meta = Metadata(
        actor="reception",
        source=Source.WEB,
        correlation_id=an_id("request"),
        occurred_at=event.at,
        recorded_at=event.at,
    )
    return Recorded("tickets", stream, version, position, event, meta)


class Reception:
    """A few weeks at a desk. ``log`` is what was recorded, ``states`` what tickets knows in the end."""

    def __init__(self) -> None:
        self.now = T0
        self.log: list[Happened] = []
        self.states: dict[UUID, ticket.Ticket] = {}
        self._versions: dict[UUID, int] = defaultdict(int)

    def wants(self, stream: UUID, *commands: Command) -> None:
        """``commands`` on a ticket; nothing happens where the rules refuse one."""
        state, told = self.states.get(stream, ticket.NEW), list[Event]()
        try:
            for command in commands:
                for event in ticket.decide(cast(wish.TicketCommand, command), state):
                    state = ticket.evolve(state, event)
                    told.append(event)
        except Refused:
            return
        if told:
            self.states[stream] = state
        self._record(stream, told)

    def merges(self, duplicate: UUID, into: UUID) -> None:
        """Both sides, or neither."""
        twin = self.states[duplicate]
        assert twin.opened
        merge = wish.MergeTicket(at=self.now, by="li", into=into, into_number="SQ", reason="同一件事")
        absorb = wish.AbsorbTicket(
            at=self.now,
            by="li",
            duplicate=duplicate,
            duplicate_number=twin.opened.number,
            asked_at=twin.asked_at or T0,
            answer_due=twin.answer_due or T0,
            waiting=twin.waiting,
        )
        try:
            ticket.decide(merge, twin)
            ticket.decide(absorb, self.states[into])
        except Refused:
            return
        self.wants(duplicate, merge)
        self.wants(into, absorb)

    def complains(self, number: int, about: UUID) -> None:
        lodged = complaint_commands.LodgeComplaint(
            at=self.now,
            by="li",
            complaint=an_id(f"complaint {number}"),
            channel=Channel.PHONE,
            ticket=about,
            category=ComplaintCategory.OTHER,
            summary="不满意",
        )
        decider = cast(Decider[Any], complaint)
        self._record(lodged.complaint, decider.decide(lodged, decider.NEW))

    def _record(self, stream: UUID, events: Iterable[Event]) -> None:
        for event in events:
            self._versions[stream] += 1
            self.log.append(recorded(event, stream, self._versions[stream], len(self.log) + 1))


def weeks(random: Random, steps: int = 100) -> Reception:
    """A reception after ``steps`` random things have happened."""
    desk = Reception()
    for step in range(steps):
        desk.now += timedelta(minutes=random.randrange(random.choice([5, 20, 400])))
        known = list(desk.states)
        if not known or random.random() < 0.03:
            _open(desk, random, an_id(f"ticket {step}"))
            continue
        one = random.choice(known)
        dice = random.random()
        if dice < 0.05:
            desk.merges(known[0], known[-1])  # who asked first has the earlier due time
        elif dice < 0.1:
            desk.merges(one, random.choice(known))
        elif dice < 0.15:
            desk.complains(step, one)
        elif dice < 0.25:
            for each in known:  # the timer
                desk.wants(each, wish.MarkAnswerOverdue(at=desk.now, by="timer"))
        else:
            desk.wants(one, _something(desk.now, random, step))
    return desk


def opening(stream: UUID, at: datetime, received: datetime, **facts: Any) -> wish.OpenTicket:
    said = {"ticket": stream, "contact": an_id("contact"), "channel": Channel.PHONE, "summary": "粘不住"}
    return wish.OpenTicket(at=at, by="li", received_at=received, **said | facts)


def _open(desk: Reception, random: Random, stream: UUID) -> None:
    customer, product = random.choice(CUSTOMERS), random.choice(PRODUCTS)
    facts = {
        "channel": random.choice(list(Channel)),
        "customer": an_id(customer) if customer else None,
        "customer_name": customer,
        "product": an_id(product) if product else None,
        "product_name": product,
    }
    desk.wants(stream, opening(stream, desk.now, desk.now - timedelta(hours=random.choice([0, 0, 3, 40])), **facts))


def triage(at: datetime, product: str | None = "粘鼠板") -> dict[str, Any]:
    """The facts of a triage."""
    return {
        "at": at,
        "by": "li",
        "customer": an_id("光明物业"),
        "customer_name": "光明物业",
        "product": an_id(product) if product else None,
        "product_name": product,
        "product_unknown": "批次看不清",
        "decision": COVERED,
    }


def call(number: int) -> CallProof:
    return CallProof(call_id=f"c-{number}", direction="outbound", seconds=40)


def _something(now: datetime, random: Random, step: int) -> Command:
    """Anything that can be wanted of a ticket, often too late or too early."""
    order, facts = an_id(f"order {random.randrange(3)}"), triage(now, random.choice(PRODUCTS))
    by: dict[str, Any] = {"at": now, "by": "li"}
    before: dict[str, Any] = {"at": now - timedelta(hours=random.choice([0, 0, 2, 20])), "by": "li"}
    return random.choice(
        [
            *[lambda: wish.TriageTicket(**facts)] * 2,
            lambda: wish.CorrectTriage(**facts, reason="听错了"),
            *[lambda: wish.AnswerTicket(**before, proof=call(step))] * 3,
            lambda: wish.HoldTicket(**by, reason="等回电"),
            *[lambda: wish.ResumeTicket(**by)] * 3,
            lambda: wish.EscalateTicket(**by, question="能否混用？"),
            lambda: wish.AnswerEscalation(**by, answer="不能"),
            *[lambda: wish.DispatchTicket(**by, work_order=order, purpose=Purpose.REPAIR)] * 2,
            lambda: wish.VerifyWorkOrder(**by, work_order=order),
            lambda: wish.CancelWorkOrder(**by, work_order=order, reason="改期"),
            *[lambda: wish.ResolveTicket(**by, resolution="换了")] * 5,
            *[lambda: wish.CloseTicket(**by, survey=SurveyOutcome.ANSWERED)] * 5,
            *[lambda: wish.ReopenTicket(**by, reason="又坏了")] * 3,
            lambda: wish.CancelTicket(**by, reason="打错了"),
            lambda: wish.ArchiveTicket(**by, case_file=an_id("case")),
        ]
    )()


def mixed(log: Sequence[Happened], random: Random) -> list[Happened]:
    """The same events in another order, each stream's own order kept, as partitions deliver them."""
    streams: dict[UUID, list[Happened]] = defaultdict(list)
    for each in log:
        streams[each.stream].append(each)
    left = list(streams.values())
    order = []
    while left:
        stream = random.choice(left)
        order.append(stream.pop(0))
        left = [each for each in left if each]
    return order


def batches(log: Sequence[Happened], random: Random, longest: int = 20) -> Iterator[list[Happened]]:
    """``log`` cut into batches of any length."""
    rest = list(log)
    while rest:
        cut = random.randint(1, longest)
        yield rest[:cut]
        rest = rest[cut:]


def renumbered(log: Sequence[Happened]) -> list[Happened]:
    """``log`` with the positions that it would have had in this order."""
    return [replace(each, position=position) for position, each in enumerate(log, 1)]
