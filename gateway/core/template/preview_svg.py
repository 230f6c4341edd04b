"""How a message looks on a phone, as an SVG drawing: what becomes a picture for a colleague or a customer.

Texts are broken into lines here, by the font's own widths; shaping and the order of right-to-left letters are left to
whoever renders it, who takes a line's direction from the embedding marks around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from gateway.core.template.definition import Button, ButtonKind, Card, Header, HeaderFormat, Template
from gateway.core.template.fill import Filled, FilledCard
from gateway.core.template.line_breaks import Measure, broken, width
from gateway.core.template.marks import PLAIN, Mark, Marks, Span, spans
from gateway.core.template.preview import is_right_to_left, shown_buttons
from gateway.core.template.typeface import Typeface

MONO_FAMILY = "Roboto Mono"
SCREEN = 360
"""Width of the phone's screen; all measures are in CSS pixels."""
EDGE, PAD, GAP = 12, 10, 6
BUBBLE, CARD = 300, 240

WALLPAPER, PAPER, INK, GREY, BLUE, RULE, FILL = (
    "#efeae2", "#ffffff", "#111b21", "#667781", "#027eb5", "#e9edef", "#d1d7db",
)  # fmt: skip

_BOLD_WIDER = 1.1
"""The fonts tell the widths of their regular weight."""


@dataclass(frozen=True, slots=True)
class Faces:
    """The fonts that a drawing may be made of: families with their upright faces, the one we like best first."""

    text: tuple[tuple[str, Typeface], ...]
    mono: Typeface

    def best(self, said: str) -> tuple[str, Typeface]:
        """The family that has the most of these letters; one for the whole drawing, as renderers mix them oddly."""
        return min(self.text, key=lambda one: len(_lacking(one[1], said)))

    def lacks(self, said: str) -> list[str]:
        """Letters that the best family lacks, such as emoji; each once."""
        return _lacking(self.best(said)[1], said)


def _lacking(face: Typeface, said: str) -> list[str]:
    return [letter for letter in dict.fromkeys(said) if not (letter.isspace() or face.has(letter))]


def said_in(template: Template, filled: Filled) -> str:
    """Every word of the drawing, one after the other."""
    offer = template.offer.text if template.offer else ""
    labels = [label for label, _ in shown_buttons(template.buttons, template.language)]
    labels += [label for card in template.cards for label, _ in shown_buttons(card.buttons, template.language)]
    return "".join([filled.header, offer, filled.body, template.footer, *labels, *(card.body for card in filled.cards)])


@dataclass(slots=True)
class _Pen:
    """Draws downwards from `y` at `x`, inside a bubble `wide` pixels wide."""

    text_face: Typeface
    mono_face: Typeface
    x: float
    y: float
    wide: float
    parts: list[str] = field(default_factory=list)

    def paragraphs(self, text: str, size: float, leading: float, colour: str = INK, marks: Marks = PLAIN) -> float:
        """The text, each line with its own direction. Returns the room that is left beside the last line."""
        room = self.wide - 2 * PAD
        left = room
        for paragraph in _paragraphs(text):
            right_to_left = is_right_to_left("".join(span.text for span in paragraph))
            marked = [Span(span.text, span.marks | marks) for span in paragraph]
            for line in broken(marked, self._measure(size), room):
                self.y += leading
                self._line(line, size, colour, right_to_left)
                left = 0 if right_to_left else room - width(line, self._measure(size))
        return left

    def _measure(self, size: float) -> Measure:
        def measured(letter: str, marks: Marks) -> float:
            if Mark.MONO in marks and self.mono_face.has(letter):
                return self.mono_face.em(letter) * size
            return self.text_face.em(letter) * size * (_BOLD_WIDER if Mark.BOLD in marks else 1)

        return measured

    def _line(self, line: Sequence[Span], size: float, colour: str, right_to_left: bool) -> None:
        if not line:
            return
        x, anchor = (self.x + self.wide - PAD, "end") if right_to_left else (self.x + PAD, "start")
        inside = "".join(_tspan(span) for span in line)
        self.text(x, self.y - size * 0.25, f"\u202b{inside}\u202c" if right_to_left else inside, size, colour, anchor)

    def text(self, x: float, y: float, inside: str, size: float, colour: str, anchor: str) -> None:
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}">{inside}</text>'
        )

    def width(self, text: str, size: float) -> float:
        return width([Span(text)], self._measure(size))

    def rule(self) -> None:
        self.parts.append(f'<rect x="{self.x:g}" y="{self.y:g}" width="{self.wide:g}" height="1" fill="{RULE}"/>')
        self.y += 1

    def area(self, height: float, colour: str) -> None:
        self.parts.append(
            f'<rect x="{self.x + 4:g}" y="{self.y + 4:g}" width="{self.wide - 8:g}" height="{height:g}" rx="6" '
            f'fill="{colour}"/>'
        )


