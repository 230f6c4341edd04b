"""`izin templates`: what Meta has approved."""

from __future__ import annotations

import asyncio

import click

from gateway.actions.sync_templates import Synced, sync_templates
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, as_json, house_command, table, tell
from gateway.storage import templates as stored
from gateway.whatsapp.cloud import CloudProblem


@click.group()
def templates() -> None:
    """Message templates: fetched from Meta, never sent unless approved."""


@templates.command()
@as_json
@house_command
def sync(house: House, as_json: bool) -> None:
    """Fetch templates and the sending numbers from Meta.

    \b
    Example:  izin templates sync
    """
    settings = house.settings
    if not settings.token or not settings.waba_id or not settings.phone_number_ids:
        raise Trouble(
            "Set IZIN_TOKEN, IZIN_WABA_ID and IZIN_PHONE_NUMBER_IDS first (see config.example.env).", code="settings"
        )
    try:
        synced = asyncio.run(_sync(house))
    except CloudProblem as problem:
        raise Trouble(f"Meta cannot be read: {problem}", Exit.AWAY, "meta") from None
    answer = {"templates": synced.templates, "numbers": synced.numbers}
    tell(answer, as_json, [f"{synced.templates} templates and {synced.numbers} numbers fetched."])


async def _sync(house: House) -> Synced:
    settings = house.settings
    async with house.messenger() as cloud:
        return await sync_templates(
            cloud, house.database, settings.waba_id, settings.phone_number_ids, house.clock.now()
        )


@templates.command(name="list")
@as_json
@house_command
def list_command(house: House, as_json: bool) -> None:
    """Templates by name and language, with status and quality.

    \b
    Example:  izin templates list
    """
    with house.database.read() as connection:
        found = stored.all_templates(connection)
    rows = [(t.name, t.language, t.category, t.status, t.quality) for t in found]
    answer = [dict(zip(("name", "language", "category", "status", "quality"), row, strict=True)) for row in rows]
    heading = ("template", "language", "category", "status", "quality")
    lines = table(rows, heading) if rows else ["No templates yet; fetch them with `izin templates sync`."]
    tell({"templates": answer}, as_json, lines)
