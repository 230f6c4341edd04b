"""The order in which a message is read: code, keyword, brand and keyword, sentence that is a keyword, phrase."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from consent.replies.additions import Additions
from consent.replies.adverts import is_advert
from consent.replies.brands import brand_stop
from consent.replies.codes import code_in
from consent.replies.concepts import Concept
from consent.replies.doubt import Company
from consent.replies.grammar import Outcome
from consent.replies.hearing import Hit, hear
from consent.replies.ideas import ideas_of
from consent.replies.normalise import Break, Words
from consent.replies.phrasebook import library
from consent.replies.reading import NOTHING, Certainty, Kind, Reading, Scope
from consent.replies.spelling import meant_by
from consent.replies.vocabulary import ANY_LANGUAGE, Role, shipped
from consent.replies.whole import Whole, whole_message

KINDS = {
    Role.STOP: Kind.STOP,
    Role.STOP_ALONE: Kind.STOP,
    Role.STOP_ALL: Kind.STOP,
    Role.STOP_LIKELY: Kind.STOP,
    Role.STOP_REFUSAL: Kind.STOP,
    Role.START: Kind.START,
    Role.HELP: Kind.HELP,
    Role.CONFIRM: Kind.CONFIRM,
    Role.DECLINE: Kind.DECLINE,
}
_ALWAYS = frozenset(KINDS) - {Role.CONFIRM, Role.DECLINE}
_UNSURE = frozenset({Role.STOP_LIKELY, Role.STOP_REFUSAL})
_ALONE = frozenset({Role.STOP_ALONE, Role.STOP_ALL})
_OUTCOMES = (Outcome.STOP_ALL, Outcome.STOP, Outcome.MAYBE, Outcome.START, Outcome.HELP)
_OUTCOME_KINDS = {
    Outcome.STOP_ALL: Kind.STOP,
    Outcome.STOP: Kind.STOP,
    Outcome.MAYBE: Kind.STOP,
    Outcome.START: Kind.START,
    Outcome.HELP: Kind.HELP,
}
_REFUSALS = Concept.NEG | Concept.NONE | Concept.DONTWANT | Concept.FED | Concept.REPORT | Concept.MSG
_CONTEXT = _REFUSALS | Concept.LIST | Concept.CONSENT
_STOP_SIGNS = frozenset("🛑🚫⛔✋🔕📵")
_EMOJI_JOINERS = frozenset("\ufe0e\ufe0f\u200d🏻🏼🏽🏾🏿")
HELP_WORDS_MAX = 20  # in a longer message "who is this" is rarely a question to us


@dataclass(frozen=True, slots=True)
class Listener:
    """What this business adds: its names, its own words, and whether this person has a confirmation to give."""

    aliases: frozenset[str]
    additions: Additions
    pending: bool


def _only_declines(whole: Whole, words: tuple[str, ...]) -> bool:
    """Whether "I do not want" stands beside thanks or a no: it may answer an offer."""
    refuses = any(ideas_of(word).get(whole.language, 0) & Concept.DONTWANT for word in whole.words)
    return refuses and not shipped().answers.isdisjoint(words)


def _of_whole(whole: Whole, is_guess: bool) -> Reading:
    unsure = is_guess or whole.role in _UNSURE
    return Reading(
        KINDS[whole.role],
        Certainty.LIKELY if unsure else Certainty.CERTAIN,
        f"{whole.language}.keyword.{'-'.join(whole.words)}/1",
        Scope.EVERYTHING if whole.role is Role.STOP_ALL else Scope.MARKETING,
    )


def _of_hit(hit: Hit, guesses: frozenset[int]) -> Reading:
    guessed = not guesses.isdisjoint(range(hit.start, hit.end))
    return Reading(
        _OUTCOME_KINDS[hit.outcome],
        Certainty.LIKELY if guessed else hit.certainty,
        hit.rule,
        Scope.EVERYTHING if hit.outcome is Outcome.STOP_ALL else Scope.MARKETING,
    )


def _stretches(breaks: tuple[Break, ...], strength: Break) -> Iterator[tuple[int, int]]:
    start = 0
    for place in range(1, len(breaks) + 1):
        if place == len(breaks) or breaks[place] >= strength:
            yield start, place
            start = place


def _is_passing(whole: Whole, words: tuple[str, ...], invited: bool) -> bool:
    """Whether "do not call" is only a refusal for the moment or of one channel.

    "Now" beside it says so, and so does an invitation in the same message; beside "stop" neither takes anything back.
    """
    refuses = any(ideas_of(word).get(whole.language, 0) & (Concept.SEND | Concept.DONTSEND) for word in whole.words)
    return refuses and (invited or any(ideas_of(word).get(whole.language, 0) & Concept.TIME for word in words))


def _own_line(words: tuple[str, ...], breaks: tuple[Break, ...]) -> Reading | None:
    """A line of its own that is a keyword, beside an advertisement that was sent back."""
    for start, end in _stretches(breaks, Break.LINE):
        if whole := whole_message(words[start:end], shipped(), (), _ALONE | {Role.STOP}):
            return _of_whole(whole, False)
    return None


def _has_refusal(words: tuple[str, ...], wanted: int = _REFUSALS) -> bool:
    """Whether anything in the message refuses or complains, in any language."""
    return any(mask & wanted for word in words for mask in ideas_of(word).values())


def _names_goods(rest: tuple[str, ...], language: str) -> bool:
    return any(idea.get(language, idea.get(ANY_LANGUAGE, 0)) & Concept.OBJECT for idea in map(ideas_of, rest))


def _refuses(rest: tuple[str, ...], language: str) -> bool:
    """Whether what stands beside a keyword refuses or complains too, and is about nothing that is bought or booked."""
    return _has_refusal(rest) and not _names_goods(rest, language)


def _asks_about_goods(message: Words, rest: tuple[str, ...], language: str) -> bool:
    """Whether a keyword only interrupts a question about goods, as in "Stop! Is that colour left?" it does."""
    return bool(message.questions) and not _has_refusal(rest) and _names_goods(rest, language)


def _alone(message: Words, words: tuple[str, ...], invited: bool) -> Reading | None:
    """A sentence that is a keyword: certain where the rest refuses or complains too, else likely.

    Between commas it is only likely, and a weaker word counts only at the end. "Stop, you're killing me lol" is none.
    """
    if library().laughter.is_in(message.raw, words):
        return None
    breaks = message.breaks
    sentences = list(_stretches(breaks, Break.SENTENCE))
    if len(sentences) > 1:
        for start, end in sentences:
            whole = whole_message(words[start:end], shipped(), (), _ALONE)
            if whole is None or _is_passing(whole, words, invited):
                continue
            rest = words[:start] + words[end:]
            if _asks_about_goods(message, rest, whole.language):
                return None
            return _of_whole(whole, is_guess=bool(message.questions) or not _refuses(rest, whole.language))
        start, end = sentences[-1]
        if whole := whole_message(words[start:end], shipped(), (), _ALONE | {Role.STOP}):
            return replace(_of_whole(whole, False), certainty=Certainty.LIKELY)
    if message.questions and not _has_refusal(words):
        return None
    parts = list(_stretches(breaks, Break.COMMA))
    for start, end in parts:
        wanted = _ALONE | {Role.STOP} if end == len(words) and _has_refusal(words, _CONTEXT) else _ALONE
        whole = whole_message(words[start:end], shipped(), (), wanted)
        if whole and not _is_passing(whole, words, invited):
            return replace(_of_whole(whole, False), certainty=Certainty.LIKELY)
    return None


def _best(hits: list[Hit], guesses: frozenset[int], length: int) -> Reading | None:
    outcomes = _OUTCOMES[:-1] if length > HELP_WORDS_MAX else _OUTCOMES
    useful = [hit for hit in hits if hit.outcome in outcomes]
    readings = [(_OUTCOMES.index(hit.outcome), _of_hit(hit, guesses)) for hit in useful]
    stops = [pair for pair in readings if pair[1].kind is Kind.STOP]
    ranked = sorted(stops or readings, key=lambda pair: (pair[1].certainty is Certainty.LIKELY, pair[0]))
    return ranked[0][1] if ranked else None


def _weighed(hits: list[Hit], company: Company) -> Iterator[Hit]:
    """The hits that what stands around them leaves in force, the doubtful ones marked as likely."""
    for hit in hits:
        if _OUTCOME_KINDS.get(hit.outcome) is not Kind.STOP:
            yield hit
        elif not company.makes_void(hit):
            is_doubtful = hit.certainty is Certainty.CERTAIN and company.makes_doubtful(hit)
            yield replace(hit, certainty=Certainty.LIKELY) if is_doubtful else hit


def _from_phrases(message: Words, words: tuple[str, ...], guesses: frozenset[int]) -> Reading | None:
    if is_advert(message, words):
        return _own_line(words, message.breaks)
    hits = hear(words, message.breaks)
    company = Company(message, words, hits)
    heard = _best(list(_weighed(hits, company)), guesses, len(words))
    if heard and heard.kind is Kind.STOP and heard.certainty is Certainty.CERTAIN:
        return heard
    invited = any(hit.outcome is Outcome.CONTACT for hit in hits)
    return _alone(message, words, invited) or heard


def _surer(doubtful: Reading, message: Words, words: tuple[str, ...], guesses: frozenset[int]) -> Reading:
    """A keyword that is only likely to mean stop yields to a phrase that certainly does: "sms almak istemiyorum"."""
    phrase = _from_phrases(message, words, guesses)
    is_surer = phrase and phrase.kind is Kind.STOP and phrase.certainty is Certainty.CERTAIN
    return phrase if phrase and is_surer else doubtful


def _stop_sign(raw: str) -> Reading | None:
    """A message of nothing but stop signs."""
    signs = {char for char in raw if not char.isspace() and char not in _EMOJI_JOINERS}
    return Reading(Kind.STOP, Certainty.LIKELY, "any.emoji/1") if signs and signs <= _STOP_SIGNS else None


def _from_keywords(
    message: Words, words: tuple[str, ...], guesses: frozenset[int], listener: Listener
) -> Reading | None:
    wanted = frozenset(KINDS) if listener.pending else _ALWAYS
    whole = whole_message(words, shipped(), listener.aliases, wanted)
    if whole and not _is_passing(whole, words, invited=False):
        reading = _of_whole(whole, bool(guesses) or _only_declines(whole, words))
        return _surer(reading, message, words, guesses) if whole.role in _UNSURE else reading
    if own := listener.additions.find(words):
        return own
    return brand_stop(message, words, listener.aliases) or _stop_sign(message.raw)


def read_words(message: Words, listener: Listener) -> Reading:
    """What a normalised message means."""
    meant = [meant_by(word) if word not in listener.aliases else (word, False) for word in message.words]
    words = tuple(word for word, _ in meant)
    guesses = frozenset(place for place, (_, is_guess) in enumerate(meant) if is_guess)
    reading = (
        _from_keywords(message, words, guesses, listener)
        or _from_phrases(message, words, guesses)
        or listener.additions.find_within(words)
        or NOTHING
    )
    if reading.kind is not Kind.STOP and (code := code_in(message.raw)):
        return Reading(Kind.CONFIRM, Certainty.CERTAIN, "any.code/1", code=code)
    if message.is_all_quoted and reading.kind is Kind.STOP:
        return replace(reading, certainty=Certainty.LIKELY)
    return reading
