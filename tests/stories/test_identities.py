"""One person, many identifiers: whatever is said by any of them binds all, whatever Meta calls them next."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from consent import vault
from consent.events import EventType
from consent.standing import State
from consent.vault import Identifier, IdentifierKind, Subject
from gateway.actions.know_people import unite
from gateway.actions.verify_ledger import verify_ledger
from gateway.storage import contacts
from tests.given import Given, Person

OLD_ID, NEW_ID = "TR.11111111111111111111", "TR.22222222222222222222"
NEW_PHONE = "+905550008888"
_ids = itertools.count(1)


def says(gateway: Given, text: str, *, phone: str | None = None, user_id: str | None = None) -> str:
    """A message as Meta delivers it from somebody whose phone, id or both are visible."""
    message: dict[str, Any] = {
        "id": f"wamid.identity.{next(_ids)}",
        "timestamp": str(int(gateway.now.timestamp())),
        "type": "text",
        "text": {"body": text},
    }
    contact: dict[str, Any] = {"profile": {"name": "Test"}}
    if phone:
        message["from"] = contact["wa_id"] = phone.removeprefix("+")
    if user_id:
        message["from_user_id"] = contact["user_id"] = user_id
    return gateway.post(gateway.value("messages", contacts=[contact], messages=[message]))


def prefers_stop(gateway: Given, user_id: str) -> str:
    item = {
        "user_id": user_id,
        "detail": "User requested",
        "category": "marketing_messages",
        "value": "stop",
        "timestamp": int(gateway.now.timestamp()),
    }
    return gateway.post(gateway.value("user_preferences", user_preferences=[item]))


def id_update(gateway: Given, phone: str | None, previous: str, current: str) -> str:
    item: dict[str, Any] = {
        "user_id": {"previous": previous, "current": current},
        "timestamp": str(int(gateway.now.timestamp())),
    }
    if phone:
        item["wa_id"] = phone.removeprefix("+")
    return gateway.post(gateway.value("user_id_update", user_id_update=[item]))


def changed_number(gateway: Given, old: str, new: str, **more: Any) -> str:
    message = {
        "from": old.removeprefix("+"),
        "id": f"wamid.identity.{next(_ids)}",
        "timestamp": str(int(gateway.now.timestamp())),
        "type": "system",
        "system": {"type": "user_changed_number", "wa_id": new.removeprefix("+"), "body": "A changed", **more},
    }
    return gateway.post(gateway.value("messages", messages=[message]))


def known_as(gateway: Given, kind: IdentifierKind, value: str) -> Person:
    identifier = Identifier(kind, value)
    with gateway.database.read() as connection:
        return Person(value, vault.find(connection, [identifier])[identifier])


def by_phone(gateway: Given, phone: str) -> Person:
    return known_as(gateway, IdentifierKind.PHONE, phone)


def state(gateway: Given, phone: str) -> State:
    return gateway.standing(by_phone(gateway, phone)).state


def the_ledger_holds(gateway: Given) -> None:
    with gateway.database.read() as connection:
        found = verify_ledger(connection).findings
    assert found.holds, found.lines()


@pytest.mark.parametrize("stop", ["words", "preference"])
def test_a_stop_by_id_alone_binds_when_the_phone_is_linked_later(gateway: Given, stop: str) -> None:
    ayse = gateway.person()
    said = prefers_stop(gateway, OLD_ID) if stop == "preference" else says(gateway, "DUR", user_id=OLD_ID)
    assert said == "200 OK"
    assert state(gateway, ayse.phone) is State.GRANTED, "nobody can know yet that they are one"
    spring = gateway.campaign()
    gateway.launch()
    says(gateway, "Merhaba", phone=ayse.phone, user_id=OLD_ID)
    gateway.work()
    assert state(gateway, ayse.phone) is State.REVOKED
    assert "spring_offer" not in gateway.told(ayse)
    assert gateway.message(ayse, spring).reason == "consent_revoked"
    the_ledger_holds(gateway)


def test_a_status_that_names_both_links_them(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.campaign()
    gateway.work()
    says(gateway, "DUR", user_id=OLD_ID)
    status = {**gateway.status(gateway.meta.sent[0], "delivered"), "recipient_user_id": OLD_ID}
    gateway.post(gateway.value("messages", statuses=[status]))
    gateway.drain()
    assert state(gateway, ayse.phone) is State.REVOKED


def test_a_consent_stays_when_a_silent_id_turns_out_to_be_the_same_person(gateway: Given) -> None:
    says(gateway, "Merhaba", user_id=OLD_ID)
    ayse = gateway.person()
    says(gateway, "Merhaba", phone=ayse.phone, user_id=OLD_ID)
    assert state(gateway, ayse.phone) is State.GRANTED
    assert known_as(gateway, IdentifierKind.BSUID, OLD_ID).subject == ayse.subject
    the_ledger_holds(gateway)


def test_what_waited_for_the_one_who_goes_is_ended_even_if_its_own_consent_stood(gateway: Given) -> None:
    ayse, again = gateway.person(), gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    gateway.database.run(lambda c: unite(c, ayse.subject, again.subject, gateway.now))
    gateway.work()
    assert [o.to for o in gateway.meta.sent] == [ayse.phone]
    assert gateway.message(again, spring).reason == "consent_revoked"
    the_ledger_holds(gateway)


def test_whoever_was_written_to_as_one_gets_nothing_of_that_campaign_as_the_other(gateway: Given) -> None:
    ayse, again = gateway.person(), gateway.person()
    spring, summer = gateway.campaign(), gateway.campaign("Yaz")
    gateway.launch()
    with gateway.database.write() as connection:
        connection.execute(
            text(
                "UPDATE message SET state = 'read', claimed_at = queued_at WHERE subject_id = :who AND campaign_id = :c"
            ),
            {"who": again.subject.id, "c": spring.id},
        )
    gateway.database.run(lambda c: unite(c, ayse.subject, again.subject, gateway.now))
    gateway.work()
    assert (gateway.message(ayse, spring).state, gateway.message(ayse, spring).reason) == ("cancelled", "cancelled")
    assert gateway.message(ayse, summer).reason is None
    assert [o.to for o in gateway.meta.sent] == [ayse.phone]


def test_a_release_that_holds_a_message_of_the_one_who_goes_finds_no_consent(gateway: Given) -> None:
    ayse, again = gateway.person(), gateway.person()
    gateway.database.run(lambda c: unite(c, ayse.subject, again.subject, gateway.now))
    assert gateway.standing(again).state is State.REVOKED
    assert gateway.standing(ayse).state is State.GRANTED


def test_frequency_caps_count_what_either_was_sent(gateway: Given) -> None:
    ayse, again = gateway.person(), gateway.person()
    gateway.campaign("Birinci")
    gateway.work()
    gateway.database.run(lambda c: unite(c, ayse.subject, again.subject, gateway.now))
    second = gateway.campaign("İkinci")
    gateway.work()
    told = gateway.message(ayse, second)
    assert (told.reason, told.because) == ("expired", "frequency_cap"), "two of two this week"


def test_they_still_count_when_the_ring_is_worked_out_anew(gateway: Given) -> None:
    ayse, again = gateway.person(), gateway.person()
    gateway.campaign("Birinci")
    gateway.work()
    gateway.database.run(lambda c: unite(c, ayse.subject, again.subject, gateway.now))
    gateway.database.run(lambda c: contacts.recount(c, [ayse.subject.id]))
    with gateway.database.read() as connection:
        assert len(contacts.states(connection, [ayse.subject.id])[ayse.subject.id].sends) == 2


def test_refusals_follow_a_changed_number_and_stay_on_the_old_one(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "DUR")
    assert changed_number(gateway, ayse.phone, NEW_PHONE) == "200 OK"
    assert state(gateway, NEW_PHONE) is State.REVOKED
    assert state(gateway, ayse.phone) is State.REVOKED
    assert by_phone(gateway, NEW_PHONE).subject == ayse.subject
    assert by_phone(gateway, ayse.phone).subject != ayse.subject


def test_consent_follows_a_changed_number_and_leaves_the_old_one(gateway: Given) -> None:
    ayse = gateway.person()
    changed_number(gateway, ayse.phone, NEW_PHONE)
    gateway.campaign()
    gateway.work()
    assert [o.to for o in gateway.meta.sent] == [NEW_PHONE]
    with gateway.database.read() as connection:
        assert vault.find(connection, [Identifier(IdentifierKind.PHONE, ayse.phone)]) == {}


def test_a_changed_number_that_was_known_to_have_refused_binds(gateway: Given) -> None:
    ayse, other = gateway.person(), gateway.person()
    gateway.says(other, "DUR")
    changed_number(gateway, ayse.phone, other.phone)
    assert state(gateway, other.phone) is State.REVOKED


@pytest.mark.parametrize("phone_is_told", [True, False])
def test_an_id_update_carries_the_refusal(gateway: Given, phone_is_told: bool) -> None:
    ayse = gateway.person()
    says(gateway, "DUR", phone=ayse.phone, user_id=OLD_ID)
    assert id_update(gateway, NEW_PHONE if phone_is_told else None, OLD_ID, NEW_ID) == "200 OK"
    assert gateway.standing(known_as(gateway, IdentifierKind.BSUID, NEW_ID)).state is State.REVOKED
    if phone_is_told:
        assert state(gateway, NEW_PHONE) is State.REVOKED
        assert state(gateway, ayse.phone) is State.REVOKED


def test_an_id_update_lets_the_old_number_go(gateway: Given) -> None:
    ayse = gateway.person()
    says(gateway, "Merhaba", phone=ayse.phone, user_id=OLD_ID)
    id_update(gateway, NEW_PHONE, OLD_ID, NEW_ID)
    gateway.campaign()
    gateway.work()
    assert [o.to for o in gateway.meta.sent if o.template] == [NEW_PHONE]


def test_an_id_update_twice_changes_nothing_more(gateway: Given) -> None:
    ayse = gateway.person()
    says(gateway, "DUR", phone=ayse.phone, user_id=OLD_ID)
    id_update(gateway, NEW_PHONE, OLD_ID, NEW_ID)
    before = gateway.events(ayse)
    id_update(gateway, NEW_PHONE, OLD_ID, NEW_ID)
    gateway.drain()
    assert gateway.events(ayse) == before


def test_a_recycled_number_loses_its_consent_and_starts_anew(gateway: Given) -> None:
    ayse = gateway.person()
    says(gateway, "Merhaba", phone=ayse.phone, user_id=OLD_ID)
    spring = gateway.campaign()
    gateway.launch()
    says(gateway, "Siz kimsiniz?", phone=ayse.phone, user_id=NEW_ID)
    gateway.work()
    assert gateway.events(ayse)[-1].type is EventType.NUMBER_REASSIGNED
    assert gateway.message(ayse, spring).reason == "consent_revoked"
    assert "spring_offer" not in gateway.told(ayse)
    assert state(gateway, ayse.phone) is State.NONE
    assert known_as(gateway, IdentifierKind.BSUID, OLD_ID).subject == ayse.subject
    the_ledger_holds(gateway)


def test_what_the_former_owner_refused_stays_refused_until_the_new_one_consents(gateway: Given) -> None:
    ayse = gateway.person()
    says(gateway, "DUR", phone=ayse.phone, user_id=OLD_ID)
    says(gateway, "Merhaba", phone=ayse.phone, user_id=NEW_ID)
    assert state(gateway, ayse.phone) is State.REVOKED
    gateway.clock.advance(timedelta(minutes=1))
    says(gateway, "BAŞLA", phone=ayse.phone, user_id=NEW_ID)
    assert state(gateway, ayse.phone) is State.GRANTED


def test_a_number_passes_to_somebody_known_by_id_alone(gateway: Given) -> None:
    says(gateway, "DUR", user_id=NEW_ID)
    ayse = gateway.person()
    says(gateway, "Merhaba", phone=ayse.phone, user_id=OLD_ID)
    for _ in range(2):  # once by the webhook, once by the drain
        says(gateway, "Merhaba", phone=ayse.phone, user_id=NEW_ID)
        gateway.drain()
    assert by_phone(gateway, ayse.phone).subject == known_as(gateway, IdentifierKind.BSUID, NEW_ID).subject
    assert state(gateway, ayse.phone) is State.REVOKED
    assert [e.type for e in gateway.events(ayse)].count(EventType.NUMBER_REASSIGNED) == 1


def test_what_was_known_of_either_is_kept(gateway: Given) -> None:
    ayse = gateway.person(name=None, tags=["kahve"])
    again = gateway.person(None, name="Ayşe Yılmaz", tags=["çay", "kahve"])
    kept: Subject = gateway.database.run(lambda c: unite(c, ayse.subject, again.subject, gateway.now))
    with gateway.database.read() as connection:
        person = contacts.states(connection, [kept.id])[kept.id]
        assert contacts.tags_of(connection, [kept.id])[kept.id] == {"kahve", "çay"}
        assert contacts.states(connection, [again.subject.id]) == {}
        assert vault.subject_by_ref(connection, again.subject.ref) == kept
    assert person.name == "Ayşe Yılmaz"
