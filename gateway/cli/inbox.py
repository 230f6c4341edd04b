"""`izin inbox`: what Meta has told us, what waits, and what could not be applied."""

from __future__ import annotations

from typing import Any

import click

from gateway.actions.replay_quarantined import Replayed, item_at, replay
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, as_json, moment, table, tell, the_house
from gateway.core.contact import mask
from gateway.storage import incidents, quarantine
from gateway.storage.quarantine import Quarantined
from gateway.whatsapp.payload import Identifiers, InboundMessage, Item, PreferenceChange, StatusUpdate, label

INCIDENTS_SHOWN = 10
KEY_SHOWN_MAX = 40
_MARKS = {Replayed.APPLIED: "✓ applied", Replayed.STILL_BROKEN: "✗ still broken", Replayed.BODY_GONE: "✗ body is gone"}


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def inbox(context: click.Context, as_json: bool) -> None:
    """Webhooks: what waits, what came, what could not be applied, and what Meta says of the account.

    \b
    Example:  izin inbox
    """
    if context.invoked_subcommand is None:
        with the_house() as house:
            _overview(house, as_json)


def _overview(house: House, as_json: bool) -> None:
    backlog = house.inbox.backlog()
    with house.database.read() as connection:
        counts = quarantine.tallies(connection)
        aside = quarantine.everything(connection)
        told = incidents.latest(connection, INCIDENTS_SHOWN)
    answer = {
        "backlog": backlog,
        "counts": counts,
        "quarantine": [_quarantined(one) for one in aside],
        "incidents": [{"at": i.at, "kind": i.kind, "severity": i.severity, "detail": i.detail} for i in told],
    }
    lines = [f"Waiting to be drained: {backlog}"]
    lines += ["", "Seen so far:", *table(sorted(counts.items()))] if counts else ["Nothing has come yet."]
    if aside:
        rows = [(one.id, moment(house, one.at), one.problem) for one in aside]
        lines += ["", "Could not be applied (izin inbox show ID, izin inbox replay [ID]):"]
        lines += table(rows, ("id", "since", "problem"))
    if told:
        news = [(moment(house, i.at), i.severity.value, i.kind, i.about or "", i.detail or "") for i in told]
        lines += ["", "What Meta says of the account:"]
        lines += table(news, ("when", "how grave", "about", "whom", "in Meta's words"))
    tell(answer, as_json, lines)


def _quarantined(one: Quarantined) -> dict[str, Any]:
    return {"id": one.id, "body": one.body_id, "position": one.position, "problem": one.problem, "at": one.at}


def _chosen(house: House, number: int) -> Quarantined:
    with house.database.read() as connection:
        found = quarantine.by_id(connection, number)
    if found is None:
        raise Trouble(f"Nothing is set aside under {number}; `izin inbox` lists what is.", code="unknown_item")
    return found


@inbox.command()
@click.argument("number", metavar="ID", type=int)
@as_json
def show(number: int, as_json: bool) -> None:
    """Show one item that could not be applied. Numbers are masked, and nobody's words are shown.

    \b
    Example:  izin inbox show 3
    """
    with the_house() as house:
        one = _chosen(house, number)
        item = item_at(house.inbox, one)
    if item is None:
        raise Trouble("The body that it stood in has been discarded (IZIN_KEEP_WEBHOOKS).", code="body_gone")
    answer = _quarantined(one) | _shown(item)
    tell(answer, as_json, table([(name, value) for name, value in answer.items() if value is not None]))


def _shown(item: Item) -> dict[str, Any]:
    """What tells an item apart, without anything that a person wrote; its id holds the number, so it stays out."""
    known = _person(item).known
    keys = sorted(map(str, item.raw)) if isinstance(item.raw, dict) else []
    return {
        "what": label(item),
        "field": item.field,
        "when": getattr(item, "at", None),
        "who": ", ".join(mask(one if not one.isdigit() else f"+{one}") for one in known) or None,
        "keys": ", ".join(key if key.isidentifier() and len(key) < KEY_SHOWN_MAX else "…" for key in keys) or None,
    }


def _person(item: Item) -> Identifiers:
    match item:
        case InboundMessage(sender=person) | StatusUpdate(recipient=person) | PreferenceChange(person=person):
            return person
    return Identifiers()


@inbox.command(name="replay")
@click.argument("number", metavar="[ID]", type=int, required=False)
@as_json
def replay_command(number: int | None, as_json: bool) -> None:
    """Try again what could not be applied: one item, or all of them. Exit 3 if any is still broken.

    \b
    Example:  izin inbox replay
    """
    with the_house() as house:
        with house.database.read() as connection:
            every = quarantine.everything(connection)
        chosen = every if number is None else [_chosen(house, number)]
        ends = [(one, replay(house.database, house.inbox, one, house.settings, house.clock.now())) for one in chosen]
    answer = {"replayed": [{"id": one.id, "result": end.value} for one, end in ends]}
    lines = [f"{one.id}: {_MARKS[end]}" for one, end in ends]
    tell(answer, as_json, lines or ["Nothing is set aside."])
    if any(end is not Replayed.APPLIED for _, end in ends):
        raise SystemExit(Exit.BROKEN)
