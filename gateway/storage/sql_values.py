"""What both databases must read from a text in the same way: numbers, and the order of code points."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from gateway.core.segment import NUMBER_PATTERN


class where_number(FunctionElement[bool]):  # noqa: N801  reads as a function of SQL
    """Whether a text writes a number (NUMBER_PATTERN) of which a comparison holds. Never unknown.

    The arguments are the text and the comparison, of the text cast to a double, which holds every such number exactly.
    """

    type = Boolean()
    inherit_cache = True


@compiles(where_number, "postgresql")
def _where_number_postgresql(element: Any, compiler: SQLCompiler, **how: Any) -> str:
    value, holds = (compiler.process(one, **how) for one in element.clauses)
    return f"CASE WHEN ({value}) ~ '^{NUMBER_PATTERN}$' THEN {holds} ELSE false END"


@compiles(where_number, "sqlite")
def _where_number_sqlite(element: Any, compiler: SQLCompiler, **how: Any) -> str:
    """SQLite has no patterns but GLOB, and casts every text; so what most texts fail is asked first.

    A CASE stops there, as an AND that is compared does not. A subquery would be opened anew for every row.
    """
    value, holds = (compiler.process(one, **how) for one in element.clauses)
    rest = f"substr({value}, 2)"
    is_number = f"({_unsigned(value)} OR {value} GLOB '-*' AND ({_unsigned(rest)}))"
    return f"CASE WHEN {holds} AND {value} GLOB '*[0-9]' AND {is_number} THEN 1 ELSE 0 END"


def _unsigned(value: str) -> str:
    """One to nine digits, and perhaps a dot and one to six more. That the last sign is a digit is known already."""
    whole = f"{value} NOT GLOB '*[^0-9]*' AND length({value}) BETWEEN 1 AND 9"
    one_dot = f"{value} NOT GLOB '*[^0-9.]*' AND {value} NOT GLOB '*.*.*'"
    digits = f"instr({value}, '.') BETWEEN 2 AND 10 AND length({value}) - instr({value}, '.') BETWEEN 1 AND 6"
    return f"{whole} OR {one_dot} AND {digits}"


class by_code_point(FunctionElement[str]):  # noqa: N801
    """A text that is compared sign by sign, whatever language the database was set up for."""

    type = String()
    inherit_cache = True


@compiles(by_code_point, "postgresql")
def _by_code_point_postgresql(element: Any, compiler: SQLCompiler, **how: Any) -> str:
    return f'({compiler.process(element.clauses, **how)}) COLLATE "C"'


@compiles(by_code_point, "sqlite")
def _by_code_point_sqlite(element: Any, compiler: SQLCompiler, **how: Any) -> str:
    return f"({compiler.process(element.clauses, **how)}) COLLATE BINARY"


class place_of(FunctionElement[int]):  # noqa: N801
    """Where a text occurs in another, from 1; 0 where it does not. The arguments are the text and what is sought."""

    type = Integer()
    inherit_cache = True


@compiles(place_of, "postgresql")
def _place_of_postgresql(element: Any, compiler: SQLCompiler, **how: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **how)})"


@compiles(place_of, "sqlite")
def _place_of_sqlite(element: Any, compiler: SQLCompiler, **how: Any) -> str:
    return f"instr({compiler.process(element.clauses, **how)})"
