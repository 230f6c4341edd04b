"""`izin templates lint|preview`: look templates over, and at them, before anybody else does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from gateway.actions.plan_campaign import every_version
from gateway.actions.preview_message import preview_message
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.somebody import NOBODY, somebody
from gateway.cli.speech import Trouble, as_json, house_command, settings_or_trouble, tell
from gateway.core.campaign import CampaignPlan, Happened, events_in, parse_campaign
from gateway.core.template import (
    Filled,
    Finding,
    LintSettings,
    Severity,
    Template,
    TemplateProblem,
    from_file,
    preview_html,
    preview_text,
    twins,
)
from gateway.core.template import lint as lint_template
from gateway.settings import Settings
from gateway.storage import contacts, person_events
from gateway.storage.contacts import PersonState

FOLDER = Path("templates")
FileArgument = click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))


@dataclass(frozen=True, slots=True)
class Read:
    """One file: its template, or why it is none."""

    path: Path
    template: Template | None
    problems: tuple[TemplateProblem, ...] = ()


def read_files(paths: Sequence[Path]) -> list[Read]:
    """The templates in these files and folders; `templates/` when none is named. Raises Trouble when there is none."""
    found = [file for path in paths or (FOLDER,) for file in _files_in(path)]
    if not found:
        where = " or ".join(map(str, paths or (FOLDER,)))
        raise Trouble(
            f"There is no template file (*.yaml) in {where}; name one, or `izin templates pull`.", code="files"
        )
    return [_read(file) for file in found]


def _files_in(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
    return [path] if path.exists() else []


def _read(path: Path) -> Read:
    try:
        template = from_file(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise Trouble(f"{path} is not UTF-8 text; save it as UTF-8.", code="encoding") from None
    return Read(path, None, tuple(template)) if isinstance(template, list) else Read(path, template)


def lint_settings(settings: Settings) -> LintSettings:
    """Turkish law's marks are a duty for a house in Turkey."""
    return LintSettings(
        trade_name=settings.trade_name,
        mersis=settings.mersis,
        brand_names=(settings.brand, *settings.brand_aliases),
        turkish_law=settings.region == "TR",
        public_url=settings.public_url,
        marketing_api=settings.marketing_api != "off",
    )


def look_over(reads: Sequence[Read], settings: Settings) -> list[tuple[Read, list[Finding]]]:
    """What is found in each file, by itself and beside the others."""
    house = lint_settings(settings)
    sound = [read for read in reads if read.template]
    beside = {sound[place].path: twin for place, twin in twins([one.template for one in sound if one.template]).items()}
    return [(read, [*_beside(read, beside), *_by_itself(read, house)]) for read in reads]


def _beside(read: Read, twins_: Mapping[Path, Finding]) -> list[Finding]:
    return [twins_[read.path]] if read.path in twins_ else []


def _by_itself(read: Read, house: LintSettings) -> list[Finding]:
    return lint_template(read.template, house) if read.template else []


@click.command()
@FileArgument
@click.option("--strict", is_flag=True, help="Warnings end with exit code 1 too.")
@as_json
@click.pass_context
def lint(context: click.Context, files: tuple[Path, ...], strict: bool, as_json: bool) -> None:
    """Look over template FILES (or those in templates/): every finding with place, sentence and fix.

    Ends with 0 when Meta and the law may take them, with 1 when there is an error. Asks nobody; needs no account.

    \b
    Example:  izin templates lint templates/spring_offer.tr.yaml
    """
    settings = settings_or_trouble()
    looked = look_over(read_files(files), settings)
    answer = {"files": [_as_answer(read, found, settings.language) for read, found in looked]}
    lines = [line for read, found in looked for line in _lines(read, found, settings.language)]
    tell(answer, as_json, lines)
    worst = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if any(read.problems or any(one.severity in worst for one in found) for read, found in looked):
        context.exit(Exit.REFUSED)


def _as_answer(read: Read, found: Sequence[Finding], language: str) -> dict[str, Any]:
    problems = [
        {"rule": "file", "severity": "error", "place": one.place, "line": one.line, "sentence": one.sentence(language)}
        for one in read.problems
    ]
    findings = [
        {
            "rule": one.rule,
            "severity": one.severity.value,
            "place": one.place.say(language),
            "sentence": one.sentence.say(language),
            "fix": one.fix.say(language),
        }
        for one in found
    ]
    name = {"name": read.template.name, "language": read.template.language} if read.template else {}
    return {"file": str(read.path), **name, "findings": [*problems, *findings]}


_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


