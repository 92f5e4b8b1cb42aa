"""``make demo``: what a newcomer sees first has to work."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demo_plays_the_main_path_and_leaves_nothing_behind(tmp_path: Path) -> None:
    # when it is run
    environment = {"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    played = subprocess.run(
        [sys.executable, "samples/demo.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    # then it shows every step, ends well, and its data are gone
    assert played.returncode == 0, played.stdout + played.stderr
    for shown in ("159 条登记", "关闭被拒绝", "前未答复，已逾期", "投诉关闭（查实）", "演示完成"):
        assert shown in played.stdout
    assert not list(tmp_path.glob("shouhou-demo-*"))
