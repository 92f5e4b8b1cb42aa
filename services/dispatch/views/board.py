"""What the dispatcher's board, the engineer's day, the map and the proposals are read from: work orders that wait,
visits and how far they are, and whose time is taken.

How far a visit is follows from which steps were told, in whatever order they came in (offline).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.dispatch import WorkOrderStatus
from shared.projection import View

_TABLES: LiteralString = """
CREATE TABLE orders (
    work_order uuid PRIMARY KEY, number text NOT NULL, status text NOT NULL, origin text NOT NULL, purpose text,
    ticket uuid, ticket_number text, programme uuid, occurrence date, customer uuid, customer_name text, site uuid,
    site_name text, city text, region text, product uuid, product_name text, skills text[] NOT NULL,
    wanted_from timestamptz, wanted_until timestamptz, note text, drafted_at timestamptz NOT NULL
);
CREATE INDEX ON orders (drafted_at) WHERE status IN ('DRAFT', 'QUALIFIED');
CREATE INDEX ON orders (ticket);
CREATE TABLE visits (
    visit uuid PRIMARY KEY, number text NOT NULL, work_order uuid NOT NULL, ticket uuid, purpose text NOT NULL,
    customer uuid, customer_name text, site uuid, site_name text, city text, region text, skills text[] NOT NULL,
    wanted_from timestamptz, wanted_until timestamptz, minutes int NOT NULL,
    assigned_to text, assigned_at timestamptz, instruction text, delivered_at timestamptz, answer_due timestamptz,
    unanswered boolean NOT NULL DEFAULT false, agreed_arrival timestamptz, starts_at timestamptz, ends_at timestamptz,
    late_after timestamptz, late boolean NOT NULL DEFAULT false, late_minutes int, expected_arrival timestamptz,
    accepted_at timestamptz, refused_at timestamptz, refusal text, safety boolean, rescheduled_at timestamptz,
    en_route_at timestamptz, arrived_at timestamptz, grade text, started_at timestamptz, paused_at timestamptz,
    resumed_at timestamptz, finished_at timestamptz, report_due timestamptz, checked_out_at timestamptz,
    unreported boolean NOT NULL DEFAULT false, aborted_at timestamptz, abort_reason text,
    engineer text GENERATED ALWAYS AS (CASE WHEN refused_at IS NULL THEN assigned_to END) STORED,
    status text NOT NULL GENERATED ALWAYS AS (CASE
        WHEN aborted_at IS NOT NULL THEN 'ABORTED'
        WHEN checked_out_at IS NOT NULL THEN 'CHECKED_OUT'
        WHEN finished_at IS NOT NULL THEN 'FINISHED'
        WHEN paused_at > coalesce(resumed_at, '-infinity') THEN 'PAUSED'
        WHEN coalesce(started_at, resumed_at) IS NOT NULL THEN 'WORKING'
        WHEN arrived_at IS NOT NULL THEN 'ARRIVED'
        WHEN en_route_at IS NOT NULL THEN 'EN_ROUTE'
        WHEN refused_at IS NOT NULL THEN 'REFUSED'
        WHEN accepted_at IS NOT NULL THEN 'ACCEPTED'
        WHEN rescheduled_at IS NOT NULL THEN 'RESCHEDULED'
        WHEN assigned_at IS NOT NULL THEN 'ASSIGNED'
        ELSE 'PLANNED' END) STORED
);
CREATE INDEX ON visits (starts_at);
CREATE INDEX ON visits (work_order);
CREATE INDEX ON visits (engineer, starts_at);
CREATE INDEX ON visits (status) WHERE status IN ('PLANNED', 'REFUSED');
CREATE INDEX ON visits (late_after) WHERE arrived_at IS NULL AND aborted_at IS NULL;
CREATE TABLE slots (
    engineer text NOT NULL, day date NOT NULL, visit uuid NOT NULL, starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL, PRIMARY KEY (engineer, day, visit)
);
CREATE INDEX ON slots (day);
"""

_ORDER = (
    *("number", "purpose", "ticket", "ticket_number", "customer", "customer_name", "site", "site_name", "city"),
    *("region", "product", "product_name", "wanted_from", "wanted_until", "note"),
)
_VISIT = tuple(name for name in fact.VisitPlanned.model_fields if name not in ("at", "skills"))


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            match recorded.event:
                case fact.SlotBooked() | fact.SlotShortened() | fact.SlotReleased() as event:
                    await _slot(connection, event)
                case fact.WorkOrderDrafted() as event:
                    await _insert(connection, "orders", _order_row(event))
                case fact.VisitPlanned() as event:
                    row = {name: getattr(event, name) for name in _VISIT}
                    await _insert(connection, "visits", row | {"skills": list(event.skills)})
                case fact.VisitAccepted() as event:
                    await _accepted(connection, event)
                case fact.WorkPaused() | fact.WorkResumed() as event:
                    await _rested(connection, event)
                case event if type(event) in _OF_ORDERS:
                    await _update(connection, "orders", "work_order", event.work_order, _order_changes(event))
                    if isinstance(event, fact.WorkOrderQualified):
                        await connection.execute(_QUALIFY, (event.work_order,))
                case event:
                    await _update(connection, "visits", "visit", event.visit, _visit_changes(event))


def _order_row(event: fact.WorkOrderDrafted) -> dict[str, Any]:
    facts = {name: getattr(event, name) for name in _ORDER} | {"skills": list(event.skills)}
    whence = {name: getattr(event, name) for name in ("work_order", "origin", "programme", "occurrence")}
    return facts | whence | {"status": WorkOrderStatus.DRAFT, "drafted_at": event.at}


_ENDS: dict[type[fact.DispatchEvent], WorkOrderStatus] = {
    fact.WorkOrderVerified: WorkOrderStatus.VERIFIED,
    fact.WorkOrderPosted: WorkOrderStatus.POSTED,
    fact.WorkOrderIncomplete: WorkOrderStatus.INCOMPLETE,
    fact.WorkOrderCancelled: WorkOrderStatus.CANCELLED,
}
_OF_ORDERS: tuple[type[fact.DispatchEvent], ...] = (
    fact.WorkOrderQualified,
    fact.WorkOrderVisitNoted,
    fact.WorkOrderWorkDone,
    fact.WorkOrderReported,
    *_ENDS,
)


_QUALIFY = "UPDATE orders SET status = 'QUALIFIED' WHERE work_order = %s AND status = 'DRAFT'"
"""Facts that are said anew later don't change how far it is."""


