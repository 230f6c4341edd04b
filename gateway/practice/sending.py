"""POST /{number}/messages and /{number}/marketing_messages: the order in which Meta looks at a send, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import orjson

from gateway.practice.fate import Fate, Message
from gateway.practice.filling import Parts, mismatch, parts_of
from gateway.practice.limits import PairLimit, Throughput
from gateway.practice.media import Media
from gateway.practice.people import People, Recipient, digits
from gateway.practice.record import Received, Record, wamid_of
from gateway.practice.refusals import Refusal, refused
from gateway.practice.settings import Number
from gateway.practice.templates import Template, TemplateBook
from gateway.practice.validation import RequestSchema
from gateway.practice.wire import Answer, Ending, Request
from gateway.practice.world import World

TEXT_CHARS_MAX = 4096
STATUS_REFUSALS = {"PAUSED": 132015, "DISABLED": 132016}
NO_PARTS = Parts()
SERVER_ERROR = (
    b'{"error":{"message":"An unexpected error has occurred. Please retry your request later.",'
    b'"type":"OAuthException","is_transient":true,"code":2}}'
)
REPLY, DROP, SILENCE = Ending.REPLY, Ending.DROP, Ending.SILENCE


class Sending:
    def __init__(
        self,
        world: World,
        people: People,
        templates: TemplateBook,
        media: Media,
        record: Record,
        fate: Fate,
        rng: Random,
    ) -> None:
        self._world = world
        self._people = people
        self._templates = templates
        self._media = media
        self._record = record
        self._fate = fate
        self._rng = rng
        self._schema = RequestSchema()
        self._pairs = PairLimit()
        self._failed_before_acceptance = 0
        self.throughput: dict[str, Throughput] = {}

    def answer(self, request: Request, number: Number, *, marketing_api: bool, now: float) -> Answer:
        """One send. `now` is when it arrived, in seconds of a clock that runs forward: what the limits count by."""
        before = self._trouble_before()
        if before is not None:
            return before
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            return self._refuse(Refusal(100, "The body is not JSON."))
        if isinstance(body, dict) and "status" in body:
            return self._read_mark(body)
        refusal = self._schema.problem_of(request.body, body, marketing=marketing_api)
        if refusal is not None:
            return self._refuse(refusal)
        outcome = self._message(body, number, now, marketing_api=marketing_api)
        return self._refuse(outcome) if isinstance(outcome, Refusal) else self._accept(outcome, body)

    def _refuse(self, refusal: Refusal) -> Answer:
        self._record.refused[refusal.code] += 1
        return refused(refusal)

    def _trouble_before(self) -> Answer | None:
        """What goes wrong before anything was accepted."""
        settings = self._world.settings
        rolled = self._rng.random()
        rolled -= settings.server_error_share
        if rolled < 0:
            self._record.not_accepted["server_error"] += 1
            return Answer(503, SERVER_ERROR)
        rolled -= settings.drop_before_share
        if rolled < 0:
            self._record.not_accepted["dropped"] += 1
            return Answer(0, b"", DROP)
        for code, share in settings.refusal_shares.items():
            rolled -= share
            if rolled < 0:
                return self._refuse(Refusal(code))
        return None

    def _read_mark(self, body: Mapping[str, Any]) -> Answer:
        if not str(body.get("message_id", "")).startswith("wamid."):
            return self._refuse(Refusal(131009, "message_id is not a message of this number."))
        self._record.read_marks += 1
        return Answer(200, b'{"success":true}')

    def _message(
        self, body: Mapping[str, Any], number: Number, now: float, *, marketing_api: bool
    ) -> Message | Refusal:
        """The message that this body asks for, or why it may not go."""
        person = self._recipient(body)
        if isinstance(person, Refusal):
            return person
        template = self._template(body) if body["type"] == "template" else None
        if isinstance(template, Refusal):
            return template
        parts = parts_of(body["template"].get("components") or []) if template else NO_PARTS
        if isinstance(parts, Refusal):
            return parts
        refusal = (
            self._account(person, number, template, marketing_api)
            or (mismatch(template, parts, self._media.knows) if template else _empty(body))
            or self._pace(person, number, now)
        )
        if refusal is not None:
            return refusal
        in_window = self._people.window_open(number.id, person.key, self._world.now_s())
        tracker = body.get("biz_opaque_callback_data", "")
        habits = self._people.habits(person.key)
        return Message(number, person, habits, "to" not in body, tracker, template, parts, marketing_api, in_window)

    def _recipient(self, body: Mapping[str, Any]) -> Recipient | Refusal:
        if body.get("recipient_type", "individual") != "individual":
            return Refusal(131051, "The practice world has no groups.")
        if "to" not in body:  # a phone number wins over a user id (business-scoped-user-ids page, 2026-05)
            return self._people.recipient("", body["recipient"])
        phone = digits(body["to"])
        if not phone:
            return Refusal(131009, "Param to is not a phone number.")
        return self._people.recipient(phone, "")

    def _template(self, body: Mapping[str, Any]) -> Template | Refusal:
        name, language = body["template"]["name"], body["template"]["language"]["code"]
        template = self._templates.find(name, language)
        if template is None:
            return Refusal(132001, f"template name ({name}) does not exist in {language}")
        if template.status == "APPROVED":
            return template
        return Refusal(STATUS_REFUSALS.get(template.status, 132001), f"template name ({name}) is {template.status}")

    def _account(
        self, person: Recipient, number: Number, template: Template | None, marketing_api: bool
    ) -> Refusal | None:
        settings = self._world.settings
        if settings.account_locked:
            return Refusal(368)
        if person.phone == number.phone:
            return Refusal(131021)
        if template is None:
            return None
        if marketing_api and template.category != "MARKETING":
            return Refusal(131055)
        if template.category == "AUTHENTICATION" and not person.phone:
            return Refusal(131062)
        if template.category == "MARKETING" and not marketing_api and settings.marketing_only_through_marketing_api:
            return Refusal(131063)
        return None

    def _pace(self, person: Recipient, number: Number, now: float) -> Refusal | None:
        window = self.throughput.get(number.id)
        if window is None or window.limit != number.throughput:
            window = self._window(number)
        if not window.has_room(now):
            return Refusal(130429)
        if self._world.settings.pair_limit and not self._pairs.admit(number.id, person.key, now):
            return Refusal(131056)
        window.take(now)
        return None

    def _window(self, number: Number) -> Throughput:
        window = self.throughput.setdefault(number.id, Throughput(number.throughput))
        window.limit = number.throughput
        return window

    def _accept(self, message: Message, body: Mapping[str, Any]) -> Answer:
        failure = self._fate.failure(message)
        told_by = self._world.settings.told_by.get(failure.code, "status") if failure else "status"
        if failure is not None and told_by != "status":
            if told_by == "both":
                self._failed_before_acceptance += 1
                message.wamid = wamid_of(f"no.{message.person.key}", self._failed_before_acceptance)
                self._fate.follow(message, failure)
            return self._refuse(failure)
        ending, status, word = self._ending(message)
        message.wamid = self._record.accept(self._received(message, body, word))
        if failure is None and message.template is None:
            self._record.tell(message.person.key, _words(body, self._world.now_s()))
        said = self._course(message, failure)
        return Answer(status, SERVER_ERROR if status != 200 else self._accepted(message, body, said), ending)

    def _ending(self, message: Message) -> tuple[Ending, int, str]:
        """Accepted all the same: now and then the sender never learns it."""
        settings = self._world.settings
        rolled = self._rng.random() - settings.drop_after_share
        if rolled < 0:
            return DROP, 200, "dropped"
        rolled -= settings.silent_share
        if rolled < 0:
            return SILENCE, 200, "silent"
        rolled -= settings.error_after_share
        return (REPLY, 500, "error") if rolled < 0 else (REPLY, 200, "answered")

    def _received(self, message: Message, body: Mapping[str, Any], ending: str) -> Received:
        template = message.template
        return Received(
            message.person.key,
            message.tracker,
            body["type"],
            template.name if template else "",
            message.category,
            message.number.id,
            ending,
            self._world.now_s(),
        )

    def _course(self, message: Message, failure: Refusal | None) -> str:
        settings = self._world.settings
        rolled = self._rng.random() if message.template else 1.0
        if rolled < settings.held_share:
            self._fate.hold(message)
            return "held_for_quality_assessment"
        if rolled < settings.held_share + settings.paused_share:
            self._fate.follow(message, Refusal(132015))
            return "paused"
        self._fate.follow(message, failure)
        return "accepted" if message.template else ""

    def _accepted(self, message: Message, body: Mapping[str, Any], said: str) -> bytes:
        who = {"input": body.get("to") or body["recipient"]}
        who |= {"user_id": message.person.user_id} if message.by_user_id else {"wa_id": message.person.phone}
        entry = {"id": message.wamid, "message_status": said} if said else {"id": message.wamid}
        return orjson.dumps({"messaging_product": "whatsapp", "contacts": [who], "messages": [entry]})


def _empty(body: Mapping[str, Any]) -> Refusal | None:
    """The schema lets a free-form message pass that says nothing; Meta does not."""
    content = body.get(body["type"])
    said = content.get("body", "") if body["type"] == "text" and isinstance(content, Mapping) else content
    if not said:
        return Refusal(131008, f"The parameter {body['type']} must say something.")
    if isinstance(said, str) and len(said) > TEXT_CHARS_MAX:
        return Refusal(100, f"text.body has at most {TEXT_CHARS_MAX} characters.")
    return None


def _words(body: Mapping[str, Any], at_s: float) -> dict[str, Any]:
    """What a person was told in a free-form message; of media and the like only the kind and the caption."""
    kind = body["type"]
    content = body.get(kind) or {}
    if kind == "text":
        text = content.get("body", "")
    elif kind == "interactive":
        text = (content.get("body") or {}).get("text", "")
    else:
        text = content.get("caption", "") if isinstance(content, Mapping) else ""
    return {"type": kind, "text": text, "at_s": at_s}
