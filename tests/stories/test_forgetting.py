"""Promise 9: erased is forgotten, except the refusal. And what else a person may ask of us."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import text

from consent import ledger, vault
from consent.address.values import Phone
from consent.events import Event, EventType
from consent.proof.__main__ import main as check_proof
from consent.standing import State
from consent.suppression import SuppressionKeys
from gateway.actions.erase_person import CannotErase, Erased, erase_person, replay_erasures
from gateway.actions.export_person import export_person, note_export
from gateway.actions.forget_expired import forget_expired
from gateway.actions.import_optins import OptInImport
from gateway.actions.know_people import unite
from gateway.actions.note_consent import NotRecorded, Proof, hold, note_consent, note_refusal
from gateway.actions.sign_checkpoint import sign_checkpoint
from gateway.actions.verify_ledger import verify_ledger
from gateway.core.person_page import person_page
from gateway.settings import Settings
from gateway.storage import journal
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.actions.ledgers_given import KEYS, OLD, signed, signing_house
from tests.given import Given, Person, consent_text

DAY = timedelta(days=1)
SIGNED = Proof("form 12", "form.pdf", b"%PDF scanned")


@pytest.fixture
def gateway(database: Database, inbox: Inbox, tmp_path: Path) -> Given:
    return signing_house(database, inbox, tmp_path / "data")


def erase(gateway: Given, person: Person) -> Erased:
    return erase_person(gateway.database, gateway.inbox, person.subject, gateway.settings, gateway.now)


def import_again(gateway: Given, person: Person, folder: Path) -> dict[str, int]:
    file = folder / "again.csv"
    head = "telefon;ad;onay tarihi;kaynak;izin metni;sürüm"
    file.write_text(f"{head}\n{person.phone};Ayşe;2026-11-24 13:59;web;marketing;1\n", encoding="utf-8")
    gateway.clock.advance(timedelta(hours=1))
    report = OptInImport(gateway.database, gateway.settings, gateway.now, attested_by="Deniz").run(file)
    return dict(report.counts)


def a_life(gateway: Given) -> Person:
    """Somebody who consented, got a message, followed its link and wrote back."""
    ayse = gateway.person(name="Ayşe Yıldızoğlu", tags=["kahve"], city="Bursa")
    gateway.campaign()
    gateway.work()
    gateway.receipt(gateway.meta.sent[-1], "delivered")
    gateway.says(ayse, "Teşekkürler, siparişim nerede kaldı acaba?")
    gateway.drain()
    return ayse


def every_cell(database: Database) -> str:
    """Everything that is stored, as text."""
    with database.read() as connection:
        if database.is_sqlite:
            tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        else:
            tables = (
                connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
            )
        found: list[str] = []
        for table in tables:
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                found += [
                    bytes(c).decode("utf-8", "replace") if isinstance(c, bytes | memoryview) else str(c) for c in row
                ]
    return "\n".join(found)


def test_nothing_personal_remains_in_any_table(gateway: Given) -> None:
    ayse, mehmet = a_life(gateway), gateway.person()
    assert ayse.wa_id in every_cell(gateway.database)
    assert ayse.wa_id in every_cell(gateway.inbox.database)
    erased = erase(gateway, ayse)
    assert erased.messages >= 1
    for stored in (every_cell(gateway.database), every_cell(gateway.inbox.database)):
        for trace in (ayse.wa_id, "Yıldızoğlu", "Bursa", "siparişim", "wamid.in"):
            assert trace not in stored
    assert mehmet.wa_id in every_cell(gateway.database), "only the one person is gone"


def test_nothing_personal_remains_in_the_bytes_of_the_files(gateway: Given, tmp_path: Path) -> None:
    if not gateway.database.is_sqlite:
        pytest.skip("PostgreSQL's pages are VACUUM's to clean; docs/operations.md says when")
    ayse = a_life(gateway)
    erase(gateway, ayse)
    for file in tmp_path.rglob("*.db*"):
        raw = file.read_bytes()
        for trace in (ayse.wa_id, "Yıldızoğlu", "siparişim"):
            assert trace.encode() not in raw, file.name


def test_the_ledger_still_verifies(gateway: Given) -> None:
    ayse = a_life(gateway)
    erase(gateway, ayse)
    signed(gateway)
    with gateway.database.read() as connection:
        found = verify_ledger(connection, [OLD.verifier], gateway.settings.checkpoints)
    assert found.findings.holds, found.findings.lines()
    assert found.messages >= 1
    assert gateway.events(ayse)[-1].type is EventType.ERASED


def test_the_number_cannot_be_imported_back(gateway: Given, tmp_path: Path) -> None:
    ayse = gateway.person()
    erase(gateway, ayse)
    assert import_again(gateway, ayse, tmp_path) == {"rejected": 1}


def test_not_even_after_the_person_has_written_to_us(gateway: Given, tmp_path: Path) -> None:
    ayse = gateway.person()
    erase(gateway, ayse)
    gateway.says(ayse, "Merhaba, açık mısınız?")
    assert import_again(gateway, ayse, tmp_path) == {"rejected": 1}


def test_an_older_version_of_the_key_still_recognises_its_numbers(gateway: Given, tmp_path: Path) -> None:
    ayse = gateway.person()
    erase(gateway, ayse)
    gateway.settings = _with_keys(gateway, f"{KEYS}\nv2:a-newer-key-kept-outside")
    assert import_again(gateway, ayse, tmp_path) == {"rejected": 1}


def _with_keys(gateway: Given, keys: str) -> Settings:
    return replace(gateway.settings, suppression_key=keys)


def test_without_the_key_of_an_erased_person_nothing_is_imported(gateway: Given, tmp_path: Path) -> None:
    ayse = gateway.person()
    erase(gateway, ayse)
    gateway.settings = _with_keys(gateway, "")
    with pytest.raises(vault.KeyMissing, match="v1"):
        import_again(gateway, ayse, tmp_path)


def test_nobody_is_erased_without_a_key(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.settings = _with_keys(gateway, "")
    with pytest.raises(CannotErase, match="suppression key"):
        erase(gateway, ayse)
    assert gateway.standing(ayse).state is State.GRANTED


def test_whoever_writes_after_erasure_is_somebody_new(gateway: Given) -> None:
    ayse = gateway.person()
    erase(gateway, ayse)
    gateway.says(ayse, "Merhaba")
    with gateway.database.read() as connection:
        identifier = vault.Identifier(vault.IdentifierKind.PHONE, ayse.phone)
        anew = vault.find(connection, [identifier])[identifier]
    assert anew.ref != ayse.subject.ref
    gateway.campaign()
    gateway.work()
    assert "spring_offer" not in gateway.told(ayse)


def test_what_was_queued_for_an_erased_person_does_not_leave(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    erase(gateway, ayse)
    gateway.work()
    assert gateway.told(ayse) == []
    assert gateway.message(ayse, spring).reason == "erased"


def test_a_receipt_after_erasure_moves_the_message_and_brings_nothing_back(gateway: Given) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.work()
    erase(gateway, ayse)
    gateway.receipt(gateway.meta.sent[0], "delivered")
    forget_expired(gateway.database, gateway.inbox, gateway.settings, gateway.now)
    told = gateway.message(ayse, spring)
    assert told.state.value in ("accepted", "delivered")
    assert told.wamid is None


def test_a_merged_person_is_erased_whole(gateway: Given) -> None:
    ayse = gateway.person()
    with gateway.database.write() as connection:
        bsuid = vault.Identifier(vault.IdentifierKind.BSUID, "TR.11112222333344445555")
        other = vault.meet(connection, [bsuid], gateway.now)[bsuid]
        vault.keep_evidence(connection, [(other, {"text": "a secret of the other"})], gateway.now)
        unite(connection, ayse.subject, other, gateway.now)
    erase(gateway, ayse)
    assert journal.references(gateway.settings.journal) == [ayse.subject.ref, other.ref]
    assert "a secret of the other" not in every_cell(gateway.database)


def test_a_restored_backup_is_cleaned_by_the_journal(gateway: Given) -> None:
    ayse, mehmet = gateway.person(), gateway.person()
    journal.note(gateway.settings.journal, [ayse.subject.ref, "of-nobody-here"], gateway.now)
    again = replay_erasures(gateway.database, gateway.inbox, gateway.settings, gateway.now)
    assert [one.ref for one in again] == [ayse.subject.ref]
    assert ayse.wa_id not in every_cell(gateway.database)
    assert gateway.standing(mehmet).state is State.GRANTED
    assert replay_erasures(gateway.database, gateway.inbox, gateway.settings, gateway.now) == []


def test_the_journal_survives_a_line_cut_off_by_a_crash(tmp_path: Path, gateway: Given) -> None:
    path = tmp_path / "journal.txt"
    journal.note(path, ["aa"], gateway.now)
    path.write_text(path.read_text("ascii") + "2026-11-24T1", encoding="ascii")
    assert journal.references(path) == ["aa"]


# hold, retention


def test_a_held_person_gets_nothing_and_is_erased_when_the_term_is_over(gateway: Given, tmp_path: Path) -> None:
    ayse = gateway.person()
    spring = gateway.campaign()
    gateway.launch()
    gateway.database.run(lambda c: hold(c, ayse.subject, Proof("asked"), gateway.now, "deniz"))
    gateway.work()
    assert gateway.told(ayse) == []
    assert gateway.message(ayse, spring).reason == "consent_revoked"
    assert retain(gateway, 1094 * DAY) == 0
    assert retain(gateway, 2 * DAY) == 1
    assert import_again(gateway, ayse, tmp_path) == {"rejected": 1}


def retain(gateway: Given, later: timedelta) -> int:
    gateway.clock.advance(later)
    return forget_expired(gateway.database, gateway.inbox, gateway.settings, gateway.now).people


def test_the_clock_of_retention_starts_at_the_last_use_and_knows_the_country(gateway: Given) -> None:
    german = gateway.person(phone="+4915123450101")
    turkish = gateway.person()
    gateway.campaign()
    gateway.work()
    for one in (german, turkish):
        gateway.says(one, "STOP")
    assert retain(gateway, 1096 * DAY) == 1
    assert gateway.events(turkish)[-1].type is EventType.ERASED
    assert gateway.events(german)[-1].type is EventType.REVOKED
    assert retain(gateway, 731 * DAY) == 1


def test_a_consent_in_force_is_never_let_go(gateway: Given) -> None:
    gateway.person()
    assert retain(gateway, 4000 * DAY) == 0


def test_webhook_bodies_go_after_their_term(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "Merhaba")
    gateway.drain()
    gateway.clock.advance(31 * DAY)
    assert forget_expired(gateway.database, gateway.inbox, gateway.settings, gateway.now).bodies == 1


# export


def exported(gateway: Given, person: Person) -> tuple[dict[str, object], bytes | None]:
    gateway.database.run(lambda c: note_export(c, person.subject, gateway.now, "deniz"))
    note = sign_checkpoint(gateway.database, OLD, gateway.settings.checkpoints, gateway.now)
    with gateway.database.read() as connection:
        found = export_person(connection, person.subject, note, gateway.now)
    return found.record, found.proof


def test_an_export_holds_everything_and_its_proof_holds(
    gateway: Given, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ayse = a_life(gateway)
    gateway.says(ayse, "dur")
    record, proof = exported(gateway, ayse)
    events, messages = record["events"], record["messages"]
    assert isinstance(events, list)
    assert isinstance(messages, list)
    assert [e["type"] for e in events] == ["granted_by_import", "revoked", "exported"]
    assert {"kind": "phone", "value": ayse.phone} in record["identifiers"]  # type: ignore[operator]
    assert record["profile"]["name"] == "Ayşe Yıldızoğlu"  # type: ignore[index]
    assert [t["id"] for t in record["texts"]] == ["marketing"]  # type: ignore[attr-defined]
    assert "dur" in json.dumps(record["evidence"])
    assert messages[0]["allowed_by"] == {"seq": events[0]["seq"], "hash": events[0]["hash"]}
    assert proof is not None
    file = tmp_path / "proof.json"
    file.write_bytes(proof)
    assert check_proof([str(file), "--key", str(OLD.verifier)]) == 0
    assert "OK" in capsys.readouterr().out


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(("language", "heading"), [("tr", "Onay geçmişiniz"), ("en", "The history of your consent")])
def test_the_page_can_be_read_and_runs_nothing(gateway: Given, language: str, heading: str) -> None:
    ayse = gateway.person(name="<script>alert(1)</script>")
    record, _ = exported(gateway, ayse)
    page = _Tags()
    page.feed(person_page(record, "Kahve <Evi>", language))
    assert heading in page.words
    assert "<script>alert(1)</script>" in page.words, "escaped, so it is words"
    assert not {"script", "link", "img", "iframe"} & set(page.seen)


# paper and telephone


def on_paper(gateway: Given, phone: str, at: datetime | None = None) -> Event:
    said_at = at or gateway.now - DAY
    return gateway.database.run(
        lambda c: note_consent(
            c,
            Phone(phone),
            consent_text("tr"),
            "paper",
            said_at,
            SIGNED,
            gateway.settings,
            gateway.now,
            "deniz",
        )
    )


def test_a_signed_form_grants_with_its_scan_in_the_vault(gateway: Given) -> None:
    event = on_paper(gateway, "+905550007001")
    assert event == on_paper(gateway, "+905550007001"), "the same form again is the same event"
    with gateway.database.read() as connection:
        identifier = vault.Identifier(vault.IdentifierKind.PHONE, "+905550007001")
        subject = vault.find(connection, [identifier])[identifier]
        standing = ledger.standings_of(connection, [subject.id])[subject.id].of("marketing")
        (opened,) = vault.evidence_of(connection, subject)
    assert standing.at(gateway.now).granted
    assert json.loads(opened.body)["file"] == "form.pdf"
    assert standing.proof == 3


def test_a_form_older_than_the_refusal_changes_nothing(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "dur")
    on_paper(gateway, ayse.phone)
    assert gateway.standing(ayse).state is State.REVOKED


def test_a_form_from_before_the_erasure_does_not_count_and_one_from_after_does(gateway: Given, tmp_path: Path) -> None:
    ayse = gateway.person()
    erase(gateway, ayse)
    with pytest.raises(NotRecorded, match="erased after"):
        on_paper(gateway, ayse.phone)
    gateway.clock.advance(DAY)
    on_paper(gateway, ayse.phone, at=gateway.now)
    with gateway.database.read() as connection:
        assert vault.silenced(connection, SuppressionKeys.read(KEYS), [ayse.phone]) == set()


def test_a_refusal_told_to_the_cashier_binds(gateway: Given) -> None:
    ayse = gateway.person()
    gateway.campaign()
    gateway.launch()
    gateway.database.run(
        lambda c: note_refusal(c, ayse.subject, gateway.now, Proof("told the cashier"), gateway.now, "deniz")
    )
    gateway.work()
    assert gateway.told(ayse) == []
    assert gateway.standing(ayse).state is State.REVOKED
