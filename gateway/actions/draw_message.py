"""Draw a filled message as a picture, as a phone would show it.

Trigger: `izin templates preview --png`.
Reads:   the fonts that come with İzin's packages, and this machine's for letters that those lack (emoji).
Writes:  nothing.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import resvg_py

from gateway.core.template import Filled, Template, preview_svg
from gateway.core.template.preview_svg import Faces, said_in
from gateway.core.template.typeface import Typeface, read_typeface

TEXT_FONTS = {"Roboto": "fontpkg_roboto", "Rubik": "fontpkg_rubik"}
"""Families and their packages: Android's own, and one that has Arabic and Hebrew too."""
MONO_FONTS = "fontpkg_roboto_mono"
ZOOM = 3
"""Pixels of the picture to one of the drawing: 1080 across, as a phone's screen has."""


def draw_message(template: Template, filled: Filled, *, time: str, zoom: float = ZOOM) -> bytes:
    """The bubble as a PNG, a phone's screen wide; `time` stands in its corner."""
    drawing = preview_svg(template, filled, faces(), time=time)
    fonts = [str(font) for package in (*TEXT_FONTS.values(), MONO_FONTS) for font in _fonts(package)]
    alone = not missing_letters(template, filled)  # then the picture is the same on every machine
    return resvg_py.svg_to_bytes(svg_string=drawing, font_files=fonts, skip_system_fonts=alone, zoom=zoom)


def missing_letters(template: Template, filled: Filled) -> list[str]:
    """Letters that İzin's own fonts lack, each once; whether the machine has them shows only in the picture."""
    return faces().lacks(said_in(template, filled))


@cache
def faces() -> Faces:
    return Faces(tuple((family, _upright(package)) for family, package in TEXT_FONTS.items()), _upright(MONO_FONTS))


def _upright(package: str) -> Typeface:
    return read_typeface(next(font for font in _fonts(package) if "Italic" not in font.name).read_bytes())


def _fonts(package: str) -> list[Traversable]:
    found = [font for font in (files(package) / "files").iterdir() if font.name.endswith(".ttf")]
    return sorted(found, key=lambda font: font.name)
