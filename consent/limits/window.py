"""The two windows that a person opens towards us.

The customer service window lasts 24 hours from the person's last message; only in it may we write free-form
(whatsapp-cloud-api.md section 1 and error 131047). A free entry point lasts 72 hours when a person came from an
advertisement or a page button and we answered within 24 hours (section 4.2).
"""

from __future__ import annotations

from datetime import datetime, timedelta

SERVICE_WINDOW = timedelta(hours=24)
FREE_ENTRY = timedelta(hours=72)
FREE_ENTRY_ANSWER = timedelta(hours=24)


def closes_at(last_inbound_at: datetime) -> datetime:
    """The first moment at which the service window that this message opened is shut."""
    return last_inbound_at + SERVICE_WINDOW


def is_open(now: datetime, last_inbound_at: datetime | None) -> bool:
    # Meta's clock may run seconds ahead of ours: a message "from the future" has opened the window all the same.
    return last_inbound_at is not None and now < closes_at(last_inbound_at)


def next_open(now: datetime, last_inbound_at: datetime | None) -> datetime | None:
    """`now` while the window is open, else None: only the person can open it again."""
    return now if is_open(now, last_inbound_at) else None


def free_entry_until(referred_at: datetime, answered_at: datetime) -> datetime | None:
    """When the free entry point ends, or None when the answer came too late to open one."""
    in_time = referred_at <= answered_at <= referred_at + FREE_ENTRY_ANSWER
    return answered_at + FREE_ENTRY if in_time else None
