"""Many rows of an opt-in file at once, column by column: what reading and preparing each alone makes of them.

Every cell is looked at. A row with anything unusual (a number that is not plain, a cell that is not understood, a width
of its own) is read alone, which costs several times as much; a test holds the two ways together.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import orjson

from consent.address import Place, read_plain
from consent.evidence import commit, salts
from gateway.core.cells import CellCode, Unread, read_source, read_tags, says_no
from gateway.core.columns import Columns
from gateway.core.moments import MomentProblem, read_moment
from gateway.core.prepared import PreparedColumns, joined, microseconds, prepare
from gateway.core.rows import (
    CELL_CHARACTERS_MAX,
    MOMENTS_KEPT,
    NOWHERE,
    Conventions,
    OptInRow,
    RowReader,
    language_in,
    text_and_version,
    zone_in,
)

Row = tuple[int, "list[str] | Unread"]
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

NEVER = 0
"""The moment that a blank cell names; nobody has agreed in the first microsecond of 1970."""
BETWEEN, BETWEEN_ROWS = b'","', b'"],["'
"""What JSON has between texts and between lists of texts, and never inside one, where quotation marks are escaped."""
NUL = b"\\u0000"
LINE = attrgetter("line")
NO_ONE = PreparedColumns.of([])


class _Understood(NamedTuple):
    """What stands in the columns, None where it is not understood. `written` is each row as it stood, in JSON without
    the brackets and the outermost quotation marks; `cells` are all columns, stripped, the last of them blank."""

    lines: list[int]
    written: list[bytes]
    numbers: list[Any]
    places: list[Place]
    times: list[Any]
    languages: list[Any]
    zones: list[Any]
    cells: list[list[str]]

    def plain(self) -> list[bool]:
        """Of each row whether nothing is unusual."""
        looked_at = zip(self.numbers, self.times, self.languages, self.zones, self.written, strict=True)
        return [
            None not in found and len(found[-1]) <= CELL_CHARACTERS_MAX and NUL not in found[-1] for found in looked_at
        ]

    def only(self, plain: Sequence[bool]) -> _Understood:
        columns: list[list[Any]] = [*self[:-1], *self.cells]
        kept: list[Any] = [list(compress(column, plain)) for column in columns]
        width = len(self.cells)
        return _Understood._make([*kept[:-width], kept[-width:]])


class StretchReader(RowReader):
    """`proof` is what proves every row of the file, as for `prepare`."""

    def __init__(self, columns: Columns, conventions: Conventions, proof: Mapping[str, Any]) -> None:
        super().__init__(columns, conventions)
        self._all_prove, self._evidence = proof, _evidence_of(proof)
        self._blank = [""] * self._width
        self._times: dict[str, int | None] = {}
        keys = {key for _, key in self._attributes}
        self._by_columns = len(columns.addresses) == 1 and len(keys) == len(self._attributes)

    def prepared(self, numbered: Sequence[Row]) -> tuple[PreparedColumns, list[OptInRow]]:
        """The rows that can be written, and those with problems, each in their order. Blank rows are in neither."""
        plain, columns = [False] * len(numbered), NO_ONE
        if self._by_columns and numbered:
            understood = self._understood(numbered)
            plain = understood.plain()
            for index in self._answers:
                refused = _each(understood.cells[index], says_no)
                plain = [is_plain and not no for is_plain, no in zip(plain, refused, strict=True)]
            columns = self._prepared(understood.only(plain)) if any(plain) else NO_ONE
        others = [row for row, is_plain in zip(numbered, plain, strict=True) if not is_plain]
        read = [self.read(line, row) for line, row in others]
        good = [row for row in read if row is not None and not row.problems]
        if good:
            people = [prepare(row, self._all_prove, salt) for row, salt in zip(good, salts(len(good)), strict=True)]
            columns = PreparedColumns.of(sorted([*columns.rows(), *people], key=LINE))
        return columns, [row for row in read if row is not None and row.problems]

    def _understood(self, numbered: Sequence[Row]) -> _Understood:
        """A row of another width is blank here, so that nothing of it is plain."""
        rows = [row if isinstance(row, list) and len(row) == self._width else self._blank for _, row in numbered]
        cells = [list(map(str.strip, column)) for column in zip(*rows, strict=True)]
        cells.append([""] * len(rows))
        numbers, places = read_plain(cells[self._columns.addresses[0]], self._conventions.region)
        return _Understood(
            [line for line, _ in numbered],
            orjson.dumps(rows)[3:-3].split(BETWEEN_ROWS),
            numbers,
            places,
            _each(cells[self._consent_at], self._time),
            _each(cells[self._language], _language),
            _each(cells[self._zone], _zone),
            cells,
        )

    def _prepared(self, found: _Understood) -> PreparedColumns:
        cells = found.cells
        sources = _each(cells[self._source], read_source)
        texts = _each(zip(cells[self._text_id], cells[self._text_version], strict=True), _text)
        proven = zip(found.times, sources, texts, strict=True)
        proofs = _inside(cells[self._proof]).split(BETWEEN)
        evidence = [self._evidence % each for each in zip(found.written, proofs, found.lines, strict=True)]
        salt = salts(len(evidence))
        return PreparedColumns(
            line=found.lines,
            addresses=[(number,) for number in found.numbers],
            name=self._names(cells),
            language=found.languages,
            zone=found.zones,
            zones=[joined(zones) for _, zones in found.places],
            region=[region for region, _ in found.places],
            source=sources,
            attributes=self._written_attributes(cells),
            tags=_each(cells[self._tags], _tags),
            consent_at=[
                (time or None) if source and id_ and version else None for time, source, (id_, version) in proven
            ],
            text_id=[id_ for id_, _ in texts],
            text_version=[version for _, version in texts],
            evidence=evidence,
            commitment=list(map(commit, salt, evidence)),
            salt=salt,
        )

    def _time(self, text: str) -> int | None:
        """Microseconds since 1970, NEVER for a blank cell, None for one that is not understood."""
        if not text:
            return NEVER
        if text in self._times:
            return self._times[text]
        how = self._conventions
        moment = read_moment(text, how.zone, how.now, day_first=how.day_first)
        found = None if isinstance(moment, MomentProblem) else microseconds(moment)
        if len(self._times) < MOMENTS_KEPT:
            self._times[text] = found
        return found

    def _names(self, cells: Sequence[Sequence[str]]) -> list[str]:
        names: Iterable[str] = cells[self._name]
        if max(self._first_name, self._last_name) > NOWHERE:
            parts = zip(names, cells[self._first_name], cells[self._last_name], strict=True)
            names = (name or f"{first} {last}" for name, first, last in parts)
        return [" ".join(name.split()) for name in names]

    def _written_attributes(self, cells: Sequence[Sequence[str]]) -> list[str]:
        pieces = []
        for index, key in self._attributes:
            before = f",{orjson.dumps(key).decode()}:"
            values = _inside(cells[index]).decode().split(BETWEEN.decode())
            pieces.append([f'{before}"{value}"' if value else "" for value in values])
        if not pieces:
            return [""] * len(cells[NOWHERE])
        return [f"{{{written[1:]}}}" if written else "" for written in map("".join, zip(*pieces, strict=True))]


def _each(values: Iterable[Key], read: Callable[[Key], Value]) -> list[Value]:
    """What each value reads as. Many are alike, so each is read once."""
    values = list(values)
    known = {value: read(value) for value in set(values)}
    return [known[value] for value in values]


def _language(text: str) -> str | None:
    language = language_in(text) if text else ""
    return None if isinstance(language, CellCode) else language


def _zone(text: str) -> str | None:
    zone = zone_in(text) if text else ""
    return None if isinstance(zone, CellCode) else zone


def _text(both: tuple[str, str]) -> tuple[str, str]:
    return text_and_version(*both)


def _tags(text: str) -> tuple[str, ...]:
    return tuple(sorted(read_tags(text)))


def _inside(column: Sequence[str]) -> bytes:
    """The texts as JSON has them, with BETWEEN between each two."""
    return orjson.dumps(column)[2:-2]


def _evidence_of(proof: Mapping[str, Any]) -> bytes:
    """What `prepared.evidence_of` writes of a row, with gaps for its cells, its own proof and its number."""
    constant = {name: orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for name, value in proof.items()}
    gaps = {"cells": b'["%b"]', "proof": b'"%b"', "row": b"%d"}
    written = {name: value.replace(b"%", b"%%") for name, value in constant.items()} | gaps
    return b"{" + b",".join(b"%b:%b" % (orjson.dumps(name), written[name]) for name in sorted(written)) + b"}"
