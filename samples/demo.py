"""``make demo``: a month of a company, played over HTTP on a system and a clock of its own.

    .venv/bin/python samples/demo.py [--seed 7] [--size 1.0] [--speed 0] [--keep] [--port 8000]

The same seed gives the same month. ``--speed 3600`` lets an hour pass in a second, 0 is as fast as it goes; ``--size
0.1`` plays a tenth of it. The data lie in a temporary folder and are gone afterwards; ``--keep`` serves them until
Ctrl-C. Exit code 0 when every step went as it should, 1 otherwise.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from samples.month import summary
from samples.month.company import company
from samples.month.month import SHANGHAI, Month
from samples.month.months import ITEMS, STATISTICS, report_the_month
from samples.month.office import BEGIN, Failed, Office, opened
from samples.month.play import play
from samples.month.timeline import Timeline
from shared.assembly import secret_of
from shared.auth import Principal, Role
from shared.datafolder import CannotStart
from shared.gateway import listen, serve
from shared.sessions import Sessions
from shared.sessions import office as everything

SHOUHOU = [sys.executable, "-m", "shared.cli"]
out = Console(highlight=False, width=110)


async def tell_month(office: Office, seed: int, size: float) -> Month:
    """The month, with a bar that moves from day to day. Raises ``Failed``."""
    chance = random.Random(seed)  # noqa: S311 - dice, not secrets
    timeline = Timeline(office.move_to)
    month = Month(office, timeline, chance, company(chance), size)
    bar = Progress(TextColumn("  {task.description}"), BarColumn(40), TextColumn("{task.fields[told]}"),
                   TimeElapsedColumn(), console=out)  # fmt: skip
    with bar:
        task = bar.add_task("", total=31, told="")

        async def told(moment: datetime) -> None:
            day = moment.astimezone(SHANGHAI)
            done = max(0, min(31, (day.date() - BEGIN.astimezone(SHANGHAI).date()).days))
            bar.update(task, completed=done, description=f"{day:%m-%d %H:%M}", told=summary.so_far(month))

        try:
            await play(month, told)
        finally:
            await timeline.stop()
        bar.update(task, completed=31)
    return month


def verify(office: Office) -> None:
    """As anybody can: the logs, the streams, the views and the deadlines agree. Raises ``Failed``."""
    environment = os.environ | {"DATA_DIR": str(office.settings.data_dir), "COLUMNS": "110"}
    done = subprocess.run(
        [*SHOUHOU, "verify"], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        raise Failed(f"{done.stdout}\n{done.stderr}")
    out.print(f"  [green]✓[/] {len([line for line in done.stdout.splitlines() if '✓' in line])} 项核对一致 "
              "[dim]shouhou verify: everything agrees[/]")  # fmt: skip


async def main() -> int:
    asked = _asked()
    task = asyncio.current_task()
    assert task, "runs in a task"
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with tempfile.TemporaryDirectory(prefix="shouhou-demo-") as folder:
        try:
            await perform(Path(folder), asked)
        except (Failed, CannotStart) as error:
            out.print(f"\n[bold red]✗[/] {escape(str(error))}")
            return 1
        except asyncio.CancelledError:
            out.print("\n  已停止，数据已删除 [dim]stopped; its data are gone[/]")
            return 130
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="演示一个月 · play a month")
    parser.add_argument("--seed", type=int, default=7, help="同一种子给出同一个月 · the same seed, the same month")
    parser.add_argument("--size", type=float, default=1.0, help="规模，1 为 200 个服务请求 · 1 is 200 tickets")
    parser.add_argument("--speed", type=float, default=0, help="每秒经过的秒数，0 为最快 · seconds that pass in one")
    parser.add_argument("--keep", action="store_true", help="演示后保持运行，Ctrl-C 结束 · serve it until Ctrl-C")
    parser.add_argument("--port", type=int, default=8000, help="--keep 的端口 · the port of --keep")
    asked = parser.parse_args()
    if not 0.01 <= asked.size <= 10 or asked.speed < 0:
        parser.error("--size 须在 0.01 到 10 之间，--speed 不能为负 · --size from 0.01 to 10, --speed not negative")
    return asked


async def perform(folder: Path, asked: argparse.Namespace) -> None:
    """Raises ``Failed``, ``CannotStart``."""
    out.print("[bold]一家公司的 2026 年 10 月[/] [dim]a company's October; its data are gone afterwards[/]")
    out.print("  [dim]· 正在启动 · starting[/]")
    async with opened(folder, asked.port, asked.speed or None) as office:
        began = time.monotonic()
        month = await tell_month(office, asked.seed, asked.size)
        out.print(f"  [green]✓[/] {office.calls} 次调用，{time.monotonic() - began:.0f} s [dim]calls[/]\n")
        await report_the_month(office)
        await summary.show(month, out)
        await asyncio.to_thread(verify, office)
        out.print("\n[bold green]✓ 演示完成[/] [dim]that was the month[/]")
        if asked.keep:
            await keep(office)
        else:
            out.print(
                "  接下来 · next：[bold]make demo ARGS=--keep[/] 保持运行以便浏览 [dim]serves it to look around[/]"
            )


def _link(office: Office, base: str, who: Principal) -> str:
    """What ``shouhou sign-in`` prints."""
    sessions = Sessions(secret_of(office.settings), office.clock)
    return f"{base}/reporting/sign-in?token={sessions.link_token(who)}"


async def keep(office: Office) -> None:
    """Serve what was played; time goes on from the month's end."""
    base = f"http://{office.settings.host}:{office.settings.port}"
    roles = ("auditor", "dispatcher", "service_manager", "finance")
    out.print(f"  {base}/dispatch/docs · {base}/tickets/docs\n  令牌 · token:")
    print(office.token("visitor", *roles))  # on one line, to be copied
    out.print(
        f"  月报 {ITEMS} 已签发、签收；{STATISTICS} 等您：先截数、起草，再由另一人复核，然后签发、签收。\n"
        f"  [dim]{ITEMS} was issued and acknowledged; {STATISTICS} waits for you: cut off and draft it; another person "
        "reviews it; then issue and acknowledge it.[/]\n"
        "  打开看板 · open the screens (每个链接一次有效，15 分钟内 · each link once, within 15 minutes):"
    )
    for who, roles_of in (("zhao.min", everything()), ("wu.jun", frozenset({Role.FINANCE, Role.GENERAL_MANAGER}))):
        print(f"  {who}: {_link(office, base, Principal(who, roles_of))}")
    out.print("  Ctrl-C 结束 · ends it")
    passing = asyncio.create_task(office.let_time_pass())
    try:
        await serve(office.gateway, listen(office.settings.host, office.settings.port))
    finally:
        passing.cancel()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
