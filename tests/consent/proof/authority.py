"""A time-stamping authority (RFC 3161) as small as one can be, written in DER by hand: for tests of what we ask it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SEQUENCE, SET, INTEGER, OCTETS, OID, TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18
SIGNED_DATA, TST_INFO = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d0109100104")
CONTENT_TYPE, MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010903"), bytes.fromhex("2a864886f70d010904")
POLICY = bytes.fromhex("2a0304")
SHA_256, ECDSA_SHA_256 = bytes.fromhex("608648016503040201"), bytes.fromhex("2a8648ce3d040302")


def der(tag: int, *contents: bytes) -> bytes:
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def integer(number: int) -> bytes:
    return der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def parts(sequence: bytes) -> list[bytes]:
    """The values in a DER sequence, each with its tag and length."""
    found, at = [], 0
    rest = _content(sequence)
    while at < len(rest):
        size = len(rest[at:]) - len(_after(rest[at:]))
        found.append(rest[at : at + size])
        at += size
    return found


def _measure(value: bytes) -> tuple[int, int]:
    if value[1] < 0x80:
        return 2, value[1]
    count = value[1] & 0x7F
    return 2 + count, int.from_bytes(value[2 : 2 + count], "big")


def _content(value: bytes) -> bytes:
    head, size = _measure(value)
    return value[head : head + size]


def _after(value: bytes) -> bytes:
    head, size = _measure(value)
    return value[head + size :]


@dataclass
class Authority:
    """`now` is what its clock says; `status` 2 refuses."""

    now: datetime
    name: str = "tsa.example"
    status: int = 0
    asked: int = 0
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        began = datetime(2020, 1, 1, tzinfo=UTC)
        builder = x509.CertificateBuilder(name, name, self._key.public_key(), 7, began, began + timedelta(days=9000))
        self.certificate = builder.add_extension(stamping, critical=True).sign(self._key, SHA256())

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def answer(self, request: bytes) -> bytes:
        self.asked += 1
        if self.status:
            return der(SEQUENCE, der(SEQUENCE, integer(self.status), der(SEQUENCE, der(0x0C, b"closed today"))))
        _, imprint, nonce, *_ = parts(request)
        return der(SEQUENCE, der(SEQUENCE, integer(0)), self._token(self._info(imprint, nonce)))

    def _info(self, imprint: bytes, nonce: bytes) -> bytes:
        moment = der(TIME, f"{self.now:%Y%m%d%H%M%SZ}".encode())
        return der(SEQUENCE, integer(1), der(OID, POLICY), imprint, integer(self.asked), moment, nonce)

    def _token(self, info: bytes) -> bytes:
        algorithm = der(SEQUENCE, der(OID, SHA_256))
        signed = der(SEQUENCE, der(OID, CONTENT_TYPE), der(SET, der(OID, TST_INFO)))
        signed += der(SEQUENCE, der(OID, MESSAGE_DIGEST), der(SET, der(OCTETS, sha256(info).digest())))
        signature = self._key.sign(der(SET, signed), ec.ECDSA(SHA256()))
        signer = der(
            SEQUENCE,
            integer(1),
            der(SEQUENCE, self.certificate.issuer.public_bytes(), integer(self.certificate.serial_number)),
            algorithm,
            der(0xA0, signed),
            der(SEQUENCE, der(OID, ECDSA_SHA_256)),
            der(OCTETS, signature),
        )
        content = der(SEQUENCE, der(OID, TST_INFO), der(0xA0, der(OCTETS, info)))
        certificates = der(0xA0, self.certificate.public_bytes(Encoding.DER))
        data = der(SEQUENCE, integer(3), der(SET, algorithm), content, certificates, der(SET, signer))
        return der(SEQUENCE, der(OID, SIGNED_DATA), der(0xA0, data))
