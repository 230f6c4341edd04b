"""Every setting, read once from the environment and `.env`; all mistakes are reported together, in words.

Each field of `Settings` below is one variable `IZIN_<NAME>`. A secret may also stand in a file named by
`IZIN_<NAME>_FILE`. config.example.env lists them all; a test keeps the two equal.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from consent.limits.frequency import read_caps, read_tag_caps
from consent.limits.windows import parse_windows
from consent.retention import Retention
from consent.suppression import SuppressionKeys

PREFIX = "IZIN_"
ENV_FILE = "IZIN_ENV_FILE"
META_URL = "https://graph.facebook.com"
SHARE_MAX = 50
DURATION_MAX = timedelta(days=3653)  # ten years; moments far beyond cannot be written down
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class SettingsProblem(Exception):
    """One or more settings cannot be used. `problems` are sentences, one for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def duration(text: str) -> timedelta:
    """`48h`, `90s`, `2d 12h` -> timedelta. Raises ValueError in words."""
    parts = re.findall(r"(-?\d+(?:\.\d+)?)\s*([smhd])", text)
    if not parts or re.sub(r"(-?\d+(?:\.\d+)?)\s*([smhd])", "", text).strip():
        raise ValueError("write a duration such as 48h, 90s or 2d 12h")
    seconds = sum(float(n) * _UNITS[unit] for n, unit in parts)
    if abs(seconds) > DURATION_MAX.total_seconds():
        raise ValueError(f"write a duration of at most {DURATION_MAX.days}d")
    return timedelta(seconds=seconds)


def _span(text: str) -> timedelta:
    span = duration(text)
    if span <= timedelta(0):
        raise ValueError("write a duration longer than nothing, such as 48h")
    return span


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("write a whole address such as https://example.com")
    return text.rstrip("/")


def _proxy(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https", "socks5", "socks5h") or not parts.hostname:
        raise ValueError("write an address such as http://proxy.example:3128")
    return text


def _share(text: str) -> float:
    found = re.fullmatch(r"(\d{1,2})\s*%", text)
    if found is None or int(found[1]) > SHARE_MAX:
        raise ValueError(f"write a share from 0% to {SHARE_MAX}%")
    return int(found[1]) / 100


def _readable(text: str) -> Path:
    path = Path(text)
    try:
        path.open("rb").close()
    except OSError as problem:
        raise ValueError(f"the file cannot be read ({problem.strerror})") from None
    return path


def _database(text: str) -> str:
    if text.startswith("postgres://"):
        text = "postgresql://" + text.removeprefix("postgres://")
    if text.startswith("postgresql://"):
        return "postgresql+psycopg://" + text.removeprefix("postgresql://")
    if text.startswith(("sqlite:///", "postgresql+psycopg://")):
        return text
    raise ValueError("write sqlite:///var/izin.db or postgresql://user@host/name")


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError("write a port number between 1 and 65535")
    return int(text)


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("write an IANA time zone such as Europe/Istanbul") from None
    return text


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"write one of {', '.join(choices)}")
        return text

    return read


