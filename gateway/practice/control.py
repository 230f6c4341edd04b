"""The doors under /practice: what a test or a person uses to arrange the world and to ask what happened in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import orjson

from gateway.practice.diary import Diary
from gateway.practice.fate import Fate
from gateway.practice.management import Management
from gateway.practice.people import People
from gateway.practice.postman import Postman
from gateway.practice.record import Record
from gateway.practice.refusals import Refusal
from gateway.practice.sending import Sending
from gateway.practice.settings import Number, PracticeProblem, changed, written
from gateway.practice.template_review import CATEGORIES
from gateway.practice.templates import Template, TemplateBook
from gateway.practice.wire import Answer, Request
from gateway.practice.world import World

FIXED = ("port", "seed")
TEMPLATE_STATES = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "ARCHIVED", "PENDING_DELETION")
QUALITIES = ("GREEN", "YELLOW", "RED", "UNKNOWN")
Door = Callable[["Control", Request], Any]


class Control:
    def __init__(
        self,
        world: World,
        people: People,
        templates: TemplateBook,
        record: Record,
        fate: Fate,
        sending: Sending,
        management: Management,
        diary: Diary,
        postman: Postman,
    ) -> None:
        self._world = world
        self._people = people
        self._templates = templates
        self._record = record
        self._fate = fate
        self._sending = sending
        self._management = management
        self._diary = diary
        self._postman = postman

    def answer(self, request: Request) -> Answer:
        door = DOORS.get((request.method, request.path.removeprefix("/practice/")))
        if door is None:
            known = sorted(f"{method} /practice/{name}" for method, name in DOORS)
            return _said(404, {"problems": [f"There is no {request.method} {request.path}."], "doors": known})
        try:
            return _said(200, door(self, request))
        except PracticeProblem as problem:
            return _said(400, {"problems": problem.problems})

    # -- arranging

    def add_people(self, request: Request) -> Any:
        """A list of people with their habits; who is already known gets new ones."""
        asked = _body(request)
        if not isinstance(asked, list) or not all(isinstance(each, Mapping) for each in asked):
            raise PracticeProblem(['Send a JSON list of people, such as [{"phone": "+905550000001"}].'])
        return {"people": [self._people.register(each) for each in asked]}

    def say(self, request: Request) -> Any:
        """A person writes `text`, presses `button` (text, payload, context), or sets `preference` stop or resume."""
        asked = _object(request)
        person = self._people.named(str(asked.get("from") or asked.get("phone") or ""))
        number = self._number(str(asked.get("number") or self._world.settings.numbers[0].id))
        if asked.get("preference") in ("stop", "resume"):
            self._fate.prefer(number, person, asked["preference"])
        elif isinstance(asked.get("text"), str):
            self._fate.write(number, person, asked["text"])
        elif isinstance(asked.get("button"), Mapping):
            self._fate.say(number, person, _pressed(asked["button"], number))
        elif isinstance(asked.get("message"), Mapping) and isinstance(asked["message"].get("type"), str):
            self._fate.say(number, person, dict(asked["message"]))
        else:
            raise PracticeProblem(["Say what: text, button, message (with its type), or preference stop or resume."])
        return {"said": True}

    def change_settings(self, request: Request) -> Any:
        settings = changed(self._world.settings, _object(request))
        if fixed := [name for name in FIXED if getattr(settings, name) != getattr(self._world.settings, name)]:
            raise PracticeProblem([f"{name}: it cannot change while the world runs." for name in fixed])
        self._world.settings = settings
        self._people.on_confirmation = settings.on_confirmation_shares
        self._people.on_marketing = settings.on_marketing_shares
        return orjson.Fragment(written(settings))

    def show_settings(self, _: Request) -> Any:
        return orjson.Fragment(written(self._world.settings))

    def set_webhook(self, request: Request) -> Any:
        """`url` or `urls`: where webhooks go from now on."""
        asked = _object(request)
        urls = asked.get("urls", [asked["url"]] if asked.get("url") else [])
        self._world.settings = changed(self._world.settings, {"webhook_urls": urls})
        return {"webhook_urls": self._world.settings.webhook_urls}

    def throttle(self, request: Request) -> Any:
        """Give one number another `throughput`; `announce` says so by webhook, as Meta does after an upgrade."""
        asked = _object(request)
        number = self._number(str(asked.get("number") or self._world.settings.numbers[0].id))
        moved = replace(number, throughput=asked.get("throughput", number.throughput))
        numbers = [moved if each.id == number.id else each for each in self._world.settings.numbers]
        self._world.settings = changed(self._world.settings, {"numbers": numbers})
        if asked.get("announce"):
            self._management.announce_throughput(moved)
        return asdict(moved)

    def change_template(self, request: Request) -> Any:
        """Set a template's `status`, `quality` or `category`; each is told by webhook."""
        asked = _object(request)
        template = self._template(asked)
        allowed = {"status": TEMPLATE_STATES, "quality": QUALITIES, "category": CATEGORIES}
        if wrong := [
            f"{name}: write one of {', '.join(allowed[name])}."
            for name in allowed
            if asked.get(name, allowed[name][0]) not in allowed[name]
        ]:
            raise PracticeProblem(wrong)
        if "status" in asked:
            self._management.set_status(template, asked["status"], title=str(asked.get("title", "")))
        if "quality" in asked:
            self._management.set_quality(template, asked["quality"])
        if "category" in asked:
            self._management.set_category(template, asked["category"])
        return template.listed()

    def pacing(self, request: Request) -> Any:
        """End the wait of a template's held messages: `outcome` release, or drop, which pauses the template."""
        asked = _object(request)
        template = self._template(asked)
        if asked.get("outcome") == "release":
            return {"released": self._fate.release(template)}
        if asked.get("outcome") != "drop":
            raise PracticeProblem(["outcome: write release or drop."])
        self._management.set_status(template, "PAUSED", title="RATE_LIMITING_PAUSE")
        return {"dropped": self._fate.drop_held(template, Refusal(int(asked.get("code", 132015))))}

    def tell(self, request: Request) -> Any:
        """Send a webhook of any `field` with any `value`, such as account_update."""
        asked = _object(request)
        if not isinstance(asked.get("field"), str) or not isinstance(asked.get("value"), Mapping):
            raise PracticeProblem(["Send a field and its value, such as account_update."])
        self._management.tell(asked["field"], asked["value"])
        return {"told": True}

    # -- asking

    def health(self, _: Request) -> Any:
        return {
            "ok": True,
            "waiting": len(self._diary) + self._postman.backlog,
            "held": len(self._fate.held),
            "webhook_urls": self._world.settings.webhook_urls,
        }

    def received(self, _: Request) -> Any:
        pace = {
            number_id: {
                "limit": window.limit,
                "accepted": window.accepted,
                "refused": window.refused,
                "accepted_peak_1s": window.accepted_peak,
                "attempted_peak_1s": window.attempted_peak,
                "seconds": round(window.last_at - window.first_at, 6),
            }
            for number_id, window in self._sending.throughput.items()
        }
        return self._record.totals() | {"pace": pace, "webhooks": asdict(self._postman.carried)}

    def received_log(self, request: Request) -> Any:
        after, most = _page(request)
        return self._record.page(int(after or 0), most)

    def received_people(self, request: Request) -> Any:
        return self._record.people(*_page(request))

    def received_trackers(self, request: Request) -> Any:
        return self._record.trackers(*_page(request))

    def told(self, request: Request) -> Any:
        """The free-form messages one person got, in order."""
        person = self._people.named(request.parameters().get("phone", "").replace(" ", "+"))
        return {"told": self._record.told(person.key)}

    def person(self, request: Request) -> Any:
        """Who a phone number is here: user id, habits, and whether marketing was stopped on the platform."""
        person = self._people.named(request.parameters().get("phone", "").replace(" ", "+"))
        habits = asdict(self._people.habits(person.key))
        return {**person._asdict(), **habits, "stopped": person.key in self._people.stopped}

    def _number(self, number_id: str) -> Number:
        if number := self._world.settings.number(number_id):
            return number
        raise PracticeProblem([f"There is no number {number_id} here."])

    def _template(self, asked: Mapping[str, Any]) -> Template:
        name, language = str(asked.get("name")), str(asked.get("language"))
        if template := self._templates.find(name, language):
            return template
        raise PracticeProblem([f"There is no template {name} in {language}."])


