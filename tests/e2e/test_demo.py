"""``make demo``: what a newcomer sees first has to work."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def play(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder), "HOME": str(folder), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "samples/demo.py", *more],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


@pytest.mark.timeout(540)
def test_the_demo_plays_a_month_and_leaves_nothing_behind(tmp_path: Path) -> None:
    # when a small month is played
    played = play(tmp_path, "--size", "0.03")

    # then it ends well, with its figures, the histories of a ticket, of a fine and of an appeal, and a refusal, and its
    # data are gone
    assert played.returncode == 0, played.stdout + played.stderr
    told = ("列入 2026-10 工资清单", "申诉裁定：撤销", "关闭被拒绝", "项核对一致", "演示完成")
    for shown in ("受理 tickets", "上门 visits", *told):
        assert shown in played.stdout
    assert not list(tmp_path.glob("shouhou-demo-*"))


def test_a_demo_that_cannot_go_on_says_where(tmp_path: Path) -> None:
    # when a month is asked for that nobody can play
    refused = play(tmp_path, "--size", "-1")

    # then one sentence says so
    assert refused.returncode == 2
    assert "--size" in refused.stderr
