"""How long proof is kept after a consent has ended: long enough for the duty to prove, and not a day longer.

The clock of a person starts at the last event that ended their consents, or at the last use where a law counts from
there; the longest of the countries concerned wins (reference/consent.md 3.4: Turkey three years, Germany five).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.standing import Standings, State

ANYWHERE = "*"
ENDED = frozenset({State.REVOKED, State.EXPIRED, State.DECLINED, State.LAPSED})

_PART = re.compile(r"([A-Z]{2}|\*)\s+([1-9][0-9]{0,4})d")


@dataclass(frozen=True, slots=True)
class Retention:
    """Days by country; `*` is for every country that is not named."""

    days: Mapping[str, int]

    @classmethod
    def read(cls, text: str) -> Retention:
        """From `TR 1095d, DE 1826d, * 1095d`. Raises ValueError in words."""
        found: dict[str, int] = {}
        for part in text.split(","):
            written = _PART.fullmatch(part.strip())
            if written is None:
                raise ValueError("write a country and its days, such as TR 1095d, DE 1826d, * 1095d")
            found[written[1]] = int(written[2])
        if ANYWHERE not in found:
            raise ValueError("say what holds for all other countries, such as * 1095d")
        return cls(found)

    @property
    def shortest(self) -> timedelta:
        return timedelta(days=min(self.days.values()))

    def longest(self, countries: Iterable[str | None]) -> timedelta:
        """The longest term of these countries; an unknown one counts as any other."""
        terms = [self.days.get(country or ANYWHERE, self.days[ANYWHERE]) for country in countries]
        return timedelta(days=max(terms, default=self.days[ANYWHERE]))


def ended_at(standings: Standings, now: datetime) -> datetime | None:
    """When the last of a person's consents ended; None while one may still be used, or was never given nor refused."""
    at = standings.at(now)
    spoken = [*at.purposes.values(), at.every]
    if any(one.state not in ENDED and one.state is not State.NONE for one in spoken):
        return None
    moments = [one.since for one in spoken if one.state in ENDED and one.since is not None]
    moments += [mark.at for mark in (at.suppressed,) if mark is not None]
    return max(moments, default=None)


def may_be_forgotten(
    standings: Standings,
    countries: Iterable[str | None],
    last_used: datetime | None,
    retention: Retention,
    now: datetime,
) -> bool:
    """Whether the proof of this person has served its time. `last_used` is the last message their consent allowed."""
    ended = ended_at(standings, now)
    if ended is None or standings.erased is not None:
        return False
    return now >= max(ended, last_used or ended) + retention.longest(countries)
