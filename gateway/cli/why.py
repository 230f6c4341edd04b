"""`izin why`: the answer to "did it send, to whom, exactly once, and why?"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import click

from consent.policy import Allow, Finding, Refuse, Verdict, Wait
from consent.reasons import Reason, in_words, moment_in_words, rule_title
from gateway.actions.explain_person import Explained, explain_person
from gateway.assembly import House
from gateway.cli.looked_at import EVENTS, PURPOSES, as_data, fact_in_words, limit_in_words
from gateway.cli.somebody import somebody
from gateway.cli.speech import Trouble, as_json, house_command, tell
from gateway.core.campaign import CampaignState
from gateway.core.failure import meaning
from gateway.core.message import State
from gateway.core.wording import Wording
from gateway.storage import campaigns
from gateway.web.wording import CONSENT_STATES, MESSAGE_STATES, reason_words, state_words

OVER = Wording("çıkmaz: kampanya bitti", "none: the campaign is over")
OUTSIDE = Wording("çıkmaz: kişi kampanyanın hedef kitlesinde değil", "none: not in the campaign's segment")
NOT_SCHEDULED = Wording(
    "Kampanya henüz zamanlanmadı; yanıt, başlangıcında başlayacağı varsayılarak verildi.",
    "The campaign is not scheduled yet; this is the answer if it begins at its start.",
)
ALLOWED = Wording(
    "{number}. mesaj; izin veren defter olayı {seq} ({proof}…). Kanıtı: izin ledger proof --message {number}",
    "message {number}, allowed by ledger event {seq} ({proof}…). Its proof: izin ledger proof --message {number}",
)
AGAIN = Wording("Şimdi yeniden sorulsa:", "If it were asked again now:")
NO_CAMPAIGN = Wording(
    "“{name}” adlı bir kampanya yok; `izin campaign status` hepsini gösterir.",
    "There is no campaign called “{name}”; `izin campaign status` lists them.",
)
SIGN_OF = {Verdict.PASSES: "✓", Verdict.WAITS: "…", Verdict.REFUSES: "✗"}
SIGNS = "✓…✗"
"""From the best to the worst."""


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
        subject = somebody(connection, settings, person)
        found = campaigns.by_name(connection, campaign) if campaign else None
        if campaign and found is None:
            raise Trouble(NO_CAMPAIGN.say(settings.language).format(name=campaign), code="campaign")
        explained = explain_person(connection, subject, found, house.policies, house.clock.now())
    words = _Words(explained, settings.language, settings.time_zone)
    tell(words.as_json(), as_json, words.lines())


class _Words:
    def __init__(self, explained: Explained, language: str, zone: str) -> None:
        self.it, self.language, self.zone = explained, language, zone

    @property
    def _campaign(self) -> str:
        """The campaign's state."""
        return self.it.campaign.state if self.it.campaign else ""

    def verdict(self) -> str:
        """One sentence: what became of the message, or what would be decided now."""
        message = self.it.message
        if message is None or (message.state is State.QUEUED and self.it.decision is not None):
            return self._decision()
        state = state_words(MESSAGE_STATES, message.state, self.language)
        if message.code is not None and message.state is State.FAILED:
            return f"{state} ({message.code}): {reason_words(meaning(message.code).name, self.language)}"
        why = self._reason(message.reason or "", message.because or "")
        return f"{state}: {why}" if why else state

    def _reason(self, reason: str, because: str) -> str:
        """`because` is the rule behind an expiry, or else the fact in question, such as a template's value."""
        if reason not in set(Reason):
            return reason_words(reason, self.language)
        cause = Reason(because) if because in set(Reason) else None
        detail = "" if cause else because
        return in_words(Reason(reason), self.language, because=cause, detail=detail, zone=self.zone)

    def _say(self, turkish: str, english: str) -> str:
        return Wording(turkish, english).say(self.language)

    def _decision(self) -> str:
        if self.it.message is None and self._campaign == CampaignState.DONE:
            return OVER.say(self.language)
        if self.it.message is None and not self.it.chosen:
            return OUTSIDE.say(self.language)
        match self.it.decision:
            case Allow():
                return self._say("çıkabilir: hiçbir kural engel değil", "allowed: it may leave now")
            case Wait(until, reason):
                return f"{self._say('bekler', 'waits')}: {in_words(reason, self.language, until=until, zone=self.zone)}"
            case Refuse(reason, because, detail):
                said = in_words(reason, self.language, because=because, detail=detail, zone=self.zone)
                return f"{self._say('çıkmaz', 'refused')}: {said}"
        return self._consent()

    def _consent(self) -> str:
        purpose = PURPOSES.get(self.it.purpose)
        name = purpose.say(self.language) if purpose else self.it.purpose
        said = state_words(CONSENT_STATES, self.it.standing.state, self.language)
        return f"{self._say(f'onay ({name})', f'consent ({name})')}: {said}"

    def lines(self) -> Iterator[str]:
        if self.it.campaign is None:
            yield click.style(self._standing(), bold=True)
        else:
            yield from self._about_campaign()
        for event in self.it.events:
            acted = event.occurred_at.astimezone(ZoneInfo(self.zone))
            what = EVENTS[event.type].say(self.language)
            yield f"  {event.seq:>6}  {acted:%Y-%m-%d %H:%M}  {what}  ({event.source}, {event.method})"
        if self.it.message is not None and self.it.message.state is not State.QUEUED:
            yield f"  {AGAIN.say(self.language)}"
        for _, alike in groupby(sorted(self.it.findings, key=self._order), key=lambda finding: finding.rule):
            yield self._rule(list(alike))

    def _about_campaign(self) -> Iterator[str]:
        yield click.style(self.verdict(), bold=True)
        if self.it.message is None and self._campaign == CampaignState.PLANNED:
            yield f"  {NOT_SCHEDULED.say(self.language)}"
        yield f"  {self._standing()}"
        if self.it.message is not None and self.it.message.event_seq is not None:
            number, seq, proof = self.it.message.id, self.it.message.event_seq, (self.it.message.event_hash or "")[:16]
            yield f"  {ALLOWED.say(self.language).format(number=number, seq=seq, proof=proof)}"

    def _standing(self) -> str:
        since = self.it.standing.since
        if since is None:
            return self._consent()
        moment = moment_in_words(since, self.zone)
        return f"{self._consent()}{self._say(f', {moment} itibarıyla', f' since {moment}')}"

    def _order(self, finding: Finding) -> int:
        """The place of the finding's rule: one that can both refuse and delay is told once."""
        return [one.rule for one in self.it.findings].index(finding.rule)

    def _rule(self, findings: Sequence[Finding]) -> str:
        """One rule: whether it is kept, what it says, and what it looked at."""
        worst = max(findings, key=lambda finding: SIGNS.index(SIGN_OF[finding.verdict]))
        said = f": {in_words(worst.reason, self.language, until=worst.until, zone=self.zone)}" if worst.reason else ""
        facts = dict(fact for finding in findings for fact in finding.looked_at)
        looked_at = [
            fact_in_words(name, value, self._campaign, self.language, self.zone) for name, value in facts.items()
        ]
        if self.it.asked and (limit := limit_in_words(worst.rule, *self.it.asked, self.language, self.zone)):
            looked_at.append(limit)
        seen = click.style(f"  ({'; '.join(looked_at)})", dim=True) if looked_at else ""
        return f"  {SIGN_OF[worst.verdict]} {rule_title(worst.rule, self.language)}{said}{seen}"

    def as_json(self) -> dict[str, Any]:
        message, decision = self.it.message, self.it.decision
        return {
            "subject": self.it.subject.ref,
            "verdict": self.verdict(),
            "purpose": self.it.purpose,
            "standing": self.it.standing.state.value,
            "campaign": self._campaign or None,
            "message": None
            if message is None
            else {
                "id": message.id,
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
                    "looked_at": {name: as_data(value) for name, value in finding.looked_at},
                }
                for finding in self.it.findings
            ],
            "reason": decision.reason.value if isinstance(decision, Wait | Refuse) else None,
            "until": decision.until if isinstance(decision, Wait) else None,
            "events": [
                {"seq": e.seq, "type": e.type.value, "at": e.occurred_at, "source": e.source} for e in self.it.events
            ],
        }
