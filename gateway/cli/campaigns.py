"""`izin campaign`: plan, try, schedule, watch and stop a campaign."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from gateway.actions.foresee_campaign import foresee_campaign
from gateway.actions.plan_campaign import plan_campaign
from gateway.actions.report_campaign import Report, report_campaign
from gateway.actions.run_campaign import (
    CannotMove,
    cancel_campaign,
    pause_campaign,
    resume_campaign,
    schedule_campaign,
)
from gateway.actions.upload_media import local_files, upload_files
from gateway.assembly import House
from gateway.cli.exits import Exit
from gateway.cli.foreseen import Foreseen, reason_in_words
from gateway.cli.looked_at import PURPOSES
from gateway.cli.speech import Trouble, as_json, house_command, moment, table, tell
from gateway.core.campaign import CampaignPlan, CampaignProblem, CampaignState, house_rules, parse_campaign
from gateway.core.prices import Prices, estimate, parse_prices
from gateway.core.segment import explain as segment_in_words
from gateway.core.wording import Wording
from gateway.storage import campaigns
from gateway.storage.campaigns import Campaign
from gateway.web.wording import CAMPAIGN_STATES, MESSAGE_STATES, state_words
from gateway.whatsapp.problems import CloudProblem

NOT_UTF_8 = Wording("{file} UTF-8 metni değil; UTF-8 olarak kaydedin.", "{file} is not UTF-8 text; save it as UTF-8.")
TOKEN_FIRST = Wording(
    "Önce IZIN_TOKEN ayarını yapın: kampanya yerel bir dosya gösteriyor, onun Meta'ya yüklenmesi gerekir.",
    "Set IZIN_TOKEN first: the campaign shows a local file, which Meta must have.",
)
UNKNOWN = Wording(
    "“{name}” adlı bir kampanya yok. Olanlar: {known}.", "There is no campaign called “{name}”. There are: {known}."
)
NONE_YET = Wording(
    "“{name}” adlı bir kampanya yok; henüz hiç kampanya yok.",
    "There is no campaign called “{name}”. There is none yet.",
)
STARTS = Wording("“{name}” {at} anında kendiliğinden başlar.", "“{name}” starts by itself at {at}.")
PAUSED = Wording(
    "“{name}” duraklatıldı; `izin campaign resume` sürdürür.", "“{name}” is paused; `izin campaign resume` goes on."
)
RESUMED = Wording("“{name}” sürdürülüyor: {state}.", "“{name}” goes on: {state}.")
CANCELLED = Wording(
    "“{name}” iptal edildi; bekleyen {count} mesaj gitmeyecek.",
    "“{name}” is cancelled; {count} waiting messages ended.",
)
CANNOT = Wording(
    "“{name}” kampanyasının durumu: {state}. Bu durumdan şuna geçilemez: {then}.",
    "“{name}” is {state} and cannot become {then}.",
)
MOMENT = Wording(
    "--at {text}: 2026-12-01T10:00+03:00 gibi bir an yazın.",
    "--at {text}: write a moment such as 2026-12-01T10:00+03:00.",
)
STANDS = Wording(
    "“{name}”: {state}; {people} kişi, {clicks} kişi bağlantıya dokundu",
    "“{name}” is {state}; {people} people, {clicks} followed the link",
)
REASONS = Wording("bunlardan nedeni olanlar:", "of these, with a reason:")
HEADINGS = Wording("kampanya\tdurum\tkişi\tbaşlangıç", "campaign\tstate\tpeople\tstart")
EMPTY = Wording("Henüz kampanya yok.", "No campaigns yet.")


def _said(house: House, wording: Wording, name: str, **words: object) -> str:
    return wording.say(house.settings.language).format(name=name, **words)


def _state(house: House, campaign: Campaign) -> str:
    return state_words(CAMPAIGN_STATES, campaign.state, house.settings.language)


@click.group()
def campaign() -> None:
    """Campaigns: a template, an audience, a time and limits."""


@campaign.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@house_command
def plan(house: House, file: Path, as_json: bool) -> None:
    """Check the campaign in FILE (YAML or TOML) and freeze it. Nothing is sent yet.

    \b
    Example:  izin campaign plan examples/spring.yaml
    """
    now = house.clock.now()
    read = _with_media(house, file, _read(house, file, now), now)
    with house.database.write() as connection:
        planned = plan_campaign(connection, read, now)
    if not isinstance(planned, Campaign):
        raise Trouble(_sentences(file, planned, house.settings.language), code="campaign_file")
    tell(_answer(planned), as_json, _planned_lines(house, planned, read))


def _planned_lines(house: House, planned: Campaign, read: CampaignPlan) -> Iterator[str]:
    language, name = house.settings.language, planned.name
    purpose = state_words(PURPOSES, planned.purpose, language)
    begins, ends = moment(house, planned.start_at), moment(house, planned.expires_at)
    about = f"“{name}”: {planned.template_name}, {purpose}."
    yield Wording(f"Planlandı: {about}", f"Planned {about}").say(language)
    yield f"  {Wording('kime:', 'who:').say(language):<11}{segment_in_words(read.segment, language)}"
    yield Wording(f"  başlangıç: {begins}   bitiş: {ends}", f"  from:  {begins}   until: {ends}").say(language)
    if read.local_start is not None:
        there = read.written["local_start"]
        yield Wording(
            f"  orada:     herkesin kendi saatiyle {there} olmadan gitmez",
            f"  there: not before {there} on each person's own clock",
        ).say(language)
    if read.repeats is not None:
        again = read.written["repeats"]
        yield Wording(
            f"  yineleme:  {again}; kişiler her seferinde yeniden seçilir",
            f"  again: {again}; each time people are chosen anew",
        ).say(language)
    yield Wording(
        f"Sırada: izin campaign dry-run “{name}”, sonra izin campaign schedule “{name}”.",
        f"Next: izin campaign dry-run “{name}”, then izin campaign schedule “{name}”.",
    ).say(language)


def _read(house: House, file: Path, now: datetime) -> CampaignPlan:
    kind = "toml" if file.suffix.lower() == ".toml" else "yaml"
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Trouble(NOT_UTF_8.say(house.settings.language).format(file=file.name), code="encoding") from None
    settings = house.settings
    rules = house_rules(settings.caps, settings.quiet_hours, settings.language)
    read = parse_campaign(text, kind, now=now, house=rules)
    if isinstance(read, CampaignPlan):
        return read
    raise Trouble(_sentences(file, read, house.settings.language), code="campaign_file")


def _with_media(house: House, file: Path, read: CampaignPlan, now: datetime) -> CampaignPlan:
    """The plan with its headers' local files uploaded."""
    if not local_files(read):
        return read
    if not house.settings.token:
        raise Trouble(TOKEN_FIRST.say(house.settings.language), code="settings")
    try:
        uploaded = asyncio.run(_upload(house, read, file.parent, now))
    except CloudProblem as problem:
        raise Trouble(f"{problem}", Exit.AWAY, "meta") from None
    if isinstance(uploaded, CampaignPlan):
        return uploaded
    raise Trouble(_sentences(file, uploaded, house.settings.language), code="campaign_file")


