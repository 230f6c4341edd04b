"""What ends a hold, told from the reason that was stored with it."""

from __future__ import annotations

from datetime import datetime

from gateway.core.failure import FAILURES, RANGES, Lifts

_OF_FAILURES = {failure.name: failure.lifts for failure in (*FAILURES.values(), *RANGES.values())}
_OF_NEWS = {
    # What Meta's webhooks hold, their later news lifts; two ends need a person.
    "account_disabled": Lifts.BY_WEBHOOK,
    "template_now_marketing": Lifts.BY_HAND,
    "template_disabled": Lifts.BY_HAND,
}


def lifted_by(reason: str, until: datetime | None) -> Lifts:
    """By time where the hold has an end; a person may lift any hold sooner."""
    if until is not None:
        return Lifts.BY_TIME
    if (known := _OF_NEWS.get(reason) or _OF_FAILURES.get(reason)) is not None:
        return Lifts.BY_HAND if known is Lifts.BY_TIME else known
    return Lifts.BY_WEBHOOK if reason.startswith("template_") else Lifts.BY_HAND
