"""A row made ready for the database while nothing of the database is known yet: texts and numbers, nothing else.

A row that is prepared can be handed to another process, or kept in a file until the whole sheet has been checked,
for a fraction of what reading it costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from consent.address import Address, place_of
from consent.evidence import commit
from gateway.core.rows import OptInRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Prepared(NamedTuple):
    """One person of a file. `line` is the spreadsheet's row number; `consent_at` microseconds since 1970, None where
    the row proves nothing; `attributes` JSON, "" for none; `evidence` the JSON of what proves the row, its cells in it;
    `addresses` in the order of the row, the first is the one to write to. `commitment` and `salt` seal the evidence.
    """

    line: int
    addresses: tuple[str, ...]
    name: str
    language: str
    zone: str
    zones: str
    region: str
    source: str
    attributes: str
    tags: tuple[str, ...]
    consent_at: int | None
    text_id: str
    text_version: str
    evidence: bytes
    commitment: str
    salt: bytes


class PreparedColumns(NamedTuple):
    """Many `Prepared` by their fields, each a list of as many values; rows in the order of their lines."""

    line: list[int]
    addresses: list[tuple[str, ...]]
    name: list[str]
    language: list[str]
    zone: list[str]
    zones: list[str]
    region: list[str]
    source: list[str]
    attributes: list[str]
    tags: list[tuple[str, ...]]
    consent_at: list[int | None]
    text_id: list[str]
    text_version: list[str]
    evidence: list[bytes]
    commitment: list[str]
    salt: list[bytes]

    @classmethod
    def of(cls, rows: Sequence[Prepared]) -> PreparedColumns:
        return cls(*map(list, zip(*rows, strict=True))) if rows else cls(*([] for _ in cls._fields))

    def row(self, place: int) -> Prepared:
        return Prepared._make(column[place] for column in self)

    def rows(self) -> list[Prepared]:
        return list(map(Prepared._make, zip(*self, strict=True)))


def prepare(row: OptInRow, proof: Mapping[str, Any], salt: bytes) -> Prepared:
    """A row without problems, ready. `proof` is what proves every row of the file: its digest, who vouches for it.
    `salt` seals what proves this one (consent.evidence)."""
    evidence = evidence_of(row, proof)
    region, zones = _place(row.addresses[0])
    return Prepared(
        row.line,
        tuple([address.value for address in row.addresses]),
        row.name,
        row.language,
        row.zone,
        zones,
        region,
        row.consent_source,
        orjson.dumps(_without_nul(row.attributes)).decode() if row.attributes else "",
        tuple(sorted(row.tags)),
        microseconds(row.consent_at) if row.is_proven and row.consent_at else None,
        row.text_id,
        row.text_version,
        evidence,
        commit(salt, evidence),
        salt,
    )


def _without_nul(attributes: Mapping[str, str]) -> Mapping[str, str]:
    """PostgreSQL keeps none in a jsonb."""
    return {key: value.replace("\0", "") for key, value in attributes.items()}


def evidence_of(row: OptInRow, proof: Mapping[str, Any]) -> bytes:
    """What proves a row: the file, its row, and its cells as they stood. JSON with sorted keys."""
    found = {"cells": row.cells, "proof": row.proof, "row": row.line, **proof}
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS)


def microseconds(moment: datetime) -> int:
    past = moment - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _place(address: Address) -> tuple[str, str]:
    """The address's region, and the zones in which it may be, with commas between."""
    region, zones = place_of(address)
    return region, joined(zones)


@lru_cache(maxsize=4096)
def joined(zones: frozenset[str]) -> str:
    return ",".join(sorted(zones))
