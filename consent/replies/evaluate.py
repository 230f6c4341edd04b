"""How well `read` hears what people mean, measured on rows that somebody labelled.

A stop counts as heard when it is read as a stop, certain or likely: both end the sending at once. On the other side a
certain stop that was none is a false revocation, a likely one a false pause. Pure: it takes rows, not a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from consent.replies import Additions, read
from consent.replies.reading import Certainty, Kind, Reading

LABELS = ("stop", "start", "help", "other")


class RowProblem(ValueError):
    """A row that cannot be evaluated. The text says which row, what is wrong and what to write."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message: what somebody wrote, its language, and what a reasonable reader takes it to mean."""

    text: str
    language: str
    label: Kind


@dataclass(frozen=True, slots=True)
class Judged:
    """A row and how it was read."""

    row: Row
    reading: Reading

    @property
    def is_right(self) -> bool:
        return self.reading.kind is self.row.label

    def as_json(self) -> dict[str, str]:
        return {
            "text": self.row.text,
            "lang": self.row.language,
            "label": str(self.row.label),
            "read": str(self.reading.kind),
            "certainty": str(self.reading.certainty),
            "rule": self.reading.rule,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over some rows, and the rates made of them. A rate over no rows is None, not 0 or 1.

    recall             -- stops read as stops, of all stops
    precision          -- true stops, of all rows read as stops
    false_revocations  -- rows labelled other but read as a certain stop, of all rows labelled other
    false_pauses       -- the same for a likely stop
    """

    rows: int
    right: int
    stops: int
    stops_heard: int
    read_as_stop: int
    others: int
    others_revoked: int
    others_paused: int

    @property
    def recall(self) -> float | None:
        return self.stops_heard / self.stops if self.stops else None

    @property
    def precision(self) -> float | None:
        return self.stops_heard / self.read_as_stop if self.read_as_stop else None

    @property
    def false_revocations(self) -> float | None:
        return self.others_revoked / self.others if self.others else None

    @property
    def false_pauses(self) -> float | None:
        return self.others_paused / self.others if self.others else None

    def as_json(self) -> dict[str, int | float | None]:
        return {
            "rows": self.rows,
            "right": self.right,
            "stops": self.stops,
            "stops_heard": self.stops_heard,
            "recall": self.recall,
            "precision": self.precision,
            "others": self.others,
            "false_revocations": self.false_revocations,
            "false_pauses": self.false_pauses,
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The score over all rows and by language, the stops that were missed, and everything else read wrongly."""

    overall: Score
    by_language: Mapping[str, Score] = field(default_factory=dict)
    missed: tuple[Judged, ...] = ()
    wrong: tuple[Judged, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For `izin replies evaluate FILE.jsonl --json`. Rates are fractions of 1, or null over no rows."""
        return {
            "overall": self.overall.as_json(),
            "by_language": {name: score.as_json() for name, score in self.by_language.items()},
            "missed": [judged.as_json() for judged in self.missed],
            "wrong": [judged.as_json() for judged in self.wrong],
        }


def row_from(raw: object, number: int) -> Row:
    """A row `{"text": ..., "lang": ..., "label": ...}`; further fields are ignored. Raises RowProblem."""
    if not isinstance(raw, Mapping):
        raise RowProblem(f"row {number}: a row is an object with text, lang and label, not {type(raw).__name__}")
    for key in ("text", "lang", "label"):
        if not isinstance(raw.get(key), str):
            raise RowProblem(f"row {number}: {key!r} is missing or not a text; add it")
    if raw["label"] not in LABELS:
        raise RowProblem(f"row {number}: the label {raw['label']!r} is not one of {', '.join(LABELS)}")
    return Row(raw["text"], raw["lang"], Kind(raw["label"]))


def _score(judged: Iterable[Judged]) -> Score:
    found = list(judged)
    stops = [one for one in found if one.row.label is Kind.STOP]
    others = [one for one in found if one.row.label is Kind.OTHER]
    accused = [one.reading.certainty for one in others if one.reading.kind is Kind.STOP]
    return Score(
        rows=len(found),
        right=sum(one.is_right for one in found),
        stops=len(stops),
        stops_heard=sum(one.is_right for one in stops),
        read_as_stop=sum(one.reading.kind is Kind.STOP for one in found),
        others=len(others),
        others_revoked=accused.count(Certainty.CERTAIN),
        others_paused=accused.count(Certainty.LIKELY),
    )


def evaluate(rows: Iterable[object], *, aliases: Iterable[str] = (), extra: Additions | None = None) -> Evaluation:
    """Read every row and count. Rows are mappings as they stand in the file. Raises RowProblem on the first bad one."""
    names, own = tuple(aliases), extra or Additions()
    judged: list[Judged] = []
    by_language: dict[str, list[Judged]] = {}
    for number, raw in enumerate(rows, start=1):
        row = row_from(raw, number)
        one = Judged(row, read(row.text, aliases=names, extra=own))
        judged.append(one)
        by_language.setdefault(row.language, []).append(one)
    wrong = [one for one in judged if not one.is_right]
    return Evaluation(
        overall=_score(judged),
        by_language={name: _score(by_language[name]) for name in sorted(by_language)},
        missed=tuple(one for one in wrong if one.row.label is Kind.STOP),
        wrong=tuple(one for one in wrong if one.row.label is not Kind.STOP),
    )
