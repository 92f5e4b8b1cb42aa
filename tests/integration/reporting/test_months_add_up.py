"""Whatever is learned, and whenever: issued figures never change, and nothing is lost or counted twice (5.4, D23)."""

from collections.abc import AsyncIterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.reporting.domain.account import canonical, statistics_data, year_before
from services.reporting.domain.cuts import Cut, Cuts
from services.reporting.domain.figures import Figures
from services.reporting.views import statistics_reading as reading
from services.reporting.views.items_reading import items_of
from services.reporting.views.kept_figures import TABLES, Remembering, keep, kept_of
from shared.calendar import Period
from shared.events.tickets import Purpose
from tests.month_histories import Logs, on
from tests.months import KeptMonths, kept_months
from tests.ticket_histories import an_id

PERIODS = ("2026-08", "2026-09", "2026-10")
Told = tuple[int, int, str, str, int]
"""Month in which it happened, day, what, by whom, how much."""


@pytest.fixture
async def months(database_url: str) -> AsyncIterator[KeptMonths]:
    async with kept_months(database_url) as kept:
        yield kept


def facts(until: int) -> st.SearchStrategy[list[Told]]:
    """What may be learned in a month: of that month, or of one before."""
    what = st.sampled_from(["visit", "judged", "people", "travel", "material", "freight", "late freight"])
    one = st.tuples(
        st.integers(0, until), st.integers(1, 28), what, st.sampled_from(["E01", "E02"]), st.integers(-5, 9)
    )
    return st.lists(one, max_size=7)


def tell(logs: Logs, told: Told, number: int) -> None:
    month, day, what, who, amount = told
    when = f"{PERIODS[month]}-{day:02}"
    order = an_id("guided" if amount % 2 else "first")
    match what:
        case "visit":
            logs.arrives(f"v{number}", order, who, when)
        case "judged":  # an arrival that turns out to have been on another day, perhaps of another month, or none
            logs.arrives(f"v{number}", order, who, when)
            logs.adjudicates(f"v{number}", order, who, when, on(f"{PERIODS[0]}-05") if amount > 0 else None)
        case "late freight":
            logs.costs(order, "freight", f"{amount}.50", when, late=True)
        case _:
            logs.costs(order, what, f"{amount}.25", when)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.tuples(facts(0), facts(1), facts(2)), st.integers(0, 2**16))
async def test_the_months_with_their_adjustments_are_all_that_happened_and_issued_figures_stay(
    months: KeptMonths, learned: tuple[list[Told], ...], seed: int
) -> None:
    # given three months, each cut off after what was learned in it, in whatever order it is heard
    await months.empty()
    logs, chance = Logs(), Random(seed)
    logs.order("first", "2026-07-01")
    logs.order("guided", "2026-07-01", purpose=Purpose.COMMISSIONING, contract="HT-7")
    reports: list[tuple[str, Cuts, bytes, bytes]] = []
    since: Cut | None = None
    for period, those in zip(PERIODS, learned, strict=True):
        for told in those:
            tell(logs, told, len(logs.log["dispatch"]))
        await months.take(logs.all, chance)
        cuts = Cuts(logs.heads, since)
        reports.append((period, cuts, *await drafted(months, period, cuts)))
        since = cuts.at

    # then each report, made again, is the same to the byte
    for period, cuts, *before in reports:
        assert [*await drafted(months, period, cuts)] == before

    # also where the months beside it are those that were kept
    await nothing_is_kept(months)
    for period, cuts, data, _ in reports * 2:
        assert await drafted_from_what_is_kept(months, period, cuts) == data

    # and all reports together say what all entries together say, month by month
    reported = [(await months.account(period, cuts.at, cuts.since)) for period, cuts, *_ in reports]
    assert since
    whole = [(await months.account(period, since)).month.all for period in PERIODS]
    assert sum_of([account.month.all + account.adjustments.all for account in reported]) == sum_of(whole)
    for split in reported[0].month.by:
        parts = [figures for account in reported for figures in account.adjustments.by[split].values()]
        assert sum_of(parts).total == sum_of([account.adjustments.all for account in reported]).total


async def drafted(months: KeptMonths, period: str, cuts: Cuts) -> tuple[bytes, bytes]:
    """The data of both reports."""
    async with reading.one_state(months.pool) as connection:
        account = await reading.account_of(connection, Period.parse(period), cuts)
        items = await items_of(connection, Period.parse(period), cuts)
    return canonical(statistics_data(account)), canonical(items)


async def nothing_is_kept(months: KeptMonths) -> None:
    """Another company's logs have begun at the same positions."""
    async with months.pool.connection() as connection:
        await connection.execute(TABLES)
        await connection.execute("DELETE FROM kept_figures")


async def drafted_from_what_is_kept(months: KeptMonths, period: str, cuts: Cuts) -> bytes:
    of = Period.parse(period)
    wanted = [(of.previous, cuts.previous), (year_before(of), cuts.last_year or cuts.at), (of, cuts.at)]
    remembering = Remembering(await kept_of(months.pool, wanted))
    async with reading.one_state(months.pool) as connection:
        account = await reading.account_of(connection, of, cuts, remembering.figures_of)
    await keep(months.pool, remembering.made)
    return canonical(statistics_data(account))


def sum_of(figures: list[Figures]) -> Figures:
    whole = Figures()
    for each in figures:
        whole += each
    return whole
