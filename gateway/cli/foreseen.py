"""A dry run in words and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.actions.dry_run import WOULD_LEAVE
from gateway.actions.foresee_campaign import Outlook
from gateway.cli.speech import table
from gateway.core.prices import Estimate
from gateway.core.wording import Wording
from gateway.web.wording import reason_words

HOURS_SHOWN = 12
BAR_CHARS = 30
LEAVE = Wording("hemen çıkar", "would leave at once")


def reason_in_words(reason: str, language: str) -> str:
    """A reason as stored, in a sentence; states that need none stand for themselves."""
    if reason == WOULD_LEAVE:
        return LEAVE.say(language)
    return reason_words(reason, language)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """An outlook as the command tells it."""

    outlook: Outlook
    cost: Estimate | None
    language: str
    zone: str

    def as_json(self, name: str) -> dict[str, Any]:
        run, ahead, cost = self.outlook.run, self.outlook.forecast, self.cost
        return {
            "name": name,
            "at": run.at,
            "audience": run.audience,
            "by_outcome": dict(run.by_outcome),
            "by_reason": dict(run.by_reason),
            "first_wait": run.first_wait,
            "last_wait": run.last_wait,
            "samples": self.outlook.samples,
            "languages": dict(run.languages),
            "hours": [{"from": hour.begins, "due": hour.due, "leaving": hour.leaving} for hour in ahead.hours],
            "left_over": ahead.left_over,
            "cost": cost and {
                "total": str(cost.total),
                "currency": cost.currency,
                "as_of": cost.as_of.isoformat(),
                "unpriced": dict(cost.unpriced),
                "stale": cost.stale,
            },
            "notes": [note.say(self.language) for note in self.outlook.notes],
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        run = self.outlook.run
        at, people = f"{self._moment(run.at)} ({self.zone})", run.audience
        leave, wait, never = (run.by_outcome[outcome] for outcome in ("leaves", "waits", "refused"))
        yield self._say(f"{at} için, {people} kişiden:", f"At {at}, of {people} people:")
        yield self._say(
            f"  {leave} kişiye hemen, {wait} kişiye daha sonra; {never} kişiye gitmez.",
            f"  {leave} get it at once, {wait} later, {never} not at all.",
        )
        yield from table([self._row(reason, count) for reason, count in run.by_reason.most_common()])
        yield from self._curve()
        yield from self._costs()
        for note in self.outlook.notes:
            yield f"  ! {note.say(self.language)}"

    def _row(self, reason: str, count: int) -> tuple[object, ...]:
        run = self.outlook.run
        first, last = run.first_wait.get(reason), run.last_wait.get(reason)
        ends = dict.fromkeys(self._moment(moment) for moment in (first, last) if moment)
        until = f"[{' – '.join(ends)}]" if ends else ""
        return count, reason_in_words(reason, self.language), until, ", ".join(self.outlook.samples.get(reason, ()))

    def _curve(self) -> Iterator[str]:
        hours = [hour for hour in self.outlook.forecast.hours if hour.leaving]
        most = max((hour.leaving for hour in hours), default=0)
        if hours:
            pace = self.outlook.allowance.per_second
            yield self._say(f"Saat saat (saniyede en çok {pace}):", f"Hour by hour (at most {pace} a second):")
        for hour in hours[:HOURS_SHOWN]:
            bar = "█" * max(1, round(hour.leaving / most * BAR_CHARS))
            yield f"  {self._moment(hour.begins)}  {hour.leaving:>9}  {bar}"
        if later := sum(hour.leaving for hour in hours[HOURS_SHOWN:]):
            yield self._say(f"  sonra {later} mesaj daha", f"  and {later} later")

    def _costs(self) -> Iterator[str]:
        if self.cost is None:
            return
        total, as_of = f"{self.cost.total:.2f} {self.cost.currency}", self.cost.as_of.isoformat()
        yield self._say(f"En çok {total} ({as_of} fiyatları).", f"At most {total} (prices of {as_of}).")
        if self.cost.stale:
            yield self._say("  ! Fiyatlar eski olabilir.", "  ! The prices may be out of date.")
        if self.cost.unpriced:
            missing = ", ".join(f"{region}: {count}" for region, count in sorted(self.cost.unpriced.items()))
            yield self._say(
                f"  ! Dosyada fiyatı olmayan ülkeler bu toplamda yok: {missing}.",
                f"  ! Not in this sum, because the file has no price for them: {missing}.",
            )

    def _moment(self, at: datetime) -> str:
        return f"{at.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}"

    def _say(self, turkish: str, english: str) -> str:
        return Wording(turkish, english).say(self.language)
