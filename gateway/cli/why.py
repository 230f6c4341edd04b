"""`izin why`: the answer to "did it send, to whom, exactly once, and why?"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import click

from consent.policy import Allow, Refuse, Verdict, Wait
from consent.reasons import Reason, in_words
from gateway.actions.explain_person import Explained, explain_person, find_person
from gateway.assembly import House
from gateway.cli.speech import Trouble, as_json, house_command, tell
from gateway.core.failure import meaning
from gateway.storage import campaigns


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
        known = message.reason in set(Reason)
        why = f": {self._reason(message.reason or '')}" if known else ""
        return f"{message.state.value}{why}"

    def _reason(self, reason: str) -> str:
        because = self.it.message.because if self.it.message else None
        cause = Reason(because) if because in set(Reason) else None
        return in_words(Reason(reason), self.language, because=cause, zone=self.zone)

    def _decision(self) -> str:
        match self.it.decision:
            case Allow():
                return "allowed: it may leave now"
            case Wait(until, reason):
                return f"waits: {in_words(reason, self.language, until=until, zone=self.zone)}"
            case Refuse(reason, because, detail):
                return f"refused: {in_words(reason, self.language, because=because, detail=detail, zone=self.zone)}"
        return "no message of this campaign was planned for this person"

    def lines(self) -> Iterator[str]:
        yield click.style(self.verdict(), bold=True)
        standing = self.it.standing
        since = f" since {standing.since.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M}" if standing.since else ""
        yield f"  consent: {standing.state.value}{since}"
        if self.it.message is not None and self.it.message.event_seq is not None:
            yield f"  allowed by ledger event {self.it.message.event_seq} ({(self.it.message.event_hash or '')[:16]}…)"
        for event in self.it.events:
            acted = event.occurred_at.astimezone(ZoneInfo(self.zone))
            yield f"  {event.seq:>6}  {acted:%Y-%m-%d %H:%M}  {event.type.value:<18} {event.source} {event.method}"
        for finding in self.it.findings:
            if finding.verdict is not Verdict.PASSES and finding.reason is not None:
                said = in_words(finding.reason, self.language, until=finding.until, zone=self.zone)
                yield f"  · {finding.rule}: {said}"

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
            "decision": type(decision).__name__.lower() if decision else None,
            "reason": decision.reason.value if isinstance(decision, Wait | Refuse) else None,
            "until": decision.until if isinstance(decision, Wait) else None,
            "events": [
                {"seq": e.seq, "type": e.type.value, "at": e.occurred_at, "source": e.source} for e in self.it.events
            ],
        }
