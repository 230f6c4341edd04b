"""Signed checkpoints: the ledger's size and root on a few lines that anybody can keep and check.

The formats are C2SP's signed-note and tlog-checkpoint with Ed25519 (signature type 0x01), so that other tools read
them too. Keys are written as there: `name+hash+base64` to verify, `PRIVATE+KEY+name+hash+base64` to sign.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consent.events import moment_text

ED25519 = b"\x01"
SIGNATURES_MAX = 100
NOTE_BYTES_MAX = 1_000_000
SIGNED_AT = "signed-at "
NEW_KEY = "new-key "

_NAME = re.compile(r"[^\s+]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteProblem(ValueError):
    """This is not a checkpoint, or not a key; the text says what is wrong with it."""


def _b64(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteProblem(f"{what} is not base64: {text[:60]!r}") from None


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and an Ed25519 public key (32 raw bytes)."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        return _key_id(self.name, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def signed(self, body: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, body)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A name and an Ed25519 seed (32 raw bytes). Its repr shows no secret; `secret_text` is what a key file holds."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> VerifierKey:
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(self.name, public.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def secret_text(self) -> str:
        encoded = base64.b64encode(ED25519 + self.seed).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{encoded}"

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier})"

    def signature_line(self, body: bytes) -> str:
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(body)
        return f"\N{EM DASH} {self.name} {base64.b64encode(self.verifier.id + signature).decode()}\n"


def read_verifier_key(text: str) -> VerifierKey:
    """The key in `name+hash+base64`. Raises NoteProblem when it is not one, or its hash is not its own."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise NoteProblem("a verifier key is written name+hash+base64")
    name, key_id, raw = parts[0], parts[1], _b64(parts[2], "the key")
    if len(raw) != 33 or raw[:1] != ED25519:
        raise NoteProblem(f"the key of {name} is not an Ed25519 key")
    key = VerifierKey(name, raw[1:])
    if key.id.hex() != key_id:
        raise NoteProblem(f"the key of {name} does not match its own hash; it was damaged on the way")
    return key


def read_signing_key(text: str) -> SigningKey:
    """The key in a key file. Raises NoteProblem, without showing any of the key."""
    parts = text.strip().split("+", 4)
    if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"] or not _NAME.fullmatch(parts[2]):
        raise NoteProblem("a signing key is written PRIVATE+KEY+name+hash+base64")
    try:
        raw = base64.b64decode(parts[4], validate=True)
    except (binascii.Error, ValueError):
        raise NoteProblem("the signing key is not base64") from None
    if len(raw) != 33 or raw[:1] != ED25519:
        raise NoteProblem(f"the signing key of {parts[2]} is not an Ed25519 key")
    key = SigningKey(parts[2], raw[1:])
    if key.verifier.id.hex() != parts[3]:
        raise NoteProblem(f"the signing key of {parts[2]} does not match its own hash; it was damaged on the way")
    return key


def new_signing_key(name: str, seed: bytes) -> SigningKey:
    """A key from 32 random bytes. Raises NoteProblem on a name with spaces or plus signs, or on another length."""
    if not _NAME.fullmatch(name):
        raise NoteProblem(f"a key's name has no spaces and no plus sign, such as izin.example/ledger; got {name!r}")
    if len(seed) != 32:
        raise NoteProblem(f"an Ed25519 key needs 32 random bytes, got {len(seed)}")
    return SigningKey(name, seed)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed: whose ledger, how many events, the Merkle root over them, and extension lines of ours."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def body(self) -> bytes:
        """The signed bytes. Raises NoteProblem on a line that would break the format."""
        for line in (self.origin, *self.extensions):
            if not line or any(ord(letter) < 32 for letter in line):
                raise NoteProblem(f"a line of a checkpoint is neither empty nor holds control characters: {line!r}")
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        return "".join(line + "\n" for line in lines).encode()

    def extension(self, start: str) -> str | None:
        return next((line.removeprefix(start) for line in self.extensions if line.startswith(start)), None)


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint as it was published, with its signatures, still to be verified."""

    checkpoint: Checkpoint
    body: bytes
    signatures: tuple[Signature, ...]
    text: bytes
    """The whole note as it was read."""

    def signers(self, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Which of these keys signed. Raises NoteProblem when a signature claims one of them and is false."""
        known = {(key.name, key.id): key for key in keys}
        signed = []
        for one in self.signatures:
            key = known.get((one.name, one.key_id))
            if key is None:
                continue
            if not key.signed(self.body, one.signature):
                raise NoteProblem(
                    f"the signature of {one.name} on the checkpoint of size {self.checkpoint.size} is false"
                )
            signed.append(key)
        return signed


