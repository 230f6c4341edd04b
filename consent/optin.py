"""Double opt-in: asking once, and what counts as the answer.

A request is bound to one subject, one purpose and one version of one text. Its code is shown once and kept only as a
digest. The rules are section 3.2 of reference/consent.md: 48 hours (a week at most), single use, void after five wrong
codes, one request of ours per number and purpose in 30 days, none after a refusal, and never a reminder.
Nothing here rolls dice or looks at a clock: random bytes and the moment are arguments.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote

from consent.events import TextRef
from consent.standing import ASK_AGAIN_AFTER, REQUEST_LIFETIME, REQUEST_LIFETIME_MAX, Standings, State

TOKEN_BYTES = 9
"""Random bytes behind one code: 65 of their 72 bits are used."""

CODE_LENGTH = 13
WRONG_CODES_MAX = 5
INVITATION_LIFETIME_MAX = timedelta(days=366)
"""A code on a poster is not a question to one person: its answer is the person's own message, days or months later."""
CONFIRM_WORD = "ONAY"

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I, L, O or U to be misread
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "İ": "1", "ı": "1", "|": "1"})
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—−_.·]+")
_CODE_SHAPED = re.compile(r"(?<!\w)\w{5}[-‐‑‒–—−\s]?\w{5}[-‐‑‒–—−\s]?\w{3}(?!\w)")


class Mode(StrEnum):
    """How the person is asked: by their own message with a code, by our template, or by a link on a web page."""

    INBOUND_CODE = "inbound_code"
    OUTBOUND_TEMPLATE = "outbound_template"
    WEB_LINK = "web_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A question to one person. `subject` is None until a code that was shown to a stranger comes back from somebody.

    `digest` is of the code; `wrong` counts wrong codes; `answered_at` is set by the first answer that counts. A
    `reusable` request is an invitation to everybody who reads it in a shop: no answer uses it up.
    """

    subject: str | None
    purpose: str
    text: TextRef
    mode: Mode
    source: str
    digest: str
    asked_at: datetime
    expires_at: datetime
    wrong: int = 0
    reusable: bool = False
    answered_at: datetime | None = None

    @property
    def void(self) -> bool:
        return self.wrong >= WRONG_CODES_MAX

    def open_at(self, now: datetime) -> bool:
        return self.answered_at is None and not self.void and now < self.expires_at


def ask(
    *,
    token: bytes,
    subject: str | None,
    purpose: str,
    text: TextRef,
    mode: Mode,
    source: str,
    now: datetime,
    lifetime: timedelta = REQUEST_LIFETIME,
    reusable: bool = False,
) -> tuple[Request, str]:
    """A new request and its code as the person will see it. Keep the request; show the code and forget it.

    `token` is at least TOKEN_BYTES of fresh randomness. Raises ValueError on a short token, on a lifetime that is not
    between zero and seven days (a year for a reusable one), or when a reusable one is bound to a person.
    """
    longest = INVITATION_LIFETIME_MAX if reusable else REQUEST_LIFETIME_MAX
    if not timedelta() < lifetime <= longest:
        raise ValueError(f"a request lives for at most {longest.days} days, not {lifetime}")
    if reusable and (subject is not None or mode is not Mode.INBOUND_CODE):
        raise ValueError("an invitation to everybody is a code that people send themselves, and belongs to nobody")
    code = code_from(token)
    request = Request(
        subject=subject,
        purpose=purpose,
        text=text,
        mode=mode,
        source=source,
        digest=digest_of(code),
        asked_at=now,
        expires_at=now + lifetime,
        reusable=reusable,
    )
    return request, code


def code_from(token: bytes) -> str:
    """Thirteen letters in groups, such as 7F3K9-QW2M8-XPT: 65 bits. Raises ValueError on a token that is too short."""
    if len(token) < TOKEN_BYTES:
        raise ValueError(f"a code needs {TOKEN_BYTES} random bytes, got {len(token)}")
    number = int.from_bytes(token[:TOKEN_BYTES], "big") >> (TOKEN_BYTES * 8 - CODE_LENGTH * 5)
    letters = "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(CODE_LENGTH)))
    return f"{letters[:5]}-{letters[5:10]}-{letters[10:]}"


def plain_code(text: str) -> str | None:
    """The thirteen letters of a code however it was typed, or None when this cannot be one."""
    letters = _SEPARATORS.sub("", text).translate(_MISREAD).upper().translate(_MISREAD)
    return letters if len(letters) == CODE_LENGTH and set(letters) <= set(_ALPHABET) else None


def digest_of(code: str) -> str:
    """What is kept of a code, hex. Raises ValueError when it is not a code."""
    letters = plain_code(code)
    if letters is None:
        raise ValueError(f"a code has {CODE_LENGTH} letters and digits")
    return hashlib.sha256(b"consent-code/1\n" + letters.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Said:
    """What a person answered. `code` is as it was written, right or wrong; None when they only said yes or no."""

    yes: bool
    code: str | None = None


def find_code(text: str) -> str | None:
    """The code in a message such as "onay 7f3k9-qw2m8-xpt", as plain letters; a message may be nothing but the code."""
    upper = text.replace("ı", "i").upper()
    _, word, rest = upper.partition(CONFIRM_WORD)
    for found in _CODE_SHAPED.finditer(rest if word else upper):
        letters = plain_code(found.group())
        # Without the word, thirteen letters in a row are more often three words ("hello world foo") than a code.
        if letters is not None and (word or any(letter.isdigit() for letter in found.group())):
            return letters
    return None


def read_text(text: str) -> Said | None:
    """A typed answer that carries a code; None when there is no code in it."""
    code = find_code(text)
    return None if code is None else Said(yes=True, code=code)


def read_payload(payload: str) -> Said | None:
    """The answer in a button's payload; None when the payload is not one of ours."""
    match payload.split(":", 2):
        case ["optin", "yes" | "no" as word, code]:
            return Said(word == "yes", code)
    return None


