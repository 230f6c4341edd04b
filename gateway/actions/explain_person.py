"""Say why: what the ledger knows of a person, and what a campaign did or would do with them.

Trigger: `izin why PERSON [CAMPAIGN]`.
Reads:   the ledger, the person's message, and the facts as they are now.
Writes:  nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from consent import ledger, vault
from consent.address import AddressProblem, read_cell
from consent.events import Event
from consent.policy import Decision, Finding, explain
from consent.standing import Standing
from consent.vault import Subject, identifier_of
from gateway.actions.compose_messages import Composer
from gateway.actions.dry_run import weighed_for
from gateway.actions.plan_campaign import versions_of
from gateway.actions.policies import Policies
from gateway.actions.weigh_messages import weigh
from gateway.core.campaign import restored
from gateway.core.message import campaign_key
from gateway.storage import audience, contacts, message_reports
from gateway.storage.campaigns import Campaign
from gateway.storage.message_reports import Told


@dataclass(frozen=True, slots=True)
class Explained:
    """The whole answer. `message` is what became of it; `decision` and `findings` what would be decided now.

    `chosen` is whether the campaign's segment has the person now: nobody else gets a message, whatever the rules say.
    """

    subject: Subject
    standing: Standing
    events: list[Event]
    message: Told | None
    decision: Decision | None
    findings: tuple[Finding, ...]
    chosen: bool = True


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
        return Explained(subject, standing, events, None, None, ())
    told = message_reports.told(connection, campaign_key(campaign.id, subject.id))
    person = contacts.states(connection, [subject.id]).get(subject.id)
    if person is None:
        return Explained(subject, standing, events, told, None, ())
    plan = restored(campaign.plan)
    composer = Composer(plan, versions_of(connection, campaign.template_name))
    composed = composer.compose(person, composer.happened(connection, [subject.id], now).get(subject.id))
    policy = policies.of(campaign)
    found = weigh(connection, [weighed_for(campaign, subject.id, composed, policies)], now)
    chosen = bool(audience.among(connection, plan.segment, (subject.id - 1, subject.id), now))
    return Explained(subject, standing, events, told, found.decisions[0], explain(found.facts[0], policy), chosen)
