"""Composing by the million says to each person what composing for them alone would say."""

from __future__ import annotations

from itertools import product

import orjson
import pytest
from sqlalchemy import text

from gateway.actions.compose_messages import Composer, Press, Tokens
from gateway.actions.plan_campaign import versions_of
from gateway.core.campaign import restored
from gateway.storage.audience_rows import AudienceRow
from gateway.storage.statements import json_of
from tests.given import Given

NAMES = ["Ayşe Yılmaz", "Ayşe Demir", " Mehmet  Can", "", None]
ATTRIBUTES = [None, "{}", '{"store":"Moda"}', '{"store":"Moda","first_name":"Ayşecik"}', '{"other":"x"}']
PEOPLE = [
    AudienceRow(n, f"s{n}", name, language, "TR", source, attributes)
    for n, (name, language, source, attributes) in enumerate(product(NAMES, ["tr", "en", None], ["a", "b"], ATTRIBUTES))
]


@pytest.mark.parametrize(
    "first_name",
    ["{person.first_name|dostum}", "{person.name|dostum}", "{person.source}", "{person.language|x}", "hep"],
)
def test_the_press_says_what_the_composer_says(gateway: Given, first_name: str) -> None:
    written = {"season": {"tr": "Bahar", "en": "spring"}, "first_name": first_name, "store": "{person.store|yakın}"}
    campaign = gateway.plan("Spring", parameters=written)
    with gateway.database.read() as connection:
        composer = Composer(restored(campaign.plan), versions_of(connection, campaign.template_name))
    press = Press(composer)
    for person in PEOPLE + PEOPLE:
        content, token = press.content(person)
        language = composer.language_of(person.language)
        alone = composer.filled(
            language, {} if language is None else composer.values_of(person, language), person.language
        )
        assert token is not None
        assert alone.token is not None
        assert orjson.loads(content.replace(token, alone.token)) == orjson.loads(orjson.dumps(alone.content))


def test_everybody_gets_their_own_words_and_their_own_token(gateway: Given) -> None:
    people = [gateway.person(name=name) for name in ("Ayşe Yılmaz", "Mehmet Can", "Ayşe Demir", "Mehmet Can")]
    gateway.campaign("Spring")
    gateway.launch()
    with gateway.database.read() as connection:
        rows = connection.execute(text("SELECT content, token FROM message ORDER BY subject_id")).all()
    assert len({row.token for row in rows}) == len(people)
    for row, name in zip(rows, ("Ayşe", "Mehmet", "Ayşe", "Mehmet"), strict=True):
        assert name in orjson.dumps(json_of(row.content)).decode()
        assert row.token in orjson.dumps(json_of(row.content)).decode()


def test_tokens_do_not_repeat_where_one_bundle_ends_and_the_next_begins() -> None:
    tokens = Tokens()
    made = [tokens.next() for _ in range(2_500)]
    assert len(set(made)) == len(made)
    assert {len(token) for token in made} == {12}
