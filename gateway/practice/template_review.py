"""What Meta's review says to a template. Limits: components and template-review pages (2025-12 copies)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.practice.refusals import Refusal
from gateway.practice.templates import variables

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,4})?")
_EDGE = re.compile(r"^\s*\{\{[^}]*\}\}|\{\{[^}]*\}\}\s*$")
_NEIGHBOURS = re.compile(r"\}\}\s*\{\{")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
CHARS_MAX = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
BUTTON_CHARS_MAX = 25
BUTTONS_MAX = 10
FEW_OF_A_KIND = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}


def wrong_form(raw: Any) -> Refusal | None:
    """Why this cannot be a template at all."""
    if not isinstance(raw, Mapping):
        return Refusal(100, "The body must be a JSON object.")
    if not isinstance(raw.get("name"), str) or not _NAME.fullmatch(raw["name"]):
        return Refusal(100, "name: lower-case letters, digits and underscores only.")
    if not isinstance(raw.get("language"), str) or not _LANGUAGE.fullmatch(raw["language"]):
        return Refusal(100, "language: a code such as tr or en_US.")
    if str(raw.get("category", "")).upper() not in CATEGORIES:
        return Refusal(100, f"category must be one of {', '.join(CATEGORIES)}.")
    return wrong_components(raw.get("components"), one_time=str(raw["category"]).upper() == "AUTHENTICATION")


def wrong_components(components: Any, *, one_time: bool = False) -> Refusal | None:
    if not isinstance(components, list) or not all(isinstance(part, Mapping) for part in components):
        return Refusal(100, "components must be a list of objects.")
    kinds = [str(part.get("type", "")).upper() for part in components]
    if "BODY" not in kinds or len(set(kinds)) != len(kinds):
        return Refusal(100, "A template needs one BODY, and each component at most once.")
    if one_time:
        return None
    for kind, part in zip(kinds, components, strict=True):
        if problem := _wrong_part(kind, part):
            return problem
    return None


def _wrong_part(kind: str, part: Mapping[str, Any]) -> Refusal | None:
    if kind == "BUTTONS":
        return _wrong_buttons(part.get("buttons"))
    text = part.get("text", "")
    if kind == "BODY" and not text:
        return Refusal(100, "BODY: the text is missing.", 2388043)
    if len(text) > CHARS_MAX.get(kind, len(text)):
        return Refusal(100, f"{kind}: {len(text)} characters, at most {CHARS_MAX[kind]} are allowed.", 2388040)
    if kind == "BODY" and _EDGE.search(text):
        return Refusal(100, "BODY: a variable must not stand first or last.", 2388299)
    if kind == "HEADER" and len(variables(text)) > 1:
        return Refusal(100, "HEADER: at most one variable.", 2388047)
    return _wrong_variables(kind, text)


def _wrong_variables(kind: str, text: str) -> Refusal | None:
    numbers = [name for name in variables(text) if name.isdigit()]
    if numbers and numbers != [str(place) for place in range(1, len(numbers) + 1)]:
        return Refusal(100, f"{kind}: positional variables must run from {{{{1}}}} without a gap.", 2388072)
    if any(name != name.lower() for name in variables(text)):
        return Refusal(100, f"{kind}: named variables are lower-case letters, digits and underscores.", 2388072)
    return None


def _wrong_buttons(buttons: Any) -> Refusal | None:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= BUTTONS_MAX:
        return Refusal(100, f"BUTTONS: between 1 and {BUTTONS_MAX} buttons.")
    kinds = [str(button.get("type", "")).upper() for button in buttons]
    for kind, most in FEW_OF_A_KIND.items():
        if kinds.count(kind) > most:
            return Refusal(100, f"BUTTONS: at most {most} of type {kind}.")
    if any(len(str(button.get("text", ""))) > BUTTON_CHARS_MAX for button in buttons):
        return Refusal(100, f"BUTTONS: a label has at most {BUTTON_CHARS_MAX} characters.", 2388040)
    quick = [place for place, kind in enumerate(kinds) if kind == "QUICK_REPLY"]
    if quick and quick[-1] - quick[0] + 1 != len(quick):
        return Refusal(100, "BUTTONS: quick replies must stand together.")
    return None


def rejection(components: list[dict[str, Any]], *, one_time: bool) -> str:
    """Why a reviewer would reject a well-formed template, as the webhook's `rejection_info.reason`; empty if not."""
    for part in () if one_time else components:
        text = part.get("text", "")
        if _NEIGHBOURS.search(text):
            return "Your template has parameters placed next to each other without text or punctuation between them."
        if variables(text) and not part.get("example"):
            return "Your template has parameters without a sample."
    return ""
