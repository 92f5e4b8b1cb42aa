"""One entry of a paper register: contact, ticket, answer, visit, survey and complaint, with the sheet's times."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from services.tickets.commands import coverage, surveys
from services.tickets.commands.intake import Intake, Reception
from services.tickets.domain import complaint, contact, reference, survey, ticket
from services.tickets.domain.allegation import alleged
from services.tickets.domain.complaint_commands import LodgeComplaint
from services.tickets.domain.coverage import CoverageDecision
from services.tickets.domain.identity import NAMESPACE, customer_id, lot_id, product_id, survey_id
from services.tickets.domain.survey import AnswerSurvey, DeclineSurvey
from services.tickets.domain.ticket_commands import (
    AnswerTicket,
    DispatchTicket,
    RecordVisit,
    ResolveTicket,
    TriageTicket,
)
from services.tickets.domain.ticket_guards import known
from services.tickets.persons import PersonData, Persons
from services.tickets.register import RegisterEntry
from shared.decider import Command, Refused, Words
from shared.eventlog import Streams
from shared.events.tickets import Channel, CoverageReason, CoverageVerdict, Purpose, RegisterProof, TicketOpened

NOT_SAID = "登记表未注明"
"""Why something isn't known of an imported ticket."""


async def take_over(
    streams: Streams, entry: RegisterEntry, persons: Persons, *, by: str, register: str
) -> dict[str, Any]:
    """Take over ``entry`` from the register named ``register``; taking it over again changes nothing.

    What the sheet learned since the last import (an answer, a visit, a score) is added; what people have recorded
    meanwhile stays. ``notes`` say what was assumed of the entry, and what of it isn't in.
    """
    seed = f"register:{entry.fingerprint}"
    received = entry.received_at
    person = _person(entry)
    taking = Reception(_intake(entry, person), persons, seed, at=received, by=by, now=received, from_register=register)
    await _load_at_once(streams, entry, taking)
    new = (await streams.load(ticket, taking.ticket, required=False)).opened is None
    if new:
        await taking.open(streams)
    opened = known(await streams.load(ticket, taking.ticket))
    steps = _Steps(streams, entry, opened, seed, by, _assumed(entry))
    await steps.all()
    return {
        "ticket": str(taking.ticket),
        "number": opened.number,
        "new": new,
        "changed": bool(streams.decided),
        "notes": [list(words) for words in steps.notes],
        "version": streams.version(taking.ticket),
    }


async def _load_at_once(streams: Streams, entry: RegisterEntry, taking: Reception) -> None:
    """All streams that the entry may touch, in one look instead of one after the other."""
    customer = customer_id(entry.customer)
    wanted = [
        (ticket, taking.ticket),
        (contact, taking.contact),
        (survey, survey_id(taking.ticket)),
        (complaint, _complaint_id(taking.seed)),
        (reference, customer),
    ]
    if entry.product:
        product = product_id(entry.product)
        wanted.append((reference, product))
        wanted += [(reference, lot_id(product, entry.lot))] if entry.lot else []
    if taking.intake.person:
        wanted.append((reference, taking.persons.id_of(taking.intake.person, customer, taking.seed)))
    await streams.look_up(wanted)


def _person(entry: RegisterEntry) -> PersonData | None:
    said = PersonData(name=entry.contact, phone=entry.phone, address=entry.address)
    return said if entry.contact or entry.phone else None


def _intake(entry: RegisterEntry, person: PersonData | None) -> Intake:
    summary = entry.problem or entry.product or NOT_SAID
    return Intake(
        channel=entry.channel or Channel.PHONE,
        customer_name=entry.customer,
        person=person,
        product_name=entry.product,
        lot=entry.lot,
        summary=f"{summary}（备注：{entry.remarks}）" if entry.remarks else summary,
        postmark=entry.postmarked_on if entry.channel is Channel.LETTER else None,
    )


def _assumed(entry: RegisterEntry) -> list[Words]:
    notes: list[Words] = []
    if entry.channel is None:
        notes.append(Words("没有写明渠道，按电话登记。", "It names no channel: registered as a call."))
    if entry.postmarked_on and entry.channel is not Channel.LETTER:
        notes.append(Words("不是来函，邮戳没有导入。", "It is no letter: its postmark is not in."))
    if entry.address and not _person(entry):
        notes.append(Words("没有联系人，地址没有导入。", "There is no contact person: the address is not in."))
    return notes


def _complaint_id(seed: str) -> UUID:
    return uuid5(NAMESPACE, f"complaint:{seed}")


