"""An event as a line of an export: `{"event":` canonical bytes `,"hash":"` hash `","kind":"event"}` and a line break.

The frame has one length, so that everything in the line is found from its two ends.
"""

from __future__ import annotations

EVENT_LINE_START = b'{"event":'
EVENT_MIDDLE = b',"hash":"'
EVENT_LINE_END = b'","kind":"event"}\n'

HASH_DIGITS = 64
BODY = slice(len(EVENT_LINE_START), -len(EVENT_MIDDLE) - HASH_DIGITS - len(EVENT_LINE_END))
CLAIMED = slice(-HASH_DIGITS - len(EVENT_LINE_END), -len(EVENT_LINE_END))


def event_line(body: bytes, hash_: str) -> bytes:
    """The canonical bytes of an event, untouched, with the hash that the ledger holds for it."""
    return EVENT_LINE_START + body + EVENT_MIDDLE + hash_.encode() + EVENT_LINE_END


def is_event_line(line: bytes) -> bool:
    return (
        line.startswith(EVENT_LINE_START) and line.endswith(EVENT_LINE_END) and line.startswith(EVENT_MIDDLE, BODY.stop)
    )
