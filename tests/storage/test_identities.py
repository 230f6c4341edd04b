"""Who is known by all their names is told for many people in one go."""

from __future__ import annotations

from consent import vault
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.storage.database import Database
from gateway.storage.identities import not_yet_whole
from gateway.storage.inbox import Inbox
from tests.given import TUESDAY, Given


def known_as(house: Given, **names: str) -> Subject:
    person = house.person()
    with house.database.write() as connection:
        vault.attach(
            connection, person.subject, [Identifier(IdentifierKind(k), v) for k, v in names.items()], house.now
        )
    return person.subject


def test_only_people_whose_names_are_all_one_persons_are_whole(database: Database, inbox: Inbox) -> None:
    gateway = Given(database, inbox)
    known_as(gateway, wa_id="905550000801", bsuid="TR.1", parent_bsuid="TR.ENT.1")
    known_as(gateway, wa_id="905550000802", bsuid="TR.2")
    known_as(gateway, bsuid='TR."3\\')
    people = [
        ("905550000801", "TR.1", "TR.ENT.1"),
        ("905550000801", "TR.1", None),
        (None, "TR.1", "TR.ENT.1"),
        ("905550000802", "TR.1", None),
        ("905550000802", "TR.2", "TR.ENT.9"),
        ("905550000809", "TR.9", None),
        (None, 'TR."3\\', None),
    ]
    with gateway.database.read() as connection:
        assert not_yet_whole(connection, people) == people[3:6]
        assert not_yet_whole(connection, []) == []


def test_references_rise_through_all_batches_of_one_moment_and_cannot_be_guessed(database: Database) -> None:
    """An import has one moment. Where its references were by chance, each batch was written all over their index."""
    strangers = [[Identifier(IdentifierKind.PHONE, f"+9055500{n:05}") for n in range(at, at + 40)] for at in (0, 40)]
    with database.write() as connection:
        met = [one for batch in strangers for one in vault.add(connection, batch, TUESDAY)]
    refs = [one.ref for one in met]
    assert refs == sorted(set(refs))
    assert len({ref[-12:] for ref in refs}) == len(refs)
    assert {len(ref) for ref in refs} == {32}
