"""Work orders: one as it stands, read from the log itself; and lists, as the board has heard of them."""

from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row
from psycopg.sql import SQL
from psycopg_pool import AsyncConnectionPool
from pydantic import AwareDatetime, Field

from services.dispatch.domain.names.work_orders import ORIGIN, PURPOSE, VISIT_PROGRESS, WORK_ORDER_STATUS
from services.dispatch.domain.work_order import known
from services.dispatch.domain.work_order_state import WorkOrder
from services.dispatch.views.lists import select_page
from shared.eventlog import EventLog, Recorded
from shared.events.base import Event
from shared.events.dispatch import CostKind, Origin, WorkOrderStatus
from shared.events.tickets import Purpose
from shared.language import Language, say
from shared.own import require_own
from shared.paging import Page


class WorkOrdersPage(Page):
    """Which work orders; newest first."""

    status: list[WorkOrderStatus] = Field([], description="状态，可多选 · statuses")
    purpose: Purpose | None = Field(None, description="用途 · purpose")
    origin: Origin | None = Field(None, description="来源 · origin")
    ticket: UUID | None = Field(None, description="服务请求 · ticket")
    programme: UUID | None = Field(None, description="走访计划 · visit programme")
    customer: UUID | None = Field(None, description="客户 · customer")
    site: UUID | None = Field(None, description="服务地点 · site")
    product: UUID | None = Field(None, description="产品 · product")
    region: str | None = Field(None, description="区域 · region")
    city: str | None = Field(None, description="城市 · city")
    drafted_from: AwareDatetime | None = None
    drafted_until: AwareDatetime | None = Field(None, description="不含 · exclusive")


_MINE = SQL(
    "EXISTS (SELECT FROM view_board.visits v WHERE v.work_order = orders.work_order AND v.engineer = %(only_engineer)s)"
)


async def listed(pool: AsyncConnectionPool, page: WorkOrdersPage, own: str | None) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` work orders, by their numbers; ``own``: only those with a visit of this engineer."""
    if own is None:
        return await select_page(pool, "orders", page, "drafted_at", {})
    return await select_page(pool, "orders", page, "drafted_at", {"engineer": own}, _MINE)


_NAMES: dict[str, LiteralString] = {
    "customer": "SELECT name AS customer_name, region FROM view_clientele.customers WHERE customer = %s",
    "site": "SELECT name AS site_name, city, customer FROM view_clientele.sites WHERE site = %s",
    "product": "SELECT name AS product_name FROM view_clientele.products WHERE product = %s",
    "ticket": "SELECT nullif(number, '') AS ticket_number FROM requests WHERE ticket = %s",
}


async def names_of(pool: AsyncConnectionPool, what: str, key: UUID) -> dict[str, Any] | None:
    """What is known of a ``customer``, ``site``, ``product`` or ``ticket``, by the names of a work order's facts."""
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(_NAMES[what], (key,))).fetchone()


def require_part(own: str | None, order: WorkOrder) -> None:
    """Raises Problem (403) for an engineer who has no visit of it."""
    require_own(own, *(noted.engineer for noted in order.visits.values()))


def shown(order: WorkOrder, language: Language) -> dict[str, Any]:
    """The work order as JSON, but for what the caller may do. Amounts in CNY."""
    facts, drafted, ended = known(order), order.drafted, order.ended
    return {
        **facts.model_dump(exclude={"at", *_OF_DRAFT}),
        **(drafted.model_dump(include=_OF_DRAFT) if drafted else {}),
        "drafted_at": drafted.at if drafted else None,
        "status": order.status,
        "status_words": say(WORK_ORDER_STATUS[order.status], language),
        "purpose_words": say(PURPOSE[facts.purpose], language) if facts.purpose else None,
        "origin_words": say(ORIGIN[drafted.origin], language) if drafted else None,
        "visits": [
            {
                "visit": visit,
                "engineer": noted.engineer,
                "progress": noted.progress,
                "progress_words": say(VISIT_PROGRESS[noted.progress], language),
            }
            for visit, noted in order.visits.items()
        ],
        "report": order.report.model_dump(include=_OF_REPORT) if order.report else None,
        "verified": order.verified.model_dump(include={"at", "verified_by", "note"}) if order.verified else None,
        "costs": [cost.model_dump(include=_OF_COST) for cost in order.costs.values()],
        "late_costs": [cost.model_dump(include=_OF_COST) for cost in order.late_costs.values()],
        "totals": {kind.value: order.total(kind) for kind in CostKind} | {"total": order.total()},
        "posted_at": order.posted.at if order.posted else None,
        "ended": ended.model_dump(include={"at", "reason", "follow_up", "taken_up_by"}) if ended else None,
    }


_OF_DRAFT = {"origin", "reopening", "programme", "occurrence", "follows", "follows_reason"}
_OF_REPORT = {"at", "report", "version", "signed_at", "signature_refused"}
_OF_COST = {"at", "kind", "amount", "cause", "note"}


async def history(log: EventLog, id: UUID, order: WorkOrder) -> list[Recorded[Event]]:
    """Every event of the work order and its visits, as recorded. Raises ``StreamNotFound``."""
    found = await log.history(id)
    for visit in order.visits:
        found += await log.history(visit)
    return sorted(found, key=lambda recorded: recorded.position)
