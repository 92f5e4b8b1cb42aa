"""The life of a monthly report (5.4, D22, D26)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.reporting.domain import monthly_report
from services.reporting.domain import report_commands as wish
from services.reporting.domain.changes import changes_between
from services.reporting.domain.identity import read_number, report_id, report_number
from services.reporting.domain.monthly_report import fingerprint_of
from services.reporting.domain.report_state import NEW, Report
from services.reporting.wording import in_words
from shared.calendar import Period
from shared.decider import Command, Refused
from shared.events import reporting as fact
from shared.events.base import Event
from shared.events.reporting import (
    Audience,
    DeliveryMeans,
    FigureChange,
    LogPosition,
    ReportFile,
    ReportKind,
    ReportRecipient,
)

OCTOBER = Period(2026, 10)
NOVEMBER_2 = datetime(2026, 11, 2, 1, tzinfo=UTC)
QUALITY = ReportRecipient(
    recipient="quality", audience=Audience.QUALITY, means=(DeliveryMeans.FOLDER,), accounts=("qian",)
)
BOSS = ReportRecipient(recipient="boss", audience=Audience.MANAGEMENT, means=(), accounts=())


def file(name: str = "data.json", sha: str = "a") -> ReportFile:
    return ReportFile(name=name, media_type="application/json", sha256=sha * 64, size=3, audience=None)


def at(dispatch: int, tickets: int = 5) -> tuple[LogPosition, ...]:
    return (LogPosition(source="dispatch", position=dispatch), LogPosition(source="tickets", position=tickets))


class Life:
    """A report, and what was told of it."""

    def __init__(self, kind: ReportKind = ReportKind.STATISTICS) -> None:
        self.state: Report = NEW
        self.told: list[Event] = []
        self.now = OCTOBER.start
        self.wants(wish.OpenMonth, kind=kind, period="2026-10")

    def wants(self, command: type[Command], by: str = "li.na", **said: Any) -> list[Event]:
        events: list[Event] = []
        for event in monthly_report.decide(command(at=self.now, by=by, **said), self.state):  # type: ignore[arg-type]
            self.state = monthly_report.evolve(self.state, event)
            events.append(event)
        self.told += events
        assert all(in_words(event).zh and in_words(event).en for event in events)
        return events

    def refused(self, command: type[Command], by: str = "li.na", **said: Any) -> str:
        with pytest.raises(Refused) as refusal:
            self.wants(command, by, **said)
        return refusal.value.code

    def reviewed(self) -> "Life":
        self.now = NOVEMBER_2
        self.wants(wish.CutOffMonth, positions=at(10))
        self.wants(wish.DraftReport, positions=at(10), files=(file(),))
        self.wants(wish.ReviewReport, by="he.ping")
        return self

    def issued(self) -> "Life":
        self.reviewed().wants(wish.IssueReport, recipients=(QUALITY, BOSS))
        return self


def test_statistics_are_due_at_the_end_of_the_3rd_and_items_of_the_4th() -> None:
    """D22, also when the 3rd is a holiday: nothing is shifted."""
    statistics, items = Life().state.opened, Life(ReportKind.ITEMS).state.opened
    assert statistics
    assert items

    assert statistics.due == datetime(2026, 11, 3, 16, tzinfo=UTC)
    assert items.due == datetime(2026, 11, 4, 16, tzinfo=UTC)
    assert statistics.alarm == statistics.due - timedelta(days=1)


def test_a_month_that_isnt_over_isnt_cut_off() -> None:
    life = Life()
    life.now = OCTOBER.end - timedelta(seconds=1)
    assert life.refused(wish.CutOffMonth, positions=at(10)) == "month_not_over"

    life.now = OCTOBER.end
    assert life.wants(wish.CutOffMonth, positions=at(10))


def test_it_is_cut_off_anew_until_it_is_reviewed_and_never_backwards() -> None:
    life = Life()
    life.now = NOVEMBER_2
    life.wants(wish.CutOffMonth, positions=at(10))
    assert life.refused(wish.CutOffMonth, positions=at(9)) == "cut_off_backwards"
    assert life.refused(wish.CutOffMonth, positions=at(11, 4)) == "cut_off_backwards"
    life.wants(wish.DraftReport, positions=at(10), files=(file(),))
    life.wants(wish.CutOffMonth, positions=at(12))

    assert life.state.status == "CUT_OFF"
    assert life.refused(wish.DraftReport, positions=at(10), files=(file(),)) == "cut_off_meanwhile"


def test_whoever_drafts_doesnt_review() -> None:
    """⚖"""
    life = Life()
    life.now = NOVEMBER_2
    life.wants(wish.CutOffMonth, positions=at(10))
    life.wants(wish.DraftReport, positions=at(10), files=(file(),))

    assert life.refused(wish.ReviewReport) == "drafter_cannot_review"
    assert monthly_report.available(life.state, "li.na", life.now)["review"] is not None
    assert monthly_report.available(life.state, "he.ping", life.now)["review"] is None
    life.wants(wish.ReviewReport, by="he.ping")
    assert life.state.status == "REVIEWED"


def test_what_is_returned_is_drafted_anew() -> None:
    life = Life().reviewed()
    life.wants(wish.ReturnReport, by="he.ping", reason="运费待补")

    assert life.state.status == "CUT_OFF"
    assert life.refused(wish.IssueReport, recipients=()) == "monthly_report_cut_off"
    (draft,) = life.wants(wish.DraftReport, positions=at(10), files=(file(),))
    assert isinstance(draft, fact.MonthlyReportDrafted)
    assert draft.draft == 2


def test_an_issued_report_has_its_number_and_a_hash_over_all_files_and_changes_no_more() -> None:
    life = Life().issued()
    issued = life.told[-1]
    assert isinstance(issued, fact.MonthlyReportIssued)

    assert (issued.number, issued.fingerprint) == ("TJ-2026-10", fingerprint_of([file()]))
    assert (issued.due_met, issued.alarm_met) == (True, True)
    for command, said in (
        (wish.CutOffMonth, {"positions": at(20)}),
        (wish.DraftReport, {"positions": at(10), "files": (file(),)}),
        (wish.ReturnReport, {"reason": "x"}),
        (wish.IssueReport, {"recipients": ()}),
    ):
        assert life.refused(command, **said) == "monthly_report_issued"


def test_the_hash_is_over_names_and_contents_whatever_their_order() -> None:
    one, two = file("a.pdf", "1"), file("b.pdf", "2")

    assert fingerprint_of([one, two]) == fingerprint_of([two, one])
    assert fingerprint_of([one, two]) != fingerprint_of([file("a.pdf", "2"), file("b.pdf", "1")])


def test_it_is_said_a_day_before_and_when_it_is_late_and_a_late_report_says_so() -> None:
    life = Life()
    opened = life.state.opened
    assert opened
    assert life.refused(wish.TellDueSoon) == "alarm_not_due"
    life.now = opened.alarm
    assert [type(e) for e in life.wants(wish.TellDueSoon)] == [fact.MonthlyReportDueSoon]
    assert life.wants(wish.TellDueSoon) == []
    assert life.refused(wish.MarkReportLate) == "report_not_due"

    life.now = opened.due + timedelta(hours=1)
    life.wants(wish.CutOffMonth, positions=at(10))
    life.wants(wish.DraftReport, positions=at(10), files=(file(),))
    life.wants(wish.ReviewReport, by="he.ping")
    late, issued = life.wants(wish.IssueReport, recipients=())

    assert isinstance(late, fact.MonthlyReportLate)
    assert isinstance(issued, fact.MonthlyReportIssued)
    assert (late.at, issued.due_met, issued.alarm_met) == (opened.due, False, False)
    assert life.wants(wish.MarkReportLate) == []


def test_each_recipient_acknowledges_by_an_account_that_may() -> None:
    """D26."""
    life = Life().issued()

    assert life.refused(wish.AcknowledgeReport, by="somebody", recipient="quality") == "not_for_this_account"
    assert life.refused(wish.AcknowledgeReport, recipient="marketing") == "no_recipient"
    (first,) = life.wants(wish.AcknowledgeReport, by="qian", recipient="quality")
    assert life.wants(wish.AcknowledgeReport, by="qian", recipient="quality") == []
    assert life.state.status == "ISSUED"
    (reminded,) = life.wants(wish.RemindRecipients, by="timer:deadlines")
    (last,) = life.wants(wish.AcknowledgeReport, by="chen", recipient="boss")

    assert isinstance(first, fact.MonthlyReportAcknowledged)
    assert isinstance(reminded, fact.MonthlyReportReminderDue)
    assert isinstance(last, fact.MonthlyReportAcknowledged)
    assert (first.complete, reminded.recipients, last.complete) == (False, ("boss",), True)
    assert life.state.status == "ACKNOWLEDGED"
    assert life.wants(wish.RemindRecipients, by="timer:deadlines") == []


def test_what_was_delivered_is_delivered_once_and_failures_are_tried_again_later_and_later() -> None:
    life = Life().issued()
    way = {"number": "TJ-2026-10", "recipient": "quality", "means": DeliveryMeans.FOLDER}

    pauses = []
    for _ in range(7):
        (failed,) = life.wants(wish.RecordDeliveryFailure, reason="没有应答", **way)
        assert isinstance(failed, fact.MonthlyReportDeliveryFailed)
        pauses.append((failed.again_at - life.now).total_seconds() / 60)
    assert pauses == [1, 5, 30, 120, 360, 360, 360]
    assert life.wants(wish.RecordDelivery, reference="ok", **way)
    assert life.wants(wish.RecordDelivery, reference="ok", **way) == []
    assert life.wants(wish.RecordDeliveryFailure, reason="x", **way) == []


def restated(life: Life) -> None:
    changes = (FigureChange(figure="month.total", before="1.00", after="2.00"),)
    life.wants(wish.DraftRestatement, reason="漏计", positions=at(15), files=(file(sha="b"),), changes=changes)


def test_a_restatement_takes_two_people_and_keeps_what_it_replaces() -> None:
    """⚖"""
    life = Life().issued()
    restated(life)
    assert life.refused(wish.RestateReport, recipients=(BOSS,)) == "drafter_cannot_restate"

    (decided,) = life.wants(wish.RestateReport, by="he.ping", recipients=(BOSS,))

    assert isinstance(decided, fact.MonthlyReportRestated)
    assert (decided.number, decided.replaces) == ("TJ-2026-10-R1", "TJ-2026-10")
    assert [issue.number for issue in life.state.issues] == ["TJ-2026-10", "TJ-2026-10-R1"]
    assert life.state.positions == at(15)
    assert life.state.status == "ISSUED", "it has to be acknowledged anew"


def test_a_restatement_that_is_dropped_leaves_the_report_as_it_was_issued() -> None:
    life = Life().issued()
    restated(life)
    life.wants(wish.DropRestatement, reason="下月调整")

    assert life.state.positions == at(10)
    assert life.refused(wish.RestateReport, by="he.ping", recipients=()) == "no_restatement"
    restated(life)
    assert life.state.restatement
    assert life.state.restatement.number == "TJ-2026-10-R2", "a number isn't used twice"


def test_a_report_on_which_another_builds_is_restated_no_more() -> None:
    life = Life().issued()
    follower = report_id(ReportKind.STATISTICS, OCTOBER.next)
    restated(life)
    assert life.refused(wish.FollowMonth, follower=follower) == "restatement_under_way"
    life.wants(wish.RestateReport, by="he.ping", recipients=())
    life.wants(wish.FollowMonth, follower=follower)

    assert life.wants(wish.FollowMonth, follower=follower) == []
    assert (
        life.refused(wish.DraftRestatement, reason="x", positions=at(20), files=(file(),), changes=())
        == "followed_is_adjusted"
    )


def test_a_report_that_isnt_issued_isnt_built_on() -> None:
    life = Life().reviewed()

    assert life.refused(wish.FollowMonth, follower=report_id(ReportKind.STATISTICS, OCTOBER.next)) == (
        "month_before_not_issued"
    )


def test_a_restatement_without_a_change_is_none() -> None:
    life = Life().issued()

    assert (
        life.refused(wish.DraftRestatement, reason="x", positions=at(15), files=(file(),), changes=())
        == "nothing_to_restate"
    )


def test_changes_are_told_place_by_place_and_what_has_a_key_is_found_by_it() -> None:
    before = {
        "cut_off": {"dispatch": 1},
        "month": {"total": "1.00"},
        "by": [{"key": "a", "n": 1}, {"key": "b", "n": 2}],
    }
    after = {"cut_off": {"dispatch": 9}, "month": {"total": "2.00"}, "by": [{"key": "b", "n": 2}]}

    assert [(c.figure, c.before, c.after) for c in changes_between(before, after)] == [
        ("by[a].key", "a", ""),
        ("by[a].n", "1", ""),
        ("month.total", "1.00", "2.00"),
    ]


def test_numbers_are_read_as_they_are_written() -> None:
    for kind in ReportKind:
        assert read_number(report_number(kind, OCTOBER)) == (kind, OCTOBER)
    for wrong in ("TJ-2026-13", "XX-2026-10", "TJ-2026-10-R1", "", "TJ-2026-1"):
        with pytest.raises(ValueError, match=r".+"):
            read_number(wrong)
