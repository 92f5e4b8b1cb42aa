"""``shouhou chain``: what people do with a chain."""

import os
import sys
from typing import Annotated

import typer

from shared.chain.export import lines
from shared.chain.heads import known_public_key
from shared.decider import Words
from shared.service import Runtime
from shared.settings import Settings
from shared.terminal import chosen, fail, with_runtime

chaining = typer.Typer(help="哈希链。The hash chain over a log.", no_args_is_help=True)


@chaining.command("export")
def export_rows(service: Annotated[str, typer.Argument(help="服务名 · the service")]) -> None:
    """导出日志与哈希链,每行一个 JSON,供独立核对。Write the log with its chain, to be checked without this system.

    文件含全部处罚事项,请妥善保管。The file holds all that the log says: keep it as you keep the log.

    例 · Example: `shouhou chain export penalties > chain.jsonl; python samples/verify_chain.py chain.jsonl --key …`
    """

    async def work(runtimes: list[Runtime]) -> None:
        async for line in lines(service, runtimes[0].pool):
            sys.stdout.write(line)
        sys.stdout.flush()

    try:
        with_runtime(work, *chosen(service, chained=True))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@chaining.command("key")
def show_key() -> None:
    """显示本机的签名公钥;请留存在别处。Show the public key by which heads are signed here; keep it elsewhere.

    例 · Example: `docker-compose exec penalties-worker shouhou chain key`
    """
    found = known_public_key(Settings())
    if found is None:
        fail(
            Words(
                "此处没有签名密钥:请在签名的进程(worker)中运行,或设置 CHAIN_KEY_FILE。",
                "There is no signing key here: run this where heads are signed (a worker), or set CHAIN_KEY_FILE.",
            )
        )
    sys.stdout.write(found + "\n")
