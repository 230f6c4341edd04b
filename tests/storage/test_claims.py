"""How a stored content is taken apart: what messages share is read once, their components go on as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.claims import parts_of

WORDS = st.text(max_size=8) | st.sampled_from(['"components":', ',"components":[', '\\"components":[]}', "]}"])
SHARED = st.fixed_dictionaries(
    {"kind": st.just("template"), "template": WORDS}, optional={"language": WORDS, "marketing": st.booleans()}
)
COMPONENTS = st.lists(
    st.fixed_dictionaries({"type": WORDS}, optional={"components": st.lists(WORDS), "parameters": st.lists(WORDS)})
)
SPELLINGS = st.sampled_from([(",", ":"), (", ", ": ")])  # as we write it, and as PostgreSQL writes a jsonb


def whole(parts: tuple[Any, str]) -> dict[str, Any]:
    content, components = parts
    return {**content, "components": json.loads(components or "[]")}


@given(SHARED, COMPONENTS, SPELLINGS, st.booleans())
def test_the_parts_are_together_what_was_written(
    shared: dict[str, Any], components: list[Any], spelling: tuple[str, str], ascii_only: bool
) -> None:
    content = {**shared, "components": components}
    written = json.dumps(content, separators=spelling, ensure_ascii=ascii_only)
    assert whole(parts_of(written)) == content


@pytest.mark.parametrize("components", [[], [{"type": "body"}]])
def test_components_that_are_not_last_are_found(components: list[Any]) -> None:
    content = {"components": components, "kind": "template", "template": "spring", "marketing": True}
    assert whole(parts_of(json.dumps(content))) == content


def test_contents_that_differ_in_their_components_alone_share_the_rest() -> None:
    written = '{"kind":"template","template":"spring","components":[{"type":"%s"}]}'
    (one, body), (other, header) = parts_of(written % "body"), parts_of(written % "header")
    assert one is other
    assert (body, header) == ('[{"type":"body"}]', '[{"type":"header"}]')


def test_a_text_has_no_components() -> None:
    assert parts_of('{"kind":"text","text":"Tamam."}') == ({"kind": "text", "text": "Tamam."}, "")
