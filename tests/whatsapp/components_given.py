"""Templates with every kind of component, and whoever registers and sends them in the practice world."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gateway.core.message import MarketingEndpoint, Outgoing
from gateway.core.template import (
    FlowStart,
    Location,
    Media,
    Product,
    Section,
    Sections,
    Value,
    as_meta,
    placeholders,
    stand_ins,
)
from gateway.practice import RunningPractice
from gateway.whatsapp.cloud import Cloud
from gateway.whatsapp.messenger import Outcome
from tests.core.templates import template

AYSE = "+905550000001"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 100
EXPIRES = datetime(2027, 3, 1, 18, tzinfo=UTC)
IMAGE = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}}
BODY = {"type": "BODY", "text": "Bahar koleksiyonu mağazalarda sizi bekliyor."}
NAMED = {
    "type": "BODY",
    "text": "Merhaba {{first_name}}, {{store}} sizi bekliyor.",
    "example": {
        "body_text_named_params": [
            {"param_name": "first_name", "example": "Ayşe"},
            {"param_name": "store", "example": "Kadıköy"},
        ]
    },
}
NUMBERED = {
    "type": "BODY",
    "text": "Merhaba {{1}}, {{2}} sizi bekliyor.",
    "example": {"body_text": [["Ayşe", "Kadıköy"]]},
}


def button(**parts: Any) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": [parts]}


URL = {"type": "URL", "text": "Gör", "url": "https://shop.example/r/{{1}}", "example": ["https://shop.example/r/x"]}
STOP = {"type": "QUICK_REPLY", "text": "Mesajları durdur"}
CARD = {"components": [IMAGE, {"type": "BODY", "text": "Yeni sezon"}, {"type": "BUTTONS", "buttons": [URL, STOP]}]}
PRODUCT_CARD = {"components": [{"type": "HEADER", "format": "PRODUCT"}, button(type="SPM", text="Gör")]}
OTP = {"type": "OTP", "otp_type": "COPY_CODE", "text": "Kopyala"}
OFFER = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Son iki gün", "has_expiration": True}}

KINDS: dict[str, list[dict[str, Any]]] = {
    "header_text": [
        {"type": "HEADER", "format": "TEXT", "text": "{{1}} başladı", "example": {"header_text": ["Bahar"]}},
        BODY,
    ],
    "header_image": [IMAGE, BODY],
    "header_video": [{**IMAGE, "format": "VIDEO"}, BODY],
    "header_document": [{**IMAGE, "format": "DOCUMENT"}, BODY],
    "header_location": [{"type": "HEADER", "format": "LOCATION"}, BODY],
    "body_static": [BODY],
    "body_positional": [NUMBERED],
    "body_named": [NAMED],
    "url_static": [BODY, button(type="URL", text="Gör", url="https://shop.example/")],
    "url_dynamic": [BODY, button(**URL)],
    "quick_reply": [BODY, button(type="QUICK_REPLY", text="Evet")],
    "phone_number": [BODY, button(type="PHONE_NUMBER", text="Ara", phone_number="+902120000000")],
    "copy_code": [BODY, button(type="COPY_CODE", example="BAHAR20")],
    "catalog": [BODY, button(type="CATALOG", text="Kataloğu gör")],
    "mpm": [BODY, button(type="MPM", text="Ürünleri gör")],
    "flow": [BODY, button(type="FLOW", text="Doldur", flow_id="7")],
    "contact_info": [BODY, button(type="REQUEST_CONTACT_INFO")],
    "marketing_opt_out": [BODY, {"type": "FOOTER", "text": "Durdurmak için dokunun."}, button(**STOP)],
    "carousel": [BODY, {"type": "CAROUSEL", "cards": [CARD, CARD]}],
    "carousel_of_products": [BODY, {"type": "CAROUSEL", "cards": [PRODUCT_CARD, PRODUCT_CARD]}],
    "limited_time_offer": [
        OFFER,
        BODY,
        {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "BAHAR20"}, URL]},
    ],
    "authentication": [
        {"type": "BODY", "add_security_recommendation": True},
        {"type": "FOOTER", "code_expiration_minutes": 5},
        button(**OTP),
    ],
}


def item_of(kind: str) -> dict[str, Any]:
    category = "AUTHENTICATION" if kind == "authentication" else "MARKETING"
    named = {"parameter_format": "NAMED"} if kind == "body_named" else {}
    return {"name": kind, "language": "tr", "category": category, "components": KINDS[kind], **named}


class Sender:
    """Registers templates in the practice account and sends from them."""

    def __init__(self, world: RunningPractice) -> None:
        self.world, self.known = world, set[str]()
        self.media_id = self.ask(lambda cloud: cloud.upload(self.number_id, JPEG, "image/jpeg", "a.jpg"))

    @property
    def number_id(self) -> str:
        return self.world.settings.numbers[0].id

    def ask(self, question: Callable[[Cloud], Any]) -> Any:
        async def asked() -> Any:
            async with Cloud(token=self.world.settings.token, base_url=self.world.base_url) as cloud:
                return await question(cloud)

        return asyncio.run(asked())

    def register(self, item: dict[str, Any]) -> None:
        if item["name"] in self.known:
            return
        body = as_meta(template(item))
        created = self.ask(lambda cloud: cloud.create_template(self.world.settings.waba_id, body))
        self.world.wait_until_quiet()
        listed = self.ask(lambda cloud: cloud.template(created))
        assert listed["status"] == "APPROVED", listed
        self.known.add(item["name"])

    def values(self, item: dict[str, Any]) -> dict[str, Value]:
        """A value for every placeholder, optional ones too; media by an id that was really uploaded."""
        made = template(item)
        by_kind: dict[str, Value] = {
            **dict.fromkeys(("image", "video", "gif", "document"), Media(id=str(self.media_id))),
            "location": Location(40.99, 29.03, "Kadıköy", "Moda Cd. 1"),
            "product": Product("99", "nqryix03ez"),
            "sections": Sections("thumb", (Section("Sevilenler", ("a", "b")),)),
            "thumbnail": "2lc20305pt",
            "flow": FlowStart("token", {"screen": "WELCOME"}),
            "expiry": EXPIRES,
        }
        own = {hole.key: by_kind[hole.kind.value] for hole in placeholders(made) if hole.kind.value in by_kind}
        return {**stand_ins(made), **own}

    def send(
        self,
        item: dict[str, Any],
        components: list[dict[str, Any]],
        *,
        marketing_endpoint: MarketingEndpoint | None = None,
    ) -> Outcome:
        message = Outgoing(
            message_id=1,
            number_id=self.number_id,
            purpose="marketing",
            to=AYSE,
            template=item["name"],
            language=item["language"],
            components=json.dumps(components),
            marketing_endpoint=marketing_endpoint,
        )
        outcome: Outcome = self.ask(lambda cloud: cloud.send(message))
        return outcome

    def accepted(self) -> int:
        return int(self.world.get("received")["accepted"])
