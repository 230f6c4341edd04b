"""What people say in their own words: invented messages in some fifty languages, and the hard negatives beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from consent.replies import Certainty, Kind, read

SAID = Path(__file__).parent / "said"
LANGUAGES = sorted({path.name.split(".")[0] for path in SAID.glob("*.stop.txt")})


def lines(language: str, label: str) -> list[str]:
    return [line for line in (SAID / f"{language}.{label}.txt").read_text("utf-8").splitlines() if line.strip()]


def test_there_is_enough_to_measure() -> None:
    assert sum(len(lines(language, "stop")) for language in LANGUAGES) > 900
    assert sum(len(lines(language, "other")) for language in LANGUAGES) > 600


@pytest.mark.parametrize("language", LANGUAGES)
def test_requests_to_stop_are_heard(language: str) -> None:
    said = lines(language, "stop")
    missed = [text for text in said if read(text).kind is not Kind.STOP]
    assert len(missed) <= len(said) * 0.02, missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_messages_revoke_nothing_and_pause_rarely(language: str) -> None:
    said = [text for text in lines(language, "other") if text != "red"]  # a colour in English, RET's twin in Turkish
    stops = {text: read(text) for text in said if read(text).kind is Kind.STOP}
    revoked = [text for text, reading in stops.items() if reading.certainty is Certainty.CERTAIN]
    assert revoked == []
    assert len(stops) <= max(1, len(said) * 0.04), stops


@pytest.mark.parametrize("language", ["tr", "en"])
def test_most_requests_are_certain_enough_to_revoke(language: str) -> None:
    readings = [read(text) for text in lines(language, "stop")]
    certain = [reading for reading in readings if reading.certainty is Certainty.CERTAIN and reading.kind is Kind.STOP]
    assert len(certain) > len(readings) * 0.8


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("durmak yok yola devam", "continuing"), ("Please don't stop sending me offers", "negated"),
        ("siparişimi iptal etmek istiyorum", "another object"), ("please cancel my order", "another object"),
        ("stop lambası kaç lira", "another object"), ("başvurum ret mi oldu", "a question about something else"),
        ("çıkış saati kaç", "a question about something else"), ("Juan dijo que no le escriban más", "quoting"),
        ("ahmet bana yazmayın dedi", "quoting"), ("şu an yazmayın, yarın yazın", "scheduling"),
        ("Don't call me today, call me on Friday", "scheduling"), ("aramayın, mesaj atın", "another channel"),
        ("no me llamen, escríbanme", "another channel"), ("soğan istemiyorum", "a product refused"),
        ("bu teklifi istemiyorum", "a product refused"), ("şimdilik ilgilenmiyorum", "a product refused"),
        ("I don't want the blue one", "a product refused"), ("mesaj gelmedi", "something that did not come"),
        ("mesaj atmadınız", "something that did not come"), ("rahatsız etmek istemem ama fiyat nedir", "courtesy"),
    ],
)  # fmt: skip
def test_what_must_not_fire_does_not(text: str, why: str) -> None:
    assert read(text).kind is Kind.OTHER, why


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("do not write to me", "en.neg-send/1"), ("bitte nicht mehr schreiben", "de.neg-send/1"),
        ("не пишите мне больше", "ru.neg-send/1"), ("bana yazmayın lütfen", "tr.dontsend/1"),
        ("please remove me from the database", "en.remove-me/1"),
        ("numaramı sisteminizden siliniz", "tr.me-remove/1"),
    ],
)  # fmt: skip
def test_one_grammar_serves_all_languages(text: str, rule: str) -> None:
    assert read(text).rule.split(".")[0] == rule.split(".")[0]
    assert read(text).certainty is Certainty.CERTAIN


@pytest.mark.parametrize(
    "text",
    ["Mesajları tekrar açar mısınız", "yeniden abone olmak istiyorum", "beni tekrar listeye ekleyin",
    "sign me up again",
     "I want to receive your messages again", "please resubscribe me", "quiero recibir mensajes otra vez",
     "ich möchte wieder Nachrichten erhalten", "хочу снова получать сообщения", "quero receber mensagens de novo"],
)  # fmt: skip
def test_a_wish_to_come_back_is_a_start(text: str) -> None:
    assert read(text).kind is Kind.START


@pytest.mark.parametrize(
    "text",
    ["siz kimsiniz", "numaramı nereden buldunuz", "bu mesaj neden geldi", "who is this?", "how did you get my number",
     "why am I getting these", "woher haben Sie meine Nummer", "comment avez-vous eu mon numéro",
     "¿quiénes son ustedes?",
     "como conseguiu meu número", "chi siete", "откуда у вас мой номер", "आप कौन हैं", "ini siapa ya"],
)  # fmt: skip
def test_who_are_you_is_a_call_for_help(text: str) -> None:
    assert read(text).kind is Kind.HELP


@pytest.mark.parametrize(
    "text",
    ["siz kimsiniz numaramı silin", "who is this? stop texting me", "I want to receive messages again. No, stop.",
     "numaramı nereden buldunuz, bir daha yazmayın"],
)  # fmt: skip
def test_a_stop_beside_anything_else_is_a_stop(text: str) -> None:
    assert read(text).kind is Kind.STOP


@pytest.mark.parametrize(
    "text",
    ["bir daha yazarsanız şikayet ederim", "kaç kere söyledim", "sizi engelliyorum", "this is spam", "wrong number",
     "if you text me again I will report you", "how do I unsubscribe", "nasıl çıkabilirim bu listeden",
     "voy a denunciarlos, es acoso"],
)  # fmt: skip
def test_complaints_threats_and_questions_how_to_stop_pause(text: str) -> None:
    reading = read(text)
    assert (reading.kind, reading.certainty) in {(Kind.STOP, Certainty.LIKELY), (Kind.OTHER, Certainty.CERTAIN)}
    assert reading.kind is Kind.STOP or text == "kaç kere söyledim"
