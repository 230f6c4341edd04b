"""A whole gateway in the domain's words, for story tests: real storage, real actions, a set clock, a rehearsed Meta.

The only thing that is not real is the wire: messages go to a Messenger that remembers them, and webhooks are posted,
signed, straight into the WSGI callable that the web process runs.
"""

from __future__ import annotations

import asyncio
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from consent import ledger, vault
from consent.address import region_of, zones_of
from consent.address.values import Phone
from consent.events import Actor, ActorKind, Commitment, Draft, Event, EventType
from consent.standing import Standing
from consent.texts import ConsentText
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.actions.drain_inbox import drain_inbox
from gateway.actions.launch_campaigns import finish_campaigns, launch_campaigns
from gateway.actions.plan_campaign import plan_campaign
from gateway.actions.policies import Policies
from gateway.actions.receive_webhook import Receiver
from gateway.actions.release_messages import Released, release_messages
from gateway.actions.rescue_stuck import rescue_stuck
from gateway.actions.run_campaign import schedule_campaign
from gateway.actions.settle_answers import settle
from gateway.clock import SetClock
from gateway.core.campaign import CampaignPlan, parse_campaign
from gateway.core.message import Kind, Outgoing
from gateway.practice.templates import initial_templates
from gateway.settings import Settings
from gateway.storage import campaigns, contacts, message_reports, templates
from gateway.storage.campaigns import Campaign
from gateway.storage.contacts import NewPerson
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.message_reports import Told
from gateway.storage.templates import SendingNumber
from gateway.web.webhook import Webhook
from gateway.whatsapp.messenger import Accepted, Outcome
from gateway.whatsapp.signature import sign
from tests.wire import hold_message_against_meta

TUESDAY = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""14:00 in Istanbul, on an ordinary working day."""

NUMBER_ID = "106540352242922"
SECRET = "a-secret-of-the-test"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented."""

    phone: str
    subject: Subject

    @property
    def wa_id(self) -> str:
        return self.phone.removeprefix("+")


@dataclass
class Meta:
    """A Messenger that sends nothing and remembers everything; `answers` decides what comes of the next messages."""

    sent: list[Outgoing] = field(default_factory=list)
    answer: Callable[[Outgoing], Outcome] | None = None
    waiting: int = 0

    async def make_ready(self, requests: int) -> None:
        """There is nothing to connect to."""

    async def send(self, message: Outgoing) -> Outcome:
        self.sent.append(message)
        await hold_message_against_meta(message)
        if self.answer is not None:
            return self.answer(message)
        return Accepted(f"wamid.{message.tracker}", "accepted" if message.kind is Kind.TEMPLATE else "")


