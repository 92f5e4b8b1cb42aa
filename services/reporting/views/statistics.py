"""What the months' figures are made of (5.4): every event's contribution, kept for ever and never changed.

``entries`` are contributions: an arrival, an amount, an answer, a score … each by the event that makes it. The other
tables are what was known of work orders, tickets, customers and products, with the position of the event that said so.
Nothing is ever updated, so what is asked of a month at given positions of the logs has one answer, whichever source
was heard first, today and in ten years.

What corrects an arrival takes the earlier contribution back by a contra entry of the same month: no row goes away.

Whatever changes in this file has the view built anew; how it is read is in ``statistics_reading``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import AsyncConnection, sql
from psycopg.types.json import Json

from shared.calendar import day_of
from shared.eventlog import Recorded
from shared.events import dispatch, tickets
from shared.events.base import Event, Source
from shared.projection import View

TABLES: LiteralString = """
CREATE TABLE entries (
    source text NOT NULL,
    position bigint NOT NULL,
    part integer NOT NULL,
    kind text NOT NULL,
    month date NOT NULL,
    day date NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    event text NOT NULL,
    item uuid,
    ticket uuid,
    work_order uuid,
    visit uuid,
    engineer text,
    quantity integer NOT NULL,
    amount numeric(14, 2),
    facts jsonb NOT NULL,
    PRIMARY KEY (source, position, part)
);
CREATE INDEX entries_month ON entries (month, at, source, position, part);
CREATE INDEX entries_visit ON entries (visit, position, part) WHERE visit IS NOT NULL;
CREATE TABLE orders (
    work_order uuid NOT NULL,
    position bigint NOT NULL,
    number text NOT NULL,
    purpose text,
    ticket uuid,
    customer uuid,
    customer_name text,
    region text,
    city text,
    product uuid,
    product_name text,
    lot text,
    coverage text NOT NULL,
    contract text,
    PRIMARY KEY (work_order, position)
);
CREATE TABLE tickets (
    ticket uuid NOT NULL,
    position bigint NOT NULL,
    number text,
    customer uuid,
    customer_name text,
    product uuid,
    product_name text,
    lot text,
    coverage text NOT NULL,
    PRIMARY KEY (ticket, position)
);
CREATE TABLE coverages (
    ticket uuid NOT NULL,
    position bigint NOT NULL,
    verdict text NOT NULL,
    by_contract boolean NOT NULL,
    contract text,
    PRIMARY KEY (ticket, position)
);
CREATE TABLE customers (
    customer uuid NOT NULL,
    position bigint NOT NULL,
    name text NOT NULL,
    region text,
    PRIMARY KEY (customer, position)
);
CREATE TABLE products (
    product uuid NOT NULL,
    position bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (product, position)
);
"""


class Kind(StrEnum):
    """What an entry contributes to."""

    VISIT = "visit"
    """A visit with an arrival: one person-time (D24)."""
    PEOPLE = "people"
    TRAVEL = "travel"
    MATERIAL = "material"
    FREIGHT = "freight"
    OPENED = "opened"
    ANSWERED = "answered"
    ANSWER_OVERDUE = "answer_overdue"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    LATE = "late"
    LEFT = "left"
    ORDER = "order"
    VERIFIED = "verified"
    SURVEY = "survey"
    SURVEY_DECLINED = "survey_declined"
    COMPLAINT = "complaint"
    COMPLAINT_FOUND = "complaint_found"
    QUALITY = "quality"
    SUPPLIER_CLAIM = "supplier_claim"


Row = dict[str, Any]
"""A row of a table, column by column."""

# --- contributions ----------------------------------------------------------------------------------------------------


def contribution(recorded: Recorded[Any]) -> Row | None:
    """The entry that the event makes by itself; None where it makes none. Its month is that in which what it tells of
    happened, Asia/Shanghai (D23), whenever it was recorded."""
    event = recorded.event
    match event:
        case dispatch.VisitArrived():
            return _arrival(recorded, event.at, event.grade)
        case dispatch.CostAdded():
            facts = {"cause": event.cause, "note": event.note}
            return _entry(recorded, Kind(event.kind), event.at, facts, amount=event.amount)
        case dispatch.LateCostNoted():  # posted orders stay as they are, and yet it was paid: it is of its own month
            late = {"cause": event.cause, "note": event.note, "after_posting": True}
            return _entry(recorded, Kind(event.kind), event.at, late, amount=event.amount)
        case tickets.VisitReported() if recorded.meta.source is Source.IMPORT:
            # From a paper register: dispatch knows nothing of it. All others are told by dispatch itself.
            arrived = event.arrived_at or event.finished_at
            return _arrival(recorded, arrived, None) if arrived else None
        case _:
            return _of_an_item(recorded)


def _of_an_item(recorded: Recorded[Any]) -> Row | None:
    """What the monthly item report tells of a service item (5.4.5)."""
    found = _OF_ITEMS.get(type(recorded.event))
    if found is None:
        return None
    kind, when, names, quantity = found
    event = recorded.event
    facts = {name: getattr(event, name) for name in names}
    own = {name: getattr(event, name, None) for name in ("visit", "engineer")}
    item = getattr(event, "complaint", None) or getattr(event, "request", None) or getattr(event, "claim", None)
    return _entry(recorded, kind, getattr(event, when), facts, item=item, quantity=quantity, **own)


def _arrival(recorded: Recorded[Any], at: datetime, grade: str | None) -> Row:
    event = recorded.event
    facts = {"late_minutes": event.late_minutes, "grade": grade}
    return _entry(recorded, Kind.VISIT, at, facts, visit=event.visit, engineer=event.engineer)


_OF_ITEMS: Mapping[type[Event], tuple[Kind, str, tuple[str, ...], int]] = {
    tickets.TicketOpened: (Kind.OPENED, "at", ("channel", "summary", "received_at", "answer_due"), 1),
    tickets.FirstAnswerGiven: (Kind.ANSWERED, "at", ("asked_at", "due", "late_minutes"), 1),
    tickets.AnswerOverdue: (Kind.ANSWER_OVERDUE, "due", ("asked_at", "due"), 1),
    tickets.AnswerOverdueCorrected: (Kind.ANSWER_OVERDUE, "due", ("due", "answered_at"), -1),
    tickets.TicketEscalated: (Kind.ESCALATED, "at", ("question",), 1),
    tickets.TicketResolved: (Kind.RESOLVED, "at", ("resolution",), 1),
    tickets.TicketReopened: (Kind.REOPENED, "at", ("reason", "answer_due", "reopening"), 1),
    tickets.TicketClosed: (Kind.CLOSED, "at", ("survey",), 1),
    tickets.TicketCancelled: (Kind.CANCELLED, "at", ("reason",), 1),
    tickets.SurveyAnswered: (Kind.SURVEY, "at", ("survey", "score", "verdict", "text"), 1),
    tickets.SurveyDeclined: (Kind.SURVEY_DECLINED, "at", ("survey", "reason"), 1),
    tickets.ComplaintLodged: (Kind.COMPLAINT, "at", ("number", "category", "summary"), 1),
    tickets.ComplaintSubstantiated: (Kind.COMPLAINT_FOUND, "at", ("category", "reasons"), 1),
    tickets.ComplaintDismissed: (Kind.COMPLAINT_FOUND, "at", ("finding", "reasons"), 0),
    dispatch.VisitLate: (Kind.LATE, "at", ("agreed_arrival", "minutes"), 1),
    dispatch.VisitLateCorrected: (Kind.LATE, "agreed_arrival", ("agreed_arrival", "arrived_at"), -1),
    dispatch.LeftWithoutReporting: (Kind.LEFT, "due", ("finished_at", "due"), 1),
    dispatch.LeftWithoutReportingCorrected: (Kind.LEFT, "due", ("due", "reported_at"), -1),
    dispatch.WorkOrderQualified: (Kind.ORDER, "at", ("number", "purpose"), 1),
    dispatch.WorkOrderVerified: (Kind.VERIFIED, "at", ("number", "note"), 1),
    dispatch.QualityRefused: (Kind.QUALITY, "at", ("part_name", "quantity", "lots", "supplier", "findings"), 1),
    dispatch.SupplierClaimOpened: (
        Kind.SUPPLIER_CLAIM,
        "at",
        ("number", "supplier", "part_name", "lots", "defect", "amount"),
        1,
    ),
}
"""Of each event: the kind of its entry, the field that says when, the facts that are kept, and how many it counts."""


def _entry(recorded: Recorded[Any], kind: Kind, at: datetime, facts: Row, **columns: Any) -> Row:
    """A row of ``entries``. ``facts`` are told with it and not computed with."""
    event, day = recorded.event, day_of(at)
    return {
        "source": recorded.service,
        "position": recorded.position,
        "part": 0,
        "kind": kind,
        "month": day.replace(day=1),
        "day": day,
        "at": at,
        "recorded_at": recorded.meta.recorded_at,
        "event": type(event).__name__,
        "item": None,
        "ticket": getattr(event, "ticket", None),
        "work_order": getattr(event, "work_order", None),
        "visit": None,
        "engineer": None,
        "quantity": 1,
        "amount": None,
        "facts": facts,
        **columns,
    }


def settled(recorded: Recorded[Any], before: Sequence[Row]) -> list[Row]:
    """What the entries of a visit become by an arrival that is told anew or judged (D5); ``before`` are all that there
    are of the visit. The earlier arrival is taken back in its own month."""
    event = recorded.event
    standing = _standing(before)
    if isinstance(event, dispatch.ArrivalAdjudicated):
        fresh = _arrival(recorded, event.arrived_at, "adjudicated") if event.arrived_at else None
    else:
        fresh = contribution(recorded)
    rows = []
    if standing:
        taken_back = {name: standing[name] for name in _OF_THE_ARRIVAL}
        rows.append(_entry(recorded, Kind.VISIT, standing["at"], {}, quantity=-1) | taken_back)
    if fresh:
        rows.append(fresh | {"part": len(rows)})
    return rows


_OF_THE_ARRIVAL = ("month", "day", "at", "ticket", "work_order", "visit", "engineer", "facts")


def _standing(entries: Sequence[Row]) -> Row | None:
    """The arrival that counts so far."""
    latest = max(entries, key=lambda row: (row["position"], row["part"]), default=None)
    return latest if latest and latest["quantity"] > 0 else None


# --- what is known ----------------------------------------------------------------------------------------------------


def known(recorded: Recorded[Any]) -> tuple[str, Row] | None:
    """Table and row of what the event says of a work order, a ticket, a customer or a product."""
    event, at = recorded.event, {"position": recorded.position}
    match event:
        case dispatch.WorkOrderDrafted() | dispatch.WorkOrderQualified():
            return "orders", at | _named(event, _COLUMNS["orders"])
        case tickets.TicketOpened():
            return "tickets", at | _named(event, _COLUMNS["tickets"]) | {"coverage": "unknown"}
        case tickets.TicketTriaged() | tickets.TicketTriageCorrected():
            return "tickets", at | _named(event, _COLUMNS["tickets"]) | {"number": None}
        case tickets.CoverageDecided():
            by_contract = tickets.CoverageReason.CONTRACT in event.reasons
            return "coverages", at | {
                "ticket": event.ticket,
                "verdict": event.verdict,
                "by_contract": by_contract,
                "contract": event.contract,
            }
        case tickets.CustomerRecorded():
            return "customers", at | _named(event, _COLUMNS["customers"])
        case tickets.ProductRecorded():
            return "products", at | _named(event, _COLUMNS["products"])
        case _:
            return None


_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "orders": (
        *("work_order", "number", "purpose", "ticket", "customer", "customer_name", "region", "city"),
        *("product", "product_name", "lot", "coverage", "contract"),
    ),
    "tickets": ("ticket", "number", "customer", "customer_name", "product", "product_name", "lot", "coverage"),
    "coverages": ("ticket", "verdict", "by_contract", "contract"),
    "customers": ("customer", "name", "region"),
    "products": ("product", "name"),
}
"""Of each table, without the position."""


def _named(event: Event, names: Iterable[str]) -> Row:
    return {name: getattr(event, name, None) for name in names}


# --- into the tables --------------------------------------------------------------------------------------------------

_ARRIVALS = (dispatch.VisitArrived, dispatch.ArrivalAdjudicated, tickets.VisitReported)


async def apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    """Append what the batch contributes and says: one look at the arrivals of its visits, one statement a table."""
    visits = await _arrivals(connection, {each.event.visit for each in batch if isinstance(each.event, _ARRIVALS)})
    rows: dict[str, list[Row]] = {}
    for recorded in batch:
        event = recorded.event
        if isinstance(event, _ARRIVALS):
            before = visits.setdefault(event.visit, [])
            made = settled(recorded, before) if _heard(recorded) else []
            before += made
        else:
            entry = contribution(recorded)
            made = [entry] if entry else []
        rows.setdefault("entries", []).extend(made)
        if said := known(recorded):
            rows.setdefault(said[0], []).append(said[1])
    for table, those in rows.items():
        if those:
            await connection.execute(_INSERT[table], {"rows": _json(those)})


def _heard(recorded: Recorded[Any]) -> bool:
    """What tickets knows of visits it has from dispatch, except for what was taken over from paper registers."""
    return not isinstance(recorded.event, tickets.VisitReported) or recorded.meta.source is Source.IMPORT


async def _arrivals(connection: AsyncConnection, visits: Iterable[UUID]) -> dict[UUID, list[Row]]:
    wanted = list(visits)
    found: dict[UUID, list[Row]] = {}
    if wanted:
        cursor = await connection.execute(_ARRIVED, {"visits": wanted})
        names = [column.name for column in cursor.description or ()]
        for values in await cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            found.setdefault(row["visit"], []).append(row)
    return found


_ARRIVED = (
    "SELECT visit, position, part, quantity, month, day, at, ticket, work_order, engineer, facts FROM entries "
    "WHERE visit = ANY(%(visits)s) AND kind = 'visit'"
)
_INSERT = {
    table: sql.SQL("INSERT INTO {0} SELECT * FROM json_populate_recordset(NULL::{0}, %(rows)s)").format(
        sql.Identifier(table)
    )
    for table in ("entries", *_COLUMNS)
}


def _json(rows: list[Row]) -> Json:
    return Json(rows, dumps=lambda value: orjson.dumps(value, default=_plain))


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


STATISTICS = View(
    name="statistics",
    sources=("dispatch", "tickets"),
    tables=TABLES,
    apply=apply,
    events=frozenset(
        {
            *_OF_ITEMS,
            *_ARRIVALS,
            dispatch.CostAdded,
            dispatch.LateCostNoted,
            dispatch.WorkOrderDrafted,
            tickets.TicketTriaged,
            tickets.TicketTriageCorrected,
            tickets.CoverageDecided,
            tickets.CustomerRecorded,
            tickets.ProductRecorded,
        }
    ),
)
