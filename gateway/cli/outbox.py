"""`izin outbox`: messages that wait, why and until when; and those of which nobody knows what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import click

from consent.address import Address
from gateway.actions.hold_sending import Decided
from gateway.actions.look_at_outbox import Queue, look_at_outbox
from gateway.actions.settle_unsure import Refused, Verdict, settle_unsure
from gateway.assembly import House
from gateway.cli.holds import hold_as_json, hold_lines, reason_option
from gateway.cli.speech import Trouble, as_json, moment, operator, table, tell, the_house
from gateway.core.campaign import OnUnsure, restored
from gateway.core.contact import mask
from gateway.core.spans import write_span
from gateway.core.wording import Wording
from gateway.storage import campaigns, recipients, unsure
from gateway.storage.campaigns import Campaign
from gateway.storage.unsure import UnsureMessage
from gateway.web.wording import CAMPAIGN_STATES, MESSAGE_STATES, reason_words, state_words

LISTED = 50
STOPS: Mapping[str, Wording] = {
    "campaign_paused": Wording("kampanya duraklatılmış", "the campaign is paused (izin campaign resume)"),
    "not_started": Wording("kampanya başlamadı", "the campaign has not started"),
    "nobody_sends": Wording(
        "bu numaradan kimse göndermiyor (izin work)", "nobody sends for this number (is izin work running?)"
    ),
    "daily_limit": Wording(
        "Meta'nın günlük kişi sınırına ulaşıldı", "Meta's limit on people in 24 hours is used up (izin numbers)"
    ),
}
PROBLEMS: Mapping[Refused, Wording] = {
    Refused.NOT_UNSURE: Wording(
        "{id}. mesajın sonucu belirsiz değil (artık); `izin outbox unsure` belirsizleri gösterir.",
        "Message {id} is not of unknown outcome (any more); `izin outbox unsure` lists those that are.",
    ),
    Refused.TOO_EARLY: Wording(
        "{id}. mesaj için hâlâ bir alındı gelebilir: IZIN_UNSURE_AFTER süresini bekleyin.",
        "A receipt may still come for message {id}: wait until IZIN_UNSURE_AFTER has passed.",
    ),
    Refused.TOO_LATE: Wording(
        "{id}. mesaj yeniden çıkamaz: süresi doldu ya da kampanyası bitti. Olduğu gibi kalır.",
        "Message {id} cannot go again: it has expired, or its campaign has ended. It stays as it is.",
    ),
}
NOTHING_WAITS = Wording("Bekleyen yok.", "Nothing waits.")
UNKNOWN = Wording(
    "Sonucu belirsiz: {open}; vazgeçilen: {ended}. Ayrıntısı: izin outbox unsure --all",
    "Of unknown outcome: {open}, and {ended} given up; see izin outbox unsure --all.",
)
ANSWERS = Wording("Yanıtlar ve onay soruları", "Answers and confirmations")
QUEUE = Wording("{name}, gönderen numara {number}", "{name}, number {number}")
HEADINGS = Wording("mesaj\tdurum\tneden\ten eskisi", "messages\tstate\twhy\toldest since")
DUE = Wording(
    "  {count} mesaj şimdi çıkabilir; ilki {at} anından beri", "  {count} may leave now, the first since {at}"
)
DUE_BUT = Wording(
    "  {count} mesajın zamanı geldi, ilki {at} anından beri; bekletenler:",
    "  {count} are due, the first since {at}; what keeps them:",
)
MORE = Wording("  {count} mesaj daha {at} anından sonra", "  {count} more from {at}")
LATER = Wording("  {count} mesaj daha sonra", "  {count} later")
UNSURE_HEADINGS = Wording("no\tsüre\tkişi\tkampanya\tsonra\tneden", "id\tfor\tperson\tcampaign\tthen\twhy")
NONE_UNSURE = Wording("Sonucu belirsiz mesaj yok.", "No message is of unknown outcome.")
SETTLED = {
    Verdict.SENT: Wording("✓ {id}. mesaj gönderilmiş sayılır.", "✓ Message {id} counts as sent."),
    Verdict.NOT_SENT: Wording("✓ {id}. mesaj yeniden sırada.", "✓ Message {id} is in the queue again."),
}


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def outbox(context: click.Context, as_json: bool) -> None:
    """Messages that wait, by campaign and number: why, since when, and when the next may go.

    \b
    Example:  izin outbox
    """
    if context.invoked_subcommand is not None:
        return
    with the_house() as house:
        with house.database.read() as connection:
            queues = look_at_outbox(connection, house.clock.now())
            unknown = unsure.counts(connection)
        open_ones, ended = (sum(u.count for u in unknown if u.ended is so) for so in (False, True))
        answer = {"queues": [_as_json(house, q) for q in queues], "unsure": {"open": open_ones, "ended": ended}}
        lines = [line for queue in queues for line in _lines(house, queue)] or [
            NOTHING_WAITS.say(house.settings.language)
        ]
        if open_ones or ended:
            lines.append(UNKNOWN.say(house.settings.language).format(open=open_ones, ended=ended))
        tell(answer, as_json, lines)


def _as_json(house: House, queue: Queue) -> dict[str, Any]:
    language = house.settings.language
    waiting = [
        {
            "state": w.state,
            "reason": w.reason,
            "words": reason_words(w.reason, language),
            "count": w.count,
            "oldest_at": w.oldest_at,
        }
        for w in queue.waiting
    ]
    return {
        "campaign": queue.campaign.name if queue.campaign else None,
        "campaign_state": queue.campaign.state if queue.campaign else None,
        "number": queue.number_id,
        "waiting": waiting,
        "due": queue.due,
        "oldest_due": queue.oldest_due,
        "next": [{"at": at, "count": count} for at, count in queue.next_moments],
        "stops": list(queue.stops),
        "holds": [hold_as_json(hold, house) for hold in queue.holds],
    }


def _lines(house: House, queue: Queue) -> Iterator[str]:
    language = house.settings.language
    name = ANSWERS.say(language)
    if queue.campaign:
        name = f"“{queue.campaign.name}” ({state_words(CAMPAIGN_STATES, queue.campaign.state, language)})"
    yield click.style(QUEUE.say(language).format(name=name, number=queue.number_id), bold=True)
    rows = [
        (w.count, state_words(MESSAGE_STATES, w.state, language), reason_words(w.reason, language) or "–",
         moment(house, w.oldest_at))
        for w in queue.waiting
    ]  # fmt: skip
    yield from table(rows, HEADINGS.say(language).split("\t"))
    if queue.due and queue.oldest_due:
        due = DUE_BUT if queue.stops or queue.holds else DUE
        yield due.say(language).format(count=queue.due, at=moment(house, queue.oldest_due))
    for stop in queue.stops:
        yield f"  ! {STOPS[stop].say(language)}"
    names = {str(queue.campaign.id): queue.campaign.name} if queue.campaign else {}
    for line in hold_lines(queue.holds, house, names):
        yield f"  ! {line}"
    for at, count in queue.next_moments:
        yield MORE.say(language).format(count=count, at=moment(house, at))
    if later := queue.later:
        yield LATER.say(language).format(count=later)
    yield ""


@outbox.command(name="unsure")
@click.option("--all", "with_ended", is_flag=True, help="Those that were given up as well.")
@click.option("--limit", default=LISTED, show_default=True, type=click.IntRange(1, 10_000))
@as_json
def unsure_command(with_ended: bool, limit: int, as_json: bool) -> None:
    """Messages of which nobody knows whether Meta has them, the oldest first, and what will become of them.

    A receipt settles them; after IZIN_UNSURE_AFTER the campaign's policy does. People are masked.

    \b
    Example:  izin outbox unsure --all
    """
    with the_house() as house:
        with house.database.read() as connection:
            found = unsure.everything(connection, limit, with_ended=with_ended)
            known = campaigns.by_ids(connection, sorted({m.campaign_id for m in found if m.campaign_id is not None}))
            addresses = recipients.addresses(connection, sorted({m.subject_id for m in found}))
        shown = [_unsure_as_json(house, m, known.get(m.campaign_id or 0), addresses) for m in found]
        rows = [
            (s["id"], write_span(timedelta(seconds=s["age_seconds"])), s["person"], s["campaign"] or "–", s["policy"],
             s["words"])
            for s in shown
        ]  # fmt: skip
        language = house.settings.language
        heading = UNSURE_HEADINGS.say(language).split("\t")
        tell({"unsure": shown}, as_json, table(rows, heading) if rows else [NONE_UNSURE.say(language)])


def _unsure_as_json(
    house: House, m: UnsureMessage, campaign: Campaign | None, addresses: Mapping[int, Address]
) -> dict[str, Any]:
    address = addresses.get(m.subject_id)
    return {
        "id": m.id,
        "campaign": campaign.name if campaign else None,
        "number": m.number_id,
        "person": mask(address) if address else None,
        "since": m.claimed_at,
        "age_seconds": int((house.clock.now() - m.claimed_at).total_seconds()),
        "attempts": m.attempts,
        "policy": policy_of(m, campaign),
        "ended_at": m.ended_at,
        "decided_at": m.claimed_at + house.settings.unsure_after,
        "reason": m.reason,
        "words": reason_words(m.reason, house.settings.language),
    }


def policy_of(m: UnsureMessage, campaign: Campaign | None) -> str:
    """What ends it when no receipt comes."""
    if m.ended_at is not None:
        return "given_up"
    twice = campaign is not None and restored(campaign.plan).on_unsure is OnUnsure.AT_LEAST_ONCE
    return (OnUnsure.AT_LEAST_ONCE if twice and m.purpose == "utility" else OnUnsure.NEVER_TWICE).value


@outbox.command()
@click.argument("message", metavar="ID", type=int)
@click.argument("verdict", type=click.Choice([v.value for v in Verdict]))
@reason_option
@as_json
def settle(message: int, verdict: str, why: str, as_json: bool) -> None:
    """Say what became of message ID: `sent`, or `not-sent`, which lets it go again.

    `not-sent` puts it back into the queue, where consent, caps and hours are looked at anew. Say so only when you know:
    a person who has it after all gets it twice. A receipt that comes later still counts.

    \b
    Example:  izin outbox settle 4711 sent --reason "the customer showed it to us"
    """
    with the_house() as house:
        decided = Decided(who=operator(), why=why, at=house.clock.now())
        with house.database.write() as connection:
            refused = settle_unsure(connection, message, Verdict(verdict), house.settings.unsure_after, decided)
    if refused is not None:
        raise Trouble(PROBLEMS[refused].say(house.settings.language).format(id=message), code=refused.value)
    told = SETTLED[Verdict(verdict)].say(house.settings.language).format(id=message)
    tell({"settled": {"id": message, "as": verdict}}, as_json, [told])
