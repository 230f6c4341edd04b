"""What people in the practice world do when a message reaches them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

DICE_SIDES = 1 << 32


class OnConfirmation(StrEnum):
    """The answer to a request to confirm: a utility template with quick replies."""

    PRESS_BUTTON = "press_button"
    WRITE_CODE = "write_code"
    DECLINE = "decline"
    IGNORE = "ignore"


class OnMarketing(StrEnum):
    """The answer to a marketing template. The last five are Meta's doing, not the person's."""

    READ = "read"
    DELIVER_ONLY = "deliver_only"
    CLICK = "click"
    STOP_WORD = "stop_word"
    STOP_SENTENCE = "stop_sentence"
    STOP_BUTTON = "stop_button"
    PLATFORM_STOP = "platform_stop"
    UNREACHABLE = "unreachable"
    REFUSE_131050 = "refuse_131050"
    NOT_ON_WHATSAPP = "not_on_whatsapp"
    PER_USER_LIMIT = "per_user_limit"
    EXPERIMENT = "experiment"


FAILURES: Mapping[OnMarketing, int] = {
    OnMarketing.REFUSE_131050: 131050,
    OnMarketing.NOT_ON_WHATSAPP: 131026,
    OnMarketing.PER_USER_LIMIT: 131049,
    OnMarketing.EXPERIMENT: 130472,
}

CONFIRMATION_SHARES: Mapping[str, float] = {
    OnConfirmation.PRESS_BUTTON.value: 0.5,
    OnConfirmation.WRITE_CODE.value: 0.2,
    OnConfirmation.DECLINE.value: 0.1,
    OnConfirmation.IGNORE.value: 0.2,
}
MARKETING_SHARES: Mapping[str, float] = {
    OnMarketing.READ.value: 0.6,
    OnMarketing.DELIVER_ONLY.value: 0.22,
    OnMarketing.CLICK.value: 0.08,
    OnMarketing.STOP_WORD.value: 0.01,
    OnMarketing.STOP_SENTENCE.value: 0.01,
    OnMarketing.STOP_BUTTON.value: 0.01,
    OnMarketing.PLATFORM_STOP.value: 0.01,
    OnMarketing.UNREACHABLE.value: 0.02,
    OnMarketing.REFUSE_131050.value: 0.01,
    OnMarketing.NOT_ON_WHATSAPP.value: 0.02,
    OnMarketing.PER_USER_LIMIT.value: 0.01,
}

STOP_WORDS: Mapping[str, tuple[str, ...]] = {
    "tr": ("dur", "DUR", "iptal", "STOP", "ret", "çık"),
    "en": ("stop", "STOP", "Unsubscribe", "stop all", "cancel"),
}
STOP_SENTENCES: Mapping[str, tuple[str, ...]] = {
    "tr": (
        "Lütfen bana bir daha mesaj atmayın",
        "artık mesaj istemiyorum",
        "Beni listenizden çıkarın lütfen",
        "bu numaraya reklam göndermeyin",
    ),
    "en": (
        "please stop sending me these messages",
        "I don't want to receive any more messages",
        "take me off your list please",
        "do not text me again",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """One person. `words` replaces the text of a stop; `reply_delay_ms` the world's own span."""

    on_confirmation: OnConfirmation = OnConfirmation.PRESS_BUTTON
    on_marketing: OnMarketing = OnMarketing.READ
    name: str = ""
    username: str = ""
    words: str = ""
    language: str = ""
    phone_visible: bool = True
    reply_delay_ms: tuple[int, int] | None = None


def roll(seed: int, what: str, key: str) -> float:
    """A number in [0, 1) that is always the same for the same world, question and person."""
    digest = hashlib.blake2b(f"{seed}:{what}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "big") / DICE_SIDES


def choose(shares: Mapping[str, float], rolled: float) -> str:
    """The first name whose share, added to those before it, exceeds the roll."""
    total = 0.0
    for name, share in shares.items():
        total += share
        if rolled < total:
            return name
    return max(shares, key=lambda name: shares[name])


def pick(choices: tuple[str, ...], rolled: float) -> str:
    return choices[int(rolled * len(choices))]


def stop_text(habits: Habits, language: str, rolled: float) -> str:
    """What a person who writes says: their own words, else one of this language's, chosen by the roll."""
    if habits.words:
        return habits.words
    source = STOP_SENTENCES if habits.on_marketing is OnMarketing.STOP_SENTENCE else STOP_WORDS
    return pick(source.get(habits.language or language[:2], source["en"]), rolled)
