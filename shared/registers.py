"""Sending a file to a running system to be taken over, over HTTP as anybody would, with its progress."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from shared.decider import Words

Move = Callable[[int, int], None]
"""Told how many rows are done, of how many."""


class ImportFailed(Exception):
    """The system refused the file, or can't be reached."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


REGISTERS = "/tickets/register-imports"
ENGINEERS = "/dispatch/engineers/import"


async def import_file(
    route: str, file: Path, address: str, token: str, *, dry_run: bool, move: Move, result: Path | None = None
) -> dict[str, Any]:
    """The result of ``POST`` to ``route``; the result sheet, where there is one, is saved to ``result``.

    Raises ``ImportFailed``.
    """
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/x-ndjson", "Accept-Language": "zh"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=httpx.Timeout(600, connect=5)) as http:
        try:
            found = await _send(http, route, file, dry_run, move)
            if result and found["import"]:
                sheet = await http.get(f"{route}/{found['import']}/result.xlsx")
                sheet.raise_for_status()
                await asyncio.to_thread(result.write_bytes, sheet.content)
        except httpx.TransportError as error:
            raise ImportFailed(
                f"无法连接 {address}({type(error).__name__})。请先启动系统(make up),或用 --url 指定地址。",
                f"{address} can't be reached ({type(error).__name__}). Start the system (make up), or give --url.",
            ) from error
    return found


async def _send(http: httpx.AsyncClient, route: str, file: Path, dry_run: bool, move: Move) -> dict[str, Any]:
    files = {"file": (file.name, await asyncio.to_thread(file.read_bytes))}
    query = {"dry_run": str(dry_run).lower()}
    async with http.stream("POST", route, params=query, files=files) as response:
        if response.is_error:
            await response.aread()
            detail = response.json().get("detail", response.text) if response.content else response.reason_phrase
            raise ImportFailed(f"系统拒绝了该文件:{detail}", f"The system refused the file: {detail}")
        async for line in response.aiter_lines():
            step: dict[str, Any] = json.loads(line)
            if "rows" in step:
                return step
            move(step["done"], step["total"])
    raise ImportFailed("导入中断,请重试;已导入的行不会重复。", "The import broke off; try again, nothing is doubled.")