def _order_changes(event: Any) -> dict[str, Any]:
    match event:
        case fact.WorkOrderQualified():
            return {name: getattr(event, name) for name in _ORDER} | {"skills": list(event.skills)}
        case fact.WorkOrderVisitNoted() | fact.WorkOrderWorkDone() | fact.WorkOrderReported():
            return {"status": event.status}
        case _:
            return {"status": _ENDS[type(event)]}


_STEPS: dict[type[fact.DispatchEvent], str] = {
    fact.VisitEnRoute: "en_route_at",
    fact.WorkStarted: "started_at",
    fact.VisitCheckedOut: "checked_out_at",
}
"""The column that says when."""
_FLAGS: dict[type[fact.DispatchEvent], tuple[str, bool]] = {
    fact.DispatchUnanswered: ("unanswered", True),
    fact.DispatchUnansweredCorrected: ("unanswered", False),
    fact.LeftWithoutReporting: ("unreported", True),
    fact.LeftWithoutReportingCorrected: ("unreported", False),
}


def _visit_changes(event: Any) -> dict[str, Any]:
    kind = type(event)
    if kind in _STEPS:
        return {_STEPS[kind]: event.at}
    if kind in _FLAGS:
        name, value = _FLAGS[kind]
        return {name: value}
    match event:
        case fact.VisitAssigned():
            return _assigned(event)
        case fact.InstructionDelivered():
            return {"delivered_at": event.at, "answer_due": event.answer_due}
        case fact.DispatchRefused():
            return {"refused_at": event.at, "refusal": event.reason, "safety": event.safety}
        case fact.VisitRescheduled():
            return _rescheduled(event)
        case fact.VisitDelayReported():
            return {"expected_arrival": event.expected_arrival}
        case fact.VisitLate():
            return {"late": True, "late_minutes": event.minutes}
        case fact.VisitLateCorrected():
            return {"late": False, "late_minutes": None}
        case fact.VisitArrived():
            return {"arrived_at": event.at, "grade": event.grade, "late_minutes": event.late_minutes}
        case fact.ArrivalAdjudicated():
            return {"late_minutes": event.late_minutes}
        case _:
            return _at_work(event)


def _at_work(event: Any) -> dict[str, Any]:
    match event:
        case fact.VisitFinished():
            return {"finished_at": event.at, "report_due": event.report_due}
        case fact.VisitAborted():
            return {"aborted_at": event.at, "abort_reason": event.reason}
        case _:
            raise TypeError(f"{event.TOPIC} isn't on the board")


