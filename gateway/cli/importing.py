"""What the commands that import files share: mappings, progress with rate and time left, and what went wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import click

from gateway.actions.import_optins import PROBLEMS_KEPT
from gateway.cli.speech import Trouble, is_terminal
from gateway.core.columns import MappingProblem
from gateway.core.document import Document, Format, read_document
from gateway.core.sheet import SheetProblem
from gateway.core.wording import Wording

PROBLEMS_SHOWN = 20
BLOCK_BYTES = 1 << 20

ROWS = Wording("{count} satır", "{count} rows")
RATE = Wording("saniyede {count} satır", "{count} rows/s")
MORE = Wording("  · … ve {count} sorun daha", "  · … and {count} more")
AT_LEAST = Wording("  · … ve en az {count} sorun daha", "  · … and at least {count} more")
REJECTS = Wording("Reddedilen satırlar, nedenleriyle: {file}", "Rejected rows, with reasons: {file}")
NO_EQUALS = Wording("--map {pair}: SÜTUN=ALAN biçiminde yazın.", "--map {pair}: write HEADER=FIELD.")
NO_ONE_FIELD = Wording(
    "{file}: “{header}” için tek bir alan yazın, örneğin `Tel: address`.",
    "{file}: “{header}” needs one field, as in `Tel: address`.",
)

R_co = TypeVar("R_co", covariant=True)
R = TypeVar("R")


class Run(Protocol, Generic[R_co]):
    """One import of one file. It calls its `on_progress` with how many more rows it has been through."""

    @property
    def on_progress(self) -> Callable[[int], None]: ...

    def run(self, path: Path) -> R_co: ...


def mapping_of(pairs: tuple[str, ...], file: Path | None, language: str) -> dict[str, str] | None:
    """Headers and their fields, from `--map HEADER=FIELD` and a YAML or TOML file of `Header: field` lines."""
    split = [pair.partition("=") for pair in pairs]
    if wrong := [pair for pair, (_, between, _) in zip(pairs, split, strict=True) if not between]:
        raise Trouble([NO_EQUALS.say(language).format(pair=pair) for pair in wrong], code="mapping")
    return {**_from_file(file, language), **{header: field for header, _, field in split}} or None


def _from_file(file: Path | None, language: str) -> dict[str, str]:
    if file is None:
        return {}
    read = read_document(file.read_text(encoding="utf-8-sig"), Format.TOML if file.suffix == ".toml" else Format.YAML)
    if not isinstance(read, Document):
        raise Trouble([f"{file.name}: {problem.sentence(language)}" for problem in read], code="mapping")
    if wrong := [header for header, field in read.root.items() if not isinstance(field, str)]:
        said = NO_ONE_FIELD.say(language)
        raise Trouble([said.format(file=file.name, header=header) for header in wrong], code="mapping")
    return {header: str(field) for header, field in read.root.items()}


def watched(run: Run[R], file: Path, language: str, *, quiet: bool, passes: int = 1) -> R:
    """Run it, with a bar for a person who watches. `passes` is how often each row is reported."""
    try:
        if quiet or not is_terminal():
            return run.run(file)
        report: R = _with_bar(run, file, language, passes)
        return report
    except SheetProblem as problem:
        raise Trouble(f"{file.name}: {problem.sentence(language)}", code="file") from None
    except MappingProblem as problem:
        raise Trouble(f"{file.name}: {problem.wording.say(language)}", code="mapping") from None
    except OSError as problem:
        raise Trouble(f"{file.name}: {problem}", code="file") from None


def _with_bar(run: Any, file: Path, language: str, passes: int) -> Any:
    began, done = time.monotonic(), 0
    bar: Any = click.progressbar(
        range(_lines(file) * passes),
        label=file.name,
        item_show_func=lambda rate: RATE.say(language).format(count=f"{rate:,}") if rate else "",
        file=sys.stderr,
    )

    def went_on(rows: int) -> None:
        nonlocal done
        done += rows
        bar.update(rows, int(done / passes / max(time.monotonic() - began, 0.001)))

    with bar:
        run.on_progress = went_on
        return run.run(file)


def _lines(file: Path) -> int:
    with file.open("rb") as bytes_:
        return sum(block.count(b"\n") for block in iter(lambda: bytes_.read(BLOCK_BYTES), b""))


def first(problems: list[str], language: str) -> list[str]:
    """The first problems, and how many more there are."""
    lines = [f"  · {problem}" for problem in problems[:PROBLEMS_SHOWN]]
    more = len(problems) - PROBLEMS_SHOWN
    said = AT_LEAST if len(problems) >= PROBLEMS_KEPT else MORE
    return [*lines, said.say(language).format(count=more)] if more > 0 else lines


def rejects_told(file: Path | None, language: str) -> list[str]:
    return [] if file is None else [REJECTS.say(language).format(file=file)]
