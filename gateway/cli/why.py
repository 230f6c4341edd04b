"""`izin why`: the answer to "did it send, to whom, exactly once, and why?"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from consent.facts import Hold
from consent.policy import Allow, Finding, Refuse, Verdict, Wait
from consent.reasons import Reason, in_words, moment_in_words, rule_title
from gateway.actions.explain_person import Explained, explain_person, find_person
from gateway.assembly import House
from gateway.cli.speech import Trouble, as_json, house_command, tell
from gateway.core.failure import meaning
from gateway.core.message import State
from gateway.storage import campaigns
from gateway.web.wording import CONSENT_STATES

STATES: dict[State, tuple[str, str]] = {
    State.QUEUED: ("sırada", "queued"),
    State.SENDING: ("gönderiliyor", "being sent"),
    State.UNSURE: ("belirsiz", "unsure"),
    State.ACCEPTED: ("Meta kabul etti", "accepted by Meta"),
    State.HELD: ("Meta bekletiyor", "held by Meta"),
    State.SENT: ("gönderildi", "sent"),
    State.DELIVERED: ("ulaştı", "delivered"),
    State.READ: ("okundu", "read"),
    State.REFUSED: ("çıkmadı", "refused"),
    State.EXPIRED: ("süresi doldu", "expired"),
    State.CANCELLED: ("iptal edildi", "cancelled"),
    State.FAILED: ("başarısız", "failed"),
}

REGISTRY_VERDICTS = ("onay", "ret")


@click.command()
@click.argument("person")
@click.argument("campaign", required=False)
@as_json
@house_command
def why(house: House, person: str, campaign: str | None, as_json: bool) -> None:
    """Why did PERSON get a message of CAMPAIGN, or why not, or not yet?

    PERSON is a phone number in any spelling, a business-scoped user id, or the ledger's reference.

    \b
    Example:  izin why "0555 000 12 34" "Bahar indirimi"
    """
    settings = house.settings
    with house.database.read() as connection:
        subject = find_person(connection, person, settings.region)
        if subject is None:
            raise Trouble("Nobody is known here by that number or reference.", code="unknown_person")
        found = campaigns.by_name(connection, campaign) if campaign else None
        if campaign and found is None:
            raise Trouble(
                f"There is no campaign called “{campaign}”; `izin campaign status` lists them.", code="campaign"
            )
        explained = explain_person(connection, subject, found, house.policies, house.clock.now())
    words = _Words(explained, settings.language, settings.time_zone)
    tell(words.as_json(), as_json, words.lines())


class _Words:
    def __init__(self, explained: Explained, language: str, zone: str) -> None:
        self.it, self.language, self.zone = explained, language, zone

    def verdict(self) -> str:
        """One sentence: what became of the message, or what would be decided now."""
        message = self.it.message
        if message is None or (message.state.value == "queued" and self.it.decision is not None):
            return self._decision()
        if message.code is not None and message.state.value == "failed":
            words = meaning(message.code).words
            return f"failed ({message.code}): {words.tr if self.language == 'tr' else words.en}"
        why = f": {self._reason(message.reason, message.because or '')}" if message.reason in set(Reason) else ""
        return f"{self._say(*STATES[message.state])}{why}"

    def _reason(self, reason: str | None, because: str) -> str:
        """`because` is the rule behind an expiry, or else the fact in question, such as a template's value."""
        cause = Reason(because) if because in set(Reason) else None
        detail = "" if cause else because
        return in_words(Reason(reason or ""), self.language, because=cause, detail=detail, zone=self.zone)

    def _say(self, turkish: str, english: str) -> str:
        return turkish if self.language == "tr" else english

    def _decision(self) -> str:
        if self.it.message is None and not self.it.chosen:
            return self._say("çıkmaz: kişi kampanyanın hedef kitlesinde değil", "none: not in the campaign's segment")
        match self.it.decision:
            case Allow():
                return self._say("çıkabilir: hiçbir kural engel değil", "allowed: it may leave now")
            case Wait(until, reason):
                return f"{self._say('bekler', 'waits')}: {in_words(reason, self.language, until=until, zone=self.zone)}"
            case Refuse(reason, because, detail):
                said = in_words(reason, self.language, because=because, detail=detail, zone=self.zone)
                return f"{self._say('çıkmaz', 'refused')}: {said}"
        if self.it.message is not None:
            return self._say(*STATES[self.it.message.state])
        return self._consent()

    def _consent(self) -> str:
        return f"{self._say('onay', 'consent')}: {CONSENT_STATES[self.it.standing.state.value].say(self.language)}"

    def lines(self) -> Iterator[str]:
        yield click.style(self.verdict(), bold=True)
        standing = self.it.standing
        since = "" if standing.since is None else moment_in_words(standing.since, self.zone)
        if since:
            since = self._say(f", {since} itibarıyla", f" since {since}")
        yield f"  {self._consent()}{since}"
        if self.it.message is not None and self.it.message.event_seq is not None:
            seq, proof = self.it.message.event_seq, (self.it.message.event_hash or "")[:16]
            yield f"  {self._say(f'izin veren defter olayı {seq}', f'allowed by ledger event {seq}')} ({proof}…)"
        for event in self.it.events:
            acted = event.occurred_at.astimezone(ZoneInfo(self.zone))
            yield f"  {event.seq:>6}  {acted:%Y-%m-%d %H:%M}  {event.type.value:<18} {event.source} {event.method}"
        for finding in self.it.findings:
            yield self._finding(finding)

    def _finding(self, finding: Finding) -> str:
        """One rule: whether it is kept, what it says, and what it looked at."""
        sign = {Verdict.PASSES: "✓", Verdict.WAITS: "…", Verdict.REFUSES: "✗"}[finding.verdict]
        said = (
            f": {in_words(finding.reason, self.language, until=finding.until, zone=self.zone)}"
            if finding.reason
            else ""
        )
        looked_at = ", ".join(f"{name}={self._seen(name, value)}" for name, value in finding.looked_at)
        seen = click.style(f"  ({looked_at})", dim=True) if looked_at else ""
        return f"  {sign} {rule_title(finding.rule, self.language)}{said}{seen}"

    def _seen(self, name: str, value: object) -> str:
        if name == "iys" and value not in REGISTRY_VERDICTS:
            return self._say("yüklü İYS kaydı yok", "no İYS verdict loaded")
        return self._fact(value)

    def _fact(self, value: object) -> str:
        """A fact as people read it: no numbers of people are among the facts, so none can be shown."""
        match value:
            case None | False | "":
                return "–"
            case datetime():
                return moment_in_words(value, self.zone)
            case frozenset() | tuple():
                return "[" + " ".join(sorted(self._fact(one) for one in value)) + "]"
            case Hold():
                return value.reason.value
            case _:
                return str(value)

    def as_json(self) -> dict[str, Any]:
        message, decision = self.it.message, self.it.decision
        return {
            "subject": self.it.subject.ref,
            "verdict": self.verdict(),
            "standing": self.it.standing.state.value,
            "message": None
            if message is None
            else {
                "state": message.state.value,
                "reason": message.reason,
                "because": message.because,
                "code": message.code,
                "due_at": message.due_at,
                "event_seq": message.event_seq,
                "event_hash": message.event_hash,
            },
            "in_segment": self.it.chosen,
            "decision": type(decision).__name__.lower() if decision else None,
            "because": decision.because.value if isinstance(decision, Refuse) and decision.because else None,
            "findings": [
                {
                    "rule": finding.rule.value,
                    "verdict": finding.verdict.value,
                    "reason": finding.reason.value if finding.reason else None,
                    "until": finding.until,
                    "looked_at": {name: self._seen(name, value) for name, value in finding.looked_at},
                }
                for finding in self.it.findings
            ],
            "reason": decision.reason.value if isinstance(decision, Wait | Refuse) else None,
            "until": decision.until if isinstance(decision, Wait) else None,
            "events": [
                {"seq": e.seq, "type": e.type.value, "at": e.occurred_at, "source": e.source} for e in self.it.events
            ],
        }
