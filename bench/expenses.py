"""What checking expense claims costs (4.3): the checks alone, and a submission with all that it holds and keeps."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from time import perf_counter
from uuid import UUID, uuid4

from bench.servers import Bench, opened
from bench.table import Row, against, in_turns
from services.dispatch.commands import claims
from services.dispatch.domain import claim, expense_policy, fraud_record, invoice, spending, trip
from services.dispatch.domain.claim_checks import check_lines
from services.dispatch.domain.claim_commands import DraftClaim, RecordLine, SubmitClaim, TypedInvoice
from services.dispatch.domain.trip import PlanTrip, Trip
from shared.eventlog import Context, EventLog, Streams
from shared.events.base import Source
from shared.events.dispatch import ExpenseKind, ExpenseLine, Stop

LINES = 20
"""Of a claim: a week's trip."""
SECONDS = 2.0
CLAIMS = 40
CLIENTS = 8
PAPER = "ab" * 32
NOW = datetime(2026, 10, 12, 1, 0, tzinfo=UTC)
STARTS, ENDS = date(2026, 10, 5), date(2026, 10, 9)
_DECIDERS = (claim, expense_policy, fraud_record, invoice, spending, trip)
_SERIAL = count(1)


async def rows(bench: Bench) -> AsyncGenerator[Row, None]:
    """``expense_check_lines_per_s``: how many lines a process holds against all nine checks; beside it, how many it
    takes in when each is submitted as well."""
    async with opened(await bench.database(), service="dispatch", deciders=_DECIDERS) as (log, _):
        checked, submitted = await in_turns(_checked, partial(_submitted, log))
    yield against("expense_check_lines_per_s", checked, submitted, "submitted, with commits")


async def _checked() -> float:
    """Lines per second, of a claim in memory."""
    of, lines, id = _a_trip(), [_entry(wish) for wish in _lines()], uuid4()
    done, began = 0, perf_counter()
    while (took := perf_counter() - began) < SECONDS:
        found = check_lines(lines, id, of, expense_policy.NEW, {}, NOW.date(), {})
        assert len(found.results) == 9 * LINES
        done += LINES
    return done / took


async def _submitted(log: EventLog) -> float:
    """Lines per second, of claims of trips of their own, submitted by so many at a time."""
    queue = iter([(await _drafted(log, f"E{n:02}"), f"E{n:02}") for n in range(CLAIMS)])

    async def client() -> None:
        for id, engineer in queue:
            wish = partial(SubmitClaim, at=NOW, by=engineer)
            work = partial(claims.submit, id=id, wish=wish, version=None, own=engineer)
            answer = await log.execute(work, _context())
            assert answer.answer["status"] == "CHECKED"

    began = perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return CLAIMS * LINES / (perf_counter() - began)


async def _drafted(log: EventLog, engineer: str) -> UUID:
    """A claim with its lines, for a trip of its own: an engineer's days have caps, so each has one."""
    trip_id, claim_id = uuid4(), uuid4()

    async def draft(streams: Streams) -> None:
        await streams.handle(trip, trip_id, _plan(trip_id, engineer))
        begun = DraftClaim(claim=claim_id, trip=trip_id, engineer=engineer, trip_number="CC-1", at=NOW, by=engineer)
        await streams.handle(claim, claim_id, begun)
        for wish in _lines():
            await streams.handle(claim, claim_id, wish)

    await log.execute(draft, _context())
    return claim_id


def _plan(id: UUID, engineer: str = "E04") -> PlanTrip:
    stop = Stop(city="杭州", from_day=STARTS, until_day=ENDS)
    allowance = Decimal("10.00")
    return PlanTrip(
        trip=id,
        engineer=engineer,
        starts=STARTS,
        ends=ENDS,
        stops=(stop,),
        home="上海",
        allowance_per_day=allowance,
        at=NOW - timedelta(days=9),
        by="li.na",
    )


def _a_trip() -> Trip:
    (planned,) = trip.decide(_plan(uuid4()), trip.NEW)
    return trip.evolve(trip.NEW, planned)


def _lines() -> Sequence[RecordLine]:
    """A bill of each kind for each day, each with an invoice that nobody else has."""
    kinds = (ExpenseKind.LODGING, ExpenseKind.MEALS, ExpenseKind.LOCAL_TRANSPORT, ExpenseKind.OTHER)
    return [_line(kinds[n % 4], STARTS + timedelta(days=n // 4)) for n in range(LINES)]


def _line(kind: ExpenseKind, day: date) -> RecordLine:
    amount = Decimal("66.50")
    bill = TypedInvoice(number=f"2633{next(_SERIAL):016}", issued=day, total=amount)
    return RecordLine(
        line=uuid4(),
        kind=kind,
        spent_on=day,
        city="杭州市",
        amount=amount,
        invoice=bill,
        receipts=(PAPER,),
        at=NOW,
        by="E04",
    )


def _entry(wish: RecordLine) -> ExpenseLine:
    """As the claim keeps it."""
    said = {name: getattr(wish, name) for name in ExpenseLine.model_fields if name != "invoice"}
    return ExpenseLine(invoice=wish.invoice.facts() if wish.invoice else None, **said)


def _context() -> Context:
    return Context("E04", Source.WEB, uuid4())
