"""Addresses: from whatever a cell says to a phone number in E.164 or a business-scoped user id, or why not."""

from consent.address.plain import Place, read_plain
from consent.address.problems import SENTENCES, AddressCode, AddressProblem
from consent.address.reading import read_cell
from consent.address.values import Address, Bsuid, Phone, PhoneKind, address_from
from consent.address.zones import place_of, region_of, zones_of, zones_of_region

__all__ = [
    "SENTENCES",
    "Address",
    "AddressCode",
    "AddressProblem",
    "Bsuid",
    "Phone",
    "PhoneKind",
    "Place",
    "address_from",
    "place_of",
    "read_cell",
    "read_plain",
    "region_of",
    "zones_of",
    "zones_of_region",
]
