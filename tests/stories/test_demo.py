"""The main job from end to end, on real processes: what `make demo` shows must be true."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demo_keeps_every_promise_that_it_exercises(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "demo", "--json", "--folder", str(tmp_path / "demo")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    said = json.loads(done.stdout.splitlines()[-1])
    assert all(said["promises"].values()), said
    assert set(said["promises"]) >= {"1", "2", "3", "4", "5", "6", "7", "8"}
    assert sum(said["by_state"].values()) == sum(said["by_reason"].values()) == said["audience"] > 900
