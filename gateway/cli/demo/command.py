"""`izin demo`."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from gateway.actions.report_campaign import report_campaign
from gateway.cli.demo.promises import Kept, check
from gateway.cli.demo.script import MAIN, play
from gateway.cli.demo.stage import Stage
from gateway.cli.demo.world import DemoFailed, World, world
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, table
from gateway.storage import campaigns

FOLDER = Path("var/demo")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Only one JSON object at the end.")
@click.option("--keep", is_flag=True, help="Leave everything running until Ctrl-C, to look around.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, show_default=True)
def demo(as_json: bool, keep: bool, folder: Path) -> None:
    """Show the main job on real processes over a fresh database, and check every promise. Exit 3 if one is broken.

    \b
    Example:  izin demo
    """
    began = time.monotonic()
    try:
        with world(folder.resolve()) as made:
            stage = Stage(dark=as_json)
            kept = check(made, play(made, stage))
            answer = _answer(made, kept, time.monotonic() - began)
            _say(answer, kept, as_json)
            if keep:
                _stay(made)
    except DemoFailed as problem:
        raise Trouble(f"The demo stopped: {problem}.", Exit.BROKEN, "demo") from None
    if not all(promise.kept for promise in kept):
        raise SystemExit(Exit.BROKEN)


def _answer(made: World, kept: Sequence[Kept], seconds: float) -> dict[str, Any]:
    with made.house.database.read() as connection:
        campaign = campaigns.by_name(connection, MAIN)
        assert campaign is not None, "the demo has just reported on it"
        report = report_campaign(connection, campaign)
    return {
        "audience": report.audience,
        "by_state": report.by_state,
        "by_reason": report.by_reason,
        "promises": {str(promise.number): promise.kept for promise in kept},
        "seconds": round(seconds, 1),
        "folder": str(made.folder),
    }


def _say(answer: dict[str, Any], kept: Sequence[Kept], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo("\n" + click.style("The promises", bold=True, fg="cyan"))
    rows = [("✓" if p.kept else "✗", p.number, p.promise, p.seen) for p in kept]
    for line, promise in zip(table(rows), kept, strict=True):
        click.echo(click.style(line, fg="green" if promise.kept else "red"))
    click.echo(f"\n{answer['audience']} people, {answer['seconds']} s. The database stays in {answer['folder']}.")


def _stay(made: World) -> None:
    click.echo(f"\nEverything goes on running. Overview: {made.overview}  password: {made.settings.page_password}")
    click.echo("Talk to it with these settings, Ctrl-C ends it:")
    for name, value in sorted(made.environment.items()):
        if name.startswith("IZIN_"):
            click.echo(f"  export {name}='{value}'")
    try:
        while made.ended() is None:
            time.sleep(0.5)
    except KeyboardInterrupt:
        click.echo("Stopping …")
