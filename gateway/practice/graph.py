"""Which part answers a request: Graph's addresses on one side, the practice doors on the other."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.practice.control import Control
from gateway.practice.management import Management
from gateway.practice.media import Media
from gateway.practice.refusals import Refusal, missing_object, refused
from gateway.practice.sending import Sending
from gateway.practice.templates import TemplateBook
from gateway.practice.wire import Answer, Request
from gateway.practice.world import World

_VERSION = re.compile(r"v\d{1,2}\.\d")


class Graph:
    """One Graph API. Any version segment is taken; `now` gives seconds that only run forward."""

    def __init__(
        self,
        world: World,
        sending: Sending,
        management: Management,
        media: Media,
        templates: TemplateBook,
        control: Control,
        rng_uniform: Callable[[float, float], float],
        now: Callable[[], float],
    ) -> None:
        self._world = world
        self._sending = sending
        self._management = management
        self._media = media
        self._templates = templates
        self._control = control
        self._uniform = rng_uniform
        self._now = now

    def __call__(self, request: Request) -> Answer:
        if request.path.startswith("/practice/"):
            return self._control.answer(request)
        answer = self._authorised(request)
        latency = self._world.settings.latency_ms
        return answer._replace(after_s=self._uniform(*latency) / 1000) if latency[1] else answer

    def _authorised(self, request: Request) -> Answer:
        given = request.header(b"authorization")
        if not given:
            return refused(Refusal(104))
        kind, _, token = given.partition(b" ")
        if kind.lower() not in (b"bearer", b"oauth") or token.decode("latin-1") != self._world.settings.token:
            return refused(Refusal(190))
        version, _, rest = request.path[1:].partition("/")
        if not _VERSION.fullmatch(version):
            rest = request.path[1:]
        return self._route(request, *rest.rstrip("/").partition("/")[::2])

    def _route(self, request: Request, object_id: str, edge: str) -> Answer:
        settings = self._world.settings
        number = settings.number(object_id)
        if number is not None:
            if request.method == "POST" and edge in ("messages", "marketing_messages"):
                arrived = self._now() - request.late_s
                return self._sending.answer(request, number, marketing_api=edge == "marketing_messages", now=arrived)
            if request.method == "POST" and edge == "media":
                return self._media.upload(request)
            if request.method == "GET" and not edge:
                return self._management.show_number(number, request)
        elif object_id == settings.waba_id:
            return self._account(request, edge)
        elif object_id == settings.app_id and edge == "uploads" and request.method == "POST":
            return self._media.open_session(request.parameters())
        return self._by_object(request, object_id, edge)

    def _account(self, request: Request, edge: str) -> Answer:
        manage = self._management
        doors: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", ""): manage.show_account,
            ("GET", "phone_numbers"): manage.list_numbers,
            ("GET", "message_templates"): manage.list_templates,
            ("POST", "message_templates"): manage.create_template,
            ("DELETE", "message_templates"): manage.delete_templates,
        }
        door = doors.get((request.method, edge))
        return door(request) if door else missing_object(self._world.settings.waba_id, request.method)

    def _by_object(self, request: Request, object_id: str, edge: str) -> Answer:
        if object_id.startswith("upload:") and request.method == "POST":
            return self._media.fill_session(object_id, request)
        if self._media.knows(object_id) and not edge:
            return self._media.delete(object_id) if request.method == "DELETE" else self._media.show(object_id)
        template = self._templates.by_id(object_id)
        if template is None:
            return missing_object(object_id, request.method)
        if request.method == "POST":
            if edge == "unpause":
                return self._management.unpause(template)
            return self._management.edit_template(template, request)
        return self._management.show_template(template, request)
