"""Files written by hand: every value stays the text that was typed, every key knows its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.document import Document, Tree, read_document


def read(text: str, format_: str = "yaml") -> Document:
    found = read_document(text, format_)
    assert isinstance(found, Document), [problem.sentence() for problem in found]
    return found


def problems(text: str, format_: str = "yaml") -> list[tuple[int | None, str]]:
    found = read_document(text, format_)
    assert isinstance(found, list)
    return [(problem.line, problem.sentence()) for problem in found]


@pytest.mark.parametrize(
    ("typed", "value"),
    [("no", "no"), ("10:00", "10:00"), ("2026-03-01", "2026-03-01"), ("1_000", "1_000"), ("~", "~"), ("", ""),
     ("0x1F", "0x1F"),
     ("'quoted'", "quoted"), ("[a, 1]", ["a", "1"]), ("{a: on}", {"a": "on"})],
)  # fmt: skip
def test_yaml_values_stay_as_they_were_typed(typed: str, value: Tree) -> None:
    assert read(f"key: {typed}").root == {"key": value}


def test_toml_values_become_text() -> None:
    text = "a = 1\nb = true\nc = 2026-03-01T10:00:00+03:00\nd = [1.5, 'x']\n[e]\nf = 10:00:00\n"

    assert read(text, "toml").root == {
        "a": "1",
        "b": "true",
        "c": "2026-03-01T10:00:00+03:00",
        "d": ["1.5", "x"],
        "e": {"f": "10:00:00"},
    }


def test_every_key_knows_its_line() -> None:
    yaml_file = read("# top\na: 1\nb:\n  c: 2\n  d:\n    - x\n    - y\n")
    toml_file = read("# top\na = 1\n\n[b]\nc = 2\n'd e' = 3\nf.g = 4\n", "toml")

    toml_paths = (("a",), ("b",), ("b", "c"), ("b", "d e"), ("b", "f", "g"))
    assert [yaml_file.line_of(path) for path in (("a",), ("b", "c"), ("b", "d", "1"))] == [2, 4, 7]
    assert yaml_file.line_of(("b", "missing")) == 3
    assert yaml_file.line_of(("missing",)) is None
    assert [toml_file.line_of(path) for path in toml_paths] == [
        2,
        4,
        5,
        6,
        7,
    ]


@pytest.mark.parametrize(
    ("text", "format_", "line", "says"),
    [
        ("a: b: c", "yaml", 1, "not readable YAML"),
        ("a: 1\n\tb: 2", "yaml", 2, "not readable YAML"),
        ("just words", "yaml", 1, "“key: value” lines"),
        ("", "yaml", 1, "“key: value” lines"),
        ("a: 1\na: 2", "yaml", 2, "“a” is written twice"),
        ("[a]: 1", "yaml", 1, "A key must be a single word"),
        ("a: &x [1]\nb: *x", "yaml", 2, "aliases"),
        ("a = ", "toml", 1, "not readable TOML"),
        ("a = 1\na = 2", "toml", 2, "not readable TOML"),
        ("a: " + "x" * 70_000, "yaml", None, "longer than 64000"),
        ("a: " + "[" * 30_000, "yaml", 1, "nests too deeply"),
        ("a = " + "[" * 30_000, "toml", None, "nests too deeply"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, format_: str, line: int | None, says: str) -> None:
    [(found, sentence)] = problems(text, format_)

    assert says in sentence
    assert found == line


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert read("\ufeffa: 1").root == {"a": "1"}


@given(st.text(max_size=100), st.sampled_from(["yaml", "toml"]))
def test_nothing_that_is_typed_raises(text: str, format_: str) -> None:
    found = read_document(text, format_)

    assert isinstance(found, Document) or all(problem.sentence("tr") for problem in found)
