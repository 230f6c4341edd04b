"""Reading opt-in files as people send them: every encoding, delimiter and header, and a sentence for every bad cell."""

from __future__ import annotations

import contextlib
import csv
import io
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.address import Bsuid
from gateway.core.cells import CellCode
from gateway.core.columns import MappingProblem
from gateway.core.decoding import Source
from gateway.core.rows import Conventions, OptInRow
from gateway.core.sheet import Sheet, SheetCode, SheetProblem, open_sheet

HOW = Conventions(now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC), zone=ZoneInfo("Europe/Istanbul"))


def rows_of(text: str | bytes, **options: str) -> list[OptInRow]:
    return list(opened(text, **options).rows)


def opened(text: str | bytes, **options: str) -> Sheet:
    source = text.encode() if isinstance(text, str) else text
    return open_sheet(source, HOW, encoding=options.get("encoding"), delimiter=options.get("delimiter"))


def sentences(rows: list[OptInRow], language: str = "en") -> list[str]:
    return [problem.sentence(language) for row in rows for problem in row.problems]


FULL = (
    "Ad Soyad;Cep No;Dil;Saat Dilimi;Etiketler;Onay Tarihi;Onay Kaynağı;İzin Metni;Metin Sürümü;Kanıt No;Mağaza\n"
    "Ayşe Yılmaz;0555 000 12 34;Türkçe;Europe/Istanbul;VIP, Kahve;06.05.2024 14:30;Web formu;marketing-tr;1;F-17;"
    "Kadıköy\n"
)


def test_a_full_row_is_a_person_with_everything_that_proves_consent() -> None:
    (row,) = rows_of(FULL)
    assert list(map(str, row.addresses)) == ["+905550001234"]
    assert (row.line, row.name, row.language, row.zone) == (2, "Ayşe Yılmaz", "tr", "Europe/Istanbul")
    assert row.tags == {"vip", "kahve"}
    assert row.attributes == {"store": "Kadıköy"}
    assert row.consent_at == datetime(2024, 5, 6, 11, 30, tzinfo=UTC)
    assert (row.consent_source, row.text_id, row.text_version, row.proof) == ("web_form", "marketing-tr", "1", "F-17")
    assert row.is_proven
    assert row.problems == ()


@pytest.mark.parametrize("missing", ["06.05.2024 14:30", "Web formu", "marketing-tr", "1"])
def test_without_any_one_part_the_consent_is_not_proven(missing: str) -> None:
    (row,) = rows_of(FULL.replace(f";{missing};", ";;"))
    assert not row.is_proven
    assert row.problems == ()


ENCODINGS = [
    ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
    ("utf-16-be", "utf-16-be"), ("cp1254", "cp1254"), ("iso-8859-9", "cp1254"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "found"), ENCODINGS)
def test_every_encoding_that_turkish_files_come_in_is_recognised(written: str, found: str) -> None:
    sheet = opened(FULL.encode(written))
    (row,) = sheet.rows
    assert sheet.encoding == found
    assert row.name == "Ayşe Yılmaz"
    assert row.attributes == {"store": "Kadıköy"}


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_delimiter_is_recognised(delimiter: str) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter)
    writer.writerows(csv.reader(io.StringIO(FULL), delimiter=";"))
    sheet = opened(written.getvalue())
    (row,) = sheet.rows
    assert sheet.delimiter == delimiter
    assert row.tags == {"vip", "kahve"}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(ending: str) -> None:
    (row,) = rows_of(FULL.replace("\n", ending))
    assert row.name == "Ayşe Yılmaz"
    assert row.proof == "F-17"


def test_an_excel_separator_line_is_obeyed_and_counted() -> None:
    sheet = opened("sep=|\nphone|name\n05550001234|Ayşe; Bora, Cem\n")
    (row,) = sheet.rows
    assert sheet.delimiter == "|"
    assert (row.line, row.name) == (3, "Ayşe; Bora, Cem")