def _region(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError("write a two-letter country code such as TR")
    return text


def _regions(text: str) -> tuple[str, ...]:
    return () if text == "none" else tuple(_region(part) for part in _words(text))


def _caps(text: str) -> str:
    read_caps(text)
    return text


def _hours(text: str) -> str:
    if text and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError("write the open hours such as 09:00-20:00, or nothing for each country's own")
    if text:
        parse_windows(text)
    return text


def _suppression_keys(text: str) -> str:
    SuppressionKeys.read(text)
    return text


def _signing_key(text: str) -> str:
    from consent.proof.checkpoint import read_signing_key  # cryptography is slow to load, and most commands do without

    read_signing_key(text)
    return text


def _retention(text: str) -> str:
    Retention.read(text)
    return text


def _tag_caps(text: str) -> str:
    read_tag_caps(text)
    return text


def _rest_days(text: str) -> tuple[tuple[str, str], ...]:
    """`TR 11:00-18:00, DE closed` -> (region, hours) pairs."""
    pairs = []
    for part in _words(text):
        region, _, hours = part.partition(" ")
        if hours.strip() != "closed":
            _hours(hours.strip())
        pairs.append((_region(region), hours.strip() or "closed"))
    return tuple(pairs)


UTILITY_RULES = ("hours", "caps", "consent", "window")


def _utility_rules(text: str) -> tuple[str, ...]:
    rules = _words(text)
    if strange := sorted(set(rules) - set(UTILITY_RULES)):
        raise ValueError(f"{', '.join(strange)} is no rule here; write any of {', '.join(UTILITY_RULES)}")
    return rules


def _yes(text: str) -> bool:
    return _one_of("yes", "no")(text.lower()) == "yes"


def _setting(read: Callable[[str], Any] = str, default: Any = MISSING, *, secret: bool = False) -> Any:
    return field(default=default, metadata={"read": read, "secret": secret})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    data_dir: Path = _setting(Path, Path("var"))
    database_url: str = _setting(_database, "", secret=True)

    graph_url: str = _setting(_url, META_URL)
    graph_version: str = _setting(_one_of("v22.0", "v23.0", "v24.0", "v25.0", "v26.0"), "v26.0")
    token: str = _setting(default="", secret=True)
    phone_number_ids: tuple[str, ...] = _setting(_words, ())
    waba_id: str = _setting(default="")
    app_id: str = _setting(default="")
    app_secrets: tuple[str, ...] = _setting(_words, (), secret=True)
    verify_token: str = _setting(default="", secret=True)
    proxy: str = _setting(_proxy, "", secret=True)
    ca_bundle: Path | None = _setting(_readable, None)

    brand: str = _setting(default="İzin")
    brand_aliases: tuple[str, ...] = _setting(_words, ())
    trade_name: str = _setting(default="")
    mersis: str = _setting(default="")
    contact: str = _setting(default="")
    own_words: Path | None = _setting(_readable, None)
    language: str = _setting(_one_of("tr", "en"), "tr")
    region: str = _setting(_region, "TR")
    time_zone: str = _setting(_zone, "Europe/Istanbul")

    caps: str = _setting(_caps, "1/day, 2/week, 6/month")
    quiet_hours: str = _setting(_hours, "")
    tag_caps: str = _setting(_tag_caps, "")
    rest_days: tuple[tuple[str, str], ...] = _setting(_rest_days, ())
    ramadan: bool = _setting(_yes, False)
    utility_obeys: tuple[str, ...] = _setting(_utility_rules, ())
    iys_required: bool = _setting(_yes, False)
    unserved_countries: tuple[str, ...] = _setting(_regions, ("US",))
    marketing_api: str = _setting(_one_of("off", "fallback", "strict"), "off")
    share_activity: bool = _setting(_yes, False)
    confirm_template: str = _setting(default="confirm_optin")
    confirm_within: timedelta = _setting(_span, timedelta(hours=48))
    consent_text: str = _setting(default="marketing")
    reply_share: float = _setting(_share, 0.1)
    unsure_after: timedelta = _setting(_span, timedelta(minutes=10))

    public_url: str = _setting(_url, "")
    web_host: str = _setting(default="127.0.0.1")
    web_port: int = _setting(_port, 8080)
    page_password: str = _setting(default="", secret=True)
    suppression_key: str = _setting(_suppression_keys, "", secret=True)
    signing_key: str = _setting(_signing_key, "", secret=True)
    checkpoint_dir: Path | None = _setting(Path, None)
    timestamp_url: str = _setting(_url, "")
    timestamp_certificate: Path | None = _setting(_readable, None)
    erasure_journal: Path | None = _setting(Path, None)
    retention: str = _setting(_retention, "TR 1095d, DE 1826d, US 1826d, * 1095d")
    keep_webhooks: timedelta = _setting(_span, timedelta(days=30))
    clock_shift: timedelta = _setting(duration, timedelta(0))
    log_format: str = _setting(_one_of("text", "json"), "text")
    log_level: str = _setting(_one_of("debug", "info", "warning", "error"), "info")
    metrics_token: str = _setting(default="", secret=True)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'izin.db'}"

    @property
    def inbox_database(self) -> str:
        """Raw webhook bodies have a file of their own on SQLite, so that storing one never waits for a campaign."""
        if not self.database.startswith("sqlite:///"):
            return self.database
        main = Path(self.database.removeprefix("sqlite:///"))
        return f"sqlite:///{main.with_name(main.stem + '-inbox' + main.suffix)}"

    @property
    def checkpoints(self) -> Path:
        """Where signed checkpoints are written; best a folder that is copied out of the operator's reach."""
        return self.checkpoint_dir or self.data_dir / "checkpoints"

    @property
    def journal(self) -> Path:
        """The references of erased people, replayed after an old backup was restored."""
        return self.erasure_journal or self.data_dir / "erasures.txt"

    @property
    def talks_to_meta(self) -> bool:
        return urlsplit(self.graph_url).hostname == urlsplit(META_URL).hostname

    @property
    def has_credentials(self) -> bool:
        return bool(self.token and self.phone_number_ids and self.app_secrets)


