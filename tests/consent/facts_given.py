"""A message that may leave at once, to be spoilt one fact at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from consent.facts import AddressState, CampaignState, Facts, Policy
from consent.limits.frequency import Cap

NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Istanbul
ISTANBUL = frozenset({"Europe/Istanbul"})
TURKEY = frozenset({"TR"})
HOUSE = Policy()
ANY_TIME = Policy(caps=(), ceilings=())


def a_message(**spoilt: Any) -> Facts:
    """Marketing to somebody in Istanbul who agreed, at noon, with nothing in the way."""
    perfect = Facts(
        now=NOON,
        purpose="marketing",
        standing="granted",
        standing_deadline=None,
        event_seq=7,
        event_hash="ab" * 32,
        suppressed=False,
        address=AddressState.REACHABLE,
        blocked_until=None,
        cool_until=None,
        zones=ISTANBUL,
        regions=TURKEY,
        recent=(),
        tag_recent=(),
        open_message=False,
        free_form=False,
        campaign=CampaignState.RUNNING,
        expires_at=NOON + timedelta(days=90),
        template_hold=None,
        number_hold=None,
        parameter_problem=None,
    )
    return replace(perfect, **spoilt)


def a_reply(**spoilt: Any) -> Facts:
    """The acknowledgement of a STOP that came a minute ago: hardly anything is known about the person."""
    bare = Facts(
        now=NOON,
        purpose="service",
        is_acknowledgement=True,
        address=AddressState.REACHABLE,
        blocked_until=None,
        number_hold=None,
        last_inbound_at=NOON - timedelta(minutes=1),
    )
    return replace(bare, **spoilt)


def at(text: str) -> datetime:
    """A UTC moment, like "2026-11-24 09:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ago(**length: float) -> datetime:
    return NOON - timedelta(**length)


def capped(count: int, **period: float) -> Policy:
    return Policy(caps=(Cap(count, timedelta(**period)),))
