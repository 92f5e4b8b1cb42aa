"""Figures of months as they were at a cut-off. They follow from month and positions alone, so they are computed once: a
report is beside those of the month before and of a year before, which were cut off long ago.

What is kept can be thrown away at any time. It is never asked when something has to be proved.
"""

import hashlib
import inspect
from collections.abc import Iterable, Mapping
from typing import Any, LiteralString

import orjson
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from services.reporting.domain import figures
from services.reporting.domain.cuts import Cut
from services.reporting.domain.figures import FIGURES, Figures, Named, Split, Statistics
from services.reporting.views.statistics import STATISTICS
from services.reporting.views.statistics_reading import figures_of
from shared.calendar import Period

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS kept_figures (
    period text NOT NULL,
    cut text NOT NULL,
    made_by text NOT NULL,
    figures bytea NOT NULL,
    PRIMARY KEY (period, cut)
);
"""
MADE_BY = f"{STATISTICS.fingerprint}-{hashlib.sha256(inspect.getsource(figures).encode()).hexdigest()}"
"""Of the code that makes them: what other code made is made again."""

Wanted = tuple[Period, Cut]
Kept = Mapping[tuple[str, str], Statistics]
"""By month and cut-off, see ``place``."""


def place(period: Period, cut: Cut) -> tuple[str, str]:
    """Where the figures of a month at a cut-off are kept."""
    return str(period), ",".join(f"{source}:{position}" for source, position in sorted(cut.items()))


async def kept_of(pool: AsyncConnectionPool, wanted: Iterable[Wanted]) -> Kept:
    """Those that are kept."""
    places = [place(*each) for each in wanted]
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT k.period, k.cut, figures FROM kept_figures k JOIN unnest(%s::text[], %s::text[]) AS w(period, cut) "
            "USING (period, cut) WHERE made_by = %s",
            ([period for period, _ in places], [cut for _, cut in places], MADE_BY),
        )
        return {(period, cut): _read(found) for period, cut, found in await rows.fetchall()}


async def keep(pool: AsyncConnectionPool, found: Iterable[tuple[Period, Cut, Statistics]]) -> None:
    """For the reports to come."""
    rows = [(*place(period, cut), MADE_BY, _written(statistics)) for period, cut, statistics in found]
    async with pool.connection() as connection, connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO kept_figures (period, cut, made_by, figures) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (period, cut) DO UPDATE SET made_by = excluded.made_by, figures = excluded.figures",
            rows,
        )


def _written(statistics: Statistics) -> bytes:
    by = {
        split.value: [[key, name, _values(each)] for (key, name), each in groups.items()]
        for split, groups in statistics.by.items()
    }
    return orjson.dumps({"all": _values(statistics.all), "by": by})


def _read(written: bytes) -> Statistics:
    found = orjson.loads(written)
    by = {
        Split(split): {Named(key, name): _figures(values) for key, name, values in groups}
        for split, groups in found["by"].items()
    }
    return Statistics(_figures(found["all"]), by)


def _values(each: Figures) -> list[Any]:
    return [str(value) if not isinstance(value, int) else value for value in (getattr(each, name) for name in FIGURES)]


def _figures(values: list[Any]) -> Figures:
    return Figures(**dict(zip(FIGURES, values, strict=True)))


class Remembering:
    """``figures_of`` that asks first what is kept, and notes what is worth keeping."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self.made: list[tuple[Period, Cut, Statistics]] = []

    async def figures_of(self, connection: AsyncConnection, period: Period, cut: Cut) -> Statistics:
        """See ``FiguresOf``."""
        found = self._kept.get(place(period, cut))
        if found is None:
            found = await figures_of(connection, period, cut)
            self.made.append((period, cut, found))
        return found