def preview_svg(template: Template, filled: Filled, faces: Faces, *, time: str) -> str:
    """The drawing, as wide as a phone, or as wide as the carousel needs. `time` stands in the bubble's corner."""
    family, face = faces.best(said_in(template, filled))
    pen = _Pen(face, faces.mono, EDGE, EDGE, BUBBLE)
    _message(pen, template, filled, time)
    bubble = _paper(pen, EDGE)
    bottom, cards = pen.y, []
    for index, (card, texts) in enumerate(zip(template.cards, filled.cards, strict=True)):
        beside = _Pen(face, faces.mono, EDGE + index * (CARD + GAP), bottom + GAP, CARD)
        _card(beside, card, texts, template.language)
        cards.append(beside)
    deepest = max([bottom, *(card.y for card in cards)])
    for card_pen in cards:
        card_pen.y = deepest  # a phone makes all cards as deep as the deepest
    drawn = [bubble, *pen.parts, *(part for one in cards for part in (_paper(one, bottom + GAP), *one.parts))]
    wide = max(SCREEN, 2 * EDGE + len(cards) * (CARD + GAP) - GAP)
    return _page(family, wide, deepest + EDGE, drawn)


def _page(family: str, wide: float, high: float, drawn: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{high:g}" font-family="{family}" '
        f'xml:space="preserve"><rect width="{wide:g}" height="{high:g}" fill="{WALLPAPER}"/>{"".join(drawn)}</svg>'
    )


def _paper(pen: _Pen, top: float) -> str:
    place = f'x="{pen.x:g}" width="{pen.wide:g}" height="{pen.y - top:g}" rx="8"'
    return f'<rect y="{top + 1:g}" {place} fill="#00000022"/><rect y="{top:g}" {place} fill="{PAPER}"/>'


def _message(pen: _Pen, template: Template, filled: Filled, time: str) -> None:
    _header(pen, template.header, filled.header)
    if template.offer:
        pen.area(34, RULE)
        pen.y += 4
        pen.paragraphs(template.offer.text, 14, 25)
        pen.y += 11
    pen.y += 4
    left = pen.paragraphs(filled.body, 15, 20)
    if template.footer:
        pen.y += 2
        left = pen.paragraphs(template.footer, 13, 18, GREY)
    if left < 44:
        pen.y += 14
    pen.text(pen.x + pen.wide - PAD, pen.y - 2, _clean(time), 11, GREY, "end")
    pen.y += 6
    _buttons(pen, template.buttons, template.language)


def _header(pen: _Pen, header: Header | None, text: str) -> None:
    if header is None:
        return
    if header.text:
        pen.y += 4
        pen.paragraphs(text, 15, 20, marks=frozenset({Mark.BOLD}))
        return
    high = 150
    pen.area(high, FILL)
    pen.parts.append(_PICTOGRAMS[header.format].format(x=pen.x + pen.wide / 2 - 24, y=pen.y + 4 + high / 2 - 24))
    pen.y += high + 6


def _card(pen: _Pen, card: Card, texts: FilledCard, language: str) -> None:
    _header(pen, card.header, "")
    if texts.body:
        pen.y += 2
        pen.paragraphs(texts.body, 14, 19)
        pen.y += 8
    _buttons(pen, card.buttons, language)


