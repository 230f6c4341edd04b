"""What public payloads say beyond their kind: the values that the gateway acts on, one row each."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from gateway.whatsapp.payload import items

WEBHOOKS = Path(__file__).parents[2].parent / "shared" / "reference" / "webhooks"


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


FACTS: list[tuple[str, str, Any]] = [
    ("pywa/account_update__account_disabled.json", "ban_state", "REINSTATE"),
    ("pywa/account_update__account_disabled.json", "ban_date", "April 17, 2025"),
    ("pywa/account_update__account_restriction.json", "at", moment(1641330498)),
    ("pywa/account_update__account_violation.json", "violation", "ADULT"),
    ("pywa/account_update__partner_removed.json", "concerns_waba_id", "980198427658004"),
    ("pywa/call_permission_update__accept.json", "words", None),
    ("pywa/call_status__call_status.json", "is_call", True),
    ("pywa/callback_button__button.json", "button_payload", "callback_data"),
    ("pywa/callback_button__quick_reply.json", "words", "title"),
    ("pywa/callback_button__quick_reply.json", "context_id", "wamid.xyzxyz=="),
    ("pywa/callback_button__quick_reply_without_context.json", "sender.user_id", "US.13491208655302741918"),
    ("pywa/callback_selection__description.json", "button_title", "title"),
    ("pywa/deleted_message__revoke.json", "about_id", "<ORIGINAL_WHATSAPP_MESSAGE_ID>"),
    ("pywa/edited_message__image.json", "text", "Updated image caption"),
    ("pywa/edited_message__image.json", "sender.user_id", None),
    ("pywa/message__contacts.json", "own_number", None),
    ("pywa/message__forwarded_many_times.json", "forwarded", True),
    ("pywa/message__reaction.json", "text", "😮"),
    ("pywa/message__referral.json", "referral.click_id", "CTWA_CLID"),
    ("pywa/message__text.json", "text", "Body Text"),
    ("pywa/message__text.json", "sender.parent_user_id", "US.ENT.11815799212886844830"),
    ("pywa/message__text.json", "number_id", "1122334455667"),
    ("pywa/message__unreaction_empty.json", "text", None),
    ("pywa/message__unsupported.json", "errors[0].code", 131051),
    ("pywa/message__video.json", "text", "caption"),
    ("pywa/message_status__failed.json", "errors[0].code", 130472),
    ("pywa/message_status__group.json", "group_id", "fowefinoewcnw"),
    ("pywa/message_status__group.json", "recipient.user_id", "US.123456"),
    ("pywa/message_status__sent.json", "conversation.expires_at", moment(1698339900)),
    ("pywa/message_status__with_tracker.json", "tracker", "some data"),
    ("pywa/outgoing_message__text.json", "by_business", True),
    ("pywa/outgoing_message__text.json", "to.user_id", "<BSUID>"),
    ("pywa/outgoing_message__edit.json", "words", None),
    ("pywa/system__phone_number_change.json", "old.wa_id", "972987654321"),
    ("pywa/system__phone_number_change.json", "new.wa_id", "972912345678"),
    ("pywa/template_category_update__marketing.json", "category", "MARKETING"),
    ("pywa/template_components_update__element.json", "body", "Hi {{1}}! Welcome to our service."),
    ("pywa/template_quality_update__yellow.json", "quality", "YELLOW"),
    ("pywa/template_status_update__approved.json", "template_id", "1689556908129832"),
    ("pywa/template_status_update__approved.json", "at", moment(1751247548)),
    ("pywa/template_status_update__rejected.json", "category", "MARKETING"),
    ("pywa/user_marketing_preferences__resume.json", "person.wa_id", "16505551234"),
    ("pywa/user_marketing_preferences__resume.json", "person.user_id", None),
    ("pywa/user_marketing_preferences__resume.json", "at", moment(1731705721)),
    ("pywa/user_marketing_preferences__signup.json", "signup_id", "13176843987434774"),
    ("whatsapp-business-java-api/accountRestricted.json", "restrictions[0].expires_at", None),
    ("whatsapp-business-java-api/accountRestricted.json", "restrictions[1].kind", "RESTRICTED_BIZ_INITIATED_MESSAGING"),
    ("whatsapp-business-java-api/buttonMessage.json", "button_payload", "SIM"),
    ("whatsapp-business-java-api/mediaUploadError.json", "errors[0].code", 131053),
    ("whatsapp-business-java-api/phoneNumberNameUpdate.json", "rejection", None),
    ("whatsapp-business-java-api/qualityUpdate.json", "daily_limit.people", 10_000),
    ("whatsapp-business-java-api/qualityUpdate.json", "is_throughput_upgrade", False),
    ("whatsapp-business-java-api/templateSchedulingForDisabling.json", "language", "en_US"),
    ("whatsapp-business-java-api/templateSchedulingForDisabling.json", "disable_date", "January 31, 2021"),
    ("whatsapp-business-java-api/textMessage2.json", "sender.wa_id", "409552778964973"),
    ("whatsapp-business-java-api/textMessageStatusSent.json", "pricing.category", "business_initiated"),
]


def value_at(item: Any, path: str) -> Any:
    """`errors[0].code` and the like."""
    for step in path.split("."):
        name, _, index = step.partition("[")
        item = attrgetter(name)(item)
        item = item[int(index.rstrip("]"))] if index else item
    return item


@pytest.mark.parametrize(("name", "path", "expected"), FACTS)
def test_a_public_payload_says(name: str, path: str, expected: Any) -> None:
    if not (WEBHOOKS / name).exists():
        pytest.skip(f"shared/reference/webhooks/{name} is not here")
    first = items((WEBHOOKS / name).read_bytes())[0]
    assert value_at(first, path) == expected
