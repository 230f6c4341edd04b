"""`izin optouts`: people who want no messages, from a file."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.actions.import_optouts import REJECTED, STOPPED, OptOutImport
from gateway.assembly import House
from gateway.cli.importing import ROWS, first, mapping_of, rejects_told, watched
from gateway.cli.speech import as_json, house_command, operator, table, tell
from gateway.core.wording import Wording

SAID = {STOPPED: Wording("durduruldu", "stopped"), REJECTED: Wording("reddedildi", "rejected")}


@click.group()
def optouts() -> None:
    """People who want no messages."""


@optouts.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "mapping", multiple=True, metavar="HEADER=FIELD", help="Name a column's meaning.")
@click.option("--map-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The same, from a file.")
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Where rejected rows go.")
@as_json
@house_command
def import_command(
    house: House, file: Path, mapping: tuple[str, ...], map_file: Path | None, rejects: Path | None, as_json: bool
) -> None:
    """Revoke everybody on a list, for every purpose. The same file again changes nothing, and nobody is ever granted.

    Unknown numbers are kept, so that their stop binds on the day they become known.

    \b
    Example:  izin optouts import istemeyenler.csv
    """
    settings, language = house.settings, house.settings.language
    chosen = mapping_of(mapping, map_file, language)
    run = OptOutImport(house.database, settings, house.clock.now(), operator(), chosen, rejects)
    report = watched(run, file, language, quiet=as_json)
    counts = {STOPPED: report.counts[STOPPED], REJECTED: report.counts[REJECTED]}
    rows = [(SAID[name].say(language), count) for name, count in counts.items()]
    lines = [f"{file.name}: {ROWS.say(language).format(count=report.rows)}", *table(rows)]
    lines += [*first(report.problems, language), *rejects_told(report.rejects_file, language)]
    answer = {"rows": report.rows, **counts, "problems": report.problems, "rejects_file": report.rejects_file}
    tell(answer, as_json, lines)
