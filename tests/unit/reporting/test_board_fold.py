"""The ticket board, folded from histories that the tickets' own rules have granted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.views.board import BOARD, Count, Line, fold
from services.tickets.domain import ticket_commands as wish
from shared.clock import SHANGHAI
from shared.events import tickets as fact
from shared.events.tickets import Purpose, TicketStatus
from tests.ticket_histories import T0, Happened, Reception, an_id, batches, call, mixed, opening, triage, weeks

RANDOM = st.integers(0, 10**9).map(Random)


class Board:
    """The tables, in memory."""

    def __init__(self, told: Iterable[Sequence[Happened]]) -> None:
        self.lines: dict[UUID, Line] = {}
        self.days: dict[date, Counter[Count]] = {}
        for batch in told:
            changes = fold(self.lines, batch)
            self.lines |= changes.lines
            for (day, _), share in changes.days.items():
                self.days.setdefault(day, Counter()).update(share.counts)

    @property
    def tickets(self) -> dict[UUID, SimpleNamespace]:
        return {each: SimpleNamespace(**line) for each, line in self.lines.items()}


def one_by_one(log: Iterable[Happened]) -> Board:
    return Board([each] for each in log)


@given(RANDOM)
@settings(max_examples=30, deadline=None)
def test_any_mixture_cut_into_any_batches_and_partly_told_twice_gives_the_same_board(random: Random) -> None:
    log = weeks(random).log
    cut = list(batches(mixed(log, random), random))
    again = [batch for batch in cut for batch in ([batch, _of_tickets(batch)] if random.random() < 0.3 else [batch])]

    told, expected = Board(again), one_by_one(log)

    assert told.lines == expected.lines
    assert told.days == expected.days


def _of_tickets(batch: Sequence[Happened]) -> Sequence[Happened]:
    return [each for each in batch if not isinstance(each.event, fact.ComplaintLodged)]


@given(RANDOM)
@settings(max_examples=30, deadline=None)
def test_the_board_shows_what_tickets_knows(random: Random) -> None:
    desk = weeks(random)

    tickets = one_by_one(desk.log).tickets

    assert tickets.keys() == desk.states.keys()
    for each, known in desk.states.items():
        shown = tickets[each]
        assert known.opened
        assert (shown.status, shown.overdue, shown.reopenings) == (known.status, known.overdue, known.reopenings)
        assert (shown.asked_at, shown.answer_due) == (known.asked_at, known.answer_due)
        assert shown.open == (known.status not in ("CLOSED", "ARCHIVED", "MERGED", "CANCELLED"))
        assert (shown.number, shown.channel) == (known.opened.number, known.opened.channel)
        assert shown.escalated == bool(known.escalation)
        assert shown.answered_at == (known.answer.at if known.answer else None)
        assert shown.late_minutes == (known.answer.late_minutes if known.answer else None)
        facts = known.triage or known.opened
        assert (shown.customer, shown.customer_name) == (facts.customer, facts.customer_name)
        assert (shown.product, shown.product_name) == (facts.product, facts.product_name)


@given(RANDOM)
@settings(max_examples=30, deadline=None)
def test_each_days_counts_are_what_happened_on_it_in_shanghai(random: Random) -> None:
    desk = weeks(random)

    days = one_by_one(desk.log).days

    expected: dict[tuple[date, Count], int] = Counter()
    for event in (each.event for each in desk.log):
        match event:
            case fact.TicketOpened():
                expected[_day(event), Count.OPENED] += 1
            case fact.FirstAnswerGiven(late_minutes=0):
                expected[_day(event), Count.ANSWERED_IN_TIME] += 1
            case fact.FirstAnswerGiven():
                expected[_day(event), Count.ANSWERED_LATE] += 1
            case fact.TicketClosed():
                expected[_day(event), Count.CLOSED] += 1
            case fact.ComplaintLodged():
                expected[_day(event), Count.COMPLAINTS] += 1
            case fact.AnswerOverdue():
                expected[_day(event), Count.OVERDUE] += 1
            case fact.AnswerOverdueCorrected():
                expected[event.due.astimezone(SHANGHAI).date(), Count.OVERDUE] -= 1
    assert {(day, what): n for day, counts in days.items() for what, n in counts.items()} == expected


def _day(event: fact.TicketsEvent) -> date:
    return event.at.astimezone(SHANGHAI).date()


def test_the_histories_reach_all_events_of_the_board() -> None:
    """Otherwise the properties above would say less than they seem to."""
    assert {type(each.event) for seed in range(40) for each in weeks(Random(seed)).log} >= BOARD.events


def test_reopened_while_the_first_request_waits_it_keeps_that_due_time() -> None:
    desk, one = Reception(), an_id("one")
    desk.wants(one, opening(one, T0, T0))
    desk.wants(one, wish.TriageTicket(**triage(T0)))
    desk.wants(one, wish.DispatchTicket(at=T0, by="li", work_order=an_id("order"), purpose=Purpose.REPAIR))
    desk.wants(one, wish.ResolveTicket(at=T0, by="li", resolution="换了"))

    desk.wants(one, wish.ReopenTicket(at=T0 + timedelta(hours=10), by="li", reason="又坏了"))

    line = one_by_one(desk.log).tickets[one]
    assert (line.status, line.reopenings) == (TicketStatus.REOPENED, 1)
    assert (line.asked_at, line.answer_due) == (T0, T0 + timedelta(hours=24))


def test_who_absorbs_an_earlier_request_that_waits_takes_over_its_due_time() -> None:
    desk, one, two = Reception(), an_id("one"), an_id("two")
    desk.wants(one, opening(one, T0, T0))
    desk.wants(two, opening(two, T0 + timedelta(hours=5), T0 + timedelta(hours=5)))
    desk.now += timedelta(hours=6)

    desk.merges(one, into=two)

    lines = one_by_one(desk.log).tickets
    assert (lines[one].status, lines[one].open) == (TicketStatus.MERGED, False)
    assert (lines[two].asked_at, lines[two].answer_due) == (T0, T0 + timedelta(hours=24))


def test_an_answer_entered_late_but_given_in_time_is_no_longer_overdue() -> None:
    desk, one, due = Reception(), an_id("one"), T0 + timedelta(hours=24)
    desk.wants(one, opening(one, T0, T0))
    desk.wants(one, wish.MarkAnswerOverdue(at=due, by="timer"))
    assert one_by_one(desk.log).days[date(2026, 10, 4)] == {Count.OVERDUE: 1}

    desk.wants(one, wish.AnswerTicket(at=due - timedelta(hours=1), by="li", proof=call(1)))

    board = one_by_one(desk.log)
    assert (board.tickets[one].overdue, board.tickets[one].late_minutes) == (False, 0)
    assert board.days[date(2026, 10, 4)] == {Count.OVERDUE: 0, Count.ANSWERED_IN_TIME: 1}


def test_a_day_begins_at_midnight_in_shanghai() -> None:
    desk, one, two = Reception(), an_id("one"), an_id("two")
    midnight = datetime(2026, 10, 3, 16, tzinfo=UTC)
    desk.wants(one, opening(one, midnight - timedelta(seconds=1), T0))

    desk.wants(two, opening(two, midnight, T0))

    assert one_by_one(desk.log).days == {
        date(2026, 10, 3): {Count.OPENED: 1},
        date(2026, 10, 4): {Count.OPENED: 1},
    }


def test_a_ticket_whose_opening_was_discarded_is_counted_but_not_shown() -> None:
    desk, one = Reception(), an_id("one")
    desk.wants(one, opening(one, T0, T0))
    desk.wants(one, wish.AnswerTicket(at=T0, by="li", proof=call(1)))

    board = one_by_one(desk.log[1:])

    assert board.tickets == {}
    assert board.days == {date(2026, 10, 3): {Count.ANSWERED_IN_TIME: 1}}