def sign(checkpoint: Checkpoint, keys: Sequence[SigningKey], at: datetime | None = None) -> str:
    """The checkpoint as a signed note. `at` (aware) is added as a line `signed-at <moment>`."""
    if at is not None:
        checkpoint = replace(checkpoint, extensions=(SIGNED_AT + moment_text(at), *checkpoint.extensions))
    body = checkpoint.body()
    return body.decode() + "\n" + "".join(key.signature_line(body) for key in keys)


def rotate(checkpoint: Checkpoint, old: SigningKey, new: SigningKey, at: datetime | None = None) -> str:
    """The checkpoint with which one key hands over to the next: it names the new key, and both sign it."""
    named = replace(checkpoint, extensions=(*checkpoint.extensions, NEW_KEY + str(new.verifier)))
    return sign(named, [old, new], at)


def read_note(text: str) -> Note:
    """A signed checkpoint. Raises NoteProblem that says what is wrong; signatures are not verified yet."""
    if len(text.encode(errors="replace")) > NOTE_BYTES_MAX:
        raise NoteProblem("a checkpoint is a few lines; this is too long to be one")
    body, found, tail = text.rpartition("\n\n")
    if not found or not tail.endswith("\n"):
        raise NoteProblem("a checkpoint ends in an empty line and one or more signature lines")
    signatures = tuple(_signature(line) for line in tail.removesuffix("\n").split("\n"))
    if len(signatures) > SIGNATURES_MAX:
        raise NoteProblem(f"a checkpoint has at most {SIGNATURES_MAX} signatures")
    checkpoint = _checkpoint(body.split("\n"))
    return Note(checkpoint, (body + "\n").encode(), signatures, text.encode())


def _signature(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "\N{EM DASH}" or not _NAME.fullmatch(parts[1]):
        raise NoteProblem(f"not a signature line: {line[:80]!r}")
    raw = _b64(parts[2], "a signature")
    if len(raw) < 5:
        raise NoteProblem(f"the signature of {parts[1]} is too short")
    return Signature(parts[1], raw[:4], raw[4:])


def _checkpoint(lines: list[str]) -> Checkpoint:
    if len(lines) < 3 or not all(lines):
        raise NoteProblem("a checkpoint has three lines or more: origin, size, root")
    origin, size, root, *extensions = lines
    if not _DECIMAL.fullmatch(size):
        raise NoteProblem(f"the size of a checkpoint is a plain number, not {size[:30]!r}")
    raw = _b64(root, "the root")
    if len(raw) != 32:
        raise NoteProblem("the root of a checkpoint is 32 bytes")
    return Checkpoint(origin, int(size), raw, tuple(extensions))


def follow(trusted: Iterable[VerifierKey], notes: Iterable[Note]) -> tuple[VerifierKey, ...]:
    """The trusted keys and those they handed over to: a new key counts when an old one and the new one both signed.

    Raises NoteProblem when a trusted key's signature is false.
    """
    keys = list(dict.fromkeys(trusted))
    for note in sorted(notes, key=lambda one: one.checkpoint.size):
        named = note.checkpoint.extension(NEW_KEY)
        if named is None or not note.signers(keys):
            continue
        new = read_verifier_key(named)
        if new not in keys and new in note.signers([new]):
            keys.append(new)
    return tuple(keys)
