"""Sign-in links that were used: each lets somebody in once, whichever process is asked."""

from datetime import datetime
from typing import LiteralString

from psycopg_pool import AsyncConnectionPool

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS used_links (
    link text PRIMARY KEY,
    used_at timestamptz NOT NULL
);
"""


async def use(pool: AsyncConnectionPool, link: str, now: datetime) -> bool:
    """Whether it is the first time."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "INSERT INTO public.used_links (link, used_at) VALUES (%s, %s) ON CONFLICT DO NOTHING", (link, now)
        )
        return cursor.rowcount == 1
