"""Let due messages leave: claim, gather facts, decide, and write `sending` with the ledger event that allows each.

Trigger: the sender, whenever its pace has room.
Reads:   due messages of one number; consent, people, holds and campaigns for the whole batch.
Writes:  `sending` with the authorising event, a wait with its moment, or an ending with its reason: one transaction.
Repeat:  harmless: a message is claimed by one release, and only while it is queued.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from consent.address import Address, Phone
from consent.facts import CampaignState, Policy
from consent.policy import Allow, Decision, Refuse, Wait
from consent.reasons import Reason
from gateway.actions.keep_budget import DailyLimit
from gateway.actions.policies import Policies
from gateway.actions.weigh_messages import Weighed, weigh_for
from gateway.core.message import Kind, MarketingEndpoint, Outgoing, State
from gateway.core.pacing import Turns
from gateway.storage import claims, contacts, outbox, templates
from gateway.storage.claims import Claimed
from gateway.storage.outbox import Ending

SOON = timedelta(seconds=5)
ASK_AGAIN_AFTER = timedelta(minutes=10)
"""How long a message waits that waits for an event. A hold that is lifted wakes its messages at once (wake_held)."""


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did: the messages to send now, and how many it looked at."""

    outgoing: Sequence[Outgoing]
    looked_at: int


def release_messages(
    connection: Connection,
    number_id: str,
    policies: Policies,
    now: datetime,
    limit: int,
    turns: Turns | None = None,
    daily_limit: DailyLimit | None = None,
) -> Released:
    """`turns` remembers whose turn it is between releases, `daily_limit` how many people may still be reached."""
    holds = templates.holds(connection, now)
    people_left = None if daily_limit is None else daily_limit.left(connection, now)
    claimed = claims.claim(connection, number_id, now, limit, turns or Turns(), holds, people_left)
    if not claimed:
        return Released((), 0)
    mine = _one_each(claimed)
    known = policies.known(connection, {m.campaign_id for m in mine if m.campaign_id is not None})
    shared = _Shared(known, policies)
    found = weigh_for(connection, [(m.subject_id, shared.weighed(m)) for m in mine], now, lock=True, holds=holds)
    pairs = list(zip(mine, found.decisions, strict=True))
    if daily_limit is not None:
        daily_limit.count(connection, pairs, found.people, now)
    leaving = _write(connection, pairs, now)
    endpoint = policies.marketing_endpoint
    return Released([_outgoing(m, found.addresses[m.subject_id], endpoint) for m in leaving], len(claimed))


def _one_each(claimed: Iterable[Claimed]) -> list[Claimed]:
    """At most one marketing message per person in a batch: the next batch sees that this one counts."""
    seen: set[int] = set()
    kept = []
    for m in claimed:
        if m.purpose == "marketing":
            if m.subject_id in seen:
                continue
            seen.add(m.subject_id)
        kept.append(m)
    return kept


class _Shared:
    """What is to be weighed, once for all messages that differ in nothing but the person."""

    def __init__(self, known: Mapping[int, Policy], policies: Policies) -> None:
        self._known, self._policies = known, policies
        self._made: dict[tuple[object, ...], Weighed] = {}

    def weighed(self, m: Claimed) -> Weighed:
        key = (m.campaign_id, m.purpose, m.expires_at, id(m.content))
        found = self._made.get(key)
        if found is None:
            policy = self._policies.house if m.campaign_id is None else self._known[m.campaign_id]
            found = self._made[key] = _weighed(m, policy, self._policies)
        return found


def _weighed(m: Claimed, policy: Policy, policies: Policies) -> Weighed:
    content = m.content
    problem = content.get("problem")
    return Weighed(
        subject_id=m.subject_id,
        purpose=m.purpose,
        number_id=m.number_id,
        expires_at=m.expires_at,
        policy=policy,
        campaign_id=m.campaign_id,
        campaign=CampaignState.NONE if m.campaign_id is None else CampaignState.RUNNING,
        template=content.get("template"),
        is_answer=bool(content.get("answer")),
        is_free_form=content.get("kind") == Kind.TEXT,
        parameter_problem=Reason(problem) if problem else None,
        parameter_name=content.get("detail", ""),
        capped_tags=policies.tags_of(m.campaign_id),
        iys=policies.iys,
    )


def _write(connection: Connection, pairs: Sequence[tuple[Claimed, Decision]], now: datetime) -> list[Claimed]:
    leaving = [(m, d) for m, d in pairs if isinstance(d, Allow)]
    outbox.release(connection, [(m.id, d.event_seq, d.event_hash) for m, d in leaving], now)
    contacts.reserve(connection, [m.subject_id for m, _ in leaving if m.purpose == "marketing"], now)
    if len(leaving) < len(pairs):
        outbox.postpone(connection, [(m.id, _until(d, now), d.reason.value) for m, d in pairs if isinstance(d, Wait)])
        outbox.end(connection, [ending_of(m.id, d) for m, d in pairs if isinstance(d, Refuse)], now)
    return [m for m, _ in leaving]


def _until(wait: Wait, now: datetime) -> datetime:
    return wait.until or now + (SOON if wait.reason is Reason.MESSAGE_IN_FLIGHT else ASK_AGAIN_AFTER)


def ending_of(message_id: int, refusal: Refuse) -> Ending:
    """A refusal as the message's last state: some have a state of their own."""
    state = {Reason.EXPIRED: State.EXPIRED, Reason.CAMPAIGN_CANCELLED: State.CANCELLED}.get(
        refusal.reason, State.REFUSED
    )
    because = refusal.because.value if refusal.because else (refusal.detail or None)
    return Ending(message_id, state, refusal.reason.value, because)


_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}


def _outgoing(m: Claimed, address: Address, endpoint: MarketingEndpoint | None) -> Outgoing:
    content = m.content
    is_phone = isinstance(address, Phone)
    return Outgoing(
        message_id=m.id,
        number_id=m.number_id,
        purpose=m.purpose,
        to=address.value if is_phone else None,
        recipient=None if is_phone else address.value,
        kind=_KINDS[content["kind"]],
        template=content.get("template", ""),
        language=content.get("language", ""),
        components=m.components,
        text=content.get("text", ""),
        marketing_endpoint=endpoint if content.get("marketing") else None,
        attempt=m.attempts + 1,
        subject_id=m.subject_id,
        campaign_id=m.campaign_id,
    )
