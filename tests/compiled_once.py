"""Statements are compiled once a session, as the web process and the worker do it, not once a test.

Each test opens engines of its own, and an engine keeps what it compiled to itself: four of five statements of a test
were compiled for it alone. Their text depends on the kind of database only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.util import LRUCache

STATEMENTS = 2_000


class Compiled(LRUCache[tuple[Any, ...], Any]):
    """What SQLAlchemy compiled, by its key without the first part: the dialect, of which each engine has its own."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(key[1:], value)


def engine_maker() -> Callable[..., Engine]:
    """A `create_engine` whose engines share what they compile with the others for that kind of database."""
    kept: dict[str, Compiled] = {}

    def create(url: str, **options: Any) -> Engine:
        cache = kept.setdefault(make_url(url).get_backend_name(), Compiled(STATEMENTS))
        return create_engine(url, execution_options={"compiled_cache": cache}, **options)

    return create
