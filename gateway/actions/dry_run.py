"""Say what a campaign would do, without doing it: the same people, the same composing, the same `decide`.

Trigger: `izin campaign dry-run NAME`, and before scheduling.
Reads:   everyone in the segment, as a launch at the campaign's start would find them.
Writes:  nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, Connection, and_, not_

from consent.facts import CampaignState as Running
from consent.facts import Facts
from consent.limits.frequency import Cap, read_tag_caps
from consent.limits.quiet_hours import Place
from consent.policy import Allow, Decision, Refuse, Wait
from consent.reasons import Reason
from consent.rules import course_of, rulebook
from gateway.actions.compose_groups import GroupComposer
from gateway.actions.compose_messages import Composed, Composer
from gateway.actions.plan_campaign import versions_of
from gateway.actions.policies import Policies
from gateway.actions.weigh_groups import Verdict, waits_of, weigh_group
from gateway.actions.weigh_messages import Holds, Weighed, weigh
from gateway.core.campaign import CampaignPlan, choose_language, edition, events_in, restored
from gateway.core.forecast import hour_of
from gateway.core.prices import Charged
from gateway.storage import audience, campaigns, contacts, facts, person_events, templates
from gateway.storage.campaigns import Campaign
from gateway.storage.contacts import PersonState
from gateway.storage.facts import Alike
from gateway.storage.person_columns import Question
from gateway.storage.segments import compiled

STEP = 2_000
SAMPLES_MAX = 3

WOULD_LEAVE = "would_leave"


@dataclass
class DryRun:
    """Counts by what would happen at `at`. `by_reason` sums to `audience`; waits give the first and last moment.

    `due` counts what would leave by the hour and place in which it may, `languages` by template version, `charged`
    by category and region. Moments of groups are known to the quarter of an hour, never earlier than the truth begins.
    """

    at: datetime
    audience: int = 0
    one_by_one: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[int]] = field(default_factory=dict)
    first_wait: dict[str, datetime] = field(default_factory=dict)
    last_wait: dict[str, datetime] = field(default_factory=dict)
    due: dict[datetime, Counter[Place]] = field(default_factory=dict)
    languages: Counter[str] = field(default_factory=Counter)
    charged: Charged = field(default_factory=Counter)

    def note(self, decision: Decision, people: Collection[int], count: int = 1) -> str:
        """Count people who get this decision; the reason under which they are counted."""
        reason, outcome = _named(decision)
        self.audience += count
        self.by_reason[reason] += count
        self.by_outcome[outcome] += count
        kept = self.samples.setdefault(reason, [])
        kept.extend(islice(people, SAMPLES_MAX - len(kept)))
        return reason

    def note_wait(self, reason: str, moments: Iterable[datetime]) -> None:
        for until in moments:
            self.first_wait[reason] = min(until, self.first_wait.get(reason, until))
            self.last_wait[reason] = max(until, self.last_wait.get(reason, until))

    def note_leaving(self, decision: Decision, place: Place, version: str, category: str, count: int) -> None:
        """Count messages that leave at once or after a wait of known end."""
        if isinstance(decision, Refuse) or (isinstance(decision, Wait) and decision.until is None):
            return
        moment = decision.until if isinstance(decision, Wait) and decision.until else self.at
        self.due.setdefault(hour_of(moment), Counter())[place] += count
        self.languages[version] += count
        if not (isinstance(decision, Allow) and _is_free(decision, category)):
            self.charged[category, next(iter(sorted(place[1])), "")] += count


def _named(decision: Decision) -> tuple[str, str]:
    match decision:
        case Allow():
            return WOULD_LEAVE, "leaves"
        case Wait(_, why):
            return why.value, "waits"
        case Refuse(why):
            return why.value, "refused"


def _is_free(decision: Allow, category: str) -> bool:
    """Meta's rule: a free entry point covers every template, the service window covers utility (section 4.2)."""
    return decision.free_entry or (category == "utility" and decision.in_window)


def dry_run(connection: Connection, campaign: Campaign, policies: Policies, now: datetime) -> DryRun:
    """What a start at the campaign's start (or now, if that is later) would do to each person."""
    return _Rehearsal(connection, campaign, policies, max(now, campaign.start_at)).run()


