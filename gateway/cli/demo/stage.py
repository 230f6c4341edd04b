"""Where the demo is shown: titles, commands with their output, progress. With --json it stays dark."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from gateway.cli.demo.world import DemoFailed, World
from gateway.cli.speech import table


@dataclass
class Stage:
    dark: bool = False

    def title(self, text: str) -> None:
        self._say("\n" + click.style(text, bold=True, fg="cyan"))

    def note(self, text: str) -> None:
        self._say(click.style(f"  {text}", dim=True))

    def counts(self, counts: Mapping[str, int]) -> None:
        for line in table([(count, what) for what, count in sorted(counts.items())]):
            self._say(line)

    def run(self, world: World, *arguments: str, lines: int = 12) -> None:
        """Run `izin ARGUMENTS` and show what a person sees. Raises DemoFailed with the command's words if it fails."""
        shown = " ".join(shlex.quote(_short(a, world.folder)) for a in arguments)
        self.shell(f"izin {shown}", world.izin(*arguments), lines)

    def shell(self, command: str, output: str, lines: int = 12) -> None:
        """Show a command and the beginning of what it said."""
        self._say(click.style(f"  $ {command}", fg="green"))
        words = output.splitlines()
        for line in words[:lines]:
            self._say(f"    {line}")
        if len(words) > lines:
            self._say(click.style(f"    … {len(words) - lines} more lines", dim=True))

    def progress(self, look: Callable[[], tuple[int, int]], finished: Callable[[], bool], within_s: float) -> None:
        until = time.monotonic() + within_s
        bar: Any = None
        while not finished():
            done, of = look()
            if bar is None and of and not self.dark:
                bar = click.progressbar(length=of, label="    messages")
            if bar is not None:
                bar.update(max(0, done - bar.pos))
            if time.monotonic() > until:
                raise DemoFailed(f"the campaign has not come to rest within {within_s:.0f} s")
            time.sleep(0.25)
        if bar is not None:
            bar.update(max(0, look()[0] - bar.pos))
            self._say("")

    def _say(self, line: str) -> None:
        if not self.dark:
            click.echo(line)


def _short(argument: str, folder: Path) -> str:
    return argument.replace(f"{folder}/", "").replace(str(Path(__file__).parents[3]) + "/", "")
