"""Fetch templates and what Meta knows of the sending numbers.

Trigger: `izin templates sync`, start-up of the worker, every hour.
Reads:   Meta.
Writes:  templates and numbers, all or nothing.
Repeat:  harmless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.core.pacing import messages_per_second
from gateway.storage import templates
from gateway.storage.database import Database
from gateway.storage.templates import SendingNumber
from gateway.whatsapp.cloud import Cloud


@dataclass(frozen=True, slots=True)
class Synced:
    templates: int
    numbers: int


async def sync_templates(
    cloud: Cloud, database: Database, waba_id: str, number_ids: Sequence[str], now: datetime
) -> Synced:
    """Raises CloudProblem when Meta cannot be read; then nothing was written."""
    definitions = await cloud.templates(waba_id) if waba_id else []
    facts = [await cloud.number(number_id) for number_id in number_ids]
    numbers = [
        SendingNumber(
            fact.number_id,
            fact.display_number or None,
            fact.quality or "UNKNOWN",
            messages_per_second(fact.throughput, shared_with_app=fact.shared_with_app),
        )
        for fact in facts
    ]
    with database.write() as connection:
        templates.keep(connection, definitions, now)
        templates.add_numbers(connection, numbers, now)
    return Synced(len(definitions), len(numbers))
