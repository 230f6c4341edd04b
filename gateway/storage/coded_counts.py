"""Counting a million rows by many columns: a GROUP BY of all of them would sort, or compare eighteen values a row.

Each row becomes one whole number: every column is a digit of it, a text column by its place in a list of the values
that a sample shows. PostgreSQL groups by that number in several processes; on SQLite, whose GROUP BY would sort, the
numbers are counted in a dictionary, in two threads where rows are many. Rows with a text that the sample did not show
have a digit 0 there, and are left to an ordinary GROUP BY.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.visitors import replacement_traverse

from consent.vault import LOOKUP_MAX
from gateway.storage.spans import Spans, share_out, within_span

SAMPLE_ROWS = 4_000
LISTED_MAX = 60
"""Texts of one column that are compared with; rarer ones go the other way."""

LARGEST = 2**62

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


@dataclass(frozen=True, slots=True)
class Usual:
    """A condition that most rows meet, and the columns whose values it settles: they need not be worked out then."""

    condition: ColumnElement[bool]
    values: Mapping[str, Any]


class Code:
    """How rows become numbers. `ranges` tell how many values a column of numbers takes, or the texts one of texts does.

    A number is a sum, so that the columns of each table may be worked out by themselves.
    """

    def __init__(self, ranges: Mapping[str, int | Sequence[str]]) -> None:
        self._digits: dict[str, _Digit] = {}
        worth = 1
        for name, values in ranges.items():
            texts = None if isinstance(values, int) else tuple(values)
            size = values if isinstance(values, int) else len(values) + 1
            self._digits[name] = _Digit(name, texts, size, worth)
            worth *= size
        self.fits = worth < LARGEST
        self._texts = [digit for digit in self._digits.values() if digit.values is not None]

    def number(self, values: Mapping[str, Any]) -> int:
        return sum(self._digits[name].code(value) * self._digits[name].worth for name, value in values.items())

    def of(self, columns: Mapping[str, ColumnElement[Any]], usual: Usual | None = None) -> ColumnElement[int]:
        """What these columns add to the number of a row."""
        if usual is None:
            return self._sum(columns, {})
        return case((usual.condition, self._sum(columns, usual.values)), else_=self._sum(columns, {}))

    def _sum(self, columns: Mapping[str, ColumnElement[Any]], settled: Mapping[str, Any]) -> ColumnElement[int]:
        code: ColumnElement[int] = literal(self.number(settled), BigInteger)
        for digit in (self._digits[name] for name in columns if name not in settled):
            if digit.size > 1:
                code = code + _listed(columns[digit.name], digit) * literal(digit.worth, BigInteger)
        return code

    def read(self, counts: Codes) -> tuple[list[Counted], bool]:
        """The groups, and whether there are others, of rows with a text that is in no list."""
        coded = [n for n in counts if all(n // digit.worth % digit.size for digit in self._texts)]
        known = [({d.name: d.value(n) for d in self._digits.values()}, *counts[n]) for n in coded]
        return known, len(coded) < len(counts)

    def strange(self, columns: Mapping[str, ColumnElement[Any]]) -> ColumnElement[bool]:
        """Whether a row has a text that is in no list."""
        return or_(*(_listed(columns[digit.name], digit) == 0 for digit in self._texts))


def _listed(column: ColumnElement[Any], digit: _Digit) -> ColumnElement[int]:
    if digit.values is None:
        return column
    return case({value: place for place, value in enumerate(digit.values, 1)}, value=column, else_=0)


NOT_MERGED: ColumnElement[Any] = literal_column("'0'")
"""OFFSET 0 keeps PostgreSQL from merging an inner query into the outer one: it would expect as many groups as people,
and count them in one process, and would carry whole rows through joins. A bound number would cost the processes too."""


def fenced(chosen: Select[Any], name: str | None = None) -> Subquery:
    return chosen.offset(NOT_MERGED).subquery(name)


def grouped(connection: Connection, chosen: Select[Any]) -> Codes:
    """Count the rows of a query for `id` and `code` in the database."""
    return _read_from(connection.execute(_counted(chosen)))


def grouped_by_spans(connection: Connection, ids: range, chosen: Select[Any]) -> Codes:
    """The same for a query that keeps to a span, in the threads of `share_out`."""
    each = _counted(chosen)

    def count(connection: Connection, spans: Spans) -> list[Row[Any]]:
        return [row for span in spans for row in connection.execute(each, span)]

    return _read_from(chain.from_iterable(share_out(connection, ids, count)))


def _counted(chosen: Select[Any]) -> Select[Any]:
    inner = fenced(chosen)
    return select(inner.c.code, func.count(), func.min(inner.c.id), func.max(inner.c.id)).group_by(inner.c.code)


def _read_from(rows: Iterable[Sequence[Any]]) -> Codes:
    counts: Counter[int] = Counter()
    ids: dict[int, tuple[int, int]] = {}
    for code, count, low, high in rows:
        counts[code] += count
        least, greatest = ids.get(code, (low, high))
        ids[code] = min(low, least), max(high, greatest)
    return {code: (count, tuple(sorted(set(ids[code])))) for code, count in counts.items()}


@dataclass(frozen=True, slots=True)
class Rows:
    """Where some of the rows are found, and what makes a number of each."""

    source: Any
    row_id: ColumnElement[int]
    code: ColumnElement[int]
    within: ColumnElement[bool]


def read_out(connection: Connection, ids: range, ways: Sequence[Rows]) -> Codes:
    """The codes of many rows come as one text: fetching a million rows would cost most of the time.

    `ways` share out the rows among them, each being in one.
    """

    def read(connection: Connection, spans: Spans) -> list[_Reading]:
        readings = [_Reading(rows) for rows in ways]
        for span in spans:
            for reading in readings:
                reading.go_on(connection, span)
        return readings

    return _summed(chain.from_iterable(share_out(connection, ids, read)))


def _written_out(code: ColumnElement[int]) -> ColumnElement[int]:
    """With its numbers and texts in the statement: SQLite would fetch what is bound anew for every row."""

    def constant(element: Any, **_: Any) -> ColumnElement[Any] | None:
        value = element.value if isinstance(element, BindParameter) else None
        if isinstance(value, int) and isinstance(element.type, Integer):
            return literal_column(str(int(value)), element.type)
        if isinstance(value, str) and isinstance(element.type, String):
            return literal_column("'" + value.replace("'", "''") + "'", element.type)
        return None  # a moment, a path into JSON, a list

    written: ColumnElement[int] = replacement_traverse(code, {}, constant)
    return written


class _Reading:
    """How many rows have each code, as text, and the id of one of them."""

    def __init__(self, rows: Rows) -> None:
        self.counts: Counter[str] = Counter()
        self.samples: dict[str, int] = {}
        conditions = (within_span(rows.row_id), rows.within)
        self._codes = (
            select(func.group_concat(_written_out(rows.code), " ")).select_from(rows.source).where(*conditions)
        )
        self._ids = select(func.group_concat(rows.row_id, " ")).select_from(rows.source).where(*conditions)
        self._all = select(rows.code, rows.row_id).select_from(rows.source).where(*conditions)
        self._each = self._all.where(rows.row_id.in_(bindparam("some", expanding=True)))

    def go_on(self, connection: Connection, span: Mapping[str, int]) -> None:
        codes = (connection.scalar(self._codes, span) or "").split()
        self.counts.update(codes)
        if len(self.samples) < len(self.counts):
            self.samples |= self._samples(connection, span, codes, self.counts.keys() - self.samples.keys())

    def _samples(
        self, connection: Connection, span: Mapping[str, int], codes: list[str], new: Set[str]
    ) -> dict[str, int]:
        """One id for each new code: by its place among the span's ids, which is looked at again to be sure."""
        ids = (connection.scalar(self._ids, span) or "").split()
        places = {code: place for place, code in enumerate(codes) if code in new}
        guessed = sorted(int(ids[place]) for place in islice(places.values(), LOOKUP_MAX))
        found = {str(code): row for code, row in connection.execute(self._each, {**span, "some": guessed})}
        if new <= found.keys():
            return {code: found[code] for code in new}
        everything = {str(code): row for code, row in connection.execute(self._all, span)}
        return {code: everything[code] for code in new}


def _summed(readings: Iterable[_Reading]) -> Codes:
    total: Counter[str] = Counter()
    samples: dict[str, int] = {}
    for reading in readings:
        total.update(reading.counts)
        samples = reading.samples | samples
    return {int(n): (count, (samples[n],)) for n, count in total.items()}


def sampled(
    connection: Connection, ids: range, columns: Mapping[str, ColumnElement[str]], row_id: ColumnElement[int]
) -> dict[str, list[str]]:
    """The texts of columns of one table in rows spread evenly over it, most frequent first."""
    wanted = ids[:: len(ids) // SAMPLE_ROWS | 1]  # an odd step: people numbered in tens or hundreds may be alike
    found: dict[str, Counter[str]] = {name: Counter() for name in columns}
    for start in range(0, len(wanted), LOOKUP_MAX):
        some: BindParameter[Any] = bindparam(
            "some", list(wanted[start : start + LOOKUP_MAX]), expanding=True, literal_execute=True
        )
        chosen = select(*columns.values()).where(row_id.in_(some))
        for row in connection.execute(chosen):
            for name, value in zip(columns, row, strict=True):
                found[name][value] += 1
    return {name: [value for value, _ in seen.most_common(LISTED_MAX)] for name, seen in found.items()}