def test_letters_of_turkish_windows_after_a_long_plain_beginning_are_still_read() -> None:
    plain = "phone;name\n" + "05550001234;Ali\n" * 6000
    rows = rows_of(plain.encode() + "05550005678;Çağrı Şen\n".encode("cp1254"))
    assert rows[-1].name == "Çağrı Şen"


def test_the_encoding_and_the_delimiter_can_be_said() -> None:
    (row,) = rows_of("phone,name;x\n05550001234,Ж;1\n".encode("cp1251"), encoding="windows-1251", delimiter=",")
    assert row.attributes == {"name_x": "Ж;1"}
    with pytest.raises(LookupError):
        rows_of(FULL, encoding="no-such-encoding")


def test_titles_above_the_header_are_passed_over_and_counted() -> None:
    (row,) = rows_of("Kasım listesi;\n;\nCep;Ad Soyad\n05550001234;Ayşe\n")
    assert (row.line, row.name) == (4, "Ayşe")


def test_a_file_without_a_header_begins_with_somebodys_number() -> None:
    rows = rows_of("Ayşe;0555 000 12 34;Kadıköy\nBora;0555 000 56 78;\n")
    assert [(row.line, str(row.addresses[0])) for row in rows] == [(1, "+905550001234"), (2, "+905550005678")]
    assert rows[0].attributes == {"column_a": "Ayşe", "column_c": "Kadıköy"}


def test_one_column_of_numbers_is_enough() -> None:
    assert [str(row.addresses[0]) for row in rows_of("05550001234\n05550005678\n")] == [
        "+905550001234",
        "+905550005678",
    ]


def test_blank_rows_are_nobody_but_count_as_rows() -> None:
    rows = rows_of("phone;name\n\n05550001234;Ayşe\n ; \n05550005678;Bora\n")
    assert [row.line for row in rows] == [3, 5]


def test_a_blank_number_beside_a_name_is_a_problem() -> None:
    assert sentences(rows_of("Cep No;Ad Soyad\n;Ayşe\n")) == [
        "Row 2, column “Cep No”: The cell is empty; write the phone number or remove the row."
    ]


def test_first_and_last_names_make_a_name_and_the_first_stays_by_itself() -> None:
    (row,) = rows_of("Adı;Soyadı;GSM\nAyşe Nur; Yılmaz ;05550001234\n")
    assert row.name == "Ayşe Nur Yılmaz"
    assert row.attributes == {"first_name": "Ayşe Nur"}


def test_two_columns_of_numbers_make_one_person() -> None:
    rows = rows_of("Telefon 1;Telefon 2\n05550001234;05550005678\n05550001234;\n;05550005678\n05550001234;123\n;\n")
    assert [len(row.addresses) for row in rows] == [2, 1, 1, 1]
    assert sentences(rows) == [
        "Row 5, column “Telefon 2”: “123” is a short or internal number; WhatsApp needs the full phone number."
    ]


def test_a_landline_column_counts_only_where_there_is_no_better_one() -> None:
    (row,) = rows_of("Ev Telefonu;Cep\n02120000000;05550001234\n")
    assert list(map(str, row.addresses)) == ["+905550001234"]
    assert row.attributes == {"ev_telefonu": "02120000000"}
    (row,) = rows_of("Ev Telefonu;Ad\n02120000000;Ayşe\n")
    assert list(map(str, row.addresses)) == ["+902120000000"]


def test_a_user_id_is_as_good_as_a_number() -> None:
    (row,) = rows_of("BSUID;name\nTR.13491208655302741918;Ayşe\n")
    assert row.addresses == (Bsuid("TR.13491208655302741918"),)


@pytest.mark.parametrize("cell", ["marketing-tr@1.2", "marketing-tr v1.2", "marketing-tr / 1.2", "marketing-tr 1.2"])
def test_one_cell_may_say_text_and_version(cell: str) -> None:
    (row,) = rows_of(f"phone;consent text\n05550001234;{cell}\n")
    assert (row.text_id, row.text_version) == ("marketing-tr", "1.2")


