"""What is published of the months' figures are the figures of the reports (5.4), by other means."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row

from services.reporting.domain.account import Account
from services.reporting.domain.figures import FIGURES, Figures
from services.reporting.views import STATISTICS
from services.reporting.views.published import with_published
from shared.events.tickets import CoverageReason, CoverageVerdict, Purpose
from shared.published import lay_if_needed
from tests.integration.reporting.test_months_add_up import PERIODS, Told, facts, tell
from tests.integration.reporting.test_statistics_view import october
from tests.month_histories import Logs
from tests.months import KeptMonths, kept_months

Groups = dict[tuple[str, str], tuple[str | None, Figures]]
"""Name and figures, by split and key."""


@pytest.fixture
async def months(database_url: str) -> AsyncIterator[KeptMonths]:
    async with kept_months(database_url) as kept:
        yield kept


async def published(months: KeptMonths, period: str) -> Groups:
    async with months.pool.connection() as connection:
        # ``months.empty`` has taken the tables away, and the views with them
        await connection.execute("DROP SCHEMA IF EXISTS dashboard CASCADE")
    (view,) = with_published([STATISTICS])
    await lay_if_needed(months.pool, view.published, view.schema)
    async with months.pool.connection() as connection:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute("SELECT * FROM dashboard.month_figures WHERE month = %s", (f"{period}-01",))
        rows: list[dict[str, Any]] = await cursor.fetchall()
    return {
        (row["split"], row["group_key"]): (row["group_name"], Figures(**{name: row[name] for name in FIGURES}))
        for row in rows
    }


def reported(account: Account) -> Groups:
    found: Groups = {
        (split.value, group.key or "-"): (group.name, figures)
        for split, groups in account.month.by.items()
        for group, figures in groups.items()
    }
    return found | {("all", ""): (None, account.month.all)}


async def test_a_month_is_published_with_all_its_groups(months: KeptMonths) -> None:
    await months.take(october().all)

    for period in ("2026-09", "2026-10", "2026-11"):
        assert await published(months, period) == reported(await months.account(period))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.tuples(facts(0), facts(1), facts(2)), st.integers(0, 2**16))
async def test_whatever_happens_the_published_figures_are_those_of_the_reports(
    months: KeptMonths, learned: tuple[list[Told], ...], seed: int
) -> None:
    await months.empty()
    logs, chance = Logs(), Random(seed)
    ticket = logs.ticket("SQ1", "2026-07-01", product="胶饵")
    logs.covered(ticket, "2026-07-01", CoverageVerdict.OUT_OF_WARRANTY, CoverageReason.CONTRACT)
    logs.order("first", "2026-07-01", ticket=ticket, region=None, product=None, product_name=None)
    logs.order("guided", "2026-07-01", purpose=Purpose.COMMISSIONING, contract="HT-7")
    for told in (told for those in learned for told in those):
        tell(logs, told, len(logs.log["dispatch"]))
    await months.take(logs.all, chance)

    for period in PERIODS:
        found, wanted = await published(months, period), reported(await months.account(period))
        if wanted["all", ""][1] == Figures():
            found.setdefault(("all", ""), (None, Figures()))  # a month in which nothing happened has no row
        assert found == wanted


async def test_surveys_are_published_with_what_they_are_of(months: KeptMonths) -> None:
    logs = Logs()
    ticket = logs.ticket("SQ1", "2026-10-04", product="胶饵")
    logs.scored(ticket, "2026-10-09", 4)
    await months.take(logs.all)
    await published(months, "2026-10")

    async with months.pool.connection() as connection:
        rows = await connection.execute(
            "SELECT position, month::text, outcome, score, ticket, customer_name, product_name "
            "FROM dashboard.satisfaction"
        )
        found = await rows.fetchall()

    assert found == [(2, "2026-10-01", "answered", 4, ticket, "光明物业", "胶饵")]
