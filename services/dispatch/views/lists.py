"""Pages of the board's tables: filtered by columns, the newest first."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row
from psycopg.sql import SQL, Composable, Identifier, Placeholder
from psycopg_pool import AsyncConnectionPool

from shared.paging import Page


async def select_page(
    pool: AsyncConnectionPool,
    table: str,
    page: Page,
    time: str,
    only: Mapping[str, Any],
    more: Composable | None = None,
) -> list[dict[str, Any]]:
    """Up to ``page.limit + 1`` rows of ``view_board.table`` by their numbers, which begin with the day.

    A filter ``…_from`` or ``…_until`` is one on the column ``time``; ``only`` are columns that are fixed, ``more`` a
    condition on them.
    """
    chosen = page.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    values: dict[str, Any] = {"limit": page.limit + 1} | {f"only_{name}": value for name, value in only.items()}
    conditions: list[Composable] = [SQL("true") if more is None else more]
    if more is None:
        conditions += [SQL("{} = {}").format(Identifier(n), Placeholder(f"only_{n}")) for n in only]
    for name, value in chosen.items():
        if value != []:
            conditions.append(_condition(name, value, time))
            values[name] = value
    if (last := page.after(str)) is not None:
        conditions.append(SQL("number < %(last)s"))
        values["last"] = last[0]
    query = SQL("SELECT * FROM view_board.{} WHERE {} ORDER BY number DESC LIMIT %(limit)s").format(
        Identifier(table), SQL(" AND ").join(conditions)
    )
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, values)).fetchall()


def _condition(name: str, value: Any, time: str) -> Composable:
    place = Placeholder(name)
    if name.endswith("_from"):
        return SQL("{} >= {}").format(Identifier(time), place)
    if name.endswith("_until"):
        return SQL("{} < {}").format(Identifier(time), place)
    if isinstance(value, list):
        return SQL("{} = ANY({})").format(Identifier(name), place)
    return SQL("{} = {}").format(Identifier(name), place)
