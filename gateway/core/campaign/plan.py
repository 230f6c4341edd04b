"""What a campaign file says, as one frozen value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from consent.limits.frequency import Cap
from consent.limits.windows import Windows
from gateway.core.campaign.parameters import Parameter
from gateway.core.campaign.repeats import Repeats
from gateway.core.document import Tree
from gateway.core.segment import Segment

PERSONS_OWN = "person"
"""In a chain of languages: the person's own language."""


class OnUnsure(StrEnum):
    """What happens to a message of which nobody knows whether Meta took it."""

    NEVER_TWICE = "never_twice"
    AT_LEAST_ONCE = "at_least_once"


class LateStart(StrEnum):
    """What happens when the start was missed, because nothing was running."""

    START = "start"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Lateness:
    """`START` whenever it is noticed before the expiry; `CANCEL` when the start was missed by more than `grace`."""

    policy: LateStart = LateStart.START
    grace: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Link:
    """Where the template's dynamic URL button leads in the end; `utm` holds (name without `utm_`, value) pairs."""

    target: str
    utm: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """The target with its UTM parameters; other parameters and the fragment stay as they are."""
        parts = urlsplit(self.target)
        ours = {f"utm_{name}": value for name, value in self.utm}
        kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in ours]
        return urlunsplit(parts._replace(query=urlencode([*kept, *ours.items()])))


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlan:
    """Template, audience, time and limits. Moments are aware, UTC.

    `start` None means that somebody schedules it by hand. `local_start` has to be reached where each person is: a
    moment of their clock, or a time of day in a campaign that repeats. One with `repeats` sends nothing itself: each
    time it comes round, `edition` of it does. Exactly one of `expires` and `expires_after` is set.
    `caps` and `quiet_hours` come on top of the house's own, so they can only narrow; `quiet_hours` are the hours in
    which messages may go, in minutes of the recipient's day. Of two campaigns, the one with the higher `priority` goes
    first when a cap leaves room for one message.
    `written` is the file's content with the start resolved: `restored(plan.written)` gives the plan back.
    """

    name: str
    segment: Segment
    template: str
    languages: tuple[str, ...]
    parameters: tuple[tuple[str, Parameter], ...] = ()
    start: datetime | None = None
    local_start: datetime | time | None = None
    repeats: Repeats | None = None
    expires: datetime | None = None
    expires_after: timedelta | None = None
    caps: tuple[Cap, ...] = ()
    quiet_hours: Windows | None = None
    priority: int = 0
    tags: tuple[str, ...] = ()
    purpose: str | None = None
    number: str | None = None
    late_start: Lateness = Lateness()
    on_unsure: OnUnsure = OnUnsure.NEVER_TWICE
    link: Link | None = None
    written: Mapping[str, Tree] = field(default_factory=dict, hash=False, compare=False)

    def expiry(self, start: datetime) -> datetime:
        """When messages that have not left stop waiting, for a campaign that starts at `start`."""
        if self.expires is not None:
            return self.expires
        assert self.expires_after is not None
        return start + self.expires_after


def scheduled(plan: CampaignPlan, start: datetime) -> CampaignPlan:
    """The same plan with its start set (aware). Raises ValueError when it would have expired by then."""
    if plan.expiry(start) <= start:
        raise ValueError("the campaign expires before this start")
    return replace(plan, start=start, written={**plan.written, "start": start.isoformat()})


def first_start(plan: CampaignPlan, at: datetime) -> datetime | None:
    """When a plan starts that is to start at `at`: then, or the first time it comes round. None: it never does."""
    return at if plan.repeats is None else plan.repeats.from_(at)


def edition(plan: CampaignPlan, at: datetime) -> CampaignPlan:
    """One time that a recurring plan comes round: a plan of its own, that starts at this occurrence."""
    if plan.repeats is None:
        return plan
    day = plan.repeats.date_of(at)
    local = datetime.combine(day, plan.local_start) if isinstance(plan.local_start, time) else None
    name = f"{plan.name} {at.astimezone(ZoneInfo(plan.repeats.zone)):%Y-%m-%d %H:%M}"
    written = {key: value for key, value in plan.written.items() if key != "repeats"} | {"name": name}
    written["start"] = at.isoformat()
    if local:
        written["local_start"] = local.isoformat(sep=" ")
    return replace(plan, name=name, start=at, local_start=local, repeats=None, written=written)


def choose_language(plan: CampaignPlan, own: str | None, available: Collection[str]) -> str | None:
    """The first language of the plan's chain in which the template is available; None when there is none.

    A chain entry also accepts a regional form: `en` is served by `en_US`, and a person with `en_GB` by `en`.
    """
    for entry in plan.languages:
        wanted = own if entry == PERSONS_OWN else entry
        if wanted and (found := _nearest(wanted.replace("-", "_"), available)):
            return found
    return None


def _nearest(wanted: str, available: Collection[str]) -> str | None:
    base = wanted.partition("_")[0]
    if wanted in available:
        return wanted
    if base in available:
        return base
    return min((one for one in available if one.partition("_")[0] == base), default=None)


def late_verdict(plan: CampaignPlan, now: datetime) -> LateStart:
    """What to do at `now` with a scheduled campaign whose start has come. Expired ones are always cancelled."""
    assert plan.start is not None
    if now >= plan.expiry(plan.start):
        return LateStart.CANCEL
    missed = now - plan.start > plan.late_start.grace
    return LateStart.CANCEL if plan.late_start.policy is LateStart.CANCEL and missed else LateStart.START
