"""How the board of phone duty is read: who is on duty today and now, and what the probes have shown."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from shared.calendar import SHANGHAI, day_of
from shared.events.telephony import CallDirection, CallOutcome


class DutyState(StrEnum):
    """How it stands with an engineer's phone now."""

    UNANSWERED = "unanswered"
    """Two probes were not answered and nobody called back: evidence, not a verdict (D11)."""
    CALL_BACK_AWAITED = "call_back_awaited"
    ON_DUTY = "on_duty"
    """Within the window."""
    LATER = "later"
    """Today's window hasn't begun."""
    OVER = "over"
    LEAVE = "leave"


class DutyWindowToday(BaseModel):
    """From when to when."""

    opens_at: datetime
    closes_at: datetime


class DutyEngineer(BaseModel):
    """An engineer who is on duty today."""

    engineer: str
    state: DutyState
    on_trip: bool = Field(description="因出差而值守（D12） · on duty since the day is one of a trip (D12)")
    windows: list[DutyWindowToday]
    probes: int = Field(description="今日计入的拨测 · probes today that count")
    answered: int
    exempt: int = Field(description="今日不计的拨测 · probes today that don't count")
    call_back_until: datetime | None
    last_call_at: datetime | None


class DutyBoard(BaseModel):
    """Phone duty of a day, Asia/Shanghai."""

    day: date
    on_duty_now: int
    call_back_awaited: int
    unanswered: int
    on_leave: int
    engineers: list[DutyEngineer]


_ALIVE = frozenset({CallOutcome.ANSWERED})


async def duty_board(connection: AsyncConnection, now: datetime) -> DutyBoard:
    """The board as it is ``now``. A window that goes past midnight is still yesterday's duty until it closes."""
    today = day_of(now)
    rows = await connection.execute(
        "SELECT facts FROM view_duty.lines WHERE day IS NULL OR day BETWEEN %s AND %s", (today - timedelta(1), today)
    )
    found = [facts for (facts,) in await rows.fetchall()]
    calls = {(f["engineer"], f["duty_day"]): f for f in found if f["sort"] == "day"}
    versions = [version for f in found if f["sort"] == "policy" for version in f["versions"].values()]
    engineers = []
    for roster in (f for f in found if f["sort"] == "roster"):
        for day in (today - timedelta(1), today):
            shown = _on_duty(roster, day, versions, calls.get((roster["engineer"], day.isoformat())), now)
            if shown and (day == today or any(window.closes_at > now for window in shown.windows)):
                engineers.append(shown)
    order = list(DutyState)
    engineers.sort(key=lambda each: (order.index(each.state), each.engineer))
    count = {state: sum(each.state is state for each in engineers) for state in DutyState}
    return DutyBoard(
        day=today,
        on_duty_now=sum(_within(each.windows, now) and each.state is not DutyState.LEAVE for each in engineers),
        call_back_awaited=count[DutyState.CALL_BACK_AWAITED],
        unanswered=count[DutyState.UNANSWERED],
        on_leave=count[DutyState.LEAVE],
        engineers=engineers,
    )


def _on_duty(
    roster: dict[str, Any], day: date, versions: list[dict[str, Any]], calls: dict[str, Any] | None, now: datetime
) -> DutyEngineer | None:
    text = day.isoformat()
    on_trip = any(text in days for days in roster["trips"].values())
    if text not in roster["days"] and not on_trip:
        return None
    windows = [_window(day, w) for w in roster["days"].get(text) or _by_policy(versions, text)]
    probes = [c for c in (calls or {}).get("calls", {}).values() if c.get("direction") == CallDirection.OUTBOUND]
    awaited = [datetime.fromisoformat(until) for until in (calls or {}).get("awaited", {}).values()]
    times = [datetime.fromisoformat(c["at"]) for c in (calls or {}).get("calls", {}).values() if "at" in c]
    return DutyEngineer(
        engineer=roster["engineer"],
        state=_state(roster, windows, calls, awaited, now),
        on_trip=on_trip,
        windows=windows,
        probes=sum(not c.get("exemption") for c in probes),
        answered=sum(c["outcome"] in _ALIVE for c in probes),
        exempt=sum(bool(c.get("exemption")) for c in probes),
        call_back_until=max(awaited, default=None),
        last_call_at=max(times, default=None),
    )


def _state(
    roster: dict[str, Any],
    windows: list[DutyWindowToday],
    calls: dict[str, Any] | None,
    awaited: list[datetime],
    now: datetime,
) -> DutyState:
    leaves = [(datetime.fromisoformat(s), datetime.fromisoformat(e)) for s, e in roster["leaves"].values()]
    if any(starts <= now < ends for starts, ends in leaves):
        return DutyState.LEAVE
    if calls and calls["unanswered"]:
        return DutyState.UNANSWERED
    if awaited:
        return DutyState.CALL_BACK_AWAITED
    if _within(windows, now):
        return DutyState.ON_DUTY
    return DutyState.LATER if any(now < window.opens_at for window in windows) else DutyState.OVER


def _within(windows: list[DutyWindowToday], now: datetime) -> bool:
    return any(window.opens_at <= now < window.closes_at for window in windows)


def _by_policy(versions: list[dict[str, Any]], day: str) -> list[dict[str, str]]:
    """The policy's window of a day; none where no version holds yet."""
    valid = [version for version in versions if version["valid_from"] <= day]
    return [max(valid, key=lambda version: version["valid_from"])] if valid else []


def _window(day: date, window: dict[str, str]) -> DutyWindowToday:
    """[opens, closes); ``closes`` at or before ``opens`` is on the next day."""
    opens, closes = time.fromisoformat(window["opens"]), time.fromisoformat(window["closes"])
    last = day + timedelta(1) if closes <= opens else day
    return DutyWindowToday(
        opens_at=datetime.combine(day, opens, SHANGHAI), closes_at=datetime.combine(last, closes, SHANGHAI)
    )
