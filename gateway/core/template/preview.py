"""How a message looks on a phone, drawn with characters for the terminal."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

from gateway.core.template.definition import Button, ButtonKind, Card, HeaderFormat, Template
from gateway.core.template.fill import Filled, FilledCard
from gateway.core.wording import Wording

PHONE_COLUMNS = 36
"""Text columns inside the bubble: about what a phone shows on one line."""

_SHOWN_BUTTONS = 3  # more fold into one row
MEDIA_SIGNS = {
    HeaderFormat.IMAGE: "▣",
    HeaderFormat.VIDEO: "▶",
    HeaderFormat.GIF: "▶",
    HeaderFormat.DOCUMENT: "▤",
    HeaderFormat.LOCATION: "⚑",
    HeaderFormat.PRODUCT: "▣",
}
ICONS = {
    ButtonKind.URL: "↗",
    ButtonKind.PHONE_NUMBER: "✆",
    ButtonKind.VOICE_CALL: "✆",
    ButtonKind.COPY_CODE: "⧉",
    ButtonKind.OTP: "⧉",
    ButtonKind.QUICK_REPLY: "↩",
    ButtonKind.FLOW: "☰",
}
_OWN_LABELS = {
    ButtonKind.COPY_CODE: Wording("Kodu kopyala", "Copy offer code"),
    ButtonKind.OTP: Wording("Kodu kopyala", "Copy code"),
    ButtonKind.REQUEST_CONTACT_INFO: Wording("Numaramı paylaş", "Share phone number"),
}
_SEE_ALL = Wording("Tüm seçenekleri gör", "See all options")


def preview_text(template: Template, filled: Filled, *, columns: int = PHONE_COLUMNS) -> str:
    """The bubble as lines of text, `columns` wide inside. Right-to-left text stands at the right edge.

    WhatsApp's own marks (*bold*, _italic_) stay as they are; what a fold hides is said in the template's language.
    """
    blocks = [list(_bubble(template, filled, columns)), *_button_rows(template.buttons, template.language)]
    drawn = [_boxed(blocks, columns)]
    for card, texts in zip(template.cards, filled.cards, strict=True):
        drawn.append(_boxed(list(_card(card, texts, template.language, columns)), columns))
    return "\n".join(drawn)


def _bubble(template: Template, filled: Filled, columns: int) -> Iterator[str]:
    if template.header and not template.header.text:
        yield f"{MEDIA_SIGNS[template.header.format]} {template.header.format.value.lower()}"
    elif filled.header:
        yield from _wrapped(f"*{filled.header}*", columns)
    if template.offer:
        yield from _wrapped(f"◷ {template.offer.text}", columns)
    yield from _wrapped(filled.body, columns)
    if template.footer:
        yield ""
        yield from _wrapped(template.footer, columns)


def _card(card: Card, texts: FilledCard, language: str, columns: int) -> Iterator[list[str]]:
    header = card.header.format if card.header else None
    head = [f"{MEDIA_SIGNS[header]} {header.value.lower()}"] if header in MEDIA_SIGNS and header else []
    yield head + list(_wrapped(texts.body, columns))
    yield from _button_rows(card.buttons, language)


def _button_rows(buttons: tuple[Button, ...], language: str) -> Iterator[list[str]]:
    for label, button in shown_buttons(buttons, language):
        yield [f"{ICONS.get(button.kind, '·') if button else '☰'} {label}"]


def shown_buttons(buttons: tuple[Button, ...], language: str) -> Iterator[tuple[str, Button | None]]:
    """Each row under the bubble: its label and its button; more than three fold into a last row without one."""
    folds = len(buttons) > _SHOWN_BUTTONS
    for button in buttons[: _SHOWN_BUTTONS - 1 if folds else _SHOWN_BUTTONS]:
        yield button.text or _OWN_LABELS.get(button.kind, _SEE_ALL).say(language), button
    if folds:
        yield _SEE_ALL.say(language), None


def _wrapped(text: str, columns: int) -> Iterator[str]:
    for line in text.splitlines():
        if not line.strip():
            yield ""
        yield from _by_width(line, columns)


def _by_width(line: str, columns: int) -> Iterator[str]:
    """textwrap counts characters; a phone counts widths, so each piece is cut again where it is too wide."""
    for piece in textwrap.wrap(line, columns):
        while width(piece) > columns:
            fits = next(cut for cut in range(len(piece) - 1, 0, -1) if width(piece[:cut]) <= columns)
            space = piece.rfind(" ", 1, fits + 1)
            cut = space if space > 0 else fits
            yield piece[:cut].rstrip()
            piece = piece[cut:].lstrip()
        yield piece


def width(text: str) -> int:
    """Columns that a terminal gives to the text: wide letters and emoji two, combining marks none."""
    return sum(_letter_width(letter) for letter in text)


def _letter_width(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn", "Me") or letter == "\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def is_right_to_left(text: str) -> bool:
    """By the first letter that has a direction (Unicode's rule P2)."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def _boxed(blocks: list[list[str]], columns: int) -> str:
    rule = "─" * (columns + 2)
    lines = [f"╭{rule}╮"]
    for number, block in enumerate(blocks):
        if number:
            lines.append(f"├{rule}┤")
        lines += [f"│ {_padded(line, columns)} │" for line in block]
    return "\n".join([*lines, f"╰{rule}╯"])


def _padded(line: str, columns: int) -> str:
    room = " " * max(0, columns - width(line))
    return room + line if is_right_to_left(line) else line + room