@dataclass
class _Steps:
    """The facts of one entry, told to the ticket one by one; a refused one is noted and the others go on."""

    streams: Streams
    entry: RegisterEntry
    opened: TicketOpened
    seed: str
    by: str
    notes: list[Words] = field(default_factory=list)

    async def all(self) -> None:
        entry = self.entry
        state = await self._ticket()
        if state.triage is None:
            await self._tell("分诊", "triage", self._triage())
        if entry.answered_at:
            await self._tell("答复", "the answer", self._answer())
        if entry.engineer or entry.agreed_arrival or entry.arrived_at:
            await self._tell("派工与上门", "the visit", self._visit())
        if entry.finished_at:
            await self._tell("完成", "the completion", self._resolve())
        if entry.score or entry.verdict or entry.survey_declined:
            await self._tell("满意度", "the survey", self._survey())
        if entry.problem and (category := alleged(entry.problem)):
            await self._tell("投诉", "the complaint", self._complain(category))

    async def _ticket(self) -> ticket.Ticket:
        return await self.streams.load(ticket, self.opened.ticket)

    async def _tell(self, zh: str, en: str, step: Awaitable[None]) -> None:
        try:
            await step
        except Refused as refused:
            words = refused.words
            self.notes.append(Words(f"{zh}没有导入：{words.zh}", f"{en.capitalize()} is not in: {words.en}"))

    async def _decide(self, command: Command) -> None:
        await self.streams.handle(ticket, self.opened.ticket, command)

    async def _triage(self) -> None:
        """2.1, 2.2: with what the sheet says; the rest is unknown, and it says why."""
        entry, opened = self.entry, self.opened
        proposed = await coverage.proposed(
            self.streams,
            coverage.nothing_delivered,
            customer=opened.customer,
            product=opened.product,
            lot=entry.lot,
            unit=None,
            on=entry.received_at,
            delivered=entry.purchased_on,
        )
        triage = TriageTicket(
            customer=opened.customer,
            customer_name=opened.customer_name,
            person=opened.person,
            product=opened.product,
            product_name=opened.product_name,
            lot=entry.lot,
            product_unknown=None if opened.product and entry.lot else f"{NOT_SAID}产品资料或批号",
            decision=_decision(proposed),
            at=entry.received_at,
            by=self.by,
        )
        await self._decide(triage)

    async def _answer(self) -> None:
        """3.4a. What people have recorded stays."""
        entry, state = self.entry, await self._ticket()
        assert entry.answered_at
        if state.answer is None:
            proof = RegisterProof(sheet=entry.sheet, row=entry.row, way=entry.answer_means or "")
            await self._decide(AnswerTicket(proof=proof, at=entry.answered_at, by=self.by))
        elif state.answer.at != entry.answered_at:
            raise _kept_as_recorded()

    async def _visit(self) -> None:
        """3.4b: the visit with the agreed and the real times; told again, it is the same visit."""
        entry, state = self.entry, await self._ticket()
        order = uuid5(NAMESPACE, f"work_order:{self.seed}")
        if state.work_orders.keys() - {order}:
            raise _kept_as_recorded()
        if order not in state.work_orders:
            at, purpose = entry.answered_at or entry.received_at, _purpose(entry.problem or "")
            await self._decide(DispatchTicket(work_order=order, purpose=purpose, goodwill=NOT_SAID, at=at, by=self.by))
        at_last = entry.finished_at or entry.arrived_at or entry.agreed_arrival
        if at_last is None:
            return
        report = RecordVisit(
            visit=uuid5(NAMESPACE, f"visit:{self.seed}"),
            work_order=order,
            engineer=entry.engineer or NOT_SAID,
            agreed_arrival=entry.agreed_arrival,
            arrived_at=entry.arrived_at,
            finished_at=entry.finished_at if entry.arrived_at else None,
            at=max(at_last, entry.received_at),
            by=self.by,
        )
        await self._decide(report)

    async def _resolve(self) -> None:
        entry, state = self.entry, await self._ticket()
        assert entry.finished_at
        if state.resolved is None:
            done = f"登记表记载已完成（{entry.sheet} 第 {entry.row} 行）"
            await self._decide(ResolveTicket(resolution=done, at=entry.finished_at, by=self.by))
        elif state.resolved.at != entry.finished_at:
            raise _kept_as_recorded()

    async def _survey(self) -> None:
        """3.6, D18, D19: what the customer wrote into the last column."""
        entry, ticket_id = self.entry, self.opened.ticket
        at = entry.finished_at or entry.answered_at or entry.received_at
        said = {"proof": RegisterProof(sheet=entry.sheet, row=entry.row), "at": at, "by": self.by}
        before = await self.streams.load(survey, survey_id(ticket_id), required=False)
        if entry.survey_declined and before.declined is None:
            await surveys.decline(self.streams, ticket_id, partial(DeclineSurvey, **said), None)
        elif not entry.survey_declined and (
            before.answered is None or (before.answered.score, before.answered.verdict) != (entry.score, entry.verdict)
        ):
            wish = partial(
                AnswerSurvey, channel=Channel.WALK_IN, score=entry.score, verdict=entry.verdict, text=None, **said
            )
            await surveys.answer(self.streams, ticket_id, wish, None, 0)

    async def _complain(self, category: Any) -> None:
        """4.1: words that allege misconduct are a complaint, for people to look into."""
        entry, opened, complaint_id = self.entry, self.opened, _complaint_id(self.seed)
        if (await self.streams.load(complaint, complaint_id, required=False)).lodged:
            return
        lodging = LodgeComplaint(
            complaint=complaint_id,
            channel=opened.channel,
            ticket=opened.ticket,
            contact=opened.contact,
            customer=opened.customer,
            customer_name=opened.customer_name,
            person=opened.person,
            category=category,
            summary=entry.problem or "",
            at=entry.received_at,
            by=self.by,
        )
        await self.streams.handle(complaint, complaint_id, lodging)


def _kept_as_recorded() -> Refused:
    return Refused(
        "recorded_otherwise",
        "系统中已有不同的记录，保持不变。",
        "People have recorded it otherwise, and that stays.",
    )


def _decision(proposed: CoverageDecision) -> CoverageDecision:
    """An import decides nothing that the dates don't say."""
    if proposed.verdict is not CoverageVerdict.UNKNOWN:
        return proposed
    return CoverageDecision(
        verdict=CoverageVerdict.UNKNOWN,
        reasons=proposed.reasons or (CoverageReason.PRODUCT_UNKNOWN,),
        proposed=proposed.verdict,
        note=NOT_SAID,
    )


_PURPOSES: tuple[tuple[str, Purpose], ...] = (
    ("培训", Purpose.TRAINING),
    ("摆放", Purpose.PLACEMENT),
    ("破损", Purpose.REPLACEMENT),
    ("少了", Purpose.DELIVERY),
)


def _purpose(problem: str) -> Purpose:
    return next((purpose for word, purpose in _PURPOSES if word in problem), Purpose.REPAIR)