class _Rehearsal:
    def __init__(self, connection: Connection, campaign: Campaign, policies: Policies, at: datetime) -> None:
        self.connection, self.campaign, self.policies, self.at = connection, campaign, policies, at
        self.plan: CampaignPlan = edition(restored(campaign.plan), campaign.start_at)
        self.versions = versions_of(connection, campaign.template_name)
        self.message = weighed_for(campaign, 0, Composed({}), policies)
        self.category = next((t.category.value.lower() for t in self.versions.values()), campaign.purpose)
        self.outcome = DryRun(at)

    def run(self) -> DryRun:
        composer = GroupComposer(self.plan, self.versions)
        within = compiled(self.plan.segment, self.at, whole=True)
        if not composer.fits_ordinary_values:
            self._everybody_one_by_one()
            return self.outcome
        if names := events_in(self.plan.parameters):
            did = person_events.those_who_did(names)
            self._one_by_one(iter(audience.those(self.connection, and_(within, did))))
            within = and_(within, not_(did))
        question = self._question(composer, within)
        self._in_groups(question, composer)
        return self.outcome

    def _question(self, composer: GroupComposer, within: ColumnElement[bool]) -> Question:
        policy = self.message.policy
        needs = rulebook(course_of(Facts(now=self.at, purpose=self.campaign.purpose)), policy.demands).needs
        return Question(
            purpose=self.campaign.purpose,
            at=self.at,
            ends=self.campaign.expires_at,
            caps=policy.all_caps if "recent" in needs else (),
            tag_caps=self._tag_caps() if "tag_recent" in needs else (),
            window_matters=self.campaign.purpose != "marketing",
            fields=composer.needs.required,
            fields_used=composer.needs.used,
            safe_chars=composer.needs.safe_chars,
            within=within,
        )

    def _tag_caps(self) -> list[tuple[Cap, list[int]]]:
        tags = self.policies.tags_of(self.campaign.id)
        known = read_tag_caps(self.policies.settings.tag_caps)
        counted = campaigns.with_tags(self.connection, tags) if tags else []
        return [(cap, counted) for tag in sorted(tags) for cap in known[tag]]

    def _in_groups(self, question: Question, composer: GroupComposer) -> None:
        holds = Holds(templates.holds(self.connection, self.at))
        groups = facts.alike(self.connection, question)
        unsure: list[Verdict] = []
        for group in groups:
            if group.odd:
                continue
            verdict = self._verdict(group, question, composer, holds)
            if verdict.agrees:
                self._count(verdict, composer)
            else:
                unsure.append(verdict)
        self._one_by_one(self._singled_out(question, unsure, any(group.odd for group in groups)))

    def _verdict(self, group: Alike, question: Question, composer: GroupComposer, holds: Holds) -> Verdict:
        composed = composer.compose(group.language, group.has)
        message = weighed_for(self.campaign, 0, composed, self.policies)
        return weigh_group(group, message, question, holds)

    def _count(self, verdict: Verdict, composer: GroupComposer) -> None:
        group = verdict.group
        reason = self.outcome.note(verdict.first, group.samples, group.count)
        self.outcome.note_wait(reason, waits_of(verdict))
        place = (_names(group.zones), _names(group.region))
        self.outcome.note_leaving(verdict.first, place, self._version(group.language), self.category, group.count)

    def _version(self, language: str | None) -> str:
        return choose_language(self.plan, language or None, self.versions) or ""

    def _singled_out(self, question: Question, unsure: Sequence[Verdict], odd: bool) -> Iterator[int]:
        """Those whose own fields are out of the ordinary, and those in a quarter in which the answer changes."""
        if odd:
            yield from facts.odd_people(self.connection, question)
        if unsure:
            keys = {_key(verdict.group) for verdict in unsure}
            moments = {(g.opens, g.cools, g.consent_ends, g.spoke) for g in (v.group for v in unsure)}
            for group, subject_id in facts.people_in(self.connection, question, moments):
                if _key(group) in keys:
                    yield subject_id

    def _everybody_one_by_one(self) -> None:
        after: int | None = 0
        while after is not None:
            step = audience.step(self.connection, self.plan.segment, after, STEP, self.at)
            self._weigh_each(step.people)
            after = step.last

    def _one_by_one(self, subject_ids: Iterator[int]) -> None:
        while batch := list(islice(subject_ids, STEP)):
            people = contacts.states(self.connection, batch)
            self._weigh_each([people[subject_id] for subject_id in batch])

    def _weigh_each(self, people: Sequence[PersonState]) -> None:
        composer = Composer(self.plan, self.versions)
        happened = composer.happened(self.connection, [p.subject_id for p in people], self.at)
        composed = [composer.compose(p, happened.get(p.subject_id)) for p in people]
        weighed = [
            weighed_for(self.campaign, p.subject_id, c, self.policies) for p, c in zip(people, composed, strict=True)
        ]
        for person, decision in zip(people, weigh(self.connection, weighed, self.at).decisions, strict=True):
            reason = self.outcome.note(decision, [person.subject_id])
            self.outcome.one_by_one += 1
            if isinstance(decision, Wait) and decision.until is not None:
                self.outcome.note_wait(reason, [decision.until])
            place = (frozenset({person.zone}) if person.zone else person.zones, _names(person.region or ""))
            self.outcome.note_leaving(decision, place, self._version(person.language), self.category, 1)


def _names(written: str) -> frozenset[str]:
    return frozenset(written.split(",")) if written else frozenset()


def _key(group: Alike) -> tuple[object, ...]:
    return tuple(getattr(group, name) for name in facts.KEY)


def weighed_for(campaign: Campaign, subject_id: int, message: Composed, policies: Policies) -> Weighed:
    """One message of a campaign as it would be weighed while the campaign runs."""
    return Weighed(
        subject_id=subject_id,
        purpose=campaign.purpose,
        number_id=campaign.number_id or "",
        expires_at=campaign.expires_at,
        policy=policies.of(campaign),
        campaign_id=campaign.id,
        campaign=Running.RUNNING,
        template=campaign.template_name,
        parameter_problem=message.problem,
        parameter_name=message.detail,
        capped_tags=policies.tags_of(campaign.id),
        iys=policies.iys,
    )


def needs_attention(run: DryRun) -> list[Reason]:
    """Reasons that somebody can do something about before the campaign starts."""
    fixable = (
        Reason.PARAMETER_MISSING, Reason.PARAMETER_TOO_LONG, Reason.PARAMETER_INVALID, Reason.TEMPLATE_LANGUAGE_MISSING,
        Reason.ZONE_UNKNOWN, Reason.REGION_UNKNOWN, Reason.TEMPLATE_HELD, Reason.NUMBER_HELD, Reason.ACCOUNT_HELD,
        Reason.UTILITY_HELD, Reason.COUNTRY_HELD,
    )  # fmt: skip
    return [reason for reason in fixable if run.by_reason.get(reason.value)]
