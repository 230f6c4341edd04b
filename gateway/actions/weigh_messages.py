"""Gather what a decision looks at, for many messages at once, and decide each with the one pure `decide`.

Trigger: release, dry run and `izin why`: all three come here, so what they say agrees.
Reads:   standings, people, addresses, holds: one query each for the whole batch.
Writes:  nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from consent.address import Address
from consent.facts import FOREVER, AddressState, CampaignState, Facts, Hold, Policy
from consent.ledger import Stored
from consent.policy import Allow, Decision, decide
from consent.reasons import Reason
from gateway.actions.tag_limits import tag_sends
from gateway.core.failure import Scope
from gateway.storage import recipients, templates
from gateway.storage.contacts import NOT_ON_WHATSAPP
from gateway.storage.recipients import Bounds, Recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One message to be decided: everything that does not depend on the person is given here."""

    subject_id: int
    purpose: str
    number_id: str
    expires_at: datetime
    policy: Policy
    campaign_id: int | None = None
    campaign: CampaignState = CampaignState.NONE
    template: str | None = None
    is_answer: bool = False
    is_free_form: bool = False
    parameter_problem: Reason | None = None
    parameter_name: str = ""
    capped_tags: frozenset[str] = frozenset()
    iys: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What the batch's queries found out, and the decision for each message, in the order asked."""

    asked: Sequence[tuple[int, Weighed]]
    looked: Looked
    decisions: Sequence[Decision]

    @property
    def people(self) -> Mapping[int, Recipient]:
        return self.looked.rows.people

    @property
    def addresses(self) -> Mapping[int, Address]:
        return self.looked.addresses

    @property
    def facts(self) -> Sequence[Facts]:
        return [self.looked.facts(subject_id, message) for subject_id, message in self.asked]


def weigh(
    connection: Connection,
    messages: Sequence[Weighed],
    now: datetime,
    *,
    lock: bool = False,
    holds: Sequence[templates.Hold] | None = None,
) -> Found:
    """Decide each message. With `lock`, nothing it rests on changes until the transaction ends.

    `holds` are those in force, when the caller has read them already.
    """
    return weigh_for(connection, [(m.subject_id, m) for m in messages], now, lock=lock, holds=holds)


def weigh_for(
    connection: Connection,
    asked: Sequence[tuple[int, Weighed]],
    now: datetime,
    *,
    lock: bool = False,
    holds: Sequence[templates.Hold] | None = None,
) -> Found:
    """The same for messages that many people share: (person, message), whoever the message itself names.

    People who are alike in all that could keep a message from leaving now are decided together (see `Looked.likeness`).
    """
    looked = _look(connection, asked, now, lock, holds)
    bounds = {id(m): looked.rows.bounds(m.policy.all_caps, now) for m in {id(m): m for _, m in asked}.values()}
    allowed: dict[tuple[object, ...], Allow] = {}
    decisions: list[Decision] = []
    for subject_id, message in asked:
        likeness = looked.likeness(subject_id, message, bounds[id(message)])
        known = None if likeness is None else allowed.get(likeness)
        if known is None:
            decision = decide(looked.facts(subject_id, message), message.policy)
            if likeness is not None and isinstance(decision, Allow):
                allowed[likeness] = decision
            decisions.append(decision)
        elif known.event_seq is None:
            decisions.append(known)
        else:
            seq, proof = looked.rows.event_of(subject_id, message.purpose)
            decisions.append(Allow(known.basis, seq, proof, known.in_window, known.free_entry))
    return Found(asked, looked, decisions)


def _look(
    connection: Connection,
    asked: Sequence[tuple[int, Weighed]],
    now: datetime,
    lock: bool,
    holds: Sequence[templates.Hold] | None,
) -> Looked:
    ids = sorted({subject_id for subject_id, _ in asked})
    rows = recipients.rows(connection, ids, lock=lock)
    return Looked(
        now,
        rows,
        recipients.addresses(connection, ids),
        recipients.with_marketing_in_flight(connection, ids),
        Holds(templates.holds(connection, now) if holds is None else holds),
        tag_sends(connection, {(subject_id, m.capped_tags) for subject_id, m in asked if m.capped_tags}),
    )


