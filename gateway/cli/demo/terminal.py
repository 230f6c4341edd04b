"""Runs `izin` commands, each in a process of its own.

Every process is forked from one that has loaded the commands beforehand: a person types a few commands an hour and may
wait a second for each, the demo types thirty in a row.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from gateway.cli.main import COMMANDS, main

_PROCESSES = multiprocessing.get_context("forkserver")


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def warm_up() -> None:
    """Begin to load the commands, in the background."""
    modules = {about[0].partition(":")[0] for about in COMMANDS.values()}
    _PROCESSES.set_forkserver_preload([f"gateway.cli.{module}" for module in sorted(modules)])
    ensure_running()


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> Ended:
    """Run `izin ARGUMENTS` with exactly this environment, to its end."""
    with TemporaryDirectory(prefix="izin-demo-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _PROCESSES.Process(target=_izin, args=(list(arguments), dict(environment), str(out), str(err)))
        process.start()
        process.join()
        code = process.exitcode
        return Ended(1 if code is None else code, out.read_text("utf-8"), err.read_text("utf-8"))


def _izin(arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for number, file in ((1, out), (2, err)):
        to = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(to, number)
        os.close(to)
    os.environ.clear()
    os.environ.update(environment)
    main(arguments, prog_name="izin")
