"""`izin optins`: bring people in, ask them, list where they stand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from consent import ledger
from consent.optin import MayNotAsk, NoRequest
from consent.reasons import moment_in_words
from gateway.actions.import_optins import READ, ImportReport, OptInImport
from gateway.actions.request_optin import CannotAsk, request_optins
from gateway.actions.write_optins import Outcome
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.importing import ROWS, first, mapping_of, rejects_told, watched
from gateway.cli.invites import invite_command
from gateway.cli.speech import Trouble, as_json, house_command, operator, table, tell
from gateway.core.spans import say_span
from gateway.core.wording import Wording
from gateway.storage import audience_lists
from gateway.web.wording import CONSENT_STATES, state_words

SAID = {
    Outcome.ADDED: Wording("eklendi", "added"),
    Outcome.ALREADY_KNOWN: Wording("zaten kayıtlı", "already known"),
    Outcome.NEEDS_CONFIRMATION: Wording("onay bekliyor", "needs confirmation"),
    Outcome.REJECTED: Wording("reddedildi", "rejected"),
}
GOOD = Wording("düzgün", "good")
REFUSED = Wording(
    "Hiçbir şey yazılmadı. Bu hücreleri düzeltip yeniden alın ya da düzgün satırlar için --skip-problems verin.",
    "Nothing was written. Put these cells right and import again, or give --skip-problems to import the good rows.",
)
SAME = Wording(
    "{file} daha önce, {at} anında böyle alınmıştı; hiçbir şey değişmedi.",
    "{file} was imported like this before, at {at}; nothing changed.",
)
UNVOUCHED = Wording(
    "{count} satır bir onayı kanıtlıyor, ama kimse kefil olmadı. Onaylar dosyadaki gibi verildiyse aynı dosyayı "
    "--attested-by AD ile yeniden alın.",
    "{count} rows prove a consent, but nobody vouched for them. If the consents were given as the file says, import "
    "the same file again with --attested-by NAME.",
)
ASKING = Wording(
    "{count} kişiye onay soruluyor; her istek {within} sonra sona erer.",
    "{count} people are being asked; each request ends after {within}.",
)
WOULD_ASK = Wording(
    "Onayı bilinmeyen {count} kişiye sorulacak; yazılamayanlar atlanır.",
    "{count} people without consent would be asked; those who may not be written to are passed over.",
)
TABLE_FORMATS = ("xlsx", "ods", "ndjson")
COLUMNS = Wording("adres\tad\tonay\tne zamandan beri\treferans", "address\tname\tstate\tsince\tsubject")
READ_AS = Wording("Sütunlar şöyle okundu (--map ile değiştirilir):", "Columns are read as (--map changes it):")
DRY = Wording("Deneme: hiçbir şey yazılmadı.", "A dry run: nothing was written.")
WOULD_REFUSE = Wording(
    "Deneme: hiçbir şey yazılmadı. Dosya bu hücreler düzelmeden alınmaz; düzgün satırlar --skip-problems ile alınır.",
    "A dry run: nothing was written. The file will be refused until these cells are right; --skip-problems imports the "
    "good rows.",
)


@click.group()
def optins() -> None:
    """People and their consent."""


optins.add_command(invite_command)


@optins.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--attested-by",
    metavar="NAME",
    help="Who vouches that the consents in the file were given as it says. Without, every row needs confirmation.",
)
@click.option(
    "--map", "mapping", multiple=True, metavar="HEADER=FIELD", help="Name a column's meaning, e.g. Tel=address."
)
@click.option(
    "--map-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The same for many columns: a YAML or TOML file of `Header: field` lines.",
)
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Where rejected rows go.")
@click.option("--skip-problems", is_flag=True, help="Import the good rows although others need attention.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Only say what would become of each row; ends as an import would, 1 if it would be refused.",
)
@as_json
@house_command
def import_command(
    house: House,
    file: Path,
    attested_by: str | None,
    mapping: tuple[str, ...],
    map_file: Path | None,
    rejects: Path | None,
    skip_problems: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import a file of people: CSV, TSV, XLSX, ODS or JSON lines. The same file again changes nothing.

    The whole file is read first: while a cell needs attention nothing is written, unless --skip-problems is given.
    Numbers are accepted in every spelling; each bad cell is named by row and column, and rejected rows are written to a
    file of their own, to be put right and imported again. Nobody who withdrew comes back through a file.

    \b
    Example:  izin optins import musteriler.csv --attested-by "Ayşe Yılmaz"
    """
    settings = house.settings
    run = OptInImport(
        house.database,
        settings,
        house.clock.now(),
        attested_by,
        mapping_of(mapping, map_file, settings.language),
        rejects,
        skip_problems=skip_problems,
        dry=dry_run,
    )
    passes = 1 if skip_problems or dry_run else 2
    report = watched(run, file, settings.language, quiet=as_json, passes=passes)
    tell(_answer(report), as_json, _lines(report, file, settings.language, settings.time_zone))
    if report.refused:
        raise SystemExit(Exit.REFUSED)


