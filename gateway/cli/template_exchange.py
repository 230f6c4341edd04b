"""`izin templates push|pull|diff`: between files and Meta."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.actions.push_template import Push, Pushed, push_template, samples_of, with_samples
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.speech import Trouble, as_json, house_command, tell
from gateway.cli.template_files import FOLDER, FileArgument, Read, look_over, read_files
from gateway.core.template import (
    Difference,
    HeaderFormat,
    MediaProblem,
    Severity,
    Template,
    as_file,
    checked_media,
    differences,
    from_meta,
)
from gateway.core.wording import Wording
from gateway.settings import Settings
from gateway.whatsapp.problems import CloudProblem

if TYPE_CHECKING:
    from gateway.whatsapp.cloud import Cloud

ACCOUNT_FIRST = Wording(
    "Önce IZIN_TOKEN ve IZIN_WABA_ID ayarlarını yazın (config.example.env).",
    "Set IZIN_TOKEN and IZIN_WABA_ID first (see config.example.env).",
)
HANDLE = "4:"
"""How the handles of Meta's resumable uploads begin."""


def needs_account(settings: Settings) -> None:
    if not settings.token or not settings.waba_id:
        raise Trouble(ACCOUNT_FIRST.say(settings.language), code="settings")


@click.command()
@FileArgument
@click.option("--dry-run", is_flag=True, help="Say what would be created or edited; write nothing.")
@as_json
@house_command
def push(house: House, files: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Bring template FILES (or those in templates/) to Meta: new ones are created, changed ones edited.

    Nothing goes while `izin templates lint` finds an error. Approval follows by webhook; until then nothing is sent
    from a new template. A media header names its sample by a local file beside the template.

    \b
    Example:  izin templates push templates/spring_offer.tr.yaml --dry-run
    """
    needs_account(house.settings)
    reads = _sound(house, read_files(files))
    try:
        results = asyncio.run(_push(house, reads, dry_run))
    except CloudProblem as problem:
        raise Trouble(f"{problem}", Exit.AWAY, "meta") from None
    language = house.settings.language
    answer = {"templates": [_pushed_as_answer(read, done, language) for read, done in results], "dry_run": dry_run}
    tell(answer, as_json, [line for read, done in results for line in _pushed_lines(read, done, language, dry_run)])
    if any(done.push is Push.REFUSED for _, done in results):
        click.get_current_context().exit(Exit.REFUSED)


def _sound(house: House, reads: Sequence[Read]) -> list[tuple[Path, Template]]:
    """The files' templates. Raises Trouble naming every error in any of them."""
    language, wrong = house.settings.language, []
    for read, found in look_over(reads, house.settings):
        wrong += [f"{read.path}: {problem.place}: {problem.sentence(language)}" for problem in read.problems]
        wrong += [f"{read.path}: {one.say(language)}" for one in found if one.severity is Severity.ERROR]
    if wrong:
        raise Trouble(wrong, code="lint")
    return [(read.path, read.template) for read in reads if read.template]


async def _push(house: House, reads: Sequence[tuple[Path, Template]], dry: bool) -> list[tuple[Path, Pushed]]:
    settings, done = house.settings, []
    async with house.messenger() as cloud:
        for path, template in reads:
            ready = template if dry else await _with_uploaded_samples(cloud, settings, path, template)
            now = house.clock.now()
            done.append((path, await push_template(cloud, house.database, settings.waba_id, ready, now, dry=dry)))
    return done


async def _with_uploaded_samples(cloud: Cloud, settings: Settings, path: Path, template: Template) -> Template:
    handles = {}
    for header, sample in samples_of(template):
        if sample.startswith(HANDLE) or sample in handles:
            continue
        content, mime = _sample(path, header.format, sample, settings)
        handles[sample] = await cloud.upload_sample(settings.app_id, content, mime)
    return with_samples(template, handles)


def _sample(path: Path, format_: HeaderFormat, sample: str, settings: Settings) -> tuple[bytes, str]:
    file = path.parent / sample
    if sample.startswith(("https://", "http://")) or not file.is_file():
        raise Trouble(f"{path}: the sample “{sample}” is no file beside it; name a local file.", code="sample")
    if not settings.app_id:
        raise Trouble("Set IZIN_APP_ID: Meta takes the samples of media headers under an app's id.", code="settings")
    content = file.read_bytes()
    rule = checked_media(format_, file.name, content)
    if isinstance(rule, MediaProblem):
        raise Trouble(f"{path}: {rule.sentence(settings.language)}", code="sample")
    return content, rule.mime


def _pushed_as_answer(path: Path, done: Pushed, language: str) -> dict[str, object]:
    why = done.why.say(language) if done.why else None
    place = done.finding.place.say(language) if done.finding else None
    changes = [change.place.say(language) for change in done.changes]
    return {"file": str(path), "outcome": done.push.value, "why": why, "place": place, "changes": changes}


_WORDS = {Push.CREATED: "handed in for review", Push.EDITED: "edited, and in review", Push.SAME: "as Meta has it"}
_WOULD = {Push.CREATED: "would be created", Push.EDITED: "would be edited", Push.SAME: "as Meta has it"}


def _pushed_lines(path: Path, done: Pushed, language: str, dry: bool) -> Iterator[str]:
    if done.push is Push.REFUSED and done.why:
        why = done.finding.say(language) if done.finding else done.why.say(language)
        yield click.style("✗ ", fg="red") + f"{path}: {why}"
    else:
        yield f"{path}: {(_WOULD if dry else _WORDS)[done.push]}"
    for change in done.changes:
        yield from (f"    {line}" for line in change.say(language))


@click.command()
@click.argument("names", nargs=-1)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=FOLDER, help="Where files go.")
@click.option("--overwrite", is_flag=True, help="Replace files that differ from Meta.")
@as_json
@house_command
def pull(house: House, names: tuple[str, ...], folder: Path, overwrite: bool, as_json: bool) -> None:
    """Write Meta's templates, all or NAMES, into files: one for each name and language.

    \b
    Example:  izin templates pull spring_offer --folder templates
    """
    needs_account(house.settings)
    found = _asked(_at_meta(house, names), names)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    kept: list[str] = []
    for template in found:
        path = folder / f"{template.name}.{template.language}.yaml"
        is_other = path.exists() and not _is_same(path, template)
        (kept if is_other and not overwrite else written).append(str(path))
        if not is_other or overwrite:
            path.write_text(as_file(template), encoding="utf-8")
    lines = [f"{len(written)} files written to {folder}."]
    lines += [
        f"{path} differs and was kept; --overwrite replaces it, `izin templates diff` shows how." for path in kept
    ]
    tell({"written": written, "kept": kept}, as_json, lines)


