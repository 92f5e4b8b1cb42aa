"""What is heard of engineers becomes facts, and what the policy makes of a fact a suspicion (D6, D7).

All of it in one transaction: the report, the judgement, the suspicion it raises, and the one it takes back.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from services.penalties.commands import penalties
from services.penalties.domain import conduct, fact, penalty, policy
from services.penalties.domain.charge import broken
from services.penalties.domain.conduct import RecordSubject
from services.penalties.domain.fact import JudgeFact, Merged, ReportFact, merged
from services.penalties.domain.heard import TOLD, about, heard
from services.penalties.domain.identity import POLICY, conduct_id
from services.penalties.domain.penalty_commands import RaiseSuspicion, Supplement
from services.penalties.domain.rule import read_by
from shared.decider import Decider
from shared.eventlog import Recorded, Streams
from shared.events.base import Event
from shared.events.dispatch import EngineerRecorded
from shared.events.penalties import Evidence, FactCharged, FactCleared, FactReported, Rule

BY = "reaction:facts"

HEARD: frozenset[type[Event]] = TOLD | {EngineerRecorded}
"""Which events of other services are listened to."""


def ahead(recorded: Recorded[Any]) -> Iterator[tuple[Decider[Any], UUID]]:
    """The streams that ``hear`` reads."""
    yield policy, POLICY
    if isinstance(recorded.event, EngineerRecorded):
        yield conduct, conduct_id(recorded.event.engineer)
    elif concerned := about(recorded.event):
        id, engineer = concerned
        yield fact, id
        yield conduct, conduct_id(engineer)


async def hear(streams: Streams, recorded: Recorded[Any]) -> None:
    """Take in an event of another service; one that is known already has no effect.

    Raises ``UnclearReport``, and ``Refused`` where a due time can't be counted yet; then somebody has to look at it.
    """
    event = recorded.event
    if isinstance(event, EngineerRecorded):
        await _record_subject(streams, event, recorded.position)
    elif (report := _report(recorded)) and await _take_in(streams, report):
        await judge(streams, report.fact, report.evidence)


async def _take_in(streams: Streams, report: FactReported) -> bool:
    """False where it was heard before."""
    return bool(await streams.handle(fact, report.fact, ReportFact(at=report.at, by=BY, report=report)))


def _report(recorded: Recorded[Any]) -> FactReported | None:
    meta = recorded.meta
    evidence = Evidence(
        event=recorded.id,
        topic=recorded.event.TOPIC,
        sha256=recorded.sha256,
        occurred_at=meta.occurred_at,
        recorded_at=meta.recorded_at,
    )
    return heard(recorded.event, meta.actor, evidence, recorded.position)


async def _record_subject(streams: Streams, event: EngineerRecorded, position: int) -> None:
    known = RecordSubject(
        at=event.at, by=BY, engineer=event.engineer, region=event.region, active=event.active, position=position
    )
    await streams.handle(conduct, conduct_id(event.engineer), known)


async def judge(streams: Streams, id: UUID, evidence: Evidence) -> None:
    """Hold the policy against what is known of a fact by now: the suspicion that stands for it is the right one, or
    there is none. ``evidence`` made it known."""
    state = await streams.load(fact, id)
    seen = merged(state)
    book = await streams.load(policy, POLICY, required=False)
    subject = await streams.load(conduct, conduct_id(seen.engineer), required=False)
    found = broken(seen, book, subject)
    command = JudgeFact(at=streams.now, by=BY, charge=found.charge if found else None, evidence=evidence)
    events = await streams.handle(fact, id, command)
    if not events and state.charged:
        more = Supplement(at=streams.now, by=BY, evidence=evidence, involved=seen.involved)
        await streams.handle(penalty, state.charged.penalty, more)
    for event in events:
        if isinstance(event, FactCleared):
            await penalties.reconsider(streams, event.penalty, event.evidence, at=event.at, by=BY)
        elif isinstance(event, FactCharged) and found:
            await penalties.suspect(streams, event.policy_version, _suspicion(event, seen, found.rule))


def _suspicion(charged: FactCharged, seen: Merged, rule: Rule) -> Callable[..., RaiseSuspicion]:
    """Everything that a decision needs; what binds its clocks is asked for."""
    return partial(
        RaiseSuspicion,
        at=charged.at,
        by=BY,
        penalty=charged.penalty,
        fact=seen.fact,
        kind=seen.kind,
        engineer=seen.engineer,
        rule=rule.code,
        clause=rule.clause,
        consequence=rule.consequence,
        amount=charged.amount,
        allowance=charged.allowance,
        happened_at=seen.happened_at,
        read=read_by(rule, seen.says),
        evidence=seen.evidence,
        involved=seen.involved,
        visit=seen.visit,
        work_order=seen.work_order,
        ticket=seen.ticket,
        complaint=seen.complaint,
        claim=seen.claim,
    )
