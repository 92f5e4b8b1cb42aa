"""The ticket board: which tickets are open, how much is left of the 24 hours of each, and what every day brought.

``tickets`` holds a line for every ticket, also for those that have ended: they can be reopened. A line follows from
that ticket's own events, in their order. ``days`` holds what each day brought, each partition's share by itself; the
counts are sums. So it makes no difference how the events of different tickets are mixed or cut into batches, and
workers on different partitions never touch the same row.

Each row says at which position it last changed. Together with ``positions`` a reader learns from that what is new
since it last looked. What depends on the time of day (how much is left, what is overdue) is nowhere stored: it is
computed as it is read.

Whatever changes in this file has the view built anew; how it is read is in ``board_reading``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, LiteralString, assert_never, get_args
from uuid import UUID

import orjson
import structlog
from psycopg import AsyncConnection, sql
from psycopg.types.json import Json

from shared.clock import SHANGHAI
from shared.eventlog import Recorded
from shared.events import tickets as fact
from shared.events.base import Event
from shared.events.tickets import TicketStatus
from shared.jetstream import partition_of
from shared.projection import View

TABLES: LiteralString = """
CREATE TABLE tickets (
    ticket uuid PRIMARY KEY,
    number text NOT NULL,
    channel text NOT NULL,
    customer uuid,
    customer_name text,
    product uuid,
    product_name text,
    status text NOT NULL,
    escalated boolean NOT NULL,
    received_at timestamptz NOT NULL,
    asked_at timestamptz NOT NULL,
    answer_due timestamptz NOT NULL,
    answered_at timestamptz,
    late_minutes integer,
    overdue boolean NOT NULL,
    reopenings integer NOT NULL,
    open boolean NOT NULL,
    version integer NOT NULL,
    partition integer NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX tickets_open ON tickets ((answered_at IS NOT NULL), answer_due, ticket) WHERE open;
CREATE INDEX tickets_position ON tickets (position);
CREATE TABLE days (
    day date NOT NULL,
    partition integer NOT NULL,
    opened integer NOT NULL,
    answered_in_time integer NOT NULL,
    answered_late integer NOT NULL,
    overdue integer NOT NULL,
    closed integer NOT NULL,
    complaints integer NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (day, partition)
);
CREATE INDEX days_position ON days (position);
"""

ENDED = frozenset({TicketStatus.CLOSED, TicketStatus.ARCHIVED, TicketStatus.MERGED, TicketStatus.CANCELLED})
"""All others are open: a resolved ticket still waits for its survey, and perhaps for its first answer."""

# --- what the events mean ---------------------------------------------------------------------------------------------

TicketEvent = (
    fact.TicketOpened
    | fact.TicketTriaged
    | fact.TicketTriageCorrected
    | fact.FirstAnswerGiven
    | fact.AnswerOverdue
    | fact.AnswerOverdueCorrected
    | fact.TicketHeld
    | fact.TicketResumed
    | fact.TicketEscalated
    | fact.EscalationAnswered
    | fact.TicketDispatched
    | fact.TicketResolved
    | fact.TicketReopened
    | fact.TicketMerged
    | fact.TicketAbsorbed
    | fact.TicketCancelled
    | fact.TicketClosed
    | fact.TicketArchived
)
"""What changes a line of the board."""


Line = dict[str, Any]
"""A ticket's line, field by field, named as the view's columns are."""


def opened(event: fact.TicketOpened) -> Line:
    """The line of a new ticket. Customer and product are called as the ticket's own events call them."""
    return {
        "ticket": event.ticket,
        "number": event.number,
        "channel": event.channel,
        "customer": event.customer,
        "customer_name": event.customer_name,
        "product": event.product,
        "product_name": event.product_name,
        "escalated": False,
        "received_at": event.received_at,
        "asked_at": event.received_at,  # from when the first answer is awaited: receipt, or reopening
        "answer_due": event.answer_due,  # 24 hours later (3.4a, D1); tickets computes it
        "answered_at": None,
        "late_minutes": None,  # of the answer, begun minutes; 0 is in time
        "overdue": False,  # tickets has recorded that the answer clock ran out
        "reopenings": 0,
        **_in(TicketStatus.OPEN),
    }


def changed(event: TicketEvent) -> Line:
    """The fields of the ticket's line that ``event`` sets, whatever they were before."""
    match event:
        case fact.TicketOpened():
            return opened(event)
        case fact.TicketTriaged():
            return _triaged(event) | _in(event.status)
        case fact.TicketTriageCorrected():
            return _triaged(event)
        case fact.FirstAnswerGiven():
            return {"answered_at": event.at, "late_minutes": event.late_minutes, **_in(event.status)}
        case fact.AnswerOverdue():
            return {"overdue": True}
        case fact.AnswerOverdueCorrected():
            return {"overdue": False}
        case fact.TicketEscalated():
            return {"escalated": True}
        case fact.EscalationAnswered():
            return {"escalated": False}
        case fact.TicketReopened():
            return _reopened(event)
        case fact.TicketAbsorbed():
            return {"asked_at": event.asked_at, "answer_due": event.answer_due} if event.answer_due else {}
        case fact.TicketResumed():
            return _in(event.status)
        case (
            fact.TicketHeld()
            | fact.TicketDispatched()
            | fact.TicketResolved()
            | fact.TicketMerged()
            | fact.TicketCancelled()
            | fact.TicketClosed()
            | fact.TicketArchived()
        ):
            return _in(_LEADS_TO[type(event)])
        case _:
            assert_never(event)


_LEADS_TO: Mapping[type[Event], TicketStatus] = {
    fact.TicketHeld: TicketStatus.ON_HOLD,
    fact.TicketDispatched: TicketStatus.DISPATCHED,
    fact.TicketResolved: TicketStatus.RESOLVED,
    fact.TicketMerged: TicketStatus.MERGED,
    fact.TicketCancelled: TicketStatus.CANCELLED,
    fact.TicketClosed: TicketStatus.CLOSED,
    fact.TicketArchived: TicketStatus.ARCHIVED,
}


def _in(status: TicketStatus) -> Line:
    return {"status": status, "open": status not in ENDED}


def _triaged(event: fact.TriageFacts) -> Line:
    return {
        "customer": event.customer,
        "customer_name": event.customer_name,
        "product": event.product,
        "product_name": event.product_name,
    }


def _reopened(event: fact.TicketReopened) -> Line:
    """An answer is owed anew."""
    return {
        "asked_at": event.asked_at,
        "answer_due": event.answer_due,
        "answered_at": None,
        "late_minutes": None,
        "overdue": False,
        "reopenings": event.reopening,
        **_in(TicketStatus.REOPENED),
    }


class Count(StrEnum):
    """What is counted for each day."""

    OPENED = "opened"
    ANSWERED_IN_TIME = "answered_in_time"
    ANSWERED_LATE = "answered_late"
    OVERDUE = "overdue"
    """Answer clocks that ran out on that day, answered later or not."""
    CLOSED = "closed"
    COMPLAINTS = "complaints"


def counted(event: Event) -> tuple[datetime, Count, int] | None:
    """When, what and how many ``event`` adds to a day's counts, by when it happened (D23).

    An overdue answer that turns out to have been in time is taken back from the day it was counted for.
    """
    match event:
        case fact.TicketOpened():
            return event.at, Count.OPENED, 1
        case fact.FirstAnswerGiven():
            return event.at, Count.ANSWERED_LATE if event.late_minutes else Count.ANSWERED_IN_TIME, 1
        case fact.AnswerOverdue():
            return event.due, Count.OVERDUE, 1
        case fact.AnswerOverdueCorrected():
            return event.due, Count.OVERDUE, -1
        case fact.TicketClosed():
            return event.at, Count.CLOSED, 1
        case fact.ComplaintLodged():
            return event.at, Count.COMPLAINTS, 1
        case _:
            return None


# --- into the tables --------------------------------------------------------------------------------------------------

_ON_LINE: frozenset[type[Event]] = frozenset(get_args(TicketEvent))

logger = structlog.get_logger(part="view", view="board")


@dataclass(slots=True)
class DayShare:
    """What a day brought in one partition."""

    counts: Counter[Count] = field(default_factory=Counter)
    position: int = 0


@dataclass(slots=True)
class Changes:
    """What a batch of events does to the board."""

    lines: dict[UUID, Line] = field(default_factory=dict)
    """With the version that they show, and where it stands in the log."""
    days: dict[tuple[date, int], DayShare] = field(default_factory=lambda: defaultdict(DayShare))


def fold(known: Mapping[UUID, Line], batch: Iterable[Recorded[Any]]) -> Changes:
    """What ``batch`` changes, where ``known`` are the lines so far of the tickets in it."""
    changes = Changes()
    for recorded in batch:
        event, partition, position = recorded.event, partition_of(recorded.stream), recorded.position
        if type(event) in _ON_LINE:
            line = changes.lines.get(event.ticket) or known.get(event.ticket)
            if line and recorded.version <= line["version"]:
                continue  # told before
            if line or isinstance(event, fact.TicketOpened):
                place = {"version": recorded.version, "partition": partition, "position": position}
                changes.lines[event.ticket] = {**(line or {}), **changed(event), **place}
            else:
                # Its opening was parked and then discarded: nothing is known that could be shown.
                logger.warning("ticket_without_opening", stream=str(event.ticket), position=position)
        if count := counted(event):
            at, what, many = count
            share = changes.days[at.astimezone(SHANGHAI).date(), partition]
            share.counts[what] += many
            share.position = max(share.position, position)
    return changes


async def apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    """Fold the batch into the tables: one look, one statement."""
    tickets = {recorded.event.ticket for recorded in batch if type(recorded.event) in _ON_LINE}
    changes = fold(await _known(connection, tickets), batch)
    if changes.lines or changes.days:
        days = [
            {
                "day": day,
                "partition": partition,
                **{c.value: share.counts[c] for c in Count},
                "position": share.position,
            }
            for (day, partition), share in changes.days.items()
        ]
        await connection.execute(_WRITE, {"lines": _json(list(changes.lines.values())), "days": _json(days)})


BOARD = View(
    name="board",
    sources=("tickets",),
    tables=TABLES,
    apply=apply,
    events=_ON_LINE | {fact.ComplaintLodged},
)

_LINE = (
    *("ticket", "number", "channel", "customer", "customer_name", "product", "product_name"),
    *("status", "open", "escalated", "received_at", "asked_at", "answer_due", "answered_at", "late_minutes"),
    *("overdue", "reopenings", "version", "partition", "position"),
)


def _names(names: Iterable[str], prefix: str = "") -> sql.Composable:
    return sql.SQL(", ").join(sql.Identifier(*filter(None, (prefix, name))) for name in names)


_READ = sql.SQL("SELECT {} FROM tickets WHERE ticket = ANY(%(tickets)b)").format(_names(_LINE)).as_bytes(None)
_WRITE = (
    sql.SQL("""
WITH lines AS (
    INSERT INTO tickets ({line}) SELECT {line} FROM json_populate_recordset(NULL::tickets, %(lines)b)
    ON CONFLICT (ticket) DO UPDATE SET ({line}) = ROW ({new_line})
)
INSERT INTO days AS d SELECT * FROM json_populate_recordset(NULL::days, %(days)b)
ON CONFLICT (day, partition) DO UPDATE SET {sums}, position = greatest(d.position, excluded.position)
""")
    .format(
        line=_names(_LINE),
        new_line=_names(_LINE, "excluded"),
        sums=sql.SQL(", ").join(
            sql.SQL("{0} = {1} + {2}").format(*(sql.Identifier(*path) for path in ((n,), ("d", n), ("excluded", n))))
            for n in Count
        ),
    )
    .as_bytes(None)
)


async def _known(connection: AsyncConnection, tickets: Iterable[UUID]) -> dict[UUID, Line]:
    rows = await connection.execute(_READ, {"tickets": list(tickets)}, binary=True)
    return {row[0]: dict(zip(_LINE, row, strict=True)) for row in await rows.fetchall()}


def _json(rows: list[dict[str, Any]]) -> Json:
    """Rows as one parameter: for us a third of the work that twenty arrays are."""
    return Json(rows, dumps=orjson.dumps)
