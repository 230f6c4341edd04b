"""How the command speaks: to people in sentences, to programs in JSON, with exit codes that mean something."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import wraps
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import DBAPIError

from consent.vault import KeyMissing
from gateway.assembly import DatabaseBehind, House, open_house
from gateway.cli.exits import Exit
from gateway.settings import Settings, SettingsProblem, read_settings

F = TypeVar("F", bound=Callable[..., Any])


class Trouble(click.ClickException):
    """Something a person can put right, in sentences."""

    def __init__(self, sentences: str | Sequence[str], exit_code: Exit = Exit.REFUSED, code: str = "refused") -> None:
        self.sentences = [sentences] if isinstance(sentences, str) else list(sentences)
        super().__init__("\n".join(self.sentences))
        self.code = code
        context = click.get_current_context(silent=True)  # asked now: click has left the command when it shows this
        self._as_json = context is not None and bool(context.params.get("as_json"))
        setattr(self, "exit_code", exit_code)  # noqa: B010  click declares it on the class

    def show(self, file: Any = None) -> None:
        if self._as_json:
            error = {"error": {"code": self.code, "problems": self.sentences}}
            click.echo(json.dumps(error, ensure_ascii=False), err=True)
            return
        for sentence in self.sentences:
            click.echo(click.style("✗ ", fg="red") + sentence, err=True)


def as_json(command: F) -> F:
    """The --json flag, where a program may read the answer."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")(command)


def settings_or_trouble() -> Settings:
    try:
        return read_settings()
    except SettingsProblem as problem:
        raise Trouble(problem.problems, code="settings") from None


@contextmanager
def the_house(settings: Settings | None = None) -> Iterator[House]:
    """The house for one command, with what can go wrong outside it in words."""
    settings = settings or settings_or_trouble()
    try:
        with open_house(settings) as house:
            yield house
    except DatabaseBehind as problem:
        raise Trouble(f"{problem}; run `izin db upgrade`.", Exit.AWAY, "database_behind") from None
    except SettingsProblem as problem:
        raise Trouble(problem.problems, code="settings") from None
    except KeyMissing as problem:
        raise Trouble(str(problem), code="suppression_key") from None
    except DBAPIError as problem:
        raise Trouble(_away(settings, problem), Exit.AWAY, "database") from None
    except OSError as problem:
        if problem.filename is None:
            raise
        raise Trouble(f"{problem.filename} cannot be read or written: {problem.strerror}.", code="file") from None


def _away(settings: Settings, problem: DBAPIError) -> str:
    if settings.database.startswith("sqlite"):
        file = settings.database.removeprefix("sqlite:///")
        return f"{file} cannot be used as a database: {problem.orig}. Check it, its folder, and who may write them."
    kind = type(problem.orig).__name__
    return f"The database does not answer ({kind}). Check IZIN_DATABASE_URL and that it is running."


def house_command(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command whose first argument is the house."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with the_house() as house:
            return command(house, *args, **kwargs)

    return run


def tell(answer: Mapping[str, Any], as_json: bool, lines: Iterable[str]) -> None:
    """Print one JSON object, or the lines."""
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, default=_plain))
    else:
        for line in lines:
            click.echo(line)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def table(rows: Sequence[Sequence[object]], heading: Sequence[str] = ()) -> Iterator[str]:
    """Rows in columns as wide as their contents; numbers to the right."""
    texts = [[str(cell) for cell in row] for row in ([heading, *rows] if heading else rows)]
    widths = [max(len(row[n]) for row in texts) for n in range(len(texts[0]))] if texts else []
    for number, row in enumerate(texts):
        cells = [
            cell.rjust(width) if isinstance(source, int) else cell.ljust(width)
            for cell, width, source in zip(row, widths, _source(rows, heading, number, row), strict=True)
        ]
        line = "  " + "  ".join(cells).rstrip()
        yield click.style(line, bold=True) if heading and number == 0 else line


def _source(
    rows: Sequence[Sequence[object]], heading: Sequence[str], number: int, row: Sequence[str]
) -> Sequence[object]:
    if not heading:
        return rows[number]
    return row if number == 0 else rows[number - 1]


def moment(house: House, at: datetime) -> str:
    """A moment on the clock of the house's zone, to the minute."""
    return f"{at.astimezone(ZoneInfo(house.settings.time_zone)):%Y-%m-%d %H:%M}"


def operator() -> str:
    """Who runs the command, for the ledger."""
    return os.environ.get("SUDO_USER") or os.environ.get("USER") or "operator"


def stop(sentence: str, exit_code: Exit, code: str) -> NoReturn:
    raise Trouble(sentence, exit_code, code)


def is_terminal() -> bool:
    return sys.stderr.isatty()
