"""The one plain page: campaigns, consents, holds and webhooks in numbers; the same as JSON for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from gateway.core.failure import Scope
from gateway.storage import pages
from gateway.storage.incidents import Incident
from gateway.storage.pages import CampaignCounts, Tally
from gateway.storage.spool import Spool
from gateway.storage.templates import EVERYTHING, Hold
from gateway.web.visit import house, language
from gateway.web.wording import (
    CAMPAIGN_STATES,
    CONSENT_STATES,
    INCIDENTS,
    MESSAGE_STATES,
    SCOPES,
    SEVERITIES,
    reason_words,
    state_words,
)
from gateway.whatsapp.failures import blotted

overview = Blueprint("overview", __name__)


@overview.get("/")
def page() -> ResponseReturnValue:
    return render_template("overview.html", **_shown())


@overview.get("/overview.json")
def as_json() -> ResponseReturnValue:
    return jsonify(_shown())


def _shown() -> dict[str, Any]:
    """What page and JSON both show: plain values, with the words of the reader's language beside them."""
    now = house().clock.now()
    with house().database.read() as connection:
        found = pages.overview(connection, now)
    names = {str(c.campaign.id): c.campaign.name for c in found.campaigns}
    return {
        "as_of": _moment(now),
        "campaigns": [_campaign(c) for c in found.campaigns],
        "has_older": found.has_older,
        "people": found.people,
        "consents": [_row(CONSENT_STATES, state, count) for state, count in sorted(found.consents.items())],
        "holds": [_hold(hold, names) for hold in found.holds],
        "inbox": {
            "backlog": house().inbox.backlog(),
            "spooled": len(Spool.under(house().settings.data_dir).waiting()),
            "quarantined": found.quarantined,
        },
        "seen": dict(found.seen),
        "incidents": [_incident(incident) for incident in found.incidents],
    }


def _campaign(counts: CampaignCounts) -> dict[str, Any]:
    campaign = counts.campaign
    return {
        "name": campaign.name,
        "state": campaign.state,
        "state_words": state_words(CAMPAIGN_STATES, campaign.state, language()),
        "template": campaign.template_name,
        "start": _moment(campaign.start_at),
        "expires": _moment(campaign.expires_at),
        "audience": counts.audience,
        "clicked": counts.clicked,
        "by_state": [_row(MESSAGE_STATES, state, counts.by_state[state]) for state in _in_order(counts.by_state)],
        "by_reason": [_tally(tally) for tally in counts.tallies],
    }


def _in_order(states: dict[str, int]) -> list[str]:
    """In the order of a message's life, whatever came first."""
    return sorted(states, key=list(MESSAGE_STATES).index)


def _row(words: Any, state: str, count: int) -> dict[str, Any]:
    return {"state": state, "words": state_words(words, state, language()), "count": count}


def _tally(tally: Tally) -> dict[str, Any]:
    row = _row(MESSAGE_STATES, tally.state, tally.count)
    return {**row, "reason": tally.reason, "reason_words": reason_words(tally.reason, language())}


def _hold(hold: Hold, campaign_names: dict[str, str]) -> dict[str, Any]:
    target = campaign_names.get(hold.target, hold.target) if hold.scope is Scope.CAMPAIGN else hold.target
    return {
        "scope": hold.scope.value,
        "scope_words": state_words(SCOPES, hold.scope.value, language()),
        "target": None if target == EVERYTHING else target,
        "reason": hold.reason,
        "reason_words": reason_words(hold.reason, language()),
        "since": _moment(hold.since),
        "until": _moment(hold.until) if hold.until else None,
    }


def _incident(incident: Incident) -> dict[str, Any]:
    """Meta's words, or an operator's, stand as they were said; a phone number in them does not."""
    return {
        "at": _moment(incident.at),
        "severity": incident.severity.value,
        "severity_words": state_words(SEVERITIES, incident.severity.value, language()),
        "kind": incident.kind,
        "kind_words": state_words(INCIDENTS, incident.kind, language()),
        "about": incident.about,
        "detail": blotted(incident.detail) if incident.detail else None,
    }


def _moment(moment: datetime) -> dict[str, str]:
    """For programs, and for people on the clock of IZIN_TIME_ZONE."""
    zone = house().settings.time_zone
    return {"at": moment.isoformat(), "words": f"{moment.astimezone(ZoneInfo(zone)):%d.%m.%Y %H:%M} ({zone})"}