def _lines(read: Read, found: Sequence[Finding], language: str) -> list[str]:
    if not read.problems and not found:
        return [f"{read.path}: {'kusur yok' if language == 'tr' else 'nothing to mend'}"]
    lines = [f"{read.path}:"]
    for problem in read.problems:
        at = f"line {problem.line}, " if problem.line else ""
        lines.append("  " + click.style(f"{at}{problem.place}: {problem.sentence(language)}", fg="red"))
    return lines + ["  " + click.style(one.say(language), fg=_COLOURS[one.severity]) for one in found]


@click.command()
@click.argument("template")
@click.option("--language", help="Of a template at Meta: which version; without, the person's, else the house's.")
@click.option("--person", help="Fill it for this person: a phone number in any spelling, or a reference.")
@click.option(
    "--campaign", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Fill it as this file does."
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Also draw it into this HTML file.")
@click.option(
    "--png", type=click.Path(dir_okay=False, path_type=Path), help="Also draw it as a picture, as on a phone."
)
@as_json
@house_command
def preview(
    house: House, template: str, language: str | None, person: str | None, campaign: Path | None, html: Path | None,
    png: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Show TEMPLATE (a file, or a name that Meta knows) as a phone would, with its samples or a person's values.

    \b
    Example:  izin templates preview templates/spring_offer.tr.yaml
              izin templates preview spring_offer --person "0555 000 12 34" --campaign spring.yaml --png spring.png
    """
    shown_to = _person(house, person) if person else None
    chosen = _chosen(house, template, language or (shown_to.language if shown_to else None))
    plan = _plan(house, campaign) if campaign else None
    filled = preview_message(chosen, shown_to, plan, _happened(house, shown_to, plan))
    if not isinstance(filled, Filled):
        raise Trouble([problem.sentence(house.settings.language) for problem in filled], code="cannot_fill")
    drawn = list(_drawn(house, chosen, filled, html, png))
    answer = {
        "name": chosen.name, "language": chosen.language, "header": filled.header, "body": filled.body,
        "footer": chosen.footer, "buttons": [b.text for b in chosen.buttons], "urls": filled.urls,
        "html": str(html) if html else None, "png": str(png) if png else None,
    }  # fmt: skip
    tell(answer, as_json, [preview_text(chosen, filled), *drawn])


def _drawn(house: House, template: Template, filled: Filled, html: Path | None, png: Path | None) -> Iterator[str]:
    """Write what was asked for; one line about each file."""
    if html is not None:
        _written(html, preview_html(template, filled).encode())
        yield f"Drawn into {html}."
    if png is not None:
        from gateway.actions.draw_message import draw_message, missing_letters  # the renderer is slow to load

        time = f"{house.clock.now().astimezone(ZoneInfo(house.settings.time_zone)):%H:%M}"
        _written(png, draw_message(template, filled, time=time))
        yield f"Drawn into {png}."
        if missing := missing_letters(template, filled):
            yield (
                f"{' '.join(missing)} are drawn from this machine's fonts; if they show as boxes, install one that has "
                "them, such as fonts-noto-color-emoji."
            )


def _written(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as problem:
        raise Trouble(f"{file} cannot be written: {problem.strerror}.", code="file") from None


def _chosen(house: House, template: str, language: str | None) -> Template:
    if Path(template).is_file():
        read = _read(Path(template))
        if read.template is None:
            raise Trouble(_lines(read, (), house.settings.language), code="template_file")
        return read.template
    with house.database.read() as connection:
        versions = every_version(connection, template)
    if not versions:
        raise Trouble(
            f"“{template}” is neither a file nor a template that Meta has told us of.", code="unknown_template"
        )
    wanted = (language or "", (language or "").partition("_")[0], house.settings.language)
    return next((versions[one] for one in wanted if one in versions), next(iter(versions.values())))


def _person(house: House, who: str) -> PersonState:
    with house.database.read() as connection:
        subject = somebody(connection, house.settings, who)
        known = contacts.states(connection, [subject.id]).get(subject.id)
    if known is None:
        raise Trouble(NOBODY.say(house.settings.language), code="unknown_person")
    return known


def _happened(house: House, person: PersonState | None, plan: CampaignPlan | None) -> Happened | None:
    names = events_in(plan.parameters) if plan else ()
    if person is None or not names:
        return None
    with house.database.read() as connection:
        return person_events.latest(connection, [person.subject_id], names, house.clock.now()).get(person.subject_id)


def _plan(house: House, file: Path) -> CampaignPlan:
    kind = "toml" if file.suffix.lower() == ".toml" else "yaml"
    plan = parse_campaign(file.read_text(encoding="utf-8-sig"), kind, now=house.clock.now())
    if isinstance(plan, CampaignPlan):
        return plan
    language = house.settings.language
    raise Trouble([f"{file.name}, {problem.sentence(language)}" for problem in plan], code="campaign_file")