def yes_payload(code: str) -> str:
    return f"optin:yes:{code}"


def no_payload(code: str) -> str:
    return f"optin:no:{code}"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The request, answered and bound to who answered it: write `confirmed`."""

    request: Request


@dataclass(frozen=True, slots=True)
class Declined:
    """Write `declined`. A no counts whenever it comes, and needs no code."""

    request: Request


@dataclass(frozen=True, slots=True)
class Late:
    """The deadline had passed: tell the person how to start again."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Not this request's code. Keep `request`: it counts the attempt; `left` attempts remain."""

    request: Request
    left: int


@dataclass(frozen=True, slots=True)
class Void:
    """Too many wrong codes; only a new request helps. Keep `request`."""

    request: Request


@dataclass(frozen=True, slots=True)
class AlreadyUsed:
    answered_at: datetime


Answer = Confirmed | Declined | Late | Wrong | Void | AlreadyUsed


def answer(request: Request, said: Said, subject: str, now: datetime) -> Answer:
    """What an answer of `subject` to this request amounts to at `now`, when the person acted.

    A plain yes without a code counts only for a template that we sent to that very person.
    """
    stranger = request.subject is not None and request.subject != subject
    if not said.yes and not stranger:
        return Declined(_answered(request, subject, now))
    if request.answered_at is not None:
        return AlreadyUsed(request.answered_at)
    if request.void:
        return Void(request)
    if now >= request.expires_at:
        return Late()
    if stranger or not _fits(request, said):
        return _missed(replace(request, wrong=request.wrong + 1))
    return Confirmed(_answered(request, subject, now))


def _answered(request: Request, subject: str, now: datetime) -> Request:
    if request.reusable:
        return request
    return replace(request, subject=subject, answered_at=request.answered_at or now)


def _fits(request: Request, said: Said) -> bool:
    if said.code is None:
        return request.mode is Mode.OUTBOUND_TEMPLATE and request.subject is not None
    letters = plain_code(said.code)
    return letters is not None and hmac.compare_digest(request.digest, digest_of(letters))


def _missed(request: Request) -> Wrong | Void:
    return Void(request) if request.void else Wrong(request, WRONG_CODES_MAX - request.wrong)


