"""Everything to know before a campaign starts: the dry run, when its messages leave, whom to look at, what to mend.

Trigger: `izin campaign dry-run NAME`.
Reads:   what the dry run reads, the sending number's limits, other campaigns, addresses of a few people.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from consent import vault
from gateway.actions.dry_run import DryRun, dry_run, needs_attention
from gateway.actions.plan_campaign import versions_of
from gateway.actions.policies import Policies
from gateway.core.campaign import CampaignState, LateStart, edition, late_verdict, restored
from gateway.core.contact import mask
from gateway.core.forecast import Allowance, Forecast, forecast
from gateway.core.pacing import Budget
from gateway.core.wording import Wording
from gateway.storage import campaigns, templates
from gateway.storage.campaigns import Campaign

BUSY = (CampaignState.SCHEDULED.value, CampaignState.LAUNCHING.value, CampaignState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class Outlook:
    """`samples` are a few masked addresses for each reason; `notes` what may turn out differently or can be mended."""

    run: DryRun
    forecast: Forecast
    allowance: Allowance
    samples: Mapping[str, Sequence[str]]
    notes: Sequence[Wording]


def foresee_campaign(connection: Connection, campaign: Campaign, policies: Policies, now: datetime) -> Outlook:
    run = dry_run(connection, campaign, policies, now)
    allowance = _allowance(connection, campaign)
    openings = policies.of(campaign).openings if campaign.purpose == "marketing" else None
    ahead = forecast(run.due, campaign.expires_at, allowance, openings)
    notes = [
        *_about_state(campaign, now),
        *_about_template(connection, campaign, run),
        *_about_rivals(connection, campaign),
        *_about_time(ahead),
    ]
    return Outlook(run, ahead, allowance, _samples(connection, run), notes)


def _allowance(connection: Connection, campaign: Campaign) -> Allowance:
    number = next((n for n in templates.numbers(connection) if n.id == campaign.number_id), None)
    if number is None:
        return Allowance(80)
    limit = number.people_per_day
    return Allowance(number.throughput, None if limit is None else Budget(limit, 0).left())


def _samples(connection: Connection, run: DryRun) -> dict[str, list[str]]:
    ids = sorted({subject_id for chosen in run.samples.values() for subject_id in chosen})
    known = vault.identifiers_of(connection, ids)
    return {reason: [_masked(known.get(i, ())) for i in chosen] for reason, chosen in run.samples.items()}


def _masked(identifiers: Sequence[vault.Identifier]) -> str:
    address = vault.address_of(identifiers)
    return mask(address.value if address else "")


def _about_state(campaign: Campaign, now: datetime) -> list[Wording]:
    if campaign.state not in (CampaignState.PLANNED, CampaignState.SCHEDULED):
        return [
            Wording(
                f"Kampanyanın durumu {campaign.state}: yazılmış kişiler ikinci kez yazılmaz, burada yine sayılır.",
                f"The campaign is {campaign.state}: people already written to count here, but get no second one.",
            )
        ]
    plan = edition(restored(campaign.plan), campaign.start_at)
    if plan.start is not None and late_verdict(plan, now) is LateStart.CANCEL:
        return [
            Wording(
                "Başlangıç kaçırıldı; late_start kuralına göre kampanya iptal edilir.",
                "The start was missed, and by its late_start rule the campaign is cancelled instead.",
            )
        ]
    return []


def _about_template(connection: Connection, campaign: Campaign, run: DryRun) -> list[Wording]:
    versions = versions_of(connection, campaign.template_name)
    notes = [
        Wording(
            f"{count} kişi {version} sürümünü alacak, ama durumu {versions[version].status}.",
            f"{count} people would get the {version} version, whose status is {versions[version].status}.",
        )
        for version, count in sorted(run.languages.items())
        if version in versions and not versions[version].is_sendable
    ]
    fixable = ", ".join(f"{reason.value} ({run.by_reason[reason.value]})" for reason in needs_attention(run))
    if fixable:
        notes.append(Wording(f"Düzeltilebilir: {fixable}.", f"This can be mended: {fixable}."))
    return notes


def _about_rivals(connection: Connection, campaign: Campaign) -> list[Wording]:
    """Other campaigns that may use up people's caps first: a difference that the counts cannot know."""
    rivals = [
        other.name
        for other in campaigns.everything(connection)
        if other.id != campaign.id
        and other.state in BUSY
        and other.purpose == campaign.purpose
        and other.start_at < campaign.expires_at
        and (other.priority <= campaign.priority or other.start_at <= campaign.start_at)
    ]
    names = ", ".join(f"“{name}”" for name in rivals)
    return [
        Wording(
            f"Aynı sınırlardan yer alabilecek kampanyalar: {names}.",
            f"Campaigns that may take places under the same caps first: {names}.",
        )
    ] if rivals else []  # fmt: skip


def _about_time(ahead: Forecast) -> list[Wording]:
    if not ahead.left_over:
        return []
    return [
        Wording(
            f"{ahead.left_over} mesaj numaranın hız ve günlük sınırı yüzünden bitişe kadar çıkamaz.",
            f"{ahead.left_over} messages would not leave before the end, for the number's pace and daily limit.",
        )
    ]
