"""Counting a million rows by many columns: a GROUP BY of all of them would sort, or compare eighteen values a row.

Each row becomes one whole number: every column is a digit of it, a text column by its place in a list of the values
that a sample shows. PostgreSQL groups by that number in several processes; on SQLite, whose GROUP BY would sort, the
numbers are counted in a dictionary, in two threads where rows are many, and it may be better to ask for some rows in
one way and for the others in another. Rows with a text that the sample did not show are left to an ordinary GROUP BY.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from consent.vault import LOOKUP_MAX

SAMPLE_ROWS = 4_000
LISTED_MAX = 60
"""Texts of one column that are compared with; rarer ones go the other way."""

LARGEST = 2**62
CHUNK_IDS = 20_000
SHARED_FROM = 200_000
"""Ids from which on a second thread counts half of the rows, on a connection of its own."""

Counted = tuple[dict[str, Any], int, tuple[int, ...]]
"""The columns of a group, how many rows it has, and the ids of one or two of them."""

Codes = dict[int, tuple[int, tuple[int, ...]]]
"""For each code: how many rows have it, and the ids of one or two of them."""


@dataclass(frozen=True, slots=True)
class _Digit:
    """One column: its values in order (None: the number itself), how many there are, and what one step is worth."""

    name: str
    values: tuple[str, ...] | None
    size: int
    worth: int

    def value(self, code: int) -> Any:
        digit = code // self.worth % self.size
        return digit if self.values is None else self.values[digit - 1]

    def code(self, value: Any) -> int:
        return int(value) if self.values is None else self.values.index(value) + 1


FIRST, LAST = bindparam("first", type_=BigInteger), bindparam("last", type_=BigInteger)
"""On SQLite, the ids between which rows are being counted: a condition that looks at other tables may say so too."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Where rows are found and what is asked of each.

    `usual` is a condition that most of them meet, and which settles some columns: those need not be worked out then.
    """

    columns: Mapping[str, ColumnElement[Any]]
    source: Any
    row_id: ColumnElement[int]
    usual: ColumnElement[bool] | None = None
    within: ColumnElement[bool] | None = None


def counted_by_code(
    connection: Connection,
    columns: Mapping[str, ColumnElement[Any]],
    ways: Sequence[Rows],
    ranges: Mapping[str, int | Sequence[str]],
    settled: Mapping[str, Any],
) -> tuple[list[Counted], ColumnElement[bool] | None] | None:
    """The groups that could be coded, and the condition of the rows that could not (None when there are none).

    `ways` share out the rows among them: each row is in one of them, and its columns say there what `columns` say of
    it. `ranges` tell how many values a column of numbers takes, or the texts that one of texts does. None when the
    columns take more values than one whole number can tell apart.
    """
    digits = _digits(ranges)
    if digits[-1].worth * digits[-1].size >= LARGEST:
        return None
    coded_ways = [(rows, _code_of(rows, digits, settled)) for rows in ways]
    counts = (_read_out if connection.dialect.name == "sqlite" else _grouped)(connection, coded_ways)
    listed = [d for d in digits if d.values is not None]
    coded = [n for n in counts if all(n // d.worth % d.size for d in listed)]
    known: list[Counted] = [({d.name: d.value(n) for d in digits}, *counts[n]) for n in coded]
    strange = or_(*(_listed(columns[d.name], d) == 0 for d in listed))
    return known, strange if len(coded) < len(counts) else None


def _code_of(rows: Rows, digits: list[_Digit], settled: Mapping[str, Any]) -> ColumnElement[int]:
    code = _code(rows.columns, digits)
    return code if rows.usual is None else case((rows.usual, _code(rows.columns, digits, settled)), else_=code)


NOT_MERGED: ColumnElement[Any] = literal_column("'0'")
"""OFFSET 0 keeps PostgreSQL from merging the inner query into the outer one, whose number of groups it would then
expect to be that of the people, and count in one process. A bound number would keep it from several processes too."""


Coded = Sequence[tuple[Rows, ColumnElement[int]]]
"""Rows with the number that each of them becomes."""


def _grouped(connection: Connection, ways: Coded) -> Codes:
    counted: Codes = {}
    for rows, code in ways:
        chosen = select(rows.row_id.label("id"), code.label("code")).select_from(rows.source)
        inner = (chosen if rows.within is None else chosen.where(rows.within)).offset(NOT_MERGED).subquery()
        each = select(inner.c.code, func.count(), func.min(inner.c.id), func.max(inner.c.id)).group_by(inner.c.code)
        for n, count, low, high in connection.execute(each):
            before, ids = counted.get(n, (0, ()))
            counted[n] = (before + count, ids or ((low,) if low == high else (low, high)))
    return counted


def _read_out(connection: Connection, ways: Coded) -> Codes:
    """The codes of many rows come as one text: fetching a million rows would cost most of the time.

    SQLite lets other threads work while it does. The second thread's connection sees the same moment or a later one.
    """
    readings = [_Reading(rows, code) for rows, code in ways]
    lows, highs = zip(*(_ends(connection, rows.row_id) for rows, _ in ways), strict=True)
    low, high = min(lows), max(highs)
    chunks = range(low, high + 1, CHUNK_IDS)
    if high - low < SHARED_FROM:
        return _summed(_read(readings, connection, chunks))
    with connection.engine.connect() as other, other.begin(), ThreadPoolExecutor(1) as thread:
        half = thread.submit(_read, readings, other, chunks[1::2])
        return _summed([*_read(readings, connection, chunks[::2]), *half.result()])


def _read(readings: Sequence[_Reading], connection: Connection, chunks: Sequence[int]) -> list[Read]:
    return [reading.of(connection, chunks) for reading in readings]


Read = tuple[Counter[str], dict[str, int]]
"""How many rows have each code, as text, and the id of one of them."""


class _Reading:
    def __init__(self, rows: Rows, code: ColumnElement[int]) -> None:
        mine = rows.row_id.between(FIRST, LAST)
        conditions = (mine,) if rows.within is None else (mine, rows.within)
        self._codes = select(func.group_concat(code, " ")).select_from(rows.source).where(*conditions)
        self._ids = select(func.group_concat(rows.row_id, " ")).select_from(rows.source).where(*conditions)
        self._all = select(code, rows.row_id).select_from(rows.source).where(*conditions)
        self._each = self._all.where(rows.row_id.in_(bindparam("some", expanding=True)))

    def of(self, connection: Connection, chunks: Sequence[int]) -> Read:
        counts: Counter[str] = Counter()
        samples: dict[str, int] = {}
        for first in chunks:
            chunk = {"first": first, "last": first + CHUNK_IDS - 1}
            codes = (connection.scalar(self._codes, chunk) or "").split()
            counts.update(codes)
            if len(samples) < len(counts):
                samples |= self._samples(connection, chunk, codes, counts.keys() - samples.keys())
        return counts, samples

    def _samples(
        self, connection: Connection, chunk: Mapping[str, int], codes: list[str], new: Set[str]
    ) -> dict[str, int]:
        """One id for each new code: by its place among the chunk's ids, which is looked at again to be sure."""
        ids = (connection.scalar(self._ids, chunk) or "").split()
        places = {code: place for place, code in enumerate(codes) if code in new}
        guessed = sorted(int(ids[place]) for place in islice(places.values(), LOOKUP_MAX))
        found = {str(code): row for code, row in connection.execute(self._each, {**chunk, "some": guessed})}
        if new <= found.keys():
            return {code: found[code] for code in new}
        everything = {str(code): row for code, row in connection.execute(self._all, chunk)}
        return {code: everything[code] for code in new}


