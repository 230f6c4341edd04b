"""Whether a body can bear consent at all, told from its bytes: nearly every webhook is good news of a sent message.

A body that this calls quiet has no item that `bears_consent`; one that it does not may have none either. Reading the
JSON costs ten times as much, and every request of the webhook would pay it before its 200.
"""

from __future__ import annotations

import re
from typing import Final

_AS_FIELD: Final = b'"field":"messages"'
_AS_WORD: Final = b'messages"'

# An escape that may spell one of those keys: letters and the underscore are U+0040 to U+007F.
_ESCAPED_LETTER = re.compile(rb"\\u00[4-7]")
_ESCAPE: Final = b"\\u00"


def is_quiet(body: bytes) -> bool:
    """True only when nothing here is a person's word, preference or new number, nor a failure with its code.

    Each of these stands in a list under one of four keys (`conversation.may_be_urgent`), and a key is spelt out in
    JSON unless its letters are escaped. "messages" is also the name of the subscription, as the value of "field": a
    body with no other "messages" than those has no such key. Whatever is odd in its spelling counts as loud.
    """
    if b'errors"' in body or b'user_preferences"' in body or b'user_id_update"' in body:
        return False
    if body.count(_AS_WORD) != body.count(_AS_FIELD):
        return False
    return _ESCAPE not in body or _ESCAPED_LETTER.search(body) is None
