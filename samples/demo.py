"""``make demo``: the main path, played over HTTP on a system of its own, each step shown.

    .venv/bin/python samples/demo.py [--keep]

The data lie in a temporary folder and are gone afterwards; ``--keep`` leaves the system running until Ctrl-C. Exit code
0 when every step went as it should, 1 otherwise.
"""

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

REGISTER = Path(__file__).with_name("register-2026-10.xlsx")
SHOUHOU = [sys.executable, "-m", "shared.cli"]
START_SECONDS, STEP_SECONDS, STOP_SECONDS = 90.0, 60.0, 30.0
"""How long anything may take before the demo gives up."""

TALKED = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}
CALL = {
    "channel": "phone",
    "customer_name": "光明物业",
    "person": {"name": "王主任", "phone": "13800000067"},
    "product_name": "大号粘鼠板",
    "lot": "NSD260948",
    "summary": "粘不住，老鼠跑了",
}

out = Console(highlight=False, width=110)


class Failed(Exception):
    """A step went otherwise than it should."""


class System:
    """``shouhou up`` on a port and a data folder of its own."""

    def __init__(self, data_dir: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._environment = os.environ | {"DATA_DIR": str(data_dir), "PORT": str(port), "COLUMNS": "110"}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen([*SHOUHOU, "up"], env=self._environment, stdout=subprocess.DEVNULL)
        until(self._ready, START_SECONDS)

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS)

    def wait(self) -> None:
        """Until it ends, or Ctrl-C."""
        assert self._process
        with contextlib.suppress(KeyboardInterrupt):
            self._process.wait()

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """One of the other commands."""
        return subprocess.run(
            [*SHOUHOU, *words], env=self._environment, capture_output=True, text=True, timeout=STEP_SECONDS, check=False
        )

    def caller(self, account: str, *roles: str) -> httpx.Client:
        options = [f"--role={role}" for role in roles]
        token = self.run("token", *options, f"--subject={account}").stdout.strip()
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "zh"}
        return httpx.Client(base_url=self.address, headers=headers, timeout=STEP_SECONDS)

    def _ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise Failed("系统没有启动起来 · the system didn't start")
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.address}/health/ready").status_code == 200
        return False


