"""Whether a send request is one that Meta's OpenAPI file allows, checked at every request without costing much.

A full JSON Schema check takes about a millisecond. What it looks at is little, though: which keys there are, of what
type, and for the few properties with an enum, pattern, length or range, on which side of it the value falls. That is a
body's *shape*. Two bodies of one shape get the same verdict, so a shape that passed once is only looked up afterwards.

Working out a shape takes some 30 us in Python. Before that comes a cheaper look: the raw bytes with the values cut out
that differ from person to person (SEVERAL), and the side of each of those values. Bytes that agree have equal shapes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from gateway.practice.refusals import Refusal

SHAPES_MAX = 4096  # a real sender has a dozen; a fuzzer must not fill the memory
SEVERAL = ("to", "text", "payload", "biz_opaque_callback_data")
_SEVERAL = re.compile(rb'"(%s)":\s*"([^"]*)"' % "|".join(SEVERAL).encode())
_SCHEMA = Path(__file__).parent / "schema" / "messages.json"
_OPEN, _CLOSE = object(), object()
_SUPPORTED = frozenset(
    {"enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"}
)


@dataclass(slots=True)
class Look:
    """All that the schema asks of the values of one property name."""

    allowed: set[Any] = field(default_factory=set)
    patterns: set[str] = field(default_factory=set)
    lengths: set[int] = field(default_factory=set)
    bounds: set[float] = field(default_factory=set)

    def reader(self) -> Callable[[Any], Any]:
        """A function from a value to what the schema can tell about it."""
        known = {(type(value), value): value for value in self.allowed}
        edges = sorted({edge for size in self.lengths for edge in (size, size + 1)})
        searches = [re.compile(pattern).search for pattern in sorted(self.patterns)]
        bounds = sorted(self.bounds)

        def enum_only(value: Any) -> Any:
            return known.get((type(value), value), type(value))

        def length_only(value: Any) -> Any:
            return bisect_right(edges, len(value)) if type(value) is str else type(value)

        def everything(value: Any) -> Any:
            if type(value) is not str:
                return type(value), tuple((value < bound, value == bound) for bound in bounds), enum_only(value)
            return enum_only(value), length_only(value), tuple(search(value) is not None for search in searches)

        if searches or bounds:
            return everything
        if not known:
            return length_only
        return everything if edges else enum_only


def looks(schema: Mapping[str, Any]) -> dict[str, Callable[[Any], Any]]:
    """For each property name with a rule on its value, the function that reads what matters. Other names need none."""
    found: dict[str, Look] = {}
    seen: set[tuple[str, str]] = set()
    for name, definition in schema["$defs"].items():
        _collect(definition, "", schema["$defs"], found, seen | {("", name)})
    return {name: look.reader() for name, look in found.items()}


def _collect(node: Any, name: str, defs: Mapping[str, Any], found: dict[str, Look], seen: set[tuple[str, str]]) -> None:
    for under, part in _parts(node, name):
        if isinstance(part, dict) and "$ref" in part:
            target = part["$ref"].rsplit("/", 1)[1]
            if (under, target) not in seen:
                seen.add((under, target))
                _collect(defs[target], under, defs, found, seen)
        _note(part, found, under)
        _collect(part, under, defs, found, seen)


def _parts(node: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The sub-schemas of a node, each with the property name whose values it speaks of."""
    if isinstance(node, list):
        yield from ((name, each) for each in node)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "properties":
                yield from value.items()
            elif key in ("items", "additionalProperties", "anyOf", "oneOf", "allOf", "not"):
                yield name, value


def _note(part: Any, found: dict[str, Look], name: str) -> None:
    if not isinstance(part, dict) or not part.keys() & _SUPPORTED:
        return
    look = found.setdefault(name, Look())
    look.allowed.update(part.get("enum", ()))
    look.allowed.update({part["const"]} if "const" in part else ())
    look.patterns.update({part["pattern"]} if "pattern" in part else ())
    look.lengths.update(part[key] for key in ("minLength", "maxLength") if key in part)
    look.bounds.update(part[key] for key in ("minimum", "maximum") if key in part)


