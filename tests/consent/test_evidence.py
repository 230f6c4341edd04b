"""Evidence and its seal: the same body never gives the same commitment twice, and only its salt opens it."""

from __future__ import annotations

import hashlib

from consent.evidence import SALT_BYTES, commit, salts, sealed

BODY = b'{"row":1}'


def test_a_commitment_is_the_digest_of_salt_and_body() -> None:
    assert commit(b"salt", BODY) == hashlib.sha256(b"salt" + BODY).hexdigest()


def test_every_seal_opens_its_own_body_alone() -> None:
    first, second = sealed([BODY, BODY])
    assert first.commitment == commit(first.salt, BODY)
    assert first.commitment != second.commitment
    assert first.commitment != commit(second.salt, BODY)


def test_salts_are_whole_and_differ() -> None:
    fresh = salts(50)
    assert {len(salt) for salt in fresh} == {SALT_BYTES}
    assert len(set(fresh)) == 50
