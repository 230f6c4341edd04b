"""Say what a campaign would do, without doing it: the same people, the same composing, the same `decide`.

Trigger: `izin campaign dry-run NAME`, and before scheduling.
Reads:   everyone in the segment, as a launch at the campaign's start would find them.
Writes:  nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from consent.facts import CampaignState as Running
from consent.facts import Policy
from consent.policy import Allow, Decision, Refuse, Wait
from consent.reasons import Reason
from gateway.actions.compose_messages import Composed, Composer
from gateway.actions.plan_campaign import versions_of
from gateway.actions.policies import Policies
from gateway.actions.weigh_messages import Weighed, weigh
from gateway.core.campaign import restored
from gateway.storage import audience
from gateway.storage.campaigns import Campaign
from gateway.storage.contacts import PersonState

STEP = 2_000
SAMPLES_MAX = 3

WOULD_LEAVE = "would_leave"


@dataclass
class DryRun:
    """Counts by what would happen at `at`. `by_reason` sums to `audience`; waits give the first and last moment."""

    at: datetime
    audience: int = 0
    by_reason: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[int]] = field(default_factory=dict)
    first_wait: dict[str, datetime] = field(default_factory=dict)
    last_wait: dict[str, datetime] = field(default_factory=dict)

    def note(self, subject_id: int, decision: Decision) -> None:
        match decision:
            case Allow():
                reason, outcome = WOULD_LEAVE, "leaves"
            case Wait(until, why):
                reason, outcome = why.value, "waits"
                if until is not None:
                    self.first_wait[reason] = min(until, self.first_wait.get(reason, until))
                    self.last_wait[reason] = max(until, self.last_wait.get(reason, until))
            case Refuse(why):
                reason, outcome = why.value, "refused"
        self.audience += 1
        self.by_reason[reason] += 1
        self.by_outcome[outcome] += 1
        if len(self.samples.setdefault(reason, [])) < SAMPLES_MAX:
            self.samples[reason].append(subject_id)


def dry_run(connection: Connection, campaign: Campaign, policies: Policies, now: datetime) -> DryRun:
    """What a start at the campaign's start (or now, if that is later) would do to each person."""
    at = max(now, campaign.start_at)
    run = DryRun(at)
    for people, decisions in decisions_for(connection, campaign, policies, at):
        for person, decision in zip(people, decisions, strict=True):
            run.note(person.subject_id, decision)
    return run


def decisions_for(
    connection: Connection, campaign: Campaign, policies: Policies, at: datetime
) -> Iterator[tuple[Sequence[PersonState], Sequence[Decision]]]:
    plan = restored(campaign.plan)
    composer = Composer(plan, versions_of(connection, campaign.template_name))
    policy = policies.of(campaign)
    after: int | None = 0
    while after is not None:
        step = audience.step(connection, plan.segment, after, STEP, at)
        composed = [composer.compose(person) for person in step.people]
        weighed = [
            weighed_for(campaign, person, message, policy=policy)
            for person, message in zip(step.people, composed, strict=True)
        ]
        yield step.people, weigh(connection, weighed, at).decisions
        after = step.last


def weighed_for(campaign: Campaign, person: PersonState, message: Composed, *, policy: Policy) -> Weighed:
    return Weighed(
        subject_id=person.subject_id,
        purpose=campaign.purpose,
        number_id=campaign.number_id or "",
        expires_at=campaign.expires_at,
        policy=policy,
        campaign_id=campaign.id,
        campaign=Running.RUNNING,
        template=campaign.template_name,
        parameter_problem=message.problem,
        parameter_name=message.detail,
    )


def needs_attention(run: DryRun) -> list[Reason]:
    """Reasons that somebody can do something about before the campaign starts."""
    fixable = (Reason.PARAMETER_MISSING, Reason.PARAMETER_TOO_LONG, Reason.PARAMETER_INVALID, Reason.ZONE_UNKNOWN)
    return [reason for reason in fixable if run.by_reason.get(reason.value)]
