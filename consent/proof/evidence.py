"""Opening a commitment: sha256(salt || body), in hex."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def opened_commitment(one: Mapping[str, Any]) -> str:
    """What the salt (hex) and body (base64) of a piece of evidence commit to.

    Raises ValueError when either is not written right, KeyError when one is missing.
    """
    try:
        return sha256(bytes.fromhex(one["salt"]) + base64.b64decode(one["body"], validate=True)).hexdigest()
    except binascii.Error as problem:
        raise ValueError(f"evidence is not base64: {problem}") from None
