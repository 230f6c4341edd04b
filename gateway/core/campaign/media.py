"""Files that a campaign's headers show: where the plan names them, and the plan with Meta's ids in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.core.campaign.fields import MEDIA_KEYS
from gateway.core.campaign.parameters import Parameter
from gateway.core.campaign.plan import CampaignPlan
from gateway.core.document import Tree
from gateway.core.template import Media


@dataclass(frozen=True, slots=True)
class UsedMedia:
    """A parameter's media. `file` is the local name as written, empty once it is uploaded; then `digest` is set."""

    key: str
    file: str
    media_id: str
    digest: str


def media_in(plan: CampaignPlan) -> list[UsedMedia]:
    """Every local file and every upload of ours in the plan; links and foreign media ids are not ours to look after."""
    return [
        UsedMedia(key, "" if media.id else media.link, media.id, media.digest)
        for key, parameter in plan.parameters
        for media in _media(parameter)
        if media.digest or not (media.id or media.link.startswith(("https://", "http://")))
    ]


def _media(parameter: Parameter) -> Iterator[Media]:
    if isinstance(parameter.fixed, Media):
        yield parameter.fixed
    for _, one in parameter.translations:
        yield from _media(one)


def with_uploads(written: Mapping[str, Tree], uploads: Mapping[str, tuple[str, str]]) -> dict[str, Tree]:
    """A plan's `written` with (media id, digest) where it named a file or an earlier id that is a key of `uploads`."""
    return {key: _replaced(value, uploads) if key == "parameters" else value for key, value in written.items()}


def _replaced(tree: Tree, uploads: Mapping[str, tuple[str, str]]) -> Tree:
    if isinstance(tree, list):
        return [_replaced(one, uploads) for one in tree]
    if not isinstance(tree, dict):
        return tree
    media = next((key for key in MEDIA_KEYS if isinstance(tree.get(key), str)), "")
    named = str(tree.get(media, "")).strip()
    if media and named in uploads:
        media_id, digest = uploads[named]
        return {**tree, media: media_id, "digest": digest}
    return {key: _replaced(one, uploads) for key, one in tree.items()}
