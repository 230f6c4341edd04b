"""JSON that is kept as it was written: a text to the database, which does not look into it as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Dialect, String, Text, cast, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

_READ = Text().with_variant(postgresql.JSON(), "postgresql")


class WrittenJson(TypeDecorator[Mapping[str, Any]]):
    """A JSON object as text, on both databases. `field_of` looks into it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, Any] | None:
        return None if value is None else orjson.loads(value)


def field_of(column: Column[Any], name: str) -> ColumnElement[str]:
    """The text of a field of a column of WrittenJson, NULL where there is none."""
    return cast(column, _READ).op("->>", return_type=String())(literal(name, String()))
