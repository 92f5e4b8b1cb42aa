"""Where the sites are: coordinates lie beside the log, where they can be corrected and erased (D13, ADR 4).

A private customer's site is their home; an event only ever tells how far from it somebody stood.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from shared.eventlog import Sought, Streams

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS places (
    site uuid PRIMARY KEY, latitude double precision, longitude double precision, radius_m int,
    recorded_at timestamptz NOT NULL, recorded_by text NOT NULL, erased_at timestamptz
);
"""

KEEP: LiteralString = """
INSERT INTO places (site, latitude, longitude, radius_m, recorded_at, recorded_by) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (site) DO UPDATE SET
    latitude = excluded.latitude, longitude = excluded.longitude, radius_m = excluded.radius_m,
    recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by, erased_at = NULL
"""

ERASE: LiteralString = """
UPDATE places SET latitude = NULL, longitude = NULL, radius_m = NULL, erased_at = %s WHERE site = %s
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site is, in degrees; ``radius_m``: how large, where the policy's radius doesn't fit."""

    latitude: float
    longitude: float
    radius_m: int | None = None


_OF: LiteralString = (
    "SELECT site, latitude, longitude, radius_m FROM places WHERE site = ANY (%s) AND latitude IS NOT NULL"
)


def sought(site: UUID) -> Sought:
    """Where ``site`` is, to be looked up with what else a command needs."""
    return Sought(_OF, site)


async def place_of(streams: Streams, site: UUID) -> Place | None:
    """Where a site is; None where nobody has said, or it was erased."""
    row = await streams.find(sought(site))
    return Place(*row[1:]) if row else None


async def places_of(pool: AsyncConnectionPool, sites: Collection[UUID]) -> dict[UUID, Place]:
    """Where these sites are, of those that are known."""
    async with pool.connection() as connection:
        rows = await (await connection.execute(_OF, (list(sites),))).fetchall()
    return {site: Place(*where) for site, *where in rows}


async def record_of(pool: AsyncConnectionPool, site: UUID) -> dict[str, Any] | None:
    """All that is kept of a site's place."""
    query = "SELECT * FROM places WHERE site = %s"
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, (site,))).fetchone()
