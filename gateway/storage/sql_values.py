"""What both databases must read from a text in the same way: numbers, and the order of code points."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, Integer, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from gateway.core.segment import NUMBER_PATTERN


class number_in(FunctionElement[float]):  # noqa: N801  reads as a function of SQL
    """The number that a text writes (NUMBER_PATTERN), as a double, which holds all of them exactly; else NULL."""

    type = Float()
    inherit_cache = True


@compiles(number_in, "postgresql")
def _number_in_postgresql(element: Any, compiler: SQLCompiler, **how: Any) -> str:
    value = compiler.process(element.clauses, **how)
    return f"CASE WHEN ({value}) ~ '^{NUMBER_PATTERN}$' THEN ({value})::double precision END"


@compiles(number_in, "sqlite")
def _number_in_sqlite(element: Any, compiler: SQLCompiler, **how: Any) -> str:
    """SQLite has no patterns but GLOB. Without a subquery, which it would open anew for every row."""
    value = compiler.process(element.clauses, **how)
    rest = f"substr({value}, 2)"
    is_number = f"({_unsigned(value)} OR {value} GLOB '-*' AND ({_unsigned(rest)}))"
    return f"CASE WHEN {value} GLOB '*[0-9]' AND {is_number} THEN CAST({value} AS REAL) END"


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
