"""Files that people write by hand (campaigns, templates): text in, plain values out, with the line of each.

Every value stays the text that was typed. YAML 1.1 would read `no` as false, `10:00` as 600 and `2026-03-01` as a
date; here the one who asks for a field decides what its text means, and can point at the line when it means nothing.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

import yaml

from gateway.core.wording import Wording

Tree = str | list["Tree"] | dict[str, "Tree"]
Path = tuple[str, ...]

DEPTH_MAX = 20
DOCUMENT_CHARS_MAX = 64_000  # a campaign is a page of text; more is a wrong file or an attack


class Format(StrEnum):
    YAML = "yaml"
    TOML = "toml"


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """Why the file could not be read at all. `line` counts from 1; None when the reader cannot tell."""

    line: int | None
    wording: Wording

    def sentence(self, language: str = "en") -> str:
        return self.wording.say(language)


@dataclass(frozen=True, slots=True)
class Document:
    """The file's mapping. `lines` gives the line (from 1) on which the key of a path stands."""

    root: dict[str, Tree]
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int | None:
        """The line of the path, or of the nearest thing around it that has one."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_document(text: str, format: Format | str) -> Document | list[DocumentProblem]:  # noqa: A002
    """Read YAML or TOML whose top level is a mapping. Never raises; every problem carries its line if known."""
    if len(text) > DOCUMENT_CHARS_MAX:
        return [_problem(None, *_TOO_LONG)]
    text = text.removeprefix("\ufeff")
    try:
        return _read_toml(text) if Format(format) is Format.TOML else _read_yaml(text)
    except RecursionError:  # tomllib has no limit of its own
        return [_problem(None, *_TOO_DEEP)]


_TOO_LONG = (
    f"Dosya {DOCUMENT_CHARS_MAX} karakterden uzun; bu bir kampanya veya şablon dosyası olmamalı.",
    f"The file is longer than {DOCUMENT_CHARS_MAX} characters; this is hardly a campaign or template file.",
)
_TOO_DEEP = ("Dosya çok derin iç içe yazılmış; sadeleştirin.", "The file nests too deeply; flatten it.")
_NO_ALIASES = (
    "YAML takma adları (*ad) kullanılamaz; değeri açıkça yazın.",
    "YAML aliases (*name) are not accepted; write the value out.",
)
_NOT_A_MAPPING = (
    "Dosya “anahtar: değer” satırlarından oluşmalı.",
    "The file must consist of “key: value” lines.",
)


def _problem(line: int | None, tr: str, en: str) -> DocumentProblem:
    return DocumentProblem(line, Wording(tr, en))


def _read_yaml(text: str) -> Document | list[DocumentProblem]:
    try:
        if refused := _refused(text):
            return [refused]
        node = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError as error:
        return [_yaml_problem(error)]
    if not isinstance(node, yaml.MappingNode):
        return [_problem(1, *_NOT_A_MAPPING)]
    lines: dict[Path, int] = {}
    problems: list[DocumentProblem] = []
    root = _mapping(node, (), lines, problems)
    return problems or Document(root, lines)


def _refused(text: str) -> DocumentProblem | None:
    """Aliases could make a page of text fill the memory, deep nesting the time: neither is looked at further."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else None
        if depth > DEPTH_MAX:
            return _problem(line, *_TOO_DEEP)
        if isinstance(event, yaml.AliasEvent):
            return _problem(line, *_NO_ALIASES)
    return None


def _yaml_problem(error: yaml.YAMLError) -> DocumentProblem:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error)
    return _problem(mark.line + 1 if mark else None, f"YAML okunamadı: {what}.", f"This is not readable YAML: {what}.")


def _mapping(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], problems: list[DocumentProblem]
) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            problems.append(_problem(line, "Anahtar tek bir sözcük olmalı.", "A key must be a single word."))
            continue
        if key.value in found:
            problems.append(_problem(line, f"“{key.value}” iki kez yazılmış.", f"“{key.value}” is written twice."))
        lines[(*path, key.value)] = line
        found[key.value] = _value(value, (*path, key.value), lines, problems)
    return found


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], problems: list[DocumentProblem]) -> Tree:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, problems)
    if isinstance(node, yaml.SequenceNode):
        items: list[Tree] = []
        for place, item in enumerate(node.value):
            lines[(*path, str(place))] = item.start_mark.line + 1
            items.append(_value(item, (*path, str(place)), lines, problems))
        return items
    return str(node.value)


_TOML_AT = re.compile(r"\s*\(at line (\d+), column \d+\)$")


def _read_toml(text: str) -> Document | list[DocumentProblem]:
    try:
        loaded = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _TOML_AT.search(str(error))
        what = _TOML_AT.sub("", str(error)).removesuffix(" (at end of document)")
        line = int(at[1]) if at else text.count("\n") + 1
        return [_problem(line, f"TOML okunamadı: {what}.", f"This is not readable TOML: {what}.")]
    root = _as_text(loaded)
    assert isinstance(root, dict)
    return Document(root, dict(_toml_lines(text)))


def _as_text(value: object) -> Tree:
    if isinstance(value, dict):
        return {key: _as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_text(inner) for inner in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


_TOML_TABLE = re.compile(r"^\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_TOML_KEY = re.compile(r"""^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_TOML_PART = re.compile(r"""[\w-]+|"([^"]*)"|'([^']*)'""")


def _toml_lines(text: str) -> Iterator[tuple[Path, int]]:
    """tomllib keeps no positions, so keys are found again by their look; good enough to point at a line."""
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TOML_TABLE.match(line):
            table = _toml_path(header[1])
            yield table, number
        elif key := _TOML_KEY.match(line):
            yield (*table, *_toml_path(key[1])), number


def _toml_path(written: str) -> Path:
    return tuple(part[0].strip("\"'") for part in _TOML_PART.finditer(written))
