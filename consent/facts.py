"""What a decision looks at: the facts about one person at one moment, and the policy of one campaign."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Any, NamedTuple

from consent.limits.frequency import DEFAULT_CAPS, HARD_CEILING, Cap
from consent.limits.quiet_hours import Openings, QuietHours, openings
from consent.reasons import Group, Reason, group_of


class Missing(Enum):
    """The value of a fact that nobody looked up, where None means "looked up: there is none"."""

    MISSING = "missing"


MISSING: Any = Missing.MISSING
"""Typed Any because it may stand in any fact. `decide` refuses before a rule could meet it."""

FOREVER = datetime.max.replace(tzinfo=UTC)
"""The end of a block that has none."""


class AddressState(StrEnum):
    """Whether there is something to write to. SUSPECT: WhatsApp did not know it, more than once (131026)."""

    REACHABLE = "reachable"
    NONE = "none"
    INVALID = "invalid"
    SUSPECT = "suspect"


class CampaignState(StrEnum):
    """NONE is a message that belongs to no campaign, such as a one-time code."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a template, number or account cannot send now, and until when if that is known.

    `reason` is of the group waiting, or refused for a hold that will not end; anything else raises ValueError.
    """

    reason: Reason
    until: datetime | None = None

    def __post_init__(self) -> None:
        if group_of(self.reason) is Group.ENDED:
            raise ValueError(f"{self.reason} tells how a message ended; a hold needs a reason to wait or to refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that may be known about one message to one person. Moments are aware UTC.

    Every default stands for "not looked up" and refuses wherever the purpose needs that fact: None where None is never
    an answer, `MISSING` where it can be one. `standing` is the state effective at `now` for this purpose: none,
    pending, declined, lapsed, granted, paused, revoked, expired or erased. `recent` are the last sends that count
    towards this purpose's caps (at most frequency.RING_SLOTS), reserved slots included; `tag_recent` those of the
    campaign's tag. `iys` None means that the registry is not asked; else "onay" or anything that is not it.
    """

    now: datetime
    purpose: str = ""
    is_reply: bool = False
    is_acknowledgement: bool = False

    standing: str | None = None
    standing_deadline: datetime | None = MISSING
    event_seq: int | None = None
    event_hash: str | None = None
    suppressed: bool | None = None
    iys: str | None = None

    address: AddressState | None = None
    blocked_until: datetime | None = MISSING
    cool_until: datetime | None = MISSING
    zones: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    recent: tuple[datetime, ...] | None = None
    tag_recent: tuple[datetime, ...] | None = None
    open_message: bool | None = None
    last_inbound_at: datetime | None = None
    free_entry_until: datetime | None = None

    free_form: bool | None = None
    campaign: CampaignState | None = None
    expires_at: datetime | None = MISSING
    template_hold: Hold | None = MISSING
    number_hold: Hold | None = MISSING
    parameter_problem: Reason | None = MISSING
    parameter_name: str = ""

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("a decision needs a moment with a time zone; got a naive one")


class Demands(NamedTuple):
    """Which of the rules that depend on policy bind."""

    utility_hours: bool
    utility_caps: bool
    utility_grant: bool
    utility_window: bool
    tags: bool
    local_start: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a business and a campaign ask for.

    `ceilings` bind beside `caps` whatever a campaign says. `tag_caps` count the campaign's tag alone. `earliest_start`
    is an aware moment, `local_start` a naive wall-clock time that has to be reached where the person is.
    `unserved_countries` are those to which Meta delivers no marketing (whatsapp-cloud-api.md section 2: the US since
    2025-04-01); refused only when every candidate region lies in them. Raises ValueError for a start of the wrong kind.
    """

    quiet_hours: QuietHours = field(default_factory=QuietHours)
    caps: tuple[Cap, ...] = DEFAULT_CAPS
    tag_caps: tuple[Cap, ...] = ()
    ceilings: tuple[Cap, ...] = HARD_CEILING
    utility_obeys_quiet_hours: bool = False
    utility_obeys_caps: bool = False
    utility_needs_grant: bool = False
    utility_only_in_window: bool = False
    earliest_start: datetime | None = None
    local_start: datetime | None = None
    unserved_countries: frozenset[str] = frozenset()
    openings: Openings = field(init=False, repr=False, compare=False)
    demands: Demands = field(init=False, repr=False, compare=False)
    all_caps: tuple[Cap, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.earliest_start is not None and self.earliest_start.tzinfo is None:
            raise ValueError("a campaign's start needs a time zone; a start on each person's own clock is local_start")
        if self.local_start is not None and self.local_start.tzinfo is not None:
            raise ValueError(
                "a start on each person's own clock has no time zone; one moment for all is earliest_start"
            )
        object.__setattr__(self, "openings", openings(self.quiet_hours))
        object.__setattr__(self, "demands", _demands_of(self))
        object.__setattr__(self, "all_caps", self.caps + self.ceilings)


def _demands_of(policy: Policy) -> Demands:
    return Demands(
        policy.utility_obeys_quiet_hours,
        policy.utility_obeys_caps,
        policy.utility_needs_grant,
        policy.utility_only_in_window,
        bool(policy.tag_caps),
        policy.local_start is not None,
    )
