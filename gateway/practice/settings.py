"""How a practice world behaves: its numbers, its delays, and how often it misbehaves.

Everything here may be changed while it runs, through `POST /practice/settings`, except the port.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlsplit

import orjson

from gateway.practice.habits import CONFIRMATION_SHARES, MARKETING_SHARES, OnConfirmation, OnMarketing

Span = tuple[int, int]
"""A shortest and a longest time in milliseconds; each draw lies between them."""

BATCH_ITEMS_MAX = 1000  # Meta puts up to 1,000 updates into one POST (create-webhook-endpoint page)
WAYS_TO_TELL = ("answer", "status", "both")
REVIEWS = ("approve", "reject", "pending")


class PracticeProblem(Exception):
    """The practice world cannot do what was asked. `problems` are sentences, one for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Number:
    """A business phone number. `throughput` is its limit in messages per second (20, 80 or 1,000 at Meta)."""

    id: str = "106540352242922"
    phone: str = "12025550143"
    throughput: int = 80
    name: str = "Practice Store"


def _told_by() -> dict[int, str]:
    # A stopped or unreachable person is never refused in the answer: Meta accepts and a failed status follows
    # (marketing-templates page, 2025-12). 131047 arrives the same way in the payloads people have collected.
    return {131026: "status", 131047: "status", 131049: "status", 131050: "status"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSettings:
    """One practice world. Shares lie between 0 and 1, spans are in milliseconds."""

    port: int = 0
    numbers: tuple[Number, ...] = (Number(),)
    waba_id: str = "102290129340398"
    app_id: str = "1011121314151617"
    token: str = "practice-token"  # noqa: S105  practice guards nothing; it only checks that a token is sent
    app_secret: str = "practice-app-secret"  # noqa: S105
    webhook_urls: tuple[str, ...] = ()
    links_url: str = ""
    seed: int = 1
    clock_offset_s: float = 0.0

    latency_ms: Span = (0, 0)
    status_delay_ms: Span = (20, 150)
    reply_delay_ms: Span = (150, 900)
    held_for_ms: Span = (2_000, 4_000)
    review_delay_ms: Span = (200, 600)

    batch_items: int = 100
    batch_every_ms: int = 40
    posts_in_flight: int = 8
    retry_first_ms: int = 250
    retry_most_ms: int = 15_000
    duplicate_share: float = 0.0
    reorder_share: float = 0.0
    reorder_ms: Span = (100, 1_000)
    loss_share: float = 0.0
    tracker_on_failed: bool = True

    server_error_share: float = 0.0
    silent_share: float = 0.0
    drop_before_share: float = 0.0
    drop_after_share: float = 0.0
    error_after_share: float = 0.0
    refusal_shares: Mapping[int, float] = field(default_factory=dict)
    failed_shares: Mapping[int, float] = field(default_factory=dict)
    told_by: Mapping[int, str] = field(default_factory=_told_by)
    held_share: float = 0.0
    paused_share: float = 0.0

    pair_limit: bool = True
    account_locked: bool = False
    marketing_only_through_marketing_api: bool = False
    review: str = "approve"
    preview_robot: bool = False
    on_confirmation_shares: Mapping[str, float] = field(default_factory=lambda: dict(CONFIRMATION_SHARES))
    on_marketing_shares: Mapping[str, float] = field(default_factory=lambda: dict(MARKETING_SHARES))

    def number(self, number_id: str) -> Number | None:
        return next((number for number in self.numbers if number.id == number_id), None)


def written(settings: PracticeSettings) -> bytes:
    """The settings as JSON, as `changed` reads them."""
    return orjson.dumps(asdict(settings), option=orjson.OPT_NON_STR_KEYS)


def changed(settings: PracticeSettings, changes: Any) -> PracticeSettings:
    """The settings with a JSON object's changes. Raises PracticeProblem naming every mistake at once."""
    if not isinstance(changes, dict):
        raise PracticeProblem(['Send a JSON object of settings, such as {"loss_share": 0.1}.'])
    problems: list[str] = []
    values = {name: _read(name, value, problems) for name, value in changes.items()}
    if problems:
        raise PracticeProblem(problems)
    return replace(settings, **values)


def _read(name: str, value: Any, problems: list[str]) -> Any:
    reader = _READERS.get(name)
    if reader is None:
        problems.append(f"{name} is not a setting of the practice world.")
        return None
    try:
        return reader(value)
    except (TypeError, ValueError) as problem:
        problems.append(f"{name}: {value!r} cannot be used; {problem}.")
        return None


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("write a whole number of at least 0")
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("write a share between 0 and 1")
    return float(value)


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write a number of seconds")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("write a text")
    return value


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("write true or false")
    return value


def _span(value: Any) -> Span:
    if not isinstance(value, list | tuple) or len(value) != 2 or _whole(value[0]) > _whole(value[1]):
        raise ValueError("write the shortest and the longest time, such as [20, 150]")
    return value[0], value[1]


def _between(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if not least <= _whole(value) <= most:
            raise ValueError(f"write a whole number between {least} and {most}")
        return int(value)

    return read


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"write one of {', '.join(choices)}")
        return str(value)

    return read


def _loopback(value: Any) -> str:
    if value == "":
        return ""
    parts = urlsplit(_text(value))
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("the practice world talks to this machine only; write http://127.0.0.1:PORT/...")
    return str(value)


def _addresses(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("write a list of addresses")
    return tuple(_loopback(_text(url)) for url in value)


def _by_code(read: Callable[[Any], Any]) -> Callable[[Any], dict[int, Any]]:
    def read_all(value: Any) -> dict[int, Any]:
        if not isinstance(value, Mapping):
            raise ValueError("write an object from error code to value")
        return {int(code): read(each) for code, each in value.items()}

    return read_all


def _shares_of(choices: Mapping[str, Any]) -> Callable[[Any], dict[str, float]]:
    def read(value: Any) -> dict[str, float]:
        if not isinstance(value, Mapping) or not value or set(value) - set(choices):
            raise ValueError(f"write shares of {', '.join(choices)}")
        shares = {name: _share(share) for name, share in value.items()}
        if not 0.999 <= sum(shares.values()) <= 1.001:
            raise ValueError("the shares must add up to 1")
        return shares

    return read


def _numbers(value: Any) -> tuple[Number, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("write a list of numbers, each with id, phone and throughput")
    numbers = tuple(number if isinstance(number, Number) else Number(**number) for number in value)
    for number in numbers:
        if not number.id.isdigit() or not number.phone.isdigit() or _whole(number.throughput) < 1:
            raise ValueError("a number needs an id and a phone in digits and a throughput of at least 1")
    return numbers


_BY_NAME: dict[str, Callable[[Any], Any]] = {
    "numbers": _numbers,
    "webhook_urls": _addresses,
    "links_url": _loopback,
    "refusal_shares": _by_code(_share),
    "failed_shares": _by_code(_share),
    "told_by": _by_code(_one_of(*WAYS_TO_TELL)),
    "batch_items": _between(1, BATCH_ITEMS_MAX),
    "batch_every_ms": _between(1, 60_000),
    "posts_in_flight": _between(1, 256),
    "review": _one_of(*REVIEWS),
    "port": _between(0, 65535),
    "on_confirmation_shares": _shares_of({name.value: name for name in OnConfirmation}),
    "on_marketing_shares": _shares_of({name.value: name for name in OnMarketing}),
}
_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "int": _whole,
    "float": _share,
    "str": _text,
    "bool": _yes_or_no,
    "Span": _span,
}
_READERS: dict[str, Callable[[Any], Any]] = {
    f.name: _BY_NAME.get(f.name) or _BY_TYPE[str(f.type)] for f in fields(PracticeSettings)
} | {"clock_offset_s": _seconds}
