"""What one item of a webhook can be, as values. Readers make them; nothing here knows JSON paths.

`raw` is the JSON object that an item was read from, so that nothing unknown is lost. People's words, names and numbers
stay out of `repr`, so an item may be logged. Moments are aware and UTC; None where Meta sent none that can be read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.whatsapp.payload.contacts import NO_CONTACTS, Contacts
from gateway.whatsapp.payload.identifiers import NOBODY, Identifiers, personal


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in a body an item stood: shared by all items of one change.

    `field` is the subscription (messages, standby, history, smb_message_echoes, ...); `sent_at` the entry's `time`,
    which messages do not have.
    """

    field: str
    waba_id: str | None = None
    sent_at: datetime | None = None
    number_id: str | None = None
    display_number: str | None = None
    contacts: Contacts = dataclasses.field(default=NO_CONTACTS, repr=False, compare=False)

    @property
    def people(self) -> tuple[Identifiers, ...]:
        """Everyone whom the contacts[] of the change name."""
        return self.contacts.everyone


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Anything a webhook tells."""

    origin: Origin
    raw: Any = dataclasses.field(repr=False)

    @property
    def field(self) -> str:
        return self.origin.field

    @property
    def number_id(self) -> str | None:
        """Meta's id of the business number concerned (metadata.phone_number_id)."""
        return self.origin.number_id

    @property
    def waba_id(self) -> str | None:
        return self.origin.waba_id


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """One of Meta's errors. Branch on `code`: title and message change without notice, and may be missing."""

    code: int | None
    title: str | None = None
    message: str | None = None
    details: str | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """The ad or post that a person came from. It opens a free entry point window (4.2)."""

    source_type: str | None
    source_id: str | None
    source_url: str | None
    click_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage(Item):
    """A message in a conversation with a person.

    `by_business` marks what the business itself wrote (echoes of its phone app, its side of a history): those words
    are nobody's consent. `sender` wrote it; `to` is known only for the business's own messages.
    `kind` is Meta's type, also one that we do not know. `text` is typed words, a caption included; a tapped button
    gives `button_title` and `button_payload` instead. `about_id` is the message reacted to, edited or taken back.
    `own_number` is the phone number that the person shared when asked for it (REQUEST_CONTACT_INFO).
    """

    message_id: str | None
    sender: Identifiers
    at: datetime | None
    kind: str
    text: str | None = personal()
    button_payload: str | None = personal()
    button_title: str | None = personal()
    context_id: str | None = None
    about_id: str | None = None
    forwarded: bool = False
    group_id: str | None = None
    profile_name: str | None = personal()
    referral: Referral | None = None
    own_number: str | None = personal()
    errors: tuple[ErrorInfo, ...] = ()
    by_business: bool = False
    to: Identifiers = NOBODY

    @property
    def words(self) -> str | None:
        """What the person said, typed or tapped; None when nothing can be read, or when the business spoke."""
        return None if self.by_business else (self.text or self.button_title or self.button_payload)


@dataclass(frozen=True, slots=True)
class Pricing:
    """How Meta charges a message: `type` is regular, free_customer_service or free_entry_point."""

    type: str | None
    category: str | None
    model: str | None
    billable: bool | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """Since v24.0 only of a free entry point; `expires_at` is when that window closes."""

    id: str | None
    origin: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusUpdate(Item):
    """What became of a message of ours: `status` is sent, delivered, read, played, failed, or a word yet unknown.

    `tracker` is our own message id, given back (biz_opaque_callback_data). Calls and payments have statuses too
    (`is_call`, `is_payment`): they say nothing of how the message fares, so a failed payment is no failed message.
    For a group, `recipient` is the participant and `group_id` the group.
    """

    wamid: str | None
    status: str
    at: datetime | None
    tracker: str | None
    recipient: Identifiers
    group_id: str | None = None
    errors: tuple[ErrorInfo, ...] = ()
    pricing: Pricing | None = None
    conversation: Conversation | None = None
    is_call: bool = False
    is_payment: bool = False


class Preference(StrEnum):
    STOP = "stop"
    RESUME = "resume"
    SIGNUP = "signup"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceChange(Item):
    """A person used WhatsApp's own control over a business's offers. `category` is marketing_messages today."""

    person: Identifiers
    preference: Preference
    at: datetime | None
    category: str | None = None
    signup_id: str | None = None
    profile_name: str | None = personal()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityUpdate(Item):
    """A person has new identifiers: a new phone number brings a new BSUID. Consent and refusals move along.

    `old` and `new` hold what Meta told of each; a phone that did not change stands in both.
    """

    old: Identifiers
    new: Identifiers
    at: datetime | None
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfBandError(Item):
    """An error of the number or account itself, such as 130429: it belongs to no message."""

    error: ErrorInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Other(Item):
    """A change of a field that means nothing to us, kept whole in `raw`."""

    @property
    def value(self) -> Any:
        return self.raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Item):
    """A part of a body that is not what its place asks for. `where` is its path, `reason` a sentence."""

    where: str
    reason: str


def people_in(item: Item) -> Iterator[Identifiers]:
    """Everyone an item itself speaks of; the contacts beside it are in `origin.people`."""
    match item:
        case InboundMessage():
            yield item.sender
            yield item.to
            if item.own_number:
                yield Identifiers(item.own_number, item.sender.user_id, item.sender.parent_user_id)
        case StatusUpdate():
            yield item.recipient
        case PreferenceChange():
            yield item.person
        case IdentityUpdate():
            yield item.new
