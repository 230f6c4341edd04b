"""What an address is: a phone number in E.164, or a business-scoped user id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class PhoneKind(StrEnum):
    """What a numbering plan says about a number. `EITHER` is North America's: a mobile looks like a landline there."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    EITHER = "either"
    SERVICE = "service"  # toll-free, premium, 444-type and internet numbers: a business, hardly ever a person
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number that its country's numbering plan knows. `e164` is like "+905550001234".

    `kind` takes no part in comparison: the same number is the same address, however it was come by.
    """

    e164: str
    kind: PhoneKind = field(default=PhoneKind.UNKNOWN, compare=False)

    @property
    def value(self) -> str:
        return self.e164

    @property
    def is_landline(self) -> bool:
        return self.kind is PhoneKind.LANDLINE

    @property
    def is_service(self) -> bool:
        return self.kind is PhoneKind.SERVICE

    def __str__(self) -> str:
        return self.e164


@dataclass(frozen=True, slots=True)
class Bsuid:
    """Meta's business-scoped user id: a country, a dot (and `ENT.` for a parent id), up to 128 letters and digits.

    Source: reference/whatsapp-cloud-api.md 4.1, after Meta's business-scoped-user-ids page of May 2026.
    """

    value: str

    @property
    def country(self) -> str:
        """ISO 3166 code, which Meta puts in front of the dot."""
        return self.value[:2]

    def __str__(self) -> str:
        return self.value


Address = Phone | Bsuid

BSUID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?(?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]{1,128}")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def address_from(value: str) -> Address:
    """The address whose `str` was stored. Raises ValueError for anything but E.164 or a BSUID."""
    if E164.fullmatch(value):
        return Phone(value)
    if BSUID.fullmatch(value):
        return Bsuid(value)
    raise ValueError("neither an E.164 number nor a business-scoped user id")