class Given:
    """Build a situation, let time pass, look at what happened."""

    def __init__(self, database: Database, inbox: Inbox, now: datetime = TUESDAY, **settings: Any) -> None:
        self.database, self.inbox = database, inbox
        self.clock = SetClock(now)
        self.settings = Settings(app_secrets=(SECRET,), brand="Kahve Evi", language="tr", **settings)
        self.policies = Policies(self.settings)
        self.meta = Meta()
        self.receiver = Receiver(database, inbox, self.settings, self.clock)
        self.webhook = Webhook(self.settings.app_secrets, "verify", self.receiver.receive)
        self._phones = itertools.count(1)
        self._ids = itertools.count(1)
        self._prepare()

    def _prepare(self) -> None:
        with self.database.write() as connection:
            templates.keep(connection, practice_templates(), self.now)
            templates.add_numbers(connection, [SendingNumber(NUMBER_ID, "+1 202 555 0143", "GREEN", 80)], self.now)
            for locale in ("tr", "en"):
                ledger.add_text(connection, consent_text(locale), self.now)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    # people

    def person(
        self,
        opted_in: str | None = "marketing",
        *,
        phone: str | None = None,
        since: datetime | None = None,
        zone: str | None = None,
        name: str | None = "Ayşe Yılmaz",
        language: str = "tr",
        tags: Sequence[str] = (),
        **attributes: str,
    ) -> Person:
        phone = phone or f"+90555000{next(self._phones):04}"
        with self.database.write() as connection:
            identifier = Identifier(IdentifierKind.PHONE, phone)
            subject = vault.meet(connection, [identifier], self.now)[identifier]
            address = Phone(phone)
            new = NewPerson(
                subject_id=subject.id,
                name=name,
                language=language,
                zone=zone,
                zones=zones_of(address),
                region=region_of(address),
                attributes=attributes,
                tags=tuple(tags),
            )
            contacts.add(connection, [new], self.now)
            if opted_in:
                draft = self._grant(subject, opted_in, since or self.now - timedelta(days=30))
                ledger.append(connection, [(subject, draft)], self.now)
        return Person(phone, subject)

    def _grant(self, subject: Subject, purpose: str, at: datetime) -> Draft:
        return Draft(
            subject=subject.ref,
            purpose=purpose,
            type=EventType.GRANTED_BY_IMPORT,
            occurred_at=at,
            actor=Actor(ActorKind.IMPORT, "test"),
            source="web_form",
            method="checkbox",
            idem=f"grant:{subject.ref}:{purpose}",
            text=consent_text("tr").ref,
            evidence=Commitment(1, "0" * 64),
        )

    def standing(self, person: Person, purpose: str = "marketing") -> Standing:
        with self.database.read() as connection:
            stored = ledger.stored_standings(connection, [person.subject.id])
            return ledger.stored_for(stored, person.subject.id, purpose).standing.at(self.now)

    def events(self, person: Person) -> list[Event]:
        with self.database.read() as connection:
            return ledger.events_of(connection, [person.subject.id]).get(person.subject.id, [])

    # campaigns

    def plan(self, name: str = "Bahar", *, starts_in: str = "now", **fields: Any) -> Campaign:
        written: dict[str, Any] = {
            "name": name,
            "segment": "everyone",
            "template": "spring_offer",
            "parameters": {
                "season": {"tr": "Bahar", "en": "spring"},
                "first_name": "{person.first_name|dostum}",
                "store": "{person.store|size en yakın}",
            },
            "link": {"target": "https://shop.example/spring"},
            "start": starts_in,
            "expires": "3 days",
        } | fields
        written = {key: value for key, value in written.items() if value is not None}
        plan = parse_campaign(json.dumps(written, ensure_ascii=False), "yaml", now=self.now)
        assert isinstance(plan, CampaignPlan), [problem.sentence() for problem in plan]
        with self.database.write() as connection:
            planned = plan_campaign(connection, plan, self.now)
        assert isinstance(planned, Campaign), [problem.sentence() for problem in planned]
        return planned

    def campaign(self, name: str = "Bahar", **fields: Any) -> Campaign:
        """A campaign that is planned and scheduled."""
        planned = self.plan(name, **fields)
        with self.database.write() as connection:
            schedule_campaign(connection, planned, None, self.now)
        return planned

    # time

    def launch(self) -> None:
        while launch_campaigns(self.database, self.now):
            pass

    def release(self, limit: int = 100) -> list[Outgoing]:
        """One release: what it returns is allowed to leave, and stands as `sending`."""
        return list(self._release(limit).outgoing)

    def _release(self, limit: int) -> Released:
        return self.database.run(lambda c: release_messages(c, NUMBER_ID, self.policies, self.now, limit))

    def deliver(self, outgoing: Sequence[Outgoing]) -> None:
        """Send what was released and settle the answers."""
        answers = [(o, asyncio.run(self.meta.send(o))) for o in outgoing]
        self.database.run(lambda c: settle(c, answers, self.now))

    def work(self) -> None:
        """Everything that is due now, until nothing more is."""
        self.launch()
        while (released := self._release(100)).looked_at:
            self.deliver(released.outgoing)
        self.drain()
        self.database.run(lambda c: finish_campaigns(c, self.now))

    def run_until(self, moment: datetime) -> None:
        """Let time pass, stopping whenever something falls due."""
        self.work()
        while (due := self._next()) is not None and due <= moment:
            self.clock.moment = max(self.now, due)
            self.work()
        self.clock.moment = moment
        self.work()

    def _next(self) -> datetime | None:
        """The next moment at which a message falls due or a hold ends; what a hold keeps is due all the while."""
        with self.database.read() as connection:
            moments = [message_reports.next_due(connection, self.now)]
            moments += [hold.until for hold in templates.holds(connection, self.now)]
        return min((moment for moment in moments if moment is not None), default=None)

    def rescue(self) -> int:
        return self.database.run(lambda c: rescue_stuck(c, self.now))

    # webhooks

    def post(self, body: Mapping[str, Any] | bytes, *, secret: str = SECRET) -> str:
        """POST a signed webhook as Meta would; the status line."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        environ = {
            "REQUEST_METHOD": "POST",
            "CONTENT_LENGTH": str(len(raw)),
            "wsgi.input": io.BytesIO(raw),
            "HTTP_X_HUB_SIGNATURE_256": sign(raw, secret),
        }
        answered: list[str] = []
        list(self.webhook(environ, lambda status, headers, exc_info=None: answered.append(status)))
        return answered[0]

    def value(self, field: str, **value: Any) -> dict[str, Any]:
        metadata = {"display_phone_number": "12025550143", "phone_number_id": NUMBER_ID}
        change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
        return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}

    def says(self, person: Person, text: str, *, message_id: str | None = None) -> str:
        """The person writes to us; the webhook's answer."""
        inbound = {"type": "text", "text": {"body": text}}
        return self._inbound(person, inbound, message_id)

    def presses(self, person: Person, title: str, payload: str) -> str:
        return self._inbound(person, {"type": "button", "button": {"text": title, "payload": payload}}, None)

    def _inbound(self, person: Person, message: dict[str, Any], message_id: str | None) -> str:
        body = {
            "from": person.wa_id,
            "id": message_id or f"wamid.in.{next(self._ids)}",
            "timestamp": str(int(self.now.timestamp())),
            **message,
        }
        contact = {"profile": {"name": "Test"}, "wa_id": person.wa_id}
        return self.post(self.value("messages", contacts=[contact], messages=[body]))

    def prefers(self, person: Person, value: str) -> str:
        preference = {
            "wa_id": person.wa_id,
            "detail": "User requested",
            "category": "marketing_messages",
            "value": value,
            "timestamp": int(self.now.timestamp()),
        }
        return self.post(self.value("user_preferences", user_preferences=[preference]))

    def status(self, outgoing: Outgoing, status: str, *codes: int, at: datetime | None = None) -> dict[str, Any]:
        """A status of a message of ours, as an item for `statuses`."""
        found: dict[str, Any] = {
            "id": f"wamid.{outgoing.tracker}",
            "status": status,
            "timestamp": str(int((at or self.now).timestamp())),
            "recipient_id": (outgoing.to or "").removeprefix("+"),
            "biz_opaque_callback_data": outgoing.tracker,
        }
        if codes:
            found["errors"] = [{"code": code, "title": "failed"} for code in codes]
        return found

    def receipt(self, outgoing: Outgoing, status: str, *codes: int) -> str:
        answered = self.post(self.value("messages", statuses=[self.status(outgoing, status, *codes)]))
        self.drain()
        return answered

    def drain(self) -> None:
        while drain_inbox(self.database, self.inbox, self.settings, self.now).bodies:
            pass

    # what happened

    def told(self, person: Person) -> list[str]:
        """The texts that this person got from us, in order; templates by name."""
        mine = [o for o in self.meta.sent if o.to == person.phone]
        return [o.text if o.kind is Kind.TEXT else o.template for o in mine]

    def message(self, person: Person, campaign: Campaign) -> Told:
        with self.database.read() as connection:
            told = message_reports.told(connection, campaign.id, person.subject.id)
        assert told is not None, "no message was planned for this person"
        return told

    def counts(self, campaign: Campaign) -> dict[str, int]:
        with self.database.read() as connection:
            found = message_reports.counts(connection, campaign.id)
        return {f"{state.value}:{reason}" if reason else state.value: count for (state, reason), count in found.items()}

    def stored(self, campaign: Campaign) -> Campaign:
        with self.database.read() as connection:
            found = campaigns.by_id(connection, campaign.id)
        assert found is not None
        return found


def practice_templates() -> list[dict[str, Any]]:
    """The practice world's templates as Meta lists them, approved."""
    return [{"id": str(n), "status": "APPROVED", **t} for n, t in enumerate(initial_templates(), 1)]


def consent_text(locale: str) -> ConsentText:
    bodies = {
        "tr": "Kahve Evi'nin kampanyalarını WhatsApp üzerinden almayı kabul ediyorum.",
        "en": "I agree to get Kahve Evi's offers on WhatsApp.",
    }
    return ConsentText(
        id="marketing",
        version="1",
        locale=locale,
        body=bodies[locale],
        purposes=("marketing",),
        channels=("whatsapp",),
        controller="Kahve Evi",
        withdrawal="DUR",
        valid_from=date(2026, 1, 1),
    )
