"""Links in messages: `/r/<token>` counts a click and leads to the campaign's target, never anywhere else."""

from __future__ import annotations

import logging
import re

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from gateway.core.campaign import restored
from gateway.storage import campaigns, messages, pages
from gateway.web.visit import house

_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")

_ROBOTS = re.compile(
    r"(?<!cu)bot\b|whatsapp|facebookexternalhit|facebookcatalog|meta-external|slack-imgproxy|preview|embedly|iframely"
    r"|crawler|spider|headlesschrome|curl/|wget/|python-|go-http-client|okhttp",
    re.IGNORECASE,
)
"""Programs that look at a link before, or instead of, a person. WhatsApp itself fetches every link for its preview.
(Cubot makes telephones.)
"""

links = Blueprint("links", __name__)
log = logging.getLogger(__name__)


@links.get("/r/<token>")
def follow(token: str) -> ResponseReturnValue:
    """302 to the campaign's target with its UTM parameters; 404 for a token that nobody has (any more)."""
    target = _target(token) if _TOKEN.fullmatch(token) else None
    if target is None:
        abort(404)
    if not _is_robot():
        _count(token)
    answer = redirect(target, 302)
    answer.headers["Cache-Control"] = "no-store"  # every click must come by here
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _target(token: str) -> str | None:
    with house().database.read() as connection:
        campaign_id = pages.campaign_of_token(connection, token)
        campaign = None if campaign_id is None else campaigns.by_id(connection, campaign_id)
    link = None if campaign is None else restored(campaign.plan).link
    return None if link is None else link.url


def _is_robot() -> bool:
    """Whether nobody is looking: a preview robot by its name, a HEAD, or a browser that fetches ahead."""
    headers = request.headers
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Moz", "")
    agent = headers.get("User-Agent", "")
    return request.method == "HEAD" or "prefetch" in ahead.lower() or not agent or bool(_ROBOTS.search(agent))


def _count(token: str) -> None:
    now = house().clock.now()
    try:
        house().database.run(lambda connection: messages.clicked(connection, token, now))
    except DBAPIError as problem:
        # The person still gets where they want to go; only the count is lost.
        log.warning("a click could not be counted: %s", type(problem).__name__)
