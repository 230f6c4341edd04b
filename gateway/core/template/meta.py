"""Meta's JSON for a template, read and written.

`from_meta` reads one item of GET /{waba}/message_templates (or a creation body); `as_meta` writes the creation body.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from gateway.core.template.definition import (
    HOLE,
    Button,
    ButtonKind,
    Card,
    Category,
    Header,
    HeaderFormat,
    Offer,
    ParameterFormat,
    Template,
    TemplateStatus,
    Text,
)
from gateway.core.wording import Wording

OTP_URL = "https://www.whatsapp.com/otp/"  # an approved one-time-password button comes back as such a URL button
STATIC_COMPONENTS = frozenset({"CALL_PERMISSION_REQUEST"})  # nothing is sent for these
_READ = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER"}) | STATIC_COMPONENTS
_BUTTON_KEYS = frozenset({"type", "text", "url", "phone_number", "example"})

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """Why something is not a template. `place` names the key; `line` (from 1) is set when it came from a file."""

    place: str
    wording: Wording
    line: int | None = None

    def sentence(self, language: str = "en") -> str:
        return self.wording.say(language)


class _Broken(Exception):
    def __init__(self, place: str, tr: str, en: str) -> None:
        super().__init__(en)
        self.problem = TemplateProblem(place, Wording(tr, en))


def from_meta(item: Mapping[str, Any]) -> Template | list[TemplateProblem]:
    """One template from Meta's JSON. Unknown component types are kept by name in `Template.unknown`, not refused."""
    try:
        return _template(item)
    except _Broken as broken:
        return [broken.problem]


def _template(item: Mapping[str, Any]) -> Template:
    parts = {_type(component): component for component in _mappings(item.get("components", ()), "components")}
    body, footer, offer = parts.get("BODY", {}), parts.get("FOOTER", {}), parts.get("LIMITED_TIME_OFFER")
    category = _member(Category, item.get("category"), "category")
    template = Template(
        name=_text(item, "name"),
        language=_text(item, "language"),
        category=category,
        body=_body(body),
        header=_header(parts["HEADER"]) if "HEADER" in parts else None,
        footer=str(footer.get("text", "")),
        buttons=tuple(_buttons(parts.get("BUTTONS", {}), category)),
        cards=tuple(_card(card) for card in _mappings(parts.get("CAROUSEL", {}).get("cards", ()), "cards")),
        offer=_offer(offer) if offer is not None else None,
        parameter_format=_parameter_format(item, body),
        status=_status(item.get("status")),
        id=str(item.get("id", "")),
        quality=_quality(item.get("quality_score")),
        rejected_reason=str(item.get("rejected_reason") or ""),
        ttl_seconds=item.get("message_send_ttl_seconds"),
        security_recommendation=bool(body.get("add_security_recommendation", False)),
        code_expiration_minutes=footer.get("code_expiration_minutes"),
        unknown=tuple(sorted(set(parts) - _READ)),
    )
    if not template.body.text and not template.carries_a_code:
        raise _Broken("body", "Şablonun gövde metni yok.", "The template has no body text.")
    return template


def _type(component: Mapping[str, Any]) -> str:
    return str(component.get("type", "?")).upper()


def _mappings(value: Any, place: str) -> Sequence[Mapping[str, Any]]:
    if isinstance(value, Sequence) and all(isinstance(one, Mapping) for one in value):
        return value
    raise _Broken(place, f"“{place}” bir nesne listesi olmalı.", f"“{place}” must be a list of objects.")


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    if isinstance(value, str) and value:
        return value
    raise _Broken(key, f"Şablonda “{key}” yok.", f"The template has no “{key}”.")


def _member(kind: type[E], value: Any, place: str) -> E:
    try:
        return kind(str(value).upper())
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise _Broken(
            place,
            f"“{place}” değeri “{value}” tanınmıyor; bilinenler: {known}.",
            f"“{value}” is no {place} known here; known are: {known}.",
        ) from None


def _status(value: Any) -> TemplateStatus:
    try:
        return TemplateStatus(str(value or "DRAFT").upper())
    except ValueError:
        return TemplateStatus.UNKNOWN


def _quality(score: Any) -> str:
    return str(score.get("score", "")) if isinstance(score, Mapping) else str(score or "")


def _parameter_format(item: Mapping[str, Any], body: Mapping[str, Any]) -> ParameterFormat:
    """Older templates carry no parameter_format; the holes tell."""
    stated = str(item.get("parameter_format") or "").upper()
    if stated in ParameterFormat.__members__:
        return ParameterFormat[stated]
    holes = HOLE.findall(str(body.get("text", "")))
    return ParameterFormat.NAMED if any(not hole.isdigit() for hole in holes) else ParameterFormat.POSITIONAL


def _body(body: Mapping[str, Any]) -> Text:
    return _with_samples(body, "body_text")


def _with_samples(component: Mapping[str, Any], key: str) -> Text:
    example = component.get("example")
    pairs = tuple(_samples(example, key)) if isinstance(example, Mapping) else ()
    return Text(str(component.get("text", "")), pairs)


