"""Reports made of what lies within a cut-off: the data, and the documents of the data."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from psycopg_pool import AsyncConnectionPool

from services.reporting.archive import Archive
from services.reporting.domain.account import StatisticsData, canonical, statistics_data, year_before
from services.reporting.domain.changes import changes_between
from services.reporting.domain.cuts import Cut, Cuts
from services.reporting.domain.items import ItemsData
from services.reporting.paper.document import Document, as_csv
from services.reporting.paper.items import items_document
from services.reporting.paper.printed import as_paper
from services.reporting.paper.statistics import statistics_document
from services.reporting.paper.workbook import as_workbook
from services.reporting.reach import reached, whole
from services.reporting.views import statistics_reading as reading
from services.reporting.views.items_reading import items_of
from services.reporting.views.kept_figures import Remembering, keep, kept_of
from shared.calendar import Period
from shared.events.reporting import Audience, FigureChange, LogPosition, ReportFile, ReportKind
from shared.jetstream import Nats
from shared.typesetting import Type

JSON, CSV = "application/json", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DATA = "data.json"
"""What the name of the file with the data ends in."""


@dataclass(frozen=True, slots=True)
class Made:
    """A document that isn't kept yet."""

    name: str
    media_type: str
    content: bytes
    audience: Audience | None = None


@dataclass(frozen=True, slots=True)
class Making:
    """All that is needed to make a report."""

    pool: AsyncConnectionPool
    nats: Nats | None
    archive: Archive
    company: str = ""
    font: Path | None = None

    async def reached(self) -> Cut:
        """How far the figures surely are now. Raises ``NotThere``, ``NotBuilt``."""
        return await reached(self.nats, self.pool)

    async def data(self, kind: ReportKind, period: Period, cuts: Cuts) -> bytes:
        """The report's data; the same for ever. Raises ``NotThere``, ``NotBuilt``."""
        await whole(self.pool)
        async with reading.one_state(self.pool) as connection:
            if kind is ReportKind.ITEMS:
                return canonical(await items_of(connection, period, cuts))
            return canonical(statistics_data(await reading.account_of(connection, period, cuts)))

    async def data_for_a_draft(self, kind: ReportKind, period: Period, cuts: Cuts) -> bytes:
        """As ``data``; the figures of months that were cut off before are those that were computed then."""
        if kind is ReportKind.ITEMS:
            return await self.data(kind, period, cuts)
        await whole(self.pool)
        wanted = [(period.previous, cuts.previous), (year_before(period), cuts.last_year or cuts.at)]
        remembering = Remembering(await kept_of(self.pool, wanted))
        async with reading.one_state(self.pool) as connection:
            account = await reading.account_of(connection, period, cuts, remembering.figures_of)
        await keep(self.pool, remembering.made)
        return canonical(statistics_data(account))

    async def sha256_of_data(self, kind: ReportKind, period: Period, cuts: Cuts) -> str:
        """Of the data, made again from the entries alone."""
        return hashlib.sha256(await self.data(kind, period, cuts)).hexdigest()

    async def files(self, kind: ReportKind, period: Period, cuts: Cuts, number: str) -> Sequence[ReportFile]:
        """The report's documents, made and kept. Raises ``NotThere``, ``NotBuilt``, ``ShelfUnreachable``."""
        data = await self.data_for_a_draft(kind, period, cuts)
        made = await asyncio.to_thread(self._documents, kind, data, number)
        return [await self._kept(each) for each in made]

    def _documents(self, kind: ReportKind, data: bytes, number: str) -> Sequence[Made]:
        """Of the data, and of nothing else: whoever has those can make the documents again. Takes a second."""
        sha256, type_ = hashlib.sha256(data).hexdigest(), Type(self.font)
        if kind is ReportKind.STATISTICS:
            found = StatisticsData.model_validate_json(data)
            document = statistics_document(found, self.company, number, sha256)
            return [Made(f"{number}-{DATA}", JSON, data), *_written(document, number, None, type_)]
        items = ItemsData.model_validate_json(data)
        whole = items_document(items, None, self.company, number, sha256)
        made = [
            Made(f"{number}-{DATA}", JSON, data, Audience.MANAGEMENT),
            Made(f"{number}.csv", CSV, as_csv(whole), Audience.MANAGEMENT),
        ]
        for audience in Audience:
            document = items_document(items, audience, self.company, number, sha256)
            made += _written(document, f"{number}-{audience}", audience, type_)
        return made

    async def _kept(self, made: Made) -> ReportFile:
        return ReportFile(
            name=made.name,
            media_type=made.media_type,
            sha256=await self.archive.keep(made.content),
            size=len(made.content),
            audience=made.audience,
        )

    async def changes(self, before: Sequence[ReportFile], after: Sequence[ReportFile]) -> Sequence[FigureChange]:
        """What the data of one report say otherwise than another's. Raises ``ShelfUnreachable``."""
        old, new = [await self._read(files) for files in (before, after)]
        return changes_between(old, new)

    async def _read(self, files: Sequence[ReportFile]) -> object:
        content = await self.archive.find(data_of(files).sha256)
        return orjson.loads(content) if content else None


def _written(document: Document, name: str, audience: Audience | None, type_: Type) -> Sequence[Made]:
    """As CSV, as a workbook and on paper."""
    return [
        Made(f"{name}.csv", CSV, as_csv(document), audience),
        Made(f"{name}.xlsx", XLSX, as_workbook(document), audience),
        Made(f"{name}.pdf", "application/pdf", as_paper(document, type_), audience),
    ]


def data_of(files: Sequence[ReportFile]) -> ReportFile:
    """The file with the data."""
    return next(file for file in files if file.name.endswith(DATA))


def as_cut(positions: Sequence[LogPosition]) -> Cut:
    return {each.source: each.position for each in positions}


def as_positions(cut: Cut) -> tuple[LogPosition, ...]:
    return tuple(LogPosition(source=source, position=position) for source, position in sorted(cut.items()))
