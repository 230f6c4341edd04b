"""`izin optins invite`: a link, a QR image and the words that go beside it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click
import segno

from consent import ledger
from consent.address import Address, AddressProblem, read_cell
from consent.optin import Mode
from consent.standing import REQUEST_LIFETIME
from gateway.actions.invite_optins import (
    POSTER_LIFETIME,
    CannotInvite,
    Invitation,
    Wanted,
    invite,
    our_number,
    text_in_force,
)
from gateway.assembly import House
from gateway.cli.speech import Trouble, as_json, house_command, operator, tell
from gateway.core.wording import Wording

QR_SCALE = 8
"""Pixels a module: with the code's 33 modules and its border about 330 pixels, sharp on paper up to 5 cm."""

HOW = Wording(
    "Kabul ediyorsanız {number} numarasına WhatsApp'tan şunu yazın (ya da kodu okutun): {words}",
    "If you agree, write this to {number} on WhatsApp (or scan the code): {words}",
)
UNTIL = Wording(
    "Bu davet {until:%d.%m.%Y} tarihine kadar geçerlidir.", "This invitation is valid until {until:%d %B %Y}."
)


@click.command(name="invite")
@click.option("--source", required=True, help="Where it is shown: shop-kadikoy, web-form, partner-x. On every event.")
@click.option(
    "--once", is_flag=True, help="For one stranger, e.g. one web form: the first answer uses it up, 48 hours."
)
@click.option("--person", "who", help="For one person: only this number can answer, once, within 48 hours.")
@click.option("--web", is_flag=True, help="With --person: a page of ours with yes and no, instead of a message.")
@click.option("--they-asked", is_flag=True, help="With --person: they asked to join again after a refusal.")
@click.option("--days", type=click.IntRange(1, 366), help="How long it counts: 90 days, or 2 for --once and --person.")
@click.option("--text", "text_id", help="The consent text; the house's if left out.")
@click.option("--version", help="Its version; the newest in force if left out.")
@click.option("--locale", type=click.Choice(["tr", "en"]), help="Language of the text; the house's if left out.")
@click.option("--purpose", default="marketing", show_default=True)
@click.option("--number", help="Which of our numbers people write to; the first if left out.")
@click.option("--qr", type=click.Path(dir_okay=False, path_type=Path), help="Write the QR image: FILE.svg or FILE.png.")
@as_json
@house_command
def invite_command(
    house: House,
    source: str,
    once: bool,
    who: str | None,
    web: bool,
    they_asked: bool,
    days: int | None,
    text_id: str | None,
    version: str | None,
    locale: str | None,
    purpose: str,
    number: str | None,
    qr: Path | None,
    as_json: bool,
) -> None:
    """Invite people to join by their own message: prints the wa.me link, the wording, and a QR image.

    A code for a source may be answered by many people until it ends: whoever sends it has confirmed, and the source
    stands on every event that it brings. Show the wording beside it: it is what people agree to.

    \b
    Example:  izin optins invite --source shop-kadikoy --qr poster.svg
    """
    if qr is not None and qr.suffix not in (".svg", ".png"):
        raise Trouble(f"{qr}: the image is an .svg or a .png file.", code="qr")
    settings, now = house.settings, house.clock.now()
    wanted = Wanted(
        source=source,
        purpose=purpose,
        reusable=not once,
        lifetime=timedelta(days=days) if days else REQUEST_LIFETIME if once or who else POSTER_LIFETIME,
        person=_address(house, who) if who else None,
        they_asked=they_asked,
        mode=Mode.WEB_LINK if web else Mode.INBOUND_CODE,
    )
    try:
        with house.database.write() as connection:
            text = text_in_force(
                ledger.texts(connection), text_id or settings.consent_text, locale or settings.language, now, version
            )
            where = settings.public_url if web else our_number(connection, number)
            made = invite(connection, wanted, text, where, now, operator())
    except CannotInvite as problem:
        raise Trouble(str(problem), code="cannot_invite") from None
    if qr is not None:
        _draw(made, qr)
    tell(_answer(made, qr), as_json, _lines(made, qr, locale or settings.language))


def _address(house: House, written: str) -> Address:
    cell = read_cell(written, house.settings.region)
    if isinstance(cell, AddressProblem):
        raise Trouble(cell.sentence(house.settings.language), code="address")
    return cell[0]


def _draw(made: Invitation, file: Path) -> None:
    try:
        segno.make(made.link, error="m", micro=False).save(str(file), scale=QR_SCALE)
    except OSError as problem:
        raise Trouble(f"{file} cannot be written: {problem.strerror}.", code="qr") from None


def _answer(made: Invitation, qr: Path | None) -> dict[str, object]:
    request, text = made.request, made.text
    return {
        "link": made.link,
        "words": made.words,
        "number": made.number,
        "source": request.source,
        "purpose": request.purpose,
        "reusable": request.reusable,
        "expires_at": request.expires_at,
        "text": {"id": text.id, "version": text.version, "locale": text.locale, "sha256": text.digest},
        "qr": qr,
    }


def _lines(made: Invitation, qr: Path | None, language: str) -> list[str]:
    how = HOW.say(language).format(number=made.number, words=made.words) if made.number else ""
    until = UNTIL.say(language).format(until=made.request.expires_at)
    lines = [click.style(made.link, bold=True), "", made.text.body, "", how, made.text.withdrawal, until]
    lines += ["", f"{made.text.controller} · {made.text.id} {made.text.version}"]
    return [*lines, f"QR: {qr}"] if qr else lines
