"""One entry of a paper register: contact, ticket, answer, visit, survey and complaint, with the sheet's times."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.tickets.commands import surveys
from services.tickets.commands.intake import Intake, open_ticket
from services.tickets.commands.work import propose_coverage
from services.tickets.domain import complaint, survey, ticket
from services.tickets.domain.allegation import alleged
from services.tickets.domain.complaint_commands import LodgeComplaint
from services.tickets.domain.coverage import CoverageDecision
from services.tickets.domain.identity import NAMESPACE, customer_id, product_id, survey_id
from services.tickets.domain.ticket_commands import (
    AnswerTicket,
    DispatchTicket,
    RecordVisit,
    ResolveTicket,
    TicketCommand,
    TriageTicket,
)
from services.tickets.domain.ticket_guards import known
from services.tickets.persons import PersonData, Persons
from services.tickets.register import RegisterEntry
from shared.decider import Refused, Words
from shared.eventlog import Streams
from shared.events.tickets import Channel, ComplaintCategory, CoverageReason, CoverageVerdict, Purpose, RegisterProof

NOT_SAID = "登记表未注明"
"""Why something isn't known of an imported ticket."""


@dataclass
class Taken:
    """What an import made of one entry."""

    ticket: UUID
    number: str
    new: bool
    changed: bool
    notes: list[Words] = field(default_factory=list)
    """What the rules refused of this entry; the rest is in."""


async def take_over(
    streams: Streams, entry: RegisterEntry, persons: Persons, *, by: str, register: str
) -> dict[str, Any]:
    """Take over ``entry`` from the register named ``register``; taking it over again changes nothing.

    What the sheet learned since the last import (an answer, a visit, a score) is added.
    """
    seed = f"register:{entry.fingerprint}"
    ticket_id = uuid5(NAMESPACE, f"ticket:{seed}")
    before = await streams.load(ticket, ticket_id, required=False)
    if before.opened is None:
        intake, at = _intake(entry), entry.received_at
        await open_ticket(streams, intake, persons, seed, at=at, by=by, now=at, from_register=register)
    taken = Taken(ticket_id, known(await streams.load(ticket, ticket_id)).number, before.opened is None, False)
    steps = _Steps(streams, entry, taken, seed, by)
    await steps.all()
    version = streams.version(ticket_id)
    return {
        "ticket": str(ticket_id),
        "number": taken.number,
        "new": taken.new,
        "changed": taken.changed,
        "notes": [list(words) for words in taken.notes],
        "version": version,
    }


def _intake(entry: RegisterEntry) -> Intake:
    person = PersonData(name=entry.contact, phone=entry.phone, address=entry.address)
    return Intake(
        channel=entry.channel or Channel.PHONE,
        customer_name=entry.customer,
        person=person if entry.contact or entry.phone else None,
        product_name=entry.product,
        lot=entry.lot,
        summary=entry.problem or entry.product or NOT_SAID,
        postmark=entry.postmarked_on if entry.channel is Channel.LETTER else None,
    )


