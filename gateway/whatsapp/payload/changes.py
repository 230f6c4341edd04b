"""Readers of the changes that are one item each: templates, numbers, the account (whatsapp-cloud-api.md, 3.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from gateway.whatsapp.payload.account import (
    AccountAlert,
    AccountReview,
    AccountUpdate,
    BusinessCapability,
    DailyLimit,
    NumberName,
    NumberQuality,
    Restriction,
    Security,
    TemplateCategory,
    TemplateComponents,
    TemplateQuality,
    TemplateStatus,
)
from gateway.whatsapp.payload.items import Item, Origin, Other
from gateway.whatsapp.payload.reading import Json, language, mapping, mappings, moment, number, text

_TIER = re.compile(r"TIER_(\d{1,9})(K|M)?", re.IGNORECASE)
_TIER_UNITS = {None: 1, "K": 1_000, "M": 1_000_000}
UNLIMITED_TIER = "TIER_UNLIMITED"


def _upper(value: object) -> str | None:
    written = text(value)
    return written.upper() if written else None


def _template(value: Json, origin: Origin) -> dict[str, Any]:
    """What every template change has."""
    return {
        "origin": origin,
        "raw": value,
        "template_id": text(value.get("message_template_id")),
        "name": text(value.get("message_template_name")),
        "language": language(value.get("message_template_language")),
        "language_raw": text(value.get("message_template_language")),
        "at": origin.sent_at,
    }


def _template_status(value: Json, origin: Origin) -> Item:
    """Meta's own sample of a quality change carries this field's name, so the value decides."""
    if "new_quality_score" in value and "event" not in value:
        return _template_quality(value, origin)
    other, rejection = mapping(value.get("other_info")), mapping(value.get("rejection_info"))
    return TemplateStatus(
        **_template(value, origin),
        event=_upper(value.get("event")) or "UNKNOWN",
        category=_upper(value.get("message_template_category")),
        reason=text(value.get("reason")),
        title=_upper(other.get("title")),
        disable_date=text(mapping(value.get("disable_info")).get("disable_date")),
        rejection=text(rejection.get("reason")),
        recommendation=text(rejection.get("recommendation")),
    )


def _template_quality(value: Json, origin: Origin) -> Item:
    return TemplateQuality(
        **_template(value, origin),
        previous=_upper(value.get("previous_quality_score")),
        quality=_upper(value.get("new_quality_score")),
    )


def _template_category(value: Json, origin: Origin) -> Item:
    return TemplateCategory(
        **_template(value, origin),
        category=_upper(value.get("new_category")),
        previous=_upper(value.get("previous_category")),
        becomes=_upper(value.get("correct_category")),
        becomes_at=moment(value.get("category_update_timestamp")),
    )


def _template_components(value: Json, origin: Origin) -> Item:
    return TemplateComponents(
        **_template(value, origin),
        title=text(value.get("message_template_title")),
        body=text(value.get("message_template_element")),
        footer=text(value.get("message_template_footer")),
    )


def daily_limit(value: object) -> DailyLimit | None:
    """A number in Meta's samples, TIER_2K or TIER_UNLIMITED in their text."""
    raw = _upper(value)
    if raw is None:
        return None
    tier = _TIER.fullmatch(raw)
    people = int(tier[1]) * _TIER_UNITS[tier[2]] if tier else number(value)
    return DailyLimit(people if people and people > 0 else None, raw == UNLIMITED_TIER, raw)


def _first(value: Json, *keys: str) -> object:
    """Meta renamed some keys over the years: the first that is there."""
    return next((value[key] for key in keys if value.get(key) is not None), None)


def _number_quality(value: Json, origin: Origin) -> Item:
    limit = _first(value, "max_daily_conversations_per_business", "current_limit")
    return NumberQuality(
        origin=origin,
        raw=value,
        display_number=text(value.get("display_phone_number")),
        event=_upper(value.get("event")),
        daily_limit=daily_limit(limit),
        at=origin.sent_at,
    )


def _number_name(value: Json, origin: Origin) -> Item:
    return NumberName(
        origin=origin,
        raw=value,
        display_number=text(value.get("display_phone_number")),
        decision=_upper(value.get("decision")),
        requested_name=text(value.get("requested_verified_name")),
        rejection=text(value.get("rejection_reason")),
        at=origin.sent_at,
    )


def _business_capability(value: Json, origin: Origin) -> Item:
    limit = _first(
        value,
        "max_daily_conversations_per_business",
        "max_daily_conversation_per_business",
        "max_daily_conversations_per_phone_number",
        "max_daily_conversation_per_phone",
    )
    numbers = _first(value, "max_phone_numbers_per_business", "max_phone_numbers_per_waba")
    return BusinessCapability(
        origin=origin,
        raw=value,
        daily_limit=daily_limit(limit),
        numbers_max=number(numbers),
        at=origin.sent_at,
    )


def _account_update(value: Json, origin: Origin) -> Item:
    ban = mapping(value.get("ban_info"))
    return AccountUpdate(
        origin=origin,
        raw=value,
        event=_upper(value.get("event")),
        at=origin.sent_at,
        restrictions=tuple(_restriction(each) for each in mappings(value.get("restriction_info"))),
        violation=text(mapping(value.get("violation_info")).get("violation_type")),
        ban_state=_upper(_first(ban, "waba_ban_state")),
        ban_date=text(_first(ban, "waba_ban_date")),
        phone_number=text(value.get("phone_number")),
        concerns_waba_id=text(mapping(value.get("waba_info")).get("waba_id")),
    )


def _restriction(raw: Json) -> Restriction:
    kind = _upper(raw.get("restriction_type")) or "UNKNOWN"
    return Restriction(kind, moment(raw.get("expiration")), text(raw.get("remediation")))


def _account_alert(value: Json, origin: Origin) -> Item:
    """Newer bodies nest the alert in alert_info, older ones write alert_severity beside entity_id."""
    info = mapping(value.get("alert_info"))

    def told(key: str) -> str | None:
        return text(_first({**value, **info}, f"alert_{key}", key))

    return AccountAlert(
        origin=origin,
        raw=value,
        entity_type=_upper(value.get("entity_type")),
        entity_id=text(value.get("entity_id")),
        severity=told("severity"),
        status=told("status"),
        kind=told("type"),
        description=told("description"),
        at=origin.sent_at,
    )


def _account_review(value: Json, origin: Origin) -> Item:
    return AccountReview(origin=origin, raw=value, decision=_upper(value.get("decision")), at=origin.sent_at)


def _security(value: Json, origin: Origin) -> Item:
    return Security(
        origin=origin,
        raw=value,
        event=_upper(value.get("event")),
        display_number=text(value.get("display_phone_number")),
        requester=text(value.get("requester")),
        at=origin.sent_at,
    )


def _whole(value: Json, origin: Origin) -> Item:
    return Other(origin=origin, raw=value)


FIELDS: Final[dict[str, Callable[[Json, Origin], Item]]] = {
    "message_template_status_update": _template_status,
    "message_template_quality_update": _template_quality,
    "template_category_update": _template_category,
    "message_template_components_update": _template_components,
    "phone_number_quality_update": _number_quality,
    "phone_number_name_update": _number_name,
    "business_capability_update": _business_capability,
    "account_update": _account_update,
    "account_alerts": _account_alert,
    "account_review_update": _account_review,
    "security": _security,
}