async def _upload(
    house: House, read: CampaignPlan, folder: Path, now: datetime
) -> CampaignPlan | list[CampaignProblem]:
    async with house.messenger() as cloud:
        return await upload_files(cloud, house.database, read, folder, now)


def _sentences(file: Path, problems: Sequence[CampaignProblem], language: str) -> list[str]:
    return [f"{file.name}, {problem.sentence(language)}" for problem in problems]


def _answer(planned: Campaign) -> dict[str, object]:
    return {
        "id": planned.id,
        "name": planned.name,
        "state": planned.state,
        "start_at": planned.start_at,
        "expires_at": planned.expires_at,
    }


def _find(house: House, name: str) -> Campaign:
    with house.database.read() as connection:
        found = campaigns.by_name(connection, name)
        names = [c.name for c in campaigns.everything(connection)]
    if found is None:
        known = ", ".join(f"“{n}”" for n in names)
        said = (UNKNOWN if names else NONE_YET).say(house.settings.language)
        raise Trouble(said.format(name=name, known=known), code="unknown_campaign")
    return found


@campaign.command(name="dry-run")
@click.argument("name")
@click.option("--prices", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Your price file (TOML).")
@as_json
@house_command
def dry_run_command(house: House, name: str, prices: Path | None, as_json: bool) -> None:
    """Say what NAME would do to each person, by reason, and when, without sending anything.

    \b
    Example:  izin campaign dry-run "Bahar indirimi" --prices examples/prices.toml
    """
    found, known = _find(house, name), _prices(prices, house.settings.language)
    now = house.clock.now()
    with house.database.read() as connection:
        outlook = foresee_campaign(connection, found, house.policies, now)
    cost = estimate(outlook.run.charged, known, now.date()) if known else None
    told = Foreseen(outlook, cost, house.settings.language, house.settings.time_zone)
    tell(told.as_json(name), as_json, told.lines())


def _prices(file: Path | None, language: str) -> Prices | None:
    if file is None:
        return None
    read = parse_prices(file.read_text(encoding="utf-8", errors="replace"))
    if isinstance(read, Prices):
        return read
    raise Trouble([f"{file.name}: {problem.say(language)}" for problem in read], code="price_file")


@campaign.command()
@click.argument("name")
@click.option("--at", "start", help="ISO moment with zone, e.g. 2026-12-01T10:00+03:00; without, as planned, or now.")
@as_json
@house_command
def schedule(house: House, name: str, start: str | None, as_json: bool) -> None:
    """Let NAME start by itself at its time.

    \b
    Example:  izin campaign schedule "Bahar indirimi" --at 2026-12-01T10:00+03:00
    """
    begins, now = _start(house, start), house.clock.now()
    at = _moved(house, name, "schedule", lambda connection, found: schedule_campaign(connection, found, begins, now))
    tell({"name": name, "start_at": at}, as_json, [_said(house, STARTS, name, at=moment(house, at))])


T = TypeVar("T")


def _moved(house: House, name: str, verb: str, move: Callable[[Connection, Campaign], T]) -> T:
    """Move the campaign by hand, or say in words why not."""
    found = _find(house, name)
    try:
        with house.database.write() as connection:
            return move(connection, found)
    except CannotMove as problem:
        language = house.settings.language
        state, then = (state_words(CAMPAIGN_STATES, one, language) for one in (problem.state, problem.then))
        raise Trouble(_said(house, CANNOT, name, state=state, then=then), code=f"cannot_{verb}") from None
    except ValueError as problem:
        raise Trouble(f"{problem}.", code=f"cannot_{verb}") from None


def _start(house: House, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        said = MOMENT.say(house.settings.language).format(text=text)
        raise Trouble(said, code="moment") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(house.settings.time_zone))


@campaign.command()
@click.argument("name")
@as_json
@house_command
def pause(house: House, name: str, as_json: bool) -> None:
    """Hold NAME where it is; nothing more is released.

    \b
    Example:  izin campaign pause "Bahar indirimi"
    """
    _moved(house, name, "pause", pause_campaign)
    tell({"name": name, "state": "paused"}, as_json, [_said(house, PAUSED, name)])


@campaign.command()
@click.argument("name")
@as_json
@house_command
def resume(house: House, name: str, as_json: bool) -> None:
    """Go on with a paused NAME.

    \b
    Example:  izin campaign resume "Bahar indirimi"
    """
    now = house.clock.now()
    state = _moved(house, name, "resume", lambda connection, found: resume_campaign(connection, found, now))
    tell(
        {"name": name, "state": state.value},
        as_json,
        [_said(house, RESUMED, name, state=state_words(CAMPAIGN_STATES, state, house.settings.language))],
    )


@campaign.command()
@click.argument("name")
@as_json
@house_command
def cancel(house: House, name: str, as_json: bool) -> None:
    """End NAME for good. What has left cannot be taken back.

    \b
    Example:  izin campaign cancel "Bahar indirimi"
    """
    now = house.clock.now()
    ended = _moved(house, name, "cancel", lambda connection, found: cancel_campaign(connection, found, now))
    lines = [_said(house, CANCELLED, name, count=ended)]
    tell({"name": name, "state": "cancelled", "ended": ended}, as_json, lines)


@campaign.command()
@click.argument("name", required=False)
@as_json
@house_command
def status(house: House, name: str | None, as_json: bool) -> None:
    """All campaigns, or everything about NAME: each planned person in one state, with the reason.

    \b
    Example:  izin campaign status "Bahar indirimi"
    """
    chosen = [_find(house, name)] if name else None
    with house.database.read() as connection:
        reports = [report_campaign(connection, c) for c in chosen or campaigns.everything(connection)]
    if name:
        tell(reports[0].as_json(), as_json, _status_lines(house, reports[0]))
        return
    language = house.settings.language
    rows = [
        (r.campaign.name, _state(house, r.campaign), r.audience, moment(house, r.campaign.start_at)) for r in reports
    ]
    lines = table(rows, HEADINGS.say(language).split("\t")) if rows else [EMPTY.say(language)]
    tell({"campaigns": [r.as_json() for r in reports]}, as_json, lines)


def _status_lines(house: House, report: Report) -> Iterator[str]:
    c, language = report.campaign, house.settings.language
    note = f" ({c.note})" if c.note and c.state != CampaignState.PAUSED else ""  # a pause notes where it came from
    state, clicks = f"{_state(house, c)}{note}", report.clicks
    yield click.style(_said(house, STANDS, c.name, state=state, people=report.audience, clicks=clicks), bold=True)
    states = sorted(report.by_state.items(), key=lambda kv: -kv[1])
    yield from table([(count, state_words(MESSAGE_STATES, state, language)) for state, count in states])
    rows = [
        (count, reason_in_words(reason, language))
        for reason, count in sorted(report.by_reason.items(), key=lambda kv: -kv[1])
        if reason not in report.by_state
    ]
    if rows:
        yield REASONS.say(language)
        yield from table(rows)
