"""Service reports as a list (3.6): which wait for a signature, which were refused, which trainings are repeated."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, Field

from shared.eventlog import Recorded
from shared.events import dispatch as fact
from shared.events.dispatch import ReportStatus, TrainingOutcome
from shared.events.tickets import Purpose
from shared.paging import Page
from shared.view import View

_TABLES: LiteralString = """
CREATE TABLE reports (
    report uuid PRIMARY KEY, number text NOT NULL UNIQUE, work_order uuid NOT NULL, work_order_number text NOT NULL,
    purpose text NOT NULL, ticket uuid, customer uuid, customer_name text, site_name text, product uuid, lots text[],
    engineers text[] NOT NULL, status text NOT NULL, settled text, correcting boolean NOT NULL DEFAULT false,
    report_version int NOT NULL DEFAULT 0, corrections int NOT NULL DEFAULT 0, training text,
    drafted_at timestamptz NOT NULL, submitted_at timestamptz, signed_at timestamptz, refused text, version int NOT NULL
);
CREATE INDEX ON reports (drafted_at DESC, report);
CREATE INDEX ON reports (work_order);
CREATE INDEX ON reports (customer, drafted_at DESC);
CREATE INDEX ON reports USING gin (engineers);
CREATE INDEX ON reports USING gin (lots);
"""

_REPORT = (
    fact.ServiceReportDrafted
    | fact.ServiceReportFilled
    | fact.ReportAttachmentAdded
    | fact.ReportAttachmentRemoved
    | fact.ServiceReportSubmitted
    | fact.ServiceReportRecalled
    | fact.ServiceReportSigned
    | fact.SignatureRefused
    | fact.ServiceReportCorrectionBegun
    | fact.ServiceReportCorrected
    | fact.ServiceReportCorrectionDropped
    | fact.ReportSignerErased
)


async def _apply(connection: AsyncConnection, batch: Sequence[Recorded[Any]]) -> None:
    async with connection.pipeline():
        for recorded in batch:
            event = recorded.event
            if isinstance(event, fact.ServiceReportDrafted):
                await _insert(connection, _job(event.job) | _begun(event) | {"version": recorded.version})
            elif isinstance(event, _REPORT):
                await _update(connection, event.report, _changes(event) | {"version": recorded.version})


def _begun(event: fact.ServiceReportDrafted) -> dict[str, Any]:
    kept = {"report": event.report, "number": event.number, "work_order": event.work_order}
    return kept | {"purpose": event.job.purpose, "status": ReportStatus.DRAFT, "drafted_at": event.at}


def _job(job: fact.ReportJob, parts: Sequence[fact.PartUsed] = ()) -> dict[str, Any]:
    """一: what stayed with whom is found by its lot."""
    lots = sorted({lot for lot in (job.lot, *(part.lot for part in parts)) if lot})
    known = {name: getattr(job, name) for name in ("ticket", "customer", "customer_name", "site_name", "product")}
    engineers = sorted({visit.engineer for visit in job.visits})
    return known | {"work_order_number": job.number, "lots": lots, "engineers": engineers}


def _changes(event: Any) -> dict[str, Any]:
    match event:
        case fact.ServiceReportSubmitted() | fact.ServiceReportCorrected():
            shown = {"status": ReportStatus.SUBMITTED, "report_version": event.version, "submitted_at": event.at}
            return shown | _job(event.content.job, event.content.parts)
        case fact.ServiceReportSigned():
            settled = _settled(ReportStatus.SIGNED, event.training)
            return settled | {"signed_at": event.at, "refused": None}
        case fact.SignatureRefused():
            settled = _settled(ReportStatus.SIGNATURE_REFUSED, event.training)
            return settled | {"signed_at": None, "refused": event.reason}
        case fact.ServiceReportCorrectionBegun():
            return {"status": ReportStatus.CORRECTING, "correcting": True}
        case fact.ServiceReportRecalled():
            return {"status": SQL("CASE WHEN correcting THEN 'CORRECTING' ELSE 'DRAFT' END")}
        case fact.ServiceReportCorrectionDropped():
            return {"status": SQL("settled"), "correcting": False, "report_version": event.corrects}
        case _:
            return {}


def _settled(status: ReportStatus, training: TrainingOutcome | None) -> dict[str, Any]:
    more = SQL("corrections + correcting::int")
    return {"status": status, "settled": status, "training": training, "corrections": more, "correcting": False}


async def _insert(connection: AsyncConnection, row: dict[str, Any]) -> None:
    columns, places = SQL(", ").join(map(Identifier, row)), SQL(", ").join(map(Placeholder, row))
    await connection.execute(SQL("INSERT INTO reports ({}) VALUES ({})").format(columns, places), row)


async def _update(connection: AsyncConnection, report: UUID, changes: dict[str, Any]) -> None:
    sets = [
        SQL("{} = {}").format(Identifier(name), value if isinstance(value, Composable) else Placeholder(name))
        for name, value in changes.items()
    ]
    values = {name: value for name, value in changes.items() if not isinstance(value, Composable)}
    statement = SQL("UPDATE reports SET {} WHERE report = %(_report)s").format(SQL(", ").join(sets))
    await connection.execute(statement, values | {"_report": report})


REPORTS = View(name="reports", sources=("dispatch",), tables=_TABLES, apply=_apply)


# -- queries -----------------------------------------------------------------------------------------------------------


class ReportsPage(Page):
    """Which reports; the latest begun first."""

    status: list[ReportStatus] = Field([], description="状态，可多选 · statuses")
    purpose: Purpose | None = Field(None, description="服务类别 · purpose of the work")
    training: TrainingOutcome | None = Field(None, description="培训结论 · outcome of a training")
    engineer: str | None = Field(None, max_length=40, description="服务人员 · engineer")
    customer: UUID | None = Field(None, description="客户 · customer")
    work_order: UUID | None = Field(None, description="派工单 · work order")
    ticket: UUID | None = Field(None, description="服务请求 · ticket")
    lot: str | None = Field(None, max_length=200, description="批次（产品或所用材料）· lot of the product or of a part")
    drafted_from: AwareDatetime | None = None
    drafted_until: AwareDatetime | None = Field(None, description="不含 · exclusive")


_CONDITIONS: dict[str, LiteralString] = {
    "status": "status = ANY(%(status)s)",
    "purpose": "purpose = %(purpose)s",
    "training": "training = %(training)s",
    "engineer": "engineers @> ARRAY[%(engineer)s]::text[]",
    "customer": "customer = %(customer)s",
    "work_order": "work_order = %(work_order)s",
    "ticket": "ticket = %(ticket)s",
    "lot": "lots @> ARRAY[%(lot)s]::text[]",
    "drafted_from": "drafted_at >= %(drafted_from)s",
    "drafted_until": "drafted_at < %(drafted_until)s",
}


async def reports(pool: AsyncConnectionPool, page: ReportsPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` reports; ``own``: only of this engineer's work."""
    chosen = page.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    values = {name: value for name, value in chosen.items() if value != []} | {"limit": page.limit + 1}
    conditions = [SQL(_CONDITIONS[name]) for name in values if name in _CONDITIONS]
    if own is not None:
        conditions.append(SQL("engineers @> ARRAY[%(own)s]::text[]"))
        values["own"] = own
    if (last := page.after(datetime, UUID)) is not None:
        conditions.append(SQL("(drafted_at, report) < (%(last_at)s, %(last_key)s)"))
        values |= {"last_at": last[0], "last_key": last[1]}
    where = SQL(" AND ").join(conditions or [SQL("true")])
    query = SQL("SELECT * FROM view_reports.reports WHERE {} ORDER BY drafted_at DESC, report DESC LIMIT %(limit)s")
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(query.format(where), values)).fetchall()
    return [{name: value for name, value in row.items() if name not in ("settled", "correcting")} for row in rows]
