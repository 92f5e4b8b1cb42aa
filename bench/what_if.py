"""Seconds for 100,000 facts under a draft, beside what happened: read from the log, merged, judged, summed."""

from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from time import perf_counter
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from bench.servers import Bench, opened
from bench.table import Row, below
from services.penalties.domain import conduct, fact, penalty, policy
from services.penalties.domain.first_policy import VERSION_1
from services.penalties.domain.identity import POLICY, conduct_id, fact_id, penalty_id
from services.penalties.views.what_if import Asked, WhatIf
from shared.eventlog import EventLog, EventMapper, Recorded
from shared.eventlog.appending import Writer
from shared.eventlog.transaction import Append
from shared.events.base import Event, Metadata, Source
from shared.events.penalties import (
    Evidence,
    FactCharged,
    FactReported,
    PolicyAcknowledged,
    PolicyAdopted,
    PolicyDrafted,
    Rule,
    SubjectRecorded,
    SuspicionRaised,
)

FACTS = 100_000
CHARGED_EVERY = 10
"""Every so many facts have led to a suspicion under version 1."""
ENGINEERS = 200
AT_ONCE = 1_000
"""Events that are seeded in one append."""
ROUNDS = 3
BEGAN = datetime(2026, 9, 1, tzinfo=UTC)
ENDS = BEGAN + timedelta(days=60)
DECIDERS = (conduct, fact, penalty, policy)
MAPPER = EventMapper("penalties")


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``what_if_100k_s``: the best of three."""
    url = await bench.database()
    async with opened(url, service="penalties", deciders=DECIDERS) as (log, _):
        await _seed(url)
        yield below("what_if_100k_s", min([await _asked(log) for _ in range(ROUNDS)]), "s", f"{FACTS:,} facts")


async def _asked(log: EventLog) -> float:
    began = perf_counter()
    question = await WhatIf.ask(log, Asked(version=2, begins=BEGAN, ends=ENDS))
    async for _ in question.steps():
        pass
    assert question.tally.facts == FACTS
    assert question.tally.whole.then_suspected > FACTS // 2
    assert question.tally.whole.suspected == FACTS // CHARGED_EVERY
    return perf_counter() - began


# --- what there is to judge -------------------------------------------------------------------------------------------


async def _seed(url: str) -> None:
    writer = Writer(url, "penalties")
    await writer.start()
    try:
        events = _events()
        while some := list(islice(events, AT_ONCE)):
            await writer.append(Append(some, [], [], None, BEGAN))
    finally:
        await writer.stop()


def _events() -> Iterator[StoredEvent]:
    adopted = {"policy": POLICY, "version": 1, "valid_from": BEGAN, "terms": VERSION_1, "procedure": "x"}
    by = {"document": None, "drafted_by": "a", "adopted_by": "b"}
    yield _stored(POLICY, 1, PolicyAdopted(at=BEGAN, **adopted, **by))
    draft = {"policy": POLICY, "version": 2, "based_on": 1, "terms": VERSION_1, "reason": "x", "drafted_by": "a"}
    yield _stored(POLICY, 2, PolicyDrafted(at=BEGAN, **draft))
    for number in range(ENGINEERS):
        code = f"E{number:03}"
        known = SubjectRecorded(at=BEGAN, engineer=code, region="华北", active=True, position=number + 1)
        yield _stored(conduct_id(code), 1, known)
        yield _stored(conduct_id(code), 2, PolicyAcknowledged(at=BEGAN, engineer=code, version=1))
    for number in range(FACTS):
        yield from _fact(number, VERSION_1.rules[number % len(VERSION_1.rules)])


def _fact(number: int, rule: Rule) -> Iterator[StoredEvent]:
    """Of each kind as many, most of which break their rule."""
    code, key = f"E{number % ENGINEERS:03}", f"bench:{number}"
    id, at = fact_id(key), BEGAN + timedelta(minutes=number % (60 * 24 * 59))
    says = rule.must_not_match if number % 4 == 3 and number % CHARGED_EVERY else rule.must_match
    evidence = Evidence(
        event=f"dispatch-{number}", topic="dispatch.VisitLate", sha256="0" * 64, occurred_at=at, recorded_at=at
    )
    ids = {"visit": uuid4(), "work_order": uuid4(), "ticket": None, "complaint": None, "claim": None}
    told = {"kind": rule.on, "engineer": code, "involved": ("li.na",), **ids}
    reported = {"fact": id, "key": key, "evidence": evidence, "position": number + 1, "about": None}
    yield _stored(id, 1, FactReported(at=at, **reported, happened_at=at, says=says, **told))
    if number % CHARGED_EVERY == 0:
        suspicion, money = penalty_id(id, 1), {"amount": Decimal("50.00"), "allowance": False}
        charge = {"rule": rule.code, "policy_version": 1, **money}
        yield _stored(id, 2, FactCharged(at=at, fact=id, penalty=suspicion, engineer=code, **charge))
        raised = {"penalty": suspicion, "number": "CF-1", "fact": id, "clause": rule.clause, "happened_at": at}
        more = {"consequence": rule.consequence, "read": says, "evidence": (evidence,), "notice_due": at}
        yield _stored(suspicion, 1, SuspicionRaised(at=at, **raised, **charge, **more, **told))


def _stored(stream: UUID, version: int, event: Event) -> StoredEvent:
    meta = Metadata(
        actor="bench", source=Source.EVENT, correlation_id=uuid4(), occurred_at=event.at, recorded_at=event.at
    )
    return MAPPER.to_stored_event(Recorded("penalties", stream, version, 0, event, meta))
