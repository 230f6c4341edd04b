"""A campaign file, YAML or TOML: the plan, or everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consent.events import Purpose
from gateway.core.campaign.fields import FIELDS, REQUIRED
from gateway.core.campaign.house import HouseRules
from gateway.core.campaign.plan import CampaignPlan, OnUnsure
from gateway.core.campaign.problems import CampaignProblem
from gateway.core.campaign.reading import Reading
from gateway.core.campaign.times import check_times
from gateway.core.document import Document, Format, Tree, read_document

HOUSE = HouseRules()


def parse_campaign(
    text: str,
    format: Format | str,  # noqa: A002
    *,
    now: datetime,
    house: HouseRules = HOUSE,
) -> CampaignPlan | list[CampaignProblem]:
    """Read a campaign file. `now` (aware, UTC) resolves "now" and "in 5 s" and must not lie after the start.

    Never raises for what a person may write; the problems come in the order of the file.
    """
    document = read_document(text, format)
    if isinstance(document, list):
        return [CampaignProblem("", problem.wording, problem.line) for problem in document]
    reading = Reading(document, now, house)
    return _plan(reading) or sorted(reading.problems, key=lambda problem: problem.line or 0)


def restored(written: Mapping[str, Tree]) -> CampaignPlan:
    """The plan whose `written` this is. Raises ValueError when it was not written by a plan."""
    reading = Reading(Document(dict(written)), None, None)
    plan = _plan(reading)
    if plan is None:
        raise ValueError("; ".join(problem.sentence() for problem in reading.problems))
    return plan


def _plan(reading: Reading) -> CampaignPlan | None:
    root = reading.document.root
    reading.only((), root, FIELDS)
    for key in REQUIRED:
        if key not in root:
            reading.wrong((key,), *_MISSING[key])
    found = {key: read(reading, (key,), root[key]) for key, read in FIELDS.items() if key in root}
    check_times(reading, found)
    _check_unsure(reading, found)
    return None if reading.problems else _assembled(reading, found)


_MISSING = {
    "name": ("Kampanyaya bir ad verin.", "Give the campaign a name."),
    "segment": ("Kime gideceğini yazın; herkes için “everyone”.", "Say who it is for; “everyone” for everybody."),
    "template": ("Hangi şablonun gideceğini yazın.", "Say which template is sent."),
    "expires": (
        "Her kampanyanın bir sonu olmalı; “3 days” gibi bir süre ya da bir an yazın.",
        "Every campaign needs an end; write a span such as “3 days”, or a moment.",
    ),
}


def _check_unsure(reading: Reading, found: Mapping[str, Any]) -> None:
    twice = found.get("on_unsure") is OnUnsure.AT_LEAST_ONCE
    if twice and found.get("purpose") not in (Purpose.UTILITY, None):
        reading.wrong(("on_unsure",), "at_least_once yalnızca utility içindir; başkasına iki kez yazılabilir.",
                      "at_least_once is for utility only; anything else could reach a person twice.")  # fmt: skip


def _assembled(reading: Reading, found: dict[str, Any]) -> CampaignPlan:
    name, chain = found.pop("template")
    languages = chain or (reading.house or HOUSE).languages
    expires, start = found.pop("expires"), found.get("start")
    written = dict(reading.document.root) | {"template": {"name": name, "languages": list(languages)}}
    if start:  # relative moments become absolute, so that reading the plan again needs no clock
        written["start"] = start.isoformat()
    if isinstance(expires, datetime):
        written["expires"] = expires.isoformat()
        ends: dict[str, Any] = {"expires": expires}
    else:
        ends = {"expires_after": expires}
    return CampaignPlan(**found, **ends, template=name, languages=languages, written=written)
