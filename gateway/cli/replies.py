"""`izin replies`: how people's words are read, how well, and the ones that somebody has to read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from consent.replies import Additions, read
from consent.replies.evaluate import Evaluation, RowProblem, Score, evaluate
from gateway.actions.decide_pause import NotPaused, decide_pause, doubtful_replies
from gateway.actions.load_own_words import own_words
from gateway.assembly import House
from gateway.cli.somebody import somebody
from gateway.cli.speech import Trouble, as_json, house_command, operator, settings_or_trouble, table, tell
from gateway.settings import Settings

MISSED_SHOWN = 20


@click.group()
def replies() -> None:
    """What people write back: how it is read, and what is in doubt."""


def _own_words(settings: Settings) -> Additions:
    try:
        return own_words(settings)
    except ValueError as problem:
        raise Trouble(f"IZIN_OWN_WORDS: {problem}.", code="own_words") from None


@replies.command()
@click.argument("text")
@click.option("--pending", is_flag=True, help="As if the person had just been asked to confirm.")
@as_json
def test(text: str, pending: bool, as_json: bool) -> None:
    """Show how TEXT is read, and which rule says so. Nothing is recorded.

    \b
    Example:  izin replies test "artık mesaj atmayın lütfen"
    """
    settings = settings_or_trouble()
    names = (*settings.brand_aliases, settings.brand)
    reading = read(text, aliases=names, pending=pending, extra=_own_words(settings))
    answer = {
        "kind": reading.kind.value,
        "certainty": reading.certainty.value,
        "scope": reading.scope.value,
        "rule": reading.rule,
        "code": reading.code,
    }
    sure = "" if reading.certainty.value == "certain" else " (likely: pauses, and somebody should read it)"
    tell(answer, as_json, [f"{reading.kind.value}{sure}, by rule {reading.rule}"])


@replies.command(name="evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def evaluate_command(file: Path, as_json: bool) -> None:
    """Measure the reading on labelled rows: one JSON object {text, lang, label} a line.

    \b
    Example:  izin replies evaluate replies.jsonl
    """
    try:
        found = evaluate(_rows(file), extra=_own_words(settings_or_trouble()))
    except RowProblem as problem:
        raise Trouble(f"{file.name}: {problem}.", code="row") from None
    tell(found.as_json(), as_json, _lines(found))


def _rows(file: Path) -> Iterator[object]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as problem:
                    raise RowProblem(f"row {number} is not JSON ({problem.msg})") from None


def _lines(found: Evaluation) -> Iterator[str]:
    rows = [("all", *_figures(found.overall)), *((name, *_figures(score)) for name, score in found.by_language.items())]
    yield from table(rows, ("language", "rows", "recall", "precision", "false stops", "false pauses"))
    if found.missed:
        yield "missed stops:"
    for judged in found.missed[:MISSED_SHOWN]:
        yield f"  · [{judged.row.language}] {judged.row.text}"


def _figures(score: Score) -> tuple[int, str, str, str, str]:
    def percent(rate: float | None) -> str:
        return "–" if rate is None else f"{rate:.1%}"

    rates = (score.recall, score.precision, score.false_revocations, score.false_pauses)
    first, second, third, fourth = (percent(rate) for rate in rates)
    return score.rows, first, second, third, fourth


@replies.command()
@as_json
@house_command
def waiting(house: House, as_json: bool) -> None:
    """People who may have said stop: paused, until somebody decides or 24 hours pass.

    \b
    Example:  izin replies waiting
    """
    with house.database.read() as connection:
        found = doubtful_replies(connection, house.clock.now())
    zone = ZoneInfo(house.settings.time_zone)
    rows = [
        (d.subject.ref, f"{d.ends_at.astimezone(zone):%m-%d %H:%M}" if d.ends_at else "", d.text[:80]) for d in found
    ]
    answer = [{"subject": d.subject.ref, "text": d.text, "ends_at": d.ends_at, "rule": d.rule} for d in found]
    lines = table(rows, ("person", "becomes a stop", "wrote")) if rows else ["Nothing waits for a decision."]
    tell({"waiting": answer}, as_json, lines)


@replies.command()
@click.argument("person")
@click.argument("meant", type=click.Choice(["stop", "keep"]))
@click.option("--reason", required=True, help="Why, in your words; kept as evidence.")
@as_json
@house_command
def decide(house: House, person: str, meant: str, reason: str, as_json: bool) -> None:
    """Say what PERSON meant: stop, or keep (the consent goes on).

    \b
    Example:  izin replies decide "0555 000 12 34" keep --reason "asked about an order"
    """
    with house.database.write() as connection:
        subject = somebody(connection, house.settings, person)
        try:
            type_ = decide_pause(
                connection, subject, stop=meant == "stop", operator=operator(), reason=reason, now=house.clock.now()
            )
        except NotPaused as problem:
            raise Trouble(
                f"There is nothing to decide: this person's consent is {problem}.", code="not_paused"
            ) from None
    tell({"subject": subject.ref, "recorded": type_.value}, as_json, [f"Recorded: {type_.value}."])
