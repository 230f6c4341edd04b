"""`izin holds`: what may not be sent for now, why, what lifts it; and doing either by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import Connection

from gateway.actions.hold_sending import Decided, hold_sending, lift_hold
from gateway.assembly import House
from gateway.cli.speech import Trouble, as_json, moment, operator, tell, the_house
from gateway.core.failure import Lifts, Scope
from gateway.core.lifting import lifted_by
from gateway.core.wording import Wording
from gateway.settings import duration
from gateway.storage import campaigns, templates
from gateway.storage.templates import EVERYTHING, Hold
from gateway.web.wording import reason_words

LIFTS: dict[Lifts, Wording] = {
    Lifts.BY_HAND: Wording("elle", "by hand"),
    Lifts.BY_WEBHOOK: Wording("Meta'nın haberiyle ya da elle", "by news of Meta's, or by hand"),
    Lifts.BY_TIME: Wording("kendiliğinden ya da elle", "by itself, or by hand"),
}
SCOPES: dict[Scope, Wording] = {
    Scope.CAMPAIGN: Wording("kampanya", "campaign"),
    Scope.TEMPLATE: Wording("şablon", "template"),
    Scope.NUMBER: Wording("gönderen numara", "number"),
    Scope.ACCOUNT: Wording("hesap", "account"),
    Scope.UTILITY: Wording("hesabın bilgi mesajları", "utility"),
    Scope.COUNTRY: Wording("ülke", "country"),
    Scope.EVERYTHING: Wording("her şey", "everything"),
}
NOTHING_HELD = Wording("Durdurulmuş bir şey yok.", "Nothing is on hold.")
SINCE = Wording("  {since} anından beri{until}; kaldırılması {lifts}:", "  since {since}{until}; lifted {lifts}:")
UNTIL = Wording("; {until} anına kadar", "; until {until}")
HELD_UNTIL = Wording("✓ {what} {until} anına kadar durduruldu.", "✓ {what} is held until {until}.")
HELD = Wording(
    "✓ {what} durduruldu; `izin holds lift {arguments}` sürdürür.",
    "✓ {what} is held; izin holds lift {arguments} goes on.",
)
LIFTED = Wording("✓ {what} sürüyor.", "✓ {what} may go on.")
NOT_HELD = Wording(
    "{what} durdurulmuş değil; `izin holds` durdurulanları gösterir.", "{what} is not held; `izin holds` lists what is."
)
SAY_WHY = Wording("Nedenini birkaç sözle yazın: başkaları okuyacak.", "Say why, in a few words: others will read it.")
NO_TARGET = Wording(
    "{scope} hedef almaz; “{target}” değerini çıkarın.", "{scope} takes no target; leave “{target}” out."
)
WHICH = Wording("Hangisi? izin holds … {scope} HEDEF.", "Say which {scope}: izin holds … {scope} TARGET.")
NO_COUNTRY = Wording(
    "{target} bir ülke değil; iki harfini yazın, örneğin TR.",
    "{target} is no country; write its two letters, such as TR.",
)
NOT_THERE = Wording("“{target}” diye bir {scope} yok.", "There is no {scope} “{target}”.")
THERE_ARE = Wording(" Olanlar: {every}.", " There are: {every}.")
WHOLE = frozenset({Scope.ACCOUNT, Scope.UTILITY, Scope.EVERYTHING})
"""Scopes that need no target."""


def reason_option(command: Any) -> Any:
    return click.option("--reason", "why", required=True, help="Your reason, kept for others; name no person.")(command)


def for_option(command: Any) -> Any:
    shown = "How long, such as 2h or 3d; without, until somebody lifts it."
    return click.option("--for", "span", callback=_span, help=shown)(command)


def _span(context: click.Context, parameter: click.Parameter, text: str | None) -> timedelta | None:
    try:
        span = None if text is None else duration(text)
    except ValueError as problem:
        raise click.BadParameter(f"{problem}.") from None
    if span is not None and span <= timedelta(0):
        raise click.BadParameter("write how long from now, such as 2h.")
    return span


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def holds(context: click.Context, as_json: bool) -> None:
    """What may not be sent for now: numbers, templates, campaigns, countries, the account, or everything.

    \b
    Example:  izin holds
    """
    if context.invoked_subcommand is not None:
        return
    with the_house() as house:
        with house.database.read() as connection:
            found = templates.holds(connection, house.clock.now())
            names = {str(c.id): c.name for c in campaigns.everything(connection)}
        answer = {"holds": [hold_as_json(hold, house, names) for hold in found]}
        lines = list(hold_lines(found, house, names)) or [NOTHING_HELD.say(house.settings.language)]
        tell(answer, as_json, lines)


def hold_as_json(hold: Hold, house: House, names: dict[str, str] | None = None) -> dict[str, Any]:
    return {
        "scope": hold.scope,
        "target": None if hold.target == EVERYTHING else hold.target,
        "name": (names or {}).get(hold.target) if hold.scope is Scope.CAMPAIGN else None,
        "reason": hold.reason,
        "words": reason_words(hold.reason, house.settings.language),
        "since": hold.since,
        "until": hold.until,
        "lifted": lifted_by(hold.reason, hold.until),
    }


def hold_lines(
    found: list[Hold] | tuple[Hold, ...], house: House, names: dict[str, str] | None = None
) -> Iterator[str]:
    """One hold a paragraph: what, why, since when, what lifts it, and the command that does."""
    for hold in found:
        named = (names or {}).get(hold.target, hold.target) if hold.scope is Scope.CAMPAIGN else hold.target
        language = house.settings.language
        until = UNTIL.say(language).format(until=moment(house, hold.until)) if hold.until else ""
        yield click.style(f"{_named(hold.scope, named, language)}: {reason_words(hold.reason, language)}", bold=True)
        lifts = LIFTS[lifted_by(hold.reason, hold.until)].say(language)
        yield SINCE.say(language).format(since=moment(house, hold.since), until=until, lifts=lifts)
        yield f"  izin holds lift {_arguments(hold.scope, named)} --reason …"


def _arguments(scope: Scope, named: str) -> str:
    return (
        scope.value if named == EVERYTHING else f'{scope.value} "{named}"' if " " in named else f"{scope.value} {named}"
    )


def _named(scope: Scope, target: str, language: str) -> str:
    name = SCOPES[scope].say(language)
    return name if target == EVERYTHING else f"{name} {target}"


@holds.command(name="set")
@click.argument("scope", type=click.Choice([s.value for s in Scope if s is not Scope.CAMPAIGN]))
@click.argument("target", required=False)
@reason_option
@for_option
@as_json
def set_command(scope: str, target: str | None, why: str, span: timedelta | None, as_json: bool) -> None:
    """Stop sending in SCOPE now. A campaign has `izin campaign pause` instead.

    TARGET is a number's id, a template's name or a country such as TR; account, utility and everything need none.

    \b
    Example:  izin holds set everything --reason "wrong price in the message" --for 2h
    """
    with the_house() as house:
        hold_by_hand(house, Scope(scope), target, why, span, as_json)


@holds.command()
@click.argument("scope", type=click.Choice([s.value for s in Scope]))
@click.argument("target", required=False)
@reason_option
@as_json
def lift(scope: str, target: str | None, why: str, as_json: bool) -> None:
    """Let sending in SCOPE go on. If the cause is still there, the next error holds it again.

    \b
    Example:  izin holds lift template spring_offer --reason "text corrected, Meta approved it by mail"
    """
    with the_house() as house:
        lift_by_hand(house, Scope(scope), target, why, as_json)


def hold_by_hand(
    house: House, scope: Scope, target: str | None, why: str, span: timedelta | None, as_json: bool
) -> None:
    now, language = house.clock.now(), house.settings.language
    until = None if span is None else now + span
    with house.database.write() as connection:
        exact = _target(connection, scope, target, language)
        hold_sending(connection, scope, exact, Decided(who=operator(), why=said(why, language), at=now), until)
    answer = {"held": {"scope": scope, "target": target, "until": until}}
    what, arguments = _named(scope, exact, language), _arguments(scope, exact)
    told = (
        HELD_UNTIL.say(language).format(what=what, until=moment(house, until))
        if until
        else HELD.say(language).format(what=what, arguments=arguments)
    )
    tell(answer, as_json, [told])


def lift_by_hand(house: House, scope: Scope, target: str | None, why: str, as_json: bool) -> None:
    now, language = house.clock.now(), house.settings.language
    with house.database.write() as connection:
        exact = _target(connection, scope, target, language)
        lifted = lift_hold(connection, scope, exact, Decided(who=operator(), why=said(why, language), at=now))
    what = _named(scope, target or exact, language)
    if not lifted:
        raise Trouble(NOT_HELD.say(language).format(what=what), code="not_held")
    tell({"lifted": {"scope": scope, "target": target}}, as_json, [LIFTED.say(language).format(what=what)])


def said(why: str, language: str) -> str:
    """A reason as it is kept. Raises Trouble when there is none."""
    if not why.strip():
        raise Trouble(SAY_WHY.say(language), code="reason")
    return " ".join(why.split())


def _target(connection: Connection, scope: Scope, target: str | None, language: str) -> str:
    """The target as it is stored. Raises Trouble when there is no such thing."""
    if scope in WHOLE:
        if target is not None:
            raise Trouble(NO_TARGET.say(language).format(scope=scope.value, target=target), code="target")
        return EVERYTHING
    if target is None:
        raise Trouble(WHICH.say(language).format(scope=scope.value), code="target")
    match scope:
        case Scope.NUMBER:
            return _known(target, [n.id for n in templates.numbers(connection)], scope, language)
        case Scope.TEMPLATE:
            return _known(target, sorted({t.name for t in templates.all_templates(connection)}), scope, language)
        case Scope.CAMPAIGN:
            ids = {c.name: str(c.id) for c in campaigns.everything(connection)}
            return ids[_known(target, list(ids), scope, language)]
        case _:
            if not (target.isascii() and target.isalpha() and len(target) == 2):
                raise Trouble(NO_COUNTRY.say(language).format(target=target), code="target")
            return target.upper()


def _known(target: str, every: list[str], scope: Scope, language: str) -> str:
    if target not in every:
        there = THERE_ARE.say(language).format(every=", ".join(every)) if every else ""
        missing = NOT_THERE.say(language).format(target=target, scope=SCOPES[scope].say(language))
        raise Trouble(missing + there, code=f"unknown_{scope.value}")
    return target
