"""Names in a segment that mean nobody: said, with the nearest name that somebody has. Others are passed over."""

from __future__ import annotations

import pytest

from gateway.actions.record_events import record_events
from gateway.core.segment import Segment, parse
from gateway.core.segment.named import names_in
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.known_names import hints
from tests.given import Given

EVERYTHING = (
    'tag:vip and not bought(coffee) or event("Order Completed") >= 2 and (read("Kış") or sent or city contains "An") '
    'and consent(marketing) is granted and consent("custom:club") is none and language in (tr, en) and source != web '
    "and person.source is known and visits > 3 and name = Ada and country = TR and zone = Europe/Istanbul and tag:vip"
)


def test_every_name_is_found_once_in_the_order_of_the_text() -> None:
    segment = parse(EVERYTHING)
    assert isinstance(segment, Segment)
    assert [tuple(map(str, name)) for name in names_in(segment.where)] == [
        ("tag", "vip"),
        ("event", "bought"),
        ("event", "Order Completed"),
        ("campaign", "Kış"),
        ("attribute", "city"),
        ("purpose", "custom:club"),
        ("language", "tr"),
        ("language", "en"),
        ("source", "web"),
        ("attribute", "source"),
        ("attribute", "visits"),
        ("country", "TR"),
        ("zone", "Europe/Istanbul"),
    ]


def test_only_names_of_a_kind_that_is_known_are_names() -> None:
    segment = parse('name = Ada or added within 7d or bucket(2) = 0 or everyone or zone > "Europe/"')
    assert isinstance(segment, Segment)
    assert names_in(segment.where) == ()


@pytest.fixture
def shop(database: Database, inbox: Inbox) -> Given:
    gateway = Given(database, inbox)
    gateway.person(name="Ada", tags=["vip", "cay"], city="Ankara", points="7")
    item = {"type": "track", "phone": "+905550000001", "event": "bought"}
    assert gateway.database.run(lambda c: record_events(c, [item], gateway.settings, gateway.now)).events == 1
    gateway.plan("Bahar")
    return gateway


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tag:vip and bought() and city = Ankara and points > 3 and sent(Bahar)", []),
        ("bougth(coffee)", ["“bougth” olayı kimseden gelmedi. “bought” mi demek istediniz?"]),
        ("not Bought()", ["“Bought” olayı kimseden gelmedi. “bought” mi demek istediniz?"]),
        ("tag:vpi", ["“vpi” etiketi kimsede yok. “vip” mi demek istediniz?"]),
        ("tag:zzzz", ["“zzzz” etiketi kimsede yok."]),
        ("citty = Ankara", ["“citty” alanı kimsede dolu değil. “city” mi demek istediniz?"]),
        ("lang = tr", ["“lang” alanı kimsede dolu değil. “language” mi demek istediniz?"]),
        ("dil = tr", ["“dil” alanı kimsede dolu değil. “language” mi demek istediniz?"]),
        ("etiket = vip", ["“etiket” alanı kimsede dolu değil. “tag:…” mi demek istediniz?"]),
        ("read(Bahra)", ["“Bahra” adlı bir kampanya yok. “Bahar” mi demek istediniz?"]),
        ("country = TRR", ["Ülkesi “TRR” olan kimse yok. “TR” mi demek istediniz?"]),
        ("zone = Istanbul", ["Saat dilimi “Istanbul” olan kimse yok. “Europe/Istanbul” mi demek istediniz?"]),
        ("source = uzay", ["Kaynağı “uzay” olan kimse yok."]),
        ("consent(custom:club) is granted", ["“custom:club” amacı için kimse bir şey söylemedi."]),
    ],
)  # fmt: skip
def test_what_means_nobody_is_said_with_what_may_have_been_meant(shop: Given, text: str, said: list[str]) -> None:
    segment = parse(text)
    assert isinstance(segment, Segment)
    with shop.database.read() as connection:
        assert [hint.say("tr") for hint in hints(connection, [segment])] == said
