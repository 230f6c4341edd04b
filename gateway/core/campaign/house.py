"""What holds for every campaign of the house. A campaign may only narrow it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from consent.limits.frequency import DEFAULT_CAPS, PERIODS, RING_SLOTS, Cap, read_caps
from consent.limits.windows import ALL_DAY, Windows, parse_windows
from gateway.core.spans import parse_span

_PERIODS = PERIODS | {"hour": timedelta(hours=1)}

_CAP = re.compile(r"(\d{1,4})\s*(?:per|/)\s*(?:(hour|day|week|month)|(\d.*))")


@dataclass(frozen=True, slots=True)
class HouseRules:
    """`quiet_hours` are the hours in which messages may go (ALL_DAY when each country's own rule decides).

    `languages` is the chain used when a campaign names none; `person` stands for the person's own language.
    """

    caps: tuple[Cap, ...] = DEFAULT_CAPS
    quiet_hours: Windows = ALL_DAY
    languages: tuple[str, ...] = ("person", "tr", "en")


def read_cap(text: str) -> Cap | None:
    """ "1 per day", "2/week", "1 per 36 h"; None for anything that is no cap or counts further than storage does."""
    found = _CAP.fullmatch(text.strip().casefold())
    if found is None or not 1 <= int(found[1]) <= RING_SLOTS:
        return None
    period = _PERIODS.get(found[2] or "") or parse_span(found[3] or "")
    return Cap(int(found[1]), period) if period else None


def house_rules(caps: str, quiet_hours: str, language: str) -> HouseRules:
    """From the settings' own texts: "1/day, 2/week", "09:00-20:00" or "", "tr". Raises ValueError in words."""
    hours = parse_windows(quiet_hours) if quiet_hours else ALL_DAY
    return HouseRules(read_caps(caps), hours, tuple(dict.fromkeys(("person", language, "tr", "en"))))