def _buttons(pen: _Pen, buttons: tuple[Button, ...], language: str) -> None:
    for label, button in shown_buttons(buttons, language):
        pen.rule()
        wide = pen.width(label, 15)
        middle = pen.x + pen.wide / 2
        sign = _SIGNS.get(button.kind, "") if button else _LIST
        pen.parts.append(sign.format(x=max(pen.x + 6, middle - wide / 2 - 14), y=pen.y + 13))
        inside = _clean(label)
        inside = f"\u202b{inside}\u202c" if is_right_to_left(label) else inside
        pen.text(middle + 8, pen.y + 26, inside, 15, BLUE, "middle")
        pen.y += 41


def _paragraphs(text: str) -> Iterator[list[Span]]:
    """Each line of the text as it was written, marks read over all of it."""
    line: list[Span] = []
    for span in spans(text.strip("\n")):
        first, *others = span.text.split("\n")
        line.append(Span(first, span.marks))
        for other in others:
            yield [one for one in line if one.text]
            line = [Span(other, span.marks)]
    yield [one for one in line if one.text]


def _tspan(span: Span) -> str:
    style = "".join(_STYLES[mark] for mark in Mark if mark in span.marks)
    inside = _clean(span.text)
    return f"<tspan{style}>{inside}</tspan>" if style else inside


_STYLES = {
    Mark.MONO: f' font-family="{MONO_FAMILY}"',
    Mark.BOLD: ' font-weight="700"',
    Mark.ITALIC: ' font-style="italic"',
    Mark.STRUCK: ' text-decoration="line-through"',
}


_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _clean(text: str) -> str:
    """Nobody's text becomes markup, or breaks it."""
    return escape(_NOT_IN_XML.sub("", text).replace("\t", " "))


def _outline(path: str, colour: str, scale: float) -> str:
    """A path on a field of 16 by 16, to be put at x and y."""
    return (
        f'<path transform="translate({{x:g}} {{y:g}}) scale({scale:g})" d="{path}" fill="none" stroke="{colour}" '
        'stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"/>'
    )


_ARROW_OUT = "M9 3h4v4M13 3L7 9M6 4H3v9h9v-3"
_RECEIVER = "M4 2l3 3-1.5 2a8 8 0 0 0 3.500 3.500L11 9l3 3-2 2C7 14 2 9 2 4z"
_TWO_SHEETS = "M6 6h7v8H6zM3 10V2h7v2"
_ANSWER = "M7 3L2 7.500l5 4.500V9.500c4 0 6 1 7 3.500 0-4-2-7-7-7z"
_BAG = "M3 6h10l1 8H2zM5.500 6a2.500 3 0 0 1 5 0"
_LIST = _outline("M3 4h10M3 8h10M3 12h10", BLUE, 1)
_SIGNS = {
    kind: _outline(path, BLUE, 1)
    for kind, path in {
        ButtonKind.URL: _ARROW_OUT,
        ButtonKind.PHONE_NUMBER: _RECEIVER,
        ButtonKind.VOICE_CALL: _RECEIVER,
        ButtonKind.COPY_CODE: _TWO_SHEETS,
        ButtonKind.OTP: _TWO_SHEETS,
        ButtonKind.QUICK_REPLY: _ANSWER,
        ButtonKind.CATALOG: _BAG,
        ButtonKind.MPM: _BAG,
        ButtonKind.SPM: _BAG,
        ButtonKind.FLOW: "M3 4h10M3 8h10M3 12h10",
    }.items()
}
_PICTOGRAMS = {
    format_: _outline(path, GREY, 3)
    for format_, path in {
        HeaderFormat.IMAGE: "M2 3h12v10H2zM2 11l4-4 3 3 2-2 3 3M10.500 6h.01",
        HeaderFormat.VIDEO: "M5 3l8 5-8 5z",
        HeaderFormat.GIF: "M5 3l8 5-8 5z",
        HeaderFormat.DOCUMENT: "M4 2h5l3 3v9H4zM9 2v3h3M6 8h4M6 11h4",
        HeaderFormat.LOCATION: "M8 14S3 9.500 3 6a5 4.500 0 0 1 10 0c0 3.500-5 8-5 8zM8 6h.01",
        HeaderFormat.PRODUCT: _BAG,
    }.items()
}
