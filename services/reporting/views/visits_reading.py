"""How the board of visits is read: today's visits, those left over, who goes where, and which city needs a look."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from pydantic import BaseModel, Field

from services.reporting.cities import City, city_of
from shared.calendar import SHANGHAI, day_of
from shared.events.dispatch import VisitStatus as S

SOON = timedelta(minutes=30)
"""Whoever is not on the way so long before the agreed time may come late."""


class Phase(StrEnum):
    """Where a visit is, as the office looks at it."""

    NOBODY = "nobody"
    """Nobody is to go: planned or refused."""
    TO_GO = "to_go"
    ON_THE_WAY = "on_the_way"
    ON_SITE = "on_site"
    DONE = "done"
    ABORTED = "aborted"


_PHASES = {
    S.PLANNED: Phase.NOBODY,
    S.REFUSED: Phase.NOBODY,
    S.ASSIGNED: Phase.TO_GO,
    S.RESCHEDULED: Phase.TO_GO,
    S.ACCEPTED: Phase.TO_GO,
    S.EN_ROUTE: Phase.ON_THE_WAY,
    S.ARRIVED: Phase.ON_SITE,
    S.WORKING: Phase.ON_SITE,
    S.PAUSED: Phase.ON_SITE,
    S.FINISHED: Phase.DONE,
    S.CHECKED_OUT: Phase.DONE,
    S.ABORTED: Phase.ABORTED,
}


class Alert(StrEnum):
    """What somebody should look at, the worst first."""

    LATE = "late"
    """The agreed time has passed without an arrival (3.4b), or the arrival was late."""
    AT_RISK = "at_risk"
    """Nobody is on the way, and the time is near; or the engineer expects to be late."""
    UNREPORTED = "unreported"
    """The engineer has left without telling headquarters (4.4)."""
    NONE = "none"


class BoardVisit(BaseModel):
    """A visit as the board shows it."""

    visit: UUID
    number: str
    status: S
    phase: Phase
    alert: Alert
    purpose: str
    customer_name: str | None
    site_name: str | None
    city: str | None
    region: str | None
    engineer: str | None
    agreed_arrival: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    late_after: datetime | None
    expected_arrival: datetime | None
    delay: str | None = Field(description="已报告的延误原因 · why it will be late, as was told")
    en_route_at: datetime | None
    arrived_at: datetime | None
    grade: str | None
    finished_at: datetime | None
    left_at: datetime | None
    late_minutes: int | None = Field(
        description="超过约定时间的分钟数，未到场则至今 · minutes after the agreed arrival"
    )
    from_before: bool = Field(description="此前约定而未完成 · agreed for a day before, and not done")


class CityVisits(BaseModel):
    """A city with its visits of the day."""

    name: str | None
    latitude: float | None = Field(description="空：不在城市表中 · null: not in the list of cities")
    longitude: float | None
    visits: int
    worst: Alert


class VisitsBoard(BaseModel):
    """Visits of a day, Asia/Shanghai, and those of days before that are not done."""

    day: date
    phases: dict[Phase, int]
    late: int
    at_risk: int
    unplanned: int = Field(description="尚无约定时间、待安排的上门 · visits that have no time yet")
    visits: list[BoardVisit] = Field(description="按约定时间 · by the agreed time")
    cities: list[CityVisits]


async def visits_board(connection: AsyncConnection, now: datetime) -> VisitsBoard:
    """The board as it is ``now``."""
    today = day_of(now)
    rows = await connection.execute(
        "SELECT facts, coalesce(day < %(day)s, false) FROM view_visits.lines "
        "WHERE (day = %(day)s OR (open AND day < %(day)s)) AND facts ->> 'agreed_arrival' IS NOT NULL",
        {"day": today},
    )
    visits = sorted((board_visit(facts, now, before) for facts, before in await rows.fetchall()), key=_order)
    waiting = await connection.execute(
        "SELECT count(*) FROM view_visits.lines WHERE open AND facts ->> 'agreed_arrival' IS NULL"
    )
    (unplanned,) = await waiting.fetchone() or (0,)
    phases = Counter(visit.phase for visit in visits)
    return VisitsBoard(
        day=today,
        phases={phase: phases[phase] for phase in Phase},
        late=sum(visit.alert is Alert.LATE for visit in visits),
        at_risk=sum(visit.alert is Alert.AT_RISK for visit in visits),
        unplanned=unplanned,
        visits=visits,
        cities=_cities(visits),
    )


def board_visit(facts: dict[str, Any], now: datetime, from_before: bool = False) -> BoardVisit:
    """A line of the view at a time of the day."""
    phase = _PHASES[S(facts["status"])]
    visit = BoardVisit(**facts, phase=phase, alert=Alert.NONE, from_before=from_before)
    if not visit.arrived_at and phase in (Phase.NOBODY, Phase.TO_GO, Phase.ON_THE_WAY) and visit.agreed_arrival:
        over = now - visit.agreed_arrival
        visit.late_minutes = max(0, -(-over // timedelta(minutes=1)))
    visit.alert = _alert(visit, facts, now)
    return visit


def _alert(visit: BoardVisit, facts: dict[str, Any], now: datetime) -> Alert:
    waiting = visit.arrived_at is None and visit.phase in (Phase.NOBODY, Phase.TO_GO, Phase.ON_THE_WAY)
    if facts["late"] or (waiting and visit.late_after is not None and now > visit.late_after):
        return Alert.LATE
    if waiting and visit.agreed_arrival is not None:
        expected_late = visit.expected_arrival is not None and visit.expected_arrival > visit.agreed_arrival
        if expected_late or (visit.phase is not Phase.ON_THE_WAY and now > visit.agreed_arrival - SOON):
            return Alert.AT_RISK
    return Alert.UNREPORTED if facts["unreported"] else Alert.NONE


def _order(visit: BoardVisit) -> tuple[datetime, str]:
    return visit.agreed_arrival or datetime.combine(date.max, time.min, SHANGHAI), visit.number


def _cities(visits: Iterable[BoardVisit]) -> list[CityVisits]:
    by_city: dict[str | None, list[BoardVisit]] = defaultdict(list)
    for visit in visits:
        by_city[visit.city].append(visit)
    order = list(Alert)
    shown = []
    for name, there in sorted(by_city.items(), key=lambda entry: (-len(entry[1]), entry[0] or "")):
        place: City | None = city_of(name) if name else None
        worst = min((visit.alert for visit in there), key=order.index)
        at = (place.latitude, place.longitude) if place else (None, None)
        shown.append(CityVisits(name=name, latitude=at[0], longitude=at[1], visits=len(there), worst=worst))
    return shown
