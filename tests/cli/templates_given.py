"""Template files for tests of the commands, and what these answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

NOTE = """name: {name}
language: {language}
category: utility
samples: {{first_name: Ayşe}}
body: {body}
"""
BODY = "Merhaba {{first_name}}, siparişiniz bugün mağazada hazır."
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 100


Write = Callable[..., Path]


def answer(izin: Callable[..., Result], *arguments: str, ends: int = 0) -> Any:
    shown = izin("templates", *arguments, "--json")
    assert shown.exit_code == ends, shown.output
    return json.loads(shown.stdout if ends == 0 or shown.stdout else shown.stderr)


def problems(izin: Callable[..., Result], *arguments: str, ends: int = 1) -> list[str]:
    found: list[str] = answer(izin, *arguments, ends=ends)["error"]["problems"]
    return found
