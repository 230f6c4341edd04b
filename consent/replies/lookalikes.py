"""Letters of one alphabet that stand in for those of another: "Cтоп" with a Latin C, "ѕtор" with Cyrillic letters."""

from __future__ import annotations

_TO_LATIN = str.maketrans("аеорсухіјѕһԁԛԝтмкнвοαρτικεχυνβμηζё", "aeopcyxijshdqwtmkhboaptikexunbmnze")
_TO_CYRILLIC = str.maketrans("aeopcyxijstmkhb", "аеорсухіјѕтмкнв")
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")


def _is_cyrillic(char: str) -> bool:
    return "\u0400" <= char <= "\u052f"


def _is_other(char: str) -> bool:
    return _is_cyrillic(char) or "\u0370" <= char <= "\u03ff"


def as_latin(word: str) -> str | None:
    """The word in Latin letters if every letter of it looks like one, else None."""
    plain = word.translate(_TO_LATIN)
    return plain if all(char in _LATIN or char.isdigit() for char in plain) else None


def _as_cyrillic(word: str) -> str | None:
    plain = word.translate(_TO_CYRILLIC)
    return plain if all(_is_cyrillic(char) for char in plain) else None


def unmix(word: str) -> str:
    """A word that mixes alphabets in the one it was meant in: that of most of its letters, if the rest allow it."""
    if word.isascii():
        return word
    latin = sum(char in _LATIN for char in word)
    other = sum(map(_is_other, word))
    if not latin or not other:
        return word
    first, second = (as_latin, _as_cyrillic) if latin >= other else (_as_cyrillic, as_latin)
    return first(word) or second(word) or word
