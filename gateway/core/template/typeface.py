"""How wide a font's letters are, read from the font itself: enough to know where a line must break.

Tables and offsets: the OpenType specification's `head`, `hhea`, `hmtx` and `cmap` (formats 4 and 12).
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

EMOJI_EMS = 1.25
"""What a letter takes that the font does not have: an emoji, or one of a wide script."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """Advance widths by letter, in ems."""

    ems: Mapping[int, float]

    def has(self, letter: str) -> bool:
        return ord(letter) in self.ems or _is_silent(letter)

    def em(self, letter: str) -> float:
        """How far the letter moves the pen, in ems: a little too much rather than too little."""
        return 0.0 if _is_silent(letter) else self.ems.get(ord(letter), EMOJI_EMS)


def _is_silent(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cf", "Mn", "Me", "Cc")


def read_typeface(content: bytes) -> Typeface:
    """Raises ValueError when this is no TrueType or OpenType font with a Unicode map."""
    try:
        return Typeface(dict(_widths(content)))
    except (struct.error, KeyError, IndexError) as problem:
        raise ValueError("this is not a font that can be read") from problem


def _widths(content: bytes) -> Iterator[tuple[int, float]]:
    tables = dict(_tables(content))
    units = struct.unpack_from(">H", content, tables[b"head"] + 18)[0]
    count = struct.unpack_from(">H", content, tables[b"hhea"] + 34)[0]
    advances = struct.unpack_from(">" + "Hh" * count, content, tables[b"hmtx"])[::2]
    for letter, glyph in _glyphs(content, tables[b"cmap"]):
        yield letter, advances[min(glyph, count - 1)] / units


def _tables(content: bytes) -> Iterator[tuple[bytes, int]]:
    for place in range(struct.unpack_from(">H", content, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", content, 12 + 16 * place)
        yield tag, offset


def _glyphs(content: bytes, cmap: int) -> Iterator[tuple[int, int]]:
    """Letters and their glyphs, from every subtable of a format that we read; the full one comes last."""
    subtables = set()
    for place in range(struct.unpack_from(">H", content, cmap + 2)[0]):
        subtables.add(cmap + struct.unpack_from(">HHI", content, cmap + 4 + 8 * place)[2])
    read = {4: _segments, 12: _groups}
    kinds = sorted((struct.unpack_from(">H", content, offset)[0], offset) for offset in subtables)
    for kind, offset in kinds:
        if kind in read:
            yield from read[kind](content, offset)


def _segments(content: bytes, offset: int) -> Iterator[tuple[int, int]]:
    double = struct.unpack_from(">H", content, offset + 6)[0]
    ends = offset + 14
    for place in range(0, double - 2, 2):  # the last segment only ends the list
        end = struct.unpack_from(">H", content, ends + place)[0]
        start = struct.unpack_from(">H", content, ends + 2 + double + place)[0]
        delta = struct.unpack_from(">H", content, ends + 2 + 2 * double + place)[0]
        where = ends + 2 + 3 * double + place
        skip = struct.unpack_from(">H", content, where)[0]
        for letter in range(start, end + 1):
            glyph = letter if not skip else struct.unpack_from(">H", content, where + skip + 2 * (letter - start))[0]
            if glyph or not skip:
                yield letter, (glyph + delta) & 0xFFFF


def _groups(content: bytes, offset: int) -> Iterator[tuple[int, int]]:
    for place in range(struct.unpack_from(">I", content, offset + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", content, offset + 16 + 12 * place)
        yield from ((letter, glyph + letter - first) for letter in range(first, last + 1))
