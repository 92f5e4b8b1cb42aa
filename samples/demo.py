"""The main path, played: ``make demo``. Starts the system on a data folder of its own, and ends it.

.venv/bin/python samples/demo.py [--keep]     --keep leaves it running until Ctrl-C
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from rich.console import Console

REGISTER = Path(__file__).parent / "register-2026-10.xlsx"
SHOUHOU = [sys.executable, "-m", "shared.cli"]
STAFF = ("reception", "dispatcher", "service_manager", "hq_verifier")
READY_SECONDS = 120
CALL = {
    "channel": "phone",
    "customer_name": "光明物业",
    "person": {"name": "王主任", "phone": "138-0000-0067"},
    "product_name": "大号粘鼠板",
    "lot": "NSD260948",
    "summary": "粘不住,老鼠跑了",
}
TALKED = {"kind": "call", "call_id": "1696321200.17", "direction": "outbound", "seconds": 95}

out = Console(highlight=False)


class Office:
    """A small office at work: every step is shown, and what comes of it."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def do(self, zh: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A command that has to be granted."""
        response = self._http.post(path, json=body or {}, headers={"Idempotency-Key": uuid4().hex})
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        out.print(f"  [green]✓[/] {zh}  [dim]POST {path}[/]  {answer.get('status') or answer.get('outcome') or ''}")
        return answer

    def refused(self, zh: str, path: str) -> None:
        """A command that isn't open now: why, and what is."""
        problem = self._http.post(path, json={}, headers={"Idempotency-Key": uuid4().hex}).json()
        is_open = "、".join(action["title"] for action in problem["available_actions"] if action["open"])
        out.print(f"  [yellow]✗[/] {zh}:{problem['detail']} 现在可以 · open now:{is_open}")

    def show(self, path: str) -> Any:
        return self._http.get(path).raise_for_status().json()


def play(office: Office, run: Any) -> None:
    """From a call to the archive."""
    out.rule("一个服务请求 · one ticket")
    ticket = office.do("来电登记并受理 · a call is taken down", "/tickets", CALL)["ticket"]
    at = f"/tickets/{ticket}"
    office.refused("直接关闭 · close it at once", f"{at}/close")
    office.do("分诊 · triage", f"{at}/triage", {"product_unknown": "产品资料未录入"})
    office.do("首次答复(3.4a)· first answer", f"{at}/answer", {"proof": TALKED})
    order = office.do("派工 · dispatch", f"{at}/dispatch", {"purpose": "repair"})["work_order"]
    office.do("派工单验收 · the work order is verified", f"{at}/verify-work-order", {"work_order": order})
    office.do("解决 · resolve", f"{at}/resolve", {"resolution": "已更换 20 张粘鼠板并示范摆放"})
    link = office.do("发送满意度调查(3.6)· send the survey", f"{at}/survey", {"channel": "im"})["link"]
    httpx.post(link, data={"score": "5", "text": "很好"}).raise_for_status()
    out.print(f"  [green]✓[/] 客户在手机上填写 · the customer answers  [dim]{link[:60]}…[/]")
    office.do("关闭 · close", f"{at}/close")
    office.do("归档(5.3)· archive", f"{at}/archive")
    out.rule("历史 · its history")
    for line in office.show(f"{at}/history"):
        out.print(f"  [dim]{line['at'][:19]} {line['actor']}[/]  {line['words']}")
    out.rule("登记表 · a reception's register")
    out.print(run("import", "register", str(REGISTER)))
    board = office.show("/reporting/board")
    out.print(f"  看板 · board:未结 open {board['open']},超时 overdue {board['overdue']}")
    out.rule("核对 · verify")
    out.print(run("verify"))


def main(keep: bool) -> int:
    """Exit code 0 when every step went as it should."""
    with tempfile.TemporaryDirectory(prefix="shouhou-demo-") as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        environment = os.environ | {"DATA_DIR": folder, "PORT": str(port)}
        system = subprocess.Popen([*SHOUHOU, "up"], env=environment)
        try:
            _wait(port, system)

            def run(*words: str) -> str:
                return subprocess.run(
                    [*SHOUHOU, *words], env=environment, capture_output=True, text=True, check=True
                ).stdout

            token = run("token", *(f"--role={role}" for role in STAFF)).strip()
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
                play(Office(http), run)
            if keep:
                system.wait()
        except KeyboardInterrupt:
            out.print()
        finally:
            system.terminate()
            system.wait()
    return 0


def _wait(port: int, system: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and system.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("系统未能启动 · the system didn't start")


if __name__ == "__main__":
    raise SystemExit(main("--keep" in sys.argv))
