"""The people of the practice world: their habits, their identifiers, and what they have said to the business.

A person is known by a key: the phone number in digits, or the business-scoped user id if nobody knows their phone.
A user id can be worked out from the phone and back, so a million people need no memory until they speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from gateway.practice.habits import Habits, OnConfirmation, OnMarketing, choose, roll
from gateway.practice.settings import PracticeProblem

SERVICE_WINDOW_S = 24 * 3600
_MODULUS = (1 << 61) - 1  # prime, above every E.164 number
_FACTOR = 1_111_111_111_111_111_111
_INVERSE = pow(_FACTOR, -1, _MODULUS)
_SHIFT = 10**18  # keeps every user id 19 digits long


class Recipient(NamedTuple):
    """Whom a message is for. `phone` is empty when only the user id is known."""

    key: str
    phone: str
    user_id: str


def user_id_of(phone: str) -> str:
    """The user id of a phone number's owner, such as TR.1345...: two letters, a dot, 19 digits."""
    return f"{_region(phone)}.{int(phone) * _FACTOR % _MODULUS + _SHIFT}"


def phone_of(user_id: str) -> str:
    """The phone number behind a user id that `user_id_of` made, or nothing."""
    digits = user_id.rsplit(".", 1)[-1]
    if not digits.isdigit() or len(digits) != 19:
        return ""
    phone = str((int(digits) - _SHIFT) * _INVERSE % _MODULUS)
    return phone if 7 <= len(phone) <= 15 and user_id_of(phone) == user_id else ""


def _region(phone: str) -> str:
    for length in (1, 2, 3):
        if regions := COUNTRY_CODE_TO_REGION_CODE.get(int(phone[:length])):
            return regions[0] if regions[0].isalpha() else "US"
    return "US"


@dataclass(slots=True)
class People:
    seed: int
    on_confirmation: Mapping[str, float]
    on_marketing: Mapping[str, float]
    stopped: set[str] = field(default_factory=set)
    _habits: dict[str, Habits] = field(default_factory=dict)
    _user_ids: dict[str, str] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _windows: dict[tuple[str, str], float] = field(default_factory=dict)

    def habits(self, key: str) -> Habits:
        """What this person was told to do, or what the dice of this world give them, always the same."""
        return self._habits.get(key) or _dealt(
            choose(self.on_confirmation, roll(self.seed, "confirmation", key)),
            choose(self.on_marketing, roll(self.seed, "marketing", key)),
        )

    def register(self, raw: Mapping[str, Any]) -> str:
        """Give one person habits; the answer is the person's key. Raises PracticeProblem in words."""
        phone, user_id = digits(str(raw.get("phone") or "")), str(raw.get("user_id") or "")
        key = phone or user_id
        if not key:
            raise PracticeProblem(["A person needs a phone or a user_id."])
        self._habits[key] = _habits(raw)
        if phone and user_id:
            self._user_ids[phone], self._keys[user_id] = user_id, phone
        return key

    def recipient(self, phone: str, user_id: str) -> Recipient:
        """The person behind a phone number in digits or, without one, a user id."""
        if phone:
            return Recipient(phone, phone, self._user_ids.get(phone) or user_id_of(phone))
        known = self._keys.get(user_id) or phone_of(user_id)
        return Recipient(known or user_id, known, user_id)

    def named(self, who: str) -> Recipient:
        """The person whom a control door names by phone or user id. Raises PracticeProblem in words."""
        phone = digits(who)
        if not phone and "." not in who:
            raise PracticeProblem([f"{who!r} is neither a phone number nor a user id."])
        return self.recipient(phone, "" if phone else who)

    def speaks(self, number_id: str, key: str, at_s: float) -> None:
        """The person wrote to this number: its 24-hour service window is open again."""
        self._windows[number_id, key] = at_s + SERVICE_WINDOW_S

    def window_open(self, number_id: str, key: str, at_s: float) -> bool:
        return self._windows.get((number_id, key), 0.0) > at_s


def digits(text: str) -> str:
    """The digits of a phone number written in any usual way, or nothing if it is not one."""
    if text.isascii() and text.isdigit():
        return text if 7 <= len(text) <= 15 else ""
    bare = text.strip().removeprefix("+").translate({ord(sign): None for sign in " ()-./"})
    return bare if bare.isascii() and bare.isdigit() and 7 <= len(bare) <= 15 else ""


@cache
def _dealt(on_confirmation: str, on_marketing: str) -> Habits:
    return Habits(on_confirmation=OnConfirmation(on_confirmation), on_marketing=OnMarketing(on_marketing))


def _habits(raw: Mapping[str, Any]) -> Habits:
    known = set(Habits.__slots__) | {"phone", "user_id"}
    problems = [f"{name} is not a habit." for name in sorted(set(raw) - known)]
    values: dict[str, Any] = {name: raw[name] for name in raw if name in Habits.__slots__}
    for name, choices in (("on_confirmation", OnConfirmation), ("on_marketing", OnMarketing)):
        if name in values and values[name] not in [choice.value for choice in choices]:
            problems.append(f"{name}: {values[name]!r} is not one of {', '.join(choices)}.")
    if (delay := values.get("reply_delay_ms")) is not None:
        if not (isinstance(delay, list) and len(delay) == 2 and all(isinstance(ms, int) and ms >= 0 for ms in delay)):
            problems.append("reply_delay_ms: write the shortest and the longest time, such as [50, 200].")
        else:
            values["reply_delay_ms"] = (delay[0], max(delay))
    if problems:
        raise PracticeProblem(problems)
    return _made(values)


def _made(values: dict[str, Any]) -> Habits:
    if "on_confirmation" in values:
        values["on_confirmation"] = OnConfirmation(values["on_confirmation"])
    if "on_marketing" in values:
        values["on_marketing"] = OnMarketing(values["on_marketing"])
    return Habits(**values)
