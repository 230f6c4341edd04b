"""What a request knows: the house it stands in, and the language of its reader."""

from __future__ import annotations

from flask import current_app, request

from consent.reasons import LANGUAGES
from gateway.assembly import House
from gateway.core.wording import Wording

HOUSE = "izin"


def house() -> House:
    """The house that this app was built for."""
    found = current_app.extensions[HOUSE]
    assert isinstance(found, House)
    return found


def language() -> str:
    """`?lang=` wins, then what the browser accepts, then IZIN_LANGUAGE."""
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        return asked
    accepted = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((one for one in accepted if one in LANGUAGES), house().settings.language)


def say(wording: Wording) -> str:
    return wording.say(language())
