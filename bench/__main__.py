"""``make bench``: every figure, or those of the sections named as arguments."""

import sys

from bench import appending, http
from bench.servers import servers
from bench.table import Row, show

SECTIONS = {"appending": appending.rows, "http": http.rows}


async def main(names: list[str]) -> None:
    """Measure and show. Raises KeyError for a section that doesn't exist."""
    found: list[Row] = []
    async with servers() as bench:
        for name in names or list(SECTIONS):
            async for row in SECTIONS[name](bench):
                print(f"· {row.name}: {row.value:,g} {row.unit}", flush=True)
                found.append(row)
    show(found)


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(sys.argv[1:]))
