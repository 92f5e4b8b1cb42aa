"""A log of tallies on a database of its own, and a look into its tables."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from shared.eventlog import EventLog, migrate
from tests.tally_log import Sql, opened


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[EventLog]:
    await asyncio.to_thread(migrate, database_url)
    async with opened(database_url) as log:
        yield log


@pytest.fixture
async def sql(log: EventLog, database_url: str) -> AsyncIterator[Sql]:
    """Looks into the tables, or does there what the log never would."""

    async def run(statement: Any, *values: Any) -> list[Any]:
        cursor = await connection.execute(statement, values)
        return await cursor.fetchall() if cursor.description else []

    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield run
