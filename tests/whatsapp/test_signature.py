"""Only Meta, or who knows the app secret, may speak to the webhook."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.whatsapp.signature import sign, valid

BODY = '{"object":"whatsapp_business_account","note":"ş\\u015f"}'.encode()


def test_a_signature_is_the_hex_hmac_of_the_raw_body() -> None:
    expected = hmac.new(b"app-secret", BODY, hashlib.sha256).hexdigest()
    assert sign(BODY, "app-secret") == f"sha256={expected}"


def test_a_known_signature_is_reproduced() -> None:
    """RFC 4231, test case 2."""
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"what do ya want for nothing?", "Jefe") == f"sha256={known}"


@pytest.mark.parametrize("secret", ["old", "new"])
def test_either_secret_is_good_while_they_are_rotated(secret: str) -> None:
    assert valid(BODY, sign(BODY, secret), ["new", "old"])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        sign(BODY, "other"),
        sign(BODY, "s").removeprefix("sha256="),
        sign(BODY, "s").replace("sha256", "sha1"),
        sign(BODY, "s").upper(),
        sign(BODY, "s") + "0",
        "sha256=ş",
        "\ud800",
    ],
)
def test_anything_but_the_signature_is_refused(header: str | None) -> None:
    assert not valid(BODY, header, ["s"])


def test_blanks_around_the_header_do_not_matter() -> None:
    assert valid(BODY, f" {sign(BODY, 's')} ", ["s"])


def test_without_a_secret_nothing_is_valid() -> None:
    assert not valid(BODY, sign(BODY, ""), [])
    assert not valid(BODY, sign(BODY, ""), [""])
    assert valid(BODY, sign(BODY, "s"), ["", "s"])


def test_the_same_json_in_other_bytes_is_not_what_was_signed() -> None:
    assert not valid(BODY.replace(b":", b": "), sign(BODY, "s"), ["s"])


@given(body=st.binary(max_size=200), secret=st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_what_is_signed_is_valid_and_one_flipped_bit_is_not(body: bytes, secret: str) -> None:
    header = sign(body, secret)
    assert valid(body, header, [secret])
    assert not valid(body + b"\x00", header, [secret])
    assert not valid(body, header, [secret + "x"])


@given(body=st.binary(max_size=50), header=st.text(max_size=80))
def test_no_header_breaks_the_check(body: bytes, header: str) -> None:
    assert not valid(body, header, ["a secret that nobody guesses"])


@given(st.text(st.characters(codec="utf-8"), max_size=200), st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_a_key_of_any_length_signs_as_the_standard_says(secret: str, body: bytes) -> None:
    assert sign(body, secret) == "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


@pytest.mark.parametrize("length", [63, 64, 65])
def test_a_key_of_about_a_block_signs_as_the_standard_says(length: int) -> None:
    assert sign(BODY, "k" * length) == "sha256=" + hmac.digest(b"k" * length, BODY, "sha256").hex()
