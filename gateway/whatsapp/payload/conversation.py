"""Readers of what is said and done in conversations: messages, echoes, statuses, preferences, identities, errors.

Shapes: whatsapp-cloud-api.md, 3.2 to 3.4. In `standby` the same lists stand one level deeper (value.standby.messages),
in `history` two (value.history[].threads[].messages).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gateway.whatsapp.payload.contacts import Contacts, phone
from gateway.whatsapp.payload.content import content_of, kind_of
from gateway.whatsapp.payload.identifiers import NOBODY, Identifiers
from gateway.whatsapp.payload.items import (
    Conversation,
    ErrorInfo,
    IdentityUpdate,
    InboundMessage,
    Item,
    Origin,
    OutOfBandError,
    Preference,
    PreferenceChange,
    Pricing,
    Referral,
    StatusUpdate,
    Unreadable,
)
from gateway.whatsapp.payload.reading import Json, flag, mapping, mappings, moment, number, text

HISTORY: Final = "history"
ECHO_FIELDS: Final = frozenset({"smb_message_echoes", "message_echoes"})

CONVERSATIONS: Final = ECHO_FIELDS | {"messages", "standby", HISTORY}

# both spellings: Meta renamed customer_ to user_
IDENTITY_CHANGES: Final = frozenset(
    {"user_changed_number", "customer_changed_number", "user_changed_user_id", "customer_changed_user_id"}
)

PREFERENCES: Final = {each.value: each for each in Preference}

RECIPIENT: Final = ("recipient_id", "recipient_user_id", "recipient_parent_user_id")
GROUP_RECIPIENT: Final = (
    "recipient_participant_id",
    "recipient_participant_user_id",
    "recipient_participant_parent_user_id",
)

# Anchored at the end: the sentence begins with a name that the person chose, and that may say anything.
_FROM_TO = re.compile(r".*\bchanged from (\S+) to (\S+?)\.?\s*$", re.DOTALL)
SENTENCE_CHARS_MAX = 500  # two identifiers of 138 characters and the words between


def _errors(value: object) -> tuple[ErrorInfo, ...]:
    return tuple(_error_info(each) for each in mappings(value))


def _error_info(raw: Json) -> ErrorInfo:
    details = text(mapping(raw.get("error_data")).get("details")) or text(raw.get("details"))
    return ErrorInfo(number(raw.get("code")), text(raw.get("title")), text(raw.get("message")), details)


def _message(raw: Json, origin: Origin, contacts: Contacts) -> Item:
    system = mapping(raw.get("system"))
    if text(system.get("type")) in IDENTITY_CHANGES:
        return _system_identity(raw, system, origin)
    if origin.field in ECHO_FIELDS:
        return _echo(raw, origin, contacts)
    who = contacts.match(phone(raw.get("from")), text(raw.get("from_user_id")), text(raw.get("from_parent_user_id")))
    return _said(raw, origin, who.ids, name=who.name)


def _echo(raw: Json, origin: Origin, contacts: Contacts) -> Item:
    to = contacts.match(phone(raw.get("to")), text(raw.get("to_user_id")), text(raw.get("to_parent_user_id")))
    return _said(raw, origin, Identifiers(phone(raw.get("from"))), by_business=True, to=to.ids, name=to.name)


def _said(
    raw: Json,
    origin: Origin,
    sender: Identifiers,
    *,
    name: str | None = None,
    by_business: bool = False,
    to: Identifiers = NOBODY,
) -> InboundMessage:
    kind = kind_of(raw)
    content = content_of(raw, kind)
    context = mapping(raw.get("context"))
    return InboundMessage(
        origin=origin,
        raw=raw,
        message_id=text(raw.get("id")),
        sender=sender,
        at=moment(raw.get("timestamp")),
        kind=kind,
        text=content.text,
        button_payload=content.payload,
        button_title=content.title,
        context_id=text(context.get("id")),
        about_id=content.about_id,
        forwarded=bool(flag(context.get("forwarded")) or flag(context.get("frequently_forwarded"))),
        group_id=text(raw.get("group_id")),
        profile_name=name,
        referral=_referral(raw.get("referral")),
        own_number=content.own_number,
        errors=_errors(raw.get("errors")) if "errors" in raw else (),
        by_business=by_business,
        to=to,
    )


def _referral(value: object) -> Referral | None:
    if not isinstance(value, dict):
        return None
    keys = ("source_type", "source_id", "source_url", "ctwa_clid")
    return Referral(*(text(value.get(key)) for key in keys))


def _system_identity(raw: Json, system: Json, origin: Origin) -> IdentityUpdate:
    new = Identifiers(
        phone(system.get("wa_id")) or phone(system.get("new_wa_id")),
        text(system.get("user_id")),
        text(system.get("parent_user_id")),
    )
    old = Identifiers(
        phone(raw.get("from")) or phone(system.get("customer")),
        text(raw.get("from_user_id")),
        text(raw.get("from_parent_user_id")),
    )
    return IdentityUpdate(
        origin=origin,
        raw=raw,
        old=_with_sentence(old, new, text(system.get("body"))),
        new=new,
        at=moment(raw.get("timestamp")),
        message_id=text(raw.get("id")),
    )


def _with_sentence(old: Identifiers, new: Identifiers, sentence: str | None) -> Identifiers:
    """The old BSUID, which Meta tells only in words: "User A changed from US.1 to US.2" (4.1, system messages)."""
    match = _FROM_TO.match((sentence or "")[-SENTENCE_CHARS_MAX:])
    if match is None:
        return old
    if match[2] == new.user_id:
        return Identifiers(old.wa_id, old.user_id or match[1], old.parent_user_id)
    if phone(match[2]) == new.wa_id:
        return Identifiers(old.wa_id or phone(match[1]), old.user_id, old.parent_user_id)
    return old


def _status(raw: Json, origin: Origin, contacts: Contacts) -> StatusUpdate:
    is_group = raw.get("recipient_type") == "group"
    wa_id, user_id, parent_id = GROUP_RECIPIENT if is_group else RECIPIENT
    recipient = contacts.person(phone(raw.get(wa_id)), text(raw.get(user_id)), text(raw.get(parent_id)))
    return StatusUpdate(
        origin=origin,
        raw=raw,
        wamid=text(raw.get("id")),
        status=(text(raw.get("status")) or "unknown").lower(),
        at=moment(raw.get("timestamp")),
        tracker=text(raw.get("biz_opaque_callback_data")),
        recipient=recipient,
        group_id=text(raw.get("recipient_id")) if is_group else None,
        errors=_errors(raw.get("errors")) if "errors" in raw else (),
        pricing=_pricing(raw.get("pricing")),
        conversation=_conversation(raw.get("conversation")),
        is_call=origin.field == "calls" or raw.get("type") == "call",
        is_payment=raw.get("type") == "payment",
    )


def _pricing(value: object) -> Pricing | None:
    if not isinstance(value, dict):
        return None
    return _priced(
        text(value.get("type")),
        text(value.get("category")),
        text(value.get("pricing_model")),
        flag(value.get("billable")),
    )


# The statuses of a campaign share few prices, and making frozen values is most of the work of reading them.
_priced = lru_cache(maxsize=256)(Pricing)


def _conversation(value: object) -> Conversation | None:
    if not isinstance(value, dict):
        return None
    origin = text(mapping(value.get("origin")).get("type"))
    return Conversation(text(value.get("id")), origin, moment(value.get("expiration_timestamp")))


def _preference(raw: Json, origin: Origin, contacts: Contacts) -> PreferenceChange:
    who = contacts.match(phone(raw.get("wa_id")), text(raw.get("user_id")), text(raw.get("parent_user_id")))
    said = (text(raw.get("value")) or "").strip().lower()
    return PreferenceChange(
        origin=origin,
        raw=raw,
        person=who.ids,
        preference=PREFERENCES.get(said, Preference.OTHER),
        at=moment(raw.get("timestamp")),
        category=text(raw.get("category")),
        signup_id=text(raw.get("signup_id")),
        profile_name=who.name,
    )


def _identity(raw: Json, origin: Origin, contacts: Contacts) -> IdentityUpdate:
    """Only ids that Meta calls previous are old: the phone told is today's."""
    user, parent = mapping(raw.get("user_id")), mapping(raw.get("parent_user_id"))
    new = contacts.person(phone(raw.get("wa_id")), text(user.get("current")), text(parent.get("current")))
    return IdentityUpdate(
        origin=origin,
        raw=raw,
        old=Identifiers(None, text(user.get("previous")), text(parent.get("previous"))),
        new=new,
        at=moment(raw.get("timestamp")),
    )


