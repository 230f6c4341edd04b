"""The message templates of the practice account: which are registered, in which state, and what each asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import orjson

FIRST_ID = 1_600_000_000_000_001
_INITIAL = Path(__file__).parent / "templates.json"
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Button:
    """`kind` in Meta's capitals. `url` is the stored address; `variable` says whether a sender must add its end."""

    kind: str
    text: str = ""
    url: str = ""
    variable: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sender must fill in. `header` is the header's format or empty; names are variables in order."""

    named: bool = False
    header: str = ""
    header_text: str = ""
    header_names: tuple[str, ...] = ()
    body_text: str = ""
    body_names: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    cards: tuple[Plan, ...] = ()
    limited_time: bool = False
    expires: bool = False

    @property
    def quick_replies(self) -> list[int]:
        return [index for index, button in enumerate(self.buttons) if button.kind == "QUICK_REPLY"]


def variables(text: str) -> tuple[str, ...]:
    """The distinct variables of a text in order of first mention; positional ones by number."""
    names = dict.fromkeys(_VARIABLE.findall(text))
    return tuple(sorted(names, key=int)) if all(name.isdigit() for name in names) else tuple(names)


def filled(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found.group(1), found.group(0)), text)


def plan_of(components: Iterable[Mapping[str, Any]], *, named: bool, category: str = "") -> Plan:
    parts = {str(part.get("type", "")).upper(): part for part in components}
    header, body, offer = parts.get("HEADER", {}), parts.get("BODY", {}), parts.get("LIMITED_TIME_OFFER")
    one_time = category == "AUTHENTICATION"
    return Plan(
        named=named,
        header=str(header.get("format", "")).upper(),
        header_text=header.get("text", ""),
        header_names=variables(header.get("text", "")),
        body_text="{{1}}" if one_time else body.get("text", ""),
        body_names=("1",) if one_time else variables(body.get("text", "")),
        buttons=tuple(_button(each, one_time) for each in parts.get("BUTTONS", {}).get("buttons", ())),
        cards=tuple(
            plan_of(card.get("components", ()), named=named) for card in parts.get("CAROUSEL", {}).get("cards", ())
        ),
        limited_time=offer is not None,
        expires=offer is not None and bool((offer.get("limited_time_offer") or {}).get("has_expiration", True)),
    )


def _button(raw: Mapping[str, Any], one_time: bool) -> Button:
    kind = str(raw.get("type", "")).upper()
    if one_time:  # an OTP button is sent like a url button whose end is the code
        return Button("URL", str(raw.get("text", "")), "https://www.whatsapp.com/otp/code/?code={{1}}", True)
    url = str(raw.get("url", ""))
    return Button(kind, str(raw.get("text", "")), url, bool(_VARIABLE.search(url)))


@dataclass(slots=True)
class Template:
    id: str
    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    status: str = "APPROVED"
    parameter_format: str = "POSITIONAL"
    quality: str = "UNKNOWN"
    quality_at_s: int = 0
    rejected_reason: str = "NONE"
    ttl_s: int | None = None
    plan: Plan = field(default_factory=Plan)

    def __post_init__(self) -> None:
        self.draw_plan()

    def draw_plan(self) -> None:
        named = self.parameter_format == "NAMED"
        self.plan = plan_of(self.components, named=named, category=self.category)

    def listed(self) -> dict[str, Any]:
        """The template as the message_templates list shows it."""
        shown: dict[str, Any] = {
            "name": self.name,
            "parameter_format": self.parameter_format,
            "components": self.components,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "quality_score": {"score": self.quality, "date": self.quality_at_s},
            "rejected_reason": self.rejected_reason,
            "id": self.id,
        }
        return shown if self.ttl_s is None else shown | {"message_send_ttl_seconds": self.ttl_s}


class TemplateBook:
    """All templates, by id and by (name, language)."""

    def __init__(self, initial: Iterable[Mapping[str, Any]]) -> None:
        self._ids = count(FIRST_ID)
        self._by_id: dict[str, Template] = {}
        self._by_name: dict[tuple[str, str], Template] = {}
        for raw in initial:
            self.add(raw)

    def __iter__(self) -> Iterator[Template]:
        return iter(self._by_id.values())

    def find(self, name: str, language: str) -> Template | None:
        return self._by_name.get((name, language))

    def by_id(self, template_id: str) -> Template | None:
        return self._by_id.get(template_id)

    def add(self, raw: Mapping[str, Any], status: str = "APPROVED") -> Template:
        template = Template(
            id=str(next(self._ids)),
            name=raw["name"],
            language=raw["language"],
            category=str(raw["category"]).upper(),
            components=list(raw["components"]),
            status=str(raw.get("status", status)),
            parameter_format=str(raw.get("parameter_format") or "POSITIONAL").upper(),
            ttl_s=raw.get("message_send_ttl_seconds"),
        )
        self._by_id[template.id] = template
        self._by_name[template.name, template.language] = template
        return template

    def remove(self, template: Template) -> None:
        del self._by_id[template.id]
        del self._by_name[template.name, template.language]


def initial_templates() -> list[dict[str, Any]]:
    """The templates that ship with the practice world, approved, in Turkish and English."""
    loaded: list[dict[str, Any]] = orjson.loads(_INITIAL.read_bytes())
    return loaded
