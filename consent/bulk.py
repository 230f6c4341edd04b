"""Many rows at once: the driver's own prepared inserts on SQLite, COPY on PostgreSQL.

SQLAlchemy's way costs several times what the database itself needs for a row (reference/performance.md 3.1); these
functions are for imports, where rows are counted in millions. Values are handed over as the drivers take them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain, repeat
from operator import add
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
    _copy(connection, table, (*columns, *same), _blocks(connection, table, columns, rows, same))


@dataclass(frozen=True, slots=True)
class Written:
    """Rows as `insert_rows` takes them, on PostgreSQL written down already."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    same: Mapping[str, Any]
    blocks: Sequence[bytes]


def written(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    same: Mapping[str, Any],
) -> Written:
    """Write rows down before the transaction that inserts them, so that it has next to nothing to do but wait.

    Two threads that both compute hand each other the interpreter too seldom to keep a server busy.
    """
    there = not is_sqlite(connection) and bool(rows)
    return Written(columns, rows, same, list(_blocks(connection, table, columns, rows, same)) if there else [])


def insert_written(connection: Connection, table: Table, many: Written) -> None:
    """Insert what was `written`. Raises IntegrityError like any insert."""
    if many.blocks:
        _copy(connection, table, (*many.columns, *many.same), many.blocks)
    else:
        insert_rows(connection, table, many.columns, many.rows, many.same)


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

_BEGINNING, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def _copy(connection: Connection, table: Table, columns: Sequence[str], blocks: Iterable[bytes]) -> None:
    driver: Any = connection.connection.driver_connection
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(_BEGINNING)
            for block in blocks:
                copy.write(block)
            copy.write(_END)
    except psycopg.Error as problem:
        raise DBAPIError.instance(statement, None, problem, psycopg.Error, dialect=connection.dialect) from problem


def _blocks(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]], same: Mapping[str, Any]
) -> Iterator[bytes]:
    """Rows in COPY's binary format (PostgreSQL's manual, COPY, "Binary Format"), written a column at a time.

    The driver's own writing, row by row, costs ten times more; and to read texts costs the server a quarter more.
    """
    write = [_writer(connection, table, name) for name in columns]
    begin = (len(columns) + len(same)).to_bytes(2)
    end = b"".join(_writer(connection, table, name)([value])[0] for name, value in same.items())
    for at in range(0, len(rows), ROWS_A_BLOCK):
        values = zip(*rows[at : at + ROWS_A_BLOCK], strict=True)
        cells = [to_cells(column) for to_cells, column in zip(write, values, strict=True)]
        yield begin + (end + begin).join(map(b"".join, zip(*cells, strict=True))) + end


_Cells = list[bytes]
_NULL = b"\xff\xff\xff\xff"
_SIZE = struct.Struct("!i").pack
_EPOCH_OF_POSTGRESQL = microseconds(datetime(2000, 1, 1, tzinfo=UTC))


def _writer(connection: Connection, table: Table, column: str) -> Callable[[Sequence[Any]], _Cells]:
    """What writes values of a column, each behind its size."""
    kind = table.c[column].type.compile(connection.dialect).split()[0]
    if kind in _NUMBERS:
        return partial(_numbers, struct.Struct(_NUMBERS[kind]))
    if kind in _TEXTS:
        driver: Any = connection.connection.driver_connection
        return partial(_texts, driver.info.encoding, _TEXTS[kind])
    if kind == "TIMESTAMP":
        return _moments
    if kind == "BYTEA":
        return _bytes
    raise TypeError(f"no way to write {kind} by COPY is known")


_NUMBERS = {"BIGINT": "!iq", "INTEGER": "!ii", "BOOLEAN": "!i?"}
_TEXTS = {"VARCHAR": b"", "TEXT": b"", "JSONB": b"\1"}
"""What stands before the letters: of jsonb, the version of its format."""


def _numbers(form: struct.Struct, values: Sequence[int | None]) -> _Cells:
    size, pack = form.size - 4, form.pack
    if None not in values:
        return list(map(pack, repeat(size), values))
    return [_NULL if value is None else pack(size, value) for value in values]


def _texts(encoding: str, before: bytes, values: Sequence[str | None]) -> _Cells:
    """PostgreSQL holds no NUL in a text."""
    if "\0" in "".join(filter(None, values)):
        values = [value and value.replace("\0", "\ufffd") for value in values]
    return _bytes([None if value is None else before + value.encode(encoding) for value in values])


def _bytes(values: Sequence[bytes | None]) -> _Cells:
    known = [value for value in values if value is not None]
    if len(known) == len(values):
        return list(map(add, map(_SIZE, map(len, known)), known))
    return [_NULL if value is None else _SIZE(len(value)) + value for value in values]


def _moments(values: Sequence[datetime | None]) -> _Cells:
    written = {at: None if at is None else microseconds(at) - _EPOCH_OF_POSTGRESQL for at in set(values)}
    return _numbers(struct.Struct("!iq"), [written[at] for at in values])


def new_numbers(connection: Connection, table: str, count: int) -> Sequence[int]:
    """Numbers for rows that are about to be inserted into a table whose `id` the database counts, rising."""
    if is_sqlite(connection):  # one writer at a time: whoever asks holds the write lock
        last: int = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()  # noqa: S608
        return range(last + 1, last + count + 1)
    asked = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, {count})"  # noqa: S608
    return sorted(connection.exec_driver_sql(asked).scalars().all())


def rows_among(connection: Connection, statement: str, values: Sequence[Any], *others: Any) -> Sequence[Any]:
    """Rows of a SELECT in which `{among}` stands for "is one of `values`", whose parameter comes first.

    One parameter however many values there are; an IN list of ten thousand costs more to prepare than to run.
    """
    if is_sqlite(connection):
        asked = statement.format(among="IN (SELECT value FROM json_each(?))", mark="?")
        return connection.exec_driver_sql(asked, (orjson.dumps(list(values)).decode(), *others)).all()
    asked = statement.format(among="= ANY(%s)", mark="%s")
    return connection.exec_driver_sql(asked, (list(values), *others)).all()
