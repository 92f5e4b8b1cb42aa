"""The monthly reports' commands (5.4): each month by its number (``TJ-2026-10``)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.reporting.commands.making import Making, as_cut, as_positions
from services.reporting.domain import monthly_report, recipient
from services.reporting.domain.account import year_before
from services.reporting.domain.cuts import Cuts
from services.reporting.domain.identity import read_number, recipient_id, report_id, report_number
from services.reporting.domain.monthly_report import check_cut_off, check_draft, check_restatement
from services.reporting.domain.report_commands import CutOffMonth, FollowMonth, OpenMonth
from services.reporting.domain.report_state import Report
from services.reporting.views import months as view
from shared.calendar import Period
from shared.decider import Refused
from shared.eventlog import StreamNotFound, Streams
from shared.events.reporting import ReportKind, ReportRecipient

Wish = Callable[..., Any]
"""Makes the caller's command, given what the application knows by itself."""

LOOK_BACK = 24
"""Months up to which an earlier report is looked for."""


def find(code: str) -> tuple[ReportKind, Period, UUID]:
    """Kind, month and stream of ``TJ-2026-10``. Raises ``StreamNotFound`` for what is no such number."""
    try:
        kind, period = read_number(code)
    except ValueError as error:
        raise StreamNotFound(f"monthly_report {code}") from error
    return kind, period, report_id(kind, period)


async def open_(streams: Streams, code: str, wish: Wish, version: int | None) -> dict[str, Any]:
    """By hand; as a rule months open by themselves."""
    kind, period, report = find(code)
    command: OpenMonth = wish(kind=kind, period=str(period))
    await streams.handle(monthly_report, report, command)
    return await _done(streams, report)


async def act(streams: Streams, code: str, wish: Wish, version: int | None) -> dict[str, Any]:
    """Decide the command on the report that the caller has seen as ``version`` (None: as it is)."""
    report = await _expected(streams, code, version)
    await streams.handle(monthly_report, report, wish())
    return await _done(streams, report)


async def cut_off(streams: Streams, code: str, wish: Wish, version: int | None, making: Making) -> dict[str, Any]:
    """How far the figures are now is how far the report looks; the report before can't be restated from now on.

    Raises ``NotThere``.
    """
    kind, period, report = find(code)
    await _expected(streams, code, version)
    check_cut_off(await streams.load(monthly_report, report), streams.now)
    await _check_not_followed(streams, kind, period)
    before = await _before(streams, kind, period)
    last_year = await streams.load(monthly_report, report_id(kind, year_before(period)), required=False)
    command: CutOffMonth = wish(
        positions=as_positions(await making.reached()),
        since=before.positions if before else None,
        last_year=last_year.positions,
        follows=before.opened.report if before and before.opened else None,
    )
    if command.follows:
        await streams.handle(
            monthly_report, command.follows, FollowMonth(at=command.at, by=command.by, follower=report)
        )
    await streams.handle(monthly_report, report, command)
    return await _done(streams, report)


async def draft(streams: Streams, code: str, wish: Wish, version: int | None, making: Making) -> dict[str, Any]:
    """Raises ``NotThere``."""
    kind, period, report = find(code)
    await _expected(streams, code, version)
    state = await streams.load(monthly_report, report)
    cut = check_draft(state)
    files = await making.files(kind, period, cuts_of(state), report_number(kind, period))
    await streams.handle(monthly_report, report, wish(positions=cut.positions, files=tuple(files)))
    return await _done(streams, report)


async def issue(streams: Streams, code: str, wish: Wish, version: int | None) -> dict[str, Any]:
    """To all who get reports of this kind (D26); also the restatement."""
    kind, _, report = find(code)
    await _expected(streams, code, version)
    await streams.handle(monthly_report, report, wish(recipients=await _recipients(streams, kind)))
    return await _done(streams, report)


