"""Rows of figures, shown as a table and kept as JSON."""

import json
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results.json"
ROUNDS = 3
"""How often a measurement and its peer take turns; the median counts."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    value: float
    unit: str
    against: str = ""
    """The peer or limit, with its own figure."""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


Measure = Callable[[], Awaitable[float]]


async def in_turns(*measures: Measure) -> list[float]:
    """The median of each, measured one after the other, several times."""
    found: list[list[float]] = [[] for _ in measures]
    for _ in range(ROUNDS):
        for kept, measure in zip(found, measures, strict=True):
            kept.append(await measure())
    return [statistics.median(kept) for kept in found]


def against(name: str, ours: float, peer: float, what: str, goal: float | None, unit: str = "/s") -> Row:
    """A rate beside its peer's; the goal is the least ratio."""
    ratio = ours / peer
    wanted = f"≥ {goal:g}×" if goal else ""
    return Row(
        name,
        round(ours, 1),
        unit,
        f"{what}: {peer:,.0f}{unit}",
        round(ratio, 2),
        wanted,
        ratio >= goal if goal else None,
    )


def below(name: str, value: float, unit: str, limit: float) -> Row:
    """A figure that has to stay below ``limit``."""
    return Row(name, round(value, 2), unit, "", round(value / limit, 3), f"< {limit:g} {unit}", value < limit)


def show(rows: Sequence[Row]) -> None:
    """The table, and ``bench/results.json``."""
    table = Table(title="make bench")
    for title in ("name", "value", "unit", "against", "ratio", "goal", ""):
        table.add_column(title, justify="right" if title in ("value", "ratio") else "left")
    for row in rows:
        mark = {True: "[green]✓[/]", False: "[red]✗[/]", None: ""}[row.met]
        ratio = "" if row.ratio is None else f"{row.ratio:g}"
        table.add_row(row.name, f"{row.value:,g}", row.unit, row.against, ratio, row.goal, mark)
    Console(width=150).print(table)
    kept = [
        {k: v for k, v in asdict(row).items() if k in ("name", "value", "unit", "against", "ratio")} for row in rows
    ]
    RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