def _summed(parts: Sequence[Read]) -> Codes:
    total: Counter[str] = Counter()
    samples: dict[str, int] = {}
    for counts, found in parts:
        total.update(counts)
        samples = found | samples
    return {int(n): (count, (samples[n],)) for n, count in total.items()}


def _ends(connection: Connection, row_id: Any) -> tuple[int, int]:
    """The least and the greatest id. Asked for both at once, SQLite would go through all of them."""
    low, high = (connection.scalar(select(end(row_id))) for end in (func.min, func.max))
    return low or 0, high or 0


def sampled(
    connection: Connection, columns: Mapping[str, ColumnElement[str]], row_id: ColumnElement[int]
) -> dict[str, list[str]]:
    """The texts of columns of one table in rows spread evenly over it, most frequent first."""
    low, high = _ends(connection, row_id)
    wanted = list(range(low, high + 1, max(1, (high - low) // SAMPLE_ROWS)))
    found: dict[str, Counter[str]] = {name: Counter() for name in columns}
    for start in range(0, len(wanted), LOOKUP_MAX):
        chosen = select(*columns.values()).where(row_id.in_(wanted[start : start + LOOKUP_MAX]))
        for row in connection.execute(chosen):
            for name, value in zip(columns, row, strict=True):
                found[name][value] += 1
    return {name: [value for value, _ in seen.most_common(LISTED_MAX)] for name, seen in found.items()}


def _digits(ranges: Mapping[str, int | Sequence[str]]) -> list[_Digit]:
    digits, worth = [], 1
    for name, values in ranges.items():
        texts = None if isinstance(values, int) else tuple(values)
        size = values if isinstance(values, int) else len(values) + 1
        digits.append(_Digit(name, texts, size, worth))
        worth *= size
    return digits


def _code(
    columns: Mapping[str, ColumnElement[Any]], digits: list[_Digit], settled: Mapping[str, Any] | None = None
) -> ColumnElement[int]:
    settled = settled or {}
    fixed = sum(d.code(settled[d.name]) * d.worth for d in digits if d.name in settled)
    code: ColumnElement[int] = literal(fixed, BigInteger)
    for digit in digits:
        if digit.size > 1 and digit.name not in settled:
            code = code + _listed(columns[digit.name], digit) * literal(digit.worth, BigInteger)
    return code


def _listed(column: ColumnElement[Any], digit: _Digit) -> ColumnElement[int]:
    if digit.values is None:
        return column
    return case({value: place for place, value in enumerate(digit.values, 1)}, value=column, else_=0)
