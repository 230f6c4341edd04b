"""House style as tests: sizes, names, and that nothing of one machine or registry gets in."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
FUNCTION_LINES_MEDIAN_MAX = 8
VAGUE = re.compile(r"(^|/)(utils?|helpers?|common|misc|manager|base)\.py$")
HISTORY = "gateway/storage/migrations/versions/"


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.splitlines() if (ROOT / path).is_file()]


def code() -> list[str]:
    return tracked("consent/**.py", "gateway/**.py", "consent/*.py", "gateway/*.py")


def functions(path: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            assert node.end_lineno is not None
            yield f"{path}:{node.name}", node.end_lineno - body[0].lineno + 1


def test_no_file_is_longer_than_a_subject() -> None:
    long = {path: n for path in code() if (n := len((ROOT / path).read_text("utf-8").splitlines())) > FILE_LINES_MAX}
    assert long == {}


def test_functions_are_short() -> None:
    lengths = [(name, n) for path in code() if not path.startswith(HISTORY) for name, n in functions(path)]
    assert [(name, n) for name, n in lengths if n > FUNCTION_LINES_MAX] == []
    assert statistics.median(n for _, n in lengths) <= FUNCTION_LINES_MEDIAN_MAX


def test_every_name_says_what_is_inside() -> None:
    assert [path for path in tracked("*.py") if VAGUE.search(path)] == []


def test_every_module_says_what_it_is_for() -> None:
    mute = [p for p in code() if not ast.get_docstring(ast.parse((ROOT / p).read_text(encoding="utf-8")))]
    assert mute == []


def test_every_action_says_when_it_runs_and_whether_it_may_run_twice() -> None:
    for path in tracked("gateway/actions/*.py"):
        about = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""
        if not path.endswith("__init__.py") and "Trigger:" in about:
            assert "Reads:" in about, path
            assert "Writes:" in about, path


def test_the_lock_names_packages_and_hashes_but_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|file:", lock)


@pytest.mark.parametrize("pattern", [r"/(root|home)/\w+/", r"EAA[A-Za-z0-9]{20,}", "-----BEGIN [A-Z ]*PRIVATE KEY"])
def test_nothing_of_one_machine_and_no_secret_is_in_the_project(pattern: str) -> None:
    texts = tracked("*.py", "*.md", "*.toml", "*.env", "Makefile", "*.yaml", "*.html")
    mine = "tests/tidy/test_tidy.py"
    found = [p for p in texts if p != mine and re.search(pattern, (ROOT / p).read_text(encoding="utf-8"))]
    assert found == []
