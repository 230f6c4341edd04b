"""Consent texts: the exact words that a person was shown, by version and language.

A text never changes: another wording is another version. An event points to a text by id, version, locale and digest,
so the words can be proved years later. What holds for every consent given under a text (who is the controller, which
purposes and channels, how to withdraw) is part of the text and not repeated in each event.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from consent.events import Purpose, TextRef, canonical_json

TEXT_SCHEMA = "consent-text/1"
TEXT_PREFIX = b"consent-text/1\n"
CHANNELS = frozenset({"whatsapp", "sms", "email", "voice"})
BODY_LENGTH_MAX = 20_000

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
_LOCALE = re.compile(r"[a-z]{2,3}([_-][A-Z]{2})?")
_CUSTOM_PURPOSE = re.compile(r"custom:[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """One wording in one language. `body` is what was shown; `withdrawal` is the line that says how to leave.

    `controller` names the firm as the law wants it (trade name; in Turkey with the MERSİS number). `valid_from` is
    the first day on which it may be shown. `purposes` and `channels` are what a consent under this text may cover.
    """

    id: str
    version: str
    locale: str
    body: str
    purposes: tuple[str, ...]
    channels: tuple[str, ...]
    controller: str
    withdrawal: str
    valid_from: date
    policy_url: str = ""

    @property
    def digest(self) -> str:
        """sha256("consent-text/1\\n" || canonical bytes), hex."""
        return hashlib.sha256(TEXT_PREFIX + canonical_text(self)).hexdigest()

    @property
    def ref(self) -> TextRef:
        return TextRef(self.id, self.version, self.locale, self.digest)

    def covers(self, purpose: str, channel: str = "whatsapp") -> bool:
        return purpose in self.purposes and channel in self.channels


@dataclass(frozen=True, slots=True)
class TextProblem:
    """What is wrong with a text, in which field, and what to do."""

    field: str
    sentence: str


def text_mapping(text: ConsentText) -> dict[str, Any]:
    """The text as JSON; the fields and their order of sorting are docs/formats/ledger.md, section 4."""
    return {
        "body": _nfc(text.body),
        "channels": sorted(text.channels),
        "controller": _nfc(text.controller),
        "id": text.id,
        "locale": text.locale,
        "policy_url": text.policy_url,
        "purposes": sorted(text.purposes),
        "schema": TEXT_SCHEMA,
        "valid_from": text.valid_from.isoformat(),
        "version": text.version,
        "withdrawal": _nfc(text.withdrawal),
    }


def text_from(body: Mapping[str, Any]) -> ConsentText:
    """The text that `text_mapping` wrote. Raises KeyError or ValueError on anything else."""
    if body["schema"] != TEXT_SCHEMA:
        raise ValueError(f"unknown text schema {body['schema']!r}")
    return ConsentText(
        id=body["id"],
        version=body["version"],
        locale=body["locale"],
        body=body["body"],
        purposes=tuple(body["purposes"]),
        channels=tuple(body["channels"]),
        controller=body["controller"],
        withdrawal=body["withdrawal"],
        valid_from=date.fromisoformat(body["valid_from"]),
        policy_url=body["policy_url"],
    )


def canonical_text(text: ConsentText) -> bytes:
    """The bytes that are hashed: RFC 8785 over strings and lists of strings, NFC, lines ending in LF."""
    return canonical_json(text_mapping(text))


def _nfc(words: str) -> str:
    return unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n"))


def problems_of(text: ConsentText) -> list[TextProblem]:
    """Everything that keeps a text from being used, in words; an empty list when it is good."""
    found = [
        *_problems_of_names(text),
        *_problems_of_words(text),
        *_problems_of_scope(text),
    ]
    return [TextProblem(field, sentence) for field, sentence in found]


def _problems_of_names(text: ConsentText) -> list[tuple[str, str]]:
    found = []
    if not _ID.fullmatch(text.id):
        found.append(("id", f"{text.id!r} cannot be an id; use small letters, digits, - and _, such as newsletter"))
    if not _VERSION.fullmatch(text.version):
        found.append(("version", f"{text.version!r} cannot be a version; use letters, digits and dots, such as 2026.1"))
    if not _LOCALE.fullmatch(text.locale):
        found.append(("locale", f"{text.locale!r} is no language code; write it as tr, en or pt-BR"))
    return found


def _problems_of_words(text: ConsentText) -> list[tuple[str, str]]:
    found = []
    if not text.body.strip():
        found.append(("body", "the text is empty; write down the words that people are shown"))
    if len(text.body) > BODY_LENGTH_MAX:
        found.append(("body", f"the text has {len(text.body)} letters; {BODY_LENGTH_MAX} is the most that is kept"))
    if not text.controller.strip():
        found.append(("controller", "say who asks for consent: the trade name, in Turkey with the MERSİS number"))
    if not text.withdrawal.strip():
        found.append(("withdrawal", "say how to withdraw, as easily as consenting, such as: write STOP at any time"))
    if text.policy_url and not text.policy_url.startswith("https://"):
        found.append(("policy_url", f"{text.policy_url!r} is no https address; give the whole address or leave it out"))
    unseen = [field for field in ("body", "controller", "withdrawal") if _has_unseen(getattr(text, field))]
    found += [(field, "there are control characters in it that nobody can see; remove them") for field in unseen]
    return found


def _has_unseen(words: str) -> bool:
    return any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\r\n\t" for one in words)


def _problems_of_scope(text: ConsentText) -> list[tuple[str, str]]:
    found = []
    if not text.purposes:
        found.append(("purposes", "name at least one purpose, such as marketing"))
    odd = [one for one in text.purposes if one not in set(Purpose) and not _CUSTOM_PURPOSE.fullmatch(one)]
    found += [("purposes", f"{one!r} is no purpose; use {', '.join(Purpose)} or custom:<name>") for one in odd]
    if not text.channels:
        found.append(("channels", "name at least one channel, such as whatsapp"))
    known = ", ".join(sorted(CHANNELS))
    unknown = [channel for channel in text.channels if channel not in CHANNELS]
    found += [("channels", f"{channel!r} is no channel; use one of {known}") for channel in unknown]
    for field, values in (("purposes", text.purposes), ("channels", text.channels)):
        if len(set(values)) != len(values):
            found.append((field, "one is named twice; name each once"))
    return found
