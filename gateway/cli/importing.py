"""What the commands that import files share: mappings, progress with rate and time left, and what went wrong."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from gateway.actions.import_optins import ImportReport, OptInImport
from gateway.actions.import_optouts import OptOutImport
from gateway.cli.speech import Trouble, is_terminal
from gateway.core.columns import MappingProblem
from gateway.core.document import Document, Format, read_document
from gateway.core.sheet import SheetProblem

PROBLEMS_SHOWN = 20


Run = OptInImport | OptOutImport


def mapping_of(pairs: tuple[str, ...], file: Path | None, language: str) -> dict[str, str] | None:
    """Headers and their fields, from `--map HEADER=FIELD` and a YAML or TOML file of `Header: field` lines."""
    split = [pair.partition("=") for pair in pairs]
    if wrong := [pair for pair, (_, between, _) in zip(pairs, split, strict=True) if not between]:
        raise Trouble([f"--map {pair}: write HEADER=FIELD." for pair in wrong], code="mapping")
    return {**_from_file(file, language), **{header: field for header, _, field in split}} or None


def _from_file(file: Path | None, language: str) -> dict[str, str]:
    if file is None:
        return {}
    read = read_document(file.read_text(encoding="utf-8-sig"), Format.TOML if file.suffix == ".toml" else Format.YAML)
    if not isinstance(read, Document):
        raise Trouble([f"{file.name}: {problem.sentence(language)}" for problem in read], code="mapping")
    if wrong := [header for header, field in read.root.items() if not isinstance(field, str)]:
        raise Trouble([f"{file.name}: “{header}” needs one field, as in `Tel: address`." for header in wrong])
    return {header: str(field) for header, field in read.root.items()}


def watched(run: Run, file: Path, language: str, *, quiet: bool, passes: int = 1) -> ImportReport:
    """Run it, with a bar for a person who watches. `passes` is how often each row is reported."""
    try:
        if quiet or not is_terminal():
            return run.run(file)
        return _with_bar(run, file, passes)
    except (SheetProblem, MappingProblem, OSError) as problem:
        sentence = problem.sentence(language) if isinstance(problem, SheetProblem) else str(problem)
        raise Trouble(f"{file.name}: {sentence}", code="file") from None


def _with_bar(run: Run, file: Path, passes: int) -> ImportReport:
    began, done = time.monotonic(), 0
    bar: Any = click.progressbar(
        range(_lines(file) * passes),
        label=file.name,
        item_show_func=_rate,
        file=sys.stderr,
    )

    def went_on(rows: int) -> None:
        nonlocal done
        done += rows
        bar.update(rows, int(done / passes / max(time.monotonic() - began, 0.001)))

    with bar:
        run.on_progress = went_on
        return run.run(file)


def _rate(rows_a_second: int | None) -> str:
    return f"{rows_a_second:,} rows/s" if rows_a_second else ""


BLOCK_BYTES = 1 << 20


def _lines(file: Path) -> int:
    with file.open("rb") as bytes_:
        return sum(block.count(b"\n") for block in iter(lambda: bytes_.read(BLOCK_BYTES), b""))


def first(problems: list[str]) -> list[str]:
    """The first problems, and how many more there are."""
    lines = [f"  · {problem}" for problem in problems[:PROBLEMS_SHOWN]]
    more = len(problems) - PROBLEMS_SHOWN
    return [*lines, f"  · … and {more} more"] if more > 0 else lines
