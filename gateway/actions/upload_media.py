"""Upload the files that campaigns show: once for each sending number, and anew before Meta forgets them.

Trigger: `izin campaign plan` with a local file in a header; the worker, every hour.
Reads:   the file, our earlier uploads, campaigns that have not left yet.
Writes:  Meta; the file, Meta's id of it, and that id in the campaigns' plans.
Repeat:  harmless: an upload that holds long enough is used again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.actions.plan_campaign import every_version, number_for
from gateway.core.campaign import (
    ENDED,
    CampaignPlan,
    CampaignProblem,
    CampaignState,
    UsedMedia,
    media_in,
    restored,
    with_uploads,
)
from gateway.core.template import HeaderFormat, HoleKind, MediaProblem, Template, checked_media, placeholders
from gateway.core.template.media import REFRESH_BEFORE, UPLOAD_LIFE
from gateway.core.wording import Wording
from gateway.storage import campaigns, media
from gateway.storage.campaigns import Campaign
from gateway.storage.database import Database
from gateway.storage.media import MediaFile, Upload

if TYPE_CHECKING:
    from gateway.whatsapp.cloud import Cloud

CAMPAIGN_MAX = UPLOAD_LIFE - REFRESH_BEFORE
"""The longest that a campaign with a file may run: its messages keep the id with which they were composed."""
LOOK_AHEAD = timedelta(days=1)
_HEADERS = {HoleKind(format_.value.lower()): format_ for format_ in HeaderFormat if format_ is not HeaderFormat.TEXT}


def local_files(plan: CampaignPlan) -> list[UsedMedia]:
    """What must be uploaded before the campaign can be planned."""
    return [used for used in media_in(plan) if used.file]


def checked_files(
    plan: CampaignPlan, versions: Mapping[str, Template], folder: Path, now: datetime
) -> dict[str, MediaFile] | list[CampaignProblem]:
    """The files of the plan by the name it gives them, looked for in `folder`; or what is wrong with any of them."""
    start = plan.start or now
    if plan.expiry(start) - start > CAMPAIGN_MAX:
        return [_too_long()]
    found: dict[str, MediaFile] = {}
    problems = []
    for used in local_files(plan):
        file = _checked(used, versions, folder)
        if isinstance(file, CampaignProblem):
            problems.append(file)
        else:
            found[used.file] = file
    return problems or found


def _too_long() -> CampaignProblem:
    days = CAMPAIGN_MAX.days
    return CampaignProblem("expires", Wording(
        f"Dosya gösteren bir kampanya en çok {days} gün sürebilir; Meta yüklenenleri {UPLOAD_LIFE.days} gün tutar.",
        f"A campaign that shows a file may run {days} days at most; Meta keeps uploads for {UPLOAD_LIFE.days}.",
    ))  # fmt: skip


def _checked(used: UsedMedia, versions: Mapping[str, Template], folder: Path) -> MediaFile | CampaignProblem:
    path = folder / used.file
    if not path.is_file():
        return _problem(used, f"“{used.file}” diye bir dosya yok (aranan yer: {folder}).",
                        f"There is no file “{used.file}” (looked for in {folder}).")  # fmt: skip
    content = path.read_bytes()
    formats = {format_ for template in versions.values() if (format_ := _format(template, used.key))}
    mimes = set()
    for format_ in formats:
        rule = checked_media(format_, path.name, content)
        if isinstance(rule, MediaProblem):
            return CampaignProblem(f"parameters.{used.key}", rule.wording)
        mimes.add(rule.mime)
    if not mimes:
        return _problem(used, "Şablonun burada medyası yok.", "The template shows no media here.")
    return MediaFile(hashlib.sha256(content).hexdigest(), path.name, mimes.pop(), content)


def _format(template: Template, key: str) -> HeaderFormat | None:
    kinds = {hole.key: hole.kind for hole in placeholders(template)}
    return _HEADERS.get(kinds[key]) if key in kinds else None


def _problem(used: UsedMedia, tr: str, en: str) -> CampaignProblem:
    return CampaignProblem(f"parameters.{used.key}", Wording(tr, en))


async def upload_files(
    cloud: Cloud, database: Database, plan: CampaignPlan, folder: Path, now: datetime
) -> CampaignPlan | list[CampaignProblem]:
    """The plan with Meta's ids in place of its local files. Raises CloudProblem."""
    with database.read() as connection:
        files = checked_files(plan, every_version(connection, plan.template), folder, now)
        number_id = number_for(connection, plan)
    if isinstance(files, list):
        return files
    if number_id is None:
        return plan  # planning says so, and better
    start = plan.start or now
    needed_until = plan.expiry(start) if start <= now + LOOK_AHEAD else now + LOOK_AHEAD  # refreshed before it starts
    uploads = {}
    for name, file in files.items():
        with database.write() as connection:
            media.keep_file(connection, file, now)
        uploads[name] = (await uploaded(cloud, database, file, number_id, needed_until, now), file.digest)
    return restored(with_uploads(plan.written, uploads))


async def uploaded(
    cloud: Cloud, database: Database, file: MediaFile, number_id: str, needed_until: datetime, now: datetime
) -> str:
    """Meta's id of the file at this number: an earlier one if it holds long enough, else a new one.

    Raises CloudProblem.
    """
    with database.read() as connection:
        known = media.upload_of(connection, file.digest, number_id)
    if known and known.expires_at >= min(needed_until, now + CAMPAIGN_MAX):
        return known.media_id
    media_id = await cloud.upload(number_id, file.content, file.mime, file.file_name)
    with database.write() as connection:
        media.keep_upload(connection, Upload(file.digest, number_id, media_id, now + UPLOAD_LIFE))
    return media_id


async def refresh_media(cloud: Cloud, database: Database, now: datetime) -> int:
    """Give campaigns that are about to leave ids that hold to their end; how many got another one.

    Raises CloudProblem.
    """
    with database.read() as connection:
        waiting = [one for one in campaigns.everything(connection) if _may_need(one, now)]
    return sum([await _refreshed(cloud, database, campaign, now) for campaign in waiting])


def _may_need(campaign: Campaign, now: datetime) -> bool:
    has_left = CampaignState(campaign.state) in ENDED | {CampaignState.RUNNING}
    return not has_left and campaign.start_at - LOOK_AHEAD <= now < campaign.expires_at


async def _refreshed(cloud: Cloud, database: Database, campaign: Campaign, now: datetime) -> bool:
    uploads = {}
    for used in media_in(restored(campaign.plan)):
        with database.read() as connection:
            file = media.file_of(connection, used.digest)
        if file is None:
            continue
        media_id = await uploaded(cloud, database, file, campaign.number_id or "", campaign.expires_at, now)
        if media_id != used.media_id:
            uploads[used.media_id] = (media_id, used.digest)
    if not uploads:
        return False
    with database.write() as connection:
        return campaigns.change(connection, campaign.id, campaign.state, plan=with_uploads(campaign.plan, uploads))
