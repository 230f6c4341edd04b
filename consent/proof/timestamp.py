"""Time-stamps of RFC 3161 over checkpoints: an authority that is not us says that it saw these bytes by a moment.

What is stamped is the whole note, signatures and all. Reading one needs `rfc3161-client`; where that is not installed,
time-stamps are a gap that is named, and everything else is checked as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256, sha384, sha512
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cryptography import x509

from consent.events import moment_from, moment_text
from consent.proof.checkpoint import SIGNED_AT, Note
from consent.proof.findings import Doubt, Findings

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

SUFFIX = ".tsr"
CLOCKS_MAX = timedelta(minutes=5)
"""How far the clocks of the signer and of the authority may be apart."""

_HASHES = {
    "2.16.840.1.101.3.4.2.1": sha256,
    "2.16.840.1.101.3.4.2.2": sha384,
    "2.16.840.1.101.3.4.2.3": sha512,
}


class StampProblem(ValueError):
    """This is not a time-stamp, or not one of these bytes; the text says why."""


def can_read() -> bool:
    return find_spec("rfc3161_client") is not None


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time-stamp that was read, still to be verified. `at` is the moment that the authority states (UTC)."""

    response: TimeStampResponse
    at: datetime

    def is_of(self, note: bytes) -> bool:
        imprint = self.response.tst_info.message_imprint
        make = _HASHES.get(imprint.hash_algorithm.dotted_string)
        return make is not None and make(note).digest() == imprint.message


def request_for(note: bytes) -> tuple[bytes, int]:
    """The TimeStampReq (DER) for these bytes with SHA-256, and its nonce, which the answer must repeat."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    request = TimestampRequestBuilder(data=note, hash_algorithm=HashAlgorithm.SHA256).build()
    return request.as_bytes(), request.nonce or 0


def read_stamp(answer: bytes) -> Stamp:
    """The TimeStampResp (DER) of an authority. Raises StampProblem when it is not one, or refuses."""
    from rfc3161_client import decode_timestamp_response

    try:
        response = decode_timestamp_response(answer)
    except ValueError as problem:
        raise StampProblem(f"this is not an answer of a time-stamping authority ({str(problem)[:100]})") from None
    if response.status != 0:
        words = "; ".join(response.status_string) or f"status {response.status}"
        raise StampProblem(f"the authority refused: {words[:200]}")
    try:
        return Stamp(response, response.tst_info.gen_time)
    except ValueError as problem:
        raise StampProblem(f"the time-stamp cannot be read ({str(problem)[:100]})") from None


def check_stamp(stamp: Stamp, note: bytes, authority: Sequence[x509.Certificate], nonce: int | None = None) -> None:
    """Raises StampProblem unless the authority, or somebody certified by it to stamp, signed this over the note.

    `authority` is trusted: the root's certificate, and any between it and the signer that the time-stamp leaves out.
    """
    from rfc3161_client import VerificationError, VerifierBuilder

    if not stamp.is_of(note):
        raise StampProblem("it stamps other bytes than this checkpoint's")
    try:
        VerifierBuilder(roots=list(authority), nonce=nonce).build().verify_message(stamp.response, note)
    except (VerificationError, ValueError) as problem:
        raise StampProblem(f"it is not of the authority that you trust ({str(problem)[:200]})") from None


def read_certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates in a PEM file. Raises ValueError when there is none."""
    return x509.load_pem_x509_certificates(pem)


def check_stamps(
    answers: Sequence[tuple[str, bytes]],
    notes: Sequence[Note],
    authority: Sequence[x509.Certificate],
    findings: Findings,
) -> None:
    """Doubt every time-stamp (its name, and the answer as it was kept) that is not good and of one of these notes."""
    if not answers:
        return
    if not can_read():
        findings.not_shown.append(f"{len(answers)} time-stamps: rfc3161-client is not installed here to read them")
        return
    good = [stamped for name, answer in answers if (stamped := _checked(name, answer, notes, authority, findings))]
    if authority:
        oldest = f"; the first says {moment_text(min(good))}" if good else ""
        findings.checked.append(f"{len(good)} of {len(answers)} time-stamps, by the authority's certificate{oldest}")
    else:
        findings.not_shown.append(f"who made the {len(answers)} time-stamps: no authority's certificate was given")


def _checked(
    name: str, answer: bytes, notes: Sequence[Note], authority: Sequence[x509.Certificate], findings: Findings
) -> datetime | None:
    try:
        stamp = read_stamp(answer)
        note = next((one for one in notes if stamp.is_of(one.text)), None)
        if note is None:
            raise StampProblem("it stamps none of the checkpoints that are here")
        if authority:
            check_stamp(stamp, note.text, authority)
        _agrees(stamp, note)
    except StampProblem as problem:
        findings.doubt(Doubt.BAD_TIMESTAMP, name, str(problem))
        return None
    return stamp.at


def _agrees(stamp: Stamp, note: Note) -> None:
    """Nobody can have seen a checkpoint before it was signed."""
    signed = note.checkpoint.extension(SIGNED_AT)
    try:
        too_early = signed is not None and stamp.at + CLOCKS_MAX < moment_from(signed)
    except (ValueError, TypeError):
        raise StampProblem(f"its checkpoint was signed at {signed!r}, which is not a moment") from None
    if too_early:
        raise StampProblem(f"it is of {moment_text(stamp.at)}, before the moment that its checkpoint claims: {signed}")
