"""The izin command: every verb of the system, each with an example.

A command's module is imported only when it is called, so that `izin why` need not load a web server.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from gateway.cli.exits import EXIT_CODES
from gateway.cli.usage import usage_spoken

COMMANDS = {
    "optins": ("optins:optins", "Import people, ask them, list where they stand."),
    "optouts": ("optouts:optouts", "Import people who want no messages."),
    "people": ("audience:people", "Who is known: list, show, tag, correct, and keep the list clean."),
    "segments": ("segments:segments", "Count, explain and look at who a segment means."),
    "events": ("events:events", "What people did elsewhere, for segments to ask about."),
    "campaign": ("campaigns:campaign", "Plan, try, schedule, watch and stop campaigns."),
    "why": ("why:why", "Why did somebody get a message, or why not, or not yet?"),
    "replies": ("replies:replies", "How people's words are read, how well, and which need a reader."),
    "person": ("people:person", "One person's rights: show, export, hold, erase; consent on paper."),
    "ledger": ("ledger:ledger", "The append-only ledger of consent: verify, sign, prove, export."),
    "numbers": ("numbers:numbers", "The sending numbers: pace, quality, owner, holds, daily limit, errors."),
    "outbox": ("outbox:outbox", "Messages that wait, why and until when; those of unknown outcome."),
    "holds": ("holds:holds", "What may not be sent for now; stop and let go on by hand."),
    "inbox": ("inbox:inbox", "Webhooks: what waits, what could not be applied, what Meta says."),
    "texts": ("texts:texts", "Consent texts: versioned, per language, never changed."),
    "templates": ("templates:templates", "Message templates, as Meta has approved them."),
    "up": ("run:up", "Start web and worker (and the practice Cloud API without credentials)."),
    "web": ("run:web", "Serve the webhook, the links and the overview page."),
    "work": ("run:work", "Send what is due and keep the timetable."),
    "practice": ("run:practice", "Run the practice Cloud API alone."),
    "db": ("database:db", "Bring the database to the shape this version needs."),
    "demo": ("demo:demo", "Show the main job on this machine, and check every promise."),
}


class Commands(click.Group):
    """Knows every command by name and loads the one that is asked for."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with usage_spoken():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with usage_spoken():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, which offers the nearest name only of commands that it has loaded."""
        if args[0] not in COMMANDS and (near := get_close_matches(args[0], COMMANDS, n=1)):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"gateway.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.version_option(package_name="izin")
def main() -> None:
    """İzin: WhatsApp campaigns to people who agreed, and proof of it for every message.

    \b
    Try it:      izin demo
    Start it:    izin up
    Settings:    config.example.env lists them all; put yours into .env
    """
