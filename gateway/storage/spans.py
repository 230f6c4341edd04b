"""Going through everybody by number, in two threads: each takes the next span of ids when it is done with one.

SQLite lets other threads work while it looks; PostgreSQL works in a process for each connection. So both cores are busy
until the end, whatever else the machine does meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, func, select

T = TypeVar("T")

FIRST, LAST = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
"""The ids between which rows are being looked at: a condition that looks at other tables may say so too."""

SHARED_FROM = 200_000
"""Ids from which on a second thread helps."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How spans are looked at: how many ids each has, by database, and what PostgreSQL is told of its plans."""

    ids: Mapping[str, int]
    settings: tuple[str, ...]


ALONE = "max_parallel_workers_per_gather = 0"
"""Its own processes would each make every list for themselves."""

ALONG_INDEXES = Manner(
    {"sqlite": 20_000, "postgresql": 100_000}, ("random_page_cost = 1.1", ALONE, "enable_sort = off")
)
"""PostgreSQL joins a span in the order of numbers, where rows lie in it, in three quarters of the time that hashing
takes; but not as long as it takes every page for one on a spinning disk. It thinks for some milliseconds about a
statement before it begins."""

WITH_LISTS = Manner({"sqlite": 100_000, "postgresql": 100_000}, ("enable_nestloop = off", "work_mem = '256MB'", ALONE))
"""Lists of so many people fit the processor's own memory. PostgreSQL cannot know how many a condition leaves, and one
by one they take longest; a list it hashes only where it expects twice this memory to hold it, 32 bytes a row: else it
would go through the list for every person."""

Spans = Iterator[Mapping[str, int]]
"""Values of FIRST and LAST, one span after the other."""


def all_ids(connection: Connection, row_id: Any) -> range:
    """From the least id to the greatest. Asked for both at once, SQLite would go through all of them."""
    low, high = (connection.scalar(select(end(row_id))) for end in (func.min, func.max))
    return range(low or 0, (high or 0) + 1)


def within_span(row_id: ColumnElement[int]) -> ColumnElement[bool]:
    return row_id.between(FIRST, LAST)


def is_shared(ids: range) -> bool:
    return len(ids) >= SHARED_FROM


def share_out(
    connection: Connection, ids: range, look: Callable[[Connection, Spans], T], how: Manner = ALONG_INDEXES
) -> list[T]:
    """What `look` answers in each thread, having taken as many of the spans as it could.

    The second thread has a connection of its own, which sees the same moment; on SQLite, that or a later one.
    """
    size = how.ids[connection.dialect.name]
    spans = iter([{"first": first, "last": first + size - 1} for first in ids[::size]])
    if not is_shared(ids):
        return [_told(how, look, connection, spans)]
    with _beside(connection) as other, ThreadPoolExecutor(1) as thread:
        half = thread.submit(_told, how, look, other, spans)
        return [_told(how, look, connection, spans), half.result()]


@contextmanager
def _beside(connection: Connection) -> Iterator[Connection]:
    if connection.dialect.name == "sqlite":
        with connection.engine.connect() as other, other.begin():
            yield other
        return
    moment = connection.scalar(select(func.pg_export_snapshot()))
    with connection.engine.connect().execution_options(isolation_level="REPEATABLE READ") as other, other.begin():
        other.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{moment}'")
        yield other


def _told(how: Manner, look: Callable[[Connection, Spans], T], connection: Connection, spans: Spans) -> T:
    """Look with PostgreSQL's settings as wanted, for as long as it takes; nothing after it is worth compiling."""
    if connection.dialect.name == "sqlite":
        return look(connection, spans)
    connection.exec_driver_sql("SET LOCAL jit = off")
    for setting in how.settings:
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    found = look(connection, spans)
    for setting in how.settings:
        connection.exec_driver_sql(f"SET LOCAL {setting.partition(' = ')[0]} TO DEFAULT")
    return found
