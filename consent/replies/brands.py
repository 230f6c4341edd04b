"""Brand and keyword as Turkish SMS taught people to write it: "KLIKSA RET", "RED ATLASGLOBAL", "MMRET".

consent.md section 4, from real opt-out instructions (Turkish SMS Collection). With a brand we know the reading is
certain; with a word we do not know it is likely, because "başvuru ret" has the same form.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from consent.replies.ideas import ideas_of
from consent.replies.normalise import Words
from consent.replies.phrasebook import library
from consent.replies.reading import Certainty, Kind, Reading
from consent.replies.vocabulary import shipped

_KEYWORDS = ("ret", "red", "iptal", "dur", "stop", "cik", "cikis")
_LONE = ("ret", "red", "iptal")
BRAND_LETTERS_MAX = 20
NAME_WORDS_MAX = 2
_VOWELS = frozenset("aeiou")
_PAST = "(?:[cfhkpst]t|[^cfhkpst]d)[iu]"  # the suffix follows the sound before it: gitti, geldi
_TELLS = re.compile(f".*(?:yor(?:um|uz|sun|lar)?|{_PAST}(?:m|k|n)?|m[iu]s|ac[ae]k|[ae]c[ae]g[iu]m)")
"""A verb that tells something beside "iptal" is no brand: "gelmiyorum iptal"."""
_GLUED = re.compile(r"([a-z0-9]{2,20})(ret|red|iptal|stop|dur)")
_GLUED_FRONT = re.compile(r"ret[bcdfghjklmnpstvyz0-9][a-z0-9]{3,19}")
"""RET and a name. With r or w or a vowel behind it, it is mostly another word: retro, retweet, return, retinol."""
_SHORT_NUMBER = re.compile("[3-9][0-9]{3}")
"""The number a Turkish opt-out goes to stands beside the word often enough: "DUR 3404"."""
_NAME_REST_MIN = 5
_SUFFIXED = re.compile("l[ae]r|[iu]?[mn]|s[iu]|[dt][ae]|y[iu]")


def _reading(certainty: Certainty, name: str) -> Reading:
    return Reading(Kind.STOP, certainty, f"tr.brand.{name}/1")


def _may_be_brand(word: str) -> bool:
    return word.isalnum() and not _TELLS.fullmatch(word) and (not ideas_of(word).get("tr") or _is_compound(word))


def _is_compound(word: str) -> bool:
    """Whether the word only begins like one we know, as a name may: "Yemeksepeti", but not "yemeklerimiz"."""
    stems = library().books["tr"].stems
    stem = next((word[:length] for length in range(len(word), 2, -1) if word[:length] in stems), word)
    rest = word[len(stem) :]
    return len(rest) >= _NAME_REST_MIN and not _SUFFIXED.match(rest)


def _beside(words: Sequence[str]) -> Reading | None:
    """An unknown word beside RET, RED or IPTAL; a name of two words beside RET."""
    if len(words) == NAME_WORDS_MAX + 1 and "ret" in (words[0], words[-1]):
        name = words[1:] if words[0] == "ret" else words[:-1]
        return _reading(Certainty.LIKELY, "unknown-ret") if all(map(_may_be_brand, name)) else None
    if len(words) != 2:
        return None
    for keyword, brand in (words, reversed(words)):
        if keyword in _KEYWORDS and _SHORT_NUMBER.fullmatch(brand):
            return _reading(Certainty.LIKELY, f"number-{keyword}")
        if keyword in _LONE and len(brand) <= BRAND_LETTERS_MAX and _may_be_brand(brand):
            return _reading(Certainty.LIKELY, f"unknown-{keyword}")
    return None


def _glued(word: str, aliases: Collection[str], is_shouted: bool) -> Reading | None:
    if is_shouted and _GLUED_FRONT.fullmatch(word):
        return _reading(Certainty.LIKELY, "glued-unknown-ret")
    parts = _GLUED.fullmatch(word)
    if parts is None:
        return None
    brand, keyword = parts.groups()
    if brand in aliases:
        return _reading(Certainty.CERTAIN, f"glued-{keyword}")
    is_abbreviation = _VOWELS.isdisjoint(brand) or (len(brand) > 2 and any(map(str.isdigit, brand)))
    if keyword in _LONE and (is_abbreviation or (is_shouted and len(brand) > 3 and keyword != "red")):
        return _reading(Certainty.LIKELY, f"glued-unknown-{keyword}")
    return None


def brand_stop(message: Words, words: Sequence[str], aliases: Collection[str]) -> Reading | None:
    """A brand's name and a keyword, in either order, apart or glued together."""
    if len(words) == 1:
        glued_front = next((word for word in _KEYWORDS if words[0] in {word + alias for alias in aliases}), None)
        if glued_front:
            return _reading(Certainty.CERTAIN, f"glued-{glued_front}")
        return _glued(words[0], aliases, message.raw.isupper())
    return _beside([word for word in words if word not in shipped().courtesies])
