"""The ticket board on real PostgreSQL: kept by several workers at once, and read."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.reporting.views import board_reading as reading
from services.reporting.views.board import fold
from services.reporting.views.board_reading import Answer, Day, Filters, Gone, OpenTicket
from services.tickets.domain import ticket_commands as wish
from shared.events.tickets import Channel, SurveyOutcome
from shared.jetstream import partition_of
from tests.boards import KeptBoard, kept_board
from tests.ticket_histories import T0, an_id, batches, call, opening, triage, weeks

ANY = Filters()
GROUPS = 4


@pytest.fixture
async def board(database_url: str) -> AsyncIterator[KeptBoard]:
    async with kept_board(database_url) as kept:
        yield kept


@pytest.mark.parametrize("seed", range(3))
async def test_four_workers_with_any_batches_make_the_same_tables_as_one_by_one(board: KeptBoard, seed: int) -> None:
    random = Random(seed)
    log = weeks(random, steps=400).log
    messages = board.delivered(log)

    async def worker(group: int) -> None:
        mine = [message for message in messages if message.partition % GROUPS == group]
        for batch in batches(mine, random, longest=30):
            await board.take(batch, group, GROUPS)
            if random.random() < 0.2:
                await board.take(batch, group, GROUPS)  # delivered again

    await asyncio.gather(*(worker(group) for group in range(GROUPS)))

    lines: dict[Any, Any] = {}
    days: dict[tuple[date, int], Counter[str]] = {}
    ends: dict[tuple[date, int], int] = {}
    for each in log:
        changes = fold(lines, [each])
        lines |= changes.lines
        for key, share in changes.days.items():
            days.setdefault(key, Counter()).update({c.value: n for c, n in share.counts.items()})
            ends[key] = each.position
    shown = {row["ticket"]: row for row in await board.rows("tickets")}
    assert {name: _plain(row) for name, row in shown.items()} == {str(t): _plain(line) for t, line in lines.items()}
    for row in await board.rows("days"):
        key = (date.fromisoformat(row["day"]), row["partition"])
        assert {name: row[name] for name in Day.model_fields if name != "day" and row[name]} == +days.pop(key)
        assert row["position"] == ends[key]
    assert not [counts for counts in days.values() if +counts]


def _plain(line: dict[str, Any]) -> dict[str, Any]:
    plain = {}
    for name, value in line.items():
        if name.endswith("_at") or name == "answer_due":
            value = datetime.fromisoformat(value) if isinstance(value, str) else value
        plain[name] = str(value) if name in ("ticket", "customer", "product") and value else value
    return plain


async def test_time_left_and_overdue_follow_from_the_time_at_which_it_is_read(board: KeptBoard) -> None:
    one, two, three = an_id("one"), an_id("two"), an_id("three")
    for ticket in (one, two, three):
        board.desk.wants(ticket, opening(ticket, T0, T0))
    board.desk.wants(two, wish.AnswerTicket(at=T0 + timedelta(hours=1), by="li", proof=call(1)))
    board.desk.wants(three, wish.AnswerTicket(at=T0 + timedelta(hours=24, seconds=1), by="li", proof=call(2)))
    await board.catch_up()

    async def at(hours: float) -> dict[Any, tuple[Answer, int | None]]:
        async with board.pool.connection() as connection:
            shown = await reading.open_tickets(connection, ANY, T0 + timedelta(hours=hours))
        return {ticket.ticket: (ticket.answer, ticket.seconds_left) for ticket in shown}

    expected = {two: (Answer.IN_TIME, None), three: (Answer.LATE, None)}
    assert await at(23) == expected | {one: (Answer.AWAITED, 3600)}
    assert await at(24) == expected | {one: (Answer.AWAITED, 0)}
    assert await at(24.5) == expected | {one: (Answer.OVERDUE, -1800)}


async def test_the_most_urgent_come_first_and_pages_neither_skip_nor_repeat(board: KeptBoard) -> None:
    tickets = [an_id(f"{n}") for n in range(23)]
    for n, ticket in enumerate(tickets):
        received = T0 + timedelta(minutes=(n * 7) % 5)
        board.desk.wants(ticket, opening(ticket, T0 + timedelta(hours=1), received))
        if n % 3 == 0:
            board.desk.wants(ticket, wish.AnswerTicket(at=T0 + timedelta(hours=2), by="li", proof=call(n)))
    await board.catch_up()

    pages: list[OpenTicket] = []
    async with board.pool.connection() as connection:
        while True:
            after = reading.urgency(pages[-1]) if pages else None
            page = await reading.open_tickets(connection, ANY, T0, after=after, limit=5)
            pages += page
            if not page:
                break

    assert [ticket.ticket for ticket in pages] == [ticket.ticket for ticket in sorted(pages, key=reading.urgency)]
    assert {ticket.ticket for ticket in pages} == set(tickets)
    assert len(pages) == len(tickets)


async def test_filters_choose_by_channel_product_customer_and_overdue(board: KeptBoard) -> None:
    facts = {
        "one": {
            "channel": Channel.PHONE,
            "customer": an_id("光明"),
            "customer_name": "光明物业",
            "product_name": "胶饵",
        },
        "two": {
            "channel": Channel.EMAIL,
            "customer": an_id("东方"),
            "customer_name": "东方酒店",
            "product_name": "胶饵",
        },
        "three": {"channel": Channel.EMAIL},
    }
    for name, said in facts.items():
        received = T0 - timedelta(hours=30) if name == "two" else T0
        board.desk.wants(an_id(name), opening(an_id(name), T0, received, **said))
    await board.catch_up()

    async def chosen(**filters: Any) -> set[str]:
        async with board.pool.connection() as connection:
            found = await reading.open_tickets(connection, Filters(**filters), T0)
        return {name for name in facts for ticket in found if ticket.ticket == an_id(name)}

    assert await chosen() == {"one", "two", "three"}
    assert await chosen(channel="email") == {"two", "three"}
    assert await chosen(product="胶饵") == {"one", "two"}
    assert await chosen(customer=str(an_id("光明"))) == {"one"}
    assert await chosen(customer="东方酒店") == {"two"}
    assert await chosen(overdue=True) == {"two"}
    assert await chosen(overdue=False, product="胶饵") == {"one"}


async def test_the_figures_add_up(board: KeptBoard) -> None:
    """Five customers with 1 to 5 tickets; each one's first ticket is overdue, its last answered."""
    for n in range(1, 6):
        for k in range(n):
            ticket = an_id(f"{n}/{k}")
            received = T0 - timedelta(hours=30) if k == 0 else T0
            board.desk.wants(ticket, opening(ticket, T0, received, customer_name=f"客户{n}"))
            if k and k == n - 1:
                board.desk.wants(ticket, wish.AnswerTicket(at=T0, by="li", proof=call(k)))
    cancelled = an_id("5/1")
    board.desk.wants(cancelled, wish.CancelTicket(at=T0, by="li", reason="打错了"))
    await board.catch_up()

    async with board.pool.connection() as connection:
        figures = await reading.board_of(connection, ANY, T0, top=2)

    assert (figures.open, figures.awaiting, figures.overdue) == (14, 5, 5)
    assert [(group.key, group.open) for group in figures.by_status] == [("OPEN", 14)]
    assert [(group.key, group.open) for group in figures.by_channel] == [("phone", 14)]
    assert [(group.key, group.open) for group in figures.by_product.largest] == [(None, 14)]
    assert figures.by_product.rest is None
    customers = figures.by_customer
    assert customers.groups == 5
    assert [(g.name, g.open, g.awaiting, g.overdue) for g in customers.largest] == [
        ("客户4", 4, 2, 1),
        ("客户5", 4, 2, 1),
    ]
    assert customers.rest
    assert (customers.rest.open, customers.rest.awaiting, customers.rest.overdue) == (6, 1, 3)


