"""What becomes of an accepted message: its statuses, and what the person does who got it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlsplit

from gateway.practice.diary import Diary
from gateway.practice.filling import Parts, rendered_body
from gateway.practice.habits import FAILURES, Habits, OnConfirmation, OnMarketing, roll, stop_text
from gateway.practice.people import People, Recipient
from gateway.practice.postman import Postman
from gateway.practice.record import Record, wamid_of
from gateway.practice.refusals import Refusal
from gateway.practice.settings import Number, Span
from gateway.practice.templates import Template, filled
from gateway.practice.webhook_items import StatusFacts, inbound, preference, status
from gateway.practice.world import World

_CODE = re.compile(r"(?<![A-Z0-9])([A-Z2-7]{10,})(?![A-Z0-9])")  # base32: what confirmation codes are made of
_WRITTEN_CODE = re.compile(r"\bONAY[ :]+([A-Z0-9-]{4,})")
PERSON_AGENT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36"}
PREVIEW_AGENT = {"User-Agent": "WhatsApp/2.24.10.85 A"}


@dataclass(slots=True)
class Message:
    """A message on its way. `parts` are the filled template's, empty for a free-form message."""

    number: Number
    person: Recipient
    habits: Habits
    by_user_id: bool
    tracker: str
    template: Template | None
    parts: Parts
    marketing_api: bool
    in_window: bool
    wamid: str = ""

    @property
    def category(self) -> str:
        return self.template.category if self.template else "SERVICE"


