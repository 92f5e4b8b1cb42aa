"""Who signed service reports: the names lie beside the log, where they can be erased (ADR 4, D13), and the images of
signatures among the documents. The log knows a signer by an id that is made of facts of the report."""

import io
from typing import Any, LiteralString
from uuid import UUID

from PIL import Image
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from shared.documents import NotADocument

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS report_signers (
    signer uuid PRIMARY KEY, report uuid NOT NULL, version int NOT NULL, name text, recorded_at timestamptz NOT NULL,
    erased_at timestamptz
);
CREATE INDEX IF NOT EXISTS report_signers_report ON report_signers (report);
"""

RECORD: LiteralString = """
INSERT INTO report_signers (signer, report, version, name, recorded_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (signer) DO NOTHING
"""

ERASE: LiteralString = "UPDATE report_signers SET name = NULL, erased_at = %s WHERE signer = %s"

LIMIT = 1_000_000
"""Bytes of a signature's image."""
SIDE = 4000
"""Pixels of its longer side."""


def check_signature(content: bytes) -> None:
    """Whether ``content`` is the image of something that was drawn. Raises ``NotADocument``."""
    if len(content) > LIMIT:
        raise NotADocument("签字图片超过 1 MB。", "The signature's image is larger than 1 MB.")
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            if max(image.size) > SIDE or min(image.size) < 2:
                raise NotADocument(f"签字图片边长须在 2 至 {SIDE} 像素之间。", f"Its sides have 2 to {SIDE} pixels.")
            image.load()
            drawn = _drawn(image)
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for a file that is broken
        raise NotADocument("签字须为 PNG 图片。", "A signature is a PNG image.") from error
    if not drawn:
        raise NotADocument("签字图片是空白的。", "The signature's image is blank.")


def _drawn(image: Image.Image) -> bool:
    """Whether anything differs from the ground, also where the ground is transparent."""
    layered = image.convert("RGBA")
    on_white = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("L")
    low, high = on_white.getextrema()
    return low != high


async def names_of(pool: AsyncConnectionPool, report: UUID) -> dict[UUID, str | None]:
    """By signer; None where the name was erased."""
    query = "SELECT signer, name FROM report_signers WHERE report = %s"
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        rows: list[dict[str, Any]] = await (await cursor.execute(query, (report,))).fetchall()
    return {row["signer"]: row["name"] for row in rows}
