"""Each promise of the design that the demo exercises, checked against what really happened.

The witnesses are independent where they can be: the practice world counts what it received, the ledger says what people
did, the outbox says what we did, the logs say what we let slip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from consent import ledger, vault
from consent.events import Event, EventType
from consent.reasons import Reason
from gateway.actions.dry_run import WOULD_LEAVE
from gateway.cli.demo.script import MAIN, Told
from gateway.cli.demo.world import DemoFailed, World
from gateway.core.failure_words import WORDS
from gateway.core.message import State
from gateway.storage import campaigns, message_reports, quarantine
from gateway.storage.campaigns import Campaign

STOPS = {EventType.REVOKED, EventType.SUPPRESSED}
WAYS_TO_STOP: dict[str, Callable[[Event], bool]] = {
    "a keyword": lambda e: e.source == "wa_inbound" and ".keyword." in e.method,
    "a sentence": lambda e: e.source == "wa_inbound" and ".keyword." not in e.method,
    "the button": lambda e: e.source == "wa_button",
    "WhatsApp's own switch": lambda e: e.source == "wa_pref",
    "error 131050": lambda e: e.source == "provider_error",
}
NEVER_LEFT = {State.QUEUED, State.REFUSED, State.EXPIRED, State.CANCELLED}


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise: kept or not, and what was looked at."""

    number: int
    promise: str
    kept: bool
    seen: str


@dataclass
class Evidence:
    """Everything the checks look at, read once."""

    world: World
    told: Told
    campaign: Campaign
    outcomes: dict[int, tuple[State, str | None, datetime | None]]
    events: dict[int, list[Event]]
    refs: dict[int, str]
    received: dict[str, int]
    totals: dict[str, object]

    @property
    def stops(self) -> list[tuple[int, Event]]:
        return [(s, e) for s, events in self.events.items() for e in events if e.type in STOPS]


def gather(world: World, told: Told) -> Evidence:
    with world.house.database.read() as connection:
        campaign = campaigns.by_name(connection, MAIN)
        if campaign is None:
            raise DemoFailed("the campaign is gone")
        outcomes = message_reports.outcomes(connection, campaign.id)
        events = ledger.events_of(connection, sorted(outcomes))
        refs = {s: subject.ref for s, subject in vault.subjects_by_id(connection, sorted(outcomes)).items()}
    received = dict(_pages(world))
    return Evidence(world, told, campaign, outcomes, events, refs, received, world.practice.get("received"))


def _pages(world: World) -> Iterator[tuple[str, int]]:
    """How often the practice world received each of our trackers."""
    after = ""
    while True:
        page = world.practice.get(f"received/trackers?after={after}")
        yield from page["trackers"].items()
        after = page["next_after"]
        if after is None:
            return


def check(world: World, told: Told) -> list[Kept]:
    evidence = gather(world, told)
    return [Kept(number, promise, *look(evidence)) for number, promise, look in PROMISES]


Look = Callable[[Evidence], tuple[bool, str]]


def _consent(it: Evidence) -> tuple[bool, str]:
    left = [s for s, (state, _, at) in it.outcomes.items() if at is not None and state not in NEVER_LEFT]
    without = [s for s in left if not any(e.type in GRANTS for e in it.events.get(s, []))]
    return not without and bool(left), f"{len(left)} messages left, {len(without)} without a consent"


GRANTS = {EventType.GRANTED_BY_IMPORT, EventType.CONFIRMED, EventType.GRANTED, EventType.RESUMED, EventType.RENEWED}


def _stop(it: Evidence) -> tuple[bool, str]:
    ways = {name for name, fits in WAYS_TO_STOP.items() if any(fits(e) for _, e in it.stops)}
    late = [
        s
        for s, e in it.stops
        if (released := it.outcomes[s][2]) is not None and released > e.recorded_at and not _resumed(it, s, e)
    ]
    acknowledged = _acknowledged_once(it)
    kept = not late and ways == set(WAYS_TO_STOP) and acknowledged
    missing = ", ".join(sorted(set(WAYS_TO_STOP) - ways)) or "none missing"
    return kept, f"{len(it.stops)} stops in {len(ways)} ways ({missing}); {len(late)} releases after one"


def _resumed(it: Evidence, subject: int, stop: Event) -> bool:
    return any(e.type in GRANTS and e.occurred_at > stop.occurred_at for e in it.events[subject])


def _acknowledged_once(it: Evidence) -> bool:
    """Nobody was told twice that we have stopped."""
    with it.world.house.database.read() as connection:
        return message_reports.most_answers_to_one_person(connection, "stopped") <= 1


