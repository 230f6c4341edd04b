"""One row of an opt-in file: who it is, what they agreed to, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple, TypeVar

from consent.address import Address, AddressProblem, read_cell
from gateway.core.cells import CellCode, CellProblem, Unread, read_source, read_tags, read_zone, says_no
from gateway.core.columns import Columns, Field
from gateway.core.contact import normalise_language
from gateway.core.moments import MomentProblem, read_moment

T = TypeVar("T")

CELL_CHARACTERS_MAX = 1_000
LINE_BREAKS_MAX = 20  # in one cell; more is a quotation mark that swallowed the rows after it
NOT_UNDERSTOOD = (MomentProblem, CellCode)
NOWHERE = -1  # the index of a field that the file lacks: every row ends in a blank cell
MOMENTS_KEPT = 65_536  # readings of dates that a file repeats; about 10 MB


class OptInRow(NamedTuple):
    """One person as the file has them, or the problems that keep them out.

    `line` is the spreadsheet's row number. `consent_at` is aware, in UTC. `cells` are the row as it was, for the
    rejects file.
    """

    line: int
    addresses: tuple[Address, ...]
    name: str
    language: str
    zone: str
    tags: frozenset[str]
    attributes: Mapping[str, str]
    consent_at: datetime | None
    consent_source: str
    text_id: str
    text_version: str
    proof: str
    problems: tuple[CellProblem, ...]
    cells: tuple[str, ...]

    @property
    def is_proven(self) -> bool:
        """Whether the row carries date, source and text version, without which an import grants nothing."""
        return bool(self.consent_at and self.consent_source and self.text_id and self.text_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """How to read what a cell leaves unsaid. `zone` places dates that have none; `now` is aware; `region` ISO 3166.

    `stops`: the file lists people who want no messages, so that an answer of no is no problem.
    """

    now: datetime
    zone: tzinfo
    region: str = "TR"
    day_first: bool = True
    stops: bool = False


class RowReader:
    """Turns the cells of one file's rows into people."""

    def __init__(self, columns: Columns, conventions: Conventions) -> None:
        self._columns = columns
        self._conventions = conventions
        self._width = len(columns.headers)
        at = {name: columns.fields.get(name, NOWHERE) for name in Field}
        self._name, self._first_name, self._last_name = at[Field.NAME], at[Field.FIRST_NAME], at[Field.LAST_NAME]
        self._language, self._zone, self._tags = at[Field.LANGUAGE], at[Field.ZONE], at[Field.TAGS]
        self._consent_at, self._source, self._proof = at[Field.CONSENT_AT], at[Field.CONSENT_SOURCE], at[Field.PROOF]
        own = () if self._first_name == NOWHERE else ((self._first_name, Field.FIRST_NAME.value),)
        self._attributes = columns.attributes + own  # a first name of its own is better than the first word of a name
        self._text_id, self._text_version = at[Field.TEXT_ID], at[Field.TEXT_VERSION]
        self._answers = () if conventions.stops else columns.answers
        self._moments: dict[str, datetime | MomentProblem] = {}

    def read(self, line: int, row: list[str] | Unread) -> OptInRow | None:
        """The person in a row, or None for a row that is wholly blank."""
        if isinstance(row, Unread):
            return self._unread(line, row)
        cells = list(map(str.strip, row))
        if not any(cells):
            return None
        problems = self._misshapen(line, cells)
        cells[self._width :] = [""] * (self._width + 1 - len(cells[: self._width]))
        refusals = [index for index in self._answers if says_no(cells[index])]
        problems += [CellProblem(line, self._columns.name_of(i), cells[i], CellCode.SAYS_NO) for i in refusals]
        text_id, text_version = text_and_version(cells[self._text_id], cells[self._text_version])
        attributes = {key: cells[index] for index, key in self._attributes if cells[index]}
        return OptInRow(
            line,
            self._addresses(line, cells, problems),
            self._full_name(cells),
            (cells[self._language] and self._checked(line, cells, self._language, language_in, problems)) or "",
            (cells[self._zone] and self._checked(line, cells, self._zone, zone_in, problems)) or "",
            read_tags(cells[self._tags]),
            attributes,
            self._checked(line, cells, self._consent_at, self._moment, problems) if cells[self._consent_at] else None,
            read_source(cells[self._source]),
            text_id,
            text_version,
            cells[self._proof],
            tuple(problems),
            tuple(row),
        )

    def _unread(self, line: int, unread: Unread) -> OptInRow:
        """Stands for what cannot be taken apart: blank cells, and its text in one more, beyond the header."""
        problem = CellProblem(line, self._columns.name_of(0), "…", unread.why)
        cells = (*[""] * self._width, unread.text)
        return OptInRow(line, (), "", "", "", frozenset(), {}, None, "", "", "", "", (problem,), cells)

    def _misshapen(self, line: int, cells: list[str]) -> list[CellProblem]:
        """Cells beyond the header, after which everything may stand in the wrong column, and cells that never end."""
        if len(cells) <= self._width and sum(map(len, cells)) <= CELL_CHARACTERS_MAX:
            return []
        wrong = [(index, _overlong(cell)) for index, cell in enumerate(cells) if len(cell) > CELL_CHARACTERS_MAX]
        if len(cells) > self._width:
            beyond = [index for index in range(self._width, len(cells)) if cells[index]]
            wrong += [(index, CellCode.EXTRA_CELLS) for index in beyond[:1]]
        return [CellProblem(line, self._columns.name_of(index), cells[index], why) for index, why in wrong]

    def _addresses(self, line: int, cells: list[str], problems: list[CellProblem]) -> tuple[Address, ...]:
        """The addresses of every address column; a blank one counts as missing only when all are blank."""
        indexes = self._columns.addresses
        if len(indexes) > 1:
            indexes = tuple(index for index in indexes if cells[index]) or indexes[:1]
        found: list[Address] = []
        for index in indexes:
            read = read_cell(cells[index], self._conventions.region)
            if isinstance(read, AddressProblem):
                problems.append(CellProblem(line, self._columns.name_of(index), cells[index], read))
            else:
                found += read
        return tuple(dict.fromkeys(found)) if len(indexes) > 1 else tuple(found)

    def _full_name(self, cells: list[str]) -> str:
        name = cells[self._name] or f"{cells[self._first_name]} {cells[self._last_name]}"
        return " ".join(name.split())

    def _checked(
        self,
        line: int,
        cells: list[str],
        index: int,
        read: Callable[[str], T | MomentProblem | CellCode],
        problems: list[CellProblem],
    ) -> T | None:
        """The cell at `index` as `read` understands it; None, with a problem noted, when it does not."""
        value = read(cells[index])
        if isinstance(value, NOT_UNDERSTOOD):
            problems.append(CellProblem(line, self._columns.name_of(index), cells[index], value))
            return None
        return value

    def _moment(self, text: str) -> datetime | MomentProblem:
        found = self._moments.get(text)
        if found is None:
            how = self._conventions
            found = read_moment(text, how.zone, how.now, day_first=how.day_first)
            if len(self._moments) < MOMENTS_KEPT:
                self._moments[text] = found
        return found


TEXT_AND_VERSION = re.compile(r"(.+?)(?:\s*[@/]\s*|\s+)[vV]?([0-9][0-9.]*)")


def text_and_version(text_id: str, version: str) -> tuple[str, str]:
    """The consent text's id and version, also where one cell says both: "marketing-tr@1", "marketing-tr v1"."""
    if text_id and not version and (both := TEXT_AND_VERSION.fullmatch(text_id)):
        return both[1], both[2]
    return text_id, version


def _overlong(cell: str) -> CellCode:
    return CellCode.QUOTE_OPEN if cell.count("\n") > LINE_BREAKS_MAX else CellCode.TOO_LONG


@lru_cache(maxsize=4096)
def language_in(text: str) -> str | CellCode:
    return normalise_language(text) or CellCode.LANGUAGE_UNKNOWN


def zone_in(text: str) -> str | CellCode:
    return read_zone(text) or CellCode.ZONE_UNKNOWN
