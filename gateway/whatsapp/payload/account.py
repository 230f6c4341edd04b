"""What a webhook tells about templates, numbers and the account, as values.

The fields are those of whatsapp-cloud-api.md, 3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.whatsapp.payload.items import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Template(Item):
    """A template that something happened to. Ids are text; `language` is en_US, `language_raw` as Meta wrote it."""

    template_id: str | None
    name: str | None
    language: str | None
    language_raw: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateStatus(Template):
    """`event` is APPROVED, REJECTED, PAUSED, DISABLED, FLAGGED, ...; only APPROVED sends.

    `title` is why it was paused (FIRST_PAUSE, RATE_LIMITING_PAUSE, UNPAUSE, ...); `disable_date` is a date in words.
    """

    event: str
    category: str | None = None
    reason: str | None = None
    title: str | None = None
    disable_date: str | None = None
    rejection: str | None = None
    recommendation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateQuality(Template):
    """GREEN, YELLOW, RED or UNKNOWN, before and now."""

    previous: str | None
    quality: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCategory(Template):
    """`category` is what the template counts as now.

    When a change is only announced, `becomes` and `becomes_at` say to what and when; Meta then calls today's category
    the new one. `previous` is set once it has happened.
    """

    category: str | None
    previous: str | None
    becomes: str | None
    becomes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateComponents(Template):
    """The template's text was edited; what is absent here is absent in the template. Buttons stay in `raw`."""

    title: str | None
    body: str | None
    footer: str | None


@dataclass(frozen=True, slots=True)
class DailyLimit:
    """Unique people a day outside open windows. `people` is None when unlimited or not told; `raw` as Meta wrote it."""

    people: int | None
    is_unlimited: bool
    raw: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberQuality(Item):
    """`event` is THROUGHPUT_UPGRADE or ONBOARDING today; older bodies say FLAGGED, UPGRADE, DOWNGRADE and the like."""

    display_number: str | None
    event: str | None
    daily_limit: DailyLimit | None
    at: datetime | None

    @property
    def is_throughput_upgrade(self) -> bool:
        return self.event == "THROUGHPUT_UPGRADE"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberName(Item):
    """The verdict on a display name."""

    display_number: str | None
    decision: str | None
    requested_name: str | None
    rejection: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCapability(Item):
    daily_limit: DailyLimit | None
    numbers_max: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Restriction:
    """`kind` such as RESTRICTED_BIZ_INITIATED_MESSAGING. Without a readable `expires_at` it holds until lifted."""

    kind: str
    expires_at: datetime | None
    remediation: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUpdate(Item):
    """`event` is ACCOUNT_RESTRICTION, ACCOUNT_VIOLATION, DISABLED_UPDATE, ACCOUNT_DELETED, PARTNER_REMOVED, ...

    `ban_state` is DISABLE, REINSTATE or SCHEDULE_FOR_DISABLE; `ban_date` is a date in words.
    """

    event: str | None
    at: datetime | None
    restrictions: tuple[Restriction, ...] = ()
    violation: str | None = None
    ban_state: str | None = None
    ban_date: str | None = None
    phone_number: str | None = None
    concerns_waba_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAlert(Item):
    entity_type: str | None
    entity_id: str | None
    severity: str | None
    status: str | None
    kind: str | None
    description: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReview(Item):
    decision: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Security(Item):
    """`event` is PIN_CHANGED, PIN_RESET_REQUEST or PIN_REQUEST_SUCCESS; `requester` is Meta's id of who asked."""

    event: str | None
    display_number: str | None
    requester: str | None
    at: datetime | None
