"""The demo's story: from an opt-in file to a proven, delivered, stoppable message, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from consent import ledger, vault
from consent.standing import State
from consent.vault import Identifier, IdentifierKind
from gateway.actions.compose_messages import Composer
from gateway.actions.dry_run import WOULD_LEAVE, weighed_for
from gateway.actions.plan_campaign import versions_of
from gateway.actions.weigh_messages import weigh
from gateway.cli.demo.stage import Stage
from gateway.cli.demo.world import CONFIRM_WITHIN_S, EXAMPLES, DemoFailed, World
from gateway.core.campaign import CampaignState, restored
from gateway.storage import audience, campaigns, contacts, message_reports, templates
from gateway.storage.campaigns import Campaign

STARTS_IN = timedelta(seconds=5)
OPERATOR = "Deniz Demo"
PREVIEW = "Önizleme kuponu"
MAIN = "Bahar indirimi"
CONSENT_TEXT = {
    "tr": "Kahve Evi'nin kampanya ve fırsat mesajlarını WhatsApp üzerinden almayı kabul ediyorum.",
    "en": "I agree to get Kahve Evi's offers on WhatsApp.",
}
WITHDRAWAL = {"tr": "Vazgeçmek için DUR yazın.", "en": "Write STOP at any time."}


@dataclass
class Told:
    """What the steps learnt and the promises are checked against."""

    again_changed_nothing: bool = False
    confirmed: dict[str, int] = field(default_factory=dict)
    expected: dict[int, str] = field(default_factory=dict)
    why: dict[str, dict[str, Any]] = field(default_factory=dict)
    came_back: list[str] = field(default_factory=list)
    tried_to_come_back: int = 0
    verify: dict[str, Any] = field(default_factory=dict)
    audited: bool = False


def play(world: World, stage: Stage) -> Told:
    told = Told()
    for title, step in STEPS:
        stage.title(title)
        step(world, stage, told)
    return told


def _get_ready(world: World, stage: Stage, told: Told) -> None:
    stage.note(f"web, worker and practice Cloud API are running; overview page: {world.overview}")
    stage.note(f"the clock of this world says {world.house.clock.now():%A %H:%M} UTC, 14:00 in Istanbul")
    for locale, words in CONSENT_TEXT.items():
        file = world.folder / f"consent-{locale}.txt"
        file.write_text(words, encoding="utf-8")
        stage.run(
            world, "texts", "add", str(file), "--id", "marketing", "--version", "1", "--locale", locale,
            "--withdrawal", WITHDRAWAL[locale],
        )  # fmt: skip
    world.wait_for("the templates", lambda: _has_templates(world), 20)


def _has_templates(world: World) -> bool:
    with world.house.database.read() as connection:
        return bool(templates.all_templates(connection)) and bool(templates.numbers(connection))


def _import(world: World, stage: Stage, told: Told) -> None:
    for name in ("optins.csv", "optins-utf8.csv"):
        file = world.folder / name
        file.write_bytes((EXAMPLES / name).read_bytes())
        stage.run(world, "optins", "import", str(file), "--skip-problems", "--attested-by", OPERATOR, lines=14)
    before = _size(world)
    stage.note("the same file once more:")
    stage.run(world, "optins", "import", str(world.folder / "optins.csv"), "--attested-by", OPERATOR)
    told.again_changed_nothing = _size(world) == before


def _size(world: World) -> tuple[int, int]:
    with world.house.database.read() as connection:
        return contacts.count(connection), ledger.head(connection)[0]


def _confirm(world: World, stage: Stage, told: Told) -> None:
    stage.run(world, "optins", "confirm")
    stage.note("they get a non-promotional template; some press the button, some write the code, some decline,")
    stage.note(f"some never answer: their requests end after {CONFIRM_WITHIN_S} s here, after 48 h by default")
    _preview(world, stage)
    world.wait_for("an end of every request", lambda: not _standings(world).get("pending"), CONFIRM_WITHIN_S + 30)
    told.confirmed = _standings(world)
    stage.note("where people stand now:")
    stage.counts(told.confirmed)


def _preview(world: World, stage: Stage) -> None:
    """A small campaign first, so that the big one meets people who have just heard from us."""
    stage.run(world, "campaign", "plan", str(EXAMPLES / "vip_preview.yaml"))
    stage.run(world, "campaign", "schedule", PREVIEW)


def _standings(world: World) -> dict[str, int]:
    with world.house.database.read() as connection:
        return ledger.count_effective(connection, "marketing", world.house.clock.now())


def _plan(world: World, stage: Stage, told: Told) -> None:
    world.wait_for("the end of the preview", lambda: _settled(world, PREVIEW), 40)
    stage.run(world, "campaign", "plan", str(EXAMPLES / "spring.yaml"))
    stage.run(world, "campaign", "dry-run", MAIN, lines=16)


def _start(world: World, stage: Stage, told: Told) -> None:
    begins = (world.house.clock.now() + STARTS_IN).replace(microsecond=0)
    told.expected = _expected(world, begins)
    stage.run(world, "campaign", "schedule", MAIN, "--at", begins.isoformat())
    world.wait_for("the start by itself", lambda: _life(world) not in ("scheduled", "planned"), 30)
    stage.note("it has started by itself; meanwhile people read, click, and say stop in five ways")


def _expected(world: World, start: datetime) -> dict[int, str]:
    """What is decided for that start, person by person: the dry run without its grouping."""
    campaign = _campaign(world, MAIN)
    plan, policies = restored(campaign.plan), world.house.policies
    found: dict[int, str] = {}
    with world.house.database.read() as connection:
        composer = Composer(plan, versions_of(connection, campaign.template_name))
        after: int | None = 0
        while after is not None:
            step = audience.step(connection, plan.segment, after, 1_000, start)
            asked = [weighed_for(campaign, p.subject_id, composer.compose(p), policies) for p in step.people]
            for person, decision in zip(step.people, weigh(connection, asked, start).decisions, strict=True):
                found[person.subject_id] = str(getattr(decision, "reason", WOULD_LEAVE))
            after = step.last
    return found


def _life(world: World) -> str:
    return _campaign(world, MAIN).state


def _campaign(world: World, name: str) -> Campaign:
    with world.house.database.read() as connection:
        found = campaigns.by_name(connection, name)
    if found is None:
        raise DemoFailed(f"the campaign “{name}” is not there")
    return found


def _watch(world: World, stage: Stage, told: Told) -> None:
    _let_a_waiting_person_stop(world)
    stage.progress(lambda: _progress(world), lambda: _settled(world, MAIN), within_s=60)
    world.practice.wait_until_quiet()
    world.wait_for("the drain of the inbox", lambda: world.house.inbox.backlog() == 0, 20)
    stage.run(world, "campaign", "status", MAIN, lines=40)


def _let_a_waiting_person_stop(world: World) -> None:
    """Somebody whose message waits for the morning says stop before it comes."""
    world.wait_for("the launch", lambda: _life(world) != CampaignState.LAUNCHING, 20)
    world.wait_for("a message that waits", lambda: bool(_phones_waiting(world)), 20)
    world.practice.post("say", {"from": _phones_waiting(world)[0], "text": "beni listeden çıkarın"})


def _phones_waiting(world: World) -> list[str]:
    return _phones(world, "queued", "quiet_hours", 3)


def _phones(world: World, state: str, reason: str | None, limit: int) -> list[str]:
    """Numbers of some people whose message of the main campaign is in a state, for a reason."""
    campaign = _campaign(world, MAIN)
    with world.house.database.read() as connection:
        subjects = message_reports.subjects_by(connection, campaign.id, state, reason, limit)
        identifiers = vault.identifiers_of(connection, subjects)
    addresses = [vault.address_of(identifiers.get(subject, ())) for subject in subjects]
    return [str(address) for address in addresses if address is not None]


def _progress(world: World) -> tuple[int, int]:
    campaign = _campaign(world, MAIN)
    with world.house.database.read() as connection:
        counts = message_reports.counts(connection, campaign.id)
    under_way = ("queued", "sending")
    done = sum(n for (state, reason), n in counts.items() if state not in under_way or reason)
    return done, sum(counts.values())


def _settled(world: World, name: str) -> bool:
    """Nothing of the campaign can move before its next waiting moment."""
    with world.house.database.read() as connection:
        campaign = campaigns.by_name(connection, name)
        if campaign is None or campaign.state in ("planned", "scheduled", "launching"):
            return False
        return not message_reports.stirring(connection, campaign.id, world.house.clock.now())


def _explain(world: World, stage: Stage, told: Told) -> None:
    wanted = {"held": ("queued", None), "refused": ("refused", None), "sent": ("read", None)}
    for what, (state, reason) in wanted.items():
        found = _phones(world, state, reason, 1)
        if not found:
            raise DemoFailed(f"there is nobody whose message was {what}")
        stage.run(world, "why", found[0], MAIN, lines=8)
        told.why[what] = world.ask("why", found[0], MAIN)


def _come_back(world: World, stage: Stage, told: Told) -> None:
    """A newer file claims consents of people who have just said stop."""
    gone = [phone for phone in _phones(world, "read", None, 1_000) if _has_withdrawn(world, phone)][:3]
    now = world.house.clock.now()
    file: Path = world.folder / "comeback.csv"
    rows = [f"{phone},{now:%Y-%m-%d %H:%M},web,marketing,1" for phone in gone]
    file.write_text("\n".join(["phone,consent date,source,consent text,text version", *rows]) + "\n", encoding="utf-8")
    stage.run(world, "optins", "import", str(file), "--attested-by", OPERATOR, "--skip-problems")
    told.tried_to_come_back = len(gone)
    told.came_back = [phone for phone in gone if not _has_withdrawn(world, phone)]


def _has_withdrawn(world: World, phone: str) -> bool:
    identifier = Identifier(IdentifierKind.PHONE, phone)
    with world.house.database.read() as connection:
        subject = vault.find(connection, [identifier])[identifier]
        standings = ledger.stored_standings(connection, [subject.id])
    state = ledger.stored_for(standings, subject.id, "marketing").standing.at(world.house.clock.now()).state
    return state is State.REVOKED


def _verify(world: World, stage: Stage, told: Told) -> None:
    stage.run(world, "ledger", "checkpoint")
    stage.run(world, "ledger", "verify")
    told.verify = world.ask("ledger", "verify")
    exported = world.folder / "ledger.jsonl"
    stage.run(world, "ledger", "export", "--out", str(exported))
    audited = world.audit(exported)
    told.audited = audited.returncode == 0
    stage.shell("python -m consent.proof ledger.jsonl --key VERIFIER_KEY", audited.stdout)


STEPS: tuple[tuple[str, Callable[[World, Stage, Told], None]], ...] = (
    ("Setting the scene", _get_ready),
    ("1  Importing messy files of opt-ins", _import),
    ("2  Asking those without proof: double opt-in", _confirm),
    ("3  Planning a campaign, and trying it without sending", _plan),
    ("4  Starting it", _start),
    ("5  Watching it", _watch),
    ("6  Why?", _explain),
    ("7  A file tries to bring back people who said stop", _come_back),
    ("8  Proof", _verify),
)
