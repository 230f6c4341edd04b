"""What people did elsewhere: recorded once, asked about by segments, gone with the person, and never a consent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consent import vault
from consent.moves import State
from consent.vault import IdentifierKind
from gateway.actions.import_events import EventImport
from gateway.actions.record_events import Recorded, record_events
from gateway.core.reported import ItemCode
from gateway.core.segment import Segment, parse
from gateway.core.sheet import SheetCode, SheetProblem
from gateway.storage import audience, contacts, person_events, uniting
from tests.core.sheets_given import inline, xlsx
from tests.given import Given


def recorded(gateway: Given, *items: Any) -> Recorded:
    return gateway.database.run(lambda c: record_events(c, items, gateway.settings, gateway.now))


def identify(user_id: str, phone: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user_id, "traits": {"phone": phone, **traits}}


def bought(user_id: str, message_id: str = "m1", **properties: Any) -> dict[str, Any]:
    return {"type": "track", "userId": user_id, "messageId": message_id, "event": "bought", "properties": properties}


def in_segment(gateway: Given, text: str) -> int:
    segment = parse(text)
    assert isinstance(segment, Segment)
    with gateway.database.read() as connection:
        return audience.count(connection, segment, gateway.now)


def test_an_identified_person_is_known_and_has_consented_to_nothing(gateway: Given) -> None:
    assert recorded(gateway, identify("u1", "05550001001", name="Ayşe Kaya", city="Ankara")).people == 1
    ayse = gateway.person(None, phone="+905550001001", name=None)
    with gateway.database.read() as connection:
        person = contacts.states(connection, [ayse.subject.id])[ayse.subject.id]
    assert (person.name, person.attributes, person.source) == ("Ayşe Kaya", {"city": "Ankara"}, "identify")
    assert gateway.standing(ayse).state is State.NONE


def test_what_somebody_did_is_found_by_a_segment(gateway: Given) -> None:
    done = recorded(
        gateway,
        identify("u1", "05550001001"),
        bought("u1", product="coffee", price=49.9),
        bought("u1", "m2", product="tea", price=20),
    )
    assert (done.people, done.events, done.problems) == (1, 2, {})
    assert in_segment(gateway, "bought() >= 2 within 1d") == 1
    assert in_segment(gateway, "bought(coffee, price > 40)") == 1
    assert in_segment(gateway, "bought(tea, price > 40)") == 0


def test_a_report_that_comes_twice_counts_once(gateway: Given) -> None:
    recorded(gateway, identify("u1", "05550001001"), bought("u1"), bought("u1"))
    again = recorded(gateway, bought("u1"), bought("u1", "m2"))
    assert (again.events, again.repeated) == (1, 1)
    assert in_segment(gateway, "bought() = 2") == 1


def test_two_reports_of_one_id_may_differ_in_what_they_tell(gateway: Given) -> None:
    done = recorded(gateway, identify("u1", "05550001001"), bought("u1"), bought("u1", product="coffee"))
    assert (done.events, done.repeated) == (1, 1)


def test_a_number_alone_is_enough_for_somebody_known(gateway: Given) -> None:
    ayse = gateway.person()
    item = {"type": "track", "event": "bought", "properties": {"phone": ayse.phone}}
    assert recorded(gateway, item).events == 1


def test_strangers_are_named_and_the_others_recorded(gateway: Given) -> None:
    done = recorded(gateway, bought("nobody"), identify("u2", "05550001002"), bought("u2", "m2"), "what?")
    assert done.problems == {0: ItemCode.PERSON_UNKNOWN, 3: ItemCode.NOT_AN_OBJECT}
    assert (done.people, done.events) == (1, 1)


def test_the_shops_own_id_is_no_address(gateway: Given) -> None:
    recorded(gateway, identify("u1", "05550001001"))
    ayse = gateway.person(None, phone="+905550001001")
    with gateway.database.read() as connection:
        identifiers = vault.identifiers_of(connection, [ayse.subject.id])[ayse.subject.id]
    assert {i.kind for i in identifiers} == {IdentifierKind.PHONE, IdentifierKind.EXTERNAL}
    address = vault.address_of(identifiers)
    assert address is not None
    assert address.value == ayse.phone


def test_an_identify_without_new_facts_takes_nothing_away(gateway: Given) -> None:
    ayse = gateway.person(city="Ankara")
    recorded(gateway, identify("u1", ayse.phone), {"type": "identify", "userId": "u1", "traits": {"plan": "gold"}})
    with gateway.database.read() as connection:
        person = contacts.states(connection, [ayse.subject.id])[ayse.subject.id]
    assert person.attributes == {"city": "Ankara", "plan": "gold"}
    assert person.zones == frozenset({"Europe/Istanbul"})


def test_what_somebody_did_goes_with_them(gateway: Given) -> None:
    ayse, zehra = gateway.person(), gateway.person()
    recorded(gateway, identify("a", ayse.phone), identify("z", zehra.phone), bought("a"), bought("z", "m2"))
    gateway.database.run(lambda c: contacts.forget(c, ayse.subject.id))
    with gateway.database.read() as connection:
        assert person_events.kinds(connection) == {"bought": 1}


def test_two_who_turn_out_to_be_one_have_done_what_either_did(gateway: Given) -> None:
    ayse, again = gateway.person(), gateway.person()
    recorded(gateway, identify("a", ayse.phone), identify("b", again.phone), bought("a"), bought("b", "m2"))
    gateway.database.run(lambda c: uniting.move(c, again.subject.id, ayse.subject.id, gateway.now))
    assert in_segment(gateway, "bought() = 2") == 1


def test_a_campaign_may_ask_about_events(gateway: Given) -> None:
    ayse, _ = gateway.person(), gateway.person()
    recorded(gateway, identify("a", ayse.phone), bought("a", product="coffee"))
    campaign = gateway.campaign(segment='bought("coffee") within 30d')
    gateway.work()
    assert gateway.counts(campaign) == {"accepted": 1}


LINES = [
    identify("u1", "05550001001"),
    bought("u1", product="coffee"),
    bought("u9", "m9"),
]
TABLE = "olay;telefon;tarih;ürün\nbought;0555 000 10 01;2026-11-20T10:00:00Z;coffee\n;0555 000 10 01;;\n"


def test_a_file_of_json_lines_is_imported_and_its_bad_lines_are_named(gateway: Given, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join([json.dumps(line) for line in LINES] + ["{oops"]), encoding="utf-8")
    report = EventImport(gateway.database, gateway.settings, gateway.now).run(file)
    assert report.counts == {"people": 1, "events": 1, "repeated": 0, "passed_over": 0, "rejected": 2}
    assert [problem[:2] for problem in report.problems] == ["3.", "4."]
    again = EventImport(gateway.database, gateway.settings, gateway.now).run(file)
    assert (again.counts["events"], again.counts["repeated"]) == (0, 1)


def test_a_table_of_events_is_read_by_its_columns(gateway: Given, tmp_path: Path) -> None:
    gateway.person(phone="+905550001001")
    file = tmp_path / "events.csv"
    file.write_text(TABLE, encoding="utf-8")
    report = EventImport(gateway.database, gateway.settings, gateway.now).run(file)
    assert report.counts == {"people": 0, "events": 1, "repeated": 0, "passed_over": 0, "rejected": 1}
    assert in_segment(gateway, "bought(ürün = coffee) within 5d") == 1


def test_a_spreadsheet_of_events_is_read_with_its_own_dates(gateway: Given, tmp_path: Path) -> None:
    """A date without a zone is local: 23.11.2026 01:30 in Istanbul is still the 22nd in UTC."""
    ayse = gateway.person()
    rows = [("olay", "telefon", "tarih"), ("bought", ayse.phone, "23.11.2026 01:30")]
    file = tmp_path / "events.xlsx"
    file.write_bytes(xlsx("".join(f"<row>{''.join(map(inline, row))}</row>" for row in rows)))
    report = EventImport(gateway.database, gateway.settings, gateway.now).run(file)
    assert report.counts == {"people": 0, "events": 1, "repeated": 0, "passed_over": 0, "rejected": 0}
    assert in_segment(gateway, "bought() within 37h") == 1
    assert in_segment(gateway, "bought() within 36h") == 0


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_lines_are_read_in_every_encoding(gateway: Given, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "events.ndjson"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in LINES), encoding=encoding)
    report = EventImport(gateway.database, gateway.settings, gateway.now).run(file)
    assert (report.counts["people"], report.counts["events"]) == (1, 1)


def test_a_decimal_comma_compares_as_a_number_and_a_turkish_product_is_the_thing(
    gateway: Given, tmp_path: Path
) -> None:
    ayse = gateway.person()
    file = tmp_path / "olaylar.csv"
    rows = [("1.234,50", "Türk Kahvesi"), ("99,90", "Çay"), ("1,2,3", "-")]
    lines = [f"satın alma;{ayse.phone};{price};{thing}" for price, thing in rows]
    file.write_text("\n".join(["Olay;Telefon;Tutar;Ürün Adı", *lines]), encoding="utf-8")
    EventImport(gateway.database, gateway.settings, gateway.now).run(file)
    assert in_segment(gateway, 'event("satın alma", "Türk Kahvesi", Tutar = 1234.5) = 1') == 1
    assert in_segment(gateway, 'event("satın alma", Tutar > 99) = 2') == 1
    assert in_segment(gateway, 'event("satın alma", Tutar = "1,2,3")') == 1


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        (b"", SheetCode.EMPTY),
        (b"\n\n", SheetCode.EMPTY),
        (b"ad;telefon\nAli;05550001001\n", SheetCode.NO_EVENT_COLUMN),
        (b"olay;tarih\nbought;2026-11-20\n", SheetCode.NO_EVENT_COLUMN),
        (b'[{"type": "track"}]', SheetCode.UNREADABLE),
        (b"%PDF-1.7", SheetCode.UNREADABLE),
        (b"PK\x03\x04nothing", SheetCode.UNREADABLE),
    ],
)
def test_a_file_that_holds_no_events_is_refused_as_a_whole(
    gateway: Given, tmp_path: Path, contents: bytes, code: SheetCode
) -> None:
    file = tmp_path / "events.csv"
    file.write_bytes(contents)
    with pytest.raises(SheetProblem) as refused:
        EventImport(gateway.database, gateway.settings, gateway.now).run(file)
    assert refused.value.code is code


@pytest.mark.parametrize("name", ["bought", "gördü", "Order Completed"])
def test_names_are_kept_as_they_come(gateway: Given, name: str) -> None:
    ayse = gateway.person()
    recorded(gateway, {"type": "track", "event": name, "phone": ayse.phone})
    assert in_segment(gateway, f'event("{name}")') == 1
