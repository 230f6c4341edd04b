"""`izin texts`: the exact words that people agree to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from consent import ledger
from consent.ledger import IdempotencyConflict
from consent.texts import ConsentText, problems_of
from gateway.assembly import House
from gateway.cli.speech import Trouble, as_json, house_command, table, tell
from gateway.core.wording import Wording

TOLD = Wording("{text} saklandı, özeti {digest}…", "Kept {text}, digest {digest}…")
NAMED = Wording("{id}, {version}. sürüm ({locale})", "{id} version {version} ({locale})")
KNOWN = Wording("Bu metin zaten kayıtlı.", "This text is known already.")
OTHER_WORDS = Wording(
    "{text} başka sözlerle ya da başka tarihle kayıtlı; metinler değişmez, yeni metne yeni sürüm verin.",
    "{text} exists with other words or another date; texts never change, so give the new wording a new version.",
)
NOT_UTF_8 = Wording(
    "{file} UTF-8 bir metin değil; UTF-8 olarak kaydedin.", "{file} is not UTF-8 text; save it as UTF-8."
)
NO_TEXTS = Wording("Henüz metin yok; `izin texts add` ile ekleyin.", "No texts yet; add one with `izin texts add`.")
HEADINGS = Wording("metin\tsürüm\tdil\tamaçlar\tbaşlangıç\tözet", "text\tversion\tlanguage\tpurposes\tfrom\tdigest")


@click.group()
def texts() -> None:
    """Consent texts: versioned, per language, never changed."""


@texts.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "text_id", required=True, help="Name of the text, such as marketing.")
@click.option("--version", required=True, help="Version, such as 1 or 2026-11.")
@click.option("--locale", default="tr", show_default=True, help="Language of the text.")
@click.option("--purpose", "purposes", multiple=True, default=("marketing",), show_default=True)
@click.option("--withdrawal", required=True, help="The line that tells people how to withdraw.")
@click.option("--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="First day of use; today if left out.")
@as_json
@house_command
def add(
    house: House,
    file: Path,
    text_id: str,
    version: str,
    locale: str,
    purposes: tuple[str, ...],
    withdrawal: str,
    valid_from: date | None,
    as_json: bool,
) -> None:
    """Keep the words in FILE as a consent text.

    \b
    Example:  izin texts add consent-tr.txt --id marketing --version 1 --withdrawal "DUR yazın"
    """
    now = house.clock.now()
    settings = house.settings
    text = ConsentText(
        id=text_id,
        version=version,
        locale=locale,
        body=_read(file, settings.language),
        purposes=purposes,
        channels=("whatsapp",),
        controller=" ".join(part for part in (settings.trade_name or settings.brand, settings.mersis) if part),
        withdrawal=withdrawal,
        valid_from=date(valid_from.year, valid_from.month, valid_from.day) if valid_from else now.date(),
    )
    if problems := problems_of(text):
        raise Trouble([f"{problem.field}: {problem.sentence}." for problem in problems], code="text")
    named = NAMED.say(settings.language).format(id=text_id, version=version, locale=locale)
    try:
        with house.database.write() as connection:
            new = ledger.add_text(connection, text, now)
    except IdempotencyConflict:
        raise Trouble(OTHER_WORDS.say(settings.language).format(text=named), code="text_exists") from None
    said = (TOLD if new else KNOWN).say(settings.language).format(text=named, digest=text.digest[:16])
    tell({"digest": text.digest, "new": new}, as_json, [said])


def _read(file: Path, language: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Trouble(NOT_UTF_8.say(language).format(file=file.name), code="encoding") from None


@texts.command(name="list")
@as_json
@house_command
def list_command(house: House, as_json: bool) -> None:
    """The texts, their versions and digests.

    \b
    Example:  izin texts list
    """
    with house.database.read() as connection:
        found = ledger.texts(connection)
    rows = [(t.id, t.version, t.locale, ", ".join(t.purposes), t.valid_from, t.digest[:16]) for t in found]
    language = house.settings.language
    heading = HEADINGS.say(language).split("\t")
    answer = [{"id": t.id, "version": t.version, "locale": t.locale, "digest": t.digest} for t in found]
    tell({"texts": answer}, as_json, table(rows, heading) if rows else [NO_TEXTS.say(language)])
