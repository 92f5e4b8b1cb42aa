"""``shouhou``: the commands of people who run it. Chinese first, English second; errors say what to do."""

import asyncio
import contextlib
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from shared import assembly, permissions
from shared.auth import Principal, Role
from shared.catalogue import IncompatibleChange, write_catalogue
from shared.chain.commands import chaining
from shared.clock import SystemClock
from shared.datafolder import CannotStart, ensure_port_free
from shared.decider import Words
from shared.eventlog import UnknownEvent
from shared.gateway import build_gateway, listen, serve
from shared.issuers import LocalKeys
from shared.logs import configure
from shared.rebuild import rebuild as build_again
from shared.registers import ENGINEERS, REGISTERS, ImportFailed, import_file
from shared.service import Part, Runtime
from shared.sessions import Sessions, office
from shared.settings import Settings
from shared.tasks import end
from shared.terminal import bar, chosen, err, fail, out, run_all, service_named, with_runtime
from shared.verify import log_is_as_linked
from shared.verify import verify as prove
from shared.what_if import what_if

app = typer.Typer(
    name="shouhou",
    help="售后服务系统。After-sales service, kept and proved.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
importing = typer.Typer(help="导入文件。Take files over.", no_args_is_help=True)
app.add_typer(importing, name="import")
app.add_typer(chaining, name="chain")
app.command("what-if")(what_if)


def main() -> None:
    """The entry point; an expected trouble is one sentence and exit code 1, not a traceback."""
    try:
        app()
    except CannotStart as trouble:
        fail(trouble.words)


# -- running -----------------------------------------------------------------------------------------------------


@app.command()
def up() -> None:
    """在本机启动全部:数据库、消息、各服务。Start everything on this machine.

    数据在 DATA_DIR(默认 ./data),端口 PORT(默认 8000)。Data in DATA_DIR, port PORT. Ctrl-C 结束 · ends it.

    例 · Example: `PORT=9000 DATA_DIR=/srv/shouhou shouhou up`
    """
    run_all(_up(Settings()))


async def _up(settings: Settings) -> None:
    ensure_port_free(settings.host, settings.port)
    out.print("[bold]售后 Shouhou[/]")
    died: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    async with contextlib.AsyncExitStack() as stack:
        servers = assembly.own_servers(settings, tell=_tell, died=died.set_result)
        located = await stack.enter_async_context(servers)
        # the terminal is for people; the JSON lines go to a file
        log = settings.data_dir / "shouhou.log"
        configure(settings.log_level, stack.enter_context(log.open("ab", buffering=0)))
        assembly.tell_running(located)
        _tell("正在迁移并启动各服务 · migrating and starting the services")
        runtimes = await stack.enter_async_context(assembly.running(list(assembly.installed().values()), located))
        serving = asyncio.create_task(serve(build_gateway(runtimes), listen(settings.host, settings.port)))
        try:
            await _until_ready(runtimes, serving)
            _tell_addresses(settings, runtimes, log)
            ends: list[asyncio.Future[Any]] = [serving, died]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            _tell("正在停止 · stopping")
            await end([serving])
    if died.done():
        name, log = died.result(), settings.data_dir
        fail(Words(f"{name} 已意外停止,原因见 {log} 中的日志;请重新启动。", f"{name} has ended; see its log in {log}."))


def _tell(words: str) -> None:
    out.print(f"  [dim]·[/] {words}")


async def _until_ready(runtimes: list[Runtime], serving: "asyncio.Task[None]") -> None:
    told: dict[str, Words] = {}
    while not serving.done():
        missing = {
            f"{runtime.service.name}.{name}": words
            for runtime in runtimes
            for name, words in (await runtime.missing()).items()
        }
        for name, words in missing.items():
            if told.get(name) != words:
                _tell(f"{name}: {words.zh}")
        told = missing
        if not missing:
            return
        await asyncio.sleep(0.1)


def _tell_addresses(settings: Settings, runtimes: list[Runtime], log: Path) -> None:
    base = f"http://{settings.host}:{settings.port}"
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("首页 · start", f"{base}/")
    for runtime in runtimes:
        name = runtime.service.name
        table.add_row(f"{runtime.service.title.zh} · {name}", f"{base}/{name}/docs")
    table.add_row("日志 · log", str(log))
    out.print("[bold green]✓[/] 已就绪 · ready")
    out.print(table)
    folder = "" if settings.data_dir == Path("data") else f"DATA_DIR={settings.data_dir} "
    link = _sign_in_link(settings, Principal("operator", office()))
    out.print("  打开看板 · open the boards (一次有效，15 分钟内 · once, within 15 minutes; shouhou sign-in):")
    out.print(f"  [link={link}]{link}[/link]", soft_wrap=True, highlight=False)
    out.print(f"  获取令牌 · get a token:   [bold]{folder}.venv/bin/shouhou token --role reception[/]")
    out.print(f"  导入登记表 · import:      [bold]{folder}.venv/bin/shouhou import register FILE.xlsx[/]")
    out.print("  Ctrl-C 结束 · ends it")


@app.command()
def run(
    service: Annotated[str, typer.Argument(help="服务名 · tickets, reporting, …")],
    role: Annotated[Part, typer.Option(help="只运行其中一部分 · which part of it")] = Part.ALL,
    host: Annotated[str | None, typer.Option(help="监听地址 · address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="端口 · port")] = None,
) -> None:
    """运行一个服务(或其一部分),供容器使用。Run one service, or a part of it; for containers.

    需要 DATABASE_URL 与 NATS_URL。It needs DATABASE_URL and NATS_URL.

    例 · Example: `shouhou run tickets --role api --port 8001`
    """
    settings = Settings()
    if settings.database_url is None or settings.nats_url is None:
        fail(
            Words(
                "请设置 DATABASE_URL 与 NATS_URL;在一台机器上运行全部请用 shouhou up。",
                "Set DATABASE_URL and NATS_URL; to run everything on one machine use shouhou up.",
            )
        )
    configure(settings.log_level)
    found, address = service_named(service), (host or settings.host, port or settings.port)

    async def work() -> None:
        ensure_port_free(*address)
        async with assembly.running([found], settings, role) as runtimes:
            await serve(build_gateway(runtimes), listen(*address))

    run_all(work())


# -- tokens ------------------------------------------------------------------------------------------------------


@app.command()
def token(
    role: Annotated[list[Role], typer.Option(help="角色,可多次 · role, may be repeated")],
    engineer: Annotated[str | None, typer.Option(help="服务人员编号 · the engineer's id")] = None,
    ttl: Annotated[str, typer.Option(help="有效期 · how long it holds: 30m, 12h, 7d")] = "12h",
    subject: Annotated[str, typer.Option(help="账号 · account; default: the role's name")] = "",
) -> None:
    """签发本机令牌。Make a token for one-machine mode.

    例 · Example: `shouhou token --role reception --role dispatcher --ttl 8h`
    """
    settings = Settings()
    if settings.oidc_issuer:
        fail(
            Words(
                f"已配置 OIDC,请向 {settings.oidc_issuer} 获取令牌。",
                f"OIDC is configured: get a token from {settings.oidc_issuer}.",
            )
        )
    made = LocalKeys(settings.data_dir, SystemClock()).issue_token(role, engineer, _duration(ttl), subject)
    sys.stdout.write(made + "\n")


@app.command("sign-in")
def sign_in(
    role: Annotated[list[Role] | None, typer.Option(help="角色,可多次 · role; default: all of the office")] = None,
    engineer: Annotated[str | None, typer.Option(help="服务人员编号 · the engineer's id")] = None,
    subject: Annotated[str, typer.Option(help="账号 · account; default: the role's name, or operator")] = "",
) -> None:
    """给出打开看板页面的一次性链接。Print a link that opens the screens, once, within 15 minutes.

    例 · Example: `shouhou sign-in --role service_manager`
    """
    settings = Settings()
    roles = frozenset(role) if role else office()
    name = subject or engineer or (role[0].value if role else "operator")
    sys.stdout.write(_sign_in_link(settings, Principal(name, roles, engineer)) + "\n")


def _sign_in_link(settings: Settings, who: Principal) -> str:
    base = assembly.address_of(settings).rstrip("/")
    return f"{base}/reporting/sign-in?token={Sessions(assembly.secret_of(settings), SystemClock()).link_token(who)}"


def _duration(text: str) -> timedelta:
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    if not text[:-1].isdecimal() or text[-1:] not in units:
        fail(Words(f"有效期“{text}”无法识别,请写 30m、12h 或 7d。", f"“{text}” is no duration; write 30m, 12h or 7d."))
    return timedelta(**{units[text[-1]]: int(text[:-1])})


# -- registers ---------------------------------------------------------------------------------------------------


@importing.command("register")
def register(
    file: Annotated[Path, typer.Argument(help="XLSX 或 CSV · XLSX or CSV", exists=True, dir_okay=False, readable=True)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查,不导入 · only check")] = False,
    result: Annotated[Path | None, typer.Option(help="结果表保存到 · where to save the result sheet (XLSX)")] = None,
    url: Annotated[str | None, typer.Option(help="系统地址 · where it runs; default: this machine")] = None,
    bearer: Annotated[str | None, typer.Option("--token", envvar="SHOUHOU_TOKEN", help="令牌 · token")] = None,
) -> None:
    """导入前台的来电来函登记表。Take over a reception's register of calls and letters.

    重复导入不会改变任何内容。Importing twice changes nothing.

    例 · Example: `shouhou import register samples/register-2026-10.xlsx --dry-run`
    """
    _import(REGISTERS, Role.RECEPTION, file, url, bearer, dry_run=dry_run, result=result)


@importing.command("engineers")
def engineers(
    file: Annotated[Path, typer.Argument(help="XLSX 或 CSV · XLSX or CSV", exists=True, dir_okay=False, readable=True)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查,不导入 · only check")] = False,
    url: Annotated[str | None, typer.Option(help="系统地址 · where it runs; default: this machine")] = None,
    bearer: Annotated[str | None, typer.Option("--token", envvar="SHOUHOU_TOKEN", help="令牌 · token")] = None,
) -> None:
    """导入服务人员与值守排班。Take over engineers and their rosters.

    人员表的列:工号、姓名、电话、技能、地区、驻地城市、驻地纬度、驻地经度、在用、电话补贴、工资档、补贴生效日期。
    排班表的列:工号、开始日期、结束日期、类别(值守、休假)、星期、时段、时区。重复导入不会改变任何内容。
    Two tables, known by their headers; importing twice changes nothing.

    例 · Example: `shouhou import engineers engineers.xlsx --dry-run`
    """
    _import(ENGINEERS, Role.HR, file, url, bearer, dry_run=dry_run)


def _import(
    route: str,
    role: Role,
    file: Path,
    url: str | None,
    bearer: str | None,
    *,
    dry_run: bool,
    result: Path | None = None,
) -> None:
    """Without a token, one of this machine's is made for ``role``."""
    settings = Settings()
    address = url or assembly.address_of(settings)
    made = bearer or LocalKeys(settings.data_dir, SystemClock()).issue_token([role])
    with bar("导入 · importing") as move:
        try:
            sent = import_file(route, file, address, made, dry_run=dry_run, move=move, result=result)
            found = asyncio.run(sent)
        except ImportFailed as failed:
            fail(failed.words)
    _show_import(found, result)


def _show_import(found: dict[str, Any], saved: Path | None) -> None:
    for notice in found["notices"]:
        out.print(f"  [yellow]![/] {notice}")
    silent = ("doubled", "skipped")  # of a register: they are counted, and told in the result sheet
    problems = [row for row in found["rows"] if row.get("reason") and row["kind"] not in silent]
    for row in problems:
        out.print(f"  [red]{row['sheet']} {row['row']}[/] {row['reason']}")
    table = Table(title=f"{found['filename']}{'(仅检查 · dry run)' if found['dry_run'] else ''}")
    table.add_column("行 rows")
    table.add_column("", justify="right")
    for name, count in found["counts"].items():
        table.add_row(_COUNTS.get(name, name), str(count))
    out.print(table)
    if saved:
        out.print(f"结果表 · result sheet: {saved}")


_COUNTS = {
    "entries": "条目 entries",
    "problems": "有误 problems",
    "doubled": "重复 doubled",
    "skipped": "跳过 skipped",
    "imported": "已导入 imported",
    "recorded": "已登记 recorded",
    "added": "已补充 added to",
    "unchanged": "无变化 unchanged",
    "refused": "被拒 refused",
}


# -- looking after it --------------------------------------------------------------------------------------------


@app.command()
def rebuild(
    service: Annotated[str, typer.Argument(help="服务名 · the service")],
    view: Annotated[str | None, typer.Argument(help="视图名,默认全部 · the view; default: all")] = None,
) -> None:
    """从日志重建视图,期间照常服务。Rebuild views from the log while serving.

    例 · Example: `shouhou rebuild tickets desk`
    """

    async def work(runtimes: list[Runtime]) -> None:
        chosen = [v for v in runtimes[0].service.views if view in (None, v.name)]
        if not chosen:
            names = "、".join(v.name for v in runtimes[0].service.views)
            fail(
                Words(f"{service} 没有视图 {view};现有:{names}。", f"{service} has no view {view}; there are: {names}.")
            )
        for each in chosen:
            with bar(f"{service}.{each.name}") as move:
                assert runtimes[0].nats
                await build_again(each, runtimes[0].log, runtimes[0].pool, runtimes[0].nats, move)
            out.print(f"[green]✓[/] {service}.{each.name} 已重建 · rebuilt")

    with_runtime(work, service)


@app.command()
def verify(
    service: Annotated[str | None, typer.Argument(help="服务名,默认全部 · the service; default: all")] = None,
    chain: Annotated[bool, typer.Option("--chain", help="只核对哈希链 · only the hash chain")] = False,
    key: Annotated[
        list[str] | None, typer.Option(help="所信任的公钥,可多次 · a trusted public key, hexadecimal")
    ] = None,
) -> None:
    """核对:日志无缺口,日志与哈希链一致,消息流与日志一致,视图与重建一致,时限一致。Prove that all is as the logs say.

    有任何差异则退出码为 1。Exit code 1 on any difference.

    例 · Example: `shouhou verify --chain penalties --key 3d4017c3…`
    """
    wrong: list[str] = []

    async def work(runtimes: list[Runtime]) -> None:
        table = Table(title="核对 · verify")
        for title in ("服务 service", "核对 check", "对象 what", "", "说明 detail"):
            table.add_column(title)
        for runtime in runtimes:
            async for finding in log_is_as_linked(runtime, key or ()) if chain else prove(runtime, key or ()):
                table.add_row(
                    runtime.service.name,
                    finding.check,
                    finding.what,
                    "[green]✓[/]" if finding.ok else "[bold red]✗[/]",
                    finding.detail,
                )
                wrong.extend([] if finding.ok else [finding.what])
        out.print(table)

    with_runtime(work, *chosen(service, chained=chain))
    if wrong:
        fail(
            Words(
                f"有 {len(wrong)} 处不一致;视图可用 shouhou rebuild 重建,其余请查看日志。",
                f"{len(wrong)} difference(s). Views can be rebuilt with shouhou rebuild; for the rest see the log.",
            )
        )


@app.command()
def events(
    service: Annotated[str, typer.Argument(help="服务名 · the service")],
    after: Annotated[int, typer.Option(help="从此位置之后 · behind this position")] = 0,
    follow: Annotated[bool, typer.Option("--follow", help="持续显示 · go on for ever")] = False,
) -> None:
    """显示日志中的事件,每行一个 JSON。Show a log's events, a line of JSON each.

    例 · Example: `shouhou events tickets --after 100 --follow`
    """

    async def work(runtimes: list[Runtime]) -> None:
        log = runtimes[0].log
        end = await log.head()
        if after >= end and not follow:
            return
        async for batch in log.follow(after):
            for stored in batch:
                line = json.loads(stored.state)
                about = {"position": stored.position, "stream": str(stored.stream), "event": stored.topic}
                sys.stdout.write(json.dumps(about | line, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            if not follow and batch[-1].position >= end:
                return

    try:
        with_runtime(work, service)
    except UnknownEvent as unknown:
        fail(Words(f"日志比本程序新:{unknown}。", f"The log is newer than this program: {unknown}."))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@app.command()
def docs(folder: Annotated[Path, typer.Argument(help="写入的文件夹 · folder")] = Path("docs")) -> None:
    """重新生成文档:事件目录(JSON Schema、AsyncAPI)与权限表。Write the generated documents again."""
    try:
        write_catalogue(folder / "events")
    except IncompatibleChange as change:
        err.print(f"[bold red]✗[/] {change}")
        raise SystemExit(1) from change
    runtimes = [assembly.unconnected(service) for service in assembly.installed().values()]
    (folder / "permissions.csv").write_text(permissions.table(runtimes), encoding="utf-8")
    out.print(f"[green]✓[/] {folder}/events, {folder}/permissions.csv")


if __name__ == "__main__":
    main()