_FORGOTTEN = ("delivered_at", "answer_due", "accepted_at", "refused_at", "refusal", "safety", "rescheduled_at")
"""Whoever had it before has nothing to do with it any more."""


def _assigned(event: fact.VisitAssigned) -> dict[str, Any]:
    names = ("instruction", "agreed_arrival", "starts_at", "ends_at", "late_after")
    fresh = dict.fromkeys((*_FORGOTTEN, "en_route_at", "expected_arrival"))
    facts = {name: getattr(event, name) for name in names}
    return fresh | facts | {"assigned_to": event.engineer, "assigned_at": event.at, "unanswered": False}


def _rescheduled(event: fact.VisitRescheduled) -> dict[str, Any]:
    moved: dict[str, Any] = {"agreed_arrival": event.agreed_arrival, "late_after": event.late_after}
    moved |= {"rescheduled_at": event.at}
    if event.awaited:
        moved |= {"starts_at": event.starts_at, "ends_at": event.ends_at}
        moved |= dict.fromkeys(("accepted_at", "en_route_at", "expected_arrival"))
    return moved


async def _accepted(connection: AsyncConnection, event: fact.VisitAccepted) -> None:
    """An acceptance of the earlier time that comes in late says nothing of the later one."""
    await connection.execute(
        "UPDATE visits SET accepted_at = %(at)s "
        "WHERE visit = %(visit)s AND (rescheduled_at IS NULL OR rescheduled_at <= %(at)s)",
        {"at": event.at, "visit": event.visit},
    )


async def _rested(connection: AsyncConnection, event: fact.WorkPaused | fact.WorkResumed) -> None:
    """What comes from offline may be older than what is known."""
    name = Identifier("paused_at" if isinstance(event, fact.WorkPaused) else "resumed_at")
    statement = SQL("UPDATE visits SET {0} = greatest({0}, %s) WHERE visit = %s").format(name)
    await connection.execute(statement, (event.at, event.visit))


async def _slot(connection: AsyncConnection, event: fact.SlotBooked | fact.SlotShortened | fact.SlotReleased) -> None:
    key = (event.engineer, event.day, event.visit)
    if isinstance(event, fact.SlotShortened):
        statement = "UPDATE slots SET ends_at = %s WHERE engineer = %s AND day = %s AND visit = %s"
        await connection.execute(statement, (event.ends_at, *key))
        return
    if isinstance(event, fact.SlotReleased):
        await connection.execute("DELETE FROM slots WHERE engineer = %s AND day = %s AND visit = %s", key)
        return
    await connection.execute(
        "INSERT INTO slots VALUES (%s, %s, %s, %s, %s) ON CONFLICT (engineer, day, visit) "
        "DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at",
        (*key, event.starts_at, event.ends_at),
    )


async def _insert(connection: AsyncConnection, table: str, row: dict[str, Any]) -> None:
    await connection.execute(_inserting(table, tuple(row)), row)


async def _update(connection: AsyncConnection, table: str, key: str, value: UUID, changes: dict[str, Any]) -> None:
    await connection.execute(_updating(table, key, tuple(changes)), changes | {"_key": value})


@cache
def _inserting(table: str, names: tuple[str, ...]) -> Composed:
    columns, values = SQL(", ").join(map(Identifier, names)), SQL(", ").join(map(Placeholder, names))
    return SQL("INSERT INTO {} ({}) VALUES ({})").format(Identifier(table), columns, values)


@cache
def _updating(table: str, key: str, names: tuple[str, ...]) -> Composed:
    sets = SQL(", ").join(SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in names)
    statement = SQL("UPDATE {} SET {} WHERE {} = {}")
    return statement.format(Identifier(table), sets, Identifier(key), Placeholder("_key"))


BOARD = View(
    name="board",
    sources=("dispatch",),
    tables=_TABLES,
    apply=_apply,
    events=frozenset(
        {
            *_OF_ORDERS,
            *_STEPS,
            *_FLAGS,
            fact.ArrivalAdjudicated,
            fact.DispatchRefused,
            fact.InstructionDelivered,
            fact.SlotBooked,
            fact.SlotReleased,
            fact.SlotShortened,
            fact.VisitAborted,
            fact.VisitAccepted,
            fact.VisitArrived,
            fact.VisitAssigned,
            fact.VisitDelayReported,
            fact.VisitFinished,
            fact.VisitLate,
            fact.VisitLateCorrected,
            fact.VisitPlanned,
            fact.VisitRescheduled,
            fact.WorkOrderDrafted,
            fact.WorkPaused,
            fact.WorkResumed,
        }
    ),
)
