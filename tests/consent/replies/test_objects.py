"""What a request is about: our messages, or something that only has the same verb."""

from __future__ import annotations

import pytest

from consent.replies import Certainty, Kind, read
from consent.replies.normalise import fold_entry
from consent.replies.turkish import is_object


@pytest.mark.parametrize("word", ["koliyi", "raporu", "pastayı", "çiçeği", "arabayı"])
def test_a_turkish_noun_in_the_accusative_is_an_object(word: str) -> None:
    assert is_object(fold_entry(word), on_list=False)


@pytest.mark.parametrize(
    "word", ["geldi", "sürekli", "evdeki", "annemi", "broşürlerinizi", "saçmalıkları", "yani", "at"]
)
def test_what_only_ends_like_an_accusative_is_none(word: str) -> None:
    assert not is_object(fold_entry(word), on_list=False)


def test_on_a_list_every_thing_is_an_object() -> None:
    assert is_object(fold_entry("sütü"), on_list=True)
    assert not is_object(fold_entry("sütü"), on_list=False)
    assert not is_object(fold_entry("numrami"), on_list=True)


@pytest.mark.parametrize("verb", ["göndermeyin", "atmayınız", "yollamayı bırakın", "iletmenizi istemiyorum"])
def test_a_thing_that_shall_not_be_sent_is_no_stop(verb: str) -> None:
    assert read(f"koliyi {verb}").kind is Kind.OTHER
    assert read(f"mesaj {verb}").kind is Kind.STOP


@pytest.mark.parametrize(
    "text",
    [
        "promosyon ürün istemiyorum",
        "sütü listeden çıkar",
        "delete milk from my list",
        "stop the payment please",
        "cancelar la suscripción a Netflix",
        "annuler mon abonnement internet",
        "don't mail it, I'll pick it up",
        "please stop barking",
        "não quero mais esse produto",
        "pani band kar do",
    ],
)
def test_a_verb_of_stopping_with_another_object_is_no_stop(text: str) -> None:
    assert read(text).kind is Kind.OTHER


@pytest.mark.parametrize("text", ["milk from the list, please remove", "remove bananas from the list"])
def test_an_unknown_thing_on_a_list_is_never_certain(text: str) -> None:
    assert read(text).certainty is Certainty.LIKELY or read(text).kind is Kind.OTHER


@pytest.mark.parametrize(
    "text", ["Tom deleted my number", "they removed me from the group", "он перестал мне писать", "he never texts me"]
)
def test_what_somebody_did_asks_for_nothing(text: str) -> None:
    assert read(text).kind is Kind.OTHER


@pytest.mark.parametrize(
    "text", ["I said don't text me", "i told you to stop sending texts", "saya tidak mau sms lagi"]
)
def test_saying_again_that_one_wants_no_messages_is_a_stop(text: str) -> None:
    assert read(text).kind is Kind.STOP


def test_a_reason_behind_a_refusal_makes_it_doubtful() -> None:
    assert read("Beni rahatsız etmeyin").certainty is Certainty.CERTAIN
    assert read("Beni rahatsız etmeyin, çalışıyorum").certainty is Certainty.LIKELY