def _out_of_band(raw: Json, origin: Origin, contacts: Contacts) -> OutOfBandError:
    return OutOfBandError(origin=origin, raw=raw, error=_error_info(raw))


NO_LIST: Final = "A list was expected here."
NO_OBJECT: Final = "An object was expected here."

Reader = Callable[[Json, Origin, Contacts], Item]

LISTS: Final[dict[str, Reader]] = {
    "messages": _message,
    "message_echoes": _echo,
    "statuses": _status,
    "user_preferences": _preference,
    "user_id_update": _identity,
    "errors": _out_of_band,
}


URGENT_LISTS: Final = frozenset({"messages", "user_preferences", "user_id_update", "standby"})


def read(value: Json, origin: Origin, contacts: Contacts, *, urgent: bool = False) -> list[Item]:
    """The items of a conversation's change; none when it holds no list of such.

    With `urgent` only what `bears_consent` can be true of: statuses without errors and old conversations are left out.
    """
    found = _lists(value, "value", origin, contacts, urgent)
    if "standby" in value:
        for part in objects(value["standby"], origin, "value.standby", found):
            people = Contacts(part["contacts"]) if "contacts" in part else contacts
            found += _lists(part, "value.standby", origin, people, urgent)
    if origin.field == HISTORY and not urgent:
        for chunk in objects(value.get("history"), origin, "value.history", found):
            found += _history(chunk, origin, contacts)
    return found