BAD_CELLS = [
    ("Dil", "klingonca", "“klingonca” is not a language we know; write one like tr, en or de."),
    ("Saat Dilimi", "Mars/Base", "“Mars/Base” is not a time zone; write one like Europe/Istanbul."),
    ("Onay Tarihi", "geçen yaz", "“geçen yaz” is not a date we can read; write one like 2025-12-31 14:30."),
    ("Onay Tarihi", "01.02.2099",
     "“01.02.2099” lies in the future; nobody can have agreed then, so check the order of day and month."),
    ("Onay Tarihi", "00.01.1900", "“00.01.1900” is not a date we can read; write one like 2025-12-31 14:30."),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "reason"), BAD_CELLS)
def test_every_bad_cell_is_named_by_row_and_column_in_words(column: str, cell: str, reason: str) -> None:
    rows = rows_of(f"Cep;{column}\n05550001234;{cell}\n")
    assert sentences(rows) == [f"Row 2, column “{column}”: {reason}"]
    assert sentences(rows, "tr")[0].startswith(f"2. satır, “{column}” sütunu: “{cell}” ")


def test_all_problems_of_a_row_are_told_together() -> None:
    (row,) = rows_of("Cep;Dil;Onay Tarihi\n123;xx;dün\n")
    assert [problem.code for problem in row.problems] == ["short_code", "language_unknown", "date_unreadable"]
    assert row.addresses == ()


def test_cells_beyond_the_header_may_mean_that_columns_have_shifted() -> None:
    rows = rows_of("phone,name\n05550001234,Yılmaz,Ayşe\n05550001234,Ayşe,,\n")
    assert [problem.code for row in rows for problem in row.problems] == ["extra_cells"]
    assert sentences(rows)[0].startswith("Row 2, column “C”: the row has more cells than the header (“Ayşe”)")


def test_a_short_row_is_filled_with_blanks() -> None:
    (row,) = rows_of("phone,name,city\n05550001234\n")
    assert (row.name, row.attributes, row.problems) == ("", {}, ())


def test_a_quotation_mark_that_never_closes_is_found() -> None:
    rows = rows_of('phone,name\n05550001234,"Ayşe\n' + "05550005678,Bora\n" * 100)
    assert [problem.code for row in rows for problem in row.problems] == [CellCode.QUOTE_OPEN]


def test_even_one_that_swallows_more_than_a_cell_can_hold() -> None:
    rows = rows_of('phone,name\n05550001234,Ayşe\n05550001234,"Bora\n' + "05550005678,Cem\n" * 20_000)
    assert [row.line for row in rows] == [2, 3]
    assert [problem.code for problem in rows[-1].problems] == [CellCode.QUOTE_OPEN]


def test_even_one_that_swallows_only_the_last_rows() -> None:
    rows = rows_of('phone,name\n05550001234,Ayşe\n05550001235,"Bora\n05550001236,Cem\n')
    assert [(row.line, bool(row.problems)) for row in rows] == [(2, False), (3, True)]


def test_an_endless_cell_is_refused_and_quoted_shortly() -> None:
    rows = rows_of("phone,name\n05550001234," + "a" * 1001 + "\n")
    assert sentences(rows)[0].endswith("…” is longer than 1,000 characters; shorten it.")
    assert len(sentences(rows)[0]) < 200


def test_line_breaks_inside_quotes_do_not_disturb_row_numbers() -> None:
    rows = rows_of('phone,note\n05550001234,"one\ntwo"\n05550005678,x\n')
    assert [row.line for row in rows] == [2, 3]


@pytest.mark.parametrize("content", ["", "\n\n", " ; ;\n", "\ufeff"])
def test_an_empty_file_says_so(content: str) -> None:
    with pytest.raises(SheetProblem) as told:
        opened(content)
    assert told.value.code is SheetCode.EMPTY
    assert told.value.sentence("tr") == "Dosya boş."


def test_a_file_without_numbers_lists_its_headers() -> None:
    with pytest.raises(SheetProblem, match=r"No column of phone numbers was found\. The headers are: “Ad”, “Şehir”"):
        opened("Ad;Şehir\nAyşe;İzmir\n")


