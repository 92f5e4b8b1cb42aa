"""What the commands of the terminal have in common: how they speak, fail, and reach the services."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared import assembly
from shared.decider import Words
from shared.logs import configure
from shared.service import Part, Runtime, Service
from shared.settings import Settings

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(words: Words) -> NoReturn:
    """Say what is wrong, and end with exit code 1."""
    err.print(f"[bold red]✗[/] {words.zh}\n  {words.en}")
    raise SystemExit(1)


@contextlib.contextmanager
def bar(title: str) -> Any:
    """A bar while something goes on; what it gives is told how much is done, of how much."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(title, total=None)

        def move(done: int, total: int, _: float = 0) -> None:
            progress.update(task, completed=done, total=total)

        yield move


def run_all(work: Coroutine[Any, Any, None]) -> None:
    """Do it in an event loop; Ctrl-C ends it quietly."""
    with contextlib.suppress(KeyboardInterrupt):
        if sys.platform == "win32":
            asyncio.run(work)
        else:
            import uvloop

            uvloop.run(work)


def service_named(name: str) -> Service:
    """The installed service; ends the program where there is none of that name."""
    found = assembly.installed()
    if name not in found:
        names = "、".join(found)
        fail(Words(f"没有名为 {name} 的服务;现有:{names}。", f"There is no service {name}; there are: {names}."))
    return found[name]


def chosen(service: str | None, *, chained: bool = False) -> list[str]:
    """The services' names: the one that is asked for, or all there are; of them, those that keep a chain."""
    wanted = [service_named(service)] if service else list(assembly.installed().values())
    names = [each.name for each in wanted if each.chained or not chained]
    if not names:
        fail(Words(f"{service} 没有哈希链。", f"{service} keeps no hash chain."))
    return names


def with_runtime(work: Callable[[list[Runtime]], Coroutine[Any, Any, None]], *names: str) -> None:
    """Do ``work`` on services that are connected, whether ``up`` is running or not."""
    settings = Settings()
    services = [service_named(name) for name in names] or list(assembly.installed().values())
    configure("ERROR")

    async def connected() -> None:
        async with assembly.servers(settings) as located:
            async with assembly.running(services, located, Part.API) as runtimes:
                await work(runtimes)

    run_all(connected())
