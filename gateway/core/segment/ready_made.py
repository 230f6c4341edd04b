"""Segments that most businesses need: a beginning to copy and change, not a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.wording import Wording


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """`text` is in the segment language and may be copied into a campaign; `about` says whom it means to find."""

    text: str
    about: Wording


READY_MADE: Mapping[str, ReadyMade] = {
    "new": ReadyMade("added within 30d", Wording("Son 30 günde gelenler", "People who came in the last 30 days")),
    "active": ReadyMade(
        "read within 30d or clicked within 30d or replied within 30d",
        Wording("Son 30 günde okuyan, tıklayan ya da yazanlar", "Read, clicked or wrote in the last 30 days"),
    ),
    "passive": ReadyMade(
        "sent >= 3 within 90d and not read within 90d and not clicked within 90d and not replied within 90d",
        Wording("90 gündür hiç tepki vermeyenler", "Three messages in 90 days and no reaction to any"),
    ),
    "vip": ReadyMade(
        'tag:vip or event("Order Completed") >= 5 within 180d',
        Wording("VIP etiketi ya da 180 günde beş sipariş", "Tagged vip, or five orders in 180 days"),
    ),
    "at_risk": ReadyMade(
        'event("Order Completed") >= 2 and event("Order Completed") = 0 within 90d',
        Wording("Eskiden alan, 90 gündür almayanlar", "Bought before, and nothing for 90 days"),
    ),
    "cart_left": ReadyMade(
        'event("Product Added") within 2d and event("Order Completed") = 0 within 2d',
        Wording("Son 48 saatte sepete koyup almayanlar", "Filled a cart in the last 48 hours and did not buy"),
    ),
    "watched": ReadyMade(
        'event("Product Viewed") within 3d and event("Product Added") = 0 within 3d',
        Wording(
            "Son 3 günde ürüne bakıp sepete koymayanlar",
            "Looked at things in the last 3 days and put none into the cart",
        ),
    ),
}