@dataclass(frozen=True, slots=True)
class Looked:
    """Everything that the decisions of one batch rest on."""

    now: datetime
    rows: recipients.Rows
    addresses: Mapping[int, Address]
    in_flight: Collection[int]
    held: Holds
    tagged: Mapping[tuple[int, frozenset[str]], tuple[datetime, ...]]

    def facts(self, subject_id: int, message: Weighed) -> Facts:
        return facts_of(
            message,
            self.rows.people.get(subject_id, NOBODY),
            subject_id in self.addresses,
            self.rows.standing(subject_id, message.purpose),
            self.held,
            self.now,
            subject_id in self.in_flight,
            self.tagged.get((subject_id, message.capped_tags), ()),
        )

    def likeness(self, subject_id: int, message: Weighed, bounds: Bounds) -> tuple[object, ...] | None:
        """What is the same for two people is the same for `decide`, as long as it allows; None: look at this one alone.

        A moment that is still to come, or long past, says no more than that: only a wait or a refusal names it, and
        those are worked out for each. Whoever a cap could concern is looked at alone.
        """
        if message.capped_tags:
            return None
        person = self.rows.likeness(subject_id, message.purpose, bounds)
        if person is None:
            return None
        return (id(message), subject_id in self.addresses, subject_id in self.in_flight, person)


NOBODY = Recipient(frozenset(), frozenset(), None, None, None, None, None, ())

HELD_BECAUSE = {
    Scope.TEMPLATE: Reason.TEMPLATE_HELD,
    Scope.CAMPAIGN: Reason.CAMPAIGN_PAUSED,
    Scope.NUMBER: Reason.NUMBER_HELD,
    Scope.ACCOUNT: Reason.ACCOUNT_HELD,
    Scope.EVERYTHING: Reason.ACCOUNT_HELD,
    Scope.UTILITY: Reason.UTILITY_HELD,
    Scope.COUNTRY: Reason.COUNTRY_HELD,
}


class Holds:
    """What may not be sent for now, asked for one message and one person."""

    def __init__(self, holds: Sequence[templates.Hold]) -> None:
        self._by_place = {(hold.scope, hold.target): hold for hold in holds}

    def _first(self, places: Sequence[tuple[Scope, str]]) -> Hold | None:
        found = next((self._by_place[place] for place in places if place in self._by_place), None)
        return None if found is None else Hold(HELD_BECAUSE[found.scope], found.until)

    def on_template(self, message: Weighed) -> Hold | None:
        if not self._by_place:
            return None
        return self._first([(Scope.TEMPLATE, message.template or ""), (Scope.CAMPAIGN, str(message.campaign_id))])

    def on_number(self, message: Weighed, regions: frozenset[str]) -> Hold | None:
        if not self._by_place:
            return None
        places = [(Scope.EVERYTHING, templates.EVERYTHING), (Scope.ACCOUNT, templates.EVERYTHING)]
        if message.purpose == "utility":
            places.append((Scope.UTILITY, templates.EVERYTHING))
        if message.purpose == "marketing":
            places += [(Scope.COUNTRY, region) for region in sorted(regions)]
        return self._first([(Scope.NUMBER, message.number_id), *places])


def facts_of(
    message: Weighed,
    person: Recipient,
    reachable: bool,
    stored: Stored,
    held: Holds,
    now: datetime,
    in_flight: bool,
    tag_recent: tuple[datetime, ...] = (),
) -> Facts:
    """The one place where facts are put together, for one person or for a group of people who are alike."""
    standing = stored.standing.at(now)
    return Facts(
        now=now,
        purpose=message.purpose,
        is_reply=message.is_answer,
        is_acknowledgement=message.is_answer,
        standing=standing.state.value,
        standing_deadline=standing.deadline,
        event_seq=standing.event_seq,
        event_hash=standing.event_hash,
        iys=person.iys or message.iys,
        suppressed=stored.suppressed or stored.held,
        address=_address_state(person, reachable),
        blocked_until=FOREVER if person.blocked and person.blocked != NOT_ON_WHATSAPP else None,
        cool_until=person.cool_until,
        zones=person.zones,
        regions=person.regions,
        recent=person.sends,
        tag_recent=tag_recent,
        open_message=in_flight,
        last_inbound_at=person.last_inbound_at,
        free_entry_until=person.free_entry_until,
        free_form=message.is_free_form,
        campaign=message.campaign,
        expires_at=message.expires_at,
        template_hold=held.on_template(message),
        number_hold=held.on_number(message, person.regions),
        parameter_problem=message.parameter_problem,
        parameter_name=message.parameter_name,
    )


def _address_state(person: Recipient, reachable: bool) -> AddressState:
    if not reachable:
        return AddressState.NONE
    return AddressState.SUSPECT if person.blocked == NOT_ON_WHATSAPP else AddressState.REACHABLE
