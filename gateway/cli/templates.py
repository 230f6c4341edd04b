"""`izin templates`: what Meta has approved, and what happened to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import click

from gateway.actions.sync_templates import Synced, is_incident, sync_templates
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, as_json, house_command, moment, table, tell
from gateway.cli.template_exchange import diff, needs_account, pull, push
from gateway.cli.template_files import lint, preview
from gateway.core.wording import Wording
from gateway.storage import template_history
from gateway.storage import templates as stored
from gateway.storage.template_history import Change, SyncHealth
from gateway.storage.templates import StoredTemplate
from gateway.whatsapp.problems import CloudProblem

NUMBER_FIRST = Wording(
    "Önce IZIN_PHONE_NUMBER_IDS ayarını yazın (config.example.env).",
    "Set IZIN_PHONE_NUMBER_IDS first (see config.example.env).",
)
AWAY = Wording("Meta okunamıyor: {problem}", "Meta cannot be read: {problem}")
FETCHED = Wording(
    "{templates} şablon ve {numbers} numara getirildi.", "{templates} templates and {numbers} numbers fetched."
)
NONE_YET = Wording(
    "Henüz şablon yok; `izin templates sync` ile getirin.", "No templates yet; fetch them with `izin templates sync`."
)
HEADINGS = Wording("şablon\tdil\ttür\tdurum\tkalite", "template\tlanguage\tcategory\tstatus\tquality")
LAST_FETCHED = Wording("en son {at} anında getirildi", "last fetched {at}")
NEVER_FETCHED = Wording("henüz hiç getirilmedi", "never fetched yet")
FAILING = Wording(
    "Meta art arda {count} kez okunamadı ({since}): {problem}",
    "Meta could not be read {count} times in a row ({since}): {problem}",
)
NO_CHANGES = Wording(
    "Şablonlar ilk getirildiğinden beri bir şey değişmedi.", "Nothing has changed since templates were first fetched."
)
CHANGES = Wording(
    "ne zaman\tşablon\tdil\tne\teskisi\tyenisi\tsöyleyen", "when\ttemplate\tlanguage\twhat\twas\tis\ttold by"
)
NEW = Wording("yeni", "new")
GOES_ON = Wording("{name} sürüyor ({languages}).", "{name} goes on ({languages}).")
UNKNOWN = Wording(
    "“{name}” diye bir şablon yok; `izin templates list` olanları gösterir.",
    "There is no template “{name}”; `izin templates list` shows them.",
)
NOT_PAUSED = Wording(
    "“{name}” duraklatılmış değil ({states}); Meta'da başkaysa `izin templates sync`.",
    "“{name}” is not paused ({states}); if Meta differs, `izin templates sync`.",
)


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
        raise Trouble(NUMBER_FIRST.say(house.settings.language), code="settings")
    try:
        synced = asyncio.run(_sync(house))
    except CloudProblem as problem:
        raise Trouble(AWAY.say(house.settings.language).format(problem=problem), Exit.AWAY, "meta") from None
    changes = [change for change in synced.changes if change.was is not None]
    answer = {
        "templates": synced.templates,
        "numbers": synced.numbers,
        "changes": [_change(change) for change in changes],
    }
    fetched = FETCHED.say(house.settings.language).format(templates=synced.templates, numbers=synced.numbers)
    tell(answer, as_json, [fetched, *map(_told, changes)])


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
    tell(answer, as_json, [*_list_lines(house, found), *_health_lines(house, health)])


def _rows(found: Sequence[StoredTemplate]) -> list[tuple[str, ...]]:
    return [(t.name, t.language, t.category, t.status, t.quality) for t in found]


def _list_lines(house: House, found: Sequence[StoredTemplate]) -> Iterator[str]:
    if not found:
        yield NONE_YET.say(house.settings.language)
        return
    yield from table(_rows(found), HEADINGS.say(house.settings.language).split("\t"))


def _health_lines(house: House, health: SyncHealth | None) -> Iterator[str]:
    if health is not None and health.failures:
        language = house.settings.language
        since = NEVER_FETCHED.say(language)
        if health.succeeded_at:
            since = LAST_FETCHED.say(language).format(at=moment(house, health.succeeded_at))
        words = FAILING.say(language).format(count=health.failures, since=since, problem=health.problem)
        yield click.style(words, fg="red" if is_incident(health) else "yellow")


def _history_lines(house: House, changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield NO_CHANGES.say(house.settings.language)
        return
    new = NEW.say(house.settings.language)
    rows = [(moment(house, c.at), c.name, c.language, c.what, c.was or new, c.now, c.source) for c in changes]
    yield from table(rows, CHANGES.say(house.settings.language).split("\t"))


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
    told = GOES_ON.say(house.settings.language).format(name=name, languages=", ".join(languages))
    tell({"name": name, "languages": languages}, as_json, [told])


def _paused(house: House, name: str, language: str | None) -> list[tuple[str, str]]:
    with house.database.read() as connection:
        versions = stored.languages_of(connection, name)
    if not versions:
        raise Trouble(UNKNOWN.say(house.settings.language).format(name=name), code="unknown_template")
    paused = [
        (spoken, str(t.definition.get("id")))
        for spoken, t in versions.items()
        if t.status == "PAUSED" and language in (None, spoken)
    ]
    if not paused:
        states = ", ".join(f"{spoken}: {t.status}" for spoken, t in versions.items())
        raise Trouble(NOT_PAUSED.say(house.settings.language).format(name=name, states=states), code="not_paused")
    return paused


async def _unpause(house: House, ids: Sequence[str]) -> None:
    settings = house.settings
    async with house.messenger() as cloud:
        for template_id in ids:
            await cloud.unpause_template(template_id)
        await sync_templates(cloud, house.database, settings.waba_id, settings.phone_number_ids, house.clock.now())
