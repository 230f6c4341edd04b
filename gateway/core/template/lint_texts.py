"""Rules on the texts of a template: lengths, variables, samples, spacing.

Limits: reference/whatsapp-cloud-api.md section 5. Meta's ratio of words to variables is unpublished; ours is a guess on
the careful side and therefore only warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.core.template.definition import (
    BODY_CHARS_MAX,
    CARD_BODY_CHARS_MAX,
    FOOTER_CHARS_MAX,
    HEADER_CHARS_MAX,
    HOLE,
    MEDIA_FORMATS,
    OFFER_BODY_CHARS_MAX,
    Header,
    HeaderFormat,
    ParameterFormat,
    Template,
    Text,
    chars,
)
from gateway.core.template.findings import (
    BODY,
    FOOTER,
    HEADER,
    Finding,
    card_place,
    error,
    too_long,
    warning,
)
from gateway.core.wording import Wording

WORDS_PER_HOLE_MIN = 3
EMOJI_MAX = 10  # marketing bodies have had a cap since March 2025; Meta does not publish the number

_NAMED = re.compile(r"[a-z][a-z0-9_]*")
_STRAY = re.compile(r"[{}]")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


def text_findings(template: Template) -> Iterator[Finding]:
    """Everything about header, body, footer and card texts."""
    yield from _header(template.header, HEADER, template)
    yield from _body(template)
    yield from _footer(template)
    for index, card in enumerate(template.cards):
        yield from _header(card.header, card_place(index), template)
        if card.body:
            yield from _text(card.body, card_place(index), template, CARD_BODY_CHARS_MAX)


def _header(header: Header | None, place: Wording, template: Template) -> Iterator[Finding]:
    if header is None:
        return
    if header.text:
        yield from _text(header.text, place, template, HEADER_CHARS_MAX)
        yield from _header_text(header.text, place)
    elif header.format in MEDIA_FORMATS and not header.sample:
        yield _sample_missing(place, header.format.value.lower())
    elif header.format is HeaderFormat.LOCATION and template.category == "AUTHENTICATION":
        yield error("header_kind", place, ("Doğrulama şablonunda konum olmaz.", "Authentication takes no location."),
                    ("Başlığı kaldırın.", "Remove the header."))  # fmt: skip


def _header_text(text: Text, place: Wording) -> Iterator[Finding]:
    if len(text.holes) > 1:
        yield error("header_holes", place,
                    ("Başlıkta en çok bir değişken olabilir.", "A header has at most one variable."),
                    ("Ötekileri gövdeye taşıyın.", "Move the others to the body."))  # fmt: skip
    if re.search(r"[\n*_~`]", HOLE.sub("", text.text)) or _EMOJI.search(text.text):
        yield error("header_plain", place, ("Başlıkta satır sonu, biçim işareti ve emoji olmaz.",
                    "A header takes no line break, formatting sign or emoji."),
                    ("Düz metin yazın.", "Write plain text."))  # fmt: skip


def _body(template: Template) -> Iterator[Finding]:
    if template.carries_a_code:
        return
    most = OFFER_BODY_CHARS_MAX if template.offer else BODY_CHARS_MAX
    yield from _text(template.body, BODY, template, most)
    yield from _edges(template.body.text)
    yield from _crowded(template.body)
    yield from _spacing(template.body.text)
    if template.category == "MARKETING" and len(_EMOJI.findall(template.body.text)) > EMOJI_MAX:
        yield warning("emoji", BODY, (f"{EMOJI_MAX} emojiden fazlası var.", f"There are more than {EMOJI_MAX} emoji."),
                      ("Birkaçı yeter.", "Keep a few."))  # fmt: skip


def _footer(template: Template) -> Iterator[Finding]:
    if chars(template.footer) > FOOTER_CHARS_MAX:
        yield too_long(FOOTER, chars(template.footer), FOOTER_CHARS_MAX)
    if _STRAY.search(template.footer):
        yield error("footer_static", FOOTER, ("Alt bilgide değişken olmaz.", "A footer takes no variable."),
                    ("Değişkeni gövdeye taşıyın.", "Move the variable to the body."))  # fmt: skip


def _text(text: Text, place: Wording, template: Template, most: int) -> Iterator[Finding]:
    """What holds for every text with variables."""
    if chars(text.text) > most:
        yield too_long(place, chars(text.text), most)
    elif chars(text.filled({hole: text.sample(hole) for hole in text.holes})) > most:
        yield warning("too_long_filled", place, (f"Örnekleriyle doldurulunca {most} karakteri aşıyor.",
                      f"Filled with its samples it is longer than {most} characters."),
                      ("Değerlere yer bırakın: metni kısaltın.", "Leave room for the values: shorten the text.")
                      )  # fmt: skip
    if _STRAY.search(HOLE.sub("", text.text)):
        yield error("braces", place, ("Bir süslü ayraç hiçbir değişkene ait değil.",
                    "A curly bracket belongs to no variable."),
                    ("Değişkenleri tam olarak {{1}} ya da {{ad}} biçiminde yazın.",
                     "Write variables exactly as {{1}} or {{name}}."))  # fmt: skip
    yield from _naming(text, place, template.parameter_format)
    yield from _adjacent(text.text, place)
    for hole in text.holes:
        if not text.sample(hole):
            yield _sample_missing(place, f"{{{{{hole}}}}}")


def _sample_missing(place: Wording, what: str) -> Finding:
    return error("sample", place, (f"{what} için örnek yok.", f"There is no sample for {what}."),
                 ("Bir örnek verin; Meta incelemede ister.", "Give one; Meta's review asks for it."))  # fmt: skip


def _naming(text: Text, place: Wording, format_: ParameterFormat) -> Iterator[Finding]:
    if format_ is ParameterFormat.POSITIONAL:
        numbers = sorted(int(hole) for hole in text.holes if hole.isdigit())
        if len(numbers) < len(text.holes) or numbers != list(range(1, len(numbers) + 1)):
            yield error("numbering", place, ("Değişkenler 1’den başlayıp atlamadan artmalı.",
                        "Variables must count from 1 without a gap."),
                        ("{{1}}, {{2}}, … diye numaralayın.", "Number them {{1}}, {{2}}, …"))  # fmt: skip
        return
    for hole in text.holes:
        if not _NAMED.fullmatch(hole):
            yield error("hole_name", place,
                        (f"“{hole}” geçerli bir değişken adı değil.", f"“{hole}” is no variable name."),
                        ("Küçük harf, rakam ve _ kullanın; harfle başlayın.",
                         "Use lower-case letters, digits and _, beginning with a letter."))  # fmt: skip


def _adjacent(text: str, place: Wording) -> Iterator[Finding]:
    if re.search(r"\}\}\s*\{\{", text):
        yield error("adjacent", place, ("İki değişken yan yana.", "Two variables stand next to each other."),
                    ("Aralarına sözcük koyun.", "Put words between them."))  # fmt: skip


def _edges(text: str) -> Iterator[Finding]:
    stripped = text.strip()
    fix = ("Başına ve sonuna sözcük ekleyin.", "Add words before and after.")
    if HOLE.match(stripped) or re.search(r"\{\{\w+\}\}$", stripped):
        yield error("edge", BODY, ("Gövde bir değişkenle başlıyor ya da bitiyor; Meta reddeder (2388299).",
                    "The body begins or ends with a variable; Meta refuses this (2388299)."), fix)  # fmt: skip
    elif re.search(r"\{\{\w+\}\}[\W_]*$", stripped):
        yield warning("edge", BODY, ("Son değişkenden sonra yalnızca noktalama var; Meta reddedebilir.",
                      "Only punctuation follows the last variable; Meta may refuse this."), fix)  # fmt: skip


def _crowded(text: Text) -> Iterator[Finding]:
    words = len(re.findall(r"\w+", HOLE.sub(" ", text.text)))
    if text.holes and words < WORDS_PER_HOLE_MIN * len(text.holes):
        yield warning("crowded", BODY,
                      (f"{len(text.holes)} değişkene {words} sözcük düşüyor; Meta az bulabilir (2388293).",
                      f"There are {words} words to {len(text.holes)} variables; Meta may find this too few (2388293)."),
                      ("Metni uzatın ya da değişkenleri azaltın.", "Write more text or use fewer variables.")
                      )  # fmt: skip


def _spacing(text: str) -> Iterator[Finding]:
    if "\t" in text or "\n\n\n" in text or "    " in text:
        yield warning("spacing", BODY, ("Sekme, art arda üç satır sonu ya da dört boşluk var.",
                      "There is a tab, three line breaks or four spaces in a row."),
                      ("Bir boş satır ve tek boşluk kullanın.", "Use one empty line and single spaces."))  # fmt: skip
