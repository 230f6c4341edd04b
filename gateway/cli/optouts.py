"""`izin optouts`: people who want no messages, from a file."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.actions.import_optouts import REJECTED, STOPPED, OptOutImport
from gateway.assembly import House
from gateway.cli.importing import first, mapping_of, watched
from gateway.cli.speech import as_json, house_command, operator, table, tell


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
    settings = house.settings
    chosen = mapping_of(mapping, map_file, settings.language)
    run = OptOutImport(house.database, settings, house.clock.now(), operator(), chosen, rejects)
    report = watched(run, file, settings.language, quiet=as_json)
    counts = {STOPPED: report.counts[STOPPED], REJECTED: report.counts[REJECTED]}
    lines = [f"{file.name}: {report.rows} rows", *table(list(counts.items())), *first(report.problems)]
    if report.rejects_file is not None:
        lines.append(f"Rejected rows, with reasons: {report.rejects_file}")
    answer = {"rows": report.rows, **counts, "problems": report.problems, "rejects_file": report.rejects_file}
    tell(answer, as_json, lines)