def _said(status: int, body: Any) -> Answer:
    return Answer(status, orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS))


def _body(request: Request) -> Any:
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise PracticeProblem(["The body is not JSON."]) from None


def _object(request: Request) -> dict[str, Any]:
    asked = _body(request)
    if not isinstance(asked, dict):
        raise PracticeProblem(["Send a JSON object."])
    return asked


def _page(request: Request) -> tuple[str, int]:
    asked = request.parameters()
    after, most = asked.get("after", ""), asked.get("limit", "1000")
    if not most.isdigit() or (request.path.endswith("/log") and after and not after.isdigit()):
        raise PracticeProblem(["limit is a whole number; after is what next_after said."])
    return after, int(most)


def _pressed(button: Mapping[str, Any], number: Number) -> dict[str, Any]:
    text = str(button.get("text", ""))
    said: dict[str, Any] = {"type": "button", "button": {"text": text, "payload": button.get("payload", text)}}
    if button.get("context"):
        said["context"] = {"from": number.phone, "id": button["context"]}
    return said


DOORS: dict[tuple[str, str], Door] = {
    ("POST", "people"): Control.add_people,
    ("GET", "person"): Control.person,
    ("POST", "say"): Control.say,
    ("POST", "settings"): Control.change_settings,
    ("GET", "settings"): Control.show_settings,
    ("POST", "webhook"): Control.set_webhook,
    ("POST", "throttle"): Control.throttle,
    ("POST", "templates"): Control.change_template,
    ("POST", "pacing"): Control.pacing,
    ("POST", "tell"): Control.tell,
    ("GET", "health"): Control.health,
    ("GET", "received"): Control.received,
    ("GET", "received/log"): Control.received_log,
    ("GET", "received/people"): Control.received_people,
    ("GET", "received/trackers"): Control.received_trackers,
    ("GET", "told"): Control.told,
}
