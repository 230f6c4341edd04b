"""Counting a million rows by many columns on SQLite, whose GROUP BY would sort them all.

Each row becomes one whole number: every column is a digit of it, a text column by its place in a list of the values
that a sample shows. The numbers are counted in a dictionary, in a fifth of the time. Rows with
a text that the sample did not show are left to an ordinary GROUP BY.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, bindparam, case, func, literal, or_, select

from consent.vault import LOOKUP_MAX

SAMPLE_ROWS = 4_000
LISTED_MAX = 60
"""Texts of one column that are compared with; rarer ones go the other way."""

LARGEST = 2**62
CHUNK_IDS = 20_000

Counted = tuple[dict[str, Any], int, tuple[int, ...]]
"""The columns of a group, how many rows it has, and the id of one of them."""


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


def counted_by_code(
    connection: Connection,
    columns: Mapping[str, ColumnElement[Any]],
    source: Any,
    ranges: Mapping[str, int],
    row_id: ColumnElement[int],
    usual: Usual,
    within: ColumnElement[bool] | None = None,
) -> tuple[list[Counted], ColumnElement[bool] | None] | None:
    """The groups that could be coded, and the condition of the rows that could not (None when there are none).

    None when the columns take more values than one whole number can tell apart.
    """
    listed_texts = _sampled(connection, columns, source, ranges, row_id)
    for name, value in usual.values.items():
        if name in listed_texts and value not in listed_texts[name]:
            listed_texts[name].append(value)
    digits = _digits(columns, ranges, listed_texts)
    if digits[-1].worth * digits[-1].size >= LARGEST:
        return None
    code = case((usual.condition, _code(columns, digits, usual.values)), else_=_code(columns, digits))
    counts, samples = _counted(connection, code, source, row_id, within)
    listed = [d for d in digits if d.values is not None]
    coded = [n for n in counts if all(n // d.worth % d.size for d in listed)]
    known: list[Counted] = [({d.name: d.value(n) for d in digits}, counts[n], (samples[n],)) for n in coded]
    strange = or_(*(_listed(columns[d.name], d) == 0 for d in listed))
    return known, strange if len(coded) < len(counts) else None


def _counted(
    connection: Connection, code: ColumnElement[int], source: Any, row_id: Any, within: ColumnElement[bool] | None
) -> tuple[dict[int, int], dict[int, int]]:
    """How many rows have each code, and one of their ids.

    The codes of many rows come as one text: fetching a million rows would cost most of the time.
    """
    mine = row_id.between(bindparam("first"), bindparam("last"))
    where = mine if within is None else and_(mine, within)
    codes = select(func.group_concat(code, " ")).select_from(source).where(where)
    both = codes.add_columns(func.group_concat(row_id, " "))
    counts: Counter[str] = Counter()
    samples: dict[str, int] = {}
    low, high = _ends(connection, row_id)
    for first in range(low, high + 1, CHUNK_IDS):
        chunk = {"first": first, "last": first + CHUNK_IDS - 1}
        counts.update((connection.scalar(codes, chunk) or "").split())
        if len(samples) < len(counts):
            known, ids = connection.execute(both, chunk).one()
            found = zip(known.split(), map(int, ids.split()), strict=True)
            samples = dict(found) | samples
    return {int(n): count for n, count in counts.items()}, {int(n): row for n, row in samples.items()}


def _ends(connection: Connection, row_id: Any) -> tuple[int, int]:
    low, high = connection.execute(select(func.min(row_id), func.max(row_id)).select_from(row_id.table)).one()
    return low or 0, high or 0


def _sampled(
    connection: Connection,
    columns: Mapping[str, ColumnElement[Any]],
    source: Any,
    ranges: Mapping[str, int],
    row_id: ColumnElement[int],
) -> dict[str, list[str]]:
    """The texts of each text column in rows spread evenly over the table, most frequent first."""
    low, high = _ends(connection, row_id)
    step = max(1, (high - low) // SAMPLE_ROWS)
    texts = [name for name in columns if name not in ranges]
    wanted = list(range(low, high + 1, step))
    found: dict[str, Counter[str]] = {name: Counter() for name in texts}
    for start in range(0, len(wanted), LOOKUP_MAX):
        chosen = select(*(columns[name] for name in texts)).select_from(source)
        for row in connection.execute(chosen.where(row_id.in_(wanted[start : start + LOOKUP_MAX]))):
            for name, value in zip(texts, row, strict=True):
                found[name][value] += 1
    return {name: [value for value, _ in seen.most_common(LISTED_MAX)] for name, seen in found.items()}


def _digits(
    columns: Mapping[str, ColumnElement[Any]], ranges: Mapping[str, int], listed: Mapping[str, list[str]]
) -> list[_Digit]:
    digits, worth = [], 1
    for name in columns:
        values = tuple(listed[name]) if name in listed else None
        size = ranges[name] if values is None else len(values) + 1
        digits.append(_Digit(name, values, size, worth))
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
