"""Bring one template from its file to Meta: create it, edit it, or say why neither is possible.

Trigger: `izin templates push`.
Reads:   the template as it stands at Meta, our own pushes of the last days.
Writes:  Meta; then the template as Meta has it now, and the push in its history.
Repeat:  harmless: a template that Meta has just so is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gateway.core.template import (
    Difference,
    Finding,
    Header,
    Template,
    TemplateStatus,
    as_meta,
    differences,
    from_meta,
    refused_by_meta,
)
from gateway.core.template.definition import MEDIA_FORMATS
from gateway.core.wording import Wording
from gateway.storage import template_history, templates
from gateway.storage.database import Database
from gateway.storage.template_history import Change
from gateway.whatsapp.problems import CloudProblem

if TYPE_CHECKING:
    from gateway.whatsapp.cloud import Cloud

EDITABLE = frozenset({TemplateStatus.APPROVED, TemplateStatus.REJECTED, TemplateStatus.PAUSED})
CREATIONS_PER_HOUR = 100
EDITS_PER_DAY, EDITS_PER_MONTH = 1, 10
"""Of an approved template; one in another state may be edited at will (reference/whatsapp-cloud-api.md section 5)."""


class Push(StrEnum):
    CREATED = "created"
    EDITED = "edited"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of it. `why` says why not; `changes` is what an edit changed."""

    push: Push
    why: Wording | None = None
    finding: Finding | None = None
    changes: tuple[Difference, ...] = ()


async def at_meta(cloud: Cloud, waba_id: str, name: str) -> dict[str, Template]:
    """The language versions of a template that Meta has and that can be read. Raises CloudProblem."""
    read = [from_meta(item) for item in await cloud.templates(waba_id, name)]
    return {one.language: one for one in read if isinstance(one, Template)}


async def push_template(
    cloud: Cloud, database: Database, waba_id: str, template: Template, now: datetime, *, dry: bool = False
) -> Pushed:
    """`dry` says what would be done. Raises CloudProblem when Meta cannot be asked; its refusals are Pushed."""
    theirs = (await at_meta(cloud, waba_id, template.name)).get(template.language)
    changes = tuple(differences(template, theirs)) if theirs else ()
    if theirs and not changes:
        return Pushed(Push.SAME)
    with database.read() as connection:
        history = Pushes(
            template_history.pushes(connection, False, now - timedelta(hours=1)),
            template_history.pushes(connection, True, now - timedelta(days=1), template.name, template.language),
            template_history.pushes(connection, True, now - timedelta(days=30), template.name, template.language),
        )
    if why := not_now(template, theirs, history):
        return Pushed(Push.REFUSED, why, changes=changes)
    done = Pushed(Push.EDITED if theirs else Push.CREATED, changes=changes)
    return done if dry else await _pushed(cloud, database, waba_id, template, theirs, done, now)


@dataclass(frozen=True, slots=True)
class Pushes:
    """How many templates we created in the last hour, and how often this one was edited in a day and 30 days."""

    created: int = 0
    edited_today: int = 0
    edited_this_month: int = 0


def not_now(mine: Template, theirs: Template | None, pushes: Pushes) -> Wording | None:
    """Which of Meta's limits forbids it, or None."""
    if theirs is None:
        return _CREATIONS if pushes.created >= CREATIONS_PER_HOUR else None
    if theirs.status not in EDITABLE:
        return Wording(f"Meta'da durumu {theirs.status}; yalnız APPROVED, REJECTED ve PAUSED düzenlenebilir.",
                       f"At Meta it is {theirs.status}; only APPROVED, REJECTED and PAUSED can be edited.")  # fmt: skip
    if theirs.status is not TemplateStatus.APPROVED:
        return None
    if mine.category is not theirs.category:
        return Wording(f"Onaylı şablonun kategorisi ({theirs.category}) değiştirilemez; yeni adla oluşturun.",
                       f"An approved template stays {theirs.category}; create it under a new name.")  # fmt: skip
    over = pushes.edited_today >= EDITS_PER_DAY or pushes.edited_this_month >= EDITS_PER_MONTH
    return _EDITS if over else None


_CREATIONS = Wording(f"Bir saatte en çok {CREATIONS_PER_HOUR} şablon oluşturulabilir; sonra yeniden deneyin.",
                     f"At most {CREATIONS_PER_HOUR} templates may be created in an hour; try again later.")  # fmt: skip
_EDITS = Wording(
    f"Onaylı bir şablon günde {EDITS_PER_DAY}, 30 günde {EDITS_PER_MONTH} kez düzenlenebilir; sonra yeniden deneyin.",
    f"An approved template may be edited {EDITS_PER_DAY} time a day and {EDITS_PER_MONTH} in 30 days; try again later.",
)


async def _pushed(
    cloud: Cloud, database: Database, waba_id: str, mine: Template, theirs: Template | None, done: Pushed, now: datetime
) -> Pushed:
    try:
        template_id = await _write(cloud, waba_id, mine, theirs)
    except CloudProblem as problem:
        if problem.code <= 0 or problem.code in AWAY:
            raise
        finding = refused_by_meta(problem.subcode, problem.said)
        return replace(done, push=Push.REFUSED, why=finding.sentence, finding=finding)
    definition = await cloud.template(template_id)
    was = theirs.status.value if theirs else None
    change = Change(mine.name, mine.language, "content", was, str(definition.get("status", "")), "push", now)
    with database.write() as connection:
        templates.keep(connection, [definition], now)
        template_history.record(connection, [change])
    return done


AWAY = frozenset({1, 2, 4, 190, 200, 10, 80007})
"""Codes that say nothing of the template: Meta is busy, or the token may not."""


async def _write(cloud: Cloud, waba_id: str, mine: Template, theirs: Template | None) -> str:
    if theirs is None:
        return await cloud.create_template(waba_id, as_meta(mine))
    body = as_meta(mine)
    kept = ("components", "message_send_ttl_seconds", "parameter_format")
    edit = {key: body[key] for key in kept if key in body}
    if mine.category is not theirs.category:
        edit["category"] = mine.category.value
    await cloud.edit_template(theirs.id, edit)
    return theirs.id


def samples_of(template: Template) -> list[tuple[Header, str]]:
    """Media headers, of cards too, and what stands in the file as their sample."""
    headers = [template.header, *(card.header for card in template.cards)]
    return [(header, header.sample) for header in headers if header and header.format in MEDIA_FORMATS]


def with_samples(template: Template, handles: Mapping[str, str]) -> Template:
    """The template with each sample that is a key of `handles` replaced by its handle."""

    def known(header: Header | None) -> Header | None:
        return replace(header, sample=handles.get(header.sample, header.sample)) if header else None

    cards = tuple(replace(card, header=known(card.header)) for card in template.cards)
    return replace(template, header=known(template.header), cards=cards)