class NoRequest(StrEnum):
    """Why nobody may be asked now."""

    REFUSED = "refused"
    SILENCED = "silenced"
    GRANTED = "granted"
    OPEN = "open"
    ON_HOLD = "on_hold"
    RECENT = "recent"


@dataclass(frozen=True, slots=True)
class MayAsk:
    pass


@dataclass(frozen=True, slots=True)
class MayNotAsk:
    """`from_` is the earliest moment at which asking is allowed; None when only the person can change that."""

    reason: NoRequest
    from_: datetime | None = None

    def sentence(self, locale: str = "en") -> str:
        english, turkish = NO_REQUEST[self.reason]
        return turkish if locale.lower().startswith("tr") else english


def may_request(
    standings: Standings,
    purpose: str,
    now: datetime,
    *,
    mode: Mode = Mode.OUTBOUND_TEMPLATE,
    sent_before: Iterable[datetime] = (),
    person_initiated: bool = False,
) -> MayAsk | MayNotAsk:
    """Whether a request for `purpose` may go out to this person now.

    `sent_before` are the moments of our earlier outbound requests to this number for this purpose, answered or not.
    They count only when this one is outbound too: showing a code or a link sends nothing.
    `person_initiated`: the person has just typed the number or written to us, and asks to join.
    """
    standing = standings.of(purpose).at(now)
    if standings.erased or standing.state is State.ERASED:
        return MayNotAsk(NoRequest.SILENCED)
    if standing.state in _NOT_NOW:
        return MayNotAsk(_NOT_NOW[standing.state], standing.deadline)
    if not person_initiated and standings.suppressed:
        return MayNotAsk(NoRequest.SILENCED)
    if not person_initiated and standing.refused:
        return MayNotAsk(NoRequest.REFUSED)
    moments = list(sent_before) if mode is Mode.OUTBOUND_TEMPLATE else []
    if standing.state is State.LAPSED and standing.since is not None and not person_initiated:
        moments.append(standing.since)
    free = max(moments, default=now - ASK_AGAIN_AFTER) + ASK_AGAIN_AFTER
    return MayAsk() if now >= free else MayNotAsk(NoRequest.RECENT, free)


_NOT_NOW = {
    State.GRANTED: NoRequest.GRANTED,
    State.PENDING: NoRequest.OPEN,
    State.PAUSED: NoRequest.ON_HOLD,
}


NO_REQUEST: dict[NoRequest, tuple[str, str]] = {
    NoRequest.REFUSED: (
        "This person has refused; only the person can ask to join again.",
        "Bu kişi reddetti; yeniden katılmayı yalnızca kendisi isteyebilir.",
    ),
    NoRequest.SILENCED: (
        "This person wants no messages at all, so none asks for consent either.",
        "Bu kişi hiçbir ileti istemiyor; onay isteyen ileti de gönderilmez.",
    ),
    NoRequest.GRANTED: ("This person has consented already.", "Bu kişi zaten onay verdi."),
    NoRequest.OPEN: (
        "This person has been asked and may still answer; no reminder is sent.",
        "Bu kişiye soruldu, yanıt süresi sürüyor; hatırlatma gönderilmez.",
    ),
    NoRequest.ON_HOLD: (
        "This person's consent is on hold until somebody has read what the person wrote.",
        "Kişinin yazdığı okunana kadar onayı beklemede.",
    ),
    NoRequest.RECENT: (
        "This person was asked within the last 30 days.",
        "Bu kişiye son 30 gün içinde soruldu.",
    ),
}


def wa_me_link(number: str, code: str, word: str = CONFIRM_WORD) -> str:
    """The link that opens WhatsApp with "ONAY <code>" typed in, to our `number` (E.164, with or without its plus).

    Raises ValueError when the number is not E.164.
    """
    digits = number.removeprefix("+")
    if not re.fullmatch(r"[1-9][0-9]{6,14}", digits):
        raise ValueError(f"a wa.me link needs our number in full, such as +905550000000; got {number!r}")
    return f"https://wa.me/{digits}?text={quote(f'{word} {code}')}"
