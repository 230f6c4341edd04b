"""Many rows at once: the driver's own prepared inserts on SQLite, COPY on PostgreSQL.

SQLAlchemy's way costs several times what the database itself needs for a row (reference/performance.md 3.1); these
functions are for imports, where rows are counted in millions. Values are handed over as the drivers take them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from types import NoneType
from typing import Any

import orjson
import psycopg
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from consent.tables import EPOCH

MICROSECONDS = 1_000_000


def is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def microseconds(moment: datetime) -> int:
    """Since 1970, as SQLite keeps a moment. Raises TypeError for a naive one."""
    past = moment - EPOCH
    return (past.days * 86_400 + past.seconds) * MICROSECONDS + past.microseconds


def stored(connection: Connection, moment: datetime) -> Any:
    """A moment as the driver of this connection takes it."""
    return as_stored(connection)(moment)


def as_stored(connection: Connection) -> Callable[[datetime], Any]:
    """The same for many moments: what makes of each what the driver takes."""
    return microseconds if is_sqlite(connection) else lambda moment: moment


def insert_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    same: Mapping[str, Any] | None = None,
) -> None:
    """Insert rows of the named columns; `same` holds what all of them have in common.

    JSON goes in as text, moments as `stored` gives them. Raises IntegrityError like any insert; columns that are not
    named get what the database itself gives them.
    """
    rows = rows if isinstance(rows, list) else list(rows)
    if not rows:
        return
    same = same or {}
    if is_sqlite(connection):
        row = f"({', '.join([*('?' * len(columns)), *map(_literal, same.values())])})"
        _insert(connection, f"INSERT INTO {table.name} ({', '.join([*columns, *same])}) VALUES ", row, rows)  # noqa: S608  our names
        return
    _copy(connection, table.name, [*columns, *same], rows, tuple(same.values()))


def update_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]], key: int
) -> None:
    """Bring rows up to date that are named by their first `key` columns; values as for `insert_rows`."""
    if not rows:
        return
    mark = "?" if is_sqlite(connection) else "%s"
    values = ", ".join(f"{name} = {mark}" for name in columns[key:])
    mine = " AND ".join(f"{name} = {mark}" for name in columns[:key])
    statement = f"UPDATE {table.name} SET {values} WHERE {mine}"  # noqa: S608  our names
    connection.exec_driver_sql(statement, [(*row[key:], *row[:key]) for row in rows])


PARAMETERS_MAX = 999  # in one statement of any SQLite


def _insert(connection: Connection, into: str, row: str, rows: list[Sequence[Any]]) -> None:
    """Many rows a statement: to begin one costs SQLite a fifth of what a row does."""
    at_once = PARAMETERS_MAX // len(rows[0])
    whole = len(rows) - len(rows) % at_once
    if whole:
        chunks = [tuple(chain.from_iterable(rows[at : at + at_once])) for at in range(0, whole, at_once)]
        connection.exec_driver_sql(into + ", ".join([row] * at_once), chunks)
    if rest := rows[whole:]:
        connection.exec_driver_sql(into + row, rest)


def _literal(value: Any) -> str:
    """A constant inside a statement: of our own making, never of a file's."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(int(value))
    return "'" + str(value).replace("'", "''") + "'"


ROWS_A_BLOCK = 250
"""Rows handed to the server at once: it works on them while the next are written down, and the socket holds them."""


def _copy(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], same: tuple[Any, ...]
) -> None:
    """COPY in its text format, written here a column at a time: the driver's own, row by row, costs ten times more."""
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    end = "".join("\t" + _copied(value) for value in same) + "\n"
    as_text = _keeps_utf8(driver)
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for at in range(0, len(rows), ROWS_A_BLOCK):
                cells = [_column(column, as_text) for column in zip(*rows[at : at + ROWS_A_BLOCK], strict=True)]
                copy.write(end.join(map("\t".join, zip(*cells, strict=True))) + end)
    except psycopg.Error as problem:
        raise DBAPIError.instance(statement, None, problem, psycopg.Error, dialect=connection.dialect) from problem


def _keeps_utf8(driver: Any) -> bool:
    """Whether a text arrives in a bytea as the very bytes that it has here: nothing recodes it on the way."""
    return all(driver.info.parameter_status(f"{end}_encoding") == "UTF8" for end in ("server", "client"))


_TEXTS, _BYTES, _MOMENTS = {str, NoneType}, {bytes}, {datetime, NoneType}


def _column(values: Sequence[Any], as_text: bool) -> Sequence[str]:
    """The values of one column in COPY's text format. Most have nothing to escape, which one look at all tells."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return list(map(str, values))
    if kinds <= _TEXTS and not _has_special("".join(filter(None, values))):
        return [_NULL if value is None else value for value in values] if NoneType in kinds else values
    if kinds <= _MOMENTS:
        written = {value: _copied(value) for value in set(values)}
        return [written[value] for value in values]
    if kinds == _BYTES and as_text and (texts := _texts_of(values)):
        return texts
    return list(map(_copied, values))


def _texts_of(values: Sequence[bytes]) -> list[str] | None:
    """Bytes that are texts, in bytea's escape format, half as long as its hexadecimal one; None for others."""
    try:
        texts = [str(value, "utf-8") for value in values]
    except UnicodeDecodeError:
        return None
    whole = "".join(texts)
    if "\0" in whole:
        return None
    return [_escaped(text.replace("\\", "\\\\")) for text in texts] if _has_special(whole) else texts


_NULL = "\\N"
_SPECIAL = "\\\t\n\r\0"
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\ufffd"})


def _has_special(text: str) -> bool:
    return any(letter in text for letter in _SPECIAL)


def _copied(value: Any) -> str:
    """A value in COPY's text format (PostgreSQL's manual, COPY, "Text Format"). PostgreSQL holds no NUL in a text."""
    if value is None:
        return _NULL
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    if isinstance(value, bool):
        return "t" if value else "f"
    return _escaped(value.isoformat() if isinstance(value, datetime) else str(value))


def _escaped(text: str) -> str:
    return text.translate(_ESCAPED)


def new_numbers(connection: Connection, table: str, count: int) -> Sequence[int]:
    """Numbers for rows that are about to be inserted into a table whose `id` the database counts, rising."""
    if is_sqlite(connection):  # one writer at a time: whoever asks holds the write lock
        last: int = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()  # noqa: S608
        return range(last + 1, last + count + 1)
    asked = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, {count})"  # noqa: S608
    return sorted(connection.exec_driver_sql(asked).scalars())


def rows_among(connection: Connection, statement: str, values: Sequence[Any], *others: Any) -> Sequence[Any]:
    """Rows of a SELECT in which `{among}` stands for "is one of `values`", whose parameter comes first.

    One parameter however many values there are; an IN list of ten thousand costs more to prepare than to run.
    """
    if is_sqlite(connection):
        asked = statement.format(among="IN (SELECT value FROM json_each(?))", mark="?")
        return connection.exec_driver_sql(asked, (orjson.dumps(list(values)).decode(), *others)).all()
    asked = statement.format(among="= ANY(%s)", mark="%s")
    return connection.exec_driver_sql(asked, (list(values), *others)).all()
