"""The figures of the last run, as a table between two markers of a document."""

import os
import platform
from datetime import datetime
from pathlib import Path

import psutil

from bench.table import GOALS, RESULTS, Row, read
from shared.clock import SHANGHAI

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def write(document: Path) -> None:
    """Replace what stands between the markers. Raises ValueError where the document has none."""
    text = document.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no {BEGIN} … {END}")
    document.write_text(f"{before}{BEGIN}\n{_figures()}\n{END}{after}")


def _figures() -> str:
    measured = datetime.fromtimestamp(RESULTS.stat().st_mtime, SHANGHAI)
    memory = psutil.virtual_memory().total / 2**30
    machine = (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.machine()}, Python {platform.python_version()}"
    )
    lines = [
        f"Measured on {measured:%Y-%m-%d} with `make bench`; {machine}; fsync on.",
        "",
        "| row | figure | against | ratio | goal | met |",
        "|---|---:|---|---:|---|---|",
        *map(_line, read()),
    ]
    return "\n".join(lines)


def _line(row: Row) -> str:
    goal = GOALS.get(row.name)
    met = "" if goal is None else "yes" if goal.met(row) else "**no**"
    ratio = "" if row.ratio is None else f"{row.ratio:g}"
    return f"| `{row.name}` | {row.value:,g} {row.unit} | {row.against} | {ratio} | {goal or ''} | {met} |"
