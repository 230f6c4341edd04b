"""The single items of which Meta's webhooks are made, in the shapes of 2026, and how items are put into one body.

Sources: messages/status, messages/text, user_preferences, business-scoped-user-ids and
message_template_status_update pages (2026-05 and 2026-09 copies).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import orjson

from gateway.practice.habits import Habits
from gateway.practice.people import Recipient
from gateway.practice.refusals import Refusal, webhook_error
from gateway.practice.settings import Number

MESSAGES = "messages"
PREFERENCES = "user_preferences"
TEMPLATE_STATUS = "message_template_status_update"
TOGETHER_MAX = 20  # statuses in one change; more make one body of several changes, as Meta's do


class Item(NamedTuple):
    """One thing to tell. `kind` names the list inside `value` that holds it; without one, `body` is the whole value."""

    field: str
    kind: str
    body: Mapping[str, Any]
    number: Number | None = None
    contact: Mapping[str, Any] | None = None


def contact(person: Recipient, profile: Habits, *, with_username: bool = False) -> dict[str, Any]:
    """An entry of `contacts`. A phone that the business may not see is omitted, not empty."""
    shown: dict[str, Any] = {"profile": {"name": profile.name or "Practice Person"}}
    if profile.username and with_username:
        shown["profile"]["username"] = profile.username
    if person.phone and profile.phone_visible:
        shown["wa_id"] = person.phone
    shown["user_id"] = person.user_id
    return shown


class StatusFacts(NamedTuple):
    """What a status says of its message."""

    wamid: str
    number: Number
    person: Recipient
    profile: Habits
    by_user_id: bool
    tracker: str
    pricing: Mapping[str, Any] | None


def status(facts: StatusFacts, said: str, at_s: int, refusal: Refusal | None = None) -> Item:
    """A sent, delivered, read or failed status. A failed one comes without contacts, as since April 2026."""
    person, visible = facts.person, facts.profile.phone_visible
    body: dict[str, Any] = {"id": facts.wamid, "status": said, "timestamp": str(at_s)}
    if person.phone and (visible or not facts.by_user_id):
        body["recipient_id"] = person.phone
    if refusal is None or facts.by_user_id:
        body["recipient_user_id"] = person.user_id
    if facts.tracker:
        body["biz_opaque_callback_data"] = facts.tracker
    if refusal is not None:
        body["errors"] = [webhook_error(refusal)]
        return Item(MESSAGES, "statuses", body, facts.number)
    if facts.pricing:
        body["pricing"] = facts.pricing
    shown = contact(person, facts.profile, with_username=said != "sent")
    return Item(MESSAGES, "statuses", body, facts.number, shown)


def inbound(number: Number, person: Recipient, profile: Habits, said: Mapping[str, Any], wamid: str, at_s: int) -> Item:
    """A message of a person. `said` holds `type` and the object named after it, and `context` if it answers one."""
    body: dict[str, Any] = {"id": wamid, "timestamp": str(at_s), "from_user_id": person.user_id, **said}
    if person.phone and profile.phone_visible:
        body["from"] = person.phone
    return Item(MESSAGES, "messages", body, number, contact(person, profile, with_username=True))


def preference(number: Number, person: Recipient, profile: Habits, value: str, at_s: int) -> Item:
    """Meta's own stop or resume of marketing messages. Its timestamp is a number, unlike a message's."""
    body: dict[str, Any] = {
        "user_id": person.user_id,
        "detail": f"User requested to {value} marketing messages",
        "category": "marketing_messages",
        "value": value,
        "timestamp": at_s,
    }
    if person.phone and profile.phone_visible:
        body["wa_id"] = person.phone
    return Item(PREFERENCES, "user_preferences", body, number, contact(person, profile))


def bodies(items: Sequence[Item], waba_id: str, rng: Random, at_s: int) -> bytes:
    """One POST's body. Items of one kind and number are spread over several changes, and over one or two entries."""
    changes = [_change(group) for group in _groups(items)]
    rng.shuffle(changes)
    cut = rng.randrange(len(changes)) if len(changes) > 1 else 0
    entries = [_entry(part, waba_id, at_s) for part in (changes[:cut], changes[cut:]) if part]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": entries})


def _entry(changes: list[dict[str, Any]], waba_id: str, at_s: int) -> dict[str, Any]:
    timed = any(change["field"] not in (MESSAGES, PREFERENCES) for change in changes)
    return {"id": waba_id, "changes": changes} | ({"time": at_s} if timed else {})


def _groups(items: Iterable[Item]) -> list[list[Item]]:
    done: list[list[Item]] = []
    open_groups: dict[tuple[str, str, str], list[Item]] = {}
    for item in items:
        if not item.kind:
            done.append([item])
            continue
        key = (item.field, item.kind, item.number.id if item.number else "")
        group = open_groups.setdefault(key, [])
        group.append(item)
        if len(group) == TOGETHER_MAX:
            done.append(open_groups.pop(key))
    return done + list(open_groups.values())


def _change(group: list[Item]) -> dict[str, Any]:
    first = group[0]
    if not first.kind or first.number is None:
        return {"field": first.field, "value": first.body}
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": first.number.phone, "phone_number_id": first.number.id},
    }
    if contacts := {item.contact["user_id"]: item.contact for item in group if item.contact}:
        value["contacts"] = list(contacts.values())
    value[first.kind] = [item.body for item in group]
    return {"field": first.field, "value": value}


def signature(body: bytes, app_secret: str) -> str:
    """The value of X-Hub-Signature-256 (create-webhook-endpoint page): HMAC-SHA256 over the raw bytes."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
