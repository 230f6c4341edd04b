"""Everything of the Graph API besides sending: templates, numbers, the account."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from random import Random
from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.practice.diary import Diary
from gateway.practice.postman import Postman
from gateway.practice.refusals import Refusal, refused
from gateway.practice.settings import Number
from gateway.practice.template_review import rejection, wrong_components, wrong_form
from gateway.practice.templates import Template, TemplateBook
from gateway.practice.webhook_items import TEMPLATE_STATUS, Item
from gateway.practice.wire import Answer, Request
from gateway.practice.world import World

PAGE_DEFAULT = 25
PAGE_MAX = 1000
TEMPLATES_MAX = 6000
EDITABLE = frozenset({"APPROVED", "REJECTED", "PAUSED"})
LISTED_BY_DEFAULT = ("name", "parameter_format", "components", "language", "status", "category", "id")
NUMBER_BY_DEFAULT = ("verified_name", "code_verification_status", "display_phone_number", "quality_rating", "id")
SUCCESS = Answer(200, b'{"success":true}')


def _json(value: Any) -> Answer:
    return Answer(200, orjson.dumps(value))


class Management:
    def __init__(self, world: World, templates: TemplateBook, diary: Diary, postman: Postman, rng: Random) -> None:
        self._world = world
        self._templates = templates
        self._diary = diary
        self._postman = postman
        self._rng = rng

    # -- templates

    def list_templates(self, request: Request) -> Answer:
        """GET /{waba}/message_templates: filters, fields and cursor pages as the template-management page has them."""
        asked = request.parameters()
        found = [template for template in self._templates if _fits(template, asked)]
        size = asked.get("limit", str(PAGE_DEFAULT))
        if not size.isdigit() or not 1 <= int(size) <= PAGE_MAX:
            return refused(Refusal(100, f"limit must lie between 1 and {PAGE_MAX}."))
        start = _place(asked.get("after", ""))
        if start is None:
            return refused(Refusal(100, "after is not a cursor of this list."))
        return _json(self._page(request, found, start, int(size)))

    def _page(self, request: Request, found: list[Template], start: int, size: int) -> dict[str, Any]:
        asked = request.parameters()
        names = _fields(asked, LISTED_BY_DEFAULT)
        rows = found[start : start + size]
        page: dict[str, Any] = {"data": [_only(template.listed(), names) for template in rows]}
        if rows:
            page["paging"] = {"cursors": {"before": _cursor(start), "after": _cursor(start + len(rows))}}
        here = f"http://{request.header(b'host').decode()}{request.path}"
        if rows and start + len(rows) < len(found):
            page["paging"]["next"] = f"{here}?{urlencode(asked | {'after': _cursor(start + len(rows))})}"
        if rows and start:
            page["paging"]["previous"] = f"{here}?{urlencode(asked | {'after': _cursor(max(0, start - size))})}"
        if asked.get("summary"):
            page["summary"] = _only(self._summary(found), _named(asked["summary"]))
        return page

    def _summary(self, found: list[Template]) -> dict[str, Any]:
        return {
            "total_count": len(found),
            "message_template_count": sum(1 for _ in self._templates),
            "message_template_limit": TEMPLATES_MAX,
            "are_translations_complete": True,
        }

    def show_template(self, template: Template, request: Request) -> Answer:
        return _json(_only(template.listed(), _fields(request.parameters(), LISTED_BY_DEFAULT)))

    def create_template(self, request: Request) -> Answer:
        """POST /{waba}/message_templates: takes it as PENDING; the review's result follows by webhook."""
        raw = _parsed(request)
        problem = wrong_form(raw) or self._no_room(raw)
        if problem is not None:
            return refused(problem)
        template = self._templates.add(raw, status="PENDING")
        self._review_later(template)
        return _json({"id": template.id, "status": template.status, "category": template.category})

    def _no_room(self, raw: Mapping[str, Any]) -> Refusal | None:
        if self._templates.find(raw["name"], raw["language"]):
            return Refusal(100, "There is already content of this name in this language.", 2388024)
        if sum(1 for _ in self._templates) >= TEMPLATES_MAX:
            return Refusal(100, "The account has reached its number of templates.", 2388019)
        return None

    def edit_template(self, template: Template, request: Request) -> Answer:
        raw = _parsed(request)
        if template.status not in EDITABLE:
            return refused(Refusal(100, f"A template that is {template.status} cannot be edited.", 2388039))
        if not isinstance(raw, Mapping):
            return refused(Refusal(100, "The body must be a JSON object."))
        if raw.get("category") and template.status == "APPROVED":
            return refused(Refusal(100, "The category of an approved template cannot be edited.", 2388039))
        if "components" in raw and (problem := wrong_components(raw["components"])):
            return refused(problem)
        self._apply_edit(template, raw)
        return SUCCESS

    def _apply_edit(self, template: Template, raw: Mapping[str, Any]) -> None:
        template.components = list(raw.get("components", template.components))
        template.category = str(raw.get("category", template.category)).upper()
        template.ttl_s = raw.get("message_send_ttl_seconds", template.ttl_s)
        template.draw_plan()
        template.status = "PENDING"
        self._review_later(template)

    def delete_templates(self, request: Request) -> Answer:
        """DELETE /{waba}/message_templates by name (all languages), or by name and hsm_id, or hsm_ids."""
        asked = request.parameters()
        ids = asked["hsm_ids"].strip("[]").split(",") if "hsm_ids" in asked else []
        gone = [
            template
            for template in self._templates
            if template.id in ids
            or (template.name == asked.get("name") and asked.get("hsm_id", template.id) == template.id)
        ]
        if not gone:
            return refused(Refusal(100, "Message template was not found.", 2593002))
        for template in gone:
            self._templates.remove(template)
        return SUCCESS

    def unpause(self, template: Template) -> Answer:
        if template.status != "PAUSED":
            return refused(Refusal(100, f"The template is {template.status}, not PAUSED."))
        self.set_status(template, "APPROVED", title="UNPAUSE")
        return SUCCESS

    def _review_later(self, template: Template) -> None:
        settings = self._world.settings
        if settings.review != "pending":
            self._diary.after(self._rng.uniform(*settings.review_delay_ms) / 1000, self._review, template)

    def _review(self, template: Template) -> None:
        why = rejection(template.components, one_time=template.category == "AUTHENTICATION")
        if self._world.settings.review == "reject":
            why = why or "This world rejects every template."
        if template.status == "PENDING":
            self.set_status(template, "REJECTED" if why else "APPROVED", rejection=why)

    def set_status(self, template: Template, status: str, *, title: str = "", rejection: str = "") -> None:
        """Change a template's status and tell it by webhook, as Meta does."""
        template.status = status
        template.rejected_reason = "INVALID_FORMAT" if rejection else "NONE"
        value = _template_value(template) | {"event": status, "reason": template.rejected_reason}
        if title:
            value["other_info"] = {"title": title, "description": f"The template is {status} now."}
        if rejection:
            value["rejection_info"] = {"reason": rejection, "recommendation": "Change the template and send it again."}
        self.tell(TEMPLATE_STATUS, value)

    def set_quality(self, template: Template, quality: str) -> None:
        value = _template_value(template) | {
            "previous_quality_score": template.quality,
            "new_quality_score": quality,
        }
        template.quality, template.quality_at_s = quality, int(self._world.now_s())
        self.tell("message_template_quality_update", value)

    def set_category(self, template: Template, category: str) -> None:
        value = _template_value(template) | {
            "previous_category": template.category,
            "new_category": category,
        }
        template.category = category
        self.tell("template_category_update", value)

    def tell(self, field: str, value: Mapping[str, Any]) -> None:
        """Send a webhook of any field, such as account_update."""
        self._postman.put(Item(field, "", value))

    # -- numbers and the account

    def show_number(self, number: Number, request: Request) -> Answer:
        return _json(_only(self._number(number), _fields(request.parameters(), NUMBER_BY_DEFAULT)))

    def list_numbers(self, request: Request) -> Answer:
        names = _fields(request.parameters(), NUMBER_BY_DEFAULT)
        return _json({"data": [_only(self._number(each), names) for each in self._world.settings.numbers]})

    def show_account(self, request: Request) -> Answer:
        whole = {
            "id": self._world.settings.waba_id,
            "name": "Practice account",
            "timezone_id": "1",
            "message_template_namespace": "practice",
            "whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED",
        }
        return _json(_only(whole, _fields(request.parameters(), tuple(whole))))

    def _number(self, number: Number) -> dict[str, Any]:
        return {
            "verified_name": number.name,
            "code_verification_status": "VERIFIED",
            "display_phone_number": number.phone,
            "quality_rating": "GREEN",
            "platform_type": "CLOUD_API",
            "throughput": {"level": "HIGH" if number.throughput > 80 else "STANDARD"},
            "status": "CONNECTED",
            "name_status": "APPROVED",
            "account_mode": "LIVE",
            "is_official_business_account": False,
            "whatsapp_business_manager_messaging_limit": "TIER_UNLIMITED",
            "id": number.id,
        }

    def announce_throughput(self, number: Number) -> None:
        self.tell(
            "phone_number_quality_update",
            {
                "display_phone_number": number.phone,
                "event": "THROUGHPUT_UPGRADE",
                "max_daily_conversations_per_business": "TIER_UNLIMITED",
            },
        )


def _template_value(template: Template) -> dict[str, Any]:
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
    }


def _parsed(request: Request) -> Any:
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return None


def _fits(template: Template, asked: Mapping[str, str]) -> bool:
    shown = {
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
    }
    return all(asked[name].lower() == value.lower() for name, value in shown.items() if asked.get(name))


def _named(listing: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listing.split(",") if name.strip())


def _fields(asked: Mapping[str, str], default: tuple[str, ...]) -> tuple[str, ...]:
    return _named(asked.get("fields", "")) or default


def _only(whole: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The asked fields; the id always comes along, as in Graph."""
    return {name: whole[name] for name in (*names, "id") if name in whole}


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(b"p%d" % place).decode().rstrip("=")


def _place(cursor: str) -> int | None:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(text.removeprefix("p"))
    except ValueError:
        return None
