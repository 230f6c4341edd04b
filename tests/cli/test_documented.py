"""The documents name every command, setting and metric that there is, and none that is not; links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

from gateway.cli.main import main
from gateway.settings import Settings, secret_names, variable

ROOT = Path(__file__).parents[2]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
}
METRICS = (ROOT / "gateway" / "web" / "metrics.py").read_text(encoding="utf-8")


def commands(command: click.Command, path: str) -> Iterator[str]:
    """Everything that can be called, without arguments: a group too where it does something by itself."""
    if not isinstance(command, click.Group):
        yield path
        return
    if command.invoke_without_command:
        yield path
    context = click.Context(command)
    for name in command.list_commands(context):
        if below := command.get_command(context, name):
            yield from commands(below, f"{path} {name}")


EVERY = set(commands(main, "izin"))


def test_every_command_stands_in_the_list_of_commands_once() -> None:
    rows = re.findall(r"^\| `(izin(?: [a-z][a-z-]*)+)", PAGES["docs/commands.md"], flags=re.MULTILINE)
    assert sorted(rows) == sorted(EVERY)


def test_no_page_names_a_command_that_is_not() -> None:
    groups = {name.rsplit(" ", count)[0] for name in EVERY for count in range(1, name.count(" "))}
    for page, text in PAGES.items():
        for written in re.findall(r"(?:`|^ *(?:\$ )?)(izin(?: [a-z][a-z-]+)+)", text, flags=re.MULTILINE):
            words = written.split()
            starts = {" ".join(words[:count]) for count in range(2, len(words) + 1)}
            assert starts & EVERY or written in groups, f"{page}: {written}"


def test_no_page_names_a_setting_that_is_not() -> None:
    known = {variable(f.name) for f in fields(Settings)} | {variable(name) + "_FILE" for name in secret_names()}
    for page, text in PAGES.items():
        strange = set(re.findall(r"IZIN_[A-Z_]*[A-Z]", text)) - known
        assert not strange, f"{page}: {strange}"


def test_every_metric_is_explained() -> None:
    shown = set(re.findall(r"_family\(\s*\"(izin_[a-z_]+)", METRICS))
    told = set(re.findall(r"\bizin_[a-z_]+", "\n".join(re.findall(r"^\| `izin_.*", PAGES["docs/operations.md"], re.M))))
    assert len(shown) > 10
    assert shown == told


def test_every_link_leads_to_a_file() -> None:
    for page, text in PAGES.items():
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (ROOT / page).parent.joinpath(target).exists(), f"{page}: {target}"
