"""Templates that the tests share, in Meta's JSON, and the values that fill them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.core.template import Filled, Location, Media, Template, Value, fill, from_meta

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"


def reference(*parts: str) -> Path:
    """A file of the shared reference; the test is skipped where the reference is not beside the project."""
    path = REFERENCE.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the shared reference has no {'/'.join(parts)}; expected beside the project in ../shared")
    return path


def sample_templates() -> list[dict[str, Any]]:
    """pywa's creation bodies: carousel, coupon, offer, one-time passwords and the rest."""
    folder = reference("api-samples", "pywa-templates")
    return [item for file in sorted(folder.glob("*.json")) for item in json.loads(file.read_text()).values()]


def template(item: dict[str, Any]) -> Template:
    made = from_meta(item)
    assert isinstance(made, Template), [problem.sentence() for problem in made]
    return made


def filled(made: Template, values: dict[str, Value]) -> Filled:
    done = fill(made, values)
    assert isinstance(done, Filled), [problem.sentence() for problem in done]
    return done


def text_template(body: str, **more: Any) -> Template:
    """A one-body template; `more` are further top-level keys of Meta's JSON, `components` is appended."""
    components = [{"type": "BODY", "text": body}, *more.pop("components", ())]
    item = {"name": "note", "language": "en", "category": "UTILITY", "status": "APPROVED", **more}
    return template({**item, "components": components})


SPRING: dict[str, Any] = {
    "name": "spring_offer",
    "language": "tr",
    "category": "MARKETING",
    "status": "APPROVED",
    "parameter_format": "NAMED",
    "id": "1002003004005",
    "quality_score": {"score": "GREEN", "date": 1760000000},
    "components": [
        {
            "type": "HEADER",
            "format": "TEXT",
            "text": "{{season}} indirimi başladı",
            "example": {"header_text_named_params": [{"param_name": "season", "example": "Bahar"}]},
        },
        {
            "type": "BODY",
            "text": "Merhaba {{first_name}}, {{store}} mağazasında bu hafta sonuna kadar yüzde yirmi indirim var.",
            "example": {
                "body_text_named_params": [
                    {"param_name": "first_name", "example": "Ayşe"},
                    {"param_name": "store", "example": "Kadıköy"},
                ]
            },
        },
        {"type": "FOOTER", "text": "Mesaj almak istemiyorsanız DUR yazın."},
        {
            "type": "BUTTONS",
            "buttons": [
                {
                    "type": "URL",
                    "text": "Fırsatları gör",
                    "url": "https://shop.example/r/{{1}}",
                    "example": ["https://shop.example/r/abc"],
                },
                {"type": "QUICK_REPLY", "text": "Mesajları durdur"},
            ],
        },
    ],
}

SPRING_VALUES: dict[str, Value] = {"season": "Bahar", "first_name": "Ayşe", "store": "Kadıköy", "button.0": "k3JdQ9"}

VALUES_BY_KIND: dict[str, Value] = {
    "text": "Pablo",
    "image": Media(id="111222333"),
    "video": Media(link="https://cdn.example/film.mp4"),
    "document": Media(id="444", filename="Order.pdf"),
    "location": Location(40.99, 29.03, "Kadıköy", "Moda Cd. 1"),
    "url_suffix": "n3mtql",
    "coupon": "25OFF",
    "code": "K7Q2M9",
    "expiry": datetime(2027, 3, 1, 18, tzinfo=UTC),
}
"""A value that fits for each kind of placeholder that takes a plain one."""


def template_object(done: Filled) -> dict[str, Any]:
    """The `template` of a POST to /{phone_number_id}/messages."""
    components = {"components": done.components} if done.components else {}
    return {"name": done.name, "language": {"code": done.language}, **components}