def _is_same(path: Path, template: Template) -> bool:
    [read] = read_files([path])
    return read.template is not None and not differences(read.template, template)


def _at_meta(house: House, names: Sequence[str] = ()) -> list[Template]:
    """Templates as Meta has them this moment, those that cannot be read left out."""
    try:
        listed = asyncio.run(_listed(house, names[0] if len(names) == 1 else ""))
    except CloudProblem as problem:
        raise Trouble(f"Meta cannot be read: {problem}", Exit.AWAY, "meta") from None
    return [template for item in listed if isinstance(template := from_meta(item), Template)]


async def _listed(house: House, name: str) -> list[dict[str, object]]:
    async with house.messenger() as cloud:
        return await cloud.templates(house.settings.waba_id, name)


def _asked(found: Sequence[Template], names: Sequence[str]) -> list[Template]:
    missing = [name for name in names if name not in {template.name for template in found}]
    if missing:
        raise Trouble(f"Meta has no template called {', '.join(missing)}.", code="unknown_template")
    return [template for template in found if not names or template.name in names]


@dataclass(frozen=True, slots=True)
class _Compared:
    """`file` or `status` is empty when the version is only at Meta, or only in a file."""

    name: str
    language: str
    file: str
    status: str
    changes: list[Difference]

    @property
    def outcome(self) -> str:
        if not self.file:
            return "only_at_meta"
        return "only_in_file" if not self.status else "differs" if self.changes else "same"


@click.command()
@FileArgument
@as_json
@house_command
def diff(house: House, files: tuple[Path, ...], as_json: bool) -> None:
    """Compare template FILES (or those in templates/) with Meta, all language versions of each name.

    Ends with 0 when all are the same, with 1 when something differs; - is Meta's, + the file's.

    \b
    Example:  izin templates diff templates/spring_offer.tr.yaml
    """
    needs_account(house.settings)
    reads = _readable(house, read_files(files))
    compared = list(_compared(reads, _at_meta(house, tuple({template.name for _, template in reads}))))
    language = house.settings.language
    answer = [
        {
            "name": one.name, "language": one.language, "file": one.file or None, "outcome": one.outcome,
            "status": one.status or None,
            "changes": [{"place": c.place.say(language), "file": c.mine, "meta": c.theirs} for c in one.changes],
        }
        for one in compared
    ]  # fmt: skip
    tell({"templates": answer}, as_json, [line for one in compared for line in _diff_lines(one, language)])
    if any(one.outcome != "same" for one in compared):
        click.get_current_context().exit(Exit.REFUSED)


def _readable(house: House, reads: Sequence[Read]) -> list[tuple[Path, Template]]:
    language = house.settings.language
    wrong = [f"{read.path}: {one.place}: {one.sentence(language)}" for read in reads for one in read.problems]
    if wrong:
        raise Trouble(wrong, code="template_file")
    return [(read.path, read.template) for read in reads if read.template]


def _compared(reads: Sequence[tuple[Path, Template]], found: Sequence[Template]) -> Iterator[_Compared]:
    theirs = {(template.name, template.language): template for template in found}
    for path, mine in reads:
        other = theirs.pop((mine.name, mine.language), None)
        changes = differences(mine, other) if other else []
        yield _Compared(mine.name, mine.language, str(path), other.status.value if other else "", changes)
    names = {mine.name for _, mine in reads}
    for (name, language), other in theirs.items():
        if name in names:
            yield _Compared(name, language, "", other.status.value, [])


_OUTCOMES = {
    "same": "the same",
    "differs": "differs",
    "only_in_file": "only in the file; `izin templates push` creates it",
    "only_at_meta": "only at Meta; `izin templates pull` writes it",
}


def _diff_lines(one: _Compared, language: str) -> Iterator[str]:
    status = f" [{one.status}]" if one.status else ""
    yield f"{one.name} ({one.language}){status}: {_OUTCOMES[one.outcome]}"
    for change in one.changes:
        yield from (f"  {line}" for line in change.say(language))