async def draft_restatement(
    streams: Streams, code: str, wish: Wish, version: int | None, making: Making
) -> dict[str, Any]:
    """The report as it would be by what is known now, and what changes. Raises ``NotThere``."""
    kind, period, report = find(code)
    await _expected(streams, code, version)
    state = await streams.load(monthly_report, report)
    check_restatement(state)
    assert state.issue, "what can be restated was issued"
    cuts = cuts_of(state)
    now = Cuts(await making.reached(), cuts.since, cuts.last_year)
    files = await making.files(kind, period, now, report_number(kind, period, state.editions + 1))
    changes = await making.changes(state.issue.files, files)
    command = wish(positions=as_positions(now.at), files=tuple(files), changes=tuple(changes))
    await streams.handle(monthly_report, report, command)
    return await _done(streams, report)


def cuts_of(report: Report) -> Cuts:
    """All that the report's data follow from, besides its month."""
    assert report.positions, "it was cut off"
    assert report.cut, "it was cut off"
    since, last_year = report.cut.since, report.cut.last_year
    return Cuts(as_cut(report.positions), as_cut(since) if since else None, as_cut(last_year) if last_year else None)


async def _expected(streams: Streams, code: str, version: int | None) -> UUID:
    _, _, report = find(code)
    await streams.expect(monthly_report, report, version)
    await streams.load(monthly_report, report)
    return report


async def _before(streams: Streams, kind: ReportKind, period: Period) -> Report | None:
    """The latest earlier report that was cut off. A month before it that is only open is passed over where nothing was
    ever reported; otherwise it comes first. Raises ``Refused``."""
    for _ in range(LOOK_BACK):
        period = period.previous
        report = await streams.load(monthly_report, report_id(kind, period), required=False)
        if report.cut:
            return report
        if report.opened:
            raise Refused(
                "month_before_open",
                f"上一份月报 {report.opened.number} 尚未截数，请先完成。",
                f"The report before, {report.opened.number}, isn't cut off: finish it first.",
            )
    return None


async def _check_not_followed(streams: Streams, kind: ReportKind, period: Period) -> None:
    """A month can't be cut off behind a later one: what it would say is adjusted there. Raises ``Refused``."""
    for _ in range(LOOK_BACK):
        period = period.next
        following = await streams.load(monthly_report, report_id(kind, period), required=False)
        if following.cut and following.opened:
            raise Refused(
                "followed_is_adjusted",
                f"后续月报 {following.opened.number} 已截数。",
                f"The later report {following.opened.number} is cut off already.",
            )


async def _recipients(streams: Streams, kind: ReportKind) -> tuple[ReportRecipient, ...]:
    """Those that the list of recipients names, as their own streams know them."""
    found = []
    for row in await view.recipients(streams.pool):
        recorded = (await streams.load(recipient, recipient_id(row["recipient"]))).recorded
        if recorded and recorded.active and kind in recorded.kinds:
            found.append(
                ReportRecipient(
                    recipient=recorded.recipient,
                    audience=recorded.audience,
                    means=recorded.means,
                    accounts=recorded.accounts,
                )
            )
    return tuple(found)


async def _done(streams: Streams, report: UUID) -> dict[str, Any]:
    state = await streams.load(monthly_report, report)
    opened = monthly_report.known(state)
    issue, restatement = state.issue, state.restatement
    return {
        "report": str(report),
        "number": opened.number,
        "status": state.status,
        "issued": issue.number if issue else None,
        "fingerprint": issue.fingerprint if issue else None,
        "restatement": restatement.number if restatement else None,
        "waiting_for": [each.recipient for each in state.waiting_for],
        "version": streams.version(report),
    }


async def months_to_open(streams: Streams, kind: ReportKind, now: datetime) -> Sequence[Period]:
    """Those that have begun and aren't open: all since the last open one; where there is none, this month, and the one
    before as long as its report isn't due."""
    current = Period.of(now)
    missing, period = [current], current
    for _ in range(LOOK_BACK):
        if (await streams.load(monthly_report, report_id(kind, period), required=False)).opened:
            return missing[: missing.index(period)][::-1]
        period = period.previous
        missing.append(period)
    before = current.previous
    due = before.due_end_of_day(monthly_report.DUE_DAY[kind])
    return [before, current] if now < due else [current]
