"""Fetch templates and what Meta knows of the sending numbers.

Trigger: `izin templates sync`, start-up of the worker, every hour.
Reads:   Meta.
Writes:  templates with the history of what changed, holds that follow from it, numbers, how the fetch went.
Repeat:  harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from gateway.actions.template_news import category_changed, status_changed
from gateway.core.pacing import messages_per_second, people_per_day
from gateway.storage import template_history, templates
from gateway.storage.database import Database
from gateway.storage.template_history import Change, SyncHealth
from gateway.storage.templates import DELETED, SendingNumber
from gateway.whatsapp.problems import CloudProblem

if TYPE_CHECKING:
    from gateway.whatsapp.cloud import Cloud, NumberFacts

FAILURES_MAX = 3
"""Failures in a row after which somebody should look: the worker then has tried for about a minute and a half."""


@dataclass(frozen=True, slots=True)
class Synced:
    """How many were fetched, and what was not so before."""

    templates: int
    numbers: int
    changes: tuple[Change, ...] = ()


def is_incident(health: SyncHealth | None) -> bool:
    """Whether what we know of templates may be old, because Meta could not be read several times in a row."""
    return health is not None and health.failures >= FAILURES_MAX


async def sync_templates(
    cloud: Cloud, database: Database, waba_id: str, number_ids: Sequence[str], now: datetime
) -> Synced:
    """Raises CloudProblem when Meta cannot be read; then only the failure was written."""
    try:
        definitions = await cloud.templates(waba_id) if waba_id else []
        facts = [await cloud.number(number_id) for number_id in number_ids]
    except CloudProblem as problem:
        with database.write() as connection:
            template_history.sync_failed(connection, str(problem), now)
        raise
    with database.write() as connection:
        changes = templates.keep(connection, definitions, now)
        _apply(connection, changes, now)
        if waba_id:
            for gone in templates.forget_missing(connection, definitions, now):
                status_changed(connection, gone.name, DELETED, now)
        known = {number.id: number.people_per_day for number in templates.numbers(connection)}
        templates.add_numbers(connection, [_number(fact, known) for fact in facts], now)
        template_history.sync_succeeded(connection, now)
    return Synced(len(definitions), len(facts), tuple(changes))


def _apply(connection: Connection, changes: Sequence[Change], now: datetime) -> None:
    """Do what the webhooks would have done, had they come; a template never seen before holds nothing."""
    for change in changes:
        if change.was is not None and change.what == "status":
            status_changed(connection, change.name, change.now, now)
        elif change.was is not None and change.what == "category":
            category_changed(connection, change.name, change.now, now)


def _number(fact: NumberFacts, known: Mapping[str, int | None]) -> SendingNumber:
    """Where Meta tells no tier, the limit that a webhook told stays."""
    return SendingNumber(
        fact.number_id,
        fact.display_number or None,
        fact.quality or "UNKNOWN",
        messages_per_second(fact.throughput, shared_with_app=fact.shared_with_app),
        people_per_day(fact.limit_tier) if fact.limit_tier else known.get(fact.number_id),
    )
