from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.practice.schema import extract
from gateway.practice.validation import SHAPES_MAX, RequestSchema, looks
from tests.practice.conftest import addressed, confirmation, offer, template, text

REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference"
SHIPPED = Path(extract.__file__).with_name("messages.json")
SCHEMA = RequestSchema()

needs_reference = pytest.mark.skipif(
    not REFERENCE.exists(), reason="../shared/reference is not here: Meta's OpenAPI file cannot be compared"
)


@needs_reference
def test_the_shipped_schema_is_what_extract_makes_of_metas_file() -> None:
    folder = REFERENCE / "openapi"
    made = extract.extract(folder / "business-messaging-api_v23.0.yaml", folder / "validation-fixes.patch.json")
    assert extract.written(made) == SHIPPED.read_text(encoding="utf-8")


@needs_reference
def test_metas_own_template_examples_pass() -> None:
    text_of_spec = (REFERENCE / "openapi" / "business-messaging-api_v23.0.yaml").read_text(encoding="utf-8")
    spec = yaml.load(text_of_spec, extract._Loader)
    found = [
        example["value"]
        for path, doors in spec["paths"].items()
        if path.endswith("/messages")
        for example in doors["post"]["requestBody"]["content"]["application/json"]["examples"].values()
    ]
    templates = [each for each in found if each.get("type") == "template"]
    assert len(found) == 50
    assert len(templates) == 9
    assert [SCHEMA.problem(each, marketing=False) for each in templates] == [None] * len(templates)
    passed = [each for each in found if SCHEMA.problem(each, marketing=False) is None]
    assert len(passed) == 44


@needs_reference
@pytest.mark.parametrize("kind", ["text", "image", "document", "video", "audio", "sticker", "location", "template"])
def test_collected_send_bodies_pass(kind: str) -> None:
    files = sorted((REFERENCE / "api-samples" / "whatsapp-business-java-api").glob("expected__message__*.json"))
    bodies = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    of_kind = [each for each in bodies if each.get("type") == kind and each.get("to")]
    assert [SCHEMA.problem(each, marketing=False) for each in of_kind] == [None] * len(of_kind)


def test_the_schema_uses_nothing_that_a_shape_would_miss() -> None:
    """A keyword that `Look` does not read (uniqueItems, patternProperties, ...) would make the cache wrong."""
    harmless = {"type", "required", "properties", "items", "$ref", "discriminator", "propertyName", "mapping", "format"}
    read = {"enum", "const", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"}
    combined = {"allOf", "anyOf", "oneOf", "additionalProperties"}
    assert _keywords(orjson.loads(SHIPPED.read_bytes())["$defs"], names=True) <= harmless | read | combined


def _keywords(node: Any, *, names: bool) -> set[str]:
    if isinstance(node, list):
        return {word for each in node for word in _keywords(each, names=False)}
    if not isinstance(node, dict):
        return set()
    below = {
        word
        for key, value in node.items()
        if key not in ("mapping", "enum", "required")
        for word in _keywords(value, names=key == "properties" and not names)
    }
    return below if names else below | set(node)


# -- the cache says what the full check says

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", "text", "template", "whatsapp", "telegram", "individual", "group", "HEADER", "url", "3", "10"]
    ),
    st.sampled_from(
        ["TR.ABC1", "tr.abc", "x" * 20, "x" * 21, "x" * 60, "x" * 512, "x" * 513, "ş" * 512, "ş" * 513, 'a"b', "\\"]
    ),
    st.just({}),
    st.just([]),
)


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    return [path, *(found for key, value in steps for found in _paths(value, (*path, key)))]


BASES = [
    offer(),
    confirmation(),
    offer("TR.ABC123"),
    addressed("905550000001", "t") | {"type": "text", "text": {"body": "hi", "preview_url": False}},
    addressed("905550000001") | {"type": "image", "image": {"link": "https://shop.example/a.png", "caption": "a"}},
]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A good body with a few places replaced, removed or added to."""
    body = copy.deepcopy(draw(st.sampled_from(BASES)))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(_paths(body)[1:]))
        holder = body
        for step in path[:-1]:
            holder = holder[step]
        what = draw(st.sampled_from(["replace", "remove", "add"]))
        if what == "replace":
            holder[path[-1]] = draw(LEAVES)
        elif what == "remove":
            del holder[path[-1]]
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(["to", "recipient", "extra", "context", "index", "text"]))] = draw(LEAVES)
        if not body or len(_paths(body)) < 2:
            break
    return body


@settings(max_examples=250, deadline=None)
@given(mutated(), st.booleans())
def test_a_cached_verdict_is_the_full_verdict(body: Any, marketing: bool) -> None:
    full = SCHEMA.problem_in_full(body, marketing=marketing)
    raw = orjson.dumps(body)
    for _ in range(2):  # the second time from the cache
        assert SCHEMA.problem(body, marketing=marketing) == full
        assert SCHEMA.problem_of(raw, body, marketing=marketing) == full


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=600), st.text(max_size=30), st.booleans())
def test_free_texts_get_the_full_verdict_from_their_bytes(tracker: str, name: str, ascii_only: bool) -> None:
    body = offer(tracker=tracker or "t") | {"extra": name}
    del body["extra"]
    body["template"]["components"][1]["parameters"][0]["text"] = name
    raw = json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    full = SCHEMA.problem_in_full(body, marketing=False)
    assert SCHEMA.problem_of(raw, body, marketing=False) == full
    assert (full is None) == (len(tracker) <= 512)


def test_people_of_one_campaign_share_one_full_check() -> None:
    schema = RequestSchema()
    for place in range(200):
        body = offer(f"90555{place:07d}", str(place), link=f"k{place}")
        assert schema.problem_of(orjson.dumps(body), body, marketing=False) is None
    assert schema.checked_in_full == 1


def test_a_fuzzer_cannot_fill_the_memory() -> None:
    schema = RequestSchema()
    for place in range(SHAPES_MAX + 10):
        body = addressed("905550000001") | {"type": "text", "text": {"body": "hi"}, "context": {"message_id": "w"}}
        body[f"key{place}"] = 1
        schema.problem_of(orjson.dumps(body), body, marketing=False)
    assert len(schema._passed) <= SHAPES_MAX
    assert len(schema._passed_raw) <= SHAPES_MAX


def test_refusals_do_not_repeat_what_was_sent() -> None:
    secret = "905550000001" * 60
    found = SCHEMA.problem(offer(tracker=secret), marketing=False)
    assert found is not None
    assert secret not in found.details
    assert "biz_opaque_callback_data" in found.details


def test_only_names_with_rules_are_looked_at() -> None:
    read = looks(orjson.loads(SHIPPED.read_bytes()))
    assert {"type", "sub_type", "index", "recipient", "biz_opaque_callback_data"} <= set(read)
    assert "to" not in read
    assert read["type"]("template") != read["type"]("whatever")
    assert read["recipient"]("TR.A1") != read["recipient"]("nonsense")
    sides = [read["biz_opaque_callback_data"]("x" * size) for size in (1, 512, 513)]
    assert sides[2] not in sides[:2]


def test_an_index_is_a_digit_or_a_small_number() -> None:
    def wrong(index: Any) -> bool:
        button = {"type": "button", "sub_type": "url", "index": index, "parameters": [text("a")]}
        return SCHEMA.problem(template("x", [button]), marketing=False) is not None

    assert [wrong(index) for index in (0, 9, "0", "9", 10, -1, "10", "a", 1.5, True)] == [False] * 4 + [True] * 6
