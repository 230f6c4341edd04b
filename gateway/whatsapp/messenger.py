"""What it is to send one message, and what can come of it."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from gateway.core.message import Kind, Outgoing, State

_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
TEXT_MAX = 4096  # characters of a text body (SPEC, TextObject)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Meta took the message; that is never delivery.

    `message_status` is accepted, held_for_quality_assessment or paused; empty for plain texts. `wa_id` comes for
    phone numbers and may differ from what was sent, `user_id` for business-scoped ids.
    """

    whatsapp_id: str
    message_status: str = ""
    wa_id: str | None = None
    user_id: str | None = None

    @property
    def state(self) -> State:
        """Held also for a status we do not know: no receipt is owed while Meta keeps the message."""
        return State.ACCEPTED if self.message_status in {"", "accepted"} else State.HELD


@dataclass(frozen=True, slots=True)
class Failed:
    """Meta refused it (its code), or it never left (failure.UNFIT, failure.NOT_SENT).

    `regain` is how long Meta says that access is lost, where a limit on calls was reached.
    """

    code: int
    details: str = ""
    subcode: int | None = None
    trace_id: str = ""
    regain: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Unsure:
    """Meta may or may not have it; only a receipt tells."""

    why: str


Outcome = Accepted | Failed | Unsure


class Messenger(Protocol):
    @property
    def waiting(self) -> int:
        """How many messages were handed over and wait for a connection: no byte of them has left."""
        ...

    async def make_ready(self, requests: int) -> None:
        """Open connections ahead of so many requests at once. Raises nothing that the network can cause."""
        ...

    def send(self, message: Outgoing) -> Awaitable[Outcome]:
        """One POST, and never a second. Raises nothing that the message or the network can cause."""
        ...


def unfit(message: Outgoing) -> str | None:
    """Why this must not go on the wire, in words without the address; None when it may.

    Checked before pywa sees it: pywa sends an address that it does not recognise to a *group*.
    """
    if (message.to is None) == (message.recipient is None):
        return "a message needs either a phone number or a user id"
    if message.to is not None and not _PHONE.fullmatch(message.to):
        return "the phone number is not in the form +<country code><number>"
    if message.recipient is not None and not _USER_ID.fullmatch(message.recipient):
        return "the user id is not in the form <country>.<letters and digits>"
    return _unfit_contents(message)


def _unfit_contents(message: Outgoing) -> str | None:
    if not (message.number_id.isascii() and message.number_id.isdecimal()):
        return "the sending number's id is not a number"
    if message.kind is Kind.TEXT:
        if message.marketing_endpoint:
            return "the marketing endpoint takes templates only"
        return None if 0 < len(message.text) <= TEXT_MAX else f"a text has 1 to {TEXT_MAX} characters"
    if not (message.template and message.language):
        return "a template message needs the template's name and language"
    if message.recipient and message.purpose == "authentication":
        return "an authentication template needs a phone number, not a user id"
    return None
