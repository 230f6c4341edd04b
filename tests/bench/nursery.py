"""A process that has imported everything and forks workers on request, so that a thousand kills fit into minutes.

What is killed is a whole `izin work`: settings read, database opened, timetable and sender running. Only the imports
are shared, which take a second and change nothing.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Nursery:
    process: subprocess.Popen[str]

    def worker(self) -> int:
        """Fork one worker. Returns its process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("work\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def nursery(environment: Mapping[str, str], log: Path) -> Iterator[Nursery]:
    with log.open("ab") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.nursery"],
            env=dict(environment),
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
        )
    try:
        yield Nursery(process)
    finally:
        process.kill()
        process.communicate()


def kill(pid: int) -> None:
    """SIGKILL: no handler runs, nothing is flushed, nobody is told."""
    os.kill(pid, signal.SIGKILL)


def _work() -> None:
    from gateway import log, worker
    from gateway.assembly import open_house
    from gateway.settings import read_settings

    log.set_up("work", "json")
    with open_house(read_settings()) as house:
        worker.work(house)


def main() -> None:
    import alembic.command  # noqa: F401  so that no child imports it again
    import pywa_async.client  # noqa: F401
    import sqlalchemy.dialects.postgresql.psycopg  # noqa: F401

    import gateway.worker  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead leave at once
    for _ in sys.stdin:
        if pid := os.fork():
            print(pid, flush=True)
            continue
        _child()


def _child() -> Any:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    sys.stdin.close()
    try:
        _work()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
