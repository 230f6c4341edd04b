"""`izin numbers`: the numbers that send, at which pace, who sends for them, and what holds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from gateway.actions.look_at_numbers import NumberState, look_at_numbers
from gateway.assembly import House
from gateway.cli.holds import (
    THERE_ARE,
    for_option,
    hold_as_json,
    hold_by_hand,
    hold_lines,
    lift_by_hand,
    reason_option,
)
from gateway.cli.speech import Trouble, as_json, moment, table, tell, the_house
from gateway.core.failure import Scope
from gateway.core.wording import Wording
from gateway.storage.failure_counts import FailureCount
from gateway.web.wording import reason_words

NOT_OWNED = Wording(
    "bu numaradan kimse göndermiyor: `izin work` çalışıyor mu?", "nobody sends for it: is `izin work` running?"
)
NONE_YET = Wording(
    "Henüz numara bilinmiyor; `izin work` Meta'dan getirir.", "No number is known yet; a worker fetches them from Meta."
)
HEADINGS = Wording(
    "kimlik\tnumara\tkalite\ten çok/sn\thız/sn\t24 saatte kişi\tgönderen",
    "id\tnumber\tquality\tceiling/s\tpace/s\tpeople in 24 h\tsent by",
)
LAST_ERROR = Wording("{number} numarasının son hatası: {failure}", "last error of {number}: {failure}")
FAILURE = Wording("{code}, {at}, şimdiye dek {count} kez: {words}", "{code} at {at}, {count} so far: {words}")
HELD = Wording("durdurulmuş", "held")
UNLIMITED = Wording("sınırsız", "unlimited")
PEOPLE = Wording("{limit} kişiden {reached}, kalan {left}", "{reached} of {limit}, {left} left")
DETAILS = {
    "quality": Wording("kalite", "quality"),
    "ceiling": Wording("en çok", "ceiling"),
    "pace": Wording("şimdiki hız", "pace now"),
    "owner": Wording("gönderen", "sent by"),
    "last_owner": Wording("son gönderen", "last sent by"),
    "accepted": Wording("Meta'nın aldığı", "accepted by Meta"),
    "people": Wording("24 saatte kişi", "people in 24 h"),
}
PACE = Wording("saniyede {rate:.1f}, hedef {aim:.1f}", "{rate:.1f} a second of {aim:.1f} aimed at")
A_SECOND = Wording("saniyede {rate}", "{rate} a second")
STOPPED = Wording("durmuş bir gönderici", "a worker that has stopped")
SEEN = Wording("{owner}, son haber {at}", "{owner}, seen {at}")
ALTOGETHER = Wording("{people} (bütün numaralar birlikte)", "{people} (all numbers together)")
REFUSED = Wording("Meta'nın geri çevirdikleri:", "refused by Meta:")
REFUSALS = Wording("kaç kez\tkod\tson\tanlamı", "times\tcode\tlast\twhat it means")
UNKNOWN = Wording("“{number}” diye bir numara yok.", "There is no number “{number}”.")


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def numbers(context: click.Context, as_json: bool) -> None:
    """The sending numbers: ceiling and pace, quality, owner, holds, daily limit, last error.

    \b
    Example:  izin numbers
    """
    if context.invoked_subcommand is None:
        with the_house() as house:
            found = _everything(house)
            lines = [*_overview(house, found)] or [NONE_YET.say(house.settings.language)]
            tell({"numbers": [_as_json(house, state) for state in found]}, as_json, lines)


def _everything(house: House) -> list[NumberState]:
    with house.database.read() as connection:
        return look_at_numbers(connection, house.clock.now())


def _overview(house: House, found: list[NumberState]) -> Iterator[str]:
    language = house.settings.language
    if found:
        yield from table([_row(state, language) for state in found], HEADINGS.say(language).split("\t"))
    seen = {hold: None for state in found for hold in state.holds}
    if seen:
        yield ""
        yield from hold_lines(list(seen), house)
    for state in found:
        if state.failures:
            yield ""
            failure = _failure_in_words(house, state.failures[0])
            yield LAST_ERROR.say(language).format(number=state.number.id, failure=failure)


def _row(state: NumberState, language: str) -> tuple[object, ...]:
    number = state.number
    return (
        number.id,
        number.display or "–",
        number.quality,
        number.throughput,
        HELD.say(language) if state.holds else "–" if state.rate is None else f"{state.rate:.1f}",
        _people(state, language),
        state.sending.owner if state.is_owned and state.sending else NOT_OWNED.say(language),
    )


def _people(state: NumberState, language: str) -> str:
    limit = state.number.people_per_day
    if limit is None:
        return UNLIMITED.say(language)
    return PEOPLE.say(language).format(reached=state.reached, limit=limit, left=state.people_left)


def _failure_in_words(house: House, failure: FailureCount) -> str:
    words = reason_words(failure.name, house.settings.language)
    at = moment(house, failure.last_at)
    return FAILURE.say(house.settings.language).format(code=failure.code, at=at, count=failure.count, words=words)


def _as_json(house: House, state: NumberState) -> dict[str, Any]:
    number, sending = state.number, state.sending
    return {
        "id": number.id,
        "display": number.display,
        "quality": number.quality,
        "ceiling": number.throughput,
        "aim": round(state.aim, 3),
        "pace": None if state.rate is None else round(state.rate, 3),
        "owner": sending.owner if sending and state.is_owned else None,
        "owner_since": sending.since if sending and state.is_owned else None,
        "seen_at": sending.seen_at if sending else None,
        "accepted": sending.accepted if sending else 0,
        "holds": [hold_as_json(hold, house) for hold in state.holds],
        "people_per_day": number.people_per_day,
        "people_reached": state.reached if number.people_per_day is not None else None,
        "people_left": state.people_left,
        "failures": [_failure_as_json(house, failure) for failure in state.failures],
    }


def _failure_as_json(house: House, failure: FailureCount) -> dict[str, Any]:
    words = reason_words(failure.name, house.settings.language)
    return {
        "code": failure.code,
        "name": failure.name,
        "words": words,
        "count": failure.count,
        "last_at": failure.last_at,
    }


@numbers.command()
@click.argument("number", metavar="ID")
@as_json
def show(number: str, as_json: bool) -> None:
    """Everything about one number, with how often Meta refused its messages and why.

    \b
    Example:  izin numbers show 106540352242922
    """
    with the_house() as house:
        found = {state.number.id: state for state in _everything(house)}
        if number not in found:
            language = house.settings.language
            known = THERE_ARE.say(language).format(every=", ".join(found)) if found else ""
            raise Trouble(UNKNOWN.say(language).format(number=number) + known, code="unknown_number")
        tell(_as_json(house, found[number]), as_json, _details(house, found[number]))


def _details(house: House, state: NumberState) -> Iterator[str]:
    sending, owned = state.sending, state.is_owned
    language = house.settings.language
    pace = NOT_OWNED.say(language)
    if state.rate is not None:
        pace = PACE.say(language).format(rate=state.rate, aim=state.aim)
    last = "–"
    if sending:
        owner = sending.owner or STOPPED.say(language)
        last = SEEN.say(language).format(owner=owner, at=moment(house, sending.seen_at))
    yield click.style(f"{state.number.id}  {state.number.display or ''}", bold=True)
    yield from table(
        [
            (DETAILS["quality"].say(language), state.number.quality),
            (DETAILS["ceiling"].say(language), A_SECOND.say(language).format(rate=state.number.throughput)),
            (DETAILS["pace"].say(language), pace),
            (DETAILS["owner" if owned else "last_owner"].say(language), last),
            (DETAILS["accepted"].say(language), sending.accepted if sending else 0),
            (DETAILS["people"].say(language), ALTOGETHER.say(language).format(people=_people(state, language))),
        ]
    )
    yield from hold_lines(state.holds, house)
    if state.failures:
        rows = [(f.count, f.code, moment(house, f.last_at), reason_words(f.name, language)) for f in state.failures]
        yield REFUSED.say(language)
        yield from table(rows, REFUSALS.say(language).split("\t"))


@numbers.command()
@click.argument("number", metavar="ID")
@reason_option
@for_option
@as_json
def hold(number: str, why: str, span: timedelta | None, as_json: bool) -> None:
    """Let one number send nothing, answers included; `izin holds set` does it for more.

    \b
    Example:  izin numbers hold 106540352242922 --reason "many people block us" --for 1d
    """
    with the_house() as house:
        hold_by_hand(house, Scope.NUMBER, number, why, span, as_json)


@numbers.command()
@click.argument("number", metavar="ID")
@reason_option
@as_json
def lift(number: str, why: str, as_json: bool) -> None:
    """Let a held number send again. A hold of the whole account has `izin holds lift account`.

    \b
    Example:  izin numbers lift 106540352242922 --reason "Meta lifted the restriction"
    """
    with the_house() as house:
        lift_by_hand(house, Scope.NUMBER, number, why, as_json)