def _answer(report: ImportReport) -> dict[str, object]:
    return {
        "rows": report.rows,
        **{outcome.value: report.counts.get(outcome.value, 0) for outcome in Outcome},
        "problems": report.problems,
        "rejects_file": report.rejects_file,
        "same_file_as": report.same_file_as,
        "digest": report.digest,
        "refused": report.refused,
        "dry_run": report.dry,
        "columns": [{"column": name, "read_as": meaning} for name, meaning in report.columns],
    }


def _lines(report: ImportReport, file: Path, language: str, zone: str) -> list[str]:
    if report.same_file_as is not None:
        return [SAME.say(language).format(file=file.name, at=moment_in_words(report.same_file_as, zone))]
    rows = [(SAID[outcome].say(language), report.counts.get(outcome.value, 0)) for outcome in Outcome]
    if report.refused and not report.dry:
        rows = [(GOOD.say(language), report.counts[READ]), (SAID[Outcome.REJECTED].say(language), rows[-1][1])]
    count = ROWS.say(language).format(count=report.rows)
    lines = [f"{file.name}: {count} ({', '.join(_read_as(report))})", *table(rows)]
    lines += [*first(report.problems, language), *rejects_told(report.rejects_file, language)]
    if report.unvouched:
        lines.append(UNVOUCHED.say(language).format(count=report.unvouched))
    if report.dry:
        lines += [READ_AS.say(language), *table(report.columns)]
    if report.refused or report.dry:
        lines.append(_ending(report).say(language))
    return lines


def _ending(report: ImportReport) -> Wording:
    if not report.dry:
        return REFUSED
    return WOULD_REFUSE if report.refused else DRY


def _read_as(report: ImportReport) -> list[str]:
    """The encoding, and what divides cells: tables of their own format have nothing that does."""
    if report.encoding in TABLE_FORMATS:
        return [report.encoding]
    return [report.encoding, "tab" if report.delimiter == "\t" else f"“{report.delimiter}”"]


@optins.command()
@click.option("--dry-run", is_flag=True, help="Only say how many would be asked.")
@as_json
@house_command
def confirm(house: House, dry_run: bool, as_json: bool) -> None:
    """Ask everyone who is known without consent, once, with the non-promotional confirmation template.

    \b
    Example:  izin optins confirm
    """
    language = house.settings.language
    with house.database.read() as connection:
        waiting = audience_lists.without_standing(connection, "marketing")
    if dry_run:
        tell({"would_ask": len(waiting)}, as_json, [WOULD_ASK.say(language).format(count=len(waiting))])
        return
    asked = 0
    not_asked: dict[str, int] = {}
    for start in range(0, len(waiting), 500):
        chunk = waiting[start : start + 500]
        try:
            done = house.database.run(
                lambda c, chunk=chunk: request_optins(c, chunk, house.settings, house.clock.now(), operator())  # type: ignore[misc]
            )
        except CannotAsk as problem:
            raise Trouble(str(problem), code="cannot_ask") from None
        asked += done.asked
        for reason, count in done.not_asked.items():
            not_asked[reason] = not_asked.get(reason, 0) + count
    within = say_span(house.settings.confirm_within).say(language)
    reasons = [(count, MayNotAsk(NoRequest(why)).sentence(language)) for why, count in sorted(not_asked.items())]
    lines = [ASKING.say(language).format(count=asked, within=within), *table(reasons)]
    tell({"asked": asked, "not_asked": not_asked}, as_json, lines)


@optins.command(name="list")
@click.option("--state", help="Only people in this state, such as granted or revoked.")
@click.option("--limit", default=50, show_default=True)
@as_json
@house_command
def list_command(house: House, state: str | None, limit: int, as_json: bool) -> None:
    """People with their standing for marketing; numbers are masked.

    \b
    Example:  izin optins list --state revoked
    """
    with house.database.read() as connection:
        counts = ledger.count_by_state(connection, "marketing")
        people = audience_lists.people(connection, "marketing", state, limit, house.clock.now())
    language, zone = house.settings.language, house.settings.time_zone
    summary = [(state_words(CONSENT_STATES, one, language), count) for one, count in sorted(counts.items())]
    rows = [
        (p.address, p.name, state_words(CONSENT_STATES, p.state, language), _since(p.since, zone), p.subject)
        for p in people
    ]
    answer = {"by_state": counts, "people": [p.as_json() for p in people]}
    tell(
        answer,
        as_json,
        [*table(summary), *table(rows, COLUMNS.say(language).split("\t"))],
    )


def _since(moment: datetime | None, zone: str) -> str:
    return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