async def test_a_ticket_leaves_the_board_when_it_is_closed_and_comes_back_when_it_is_reopened(board: KeptBoard) -> None:
    one = an_id("one")
    board.desk.wants(one, opening(one, T0, T0))
    board.desk.wants(one, wish.TriageTicket(**triage(T0)))
    board.desk.wants(one, wish.AnswerTicket(at=T0, by="li", proof=call(1)))
    board.desk.wants(one, wish.ResolveTicket(at=T0, by="li", resolution="换了"))
    await board.catch_up()
    assert [(t.status, t.product_name) for t in await _open(board)] == [("RESOLVED", "粘鼠板")]

    board.desk.wants(one, wish.CloseTicket(at=T0, by="li", survey=SurveyOutcome.ANSWERED))
    await board.catch_up()
    assert await _open(board) == []

    board.desk.wants(one, wish.ReopenTicket(at=T0 + timedelta(days=1), by="li", reason="又坏了"))
    await board.catch_up()
    (back,) = await _open(board)
    assert (back.status, back.reopenings, back.answered_at) == ("REOPENED", 1, None)
    assert back.answer_due == T0 + timedelta(days=2)


async def _open(board: KeptBoard) -> list[OpenTicket]:
    async with board.pool.connection() as connection:
        return await reading.open_tickets(connection, ANY, T0)


async def test_days_are_shown_without_gaps(board: KeptBoard) -> None:
    board.desk.wants(an_id("one"), opening(an_id("one"), T0, T0))
    board.desk.now = datetime(2026, 10, 4, 16, tzinfo=UTC)  # midnight in Shanghai, the 5th begins
    board.desk.complains(1, an_id("one"))
    await board.catch_up()

    async with board.pool.connection() as connection:
        days = await reading.days_between(connection, date(2026, 10, 2), date(2026, 10, 5))

    assert days == [
        Day(day=date(2026, 10, 2)),
        Day(day=date(2026, 10, 3), opened=1),
        Day(day=date(2026, 10, 4)),
        Day(day=date(2026, 10, 5), complaints=1),
    ]


async def test_from_a_point_on_only_what_changed_since_is_told_whichever_partition_it_is_in(board: KeptBoard) -> None:
    tickets = [an_id(f"{n}") for n in range(40)]
    for ticket in tickets:
        board.desk.wants(ticket, opening(ticket, T0, T0))
    await board.catch_up()
    async with reading.one_moment(board.pool) as connection:
        seen = await reading.point(connection)

    changed = [tickets[3], tickets[17]]
    assert partition_of(changed[0]) != partition_of(changed[1])
    board.desk.wants(changed[0], wish.CancelTicket(at=T0, by="li", reason="打错了"))
    board.desk.wants(changed[1], wish.AnswerTicket(at=T0 + timedelta(days=1), by="li", proof=call(1)))
    await board.catch_up()

    async with reading.one_moment(board.pool) as connection:
        at = await reading.point(connection)
        told = await reading.changed_tickets(connection, ANY, T0, seen, at)
        days = await reading.changed_days(connection, seen, at)
        nothing = await reading.changed_tickets(connection, ANY, T0, at, at)
    assert [(type(each), each.ticket) for each in told] == [(Gone, changed[0]), (OpenTicket, changed[1])]
    assert days == [Day(day=date(2026, 10, 4), answered_in_time=1)]
    assert nothing == []
    assert seen <= at
    assert not at <= seen
