"""The key under which an erased person's address stays refused: it outlives the person's data, and nothing else does.

What is kept is HMAC-SHA256(key, "v1|" + address). Keyed, because the plain hash of a phone number is found by trying
all numbers; so the key stands outside the database. After erasure the address is gone, so a digest can never be made
anew under another key: older versions of the key are kept for ever (reference/consent.md 3.4).
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

KEY_CHARS_MIN = 16
NEW_KEY_BYTES = 32

_LINE = re.compile(r"v([1-9][0-9]{0,3}):(\S+)")


def digest_under(key: bytes, address: str) -> str:
    """What remains of an erased address, hex. `address` is an E.164 number or a business-scoped user id."""
    return hmac.digest(key, b"v1|" + address.encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class SuppressionKeys:
    """Every version of the key. The newest writes, all of them look."""

    versions: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> SuppressionKeys:
        """From `v1:...` lines, or one key alone, which is version 1. Raises ValueError in words, showing no key."""
        words = text.replace(",", "\n").split()
        if len(words) == 1 and not _LINE.fullmatch(words[0]):
            words = [f"v1:{words[0]}"]
        found: dict[str, bytes] = {}
        for word in words:
            line = _LINE.fullmatch(word)
            if line is None:
                raise ValueError("write each version of the key on a line of its own, as v1:...")
            if len(line[2]) < KEY_CHARS_MIN:
                raise ValueError(f"version {line[1]} is too short; a key has {KEY_CHARS_MIN} letters or more")
            if f"v{line[1]}" in found:
                raise ValueError(f"version {line[1]} is there twice; keep each once")
            found[f"v{line[1]}"] = line[2].encode()
        return cls(dict(sorted(found.items(), key=lambda item: int(item[0][1:]))))

    def __bool__(self) -> bool:
        return bool(self.versions)

    @property
    def newest(self) -> str:
        """The version that new refusals are written under. Raises IndexError when there is no key."""
        return list(self.versions)[-1]

    def digest(self, address: str) -> str:
        """Under the newest version."""
        return digest_under(self.versions[self.newest], address)

    def digests(self, address: str) -> dict[str, str]:
        """Under every version: version -> digest."""
        return {version: digest_under(key, address) for version, key in self.versions.items()}


def new_key_text(version: int = 1) -> str:
    """A line for the key file, from fresh randomness."""
    return f"v{version}:{secrets.token_urlsafe(NEW_KEY_BYTES)}"