class RequestSchema:
    """Meta's schema for the body of /messages and /marketing_messages."""

    def __init__(self) -> None:
        self._schema = orjson.loads(_SCHEMA.read_bytes())
        self._looks = looks(self._schema)
        self._several = {name.encode(): self._looks.get(name) for name in SEVERAL}
        branches = self._schema["$defs"]["Message"]["discriminator"]["mapping"]
        self._validators = {kind: self._validator(ref.rsplit("/", 1)[1]) for kind, ref in branches.items()}
        self._marketing = self._validator("MarketingMessageRequestPayload")
        self._passed: set[Any] = set()
        self._passed_raw: set[Any] = set()
        self.checked_in_full = 0

    def _validator(self, name: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": self._schema["$defs"]})

    def problem_of(self, raw: bytes, body: Any, *, marketing: bool) -> Refusal | None:
        """As `problem`, but faster; `raw` must be the JSON that `body` was read from."""
        outline = self._outline(raw, marketing)
        if outline in self._passed_raw:
            return None
        found = self.problem(body, marketing=marketing)
        if found is None and outline is not None:
            _keep(self._passed_raw, outline)
        return found

    def _outline(self, raw: bytes, marketing: bool) -> tuple[Any, ...] | None:
        """The bytes without the values of SEVERAL, and these values' sides. None where escapes hide their length."""
        if b"\\" in raw:
            return None
        parts: list[Any] = _SEVERAL.split(raw)
        looks = self._several
        for place in range(2, len(parts), 3):
            look = looks[parts[place - 1]]
            parts[place] = look(parts[place].decode()) if look else None
        return marketing, *parts

    def problem(self, body: Any, *, marketing: bool) -> Refusal | None:
        """What Meta would refuse in this body's form, or None. Equal shapes are checked once."""
        shape = (marketing, self.shape(body))
        if shape in self._passed:
            return None
        self.checked_in_full += 1
        found = self.problem_in_full(body, marketing=marketing)
        if found is None:
            _keep(self._passed, shape)
        return found

    def problem_in_full(self, body: Any, *, marketing: bool) -> Refusal | None:
        if not isinstance(body, dict):
            return Refusal(100, "The body must be a JSON object.")
        if body.get("messaging_product") != "whatsapp":
            return Refusal(100, "Param messaging_product must be one of {WHATSAPP}.")
        validator = self._marketing if marketing else self._validators.get(str(body.get("type")))
        if validator is None:
            return Refusal(100, f"Param type must be one of {{{', '.join(self._validators)}}}.")
        error = best_match(validator.iter_errors(body))
        return None if error is None else _refusal(error)

    def shape(self, body: Any) -> tuple[Any, ...]:
        """A hashable that is equal for bodies which the schema cannot tell apart."""
        tokens: list[Any] = []
        self._walk(body, "", tokens)
        return tuple(tokens)

    def _walk(self, value: Any, name: str, tokens: list[Any]) -> None:
        kind = type(value)
        if kind is dict:
            tokens.append(_OPEN)
            for key, each in value.items():
                tokens.append(key)
                if type(each) is str:  # nearly every value is a text: a call for each would cost the most
                    look = self._looks.get(key)
                    tokens.append(str if look is None else look(each))
                else:
                    self._walk(each, key, tokens)
            tokens.append(_CLOSE)
        elif kind is list:
            tokens.append(kind)
            for each in value:
                self._walk(each, name, tokens)
            tokens.append(_CLOSE)
        else:
            look = self._looks.get(name)
            tokens.append(kind if look is None or kind is bool or value is None else look(value))


def _keep(kept: set[Any], one: Any) -> None:
    if len(kept) >= SHAPES_MAX:
        kept.clear()
    kept.add(one)


def _refusal(error: ValidationError) -> Refusal:
    where = ".".join(str(step) for step in error.absolute_path)
    if error.validator == "required":
        missing = str(error.message).split("'")[1]
        return Refusal(
            131008 if where else 100, f"The parameter {f'{where}.{missing}' if where else missing} is required."
        )
    if error.validator == "additionalProperties":
        return Refusal(100, f"Unexpected key on param '{where or 'body'}': {error.message}")
    if error.validator == "anyOf" and not where:
        return Refusal(100, "The parameter to is required.")
    return Refusal(131009 if "." in where else 100, f"Param {where or 'body'}: {_without_value(error)}")


def _without_value(error: ValidationError) -> str:
    """What the rule was. The value stays out: it may be a phone number or a message's text."""
    return f"the value breaks the rule {error.validator} {error.validator_value!r}"[:300]