def may_be_urgent(value: object) -> bool:
    """Whether a change's value holds anything that might bear consent. Most hold good news of a sent message only."""
    if not isinstance(value, dict):
        return False
    if not URGENT_LISTS.isdisjoint(value):
        return True
    return any("errors" in raw for raw in mappings(value.get("statuses")))


def _lists(value: Json, place: str, origin: Origin, contacts: Contacts, urgent: bool) -> list[Item]:
    found: list[Item] = []
    for key, reader in LISTS.items():
        if key in value and (key != "errors" or _has_errors_of_its_own(value, origin)):
            parts = objects(value[key], origin, f"{place}.{key}", found)
            if urgent and key == "statuses":
                parts = [raw for raw in parts if "errors" in raw]
            found += [reader(raw, origin, contacts) for raw in parts]
    return found


def _has_errors_of_its_own(value: Json, origin: Origin) -> bool:
    """Errors of the number or account. Flows and other changes list errors too, as a part of what they tell."""
    return origin.field in CONVERSATIONS or "messaging_product" in value or "metadata" in value


def _history(chunk: Json, origin: Origin, contacts: Contacts) -> list[Item]:
    found: list[Item] = []
    errors = objects(chunk.get("errors"), origin, "value.history.errors", found)
    found += [_out_of_band(raw, origin, contacts) for raw in errors]
    for thread in objects(chunk.get("threads"), origin, "value.history.threads", found):
        messages = objects(thread.get("messages"), origin, "value.history.threads.messages", found)
        found += [_past_message(raw, origin, contacts) for raw in messages]
    return found


def _past_message(raw: Json, origin: Origin, contacts: Contacts) -> Item:
    """Both sides of an old conversation: what is addressed to somebody was written by the business."""
    by_business = flag(mapping(raw.get("history_context")).get("from_me"))
    if by_business is None:
        sender = phone(raw.get("from"))
        by_business = "to" in raw or (sender is not None and sender == origin.display_number)
    return _echo(raw, origin, contacts) if by_business else _message(raw, origin, contacts)


def objects(value: object, origin: Origin, place: str, found: list[Item]) -> list[Json]:
    """The objects of a list; whatever else stands there goes to `found` as Unreadable.

    One object where a list belongs counts as a list of one. Nothing, or null, is an empty list.
    """
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        if value is not None:
            found.append(Unreadable(origin=origin, raw=value, where=place, reason=NO_LIST))
        return []
    fit = [raw for raw in value if isinstance(raw, dict)]
    if len(fit) < len(value):
        misfits = [raw for raw in value if not isinstance(raw, dict)]
        found += [Unreadable(origin=origin, raw=raw, where=place, reason=NO_OBJECT) for raw in misfits]
    return fit
