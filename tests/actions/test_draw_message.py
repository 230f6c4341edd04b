"""The bubble as a picture: ink where a phone would put it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.actions.draw_message import draw_message, missing_letters
from gateway.core.template import Template, Value
from tests.core.templates import SPRING, SPRING_VALUES, filled, template, text_template

PAPER = (255, 255, 255)
WALLPAPER = (239, 234, 226)
SMALL = 0.5


@dataclass(frozen=True)
class Picture:
    """Rows of RGB pixels."""

    rows: list[list[tuple[int, int, int]]]

    @property
    def size(self) -> tuple[int, int]:
        return len(self.rows[0]), len(self.rows)

    def ink(self, left: int, right: int) -> int:
        """How many pixels between two columns are darker than any background."""
        return sum(sum(pixel) < 450 for row in self.rows for pixel in row[left:right])


def picture(png: bytes, rows_max: int = 10_000) -> Picture:
    """Read the top rows of eight-bit RGBA, which is all that the renderer writes."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colour = struct.unpack_from(">IIBB", png, 16)
    assert (depth, colour) == (8, 6)
    raw = zlib.decompress(b"".join(content for kind, content in chunks(png) if kind == b"IDAT"))
    rows, above = [], bytes(4 * width)
    for place in range(0, min(height, rows_max) * (4 * width + 1), 4 * width + 1):
        above = unfiltered(raw[place], raw[place + 1 : place + 1 + 4 * width], above)
        rows.append([(above[x], above[x + 1], above[x + 2]) for x in range(0, 4 * width, 4)])
    return Picture(rows)


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 8
    while place < len(png):
        length = struct.unpack_from(">I", png, place)[0]
        yield png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place += 12 + length


def unfiltered(kind: int, row: bytes, above: bytes) -> bytes:
    """One row of a PNG, its filter undone (RFC 2083 section 6)."""
    done = bytearray(row)
    for x, value in enumerate(row):
        left, up, corner = (done[x - 4] if x > 3 else 0), above[x], (above[x - 4] if x > 3 else 0)
        guess = (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]
        done[x] = (value + guess) & 255
    return bytes(done)


def paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    return min((left, up, corner), key=lambda one: abs(near - one))


def drawn(made: Template, values: dict[str, Value] | None = None, rows_max: int = 10_000) -> Picture:
    return picture(draw_message(made, filled(made, values or {}), time="14:05", zoom=SMALL), rows_max)


def test_the_picture_is_a_phones_screen_wide() -> None:
    made = template(SPRING)
    png = draw_message(made, filled(made, SPRING_VALUES), time="14:05")
    assert struct.unpack_from(">II", png, 16) == (1080, 666)


def test_the_bubble_stands_on_the_wallpaper_with_dark_letters() -> None:
    shown = drawn(template(SPRING), SPRING_VALUES)
    assert shown.size == (180, 111)
    assert shown.rows[2][2] == WALLPAPER
    assert shown.rows[20][9] == PAPER
    assert shown.ink(6, 156) > 300


@pytest.mark.parametrize(
    ("text", "is_right"), [("Kısa bir not.", False), ("مرحبا بكم", True), ("שלום לכולם", True), ("Привет", False)]
)
def test_a_line_stands_on_its_scripts_side(text: str, is_right: bool) -> None:
    made = text_template(text + "\n\n.")
    shown = drawn(made, rows_max=19)
    left, right = shown.ink(6, 81), shown.ink(81, 156)
    assert (right > left) is is_right
    assert max(left, right) > 20
    assert min(left, right) < 5


@pytest.mark.parametrize("more", ["", " مممممم" * 12])
def test_letters_never_reach_beyond_the_bubble(more: str) -> None:
    made = text_template("*" + "WWWWW mmmm " * 5 + "WWWWW* " + "W" * 90 + more)
    assert drawn(made).ink(156, 180) == 0


def test_bold_is_darker_than_plain() -> None:
    plain, bold = (drawn(text_template(text)).ink(6, 156) for text in ("Bahar geldi", "*Bahar geldi*"))
    assert bold > plain * 1.15


def test_struck_text_has_a_line_through_it() -> None:
    plain, struck = (drawn(text_template(text)) for text in ("Bahar", "~Bahar~"))
    assert struck.ink(6, 100) > plain.ink(6, 100)


def test_letters_that_our_fonts_lack_are_named_wherever_they_stand() -> None:
    made = text_template(
        "Bahar 🎉", components=[{"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "日"}]}]
    )
    assert missing_letters(made, filled(made, {})) == ["🎉", "日"]
    assert missing_letters(template(SPRING), filled(template(SPRING), SPRING_VALUES)) == []
