"""Rows of figures, shown as a table and kept as JSON; and the goals that they have to reach."""

import json
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results.json"
ROUNDS = 3
"""How often a measurement and its peer take turns, after one turn that doesn't count; the median counts."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    value: float
    unit: str
    against: str = ""
    """The peer or limit, with its own figure."""
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The ratio to the peer."""

    ratio: float

    def met(self, row: Row) -> bool:
        return row.ratio is not None and row.ratio >= self.ratio

    def __str__(self) -> str:
        return f"≥ {self.ratio:g}×"


@dataclass(frozen=True, slots=True)
class Below:
    """The value itself."""

    limit: float

    def met(self, row: Row) -> bool:
        return row.value < self.limit

    def __str__(self) -> str:
        return f"< {self.limit:g}"


GOALS: dict[str, AtLeast | Below] = {
    "append_c64": AtLeast(100),
    "append_c256_vs_bulk": AtLeast(0.5),
    "open_ticket_http": AtLeast(0.6),
    "relay": AtLeast(0.5),
    "consume_into_view": AtLeast(0.5),
    "facts_per_s": AtLeast(0.4),
    "visible_ms_p50": Below(10),
    "visible_ms_p99": Below(50),
    "assign_visit_http": AtLeast(0.4),
    "check_in_http": AtLeast(0.4),
    "propose_engineers_ms": Below(50),
    "what_if_100k_s": Below(30),
    "as_of_ms": Below(50),
    "month_close_s": Below(1),
    "month_close_vs_small_history": Below(1.2),
    "drilldown_ms_p99": Below(100),
    "rebuild_events_per_s": AtLeast(0.3),
    "sse_fanout_ms_p99": Below(1000),
    "load_10000_events_ms": Below(5),
    "idle_rss_mb": Below(400),
    "startup_s": Below(10),
}

Measure = Callable[[], Awaitable[float]]


async def in_turns(*measures: Measure) -> list[float]:
    """The median of each, measured one after the other, several times."""
    found: list[list[float]] = [[] for _ in measures]
    for turn in range(1 + ROUNDS):
        for kept, measure in zip(found, measures, strict=True):
            value = await measure()
            if turn:  # the first one warms caches, plans and files
                kept.append(value)
    return [statistics.median(kept) for kept in found]


def against(name: str, ours: float, peer: float, what: str, unit: str = "/s") -> Row:
    """A rate beside its peer's."""
    return Row(name, round(ours, 1), unit, f"{what}: {peer:,.0f}{unit}", round(ours / peer, 2))


def below(name: str, value: float, unit: str, of: str = "") -> Row:
    """A figure that has to stay below its goal; the ratio says how much of it is used."""
    goal = GOALS[name]
    assert isinstance(goal, Below)
    return Row(name, round(value, 2), unit, of, round(value / goal.limit, 3))


def show(rows: Sequence[Row]) -> None:
    """The table, on the terminal."""
    table = Table(title="make bench")
    for title in ("name", "value", "unit", "against", "ratio", "goal", ""):
        table.add_column(title, justify="right" if title in ("value", "ratio") else "left")
    for row in rows:
        goal = GOALS.get(row.name)
        mark = "" if goal is None else "[green]✓[/]" if goal.met(row) else "[red]✗[/]"
        ratio = "" if row.ratio is None else f"{row.ratio:g}"
        table.add_row(row.name, f"{row.value:,g}", row.unit, row.against, ratio, str(goal or ""), mark)
    Console(width=150).print(table)


def keep(rows: Sequence[Row], *, others: bool) -> None:
    """Write ``bench/results.json``; with ``others``, the rows of earlier runs stay beside these."""
    found = {row.name: row for row in read()} if others and RESULTS.exists() else {}
    found |= {row.name: row for row in rows}
    RESULTS.write_text(json.dumps([asdict(row) for row in found.values()], indent=1, ensure_ascii=False) + "\n")


def read() -> list[Row]:
    """What was measured last. Raises FileNotFoundError before the first time."""
    return [Row(**row) for row in json.loads(RESULTS.read_text())]
