"""What a message says, by its type: one small function a type, in one table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from gateway.whatsapp.payload.contacts import phone
from gateway.whatsapp.payload.reading import Json, mapping, mappings, text


class Content(NamedTuple):
    text: str | None = None
    payload: str | None = None
    title: str | None = None
    about_id: str | None = None
    own_number: str | None = None


NOTHING: Final = Content()


def _typed(message: Json) -> Content:
    return Content(text(mapping(message.get("text")).get("body")))


def _button(message: Json) -> Content:
    button = mapping(message.get("button"))
    return Content(payload=text(button.get("payload")), title=text(button.get("text")))


def _interactive(message: Json) -> Content:
    """A tapped reply button or list row. A form's answers and a call permission are no words: they stay in raw."""
    interactive = mapping(message.get("interactive"))
    reply = mapping(interactive.get(text(interactive.get("type")) or ""))
    return Content(payload=text(reply.get("id")), title=text(reply.get("title")))


def _media(kind: str) -> Callable[[Json], Content]:
    def caption(message: Json) -> Content:
        return Content(text(mapping(message.get(kind)).get("caption")))

    return caption


def _order(message: Json) -> Content:
    return Content(text(mapping(message.get("order")).get("text")))


def _reaction(message: Json) -> Content:
    """No text when the reaction was taken back."""
    reaction = mapping(message.get("reaction"))
    return Content(text(reaction.get("emoji")), about_id=text(reaction.get("message_id")))


def _edit(message: Json) -> Content:
    """The words as they are after the edit. An edit of an edit does not exist."""
    edit = mapping(message.get("edit"))
    inner = mapping(edit.get("message"))
    kind = kind_of(inner)
    said = NOTHING if kind == "edit" else content_of(inner, kind)
    return said._replace(about_id=text(edit.get("original_message_id")))


def _revoke(message: Json) -> Content:
    return Content(about_id=text(mapping(message.get("revoke")).get("original_message_id")))


def _contacts(message: Json) -> Content:
    """A shared card is the sender's own number only when we had asked for it: anyone can share anyone's card.

    The mark stands beside contacts or on the card; both occur (pywa 4.5.0 reads both).
    """
    cards = mappings(message.get("contacts"))
    first = cards[0] if cards else {}
    asked = "contact_request" in (_lower(message.get("origin")), _lower(first.get("origin")))
    return Content(own_number=_number_on(first)) if asked else NOTHING


def _lower(value: object) -> str:
    return (text(value) or "").lower()


def _number_on(card: Json) -> str | None:
    for entry in mappings(card.get("phones")):
        if number := phone(entry.get("wa_id")) or _digits(entry.get("phone")):
            return number
    written = re.search(r"waid=(\d{5,20})", text(card.get("vcard")) or "")
    return written[1] if written else None


def _digits(value: object) -> str | None:
    return re.sub(r"[^0-9]", "", text(value) or "") or None


CONTENT: Final[dict[str, Callable[[Json], Content]]] = {
    "text": _typed,
    "button": _button,
    "interactive": _interactive,
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "contacts": _contacts,
    "order": _order,
    **{kind: _media(kind) for kind in ("image", "video", "audio", "document", "sticker")},
}


def kind_of(message: Json) -> str:
    """Meta's `type`; where it is missing, what the message holds tells."""
    return text(message.get("type")) or next((kind for kind in CONTENT if kind in message), "unknown")


def content_of(message: Json, kind: str) -> Content:
    """What a message of this type says. Of a type unknown to us, text is still read if it is where text stands."""
    return CONTENT.get(kind, _typed)(message)