def until(condition: Callable[[], Any], seconds: float = STEP_SECONDS) -> Any:
    """What ``condition`` gives as soon as it gives something. Raises ``Failed``."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise Failed(f"{seconds:.0f} 秒内没有完成 · it didn't happen within {seconds:.0f} s")
        time.sleep(0.05)
    return found


def sent(client: httpx.Client, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return client.post(path, json=body or {}, headers={"Idempotency-Key": uuid4().hex})


def done(client: httpx.Client, path: str, body: dict[str, Any] | None = None, said: str = "") -> dict[str, Any]:
    """A command that has to be granted; ``said`` shows it. Raises ``Failed``."""
    response = sent(client, path, body)
    if response.is_error:
        raise Failed(f"{path}: {response.json().get('detail', response.text)}")
    answer: dict[str, Any] = response.json()
    if said:
        out.print(f"  [green]·[/] {said} [dim]{path.rpartition('/')[2]} → {answer.get('status', '')}[/]")
    return answer


def read(client: httpx.Client, path: str, **query: str) -> Any:
    return client.get(path, params=query or None).raise_for_status().json()


@contextlib.contextmanager
def step(zh: str, en: str) -> Iterator[None]:
    """A step with its title; it says when it is done."""
    out.print(f"\n[bold]{zh}[/] [dim]{en}[/]")
    began = time.monotonic()
    yield
    out.print(f"  [green]✓[/] [dim]{time.monotonic() - began:.1f} s[/]")


# -- the path ------------------------------------------------------------------------------------------------------


def play(system: System) -> None:
    """Everything, in order. Raises ``Failed``."""
    roles = ("reception", "dispatcher", "hq_verifier")
    with (
        system.caller("li.na", *roles) as desk,
        system.caller("zhao.min", "service_manager") as manager,
        system.caller("qian.hua", "hq_verifier") as headquarters,
    ):
        take_over_the_register(desk)
        ticket = serve_a_customer(desk)
        tell_the_history(desk, ticket)
        let_one_become_overdue(desk)
        hear_a_complaint(desk, manager, headquarters)
        show_the_board(desk)
    prove_it_all(system)


def take_over_the_register(desk: httpx.Client) -> None:
    with step("导入前台登记表", "take over reception's register"):
        files = {"file": (REGISTER.name, REGISTER.read_bytes())}
        response = desk.post("/tickets/register-imports", files=files)
        result = response.raise_for_status().json()
        counts = result["counts"]
        out.print(
            f"  {counts['entries']} 条登记，{counts['imported']} 条成为服务请求；{counts['problems']} 行有误，"
            f"{counts['doubled']} 行重复，逐行说明原因："
        )
        for row in [row for row in result["rows"] if row["kind"] == "problem"]:
            out.print(f"  [red]第 {row['row']} 行[/] {row['reason']}")


def serve_a_customer(desk: httpx.Client) -> str:
    with step("一个来电，从登记到归档", "one call, from register to archive"):
        opened = done(desk, "/tickets", CALL)
        ticket: str = opened["ticket"]
        out.print(f"  编号 [bold]{opened['number']}[/]，24 小时内须答复")
        refuse_a_step(desk, ticket)
        done(desk, f"/tickets/{ticket}/triage", {"product_unknown": "产品资料未录入"}, "分诊")
        done(desk, f"/tickets/{ticket}/answer", {"proof": TALKED}, "首次答复（3.4a）")
        order = done(desk, f"/tickets/{ticket}/dispatch", {"purpose": "replacement"}, "派工")["work_order"]
        now = datetime.now(UTC).isoformat()
        visit = {"work_order": order, "engineer": "E04", "agreed_arrival": now, "arrived_at": now, "finished_at": now}
        done(desk, f"/tickets/{ticket}/record-visit", visit, "上门（3.4b）")
        done(desk, f"/tickets/{ticket}/verify-work-order", {"work_order": order}, "派工单验收")
        done(desk, f"/tickets/{ticket}/resolve", {"resolution": "已更换 20 张并示范摆放"}, "解决")
        link = done(desk, f"/tickets/{ticket}/survey", {"channel": "im"})["link"]
        answer_the_survey(link)
        done(desk, f"/tickets/{ticket}/close", said="关闭")
        done(desk, f"/tickets/{ticket}/archive", said="归档（5.3）")
    return ticket


def refuse_a_step(desk: httpx.Client, ticket: str) -> None:
    """What isn't open is refused, with the reason and with what is open."""
    response = sent(desk, f"/tickets/{ticket}/close")
    if response.status_code != 409:
        raise Failed("未分诊的请求竟然可以关闭 · a ticket that nobody triaged could be closed")
    problem = response.json()
    open_now = "、".join(action["title"] for action in problem["available_actions"] if action["open"])
    out.print(
        Panel(f"{problem['detail']}\n[dim]现在可以 · open now：[/]{open_now}", title="关闭被拒绝 · refused", width=106)
    )


def answer_the_survey(link: str) -> None:
    """The customer has no account: the link lets them in, on a phone."""
    page = httpx.get(link)
    answered = httpx.post(link, data={"score": "5", "text": "上门很快"})
    if page.is_error or "已收到您的评价" not in answered.text:
        raise Failed("满意度调查页面有误 · the survey's page is wrong")
    out.print(f"  客户打开 [dim]{link[:60]}…[/] 评了 5 分")


def tell_the_history(desk: httpx.Client, ticket: str) -> None:
    with step("这个请求的历史", "its history in plain words"):
        table = Table(box=None, padding=(0, 2, 0, 2))
        for title in ("时间 when", "谁 who", "来源 from", "何事 what"):
            table.add_column(title)
        for line in read(desk, f"/tickets/{ticket}/history"):
            table.add_row(line["when"], line["who"], line["from"], line["words"])
        out.print(table)


