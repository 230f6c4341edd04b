"""What people say: every type of message that Meta documents, and the ones that it will invent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.whatsapp.payload import InboundMessage, OutOfBandError, Referral, items
from tests.whatsapp.bodies import (
    AYSE,
    AYSE_ID,
    AYSE_PARENT,
    MEHMET,
    MEHMET_ID,
    NUMBER_ID,
    OUR_NUMBER,
    SENT_AT,
    WABA_ID,
    WAMID,
    Json,
    body,
    change,
    contact,
    message,
    said,
    without,
)


def only(raw: Json | bytes) -> InboundMessage:
    (found,) = items(raw)
    assert isinstance(found, InboundMessage)
    return found


def read(kind: str, **content: Any) -> InboundMessage:
    return only(said(message(kind, **content)))


def test_a_text_tells_who_said_what_to_which_number_and_when() -> None:
    found = only(said(message(text={"body": "DUR"}), contacts=[contact()]))
    assert (found.text, found.kind, found.message_id) == ("DUR", "text", WAMID)
    assert (found.sender.wa_id, found.sender.user_id) == (AYSE, AYSE_ID)
    assert (found.number_id, found.waba_id, found.field) == (NUMBER_ID, WABA_ID, "messages")
    assert (found.at, found.profile_name) == (datetime.fromtimestamp(SENT_AT, UTC), "Ayşe")


def test_a_person_without_a_phone_is_known_by_their_bsuid() -> None:
    raw = without(message(from_user_id=AYSE_ID, from_parent_user_id=AYSE_PARENT), "from")
    found = only(said(raw, contacts=[contact(wa_id=None)]))
    assert found.sender.known == (AYSE_ID, AYSE_PARENT)
    assert found.sender.wa_id is None


def test_a_message_without_contacts_is_read() -> None:
    assert only(said(message())).sender.known == (AYSE,)


def test_a_contact_about_somebody_else_lends_no_identifiers() -> None:
    found = only(said(message(), contacts=[contact(wa_id=MEHMET, user_id=MEHMET_ID)]))
    assert found.sender.known == (AYSE,)


def test_an_unnamed_sender_is_the_only_contact_but_never_one_of_two() -> None:
    nameless = without(message(), "from")
    assert only(said(nameless, contacts=[contact()])).sender.known == (AYSE, AYSE_ID)
    two = [contact(), contact(wa_id=MEHMET, user_id=MEHMET_ID)]
    assert only(said(nameless, contacts=two)).sender.known == ()


def test_each_of_two_senders_gets_their_own_contact() -> None:
    two = [contact(wa_id=MEHMET, user_id=MEHMET_ID, name="Mehmet"), contact()]
    found = items(said(message(), message(**{"from": MEHMET}), contacts=two))
    assert [item.sender.user_id for item in found if isinstance(item, InboundMessage)] == [AYSE_ID, MEHMET_ID]


def test_a_template_button_gives_title_and_payload() -> None:
    found = read("button", button={"text": "Bildirimleri durdur", "payload": "STOP"})
    assert (found.button_title, found.button_payload, found.text) == ("Bildirimleri durdur", "STOP", None)
    assert found.words == "Bildirimleri durdur"


def test_a_button_without_context_is_read() -> None:
    assert read("button", button={"text": "Evet", "payload": "YES"}).context_id is None


def test_a_button_tells_which_message_it_stood_under() -> None:
    found = read("button", button={"text": "Evet"}, context={"from": OUR_NUMBER, "id": "wamid.OURS"})
    assert found.context_id == "wamid.OURS"


@pytest.mark.parametrize("kind", ["button_reply", "list_reply"])
def test_an_interactive_reply_gives_title_and_payload(kind: str) -> None:
    reply = {"type": kind, kind: {"id": "stop-all", "title": "Dur", "description": "…"}}
    found = read("interactive", interactive=reply)
    assert (found.button_payload, found.button_title) == ("stop-all", "Dur")


def test_a_call_permission_is_not_a_yes_to_anything_else() -> None:
    reply = {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}
    assert read("interactive", interactive=reply).words is None


def test_a_form_is_kept_whole_and_says_no_words() -> None:
    form = {"name": "flow", "body": "Sent", "response_json": '{"a":"1"}'}
    found = read("interactive", interactive={"type": "nfm_reply", "nfm_reply": form})
    assert found.words is None
    assert found.raw["interactive"]["nfm_reply"] == form


def test_a_reaction_names_its_message_and_an_empty_one_takes_it_back() -> None:
    found = read("reaction", reaction={"message_id": "wamid.OURS", "emoji": "👍"})
    assert (found.about_id, found.text) == ("wamid.OURS", "👍")
    assert read("reaction", reaction={"message_id": "wamid.OURS", "emoji": ""}).text is None


@pytest.mark.parametrize("kind", ["image", "video", "document", "sticker", "audio"])
def test_a_caption_is_words_too(kind: str) -> None:
    assert read(kind, **{kind: {"id": "1", "caption": "dur"}}).words == "dur"


def test_an_edit_says_what_the_message_says_now() -> None:
    edit = {"original_message_id": "wamid.OLD", "message": {"type": "text", "text": {"body": "DUR"}}}
    found = read("edit", edit=edit)
    assert (found.text, found.about_id) == ("DUR", "wamid.OLD")


def test_an_edit_inside_an_edit_is_not_followed() -> None:
    edit: Json = {"message": {"type": "edit", "edit": {"message": {"type": "text", "text": {"body": "x"}}}}}
    assert read("edit", edit=edit).text is None


def test_a_taken_back_message_is_named() -> None:
    assert read("revoke", revoke={"original_message_id": "wamid.OLD"}).about_id == "wamid.OLD"


def test_an_order_may_carry_words() -> None:
    assert read("order", order={"catalog_id": "1", "text": "acele lütfen", "product_items": []}).text == "acele lütfen"


def test_a_type_unknown_to_us_is_kept_with_the_words_it_may_have() -> None:
    found = read("hologram", hologram={"depth": 3}, text={"body": "dur"})
    assert (found.kind, found.text, found.raw["hologram"]) == ("hologram", "dur", {"depth": 3})


def test_a_missing_type_is_told_by_the_content() -> None:
    assert only(said(without(message(), "type"))).kind == "text"
    assert only(said({"id": "1"})).kind == "unknown"


def test_an_unsupported_message_gives_its_error() -> None:
    found = read("unsupported", errors=[{"code": "131051", "title": "Message type unknown"}])
    assert [error.code for error in found.errors] == [131051]


def test_forwarding_is_told_in_both_spellings() -> None:
    assert read("text", context={"forwarded": True}).forwarded
    assert read("text", context={"frequently_forwarded": True}).forwarded
    assert not read("text", context={"id": "wamid.OURS"}).forwarded


def test_an_ad_that_brought_the_person_is_told() -> None:
    referral = {"source_type": "ad", "source_id": "7", "source_url": "https://fb.me/x", "ctwa_clid": "clid"}
    assert read("text", referral=referral).referral == Referral("ad", "7", "https://fb.me/x", "clid")
    assert read("text").referral is None


def test_a_message_in_a_group_names_the_group() -> None:
    assert read("text", group_id="group-1").group_id == "group-1"


def test_a_number_shared_on_request_is_the_persons_own() -> None:
    card = {"origin": "contact_request", "phones": [{"phone": "+90 555 000 00 01", "wa_id": AYSE}]}
    assert read("contacts", contacts=[card]).own_number == AYSE


def test_the_mark_of_a_requested_number_may_stand_beside_the_cards() -> None:
    card = {"vcard": f"BEGIN:VCARD\nTEL;type=CELL;waid={AYSE}:+90 555\nEND:VCARD"}
    assert read("contacts", contacts=[card], origin="CONTACT_REQUEST").own_number == AYSE


def test_a_number_without_wa_id_is_read_from_its_digits() -> None:
    card = {"origin": "contact_request", "phones": [{"phone": "+90 555 000 00 01"}]}
    assert read("contacts", contacts=[card]).own_number == AYSE


def test_somebody_elses_card_is_nobodys_own_number() -> None:
    card = {"phones": [{"phone": "+90 555 000 00 02", "wa_id": MEHMET}]}
    assert read("contacts", contacts=[card]).own_number is None
    assert read("contacts", contacts=[{**card, "origin": "other"}]).own_number is None


def test_a_customer_identity_change_stays_a_message_without_words() -> None:
    found = read("system", system={"type": "customer_identity_changed", "body": "dur"})
    assert (found.kind, found.words) == ("system", None)


def test_what_the_business_app_wrote_is_nobodys_word() -> None:
    echo = {"from": OUR_NUMBER, "to": AYSE, "to_user_id": AYSE_ID, "id": "1", "type": "text", "text": {"body": "dur"}}
    for field, key in [("smb_message_echoes", "message_echoes"), ("message_echoes", "messages")]:
        found = only(body(change(field, **{key: [echo]})))
        assert found.by_business
        assert found.words is None
        assert (found.sender.wa_id, found.to.known) == (OUR_NUMBER, (AYSE, AYSE_ID))


def test_standby_is_read_where_meta_nests_it() -> None:
    found = only(body(change("standby", standby={"messages": [message(text={"body": "DUR"})]})))
    assert (found.field, found.text, found.by_business) == ("standby", "DUR", False)


def test_standby_is_read_flat_too() -> None:
    assert only(said(message(), field="standby")).field == "standby"


def test_standby_echoes_and_statuses_are_told_apart() -> None:
    inner = {"message_echoes": [message(to=AYSE)], "messages": [message()], "statuses": [{"id": "1", "status": "read"}]}
    names = [type(item).__name__ for item in items(body(change("standby", standby=inner)))]
    assert sorted(names) == ["InboundMessage", "InboundMessage", "StatusUpdate"]


def test_a_contact_within_standby_is_used_there() -> None:
    inner = {"messages": [message()], "contacts": [contact()]}
    assert only(body(change("standby", standby=inner))).sender.user_id == AYSE_ID


def test_a_history_yields_every_message_with_its_side() -> None:
    mine = message(text={"body": "kampanya"}, **{"from": OUR_NUMBER})
    written_to = message(to=AYSE, **{"from": "other"})
    marked = message(history_context={"status": "READ", "from_me": True})
    threads = [{"id": AYSE, "messages": [message(), mine]}, {"id": MEHMET, "messages": [written_to, marked]}]
    found = items(body(change("history", history=[{"metadata": {"phase": 0}, "threads": threads}])))
    sides = [item.by_business for item in found if isinstance(item, InboundMessage)]
    assert sides == [False, True, True, True]


def test_a_refused_history_is_an_out_of_band_error() -> None:
    (found,) = items(body(change("history", history=[{"errors": [{"code": 2593109, "title": "Declined"}]}])))
    assert isinstance(found, OutOfBandError)
    assert found.error.code == 2593109


def test_nothing_personal_shows_when_a_message_is_logged() -> None:
    found = only(said(message(text={"body": "gizli söz"}), contacts=[contact()]))
    for secret in (AYSE, AYSE_ID, "Ayşe", "gizli söz"):
        assert secret not in repr(found)
