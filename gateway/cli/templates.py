"""`izin templates`: what Meta has approved, and what happened to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from gateway.actions.sync_templates import Synced, is_incident, sync_templates
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, as_json, house_command, table, tell
from gateway.cli.template_exchange import diff, needs_account, pull, push
from gateway.cli.template_files import lint, preview
from gateway.storage import template_history
from gateway.storage import templates as stored
from gateway.storage.template_history import Change, SyncHealth
from gateway.storage.templates import StoredTemplate
from gateway.whatsapp.problems import CloudProblem


@click.group()
def templates() -> None:
    """Message templates: kept as files, checked, brought to Meta, never sent unless approved."""


for command in (lint, preview, push, pull, diff):
    templates.add_command(command)


@templates.command()
@as_json
@house_command
def sync(house: House, as_json: bool) -> None:
    """Fetch templates and the sending numbers from Meta.

    \b
    Example:  izin templates sync
    """
    needs_account(house.settings)
    if not house.settings.phone_number_ids:
        raise Trouble("Set IZIN_PHONE_NUMBER_IDS first (see config.example.env).", code="settings")
    try:
        synced = asyncio.run(_sync(house))
    except CloudProblem as problem:
        raise Trouble(f"Meta cannot be read: {problem}", Exit.AWAY, "meta") from None
    changes = [change for change in synced.changes if change.was is not None]
    answer = {
        "templates": synced.templates,
        "numbers": synced.numbers,
        "changes": [_change(change) for change in changes],
    }
    lines = [f"{synced.templates} templates and {synced.numbers} numbers fetched.", *map(_told, changes)]
    tell(answer, as_json, lines)


async def _sync(house: House) -> Synced:
    settings = house.settings
    async with house.messenger() as cloud:
        return await sync_templates(
            cloud, house.database, settings.waba_id, settings.phone_number_ids, house.clock.now()
        )


def _change(change: Change) -> dict[str, object]:
    return {
        "name": change.name,
        "language": change.language,
        "what": change.what,
        "was": change.was,
        "now": change.now,
        "source": change.source,
        "at": change.at,
    }


def _told(change: Change) -> str:
    return f"  {change.name} ({change.language}): {change.what} {change.was} → {change.now}"


@templates.command(name="list")
@click.option("--history", is_flag=True, help="What changed by itself, newest first, instead of how it stands.")
@as_json
@house_command
def list_command(house: House, history: bool, as_json: bool) -> None:
    """Templates by name and language, with status and quality.

    \b
    Example:  izin templates list
              izin templates list --history
    """
    with house.database.read() as connection:
        found = stored.all_templates(connection)
        health = template_history.sync_health(connection)
        changes = template_history.history(connection) if history else []
    if history:
        tell({"changes": [_change(change) for change in changes]}, as_json, _history_lines(house, changes))
        return
    keys = ("name", "language", "category", "status", "quality")
    answer = {
        "templates": [dict(zip(keys, row, strict=True)) for row in _rows(found)],
        "synced_at": health.succeeded_at if health else None,
        "incident": health.problem if health and is_incident(health) else None,
    }
    tell(answer, as_json, [*_list_lines(found), *_health_lines(house, health)])


def _rows(found: Sequence[StoredTemplate]) -> list[tuple[str, ...]]:
    return [(t.name, t.language, t.category, t.status, t.quality) for t in found]


def _list_lines(found: Sequence[StoredTemplate]) -> Iterator[str]:
    if not found:
        yield "No templates yet; fetch them with `izin templates sync`."
        return
    yield from table(_rows(found), ("template", "language", "category", "status", "quality"))


def _health_lines(house: House, health: SyncHealth | None) -> Iterator[str]:
    if health is not None and health.failures:
        since = f"last fetched {_moment(house, health.succeeded_at)}" if health.succeeded_at else "never fetched yet"
        words = f"Meta could not be read {health.failures} times in a row ({since}): {health.problem}"
        yield click.style(words, fg="red" if is_incident(health) else "yellow")


def _history_lines(house: House, changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield "Nothing has changed since templates were first fetched."
        return
    rows = [(_moment(house, c.at), c.name, c.language, c.what, c.was or "new", c.now, c.source) for c in changes]
    yield from table(rows, ("when", "template", "language", "what", "was", "is", "told by"))


def _moment(house: House, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(house.settings.time_zone)):%Y-%m-%d %H:%M}"


@templates.command()
@click.argument("name")
@click.option("--language", help="Only this language version; without, every paused one.")
@as_json
@house_command
def unpause(house: House, name: str, language: str | None, as_json: bool) -> None:
    """Let NAME go on after pacing has paused it; what held its campaigns is lifted.

    Meta takes this five minutes after the pause at the earliest. Pauses for low quality end by themselves.

    \b
    Example:  izin templates unpause spring_offer
    """
    needs_account(house.settings)
    paused = _paused(house, name, language)
    try:
        asyncio.run(_unpause(house, [meta_id for _, meta_id in paused]))
    except CloudProblem as problem:
        if problem.code <= 0:
            raise Trouble(f"{problem}", Exit.AWAY, "meta") from None
        raise Trouble(f"{name}: {problem.said or problem}", code="cannot_unpause") from None
    languages = [spoken for spoken, _ in paused]
    tell({"name": name, "languages": languages}, as_json, [f"{name} goes on ({', '.join(languages)})."])


def _paused(house: House, name: str, language: str | None) -> list[tuple[str, str]]:
    with house.database.read() as connection:
        versions = stored.languages_of(connection, name)
    if not versions:
        raise Trouble(f"There is no template “{name}”; `izin templates list` shows them.", code="unknown_template")
    paused = [
        (spoken, str(t.definition.get("id")))
        for spoken, t in versions.items()
        if t.status == "PAUSED" and language in (None, spoken)
    ]
    if not paused:
        states = ", ".join(f"{spoken}: {t.status}" for spoken, t in versions.items())
        raise Trouble(f"“{name}” is not paused ({states}); if Meta differs, `izin templates sync`.", code="not_paused")
    return paused


async def _unpause(house: House, ids: Sequence[str]) -> None:
    settings = house.settings
    async with house.messenger() as cloud:
        for template_id in ids:
            await cloud.unpause_template(template_id)
        await sync_templates(cloud, house.database, settings.waba_id, settings.phone_number_ids, house.clock.now())
