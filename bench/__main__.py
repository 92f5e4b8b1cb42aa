"""``make bench``: every figure, or those of the sections named as arguments.

python -m bench                               all sections
python -m bench appending http                some of them
python -m bench --write docs/performance.md   the figures of the last run, into the document
"""

import argparse
import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path

import uvloop

from bench import (
    appending,
    dashboards,
    dispatching,
    expenses,
    http,
    ledger,
    months,
    proposing,
    streaming,
    system,
    visibility,
    what_if,
)
from bench.report import write
from bench.servers import Bench, servers
from bench.table import Row, keep, show
from shared.logs import configure

SECTIONS: dict[str, Callable[[Bench], AsyncGenerator[Row, None]]] = {
    "appending": appending.rows,
    "http": http.rows,
    "streaming": streaming.rows,
    "visibility": visibility.rows,
    "expenses": expenses.rows,
    "dispatching": dispatching.rows,
    "proposing": proposing.rows,
    "what_if": what_if.rows,
    "ledger": ledger.rows,
    "months": months.rows,
    "dashboards": dashboards.rows,
    "system": system.rows,
}
ROW_SECONDS = 300.0
"""What takes longer has failed."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure and show.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the last run's figures into this document")
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(unknown)}; there are: {', '.join(SECTIONS)}")
    if asked.write:
        write(asked.write)
    else:
        uvloop.run(_measure(asked.sections))


async def _measure(names: list[str]) -> None:
    configure("ERROR")
    found: list[Row] = []
    async with servers() as bench:
        for name in names or SECTIONS:
            print(f"{name} …", flush=True)
            began = time.monotonic()
            async with contextlib.aclosing(SECTIONS[name](bench)) as rows:
                while row := await _next(rows):
                    print(f"  · {row.name}: {row.value:,g} {row.unit}  ({time.monotonic() - began:.0f} s)", flush=True)
                    found.append(row)
                    began = time.monotonic()
    show(found)
    keep(found, others=bool(names))


async def _next(rows: AsyncIterator[Row]) -> Row | None:
    async with asyncio.timeout(ROW_SECONDS):
        return await anext(rows, None)


if __name__ == "__main__":
    main()