def let_one_become_overdue(desk: httpx.Client) -> None:
    with step("昨天的来电无人答复", "nobody answered yesterday's call"):
        yesterday = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
        ticket = done(desk, "/tickets", CALL | {"at": yesterday, "summary": "药粉结块"})["ticket"]

        def overdue() -> Any:
            lines = read(desk, f"/tickets/{ticket}/history")
            return next((line for line in lines if line["event"] == "AnswerOverdue"), None)

        line = until(overdue)
        out.print(f"  [red]{line['words']}[/] [dim]{line['who']}[/]")


def hear_a_complaint(desk: httpx.Client, manager: httpx.Client, headquarters: httpx.Client) -> None:
    with step("投诉：取证、由他人认定、挽回", "a complaint: evidence, a finding by another person, the remedy"):
        now = datetime.now(UTC).isoformat()
        said = {"channel": "phone", "customer_name": "光明物业", "category": "other", "summary": "答应的回访没有来"}
        lodged = done(desk, "/tickets/complaints", said | {"happened_at": now})
        path = f"/tickets/complaints/{lodged['complaint']}"
        done(manager, f"{path}/acknowledge")
        done(manager, f"{path}/start-investigation", {"investigator": "zhao.min"})
        letter = {"file": ("letter.pdf", b"%PDF-1.7 ...", "application/pdf")}
        manager.post(f"{path}/add-evidence", files=letter, data={"description": "客户来函"}).raise_for_status()
        finding = {"category": "other", "reasons": "没有回访记录"}
        own = sent(manager, f"{path}/substantiate", finding)
        if own.status_code != 409:
            raise Failed("调查人竟然可以自己作结论 · the investigator could make the finding")
        out.print(f"  调查人自己作结论被拒绝：[red]{own.json()['detail']}[/]")
        done(headquarters, f"{path}/substantiate", finding)
        done(manager, f"{path}/plan-remedy", {"remedy": "当天补做回访并道歉", "responsible": "zhao.min"})
        done(manager, f"{path}/complete-remedy", {"outcome": "客户接受"})
        done(manager, f"{path}/close")
        for line in read(desk, f"{path}/history"):
            out.print(f"  {line['when']} {line['who']}：{line['words']}")


def show_the_board(desk: httpx.Client) -> None:
    with step("看板：另一个服务，只靠事件", "the board: another service, fed by events alone"):
        board = until(lambda: (b := read(desk, "/reporting/board")) and b["overdue"] and b)
        table = Table(box=None, padding=(0, 2, 0, 2), show_header=False)
        for name, title in (("open", "未结 open"), ("awaiting", "待答复 awaiting"), ("overdue", "逾期 overdue")):
            table.add_row(title, str(board[name]))
        out.print(table)


def prove_it_all(system: System) -> None:
    with step("核对：日志、消息流、视图、时限", "verify: log, stream, views, deadlines"):
        verified = system.run("verify")
        out.print(verified.stdout.rstrip(), markup=False)
        if verified.returncode:
            raise Failed(verified.stderr.strip())


def main() -> int:
    parser = argparse.ArgumentParser(description="演示主流程 · play the main path")
    parser.add_argument("--keep", action="store_true", help="演示后保持运行，Ctrl-C 结束 · leave it running")
    keep = parser.parse_args().keep
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the blocks below end what they started
    with tempfile.TemporaryDirectory(prefix="shouhou-demo-") as folder:
        system = System(Path(folder))
        try:
            with step("启动（临时数据，结束后删除）", "start, on data that are gone afterwards"):
                system.start()
            play(system)
            out.print("\n[bold green]✓ 演示完成[/] [dim]that was the main path[/]")
            if keep:
                out.print(f"  {system.address}/tickets/docs   DATA_DIR={folder}   Ctrl-C 结束 · ends it")
                system.wait()
        except (Failed, httpx.HTTPError, subprocess.TimeoutExpired) as error:
            out.print(f"\n[bold red]✗[/] {error}", markup=True)
            return 1
        finally:
            system.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
