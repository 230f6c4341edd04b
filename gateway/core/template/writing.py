"""Templates written out as the files that people keep: what `authoring` reads, so that one gives the other back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from gateway.core.template.definition import (
    Button,
    ButtonKind,
    Card,
    Header,
    HeaderFormat,
    Template,
    Text,
)

LINE_CHARS = 120
_FLOW_WORDS = {"flow_action": "action", "navigate_screen": "screen"}


def as_file(template: Template) -> str:
    """The template as YAML; `from_file` of it differs only in what Meta keeps for itself (id, status, quality)."""
    return yaml.safe_dump(dict(_fields(template)), allow_unicode=True, sort_keys=False, width=LINE_CHARS)


def _fields(template: Template) -> Iterator[tuple[str, Any]]:
    yield "name", template.name
    yield "language", template.language
    yield "category", template.category.value.lower()
    if template.ttl_seconds is not None:
        yield "ttl_seconds", template.ttl_seconds
    if samples := _samples(template.header, None if template.carries_a_code else template.body):
        yield "samples", samples
    yield from _header(template.header)
    if template.offer:
        yield "offer", {"text": template.offer.text, "expires": template.offer.has_expiration}
    if template.carries_a_code:
        yield from _of_codes(template)
    else:
        yield "body", template.body.text
    if template.cards:
        yield "cards", [dict(_card(card)) for card in template.cards]
    if template.footer and template.code_expiration_minutes is None:
        yield "footer", template.footer
    if template.buttons:
        yield "buttons", [_button(button) for button in template.buttons]


def _of_codes(template: Template) -> Iterator[tuple[str, Any]]:
    if template.security_recommendation:
        yield "security_recommendation", True
    if template.code_expiration_minutes is not None:
        yield "code_expiration_minutes", template.code_expiration_minutes


def _samples(header: Header | None, body: Text | None) -> dict[str, str]:
    of_header = dict(header.text.samples) if header and header.text else {}
    numbered = {f"header.{name}" if name.isdigit() else name: sample for name, sample in of_header.items()}
    return {**numbered, **dict(body.samples if body else ())}


def _header(header: Header | None) -> Iterator[tuple[str, Any]]:
    if header is None:
        return
    if header.text:
        yield "header", header.text.text
    elif header.format in (HeaderFormat.LOCATION, HeaderFormat.PRODUCT):
        yield "header", header.format.value.lower()
    else:
        yield "header", {header.format.value.lower(): header.sample}


def _card(card: Card) -> Iterator[tuple[str, Any]]:
    if samples := _samples(card.header, card.body):
        yield "samples", samples
    yield from _header(card.header)
    if card.body:
        yield "body", card.body.text
    if card.buttons:
        yield "buttons", [_button(button) for button in card.buttons]


def _button(button: Button) -> dict[str, Any]:
    written = dict(_own_words(button))
    known = {"otp_type", *(("flow_id", *_FLOW_WORDS) if button.kind is ButtonKind.FLOW else ())}
    rest = {key: value for key, value in button.rest.items() if key not in known}
    if rest:
        written["more"] = json.dumps(rest, ensure_ascii=False)
    return written


def _own_words(button: Button) -> Mapping[str, str]:
    rest, text = button.rest, {"text": button.text} if button.text else {}
    match button.kind:
        case ButtonKind.URL:
            return {"url": button.url, **text, **({"sample": button.sample} if button.sample else {})}
        case ButtonKind.PHONE_NUMBER:
            return {"phone": button.phone_number, **text}
        case ButtonKind.COPY_CODE:
            return {"copy_code": button.sample}
        case ButtonKind.OTP:
            return {"otp": str(rest.get("otp_type", "COPY_CODE")).lower(), **text}
        case ButtonKind.FLOW:
            words = {ours: str(rest[theirs]) for theirs, ours in _FLOW_WORDS.items() if theirs in rest}
            return {"flow": str(rest.get("flow_id", "")), **text, **words}
        case ButtonKind.REQUEST_CONTACT_INFO:
            return {"contact_info": "", **text}
    return {button.kind.value.lower(): button.text}
