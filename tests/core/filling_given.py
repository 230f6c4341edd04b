"""Templates of one part for tests, and what is wrong with filling them."""

from __future__ import annotations

from typing import Any

from gateway.core.template import (
    FillProblem,
    FillReason,
    Template,
    Value,
    fill,
)
from tests.core.templates import text_template


def problems(made: Template, values: dict[str, Value]) -> list[FillProblem]:
    found = fill(made, values)
    assert isinstance(found, list), found
    return found


def reasons(made: Template, values: dict[str, Value]) -> list[tuple[str, FillReason]]:
    return [(problem.key, problem.reason) for problem in problems(made, values)]


def with_header(**header: Any) -> Template:
    return text_template("Hello there.", components=[{"type": "HEADER", **header}])


def with_buttons(*buttons: dict[str, Any]) -> Template:
    return text_template("Hello there.", components=[{"type": "BUTTONS", "buttons": list(buttons)}])
