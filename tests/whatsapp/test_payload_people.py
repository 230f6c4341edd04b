"""WhatsApp's own stop and resume, new identifiers, and who turns out to be whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.whatsapp.payload import (
    Identifiers,
    IdentityUpdate,
    InboundMessage,
    Other,
    Preference,
    PreferenceChange,
    items,
    links,
    urgent_items,
)
from tests.whatsapp.bodies import (
    AYSE,
    AYSE_ID,
    AYSE_PARENT,
    MEHMET,
    MEHMET_ID,
    SENT_AT,
    WAMID,
    Json,
    body,
    change,
    contact,
    message,
    said,
    status,
    told,
    without,
)

NEW_PHONE = "905550000009"
NEW_ID = "TR.99999999999999999999"


def preference(value: Any = "stop", **more: Any) -> Json:
    detail = "User requested to stop marketing messages"
    basics = {"wa_id": AYSE, "detail": detail, "category": "marketing_messages"}
    return {**basics, "value": value, "timestamp": SENT_AT, **more}


def preferred(*raws: Json, **value: Any) -> list[PreferenceChange]:
    found = items(body(change("user_preferences", user_preferences=list(raws), **value)))
    assert all(isinstance(item, PreferenceChange) for item in found)
    return [item for item in found if isinstance(item, PreferenceChange)]


def identity(raw: Json) -> IdentityUpdate:
    (found,) = items(raw)
    assert isinstance(found, IdentityUpdate)
    return found


def moved(kind: str, **system: Any) -> Json:
    return message("system", system={"type": kind, "body": "User A changed", **system})


def test_a_stop_without_bsuid_is_read() -> None:
    (found,) = preferred(preference(), contacts=[contact(user_id=None)])
    assert (found.preference, found.person.known) == (Preference.STOP, (AYSE,))
    assert (found.category, found.at) == ("marketing_messages", datetime.fromtimestamp(SENT_AT, UTC))


def test_a_stop_without_phone_is_read() -> None:
    (found,) = preferred(without(preference(user_id=AYSE_ID, parent_user_id=AYSE_PARENT), "wa_id"))
    assert found.person.known == (AYSE_ID, AYSE_PARENT)


def test_a_stop_that_names_nobody_is_the_only_contacts() -> None:
    (found,) = preferred(without(preference(), "wa_id"), contacts=[contact()])
    assert found.person.known == (AYSE, AYSE_ID)


def test_a_stop_is_completed_by_its_own_contact_only() -> None:
    (own,) = preferred(preference(), contacts=[contact()])
    (others,) = preferred(preference(), contacts=[contact(wa_id=MEHMET, user_id=MEHMET_ID)])
    assert (own.person.user_id, others.person.user_id) == (AYSE_ID, None)


def test_every_preference_of_a_body_is_read() -> None:
    found = preferred(preference("stop"), preference("resume", wa_id=MEHMET))
    assert [(item.preference, item.person.wa_id) for item in found] == [("stop", AYSE), ("resume", MEHMET)]


def test_a_signup_carries_its_id() -> None:
    (found,) = preferred(preference("signup", signup_id=13176843987434774))
    assert (found.preference, found.signup_id) == (Preference.SIGNUP, "13176843987434774")


@pytest.mark.parametrize("value", ["STOP", " Stop "])
def test_case_and_blanks_do_not_hide_a_stop(value: str) -> None:
    assert preferred(preference(value))[0].preference is Preference.STOP


@pytest.mark.parametrize("value", ["pause", "", None, 1, ["stop"], {"stop": 1}])
def test_a_preference_unknown_to_us_is_other_and_kept(value: Any) -> None:
    (found,) = preferred(preference(value))
    assert (found.preference, found.raw["value"]) == (Preference.OTHER, value)


def test_an_id_update_tells_old_and_new() -> None:
    update = {
        "wa_id": AYSE,
        "user_id": {"previous": AYSE_ID, "current": NEW_ID},
        "parent_user_id": {"previous": AYSE_PARENT, "current": "TR.ENT.2"},
        "timestamp": str(SENT_AT),
    }
    found = identity(body(change("user_id_update", user_id_update=[update])))
    assert found.old == Identifiers(None, AYSE_ID, AYSE_PARENT)
    assert found.new == Identifiers(AYSE, NEW_ID, "TR.ENT.2")
    assert found.at == datetime.fromtimestamp(SENT_AT, UTC)


def test_an_id_update_without_phone_is_read() -> None:
    update = {"user_id": {"previous": AYSE_ID, "current": NEW_ID}}
    found = identity(body(change("user_id_update", user_id_update=[update], contacts=[{"profile": {}}])))
    assert (found.old.known, found.new.known) == ((AYSE_ID,), (NEW_ID,))


@pytest.mark.parametrize("kind", ["user_changed_number", "customer_changed_number"])
def test_a_changed_number_is_told_in_both_spellings(kind: str) -> None:
    found = identity(said(moved(kind, wa_id=NEW_PHONE)))
    assert (found.old.known, found.new.known, found.message_id) == ((AYSE,), (NEW_PHONE,), WAMID)


def test_the_oldest_spelling_of_a_new_number_is_read() -> None:
    raw = without(moved("customer_changed_number", new_wa_id=NEW_PHONE, customer=AYSE), "from")
    found = identity(said(raw))
    assert (found.old.wa_id, found.new.wa_id) == (AYSE, NEW_PHONE)


def test_a_changed_bsuid_without_sender_finds_the_old_one_in_the_sentence() -> None:
    sentence = f"User Ayşe changed from {AYSE_ID} to {NEW_ID}"
    raw = without(moved("user_changed_user_id", user_id=NEW_ID, body=sentence), "from")
    found = identity(said(raw))
    assert (found.old.known, found.new.known) == ((AYSE_ID,), (NEW_ID,))


def test_a_changed_number_without_sender_is_found_in_the_sentence() -> None:
    raw = without(moved("user_changed_number", wa_id=NEW_PHONE, body=f"A changed from {AYSE} to {NEW_PHONE}"), "from")
    assert identity(said(raw)).old.wa_id == AYSE


def test_a_name_cannot_forge_the_old_identity() -> None:
    name = f"X changed from {MEHMET_ID} to {NEW_ID}"
    sentence = f"User {name} changed from {AYSE_ID} to {NEW_ID}"
    found = identity(said(moved("user_changed_user_id", user_id=NEW_ID, body=sentence)))
    assert found.old.user_id == AYSE_ID


def test_a_sentence_about_other_ids_adds_nothing() -> None:
    sentence = f"User A changed from {MEHMET_ID} to TR.1"
    found = identity(said(moved("user_changed_user_id", user_id=NEW_ID, body=sentence)))
    assert found.old.user_id is None


def test_a_very_long_sentence_is_read_at_its_end() -> None:
    sentence = "changed from a to " * 50_000 + f"changed from {AYSE_ID} to {NEW_ID}"
    found = identity(said(moved("user_changed_user_id", user_id=NEW_ID, body=sentence)))
    assert found.old.user_id == AYSE_ID


def test_links_name_each_pair_once_over_a_whole_body() -> None:
    raw = body(
        change("messages", messages=[message(), message()], contacts=[contact()]),
        change("messages", statuses=[status(recipient_user_id=AYSE_ID)]),
        change("messages", messages=[message(**{"from": MEHMET})]),
    )
    assert [person.known for person in links(items(raw))] == [(AYSE, AYSE_ID)]


def test_contacts_that_match_no_item_are_links_too() -> None:
    raw = told(status(), contacts=[contact(wa_id=MEHMET, user_id=MEHMET_ID)])
    assert [person.known for person in links(items(raw))] == [(MEHMET, MEHMET_ID)]


def test_the_links_of_a_call_are_seen() -> None:
    raw = body(change("calls", calls=[{"id": "wacid.1"}], contacts=[contact()]))
    assert [person.known for person in links(items(raw))] == [(AYSE, AYSE_ID)]


def test_a_number_shared_on_request_links_it_to_the_bsuid() -> None:
    card = {"origin": "contact_request", "phones": [{"wa_id": AYSE}]}
    raw = without(message("contacts", contacts=[card], from_user_id=AYSE_ID), "from")
    found = items(said(raw))
    assert isinstance(found[0], InboundMessage)
    assert [person.known for person in links(found)] == [(AYSE, AYSE_ID)]


def test_a_new_identity_links_what_it_now_has() -> None:
    found = items(said(moved("user_changed_number", wa_id=NEW_PHONE, user_id=NEW_ID)))
    assert [person.known for person in links(found)] == [(NEW_PHONE, NEW_ID)]


def test_a_username_is_no_identifier() -> None:
    raw = said(message(), contacts=[{"wa_id": AYSE, "profile": {"username": "@ayse"}}])
    assert links(items(raw)) == []
    assert items(raw)[0].origin.people[0].username == "@ayse"


def test_a_plus_before_a_number_makes_nobody_new() -> None:
    (found,) = items(said(message(**{"from": f"+{AYSE}"}), contacts=[contact()]))
    assert isinstance(found, InboundMessage)
    assert found.sender.known == (AYSE, AYSE_ID)


def test_a_stop_that_stands_bare_in_its_change_is_a_stop() -> None:
    (found,) = items(body(change("user_preferences", **preference())))
    assert isinstance(found, PreferenceChange)
    assert (found.preference, found.person.wa_id) == (Preference.STOP, AYSE)
    assert urgent_items(json.dumps(body(change("user_preferences", **preference()))).encode()) == [found]


def test_an_identity_that_stands_bare_in_its_change_is_one() -> None:
    bare = {"wa_id": AYSE, "user_id": {"previous": AYSE_ID, "current": NEW_ID}, "timestamp": SENT_AT}
    found = identity(body(change("user_id_update", **bare)))
    assert (found.old.user_id, found.new.user_id) == (AYSE_ID, NEW_ID)


@pytest.mark.parametrize("field", ["user_preferences", "user_id_update"])
def test_a_bare_change_that_tells_of_nobody_is_kept_as_it_is(field: str) -> None:
    (found,) = items(body(change(field, detail="x")))
    assert isinstance(found, Other)
