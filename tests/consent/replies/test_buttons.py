"""Buttons: the payload or the localised title, whichever says stop."""

from __future__ import annotations

import pytest

from consent.replies import Certainty, Kind, read, read_button


@pytest.mark.parametrize(
    "payload",
    ["OPTOUT", "OPT_OUT", "opt-out", "STOP", "STOP_PROMOTIONS", "stop:marketing", "UNSUBSCRIBE", "unsubscribe_me"],
)
def test_a_payload_that_says_stop_is_a_stop_whatever_the_title(payload: str) -> None:
    assert read_button(payload, "Tamam").kind is Kind.STOP


@pytest.mark.parametrize(
    "title",
    [
        "Pazarlama mesajlarını durdur", "Stop promotions", "Parar promoções", "Mesajları durdur",
        "Kampanyaları durdur",
        "Promotions stoppen", "Arrêter les promotions", "Detener promociones", "Interrompi promozioni", "Abmelden",
        "Reklame stoppen", "Hentikan promosi", "Остановить рассылку", "إيقاف العروض", "संदेश बंद करें",
    ],
)  # fmt: skip
def test_a_title_that_says_stop_is_a_stop_whatever_the_payload(title: str) -> None:
    assert read_button("btn-4711", title).kind is Kind.STOP


@pytest.mark.parametrize("title", ["Pazarlama mesajlarını durdur", "Stop promotions", "Parar promoções"])
def test_a_title_that_arrives_as_plain_text_is_read_the_same(title: str) -> None:
    reading = read(title)
    assert (reading.kind, reading.certainty) == (Kind.STOP, Certainty.CERTAIN)


@pytest.mark.parametrize(
    ("payload", "title"), [("details:7", "Ayrıntılar"), ("", ""), ("cart", "Sepete ekle"), ("yes", "Evet")]
)
def test_any_other_button_is_no_stop(payload: str, title: str) -> None:
    assert read_button(payload, title).kind is Kind.OTHER


def test_yes_and_no_buttons_answer_an_open_request() -> None:
    assert read_button("", "Onaylıyorum", pending=True).kind is Kind.CONFIRM
    assert read_button("", "Hayır", pending=True).kind is Kind.DECLINE


def test_a_stop_in_the_title_outweighs_a_yes_in_the_payload() -> None:
    assert read_button("yes", "Mesajları durdur", pending=True).kind is Kind.STOP
