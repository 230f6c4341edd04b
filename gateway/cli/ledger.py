"""`izin ledger`: what people agreed to, and proof that nobody changed it."""

from __future__ import annotations

import click

from consent import ledger as book
from consent.events import as_mapping
from gateway.actions.explain_person import find_person
from gateway.actions.verify_ledger import verify_ledger
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, as_json, house_command, table, tell


@click.group()
def ledger() -> None:
    """The append-only ledger of consent."""


@ledger.command()
@as_json
@house_command
def verify(house: House, as_json: bool) -> None:
    """Check every event, link, standing and message; exit 3 on any doubt.

    \b
    Example:  izin ledger verify
    """
    with house.database.read() as connection:
        verified = verify_ledger(connection)
    findings = verified.findings
    answer = {
        "holds": findings.holds,
        "events": verified.events,
        "head": verified.head,
        "messages": verified.messages,
        "doubts": [str(doubt) for doubt in findings.doubts],
    }
    summary = f"{'✓ The ledger holds' if findings.holds else '✗ The ledger is in doubt'}; head {verified.head[:16]}…"
    tell(answer, as_json, [*findings.lines(), click.style(summary, fg="green" if findings.holds else "red")])
    if not findings.holds:
        raise SystemExit(Exit.BROKEN)


@ledger.command()
@click.argument("person", required=False)
@click.option("--limit", default=20, show_default=True, help="How many of the newest events, without PERSON.")
@as_json
@house_command
def show(house: House, person: str | None, limit: int, as_json: bool) -> None:
    """Show a person's events, or the newest ones. Nothing in them names anybody.

    \b
    Example:  izin ledger show "+90 555 000 12 34"
    """
    with house.database.read() as connection:
        if person is None:
            size, _ = book.head(connection)
            events = [e for seq in range(max(1, size - limit + 1), size + 1) if (e := book.event_at(connection, seq))]
        else:
            subject = find_person(connection, person, house.settings.region)
            if subject is None:
                raise Trouble("Nobody is known here by that number or reference.", code="unknown_person")
            events = book.events_of(connection, [subject.id]).get(subject.id, [])
    rows = [
        (e.seq, f"{e.occurred_at:%Y-%m-%d %H:%M:%S}", e.type.value, e.purpose, e.source, e.method, e.hash[:12])
        for e in events
    ]
    heading = ("seq", "when (UTC)", "event", "purpose", "source", "method", "hash")
    answer = {"events": [as_mapping(e) | {"hash": e.hash} for e in events]}
    tell(answer, as_json, table(rows, heading) if rows else ["No events."])
