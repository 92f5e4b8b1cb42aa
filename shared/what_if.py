"""``shouhou what-if``: what a draft of the penalty policy would have meant, asked over HTTP as anybody would."""

import asyncio
import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.table import Table

from shared import assembly
from shared.auth import Role
from shared.clock import SystemClock
from shared.decider import Words
from shared.issuers import LocalKeys
from shared.settings import Settings
from shared.terminal import bar, fail, out

ROUTE = "/penalties/what-if"
DAY = ["%Y-%m-%d"]

Take = Callable[[dict[str, Any]], object]


class Refusal(Exception):
    """The system refused the question, or can't be reached."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(zh, en)


def what_if(
    draft: Annotated[int, typer.Option("--draft", help="草案或版本号 · a draft or a version")],
    first: Annotated[datetime, typer.Option("--from", formats=DAY, help="自该日 · from this day on")],
    last: Annotated[datetime, typer.Option("--to", formats=DAY, help="至该日(含) · up to this day, included")],
    as_if_acknowledged: Annotated[
        bool | None,
        typer.Option(
            "--as-if-acknowledged/--as-acknowledged",
            help="视同人人已确认,草案默认如此 · as if all had acknowledged it; so for a draft by default",
        ),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="每一事实保存到(NDJSON) · where to save each case")] = None,
    url: Annotated[str | None, typer.Option(help="系统地址 · where it runs; default: this machine")] = None,
    bearer: Annotated[str | None, typer.Option("--token", envvar="SHOUHOU_TOKEN", help="令牌 · token")] = None,
) -> None:
    """推演:按草案重新衡量一段时间,与实际情况并列,不写入任何内容。What a draft of the penalty policy would have meant.

    例 · Example: `shouhou what-if --draft 2 --from 2026-10-01 --to 2026-10-31 --save cases.ndjson`
    """
    settings = Settings()
    token = bearer or LocalKeys(settings.data_dir, SystemClock()).issue_token([Role.HR])
    question = {"version": draft, "first": f"{first:%Y-%m-%d}", "last": f"{last:%Y-%m-%d}"}
    if as_if_acknowledged is not None:
        question["as_if_acknowledged"] = as_if_acknowledged
    with ExitStack() as stack:
        file = stack.enter_context(save.open("w", encoding="utf-8")) if save else None
        move = stack.enter_context(bar("推演 · what if"))

        def take(case: dict[str, Any]) -> None:
            if file:
                file.write(json.dumps(case, ensure_ascii=False) + "\n")

        try:
            summary = asyncio.run(ask(url or assembly.address_of(settings), token, question, move, take))
        except Refusal as refusal:
            fail(refusal.words)
    _show(summary)
    if save:
        out.print(f"每一事实 · each case: {save}")


async def ask(
    address: str, token: str, question: dict[str, Any], move: Callable[[int, int], object], take: Take
) -> dict[str, Any]:
    """The sums; ``move`` is told how far it is, ``take`` each case. Raises ``Refusal``."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/x-ndjson", "Accept-Language": "zh"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=httpx.Timeout(600, connect=5)) as http:
        try:
            return await asked(http, question, move, take)
        except httpx.TransportError as error:
            raise Refusal(
                f"无法连接 {address}({type(error).__name__})。请先启动系统(make up),或用 --url 指定地址。",
                f"{address} can't be reached ({type(error).__name__}). Start the system (make up), or give --url.",
            ) from error


async def asked(
    http: httpx.AsyncClient, question: dict[str, Any], move: Callable[[int, int], object], take: Take
) -> dict[str, Any]:
    """The same, of a client with a token and the headers above."""
    async with http.stream("POST", ROUTE, json=question) as response:
        if response.is_error:
            await response.aread()
            told = response.json() if response.content else {}
            wrong = [told.get("detail", response.reason_phrase), *(each["detail"] for each in told.get("errors", ()))]
            raise Refusal(f"系统拒绝了该请求:{' '.join(wrong)}", f"The system refused it: {' '.join(wrong)}")
        async for line in response.aiter_lines():
            step: dict[str, Any] = json.loads(line)
            if "summary" in step:
                summary: dict[str, Any] = step["summary"]
                return summary
            if "case" in step:
                take(step["case"])
            else:
                move(step["done"], step["total"])
    raise Refusal("推演中断,请重试;没有写入任何内容。", "It broke off; try again. Nothing was written.")


def _show(summary: dict[str, Any]) -> None:
    how = "视同人人已确认 · as if all had acknowledged it" if summary["as_if_acknowledged"] else "以实际确认为准"
    out.print(f"[bold]第 {summary['policy_version']} 版 · version {summary['policy_version']}[/]（{how}）")
    out.print(f"事实 · facts: {summary['facts']:,}    结果不同 · differing: {summary['differing']:,}")
    for title, rows, name in (
        ("按规则 · by rule", summary["rules"], "rule"),
        ("按人员 · by engineer", summary["engineers"], "engineer"),
    ):
        table = Table(title=title)
        table.add_column(name)
        for column in (
            *("实际疑似 suspected", "涉及 at stake ¥", "已决定 decided ¥"),
            *("推演 what if", "涉及 at stake ¥"),
        ):
            table.add_column(column, justify="right")
        for row in [*rows, {name: "合计 total", **summary}]:
            was, then = row["happened"], row["then"]
            figures = (was["suspected"], was["at_stake"], was["decided"], then["suspected"], then["at_stake"])
            table.add_row(row[name], *map(str, figures))
        out.print(table)
