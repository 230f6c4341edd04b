"""What İzin says back to a person, in Turkish and English. Never a word of promotion: the law allows none here.

An acknowledgement says what stopped and how to resume (reference/consent.md section 4); a confirmation says how to
refuse, on the same day (section 1, Turkish points).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    STOPPED = "stopped"
    STOPPED_EVERYTHING = "stopped_everything"
    PAUSED = "paused"
    RESUMED = "resumed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    TOO_LATE = "too_late"
    WRONG_CODE = "wrong_code"
    HOW_TO_JOIN = "how_to_join"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class House:
    """Who speaks: the brand, and where a person can turn to. Both stand in the settings."""

    brand: str
    contact: str = ""


_WORDS: dict[Answer, tuple[str, str]] = {
    Answer.STOPPED: (
        "{brand}: Kampanya mesajlarını durdurduk, artık göndermeyeceğiz. Yeniden almak isterseniz BAŞLA yazın.",
        "{brand}: We have stopped, you will get no more offers from us. To get them again, write START.",
    ),
    Answer.STOPPED_EVERYTHING: (
        "{brand}: Bütün mesajları durdurduk. Yeniden almak isterseniz BAŞLA yazın.",
        "{brand}: We have stopped all messages. To get them again, write START.",
    ),
    Answer.PAUSED: (
        "{brand}: Mesajları şimdilik durdurduk. Tümden durdurmak için DUR, sürdürmek için BAŞLA yazın.",
        "{brand}: We have paused our messages. Write STOP to end them, START to go on.",
    ),
    Answer.RESUMED: (
        "{brand}: Kampanya mesajlarını yeniden alacaksınız. Durdurmak için DUR yazın.",
        "{brand}: You will get our offers again. To stop them, write STOP.",
    ),
    Answer.CONFIRMED: (
        "{brand}: Onayınızı kaydettik. Vazgeçerseniz DUR yazmanız yeter.",
        "{brand}: Your consent is recorded. If you change your mind, just write STOP.",
    ),
    Answer.DECLINED: (
        "{brand}: Kaydettik, size kampanya mesajı göndermeyeceğiz.",
        "{brand}: Noted, we will not send you offers.",
    ),
    Answer.TOO_LATE: (
        "{brand}: Bu onay isteğinin süresi dolmuş; kayıt yapılmadı. Almak isterseniz BAŞLA yazın.",
        "{brand}: That request has run out, nothing was recorded. To get our offers, write START.",
    ),
    Answer.WRONG_CODE: (
        "{brand}: Bu kodu tanımadık, kayıt yapılmadı. Kodu denetleyip yeniden yazabilirsiniz.",
        "{brand}: We do not know that code, nothing was recorded. Please check it and write it again.",
    ),
    Answer.HOW_TO_JOIN: (
        "{brand}: Kampanya mesajlarımıza kayıtlı değilsiniz. Katılmak için BAŞLA yazın.",
        "{brand}: You are not on our list. To join, write START.",
    ),
    Answer.HELP: (
        "{brand}: Size yalnızca onayınızla yazıyoruz. Durdurmak için DUR yazın.[ İletişim: {contact}]",
        "{brand}: We write to you only with your consent. To stop, write STOP.[ Contact: {contact}]",
    ),
}


def words(answer: Answer, language: str, house: House) -> str:
    """The text of an answer: Turkish for `tr`, English for everybody else."""
    turkish, english = _WORDS[answer]
    text = turkish if language.lower().startswith("tr") else english
    head, bracket, optional = text.partition("[")
    if bracket:
        text = head + (optional.rstrip("]") if house.contact else "")
    return text.format(brand=house.brand, contact=house.contact)
