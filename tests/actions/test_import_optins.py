"""Importing people: the whole file first, harmless repeats, never over a person."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from consent import ledger, refolding
from consent.standing import State
from consent.tables import EventRow, table_of
from gateway.actions import read_optins
from gateway.actions.import_optins import READ, ImportReport, OptInImport
from gateway.actions.import_optouts import OptOutImport
from gateway.actions.read_optins import Reading, reading
from gateway.core.rows import Conventions
from gateway.core.sheet import SheetProblem
from gateway.storage import contacts
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.core.sheets_given import inline, xlsx
from tests.given import TUESDAY, Given, consent_text

HEADER = ("telefon", "ad soyad", "dil", "şehir", "etiketler", "onay tarihi", "kaynak", "izin metni", "sürüm")
PROVEN = ("2026-05-01 10:00", "Web formu", "marketing", "1")


@pytest.fixture
def gateway(database: Database, inbox: Inbox) -> Given:
    return Given(database, inbox)


def row(phone: str, *proof: str, name: str = "Ayşe") -> list[str]:
    return [phone, name, "tr", "Ankara", "vip", *(proof or PROVEN)]


UNPROVEN = ("", "", "", "")


def written(path: Path, *rows: list[str]) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows([list(HEADER), *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def imported(gateway: Given, file: Path, attested_by: str | None = "Deniz", **options: bool) -> ImportReport:
    run = OptInImport(gateway.database, gateway.settings, gateway.now, attested_by, **options)  # type: ignore[arg-type]
    return run.run(file)


def state(gateway: Given, phone: str) -> State:
    return gateway.standing(gateway.person(None, phone=phone)).state


def events(gateway: Given) -> int:
    with gateway.database.read() as connection:
        assert refolding.stale(connection) == []
        return connection.scalar(select(func.count()).select_from(table_of(EventRow))) or 0


def test_proven_rows_grant_and_the_others_wait_for_the_person(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001"), row("05550001002", *UNPROVEN))
    assert imported(gateway, file).counts == {"added": 1, "needs_confirmation": 1}
    assert (state(gateway, "+905550001001"), state(gateway, "+905550001002")) == (State.GRANTED, State.NONE)
    assert events(gateway) == 1


def test_without_an_attestation_no_row_grants(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001"))
    assert imported(gateway, file, attested_by=None).counts == {"needs_confirmation": 1}
    assert events(gateway) == 0


def test_a_forgotten_attestation_is_made_up_for_with_the_same_file(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001"), row("05550001002", *UNPROVEN))
    first = imported(gateway, file, attested_by=None)
    assert first.unvouched == 1
    again = imported(gateway, file)
    assert (again.same_file_as, again.unvouched) == (None, 0)
    assert again.counts == {"added": 1, "already_known": 1}
    assert imported(gateway, file).same_file_as is not None
    assert imported(gateway, file, attested_by=None).same_file_as is not None
    assert events(gateway) == 1


def test_a_file_whose_columns_were_misread_is_read_again_by_another_mapping(gateway: Given, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("telefon,x\n05550001001,Moda\n", encoding="utf-8")
    imported(gateway, file)
    run = OptInImport(gateway.database, gateway.settings, gateway.now, "Deniz", {"x": "attribute:store"})
    assert run.run(file).same_file_as is None
    subject = gateway.person(None, phone="+905550001001").subject
    with gateway.database.read() as connection:
        assert contacts.states(connection, [subject.id])[subject.id].attributes["store"] == "Moda"


@pytest.mark.parametrize("proof", [PROVEN, UNPROVEN])
def test_whoever_withdrew_comes_back_as_rejected_whatever_the_row_proves(
    gateway: Given, tmp_path: Path, proof: tuple[str, ...]
) -> None:
    ayse = gateway.person()
    gateway.says(ayse, "DUR")
    report = imported(gateway, written(tmp_path / "a.csv", row(ayse.phone, *proof)))
    assert report.counts == {"rejected": 1}
    assert report.rejects_file is not None
    assert state(gateway, ayse.phone) is State.REVOKED


def test_what_a_file_says_of_people_is_kept(gateway: Given, tmp_path: Path) -> None:
    imported(gateway, written(tmp_path / "a.csv", row("05550001001", name="Ayşe\tNur \\ “A”")))
    subject = gateway.person(None, phone="+905550001001", name=None).subject
    with gateway.database.read() as connection:
        person = contacts.states(connection, [subject.id])[subject.id]
        tags = contacts.tags_of(connection, [subject.id])[subject.id]
    assert (person.name, person.language, person.source) == ("Ayşe Nur \\ “A”", "tr", "web_form")
    assert person.attributes == {"city": "Ankara"}
    assert (tags, person.region, person.zones) == (frozenset({"vip"}), "TR", frozenset({"Europe/Istanbul"}))


def test_nothing_is_written_while_a_cell_needs_attention(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001"), row("0555 12"))
    report = imported(gateway, file)
    assert report.refused
    assert report.counts == {READ: 1, "rejected": 1}
    assert "3. satır" in report.problems[0]
    assert report.rejects_file is not None
    assert "0555 12" in report.rejects_file.read_text(encoding="utf-8-sig")
    assert events(gateway) == 0
    with gateway.database.read() as connection:
        assert contacts.count(connection) == 0


def test_a_refused_file_can_be_put_right_and_imported(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001"), row("0555 12"))
    imported(gateway, file)
    assert imported(gateway, written(file, row("05550001001"), row("05550001002"))).counts == {"added": 2}


def test_skipping_problems_imports_the_good_rows_and_hands_the_others_back(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001"), row("0555 12"), row("05550001003"))
    report = imported(gateway, file, skip_problems=True)
    assert report.counts == {"added": 2, "rejected": 1}
    assert report.rejects_file == tmp_path / "a.rejected.csv"
    fixed = (tmp_path / "a.rejected.csv").read_text(encoding="utf-8-sig").replace("0555 12", "05550001002")
    (tmp_path / "b.csv").write_text(fixed, encoding="utf-8")
    assert imported(gateway, tmp_path / "b.csv").counts == {"added": 1}


def test_a_dry_run_tells_the_outcomes_and_writes_nothing(gateway: Given, tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.csv", row("05550001001"), row("05550001001"), row("05550001002", *UNPROVEN), row("0555 12")
    )
    tried = imported(gateway, file, dry=True)
    assert events(gateway) == 0
    with gateway.database.read() as connection:
        assert contacts.count(connection) == 0
    assert imported(gateway, file, skip_problems=True).counts == tried.counts


def test_the_same_file_again_changes_nothing_and_says_so(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001"))
    imported(gateway, file)
    gateway.clock.advance(timedelta(hours=1))
    again = imported(gateway, file)
    assert again.same_file_as == TUESDAY
    assert events(gateway) == 1


def test_the_same_people_in_another_file_are_known(gateway: Given, tmp_path: Path) -> None:
    imported(gateway, written(tmp_path / "a.csv", row("05550001001"), row("05550001002", *UNPROVEN)))
    second = written(tmp_path / "b.csv", row("0555 000 10 01"), row("05550001002"))
    assert imported(gateway, second).counts == {"already_known": 1, "added": 1}
    assert state(gateway, "+905550001002") is State.GRANTED


def test_somebody_who_comes_twice_in_a_file_is_one_person_with_their_best_row(gateway: Given, tmp_path: Path) -> None:
    file = written(
        tmp_path / "a.csv",
        row("05550001001", *UNPROVEN), row("05550001001"), row("0555 000 1001", *UNPROVEN), row("05550001001"),
    )  # fmt: skip
    counts = imported(gateway, file).counts
    assert sum(counts.values()) == 4
    assert counts["added"] == 1
    assert state(gateway, "+905550001001") is State.GRANTED
    assert events(gateway) == 1


def test_a_newer_file_adds_to_what_is_known_and_takes_nothing_away(gateway: Given, tmp_path: Path) -> None:
    imported(gateway, written(tmp_path / "a.csv", row("05550001001")))
    (tmp_path / "b.csv").write_text("telefon;ürün\n05550001001;Lokum\n", encoding="utf-8")
    imported(gateway, tmp_path / "b.csv")
    subject = gateway.person(None, phone="+905550001001", name=None).subject
    with gateway.database.read() as connection:
        person = contacts.states(connection, [subject.id])[subject.id]
    assert (person.name, person.attributes) == ("Ayşe", {"city": "Ankara", "urun": "Lokum"})


def test_two_numbers_in_a_row_are_one_person(gateway: Given, tmp_path: Path) -> None:
    imported(gateway, written(tmp_path / "a.csv", row("05550001001 / 05550001002")))
    first, second = (gateway.person(None, phone=f"+90555000100{n}") for n in (1, 2))
    assert first.subject == second.subject


def test_an_unknown_consent_text_keeps_a_row_out_with_its_reason(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001", "2026-05-01", "web", "newsletter", "9"))
    report = imported(gateway, file)
    assert report.counts == {"rejected": 1}
    assert "izin texts add" in report.problems[0]
    assert "05550001001" in (tmp_path / "a.rejected.csv").read_text(encoding="utf-8-sig")


def test_a_file_is_read_again_once_the_text_it_lacked_was_added(gateway: Given, tmp_path: Path) -> None:
    file = written(tmp_path / "a.csv", row("05550001001"), row("05550001002", "2026-05-01", "web", "newsletter", "9"))
    assert imported(gateway, file).counts == {"added": 1, "rejected": 1}
    assert imported(gateway, file).same_file_as is not None
    gateway.clock.advance(timedelta(minutes=1))
    text = replace(consent_text("tr"), id="newsletter", version="9")
    gateway.database.run(lambda c: ledger.add_text(c, text, gateway.now))
    assert imported(gateway, file).counts == {"already_known": 1, "added": 1}
    assert imported(gateway, file).same_file_as is not None
    assert state(gateway, "+905550001002") is State.GRANTED


def test_a_file_that_is_no_table_is_refused_in_words(gateway: Given, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"%PDF-1.7 nothing here")
    with pytest.raises(SheetProblem):
        imported(gateway, file)


# Readers of their own


def test_a_process_of_its_own_reads_what_this_one_would(
    gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(f"0555000{n:04}", *(PROVEN if n % 2 else UNPROVEN)) for n in range(1, 40)]
    file = written(tmp_path / "a.csv", *rows, row("0555 12"))
    monkeypatch.setattr(read_optins, "OWN_PROCESS_BYTES_MIN", 0)
    assert imported(gateway, file, skip_problems=True).counts == {"added": 20, "needs_confirmation": 19, "rejected": 1}


def test_what_forbids_a_file_comes_back_from_the_other_process(
    gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"")
    monkeypatch.setattr(read_optins, "OWN_PROCESS_BYTES_MIN", 0)
    with pytest.raises(SheetProblem, match="empty"):
        imported(gateway, file)


def test_a_file_that_breaks_off_is_refused_by_the_other_process_too(
    gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = "".join(f"<row><c><v>555000{n:04}</v></c></row>" for n in range(2_000))
    (tmp_path / "a.xlsx").write_bytes(xlsx(f"<row>{inline('Cep')}</row>{cells}<row><c>"))
    monkeypatch.setattr(read_optins, "OWN_PROCESS_BYTES_MIN", 0)
    with pytest.raises(SheetProblem):
        imported(gateway, tmp_path / "a.xlsx")
    assert events(gateway) == 0


def test_what_two_read_together_is_the_whole_file_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_optins, "BATCH_ROWS", 7)
    blank = [""] * len(HEADER)
    file = written(tmp_path / "a.csv", *[row(f"0555000{n:04}") if n % 20 > 7 else blank for n in range(100)])
    how = Reading(file, Conventions(now=TUESDAY, zone=UTC), "tr", {}, after=12)

    def lines(share: int, shares: int) -> list[int]:
        with reading(replace(how, share=share, shares=shares)) as (_, batches):
            return [line for batch in batches for line in batch.people().line]

    assert lines(0, 1) == [n + 2 for n in range(100) if n % 20 > 7 and n + 2 > 12]
    assert sorted(lines(0, 2) + lines(1, 2)) == lines(0, 1)
    assert lines(0, 2)
    assert lines(1, 2)


def test_two_processes_check_a_file_before_it_is_written(
    gateway: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(f"0555{n:07}", *UNPROVEN) for n in range(5_010)]
    monkeypatch.setattr(read_optins, "OWN_PROCESS_BYTES_MIN", 0)
    refused = imported(gateway, written(tmp_path / "a.csv", *rows, row("0555 12")))
    assert refused.counts == {READ: 5_010, "rejected": 1}
    assert refused.problems[0].startswith("5012. satır")
    assert events(gateway) == 0


# Lists of people who want no messages


def stopped(gateway: Given, file: Path) -> ImportReport:
    return OptOutImport(gateway.database, gateway.settings, gateway.now, "Deniz").run(file)


def test_a_suppression_list_revokes_for_every_purpose(gateway: Given, tmp_path: Path) -> None:
    ayse = gateway.person()
    file = tmp_path / "stop.csv"
    file.write_text(f"telefon\n{ayse.phone}\nnobody\n", encoding="utf-8")
    report = stopped(gateway, file)
    assert report.counts == {"stopped": 1, "rejected": 1}
    assert gateway.standing(ayse).state is State.REVOKED
    assert gateway.standing(ayse, "utility").state is State.REVOKED
    before = events(gateway)
    stopped(gateway, file)
    assert events(gateway) == before


def test_a_list_stops_strangers_and_people_with_a_past_alike(gateway: Given, tmp_path: Path) -> None:
    known = gateway.person()
    file = tmp_path / "stop.csv"
    numbers = ["05550001001", "05550001002 / 05550001003", known.phone, "05550001001"]
    file.write_text("\n".join(["telefon", *numbers, ""]), encoding="utf-8")
    before = events(gateway)
    assert stopped(gateway, file).counts == {"stopped": 4}
    assert events(gateway) == before + 4
    strangers = [f"+90555000100{n}" for n in (1, 2, 3)]
    assert {state(gateway, phone) for phone in [known.phone, *strangers]} == {State.REVOKED}
    stopped(gateway, file)
    assert events(gateway) == before + 4


def test_a_stop_binds_when_an_unknown_number_becomes_known(gateway: Given, tmp_path: Path) -> None:
    file = tmp_path / "stop.csv"
    file.write_text("telefon\n05550001001\n", encoding="utf-8")
    stopped(gateway, file)
    gateway.clock.advance(timedelta(hours=1))
    report = imported(gateway, written(tmp_path / "a.csv", row("05550001001", "2026-11-24 14:30", *PROVEN[1:])))
    assert report.counts == {"rejected": 1}
    assert state(gateway, "+905550001001") is State.REVOKED
