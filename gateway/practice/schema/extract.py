"""Cut the request schemas that the practice world checks out of Meta's OpenAPI file.

    python -m gateway.practice.schema.extract SPEC.yaml PATCH.json > gateway/practice/schema/messages.json

Needs PyYAML and jsonpatch, which only developers have. The patch makes the published schema usable; NOTICE says why.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonpatch
import yaml

ROOTS = ("Message", "MarketingMessageRequestPayload")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same, in C, where PyYAML was built with it
_PREFIX = "#/components/schemas/"
_SILENT = frozenset({"description", "example", "examples", "title", "externalDocs", "default"})


def extract(spec: Path, patch: Path) -> dict[str, Any]:
    """A JSON Schema document whose `$defs` hold ROOTS and all that they refer to, without prose and examples."""
    document = json.loads(json.dumps(yaml.load(spec.read_text(encoding="utf-8"), _Loader), default=str))  # noqa: S506  both are safe loaders
    fixed = jsonpatch.apply_patch(document, json.loads(patch.read_text(encoding="utf-8")))
    schemas = fixed["components"]["schemas"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "From facebook/openapi, business-messaging-api_v23.0.yaml, patched; see NOTICE.",
        "$defs": {name: _bare(schemas[name]) for name in sorted(_needed(schemas))},
    }


def _needed(schemas: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(_references(schemas[name]))
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.removeprefix(_PREFIX)
            elif key == "mapping":
                yield from (each.removeprefix(_PREFIX) for each in value.values())
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _bare(node: Any, *, named: bool = False) -> Any:
    """The schema without prose. Below `properties` every key is a name, so none is dropped there."""
    if isinstance(node, dict):
        return {
            key: _bare(value, named=key == "properties" and not named)
            for key, value in node.items()
            if named or key not in _SILENT
        }
    if isinstance(node, list):
        return [_bare(value) for value in node]
    return node.replace(_PREFIX, "#/$defs/") if isinstance(node, str) else node


def written(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written(extract(Path(sys.argv[1]), Path(sys.argv[2]))))
