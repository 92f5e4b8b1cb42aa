"""The dispatcher's map as GeoJSON (RFC 7946): the day's visits, what waits, and where the engineers start from.

Coordinates come from beside the log at the time of asking. What has none is listed as well, so that nothing vanishes.
"""

from collections import Counter
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from services.dispatch.places import places_of
from services.dispatch.views import people
from shared.calendar import DAY, end_of_day

MEDIA_TYPE = "application/geo+json"

_VISITS: LiteralString = """
SELECT visit, number, work_order, purpose, status, engineer, customer_name, site, site_name, city, region,
    agreed_arrival, starts_at, ends_at, wanted_until,
    arrived_at IS NULL AND late_after IS NOT NULL AND late_after < %(now)s AS late
FROM view_board.visits
WHERE aborted_at IS NULL
  AND (status IN ('PLANNED', 'REFUSED') OR starts_at < %(until)s AND ends_at > %(since)s
       OR arrived_at IS NULL AND late_after < %(now)s)
  AND (%(region)s::text IS NULL OR region = %(region)s) AND (%(city)s::text IS NULL OR city = %(city)s)
ORDER BY starts_at NULLS FIRST, number
"""


async def map_of(
    pool: AsyncConnectionPool, day: date, now: datetime, *, region: str | None = None, city: str | None = None
) -> dict[str, Any]:
    """``day`` is one in Shanghai; ``now`` tells what is late. ``region``, ``city``: only the visits there."""
    values = {"region": region, "city": city, "now": now, "since": end_of_day(day - DAY), "until": end_of_day(day)}
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        visits = await (await cursor.execute(_VISITS, values)).fetchall()
    places = await places_of(pool, {visit["site"] for visit in visits if visit["site"]})
    located = [visit for visit in visits if visit["site"] in places]
    shown = [
        _point(places[visit["site"]].latitude, places[visit["site"]].longitude, {"kind": "visit"} | visit)
        for visit in located
    ]
    load = Counter(visit["engineer"] for visit in visits if visit["engineer"] and visit["starts_at"])
    engineers = await people.engineers(pool)
    bases = [_point(*who.base, _engineer(who, load[who.engineer])) for who in engineers if who.base]
    return {
        "type": "FeatureCollection",
        "features": [*shown, *bases],
        "day": day,
        "unlocated": {
            "visits": [visit for visit in visits if visit["site"] not in places],
            "engineers": [who.engineer for who in engineers if not who.base],
        },
    }


def _engineer(who: people.EngineerAt, visits: int) -> dict[str, Any]:
    return {
        "kind": "engineer",
        "engineer": who.engineer,
        "skills": sorted(who.skills),
        "region": who.region,
        "base_city": who.base_city,
        "visits": visits,
    }


def _point(latitude: float, longitude: float, properties: dict[str, Any]) -> dict[str, Any]:
    """GeoJSON puts the longitude first."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        "properties": properties,
    }
