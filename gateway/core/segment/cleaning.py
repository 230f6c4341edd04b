"""Rules by which a list is cleaned: segments of people whom it is no use, or no kindness, to go on writing to."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.core.segment.ready_made import ReadyMade
from gateway.core.wording import Wording

CLEANING: Mapping[str, ReadyMade] = {
    "unreachable": ReadyMade(
        "sent >= 3 within 180d and not delivered within 180d and not replied within 180d",
        Wording("180 günde üç mesajın hiçbiri ulaşmayanlar", "Three messages in 180 days and none arrived"),
    ),
    "silent": ReadyMade(
        "sent >= 6 within 180d and not read within 180d and not clicked within 180d and not replied within 180d",
        Wording("180 günde altı mesaja hiç tepki vermeyenler", "Six messages in 180 days and no reaction to any"),
    ),
}
