"""A row made ready for the database while nothing of the database is known yet: texts and numbers, nothing else.

A row that is prepared can be handed to another process, or kept in a file until the whole sheet has been checked,
for a fraction of what reading it costs.
"""

from __future__ import annotations

from collections.abc import Mapping
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
        orjson.dumps(row.attributes).decode().replace("\\u0000", "") if row.attributes else "",  # no jsonb holds a NUL
        tuple(sorted(row.tags)),
        _microseconds(row.consent_at) if row.is_proven and row.consent_at else None,
        row.text_id,
        row.text_version,
        evidence,
        commit(salt, evidence),
        salt,
    )


def evidence_of(row: OptInRow, proof: Mapping[str, Any]) -> bytes:
    """What proves a row: the file, its row, and its cells as they stood. JSON with sorted keys."""
    found = {"cells": row.cells, "proof": row.proof, "row": row.line, **proof}
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS)


def _microseconds(moment: datetime) -> int:
    past = moment - EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _place(address: Address) -> tuple[str, str]:
    """The address's region, and the zones in which it may be, with commas between."""
    region, zones = place_of(address)
    return region, _joined(zones)


@lru_cache(maxsize=4096)
def _joined(zones: frozenset[str]) -> str:
    return ",".join(sorted(zones))
