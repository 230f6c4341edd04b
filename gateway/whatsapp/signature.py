"""Meta's proof that a webhook body is theirs: X-Hub-Signature-256.

The header is "sha256=" and the hex HMAC-SHA256 of the raw body under the app secret, so it is checked over the bytes
as they came, before any parsing. Source: Meta, webhooks/create-webhook-endpoint (reference/whatsapp-cloud-api.md, 3.1).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache

HEADER = "X-Hub-Signature-256"
SCHEME = "sha256="
_BLOCK_BYTES = 64  # of SHA-256


def sign(body: bytes, secret: str) -> str:
    """The header value that Meta sends with `body`."""
    inner, outer = (hash_.copy() for hash_ in _keyed(secret))
    inner.update(body)
    outer.update(inner.digest())
    return SCHEME + outer.hexdigest()


@lru_cache(maxsize=16)
def _keyed(secret: str) -> tuple[hashlib._Hash, hashlib._Hash]:
    """The two hashes of HMAC with the key already in them (RFC 2104): what is left takes a third of hmac.digest."""
    key = secret.encode()
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in block)), hashlib.sha256(bytes(byte ^ 0x5C for byte in block))


def valid(body: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Whether any of `secrets` signed these bytes. While a secret is rotated there are two.

    Never raises; no secrets, an empty secret, or a missing header is never valid. The time taken does not depend on
    how much of the header is right, nor on which secret matched.
    """
    # compare_digest refuses non-ASCII text, and a header may hold anything: compare bytes.
    given = (header or "").strip().encode("utf-8", "surrogatepass")
    # every secret is tried even after a match, and `|` does not short-circuit as `or` does
    matched = False
    for secret in secrets:
        matched |= bool(secret) & hmac.compare_digest(sign(body, secret).encode("ascii"), given)
    return matched