def _samples(example: Mapping[str, Any], key: str) -> Iterator[tuple[str, str]]:
    for named in example.get(f"{key}_named_params", ()):
        yield str(named.get("param_name", "")), str(named.get("example", ""))
    listed = example.get(key, ())
    if listed and isinstance(listed[0], list):
        listed = listed[0]
    for number, sample in enumerate(listed, start=1):
        yield str(number), str(sample)


def _header(component: Mapping[str, Any]) -> Header:
    format_ = _member(HeaderFormat, component.get("format"), "header")
    if format_ is HeaderFormat.TEXT:
        return Header(format_, _with_samples(component, "header_text"))
    return Header(format_, sample=_first((component.get("example") or {}).get("header_handle")))


def _first(value: Any) -> str:
    if isinstance(value, list):
        return str(value[0]) if value else ""
    return str(value or "")


def _buttons(component: Mapping[str, Any], category: Category) -> Iterator[Button]:
    for button in _mappings(component.get("buttons", ()), "buttons"):
        rest = {key: value for key, value in button.items() if key not in _BUTTON_KEYS}
        url = str(button.get("url", ""))
        kind = _member(ButtonKind, button.get("type"), "buttons")
        if category is Category.AUTHENTICATION and url.startswith(OTP_URL):
            kind = ButtonKind.OTP
        yield Button(
            kind=kind,
            text=str(button.get("text", "")),
            url=url,
            phone_number=str(button.get("phone_number", "")),
            sample=_first(button.get("example")),
            rest=rest,
        )


def _card(card: Mapping[str, Any]) -> Card:
    parts = {_type(component): component for component in _mappings(card.get("components", ()), "cards")}
    return Card(
        header=_header(parts["HEADER"]) if "HEADER" in parts else None,
        body=_body(parts["BODY"]) if "BODY" in parts else None,
        buttons=tuple(_buttons(parts.get("BUTTONS", {}), Category.MARKETING)),
    )


def _offer(component: Mapping[str, Any]) -> Offer:
    offer = component.get("limited_time_offer") or {}
    return Offer(str(offer.get("text", "")), bool(offer.get("has_expiration", True)))


def as_meta(template: Template) -> dict[str, Any]:
    """The body of POST /{waba}/message_templates that creates this template."""
    body: dict[str, Any] = {
        "name": template.name,
        "language": template.language,
        "category": template.category.value,
        "components": list(_components(template)),
    }
    if template.parameter_format is ParameterFormat.NAMED:
        body["parameter_format"] = template.parameter_format.value
    if template.ttl_seconds is not None:
        body["message_send_ttl_seconds"] = template.ttl_seconds
    return body


def _components(template: Template) -> Iterator[dict[str, Any]]:
    if template.header:
        yield _header_as_meta(template.header)
    if template.offer:
        strip = {"text": template.offer.text, "has_expiration": template.offer.has_expiration}
        yield {"type": "LIMITED_TIME_OFFER", "limited_time_offer": strip}
    yield _body_as_meta(template)
    if template.cards:
        yield {"type": "CAROUSEL", "cards": [_card_as_meta(card) for card in template.cards]}
    if template.code_expiration_minutes is not None:
        yield {"type": "FOOTER", "code_expiration_minutes": template.code_expiration_minutes}
    elif template.footer:
        yield {"type": "FOOTER", "text": template.footer}
    if template.buttons:
        yield {"type": "BUTTONS", "buttons": [_button_as_meta(button) for button in template.buttons]}


def _body_as_meta(template: Template) -> dict[str, Any]:
    if template.carries_a_code:  # the words of an authentication body are Meta's, not ours
        return {"type": "BODY", "add_security_recommendation": template.security_recommendation}
    return {"type": "BODY", **_text_as_meta(template.body, "body_text")}


def _text_as_meta(text: Text, key: str) -> dict[str, Any]:
    if not text.holes or not text.samples:
        return {"text": text.text}
    if all(hole.isdigit() for hole in text.holes):
        listed = [text.sample(hole) for hole in text.holes]
        return {"text": text.text, "example": {key: [listed] if key == "body_text" else listed}}
    named = [{"param_name": hole, "example": text.sample(hole)} for hole in text.holes]
    return {"text": text.text, "example": {f"{key}_named_params": named}}


def _header_as_meta(header: Header) -> dict[str, Any]:
    written: dict[str, Any] = {"type": "HEADER", "format": header.format.value}
    if header.text:
        written |= _text_as_meta(header.text, "header_text")
    if header.sample:
        written["example"] = {"header_handle": [header.sample]}
    return written


def _card_as_meta(card: Card) -> dict[str, Any]:
    components: list[dict[str, Any]] = []
    if card.header:
        components.append(_header_as_meta(card.header))
    if card.body:
        components.append({"type": "BODY", **_text_as_meta(card.body, "body_text")})
    if card.buttons:
        components.append({"type": "BUTTONS", "buttons": [_button_as_meta(button) for button in card.buttons]})
    return {"components": components}


def _button_as_meta(button: Button) -> dict[str, Any]:
    written: dict[str, Any] = {"type": button.kind.value}
    for key in ("text", "url", "phone_number"):
        if value := getattr(button, key):
            written[key] = value
    if button.sample:
        written["example"] = button.sample if button.kind is ButtonKind.COPY_CODE else [button.sample]
    return written | dict(button.rest)