def variable(name: str) -> str:
    return PREFIX + name.upper()


def secret_names() -> frozenset[str]:
    return frozenset(f.name for f in fields(Settings) if f.metadata["secret"])


def read_settings(environ: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
    """The settings of this process. Raises SettingsProblem naming every mistake at once.

    The environment wins over the file. Without `env_file` the one that IZIN_ENV_FILE names is read, or `.env` in this
    folder if present.
    """
    environ = os.environ if environ is None else environ
    path = env_file or Path(environ.get(ENV_FILE, ".env"))
    if ENV_FILE in environ and not path.exists():
        raise SettingsProblem([f"{ENV_FILE} points to {path}, which is not there."])
    raw = {**_from_file(path), **{k: v for k, v in environ.items() if k.startswith(PREFIX)}}
    raw.pop(ENV_FILE, None)
    problems = _strangers(raw)
    values = {f.name: value for f in fields(Settings) if (value := _read(f, raw, problems)) is not None}
    if problems:
        raise SettingsProblem(problems)
    settings = Settings(**values)
    if contradictions := _contradictions(settings):
        raise SettingsProblem(contradictions)
    return settings


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    return {k: v for k, v in dotenv_values(path).items() if v is not None and k.startswith(PREFIX)}


def _strangers(raw: Mapping[str, str]) -> list[str]:
    known = {variable(f.name) for f in fields(Settings)}
    known |= {variable(name) + "_FILE" for name in secret_names()} | {"IZIN_TEST_POSTGRES_URL"}
    return [f"{name} is not a setting of İzin; see config.example.env." for name in sorted(set(raw) - known)]


def _read(f: Any, raw: Mapping[str, str], problems: list[str]) -> Any:
    name = variable(f.name)
    text = raw.get(name, "").strip()
    if f.metadata["secret"] and (path := raw.get(name + "_FILE", "").strip()):
        if text:
            problems.append(f"{name} and {name}_FILE are both set; keep one of them.")
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as problem:
            problems.append(f"{name}_FILE points to {path}, which cannot be read: {problem.strerror}.")
    if not text:
        return None
    try:
        return f.metadata["read"](text)
    except ValueError as problem:
        shown = "its value" if f.metadata["secret"] else repr(text)
        problems.append(f"{name}: {shown} cannot be used; {problem}.")
        return None


def _contradictions(settings: Settings) -> list[str]:
    found = []
    if settings.talks_to_meta and settings.clock_shift:
        found.append("IZIN_CLOCK_SHIFT is for the practice world only; remove it or set IZIN_GRAPH_URL.")
    if not timedelta(seconds=1) <= settings.confirm_within <= timedelta(days=7):
        found.append("IZIN_CONFIRM_WITHIN must lie between 1s and 7d.")
    if any(not number.isdigit() for number in settings.phone_number_ids):
        found.append("IZIN_PHONE_NUMBER_IDS takes Meta's phone number ids (digits), not phone numbers.")
    if settings.token and not settings.app_secrets:
        found.append("IZIN_APP_SECRETS is missing: without it no webhook can be trusted.")
    return found
