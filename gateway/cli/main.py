"""The izin command: every verb of the system, each with an example."""

from __future__ import annotations

import click

from gateway.cli import campaigns, database, demo, ledger, optins, run, templates, texts, why
from gateway.cli.speech import EXIT_CODES


@click.group(
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


for command in (
    optins.optins,
    campaigns.campaign,
    why.why,
    ledger.ledger,
    texts.texts,
    templates.templates,
    run.practice,
    run.up,
    run.web,
    run.work,
    database.db,
    demo.demo,
):
    main.add_command(command)
