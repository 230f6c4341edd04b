"""What a webhook of Meta's tells, as typed items. The one door is `items`; `read` is its short cut for the drain.

Written for the real world rather than for the reference: batches, people without a phone number, numbers as text,
types and fields that do not exist yet. pywa reads only the first item of a body, so it is not used here (design.md, 6).
"""

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
    Template,
    TemplateCategory,
    TemplateComponents,
    TemplateQuality,
    TemplateStatus,
)
from gateway.whatsapp.payload.envelope import items, read, urgent_items
from gateway.whatsapp.payload.identifiers import Identifiers
from gateway.whatsapp.payload.items import (
    Conversation,
    ErrorInfo,
    IdentityUpdate,
    InboundMessage,
    Item,
    Origin,
    Other,
    OutOfBandError,
    Preference,
    PreferenceChange,
    Pricing,
    Referral,
    StatusUpdate,
    Unreadable,
)
from gateway.whatsapp.payload.plain_statuses import PlainStatuses, Receipt
from gateway.whatsapp.payload.questions import OPT_OUT_CODES, bears_consent, label, links, status_label

__all__ = [
    "OPT_OUT_CODES",
    "AccountAlert",
    "AccountReview",
    "AccountUpdate",
    "BusinessCapability",
    "Conversation",
    "DailyLimit",
    "ErrorInfo",
    "Identifiers",
    "IdentityUpdate",
    "InboundMessage",
    "Item",
    "NumberName",
    "NumberQuality",
    "Origin",
    "Other",
    "OutOfBandError",
    "PlainStatuses",
    "Preference",
    "PreferenceChange",
    "Pricing",
    "Receipt",
    "Referral",
    "Restriction",
    "Security",
    "StatusUpdate",
    "Template",
    "TemplateCategory",
    "TemplateComponents",
    "TemplateQuality",
    "TemplateStatus",
    "Unreadable",
    "bears_consent",
    "items",
    "label",
    "links",
    "read",
    "status_label",
    "urgent_items",
]
