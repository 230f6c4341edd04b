"""Fill a template for one person: the Cloud API's `components`, or every reason why not.

What Meta would refuse (132000, 132005, 132012, 132018) is refused here, before it costs anything.
Shapes: reference/whatsapp-cloud-api.md section 1.2; component types are written in lower case, indexes as integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.template.accept import Parameter, accept
from gateway.core.template.definition import (
    BODY_CHARS_MAX,
    CARD_BODY_CHARS_MAX,
    HEADER_CHARS_MAX,
    HOLE,
    OFFER_BODY_CHARS_MAX,
    STOP_PAYLOAD,
    URL_CHARS_MAX,
    Button,
    ButtonKind,
    Header,
    ParameterFormat,
    Template,
    Text,
    chars,
)
from gateway.core.template.holes import Placeholder, placeholders, text_key
from gateway.core.template.problems import FillProblem, FillReason
from gateway.core.template.stopping import is_stop_button
from gateway.core.template.values import Value
from gateway.core.wording import Wording

Component = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FilledCard:
    body: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """A template filled for one person. `components` is exactly what goes into `template.components`.

    `header`, `body`, `urls` and `cards` are the texts as the person will see them; `urls` has one entry per button,
    empty for buttons that open nothing.
    """

    name: str
    language: str
    components: list[Component]
    header: str
    body: str
    urls: tuple[str, ...] = ()
    cards: tuple[FilledCard, ...] = ()


def fill(template: Template, values: Mapping[str, Value]) -> Filled | list[FillProblem]:
    """Fill every placeholder from `values` (keys as in `placeholders`); extra keys are ignored.

    Returns every problem at once; a message with a missing, misfitting or too long value is never built.
    """
    parameters: dict[str, Parameter] = {}
    problems = [_unsupported(kind) for kind in template.unknown]
    for hole in placeholders(template):
        accepted = _accepted(hole, values)
        if isinstance(accepted, FillProblem):
            problems.append(accepted)
        elif accepted is not None:
            parameters[hole.key] = accepted
    if problems:
        return problems
    filled = _filled(template, parameters)
    return list(_too_long(template, filled)) or filled


def _unsupported(kind: str) -> FillProblem:
    return FillProblem(FillReason.UNSUPPORTED, kind, Wording("şablon", "template"))


def _accepted(hole: Placeholder, values: Mapping[str, Value]) -> Parameter | FillProblem | None:
    value = values.get(hole.key)
    if value is None:
        return FillProblem(FillReason.MISSING, hole.key, hole.place) if hole.required else None
    return accept(hole, value)


def _filled(template: Template, parameters: Mapping[str, Parameter]) -> Filled:
    header = template.header
    return Filled(
        name=template.name,
        language=template.language,
        components=list(_components(template, parameters)),
        header=_hydrated(header.text, "header", parameters) if header and header.text else "",
        body=_code_body(template, parameters) or _hydrated(template.body, "", parameters),
        urls=_urls(template.buttons, "button.", parameters),
        cards=tuple(
            FilledCard(
                _hydrated(card.body, f"card.{index}.", parameters) if card.body else "",
                _urls(card.buttons, f"card.{index}.button.", parameters),
            )
            for index, card in enumerate(template.cards)
        ),
    )


def _code_body(template: Template, parameters: Mapping[str, Parameter]) -> str:
    if not template.carries_a_code:
        return ""
    return HOLE.sub(parameters["code"]["text"], template.body.text) or parameters["code"]["text"]


def _hydrated(text: Text, prefix: str, parameters: Mapping[str, Parameter]) -> str:
    return text.filled({hole: _shown(parameters[text_key(prefix, hole)]) for hole in text.holes})


def _shown(parameter: Parameter) -> str:
    return str(parameter["text"] if "text" in parameter else parameter["currency"]["fallback_value"])


def _urls(buttons: tuple[Button, ...], prefix: str, parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    return tuple(_opened(button, parameters.get(f"{prefix}{index}")) for index, button in enumerate(buttons))


def _opened(button: Button, suffix: Parameter | None) -> str:
    if button.kind is not ButtonKind.URL:
        return ""
    return HOLE.sub(suffix["text"], button.url) if suffix else button.url


def _components(template: Template, parameters: Mapping[str, Parameter]) -> Iterator[Component]:
    named = template.parameter_format is ParameterFormat.NAMED
    yield from _header(template.header, "header", parameters, named)
    if template.carries_a_code:
        yield {"type": "body", "parameters": [parameters["code"]]}
        yield {"type": "button", "sub_type": "url", "index": 0, "parameters": [parameters["code"]]}
        return
    yield from _body(template.body, "", parameters, named)
    if "offer.expires" in parameters:
        yield {"type": "limited_time_offer", "parameters": [parameters["offer.expires"]]}
    if template.cards:
        yield {"type": "carousel", "cards": list(_cards(template, parameters, named))}
    yield from _buttons(template.buttons, "button.", parameters)


def _header(header: Header | None, key: str, parameters: Mapping[str, Parameter], named: bool) -> Iterator[Component]:
    if header and header.text and header.text.holes:
        yield {"type": "header", "parameters": _of_text(header.text, key, parameters, named)}
    elif key in parameters:
        yield {"type": "header", "parameters": [parameters[key]]}


def _body(text: Text, prefix: str, parameters: Mapping[str, Parameter], named: bool) -> Iterator[Component]:
    if text.holes:
        yield {"type": "body", "parameters": _of_text(text, prefix, parameters, named)}


def _of_text(text: Text, prefix: str, parameters: Mapping[str, Parameter], named: bool) -> list[Parameter]:
    """Positional parameters go in the order of their numbers, whatever order the sentence has."""
    if not named:
        return [parameters[text_key(prefix, hole)] for hole in sorted(text.holes, key=int)]
    return [{**parameters[text_key(prefix, hole)], "parameter_name": hole} for hole in text.holes]


def _cards(template: Template, parameters: Mapping[str, Parameter], named: bool) -> Iterator[Component]:
    for index, card in enumerate(template.cards):
        components = [
            *_header(card.header, f"card.{index}.header", parameters, named),
            *(_body(card.body, f"card.{index}.", parameters, named) if card.body else ()),
            *_buttons(card.buttons, f"card.{index}.button.", parameters),
        ]
        yield {"card_index": index, "components": components}


def _buttons(buttons: tuple[Button, ...], prefix: str, parameters: Mapping[str, Parameter]) -> Iterator[Component]:
    for index, button in enumerate(buttons):
        parameter = parameters.get(f"{prefix}{index}") or _by_itself(button)
        if parameter:
            sub_type = button.kind.value.lower()
            yield {"type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter]}


def _by_itself(button: Button) -> Parameter | None:
    """What a button sends when the campaign says nothing: opt-out buttons always carry our own payload."""
    if is_stop_button(button):
        return {"type": "payload", "payload": STOP_PAYLOAD}
    if button.kind is ButtonKind.FLOW:
        return {"type": "action", "action": {"flow_token": "unused"}}  # Meta's own default
    return None


_HEADER, _BODY = Wording("başlık", "header"), Wording("gövde", "body")


def _too_long(template: Template, filled: Filled) -> Iterator[FillProblem]:
    body_most = OFFER_BODY_CHARS_MAX if template.offer else BODY_CHARS_MAX
    yield from _over("header", _HEADER, filled.header, HEADER_CHARS_MAX)
    yield from _over("body", _BODY, filled.body, body_most)
    yield from _long_urls("button.", filled.urls)
    for index, card in enumerate(filled.cards):
        place = Wording(f"{index + 1}. kartın gövdesi", f"body of card {index + 1}")
        yield from _over(f"card.{index}.body", place, card.body, CARD_BODY_CHARS_MAX)
        yield from _long_urls(f"card.{index}.button.", card.urls)


def _long_urls(prefix: str, urls: tuple[str, ...]) -> Iterator[FillProblem]:
    for index, url in enumerate(urls):
        if len(url) > URL_CHARS_MAX:  # a link is ASCII by now
            place = Wording(f"{index + 1}. düğmenin bağlantısı", f"link of button {index + 1}")
            yield FillProblem(FillReason.TOO_LONG, f"{prefix}{index}", place, len(url), URL_CHARS_MAX)


def _over(key: str, place: Wording, text: str, most: int) -> Iterator[FillProblem]:
    if (length := chars(text)) > most:
        yield FillProblem(FillReason.TOO_LONG, key, place, length, most)
