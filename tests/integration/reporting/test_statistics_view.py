"""The months' figures follow from the events alone (5.4)."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from services.reporting.domain.account import Account, canonical, statistics_data
from services.reporting.domain.figures import Figures, Split
from services.reporting.views import statistics_reading as reading
from services.reporting.views.statistics_entries import EntriesPage, Entry, entries_of, place
from shared.calendar import Period
from shared.events import tickets
from shared.events.base import Source
from shared.events.tickets import CoverageReason, CoverageVerdict, Purpose
from tests.month_histories import Logs, on
from tests.months import KeptMonths, kept_months
from tests.ticket_histories import an_id


@pytest.fixture
async def months(database_url: str) -> AsyncIterator[KeptMonths]:
    async with kept_months(database_url) as kept:
        yield kept


def october() -> Logs:
    """Three work orders, visits on the edges of the month, costs of every kind, a judged arrival."""
    logs = Logs()
    logs.customer("光明物业", "华东")
    first = logs.order("first", "2026-10-02")
    guided = logs.order(
        "guided",
        "2026-10-03",
        purpose=Purpose.INSTALLATION_GUIDANCE,
        contract="HT-7",
        region="华南",
        product=None,
        product_name=None,
    )
    ticket = logs.ticket("SQ1", "2026-10-04", product="胶饵")
    logs.covered(ticket, "2026-10-04", CoverageVerdict.OUT_OF_WARRANTY, CoverageReason.WARRANTY_OVER)
    second = logs.order("second", "2026-10-05", ticket=ticket, region=None, product=None, product_name=None)
    logs.arrives("v1", first, "E01", "2026-10-01", hour=0)
    logs.arrives("v2", first, "E01", "2026-10-01", hour=9)
    logs.arrives("v3", second, "E02", "2026-10-31", hour=23)
    logs.arrives("v4", guided, "E02", "2026-10-31", hour=8)
    logs.arrives("v5", second, "E03", "2026-09-30", hour=23)
    logs.arrives("v6", second, "E03", "2026-11-01", hour=0)
    logs.arrives("v7", first, "E04", "2026-10-12")
    logs.adjudicates("v7", first, "E04", "2026-10-20", None)
    logs.costs(first, "people", "75.00", "2026-10-01")
    logs.costs(first, "material", "6.70", "2026-10-01")
    logs.costs(first, "material", "-1.70", "2026-10-02")
    logs.costs(second, "freight", "23.00", "2026-10-31")
    logs.costs(second, "travel", "380.00", "2026-10-31")
    logs.costs(guided, "people", "50.00", "2026-10-31")
    logs.costs(second, "travel", "9.00", "2026-11-01")
    logs.costs(first, "travel", "12.00", "2026-10-15", late=True)
    return logs


WANTED = Figures(
    persons=2,
    person_times=4,
    person_days=2,
    people=Decimal("75.00"),
    travel=Decimal("392.00"),
    material=Decimal("5.00"),
    freight=Decimal("23.00"),
    total=Decimal("495.00"),
    memo=Decimal("50.00"),
)


def named(account: Account, split: Split) -> dict[str | None, Figures]:
    return {group.name or group.key: figures for group, figures in account.month.by[split].items()}


async def test_a_month_is_that_of_shanghai_and_counts_what_happened_in_it(months: KeptMonths) -> None:
    await months.take(october().all)

    account = await months.account("2026-10")

    assert account.month.all == WANTED
    assert (account.previous.all.person_times, account.last_year.all) == (1, Figures())
    assert (await months.account("2026-11")).month.all.travel == Decimal("9.00")


async def test_the_figures_are_split_by_what_is_known_of_the_work(months: KeptMonths) -> None:
    await months.take(october().all)

    account = await months.account("2026-10")

    products = {name: f.total for name, f in named(account, Split.PRODUCT).items()}
    assert products == {"粘鼠板": Decimal("92.00"), "胶饵": Decimal("403.00"), None: Decimal("0.00")}
    regions = named(account, Split.REGION)
    assert {name: f.person_times for name, f in regions.items()} == {"华北": 2, "华南": 1, "华东": 1}
    warranty = {name: f.total for name, f in named(account, Split.WARRANTY).items()}
    assert warranty == {"in_warranty": Decimal("92.00"), "out_of_warranty": Decimal("403.00")}
    assert named(account, Split.PURPOSE)["installation_guidance"].memo == Decimal("50.00")
    assert named(account, Split.CUSTOMER)["光明物业"].total == Decimal("495.00")


@pytest.mark.parametrize("seed", range(6))
async def test_in_whatever_order_the_sources_are_heard_the_view_is_the_same(months: KeptMonths, seed: int) -> None:
    # given what comes of the events one after the other
    logs = october()
    await months.take(logs.all)
    rows, data = await months.rows(), canonical(statistics_data(await months.account("2026-10", logs.heads)))

    # when they come mixed, cut into other batches
    await months.empty()
    await months.take(logs.all, Random(seed))

    # then
    assert await months.rows() == rows
    assert canonical(statistics_data(await months.account("2026-10", logs.heads))) == data


async def test_what_is_delivered_again_changes_nothing(months: KeptMonths) -> None:
    logs = october()
    await months.take(logs.all)
    before = await months.rows()

    await months.take(logs.all)

    assert await months.rows() == before


async def test_a_visit_of_a_paper_register_counts_and_one_that_dispatch_told_doesnt_count_twice(
    months: KeptMonths,
) -> None:
    logs = Logs()
    ticket = logs.ticket("SQ1", "2026-10-04", product="胶饵")
    for visit, source in (("paper", Source.IMPORT), ("told", Source.EVENT)):
        reported = tickets.VisitReported(
            at=on("2026-10-05"),
            ticket=ticket,
            visit=an_id(visit),
            work_order=an_id(f"order {visit}"),
            engineer="E09",
            agreed_arrival=None,
            arrived_at=on("2026-10-05"),
            finished_at=None,
            late_minutes=None,
        )
        logs.tell(ticket, reported, source=source)
    await months.take(logs.all)

    account = await months.account("2026-10")

    assert account.month.all.person_times == 1
    assert list(named(account, Split.PRODUCT)) == ["胶饵"]


async def test_an_arrival_judged_to_be_of_another_day_is_taken_back_in_its_own_month(months: KeptMonths) -> None:
    logs = Logs()
    order = logs.order("one", "2026-09-28")
    logs.arrives("v", order, "E01", "2026-10-01", hour=0)
    logs.adjudicates("v", order, "E01", "2026-10-09", on("2026-09-30", 23))
    await months.take(logs.all)

    assert (await months.account("2026-10")).month.all == Figures()
    assert (await months.account("2026-09")).month.all.person_days == 1


async def test_what_is_learned_behind_the_cut_off_adjusts_the_next_month_and_leaves_the_last_alone(
    months: KeptMonths,
) -> None:
    # given October as it was cut off
    logs = october()
    cut = logs.heads
    order = an_id("first")
    await months.take(logs.all)
    reported = canonical(statistics_data(await months.account("2026-10", cut)))

    # when more is learned of it: a cost, a second visit of somebody on a day that counted, a day of somebody new
    logs.costs(order, "freight", "11.00", "2026-10-30", recorded=on("2026-11-05"))
    logs.arrives("v8", order, "E01", "2026-10-01", hour=15, recorded=on("2026-11-05"))
    logs.arrives("v9", order, "E05", "2026-10-07", recorded=on("2026-11-06"))
    logs.adjudicates("v1", order, "E01", "2026-11-06", None)
    logs.costs(order, "people", "1.00", "2026-11-03")
    await months.take(logs.all)

    # then October is as it was
    assert canonical(statistics_data(await months.account("2026-10", cut))) == reported

    # and November tells what changed, and by which events
    november = await months.account("2026-11", logs.heads, cut)
    assert november.adjustments.all == Figures(
        persons=1, person_times=1, person_days=1, freight=Decimal("11.00"), total=Decimal("11.00")
    )
    assert november.month.all.people == Decimal("1.00")
    assert november.previous.all == WANTED
    assert [(late.month, late.kind, late.quantity, late.event) for late in november.late] == [
        (date(2026, 10, 1), "freight", 1, "CostAdded"),
        (date(2026, 10, 1), "visit", 1, "VisitArrived"),
        (date(2026, 10, 1), "visit", 1, "VisitArrived"),
        (date(2026, 10, 1), "visit", -1, "ArrivalAdjudicated"),
    ]
    assert november.late[0].recorded_at == on("2026-11-05")


async def drilled(months: KeptMonths, logs: Logs, **asked: object) -> list[Entry]:
    """All pages of a figure's entries."""
    found: list[Entry] = []
    cursor: str | None = None
    async with reading.one_state(months.pool) as connection:
        while True:
            page = EntriesPage.model_validate({"limit": 2, "cursor": cursor, **asked})
            rows = await entries_of(connection, Period(2026, 10), page, logs.heads, None)
            found += rows[:2]
            if len(rows) <= 2:
                return found
            cursor = page.cursor_at(place(rows[1]))


async def test_each_figure_drills_down_to_the_events_that_make_it(months: KeptMonths) -> None:
    logs = october()
    await months.take(logs.all)

    for figure in ("people", "travel", "material", "freight", "total", "memo"):
        entries = await drilled(months, logs, figure=figure)
        assert sum((e.amount or 0 for e in entries), Decimal(0)) == getattr(WANTED, figure), figure
        assert len({(e.source, e.position, e.part) for e in entries}) == len(entries)
    visits = await drilled(months, logs, figure="person_times")
    assert sum(e.quantity for e in visits) == WANTED.person_times
    assert [e.quantity for e in visits if e.engineer == "E04"] == [1, -1]
    assert visits == sorted(visits, key=place)


async def test_the_drill_down_of_a_group_is_that_of_its_figure(months: KeptMonths) -> None:
    logs = october()
    await months.take(logs.all)
    account = await months.account("2026-10", logs.heads)

    for split in Split:
        for group, figures in account.month.by[split].items():
            entries = await drilled(months, logs, figure="total", **{split.value: group.key or "-"})
            assert sum((e.amount or 0 for e in entries), Decimal(0)) == figures.total, (split, group)
