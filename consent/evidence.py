"""How evidence is bound to an event without being in it: `sha256(salt || body)`, hex.

Whoever destroys body and salt leaves nothing that could be tested (reference/consent.md 3.1).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import NamedTuple

SALT_BYTES = 16


class Seal(NamedTuple):
    """What an event carries of a piece of evidence, and the salt that opens it."""

    commitment: str
    salt: bytes


def commit(salt: bytes, body: bytes) -> str:
    return hashlib.sha256(salt + body).hexdigest()


def salts(count: int) -> list[bytes]:
    chance = secrets.token_bytes(SALT_BYTES * count)
    return [chance[at : at + SALT_BYTES] for at in range(0, len(chance), SALT_BYTES)]


def sealed(bodies: Sequence[bytes]) -> list[Seal]:
    """A fresh salt for each of these bodies, with the commitment that it makes."""
    return [Seal(commit(salt, body), salt) for salt, body in zip(salts(len(bodies)), bodies, strict=True)]
