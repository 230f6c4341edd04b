"""Every no the practice world can say, in Meta's words and shape.

Titles, meanings and HTTP statuses: error-codes page (2026-09 copy). Senders should build on code and details only.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import orjson

from gateway.practice.wire import Answer

HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

TITLES: Mapping[int, tuple[int, str, str]] = MappingProxyType(
    {
        1: (500, "API Unknown", "Invalid request or possible server error."),
        2: (503, "API Service", "Temporary due to downtime or due to being overloaded."),
        4: (400, "API Too Many Calls", "The app has reached its API call rate limit."),
        10: (403, "Permission Denied", "Permission is either not granted or has been removed."),
        33: (400, "Parameter value is not valid", "The business phone number has been deleted."),
        100: (400, "Invalid parameter", "The request included one or more unsupported or misspelled parameters."),
        104: (401, "An access token is required to request this resource.", ""),
        190: (401, "Invalid OAuth access token - Cannot parse access token", ""),
        368: (403, "Temporarily blocked for policies violations", "The account has been restricted or disabled."),
        80007: (400, "Rate limit issues", "The WhatsApp Business Account has reached its rate limit."),
        130403: (400, "User blocked by business", "The business has blocked this user."),
        130429: (400, "Rate limit hit", "Cloud API message throughput has been reached."),
        130472: (400, "User's number is part of an experiment", "Message was not sent as part of an experiment."),
        130497: (403, "Business account is restricted from messaging users in this country.", "Country is restricted."),
        131000: (500, "Something went wrong", "Message failed to send due to an unknown error."),
        131005: (403, "Access denied", "Permission is either not granted or has been removed."),
        131008: (400, "Required parameter is missing", "The request is missing a required parameter."),
        131009: (400, "Parameter value is not valid", "One or more parameter values are invalid."),
        131016: (500, "Service unavailable", "A service is temporarily unavailable."),
        131021: (400, "Recipient cannot be sender", "Sender and recipient phone number is the same."),
        131026: (400, "Message undeliverable", "Message Undeliverable."),
        131031: (403, "Account has been locked", "The WhatsApp Business Account has been restricted or disabled."),
        131037: (400, "Display name approval needed", "The 555 business number has no approved display name."),
        131042: (400, "Business eligibility payment issue", "There was an error related to your payment method."),
        131045: (500, "Incorrect certificate", "Message failed to send due to a phone number registration error."),
        131047: (
            400,
            "Re-engagement message",
            "Message failed to send because more than 24 hours have passed since the customer last replied to this "
            "number.",
        ),
        131048: (400, "Spam rate limit hit", "Message failed to send because of restrictions on this phone number."),
        131049: (
            400,
            "This message was not delivered to maintain healthy ecosystem engagement.",
            "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
        ),
        131050: (
            400,
            "User has stopped marketing messages from this business",
            "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages.",
        ),
        131051: (400, "Unsupported message type", "Message type is not currently supported."),
        131053: (400, "Media upload error", "Unable to upload the media used in the message."),
        131055: (400, "Method not allowed", "Only marketing templates are supported by this endpoint."),
        131056: (
            400,
            "(Business Account, Consumer Account) pair rate limit hit",
            "Too many messages sent to this recipient from this phone number in a short period of time.",
        ),
        131057: (500, "Account in maintenance mode", "Business Account is in maintenance mode."),
        131062: (
            400,
            "Business-scoped user ID recipients are not supported for this message",
            "This message needs a phone number as its recipient.",
        ),
        131063: (400, "Marketing templates are disabled for Cloud API", "Use the Marketing Messages API."),
        131064: (400, "Template message limit reached", "The limit from template miscategorisation was reached."),
        132000: (400, "Number of parameters does not match the expected number of params", ""),
        132001: (404, "Template name does not exist in the translation", ""),
        132005: (400, "Translated text too long", ""),
        132007: (400, "Format character policy violated", "Template content violates a WhatsApp policy."),
        132012: (400, "Parameter format does not match format in the created template", ""),
        132015: (400, "Template is Paused", "Template is paused due to low quality."),
        132016: (400, "Template is Disabled", "Template has been paused too many times and is now disabled."),
        132018: (400, "There's an issue with the parameters in your template", ""),
        133004: (503, "Server Temporarily Unavailable", "Server is temporarily unavailable."),
        133010: (400, "Phone number Not Registered", "Phone number not registered on the platform."),
        134100: (400, "Only marketing messages supported", "The template is not a marketing template."),
        134101: (400, "Template sync in progress", "Wait up to 10 minutes until the template is synced."),
        134102: (400, "Template unavailable for use", "The template cannot be used with this endpoint."),
        135000: (400, "Generic user error", "Message failed to send because of an unknown error with your parameters."),
    }
)

AUTH_CODES = frozenset({104, 190})
CALL_RATES = frozenset({4, 80007})
REGAIN_MINUTES = 5
USAGE_UP = b"x-business-use-case-usage: %b\r\n" % orjson.dumps(
    {"1": [{"type": "whatsapp", "call_count": 100, "estimated_time_to_regain_access": REGAIN_MINUTES}]}
)
"""With a limit on calls Meta says in how many minutes access is regained (SPEC; about-the-platform page, 2026-09)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code of Meta's and what exactly is wrong, for `error_data.details`."""

    code: int
    details: str = ""
    subcode: int = 0

    @property
    def http_status(self) -> int:
        return TITLES.get(self.code, _UNLISTED)[0]

    @property
    def title(self) -> str:
        return TITLES.get(self.code, _UNLISTED)[1]

    @property
    def explained(self) -> str:
        return self.details or TITLES.get(self.code, _UNLISTED)[2]


_UNLISTED = (400, "Unknown error", "This code is not in the practice world's table.")


def trace_id() -> str:
    return f"A{random.getrandbits(120):030x}"[:23]


def refusal_body(refusal: Refusal) -> bytes:
    """The answer's bytes, in the shape of the error-codes page."""
    title = refusal.title if refusal.code in AUTH_CODES else f"(#{refusal.code}) {refusal.title}"
    error: dict[str, Any] = {"message": title, "type": "OAuthException", "code": refusal.code}
    if refusal.subcode:
        error["error_subcode"] = refusal.subcode
    if refusal.explained and refusal.code not in AUTH_CODES:
        error["error_data"] = {"messaging_product": "whatsapp", "details": refusal.explained}
    error["fbtrace_id"] = trace_id()
    return orjson.dumps({"error": error})


def refused(refusal: Refusal) -> Answer:
    head = USAGE_UP if refusal.code in CALL_RATES else b""
    return Answer(refusal.http_status, refusal_body(refusal), head=head)


def missing_object(object_id: str, verb: str) -> Answer:
    """What Graph says about an id it does not know: code 100, subcode 33."""
    message = (
        f"Unsupported {verb.lower()} request. Object with ID '{object_id}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation."
    )
    error = {"message": message, "type": "GraphMethodException", "code": 100, "error_subcode": 33}
    return Answer(400, orjson.dumps({"error": error | {"fbtrace_id": trace_id()}}))


def webhook_error(refusal: Refusal) -> dict[str, Any]:
    """One entry of a failed status's `errors`."""
    return {
        "code": refusal.code,
        "title": refusal.title,
        "message": refusal.title,
        "error_data": {"details": refusal.explained or refusal.title},
        "href": HREF,
    }
