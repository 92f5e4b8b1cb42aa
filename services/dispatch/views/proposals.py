"""Engineers for a visit: what is known of everybody, judged by the domain."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from services.dispatch.domain.proposal import Absence, Booking, Candidate, Place, Proposal, Wanted, propose
from services.dispatch.domain.roster import DutyAt
from services.dispatch.places import places_of
from services.dispatch.views import people
from services.dispatch.views.people import Rostered
from shared.calendar import DAY, day_of
from shared.events.dispatch import Exemption, ProposalTerms, VisitPlanned
from shared.language import Language, say

AROUND = 3 * DAY
"""Before and behind the visit's day: the week whose load counts."""

_BOOKINGS: LiteralString = """
SELECT s.engineer, s.visit, min(s.starts_at) AS starts_at, max(s.ends_at) AS ends_at, v.city, p.latitude, p.longitude
FROM view_board.slots s
LEFT JOIN view_board.visits v USING (visit)
LEFT JOIN public.places p ON p.site = v.site AND p.latitude IS NOT NULL
WHERE s.day BETWEEN %(first)s AND %(last)s
GROUP BY s.engineer, s.visit, v.city, p.latitude, p.longitude
ORDER BY starts_at
"""
_WEEK: LiteralString = """
SELECT engineer, count(DISTINCT visit) AS visits FROM view_board.slots
WHERE day BETWEEN %(since)s AND %(until)s AND visit <> %(visit)s GROUP BY engineer
"""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Everybody in service, the best first."""

    wanted: Wanted
    engineers: list[Proposal]


async def proposed(
    pool: AsyncConnectionPool, visit: VisitPlanned, starts_at: datetime, terms: ProposalTerms
) -> Proposed:
    """Who could make the visit if it began at ``starts_at``."""
    ends_at = starts_at + timedelta(minutes=visit.minutes)
    place = (await places_of(pool, [visit.site])).get(visit.site) if visit.site else None
    wanted = Wanted(
        starts_at,
        ends_at,
        visit.skills,
        Place(place.latitude, place.longitude) if place else None,
        visit.city,
        visit.region,
        visit.visit,
    )
    return Proposed(wanted, propose(wanted, await candidates(pool, wanted), terms))


async def candidates(pool: AsyncConnectionPool, wanted: Wanted) -> list[Candidate]:
    """Everybody in service, with their time about the visit."""
    at = wanted.starts_at
    known, duties, rostered, bookings, week = await asyncio.gather(
        people.engineers(pool),
        people.duties(pool, at),
        people.rostered(pool, at),
        _bookings(pool, wanted),
        _week(pool, wanted),
    )
    return [
        Candidate(
            engineer.engineer,
            engineer.skills,
            engineer.region,
            engineer.base_city,
            Place(*engineer.base) if engineer.base else None,
            _absence(engineer.engineer, duties, rostered),
            tuple(bookings[engineer.engineer]),
            week[engineer.engineer],
        )
        for engineer in known
    ]


_ABSENT: Mapping[Exemption, Absence] = {
    Exemption.LEAVE: Absence.LEAVE,
    Exemption.OUTSIDE_WINDOW: Absence.OFF,
    Exemption.OFF_DUTY: Absence.OFF,
}


def _absence(engineer: str, duties: Mapping[str, DutyAt], rostered: Rostered) -> Absence | None:
    """Leave counts also where no roster says anything; a roster that says nothing of that day says that they're off."""
    if engineer in rostered.on_leave:
        return Absence.LEAVE
    if duty := duties.get(engineer):
        return _ABSENT[duty.exemption] if duty.exemption else None
    return Absence.OFF if engineer in rostered.anyhow else Absence.UNKNOWN


async def _bookings(pool: AsyncConnectionPool, wanted: Wanted) -> dict[str, list[Booking]]:
    """Of the days on which the visit lies, by their beginning; a slot never reaches beyond its day."""
    found: dict[str, list[Booking]] = defaultdict(list)
    last = day_of(wanted.ends_at - timedelta(microseconds=1))
    rows = await _select(pool, _BOOKINGS, {"first": day_of(wanted.starts_at), "last": last})
    for engineer, visit, starts_at, ends_at, city, latitude, longitude in rows:
        place = None if latitude is None else Place(latitude, longitude)
        found[engineer].append(Booking(visit, starts_at, ends_at, place, city))
    return found


async def _week(pool: AsyncConnectionPool, wanted: Wanted) -> Counter[str]:
    day = day_of(wanted.starts_at)
    span = {"since": day - AROUND, "until": day + AROUND, "visit": wanted.visit or UUID(int=0)}
    return Counter(dict(await _select(pool, _WEEK, span)))


def shown(proposal: Proposal, language: Language) -> dict[str, Any]:
    """One engineer, with every reason in words."""
    reasons = [
        {
            "aspect": reason.aspect,
            "points": round(reason.points, 1),
            "against": reason.against,
            "words": say(reason.words, language),
        }
        for reason in proposal.reasons
    ]
    names = ("engineer", "score", "suitable", "distance_km", "overlaps")
    return {name: getattr(proposal, name) for name in names} | {"reasons": reasons}


async def _select(pool: AsyncConnectionPool, query: LiteralString, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    async with pool.connection() as connection, connection.cursor(binary=True) as cursor:
        return await (await cursor.execute(query, values)).fetchall()
