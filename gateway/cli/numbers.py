"""`izin numbers`: the numbers that send, at which pace, who sends for them, and what holds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from gateway.actions.look_at_numbers import NumberState, look_at_numbers
from gateway.assembly import House
from gateway.cli.holds import (
    for_option,
    hold_as_json,
    hold_by_hand,
    hold_lines,
    lift_by_hand,
    moment,
    reason_option,
)
from gateway.cli.speech import Trouble, as_json, table, tell, the_house
from gateway.core.failure import Scope
from gateway.storage.failure_counts import FailureCount
from gateway.web.wording import reason_words

NOT_OWNED = "nobody sends for it: is `izin work` running?"


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
            lines = [*_overview(house, found)] or ["No number is known yet; a worker fetches them from Meta."]
            tell({"numbers": [_as_json(house, state) for state in found]}, as_json, lines)


def _everything(house: House) -> list[NumberState]:
    with house.database.read() as connection:
        return look_at_numbers(connection, house.clock.now())


def _overview(house: House, found: list[NumberState]) -> Iterator[str]:
    heading = ("id", "number", "quality", "ceiling/s", "pace/s", "people in 24 h", "sent by")
    if found:
        yield from table([_row(state) for state in found], heading)
    seen = {hold: None for state in found for hold in state.holds}
    if seen:
        yield ""
        yield from hold_lines(list(seen), house)
    for state in found:
        if state.failures:
            yield ""
            yield f"last error of {state.number.id}: {_failure_in_words(house, state.failures[0])}"


def _row(state: NumberState) -> tuple[object, ...]:
    number = state.number
    return (
        number.id,
        number.display or "–",
        number.quality,
        number.throughput,
        "held" if state.holds else "–" if state.rate is None else f"{state.rate:.1f}",
        _people(state),
        state.sending.owner if state.is_owned and state.sending else NOT_OWNED,
    )


def _people(state: NumberState) -> str:
    limit = state.number.people_per_day
    return "unlimited" if limit is None else f"{state.reached} of {limit}, {state.people_left} left"


def _failure_in_words(house: House, failure: FailureCount) -> str:
    words = reason_words(failure.name, house.settings.language)
    return f"{failure.code} at {moment(house, failure.last_at)}, {failure.count} so far: {words}"


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
            known = f" There are: {', '.join(found)}." if found else ""
            raise Trouble(f"There is no number “{number}”.{known}", code="unknown_number")
        tell(_as_json(house, found[number]), as_json, _details(house, found[number]))


def _details(house: House, state: NumberState) -> Iterator[str]:
    sending, owned = state.sending, state.is_owned
    pace = NOT_OWNED if state.rate is None else f"{state.rate:.1f} a second of {state.aim:.1f} aimed at"
    last = f"{sending.owner or 'a worker that has stopped'}, seen {moment(house, sending.seen_at)}" if sending else "–"
    yield click.style(f"{state.number.id}  {state.number.display or ''}", bold=True)
    yield from table(
        [
            ("quality", state.number.quality),
            ("ceiling", f"{state.number.throughput} a second"),
            ("pace now", pace),
            ("sent by" if owned else "last sent by", last),
            ("accepted by Meta", sending.accepted if sending else 0),
            ("people in 24 h", f"{_people(state)} (all numbers together)"),
        ]
    )
    yield from hold_lines(state.holds, house)
    if state.failures:
        language = house.settings.language
        rows = [(f.count, f.code, moment(house, f.last_at), reason_words(f.name, language)) for f in state.failures]
        yield "refused by Meta:"
        yield from table(rows, ("times", "code", "last", "what it means"))


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
