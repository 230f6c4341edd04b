"""A template in a file against the same template at Meta: where they differ, place by place.

Samples are left out: they help a reviewer once, and Meta gives media samples back under other names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.core.template.definition import Button, ButtonKind, Card, Header, Template
from gateway.core.template.findings import BODY, FOOTER, HEADER, OFFER, button_place, card_place
from gateway.core.wording import Wording

_META_ADDS = frozenset({"otp_type", "flow_json", "navigate_screen", "flow_action", "zero_tap_terms_accepted"})
"""Button keys that Meta fills in or takes away; a difference in them is nobody's edit."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`mine` is the file's text at this place, `theirs` Meta's; empty where one has nothing there."""

    place: Wording
    mine: str
    theirs: str

    def say(self, language: str = "en") -> list[str]:
        lines = [f"{self.place.say(language)}:"]
        lines += [f"  - {line}" for line in self.theirs.splitlines()]
        return lines + [f"  + {line}" for line in self.mine.splitlines()]


def differences(mine: Template, theirs: Template) -> list[Difference]:
    """In the order of the phone's screen; empty when a push would change nothing."""
    ours, metas = dict(_parts(mine)), dict(_parts(theirs))
    places = [*ours, *(place for place in metas if place not in ours)]
    pairs = ((place, ours.get(place, ""), metas.get(place, "")) for place in places)
    return [Difference(place, one, other) for place, one, other in pairs if one != other]


_CATEGORY = Wording("kategori", "category")
_LIFE = Wording("yaşam süresi", "time to live")


def _parts(template: Template) -> Iterator[tuple[Wording, str]]:
    yield _CATEGORY, template.category.value
    yield _LIFE, "" if template.ttl_seconds is None else f"{template.ttl_seconds} s"
    yield HEADER, _header(template.header)
    yield OFFER, f"{template.offer.text} {template.offer.has_expiration}" if template.offer else ""
    yield BODY, _code_body(template) if template.carries_a_code else template.body.text
    for index, card in enumerate(template.cards):
        yield card_place(index), _card(card)
    yield FOOTER, _footer(template)
    for index, button in enumerate(template.buttons):
        yield button_place(index, ""), _button(button)


def _code_body(template: Template) -> str:
    """Meta writes the words; whether it adds the warning is all that we say."""
    return "code, with a warning" if template.security_recommendation else "code"


def _footer(template: Template) -> str:
    minutes = template.code_expiration_minutes
    return template.footer if minutes is None else f"{minutes} min"


def _header(header: Header | None) -> str:
    if header is None:
        return ""
    return header.text.text if header.text else header.format.value.lower()


def _card(card: Card) -> str:
    return "\n".join([_header(card.header), card.body.text if card.body else "", *map(_button, card.buttons)])


def _button(button: Button) -> str:
    if button.kind is ButtonKind.OTP:  # its address is Meta's own
        return f"{button.kind.value.lower()} {button.text}".strip()
    known: Mapping[str, Any] = {key: value for key, value in button.rest.items() if key not in _META_ADDS}
    rest = json.dumps(known, ensure_ascii=False, sort_keys=True) if known else ""
    said = (button.kind.value.lower(), button.text, button.url, button.phone_number.removeprefix("+"), rest)
    return " ".join(part for part in said if part)