def _permission(it: Evidence) -> tuple[bool, str]:
    events, messages = it.told.verify["events"], it.told.verify["messages"]
    kept = bool(it.told.verify["holds"]) and it.told.audited and messages > 0
    return kept, f"{events} events and {messages} messages verified, here and offline"


def _nobody_lost(it: Evidence) -> tuple[bool, str]:
    doubled = [tracker for tracker, times in it.received.items() if times > 1]
    twice = it.totals["marketing_doubled"]
    unnamed = [s for s, (state, reason, _) in it.outcomes.items() if state in NEVER_LEFT and not reason]
    with it.world.house.database.read() as connection:
        strangers = message_reports.unknown_ids(connection, [_row(t) for t in it.received])
        audience = sum(message_reports.counts(connection, it.campaign.id).values())
    kept = not doubled and not twice and not unnamed and not strangers and audience == len(it.outcomes)
    return (
        kept,
        f"{len(it.received)} received at the other end, {len(doubled)} twice; {audience} planned, each in one state",
    )


def _row(tracker: str) -> int:
    return int(tracker.partition(".")[0])


def _file(it: Evidence) -> tuple[bool, str]:
    tried, back = it.told.tried_to_come_back, it.told.came_back
    kept = tried > 0 and not back and it.told.again_changed_nothing
    return kept, f"{tried} people who had stopped were in a newer file, {len(back)} came back"


def _webhooks(it: Evidence) -> tuple[bool, str]:
    with it.world.house.database.read() as connection:
        quarantined = quarantine.everything(connection)
        seen = quarantine.tallies(connection)
    statuses = sum(n for kind, n in seen.items() if kind.startswith("StatusUpdate"))
    made = it.totals["statuses"]
    expected = sum(made.values()) if isinstance(made, dict) else 0
    kept = not quarantined and statuses >= expected and it.world.house.inbox.backlog() == 0
    return kept, f"{expected} statuses made, {statuses} read with repeats, {len(quarantined)} unreadable"


def _dry_run(it: Evidence) -> tuple[bool, str]:
    named = [s for s in it.outcomes if _differs(it, s) and any(subject == s for subject, _ in it.stops)]
    unnamed = [s for s in it.outcomes if _differs(it, s) and s not in named]
    kept = not unnamed and set(it.told.expected) == set(it.outcomes)
    return (
        kept,
        f"{len(it.outcomes)} people: {len(named)} differ, having stopped meanwhile, {len(unnamed)} otherwise",
    )


def _differs(it: Evidence, subject: int) -> bool:
    state, reason, released = it.outcomes[subject]
    left = released is not None or state not in NEVER_LEFT or reason in WORDS  # Meta's word: it had left, and came back
    did = WOULD_LEAVE if left else reason
    return it.told.expected.get(subject) != did


def _reasons(it: Evidence) -> tuple[bool, str]:
    mute = [
        s
        for s, (state, reason, _) in it.outcomes.items()
        if state in NEVER_LEFT | {State.FAILED} and reason not in set(Reason) | set(WORDS)
    ]
    explained = all(answer.get("verdict") for answer in it.told.why.values()) and len(it.told.why) == 3
    until = it.told.why["held"]["until"]
    waits = f"; one waits until {datetime.fromisoformat(until):%Y-%m-%d %H:%M} UTC" if until else ""
    return not mute and explained and bool(until), f"{len(mute)} without a reason in words{waits}"


def _secrets(it: Evidence) -> tuple[bool, str]:
    logs = [path.read_text(encoding="utf-8", errors="replace") for path in it.world.folder.glob("*.log")]
    settings = it.world.settings
    secrets = [settings.token, *settings.app_secrets, settings.page_password]
    with it.world.house.database.read() as connection:
        identifiers = vault.identifiers_of(connection, sorted(it.outcomes))
    numbers = [i.value.removeprefix("+") for found in identifiers.values() for i in found]
    slipped = [one for one in (*secrets, *numbers) if one and any(one in log for log in logs)]
    return not slipped, f"{len(slipped)} secrets or numbers in {len(logs)} logs"


PROMISES: tuple[tuple[int, str, Look], ...] = (
    (1, "No consent, no release", _consent),
    (2, "An answered STOP binds", _stop),
    (3, "Every message carries its permission", _permission),
    (4, "Nobody is lost, nobody is written to twice", _nobody_lost),
    (5, "A file never overrules a person", _file),
    (6, "Every item of every webhook counts", _webhooks),
    (7, "The dry run is the run", _dry_run),
    (8, "Every no explains itself", _reasons),
    (10, "Secrets and numbers stay inside", _secrets),
)
