"""Keys under which erased addresses stay refused."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.suppression import SuppressionKeys, digest_under, new_key_text

KEY = "a-key-of-sixteen-letters"
PHONE = "+905550000001"


def test_the_digest_is_the_one_that_is_written_down() -> None:
    expected = hmac.new(KEY.encode(), b"v1|" + PHONE.encode(), hashlib.sha256).hexdigest()
    assert digest_under(KEY.encode(), PHONE) == expected


def test_one_key_alone_is_version_one() -> None:
    assert SuppressionKeys.read(KEY).digest(PHONE) == SuppressionKeys.read(f"v1:{KEY}").digest(PHONE)


@pytest.mark.parametrize("between", ["\n", ",", "\r\n", " ", "\n\n"])
def test_versions_stand_on_lines_of_their_own_and_the_newest_writes(between: str) -> None:
    keys = SuppressionKeys.read(between.join([f"v10:{KEY}-ten", f"v2:{KEY}-two", f"v1:{KEY}-one"]))
    assert list(keys.versions) == ["v1", "v2", "v10"]
    assert keys.newest == "v10"
    assert keys.digest(PHONE) == keys.digests(PHONE)["v10"]
    assert len(set(keys.digests(PHONE).values())) == 3


def test_no_key_is_no_key() -> None:
    assert not SuppressionKeys.read(" \n")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("short", "too short"),
        ("v1:short", "too short"),
        (f"v1:{KEY} {KEY}", "line of its own"),
        (f"v0:{KEY}\nv1:{KEY}", "line of its own"),
        (f"v1:{KEY}\nv1:{KEY}x", "twice"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_in_words(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as caught:
        SuppressionKeys.read(text)
    assert KEY not in str(caught.value)


def test_a_key_does_not_show_itself() -> None:
    assert KEY not in repr(SuppressionKeys.read(KEY))


@given(st.integers(min_value=1, max_value=9999))
def test_a_new_key_can_be_read_back(version: int) -> None:
    assert SuppressionKeys.read(new_key_text(version)).newest == f"v{version}"


def test_no_two_new_keys_are_equal() -> None:
    assert new_key_text() != new_key_text()
