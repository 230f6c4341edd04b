"""The answer before writing: would this event move the person, and if not, why not, in a sentence.

`verdict` uses the same table as the fold, so what it accepts is what a later fold will show. Refusals of a person are
always accepted, even when they move nothing: they are evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from consent.events import EVERY_PURPOSE, Draft, EventType
from consent.moves import TABLE, Input, Why
from consent.standing import (
    FOR_EVERY_PURPOSE,
    Standing,
    Standings,
    State,
    answer,
    concerns,
    input_of,
    proof_is_complete,
)

CLOCK_SKEW_MAX = timedelta(minutes=5)
"""How far a phone's or a file's clock may run ahead of ours before we stop believing it."""


@dataclass(frozen=True, slots=True)
class Accept:
    """The event may be written, as `record_as`. `state` is where it leads by itself; `changes` whether that is news.

    `refold`: it is older than something known, so the standing must be folded again from all events.
    """

    state: State
    record_as: EventType
    changes: bool
    refold: bool = False
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """The event must not be written. `new_subject`: it may be, under a new random reference (this one is erased)."""

    why: Why
    state: State
    new_subject: bool = False

    def sentence(self, locale: str = "en") -> str:
        return sentence(self.why, locale)


def verdict(standings: Standings, draft: Draft, now: datetime, *, double_opt_in: bool = False) -> Accept | Reject:
    """What the table says to an event that somebody wants to record.

    `double_opt_in`: a person who withdrew and now says START is asked to confirm, instead of being resumed at once.
    """
    one = input_of(draft) if concerns(draft) else None
    refold = not standings.may_advance(draft)
    standing = standings.of(draft.purpose)
    if one is None:
        return Accept(standing.at(now).state, draft.type, changes=False, refold=refold)
    if one in FOR_EVERY_PURPOSE:
        return _refusal(standing.at(draft.occurred_at), draft, one, refold)
    return _beforehand(standings, draft, now) or _consent(
        standing, draft, one, now, refold=refold, double_opt_in=double_opt_in
    )


def keeps_out(standings: Standings, purpose: str, now: datetime) -> Why | None:
    """Why a file's row about this person comes back whatever it proves: who said no, or did not answer, is not let in
    by a file. None where a row may speak, or where an answer is still awaited.
    """
    if standings.suppressed and standings.erased is None:
        return Why.SUPPRESSED
    cell = TABLE[standings.of(purpose).at(now).state][Input.IMPORT]
    return None if cell.moves or cell.why is Why.AWAITS_ANSWER else cell.why


def _refusal(was: Standing, draft: Draft, one: Input, refold: bool) -> Accept | Reject:
    state, cell = answer(was, draft, one)
    if state is not None:
        return Accept(state, draft.type, changes=True, refold=refold)
    why = cell.why or Why.ALREADY_REFUSED
    if one in (Input.CORRECTION, Input.ERASE):
        return Reject(why, was.state)
    return Accept(was.state, draft.type, changes=False, refold=refold, why=why)


def _beforehand(standings: Standings, draft: Draft, now: datetime) -> Reject | None:
    """What forbids any consent, whatever the state."""
    state = standings.of(draft.purpose).at(now).state
    if draft.purpose == EVERY_PURPOSE:
        return Reject(Why.NO_BLANKET_CONSENT, state)
    if draft.occurred_at > now + CLOCK_SKEW_MAX:
        return Reject(Why.IN_THE_FUTURE, state)
    if standings.suppressed and standings.erased is None and not draft.by_the_person:
        return Reject(Why.SUPPRESSED, state)
    return None


def _consent(
    standing: Standing, draft: Draft, one: Input, now: datetime, *, refold: bool, double_opt_in: bool
) -> Accept | Reject:
    # A file speaks of the past but is read today: what has ended meanwhile must not be revived by it.
    was = standing.at(now if one is Input.IMPORT else draft.occurred_at)
    if one is not Input.IMPORT and was.refused and was.since is not None and draft.occurred_at < was.since:
        why = Why.OLDER_THAN_REFUSAL
        return Accept(was.state, draft.type, False, refold, why) if draft.by_the_person else Reject(why, was.state)
    state, cell = answer(was, draft, one)
    if state is not None:
        return _accepted(was, state, draft, one, refold=refold, double_opt_in=double_opt_in)
    why = _why_not(was, draft, one, cell.why or Why.ONLY_THE_PERSON)
    if was.state is State.NONE and one is Input.CONFIRM:
        return Accept(was.state, draft.type, changes=False, refold=refold, why=why)
    return Reject(why, was.state, new_subject=cell.new_subject and draft.by_the_person)


def _accepted(was: Standing, state: State, draft: Draft, one: Input, *, refold: bool, double_opt_in: bool) -> Accept:
    record_as = draft.type
    if one is Input.GRANT and was.granted:
        record_as = EventType.RENEWED
    if one is Input.START and state is State.PENDING:
        record_as = EventType.REQUESTED
    if one is Input.START and was.state is State.REVOKED and double_opt_in:
        record_as, state = EventType.REQUESTED, State.REVOKED
    return Accept(state, record_as, changes=True, refold=refold)


def _why_not(was: Standing, draft: Draft, one: Input, why: Why) -> Why:
    """The reason that helps most, where a cell has several."""
    if one is Input.IMPORT and why in (Why.PROOF_MISSING, Why.PROOF_NOT_NEWER):
        if was.refused:
            return Why.DECLINED
        return why if proof_is_complete(draft) else Why.PROOF_MISSING
    return Why.DECLINED if was.refused and why is Why.ASKED_RECENTLY else why


def sentence(why: Why, locale: str = "en") -> str:
    """The reason in one sentence; Turkish for any `tr` locale, otherwise English."""
    english, turkish = SENTENCES[why]
    return turkish if locale.lower().startswith("tr") else english


SENTENCES: Mapping[Why, tuple[str, str]] = {
    Why.NOT_ASKED: (
        "Nobody had asked this person, so there is nothing to answer.",
        "Bu kişiye soru sorulmamıştı; yanıtlanacak bir istek yok.",
    ),
    Why.ALREADY_ASKED: (
        "This person has been asked and may still answer; nobody is asked twice.",
        "Bu kişiye soruldu, yanıt süresi sürüyor; kimseye iki kez sorulmaz.",
    ),
    Why.TOO_LATE: (
        "The request had already ended; the person can start again with a new one.",
        "İsteğin süresi dolmuştu; kişi yeni bir istekle baştan başlayabilir.",
    ),
    Why.NOTHING_RUNNING: (
        "There is no deadline running that could end.",
        "Sona erecek bir süre yok.",
    ),
    Why.ALREADY_GRANTED: (
        "This person's consent is already in force.",
        "Bu kişinin onayı zaten geçerli.",
    ),
    Why.AWAITS_ANSWER: (
        "This person has been asked to confirm and has not answered yet.",
        "Bu kişiden onay istendi, henüz yanıtlamadı.",
    ),
    Why.DECLINED: (
        "This person has said no; only the person can change that.",
        "Bu kişi hayır dedi; bunu yalnızca kendisi değiştirebilir.",
    ),
    Why.UNANSWERED: (
        "This person was asked and did not answer in time; a file cannot answer instead.",
        "Bu kişiye soruldu ve süresinde yanıt vermedi; onun yerine dosya yanıt veremez.",
    ),
    Why.WITHDRAWN: (
        "This person has withdrawn consent; only the person can give it back.",
        "Bu kişi onayını geri aldı; yalnızca kendisi yeniden verebilir.",
    ),
    Why.ALREADY_REFUSED: (
        "This person had already refused; nothing changes.",
        "Bu kişi zaten reddetmişti; bir şey değişmez.",
    ),
    Why.PROOF_MISSING: (
        "The row lacks proof: source, consent text and the operator's attestation are needed.",
        "Satırın kanıtı eksik: kaynak, onay metni ve işletmenin beyanı gerekir.",
    ),
    Why.PROOF_NOT_NEWER: (
        "The consent ended later than this proof was given; a newer proof is needed.",
        "Onay bu kanıttan sonra sona erdi; daha yeni bir kanıt gerekir.",
    ),
    Why.ON_HOLD: (
        "This person's consent is on hold until somebody has read what the person wrote.",
        "Kişinin yazdığı okunana kadar onayı beklemede.",
    ),
    Why.ONLY_THE_PERSON: (
        "Only the person, or proof on paper or from a call, can give this consent.",
        "Bu onayı yalnızca kişinin kendisi ya da ıslak imzalı veya çağrı kaydıyla kanıtlanan beyanı verebilir.",
    ),
    Why.ASKED_RECENTLY: (
        "This person was asked less than 30 days ago and did not answer.",
        "Bu kişiye 30 günden kısa süre önce soruldu ve yanıt vermedi.",
    ),
    Why.NOTHING_TO_RESUME: (
        "This person never consented here, so there is nothing to resume; tell them how to join.",
        "Bu kişi hiç onay vermemiş, sürdürülecek bir şey yok; nasıl katılacağını bildirin.",
    ),
    Why.NOT_TAKEN_BY_PREFERENCE: (
        "WhatsApp's own switch can only restore what it took itself.",
        "WhatsApp ayarı yalnızca kendi durdurduğunu geri getirebilir.",
    ),
    Why.NOTHING_TO_CORRECT: (
        "The correction does not name the consent that is in force.",
        "Düzeltme, geçerli olan onayı göstermiyor.",
    ),
    Why.ERASED: (
        "This person's data was erased; the person can only begin anew, under a new reference.",
        "Bu kişinin verisi silindi; kişi ancak yeni bir kayıtla baştan başlayabilir.",
    ),
    Why.OLDER_THAN_REFUSAL: (
        "This consent is older than the person's refusal; it is recorded and changes nothing.",
        "Bu onay kişinin reddinden eski; kaydedilir, bir şeyi değiştirmez.",
    ),
    Why.IN_THE_FUTURE: (
        "The moment of this consent lies in the future; check the date.",
        "Onayın tarihi gelecekte; tarihi denetleyin.",
    ),
    Why.SUPPRESSED: (
        "This person asked for no messages at all; no file or operator can change that.",
        "Bu kişi hiçbir ileti istemedi; bunu dosya ya da çalışan değiştiremez.",
    ),
    Why.NO_BLANKET_CONSENT: (
        "A consent names one purpose; there is none for everything.",
        "Onay tek bir amaç içindir; her şey için verilmiş onay olmaz.",
    ),
}