@pytest.mark.parametrize(
    "start", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"%PDF-1.7", b"\x1f\x8b\x08"]
)
def test_a_file_that_is_no_text_table_says_what_it_is(start: bytes) -> None:
    with pytest.raises(SheetProblem) as told:
        opened(start + bytes(range(128, 200)))
    assert told.value.code is SheetCode.UNREADABLE
    assert "CSV olarak kaydedip" in told.value.sentence("tr")


def test_a_mapping_names_what_we_do_not_recognise() -> None:
    source = b"Kunde;Kontakt;Ort\nAnke;05550001234;Berlin\n"
    mapping = {"kontakt": "address", "KUNDE": "name", "Ort": "attribute:town"}
    (row,) = open_sheet(source, HOW, mapping=mapping).rows
    assert (row.name, row.attributes) == ("Anke", {"town": "Berlin"})


def test_a_mapping_with_a_mistake_is_explained() -> None:
    with pytest.raises(MappingProblem, match="names a column “Telefon” that the file does not have"):
        open_sheet(b"a;b\n1;2\n", HOW, mapping={"Telefon": "address"})
    with pytest.raises(MappingProblem, match="the field “adress”; fields are address, consent_at"):
        open_sheet(b"a;b\n1;2\n", HOW, mapping={"a": "adress"})


def test_numbers_without_a_country_code_are_read_in_the_region_asked_for() -> None:
    german = Conventions(now=HOW.now, zone=ZoneInfo("Europe/Berlin"), region="DE", day_first=True)
    (row,) = open_sheet(b"handy;consent date\n0171 3920012;06.05.2024 14:30\n", german).rows
    assert str(row.addresses[0]) == "+491713920012"
    assert row.consent_at == datetime(2024, 5, 6, 12, 30, tzinfo=UTC)


SOURCES: dict[str, Callable[[bytes], Source]] = {
    "bytes": lambda data: data,
    "file": io.BytesIO,
    "buffered file": lambda data: io.BufferedReader(io.BytesIO(data)),
    "small pieces": lambda data: iter([data[at : at + 7] for at in range(0, len(data), 7)]),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_bytes_come_from_anywhere(kind: str) -> None:
    rows = list(open_sheet(SOURCES[kind]((FULL * 2).encode("cp1254")), HOW).rows)
    assert [row.name for row in rows] == ["Ayşe Yılmaz", "Ad Soyad", "Ayşe Yılmaz"]


def test_memory_stays_flat_however_long_the_file() -> None:
    def chunks(count: int) -> Iterator[bytes]:
        yield b"phone;name;consent date\n"
        for n in range(count):
            yield f"0555000{n % 10_000:04d};Ay\u015fe {n};06.05.2024 14:30\n".encode()

    def peak(count: int) -> int:
        tracemalloc.start()
        assert sum(1 for _ in open_sheet(chunks(count), HOW).rows) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1_000)
    assert peak(12_000) < peak(3_000) + 300_000


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)


@given(st.lists(st.tuples(cells, cells, cells), max_size=6), st.sampled_from(";,\t|"))
@settings(max_examples=200, deadline=None)
def test_whatever_stands_in_the_cells_every_filled_row_is_told_about(
    people: list[tuple[str, str, str]], delimiter: str
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows([("Cep No", "Onay Tarihi", "Dil"), *people])
    rows = list(open_sheet(written.getvalue().encode(), HOW, delimiter=delimiter).rows)
    assert [row.line for row in rows] == [
        n for n, row in enumerate(people, start=2) if any(cell.strip() for cell in row)
    ]
    assert all(row.addresses or row.problems for row in rows)
    assert all(row.consent_at is None or row.consent_at <= HOW.now for row in rows)


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_rows_or_one_sentence(data: bytes) -> None:
    with contextlib.suppress(SheetProblem):
        assert all(row.cells or row.problems for row in open_sheet(data, HOW).rows)