class Fate:
    def __init__(
        self,
        world: World,
        people: People,
        record: Record,
        diary: Diary,
        postman: Postman,
        rng: Random,
    ) -> None:
        self._world = world
        self._people = people
        self._record = record
        self._diary = diary
        self._postman = postman
        self._rng = rng
        self._spoken = 0
        self.held: dict[str, Message] = {}

    def failure(self, message: Message) -> Refusal | None:
        """Why this message will not arrive, if it will not."""
        if message.template is None and not message.in_window:
            return Refusal(131047)
        key, marketing = message.person.key, message.category == "MARKETING"
        if marketing and key in self._people.stopped:
            return Refusal(131050)
        habit = message.habits.on_marketing
        if habit is OnMarketing.NOT_ON_WHATSAPP or (marketing and habit in FAILURES):
            return Refusal(FAILURES[habit])
        return self._drawn_failure()

    def _drawn_failure(self) -> Refusal | None:
        rolled = self._rng.random() if self._world.settings.failed_shares else 1.0
        for code, share in self._world.settings.failed_shares.items():
            rolled -= share
            if rolled < 0:
                return Refusal(code)
        return None

    def follow(self, message: Message, failure: Refusal | None) -> None:
        """Let an accepted message run its course."""
        if failure is not None:
            self._later(self._world.settings.status_delay_ms, self._fail, (message, failure))
        else:
            self._later(self._world.settings.status_delay_ms, self._sent, message)

    def hold(self, message: Message) -> None:
        """Keep a message back for quality assessment until `release`, `drop_held` or its time is up."""
        self.held[message.wamid] = message
        self._later(self._world.settings.held_for_ms, self._release_one, message.wamid)

    def release(self, template: Template) -> int:
        """Let go what is held of one template; the answer is how many."""
        freed = [wamid for wamid, message in self.held.items() if message.template is template]
        for wamid in freed:
            self._release_one(wamid)
        return len(freed)

    def drop_held(self, template: Template, refusal: Refusal) -> int:
        """Pacing went badly: everything held of one template fails (template-pacing page, 2025-12)."""
        dropped = [wamid for wamid, message in self.held.items() if message.template is template]
        for wamid in dropped:
            self._later((0, 0), self._fail, (self.held.pop(wamid), refusal))
        return len(dropped)

    def _release_one(self, wamid: str) -> None:
        if message := self.held.pop(wamid, None):
            self.follow(message, self.failure(message))

    def _later(self, span_ms: Span, act: Any, what: Any) -> None:
        self._diary.after(self._rng.uniform(*span_ms) / 1000, act, what)

    # -- statuses

    def _sent(self, message: Message) -> None:
        self._tell(message, "sent")
        if (
            message.habits.on_marketing is not OnMarketing.UNREACHABLE
        ):  # such a phone is off for good: no webhook ever follows
            self._later(self._world.settings.status_delay_ms, self._delivered, message)

    def _delivered(self, message: Message) -> None:
        self._tell(message, "delivered")
        if self._world.settings.preview_robot and message.template:
            self._open_link(message, PREVIEW_AGENT)
        if message.category != "MARKETING" or message.habits.on_marketing is not OnMarketing.DELIVER_ONLY:
            self._later(self._world.settings.status_delay_ms, self._read, message)

    def _read(self, message: Message) -> None:
        self._tell(message, "read")
        reacts = self._reaction(message)
        if reacts is not None:
            self._later(message.habits.reply_delay_ms or self._world.settings.reply_delay_ms, reacts, message)

    def _fail(self, what: tuple[Message, Refusal]) -> None:
        message, refusal = what
        self._record.failed[refusal.code] += 1
        self._tell(message, "failed", refusal)

    def _tell(self, message: Message, said: str, refusal: Refusal | None = None) -> None:
        self._record.statuses[said] += 1
        tracker = message.tracker
        if refusal is not None and not self._world.settings.tracker_on_failed:
            tracker = ""
        facts = StatusFacts(
            message.wamid,
            message.number,
            message.person,
            message.habits,
            message.by_user_id,
            tracker,
            None if refusal or said == "read" else self._pricing(message),
        )
        self._postman.put(status(facts, said, int(self._world.now_s()), refusal))

    def _pricing(self, message: Message) -> dict[str, Any]:
        """Per-message pricing as of 2026: what lies inside an open window costs nothing unless it is marketing."""
        category = message.category.lower()
        free = message.in_window and category in ("service", "utility")
        if category == "marketing" and message.marketing_api:
            category = "marketing_lite"
        kind = "free_customer_service" if free else "regular"
        return {"billable": not free, "pricing_model": "PMP", "type": kind, "category": category}

    # -- what people do

    def _reaction(self, message: Message) -> Any:
        template = message.template
        if template is None:
            return None
        habits = message.habits
        if template.category == "UTILITY" and template.plan.quick_replies:
            return _CONFIRMATIONS.get(habits.on_confirmation, Fate._nothing).__get__(self)
        if template.category == "MARKETING":
            return _MARKETING.get(habits.on_marketing, Fate._nothing).__get__(self)
        return None

    def _nothing(self, message: Message) -> None:
        """Most messages are read and left at that."""

    def _press_first(self, message: Message) -> None:
        self._press_at(message, 0)

    def _press_last(self, message: Message) -> None:
        self._press_at(message, -1)

    def _press_at(self, message: Message, place: int) -> None:
        if message.template and (indexes := message.template.plan.quick_replies):
            self.press(message, indexes[place])

    def press(self, message: Message, index: int) -> None:
        """The person taps a quick reply; without a payload of the sender's, Meta sends the button's text."""
        assert message.template is not None
        title = message.template.plan.buttons[index].text
        payload = message.parts.payload(index)
        self.say(
            message.number,
            message.person,
            {
                "type": "button",
                "button": {"text": title, "payload": title if payload is None else payload},
                "context": {"from": message.number.phone, "id": message.wamid},
            },
        )

    def _write_code(self, message: Message) -> None:
        if code := code_in(message):
            self.write(message.number, message.person, f"ONAY {code}")

    def _write_stop(self, message: Message) -> None:
        assert message.template is not None
        rolled = roll(self._world.settings.seed, "words", message.person.key)
        self.write(message.number, message.person, stop_text(message.habits, message.template.language, rolled))

    def _stop_on_platform(self, message: Message) -> None:
        self.prefer(message.number, message.person, "stop")

    def _click(self, message: Message) -> None:
        self._record.clicks += 1
        self._open_link(message, PERSON_AGENT)

    def _open_link(self, message: Message, headers: dict[str, str]) -> None:
        base = self._world.settings.links_url
        path = _link_path(message)
        if base and path:
            self._postman.visit(base.rstrip("/") + path, headers)

    def write(self, number: Number, person: Recipient, text: str) -> None:
        self.say(number, person, {"type": "text", "text": {"body": text}})

    def say(self, number: Number, person: Recipient, said: dict[str, Any]) -> None:
        """A person writes or presses; their 24-hour window opens."""
        at_s = self._world.now_s()
        self._spoken += 1
        self._people.speaks(number.id, person.key, at_s)
        self._record.inbound[said["type"]] += 1
        wamid = wamid_of(f"in.{person.key}", self._spoken)
        profile = self._people.habits(person.key)
        self._postman.put(inbound(number, person, profile, said, wamid, int(at_s)))

    def prefer(self, number: Number, person: Recipient, value: str) -> None:
        """A person uses WhatsApp's own control: stop or resume marketing messages."""
        (self._people.stopped.add if value == "stop" else self._people.stopped.discard)(person.key)
        self._record.inbound[f"preference_{value}"] += 1
        profile = self._people.habits(person.key)
        self._postman.put(preference(number, person, profile, value, int(self._world.now_s())))


_CONFIRMATIONS = {
    OnConfirmation.PRESS_BUTTON: Fate._press_first,
    OnConfirmation.DECLINE: Fate._press_last,
    OnConfirmation.WRITE_CODE: Fate._write_code,
}
_MARKETING = {
    OnMarketing.CLICK: Fate._click,
    OnMarketing.STOP_WORD: Fate._write_stop,
    OnMarketing.STOP_SENTENCE: Fate._write_stop,
    OnMarketing.STOP_BUTTON: Fate._press_last,
    OnMarketing.PLATFORM_STOP: Fate._stop_on_platform,
}


def code_in(message: Message) -> str:
    """The confirmation code a person reads in a message: after the word ONAY, or any long base32 word."""
    assert message.template is not None
    body = rendered_body(message.template.plan, message.parts)
    for pattern in (_WRITTEN_CODE, _CODE):
        if found := pattern.search(body):
            return found.group(1)
    return ""


def _link_path(message: Message) -> str:
    """The path of the message's first link with a dynamic end."""
    assert message.template is not None
    for index, button in enumerate(message.template.plan.buttons):
        if button.kind == "URL" and button.variable:
            return urlsplit(filled(button.url, {"1": message.parts.url_end(index)})).path
    return ""
