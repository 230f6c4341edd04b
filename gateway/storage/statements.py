"""Statements sent as they are written, where rows are many: SQLAlchemy's own way costs some ten times as much a row.

Written once for both databases: `:name` is a parameter, `IN LIST :name` takes a sequence, `FROM ROWS(name type, ...)`
is a table made of the caller's rows, and what stands in [[double brackets]] is for PostgreSQL alone, which needs row
locks where SQLite has one writer.

On SQLite rows travel as one JSON text in both directions. The driver gives up the interpreter's lock at every row, so a
hundred rows read one by one make the loop that keeps the pace wait a hundred times; as one they take half the time.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from consent.tables import EPOCH

_MICROSECOND = timedelta(microseconds=1)
_LIST = re.compile(r"IN LIST :(\w+)")
_ONLY_POSTGRESQL = re.compile(r"\[\[(.*?)\]\]")
_PARAMETER = re.compile(r"(?<!:):(\w+)")


_CHOSEN = re.compile(r"SELECT (.*?) FROM ", re.DOTALL)
_ROWS = re.compile(r"FROM ROWS\((.*?)\)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement in the words of each driver. `gathered` gives all rows as one JSON array, on SQLite."""

    sqlite: str
    postgresql: str
    gathered: str


def statement(written: str) -> Statement:
    plain = _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", _ONLY_POSTGRESQL.sub("", written))
    postgresql = _LIST.sub(r"= ANY(:\1)", _ONLY_POSTGRESQL.sub(r"\1", written)).replace("%", "%%")
    return Statement(
        _ROWS.sub(_rows_of_sqlite, plain),
        _PARAMETER.sub(r"%(\1)s", _ROWS.sub(_rows_of_postgresql, postgresql)),
        _gathered(plain),
    )


def _gathered(sqlite: str) -> str:
    """The same question with one row for an answer: the driver gives up the interpreter once, not once a row."""
    chosen = _CHOSEN.match(sqlite)
    if chosen is None:
        return ""
    return f"SELECT json_group_array(json_array({chosen[1]})) FROM ({sqlite})"  # noqa: S608  our own columns


def _columns(found: re.Match[str]) -> list[list[str]]:
    return [column.split() for column in found[1].split(", ")]


def _rows_of_sqlite(found: re.Match[str]) -> str:
    values = (f"json_extract(value, '$[{n}]') AS {name}" for n, (name, _) in enumerate(_columns(found)))
    return f"FROM (SELECT {', '.join(values)} FROM json_each(:rows)) AS given"  # noqa: S608  our own columns


def _rows_of_postgresql(found: re.Match[str]) -> str:
    # A JSON column is given as text inside the row, so `->>` is right for it too.
    values = (f"CAST(value ->> {n} AS {kind}) AS {name}" for n, (name, kind) in enumerate(_columns(found)))
    return f"FROM (SELECT {', '.join(values)} FROM jsonb_array_elements(CAST(:rows AS jsonb))) AS given"  # noqa: S608


def fetch(
    connection: Connection, asked: Statement, values: Mapping[str, Any], *, gathered: bool = True
) -> Sequence[Any]:
    """All rows. Moments come back as they are stored: see `moment`. Rows with long texts are better not gathered."""
    if connection.dialect.name == "sqlite":
        found: Sequence[Any] = _driven(connection, asked.gathered if gathered else asked.sqlite, values).fetchall()
        return list(orjson.loads(found[0][0])) if gathered else found
    return connection.exec_driver_sql(asked.postgresql, for_postgresql(values)).all()


def write(connection: Connection, asked: Statement, values: Mapping[str, Any]) -> int:
    """One statement. Returns how many rows it changed."""
    if connection.dialect.name == "sqlite":
        changed: int = _driven(connection, asked.sqlite, values).rowcount
        return changed
    return connection.exec_driver_sql(asked.postgresql, for_postgresql(values)).rowcount


def _driven(connection: Connection, written: str, values: Mapping[str, Any]) -> Any:
    """A cursor of SQLite's own driver: on the way through SQLAlchemy a statement costs as much as a dozen rows."""
    driver: Any = connection.connection.dbapi_connection
    try:
        return driver.execute(written, for_sqlite(values))
    except sqlite3.Error as problem:
        raise DBAPIError.instance(written, None, problem, sqlite3.Error, dialect=connection.dialect) from problem


def write_all(connection: Connection, asked: Statement, rows: Sequence[Sequence[Any]], **values: Any) -> None:
    """One statement for many rows: its `FROM ROWS(name type, ...)` is the table `given` made of them.

    Moments among the rows are given as `stored_moment`s.
    """
    if rows:
        write(connection, asked, values | {"rows": orjson.dumps(rows).decode()})


def as_number(at: datetime) -> int:
    """A moment as SQLite keeps it: microseconds since 1970."""
    return (at - EPOCH) // _MICROSECOND


def stored_moment(connection: Connection, at: datetime) -> int | str:
    return as_number(at) if connection.dialect.name == "sqlite" else at.isoformat()


def for_postgresql(values: Mapping[str, Any]) -> dict[str, Any]:
    """The driver makes an array of a list, and a row of a tuple, which no `= ANY` takes."""
    return {
        name: list(value) if isinstance(value, tuple | set | frozenset) else value for name, value in values.items()
    }


def for_sqlite(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _bound(value) for name, value in values.items()}


def _bound(value: Any) -> Any:
    if isinstance(value, datetime):
        return as_number(value)
    if isinstance(value, list | tuple | set | frozenset):
        return orjson.dumps(list(value)).decode()
    return value


def moment(stored: int | datetime | None) -> datetime | None:
    """A stored moment, aware and in UTC, as either driver hands it over."""
    if stored is None:
        return None
    if isinstance(stored, int):
        return EPOCH + timedelta(microseconds=stored)
    return stored.astimezone(UTC)


def known_moment(stored: int | datetime) -> datetime:
    found = moment(stored)
    assert found is not None
    return found


def json_of(stored: Any) -> Any:
    """A JSON column, as either driver hands it over."""
    return orjson.loads(stored) if isinstance(stored, str | bytes) else stored