@dataclass
class _Steps:
    """The facts of one entry, told to the ticket one by one; a refused one is noted and the others go on."""

    streams: Streams
    entry: RegisterEntry
    taken: Taken
    seed: str
    by: str

    async def all(self) -> None:
        entry = self.entry
        state = await self.streams.load(ticket, self.taken.ticket)
        if state.triage is None:
            await self._tell("分诊", "triage", self._triage())
        if entry.answered_at and state.answer is None:
            proof = RegisterProof(sheet=entry.sheet, row=entry.row, way=entry.answer_means or "")
            await self._decide("答复", "answer", AnswerTicket(proof=proof, at=entry.answered_at, by=self.by))
        if entry.engineer or entry.agreed_arrival or entry.arrived_at:
            await self._tell("派工", "dispatch", self._visit())
        if entry.finished_at and state.resolved is None:
            done = ResolveTicket(
                resolution=f"登记表记载已完成({entry.sheet} 第 {entry.row} 行)", at=entry.finished_at, by=self.by
            )
            await self._decide("完成", "completion", done)
        if entry.score or entry.verdict or entry.survey_declined:
            await self._tell("满意度", "survey", self._survey())
        if entry.problem and (category := alleged(entry.problem)):
            await self._tell("投诉", "complaint", self._complain(category))

    async def _tell(self, zh: str, en: str, step: Awaitable[Sequence[Any]]) -> None:
        try:
            if await step:
                self.taken.changed = True
        except Refused as refused:
            self.taken.notes.append(Words(f"{zh}未导入:{refused.words.zh}", f"{en} not imported: {refused.words.en}"))

    async def _decide(self, zh: str, en: str, command: TicketCommand) -> None:
        await self._tell(zh, en, self.streams.handle(ticket, self.taken.ticket, command))

    async def _triage(self) -> Sequence[Any]:
        """2.1, 2.2: with what the sheet says; the rest is unknown, and it says why."""
        entry = self.entry
        product = product_id(entry.product) if entry.product else None
        proposed = await propose_coverage(self.streams, product=product, lot=entry.lot, unit=None, on=entry.received_at)
        opened = known(await self.streams.load(ticket, self.taken.ticket))
        recorded = opened.product is not None
        triage = TriageTicket(
            customer=customer_id(entry.customer),
            customer_name=entry.customer,
            person=opened.person,
            product=opened.product,
            product_name=entry.product,
            lot=entry.lot,
            product_unknown=None if recorded and entry.lot else f"{NOT_SAID}产品资料或批号",
            decision=_decision(proposed),
            at=entry.received_at,
            by=self.by,
        )
        return await self.streams.handle(ticket, self.taken.ticket, triage)

    async def _visit(self) -> Sequence[Any]:
        """3.4b: the visit with the agreed and the real times."""
        entry, state = self.entry, await self.streams.load(ticket, self.taken.ticket)
        order = uuid5(NAMESPACE, f"work_order:{self.seed}")
        events: list[Any] = []
        if order not in state.work_orders:
            at = entry.answered_at or entry.received_at
            purpose = _purpose(entry.problem or "")
            sending = DispatchTicket(work_order=order, purpose=purpose, goodwill=NOT_SAID, at=at, by=self.by)
            events += await self.streams.handle(ticket, self.taken.ticket, sending)
        at_last = entry.finished_at or entry.arrived_at or entry.agreed_arrival
        visit = uuid5(NAMESPACE, f"visit:{self.seed}:{at_last}")
        if at_last and visit not in state.visits:
            report = RecordVisit(
                visit=visit,
                work_order=order,
                engineer=entry.engineer or NOT_SAID,
                agreed_arrival=entry.agreed_arrival,
                arrived_at=entry.arrived_at,
                finished_at=entry.finished_at,
                at=max(at_last, entry.received_at),
                by=self.by,
            )
            events += await self.streams.handle(ticket, self.taken.ticket, report)
        return events

    async def _survey(self) -> Sequence[Any]:
        """3.6, D18, D19: what the customer wrote into the last column."""
        entry = self.entry
        stream = survey_id(self.taken.ticket)
        before = self.streams.version(stream) or (await self._survey_version(stream))
        proof = RegisterProof(sheet=entry.sheet, row=entry.row)
        at = entry.finished_at or entry.answered_at or entry.received_at
        if entry.survey_declined:
            await surveys.decline(self.streams, self.taken.ticket, proof=proof, reason=None, at=at, by=self.by)
        else:
            await surveys.answer(
                self.streams,
                self.taken.ticket,
                0,
                at=at,
                by=self.by,
                channel=Channel.WALK_IN,
                score=entry.score,
                verdict=entry.verdict,
                proof=proof,
            )
        return range(before, self.streams.version(stream))

    async def _survey_version(self, stream: UUID) -> int:
        await self.streams.load(survey, stream, required=False)
        return self.streams.version(stream)

    async def _complain(self, category: ComplaintCategory) -> Sequence[Any]:
        """4.1: words that allege misconduct are a complaint, for people to look into."""
        entry, opened = self.entry, known(await self.streams.load(ticket, self.taken.ticket))
        complaint_id = uuid5(NAMESPACE, f"complaint:{self.seed}")
        if (await self.streams.load(complaint, complaint_id, required=False)).lodged:
            return []
        lodging = LodgeComplaint(
            complaint=complaint_id,
            channel=opened.channel,
            ticket=self.taken.ticket,
            contact=opened.contact,
            customer=opened.customer,
            customer_name=opened.customer_name,
            person=opened.person,
            category=category,
            summary=entry.problem or "",
            at=entry.received_at,
            by=self.by,
        )
        return await self.streams.handle(complaint, complaint_id, lodging)


def _decision(proposed: CoverageDecision) -> CoverageDecision:
    """An import decides nothing that the dates don't say."""
    if proposed.verdict is not CoverageVerdict.UNKNOWN:
        return proposed
    return CoverageDecision(
        verdict=CoverageVerdict.UNKNOWN, reasons=proposed.reasons or (CoverageReason.PRODUCT_UNKNOWN,), note=NOT_SAID
    )


_PURPOSES: tuple[tuple[str, Purpose], ...] = (
    ("培训", Purpose.TRAINING),
    ("摆放", Purpose.PLACEMENT),
    ("破损", Purpose.REPLACEMENT),
    ("少了", Purpose.DELIVERY),
)


def _purpose(problem: str) -> Purpose:
    return next((purpose for word, purpose in _PURPOSES if word in problem), Purpose.REPAIR)


def earliest(entries: Sequence[RegisterEntry]) -> dict[UUID, tuple[str, datetime]]:
    """Every customer of the sheet with its name and first contact: they are recorded before their tickets."""
    found: dict[UUID, tuple[str, datetime]] = {}
    for entry in entries:
        key = customer_id(entry.customer)
        if key not in found or entry.received_at < found[key][1]:
            found[key] = (entry.customer, entry.received_at)
    return found
