"""The one spelling of an event (RFC 8785 over the fields of docs/formats/ledger.md, section 1), as a pattern of bytes.

One pattern both proves that bytes are spelt that way and takes out what the chain needs; nothing is parsed and written
again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from consent.events import ActorKind, EventType

# The inside of a JSON string as RFC 8785 writes it: the short escapes where they exist, \u00xx in small letters else.
_PLAIN = rb'[^"\\\x00-\x1f]*+'
_ANY = _PLAIN + rb'(?:\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))' + _PLAIN + rb")*+"
_HEX = rb"[0-9a-f]{64}"
_MOMENT = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
_NUMBER = rb"(?:0|[1-9]\d{0,15})"


def _quoted(inside: bytes, name: bytes = b"") -> bytes:
    return b'"' + (b"(?P<" + name + b">" + inside + b")" if name else inside) + b'"'


def _or_null(pattern: bytes) -> bytes:
    return rb"(?:null|" + pattern + rb")"


def _one_of(words: Iterable[str]) -> bytes:
    return b'"(?:' + b"|".join(word.encode() for word in words) + b')"'


def _event_with(inside: bytes) -> re.Pattern[bytes]:
    string = _quoted(inside)
    text = rb'\{"id":' + string + rb',"locale":' + string + rb',"sha256":"' + _HEX + rb'","version":' + string + rb"\}"
    commitment = rb'\{"commitment":' + _quoted(_HEX, b"commitment") + rb',"count":' + _NUMBER + rb"\}"
    fields = [
        (b"actor", rb'\{"kind":' + _one_of(ActorKind) + rb',"ref":' + string + rb"\}"),
        (b"basis", string),
        (b"causes", rb"\[(?:" + _quoted(inside, b"cause") + rb"(?:," + string + rb")*+)?\]"),
        (b"channel", string),
        (b"event_id", _quoted(inside, b"event_id")),
        (b"evidence", _or_null(commitment)),
        (b"expires_at", _or_null(_quoted(_MOMENT, b"expires_at"))),
        (b"idem", _quoted(inside, b"idem")),
        (b"jurisdiction", _or_null(string)),
        (b"method", string),
        (b"occurred_at", _quoted(_MOMENT, b"occurred_at")),
        (b"prev_hash", _quoted(_HEX, b"prev_hash")),
        (b"purpose", string),
        (b"recorded_at", _quoted(_MOMENT, b"recorded_at")),
        (b"schema", rb'"consent-event/1"'),
        (b"seq", rb"(?P<seq>" + _NUMBER + rb")"),
        (b"source", string),
        (b"subject", _quoted(inside, b"subject")),
        (b"text", rb"(?P<text>" + _or_null(text) + rb")"),
        (b"type", _one_of(EventType)),
    ]
    return re.compile(rb"\{" + b",".join(b'"' + key + b'":' + value for key, value in fields) + rb"\}")


EVENT = _event_with(_ANY)
"""An event. Its groups are named after the fields; `cause` is the first of the causes, strings are without quotes."""

UNESCAPED = _event_with(_PLAIN)
"""The same for events without any escape in them, which is nearly all."""


def spelt(body: bytes) -> re.Match[bytes] | None:
    """The parts of an event's bytes, or None when they are not in the one spelling that the ledger knows."""
    found = UNESCAPED.fullmatch(body) or EVENT.fullmatch(body)
    return found if found is None or body.isascii() or _is_nfc(body) else None


def is_canonical(body: bytes) -> bool:
    return spelt(body) is not None


def _is_nfc(body: bytes) -> bool:
    try:
        return unicodedata.is_normalized("NFC", body.decode())
    except UnicodeDecodeError:
        return False
