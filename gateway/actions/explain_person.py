"""Say why: what the ledger knows of a person, and what a campaign did or would do with them.

Trigger: `izin why PERSON [CAMPAIGN]`.
Reads:   the ledger, the person's message, and the facts as they are now.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, vault
from consent.address import AddressProblem, read_cell
from consent.events import Event
from consent.facts import CampaignState as Running
from consent.facts import Facts, Policy
from consent.policy import Decision, Finding, explain
from consent.standing import Standing
from consent.vault import Subject, identifier_of
from gateway.actions.compose_messages import Composer
from gateway.actions.dry_run import weighed_for
from gateway.actions.plan_campaign import versions_of
from gateway.actions.policies import Policies
from gateway.actions.weigh_messages import Weighed, weigh
from gateway.core.campaign import CampaignState, restored
from gateway.storage import audience, contacts, message_reports
from gateway.storage.campaigns import Campaign
from gateway.storage.message_reports import Told

STANDS: Mapping[str, Running] = {CampaignState.PAUSED: Running.PAUSED, CampaignState.CANCELLED: Running.CANCELLED}
"""How a campaign stands for the rules, where it neither runs nor is yet to run."""


@dataclass(frozen=True, slots=True)
class Explained:
    """The whole answer; `standing` is that for `purpose`.

    `message` is what became of it; `decision` and `findings` what would be decided now. `chosen` is whether the
    campaign's segment has the person now: nobody else gets a message, whatever the rules say. A campaign that has not
    begun is asked about as if somebody had scheduled it for its start. `asked` is what was decided about.
    """

    subject: Subject
    purpose: str
    standing: Standing
    events: list[Event]
    message: Told | None
    decision: Decision | None
    findings: tuple[Finding, ...]
    chosen: bool = True
    campaign: Campaign | None = None
    asked: tuple[Facts, Policy] | None = None


def find_person(connection: Connection, who: str, region: str) -> Subject | None:
    """A person by phone number in any spelling, business-scoped id, or the ledger's reference."""
    if found := vault.subject_by_ref(connection, who.strip()):
        return found
    cell = read_cell(who, region)
    if isinstance(cell, AddressProblem):
        return None
    known = vault.find(connection, [identifier_of(address) for address in cell])
    return next(iter(known.values()), None)


def explain_person(
    connection: Connection, subject: Subject, campaign: Campaign | None, policies: Policies, now: datetime
) -> Explained:
    events = ledger.events_of(connection, [subject.id]).get(subject.id, [])
    purpose = campaign.purpose if campaign else "marketing"
    standing = ledger.standings_of(connection, [subject.id])[subject.id].of(purpose).at(now)
    if campaign is None:
        return Explained(subject, purpose, standing, events, None, None, ())
    told = message_reports.told(connection, campaign.id, subject.id)
    person = contacts.states(connection, [subject.id]).get(subject.id)
    if person is None:
        return Explained(subject, purpose, standing, events, told, None, (), campaign=campaign)
    plan = restored(campaign.plan)
    composer = Composer(plan, versions_of(connection, campaign.template_name))
    composed = composer.compose(person, composer.happened(connection, [subject.id], now).get(subject.id))
    weighed = _as_it_stands(campaign, weighed_for(campaign, subject.id, composed, policies))
    found = weigh(connection, [weighed], now)
    chosen = bool(audience.among(connection, plan.segment, (subject.id - 1, subject.id), now))
    asked = found.facts[0], weighed.policy
    return Explained(
        subject, purpose, standing, events, told, found.decisions[0], explain(*asked), chosen, campaign, asked
    )


def _as_it_stands(campaign: Campaign, message: Weighed) -> Weighed:
    """The message as the campaign stands now; `weighed_for` speaks of a campaign that runs."""
    policy = replace(message.policy, earliest_start=campaign.start_at)
    return replace(message, policy=policy, campaign=STANDS.get(campaign.state, message.campaign))
