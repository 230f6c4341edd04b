"""Excel's and LibreOffice's own files and JSON lines, read as if somebody had typed them into a CSV."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.core.cells import CellCode
from gateway.core.rows import OptInRow
from gateway.core.sheet import Sheet, SheetCode, SheetProblem, open_sheet
from gateway.core.workbook import date_text, number_text
from tests.core.sheets_given import (
    DATE,
    DATE_TIME,
    DAYS,
    inline,
    number,
    ods,
    ods_blank,
    ods_row,
    ods_text,
    ods_value,
    row,
    shared,
    xlsx,
    zipped,
)
from tests.core.test_sheet import HOW


def read(data: bytes) -> tuple[Sheet, list[OptInRow]]:
    sheet = open_sheet(data, HOW)
    return sheet, list(sheet.rows)


def addresses(rows: list[OptInRow]) -> list[str]:
    return [str(address) for one in rows for address in one.addresses]


TEXTS = ("Cep", "Ad Soyad", "Onay Tarihi", "Ayşe Kaya", "Satış & iade")


def test_a_workbook_is_read_with_its_texts_numbers_and_dates() -> None:
    sheet, rows = read(
        xlsx(
            row(shared(0), shared(1), shared(2), inline("Puan"), r=1)
            + row(number("5550001001"), shared(3), number("46143.4375", DATE_TIME), number("7", DAYS), r=2)
            + row(number("5.550001002E9"), inline("Ömer"), number("46143", DATE), number("3.50"), r=3),
            texts=TEXTS,
        )
    )
    assert (sheet.encoding, sheet.delimiter) == ("xlsx", ";")
    assert addresses(rows) == ["+905550001001", "+905550001002"]
    assert [one.name for one in rows] == ["Ayşe Kaya", "Ömer"]
    assert rows[0].consent_at == datetime(2026, 5, 1, 7, 30, tzinfo=UTC)
    assert rows[1].consent_at == datetime(2026, 4, 30, 21, 0, tzinfo=UTC)
    assert [one.attributes["puan"] for one in rows] == ["7", "3.5"]


def test_cells_that_are_left_out_leave_their_places_blank() -> None:
    _, rows = read(
        xlsx(
            row(inline("Cep", r="A1"), inline("Ad Soyad", r="B1"), inline("Şehir", r="D1"), r=1)
            + row(number("5550001001", r="A7"), inline("İzmir", r="D7"), r=7)
        )
    )
    assert (rows[0].line, rows[0].name, rows[0].attributes) == (7, "", {"city": "İzmir"})


def test_a_number_whose_digits_were_lost_is_refused_and_not_made_up() -> None:
    _, rows = read(xlsx(row(inline("Cep")) + row(number("9.05550001001234E+17"))))
    assert not rows[0].addresses
    assert rows[0].problems


@pytest.mark.parametrize(
    ("written", "shown"),
    [("5550001001", "5550001001"), ("5.55E9", "5550000000"), ("0.1", "0.1"), ("-3.0", "-3"), ("1E300", "1E300"),
     ("1234567890123456", "1234567890123456"), ("x", "x"), ("NaN", "NaN")],
)  # fmt: skip
def test_numbers_are_written_out_as_far_as_they_are_exact(written: str, shown: str) -> None:
    assert number_text(written) == shown


@pytest.mark.parametrize(("written", "shown"), [("46143", "2026-05-01"), ("46143.5", "2026-05-01 12:00:00"), ("0", "0"),
                                                ("1e9", "1000000000"), ("?", "?")])  # fmt: skip
def test_day_counts_are_dates_as_long_as_they_can_be(written: str, shown: str) -> None:
    assert date_text(written) == shown


def test_a_book_that_counts_days_from_1904_is_read_so() -> None:
    book = '<workbookPr date1904="1"/>'
    _, rows = read(xlsx(row(inline("Cep"), inline("Onay Tarihi"))
                        + row(number("5550001001"), number("44681", DATE)), book=book))  # fmt: skip
    assert rows[0].consent_at == datetime(2026, 4, 30, 21, 0, tzinfo=UTC)


def test_hidden_sheets_and_readings_and_errors_say_nothing() -> None:
    _, rows = read(
        xlsx(row(inline("Cep"), inline("Not")) + row(number("5550001001"), '<c t="e"><v>#REF!</v></c>'), hidden=True)
    )
    assert (addresses(rows), rows[0].attributes) == (["+905550001001"], {})


def test_signs_that_xml_cannot_hold_are_given_back() -> None:
    _, rows = read(xlsx(row(inline("Cep"), inline("Not")) + row(number("5550001001"), inline("a_x000A_b _x005F_"))))
    assert rows[0].attributes == {"not": "a\nb _"}


# LibreOffice


def test_an_opendocument_sheet_is_read_by_what_its_cells_hold() -> None:
    sheet, rows = read(
        ods(
            ods_row(ods_text("Cep"), ods_text("Ad Soyad"), ods_blank(2), ods_text("Onay Tarihi")),
            ods_row(
                ods_value("float", "5550001001", "5.55E+09"),
                ods_text("Ayşe & Co"),
                ods_blank(2),
                ods_value("date", "2026-05-01T10:30:00", "01.05.26"),
            ),
            ods_row(ods_blank(1024), times=3),
            ods_row(ods_text("0555 000 10 02"), ods_blank(16_380)),
            ods_row(ods_blank(16_384), times=1_048_500),
            more='<table:table table:name="Other"><table:table-row><table:table-cell><text:p>0555 000 10 03</text:p>'
            "</table:table-cell></table:table-row></table:table>",
        )
    )
    assert sheet.encoding == "ods"
    assert addresses(rows) == ["+905550001001", "+905550001002"]
    assert [one.line for one in rows] == [2, 6]
    assert (rows[0].name, rows[0].consent_at) == ("Ayşe & Co", datetime(2026, 5, 1, 7, 30, tzinfo=UTC))


def test_comments_in_an_opendocument_sheet_are_no_contents() -> None:
    comment = "<office:annotation><text:p>call her later</text:p></office:annotation>"
    cell = f'<table:table-cell office:value-type="string">{comment}<text:p>0555 000 10 01</text:p></table:table-cell>'
    _, rows = read(ods(ods_row(ods_text("Cep")), ods_row(cell)))
    assert addresses(rows) == ["+905550001001"]


# JSON lines


def test_json_lines_are_people_with_their_names_as_columns() -> None:
    sheet, rows = read(
        '{"phone": "0555 000 10 01", "name": "Ayşe", "tags": ["vip", "çay"], "address": {"city": "İzmir"}}\n'
        '\n{"phone": 905550001002, "gift": true, "spent": 12.5, "none": null}\n'.encode()
    )
    assert sheet.encoding == "ndjson"
    assert addresses(rows) == ["+905550001001", "+905550001002"]
    assert [one.line for one in rows] == [1, 3]
    assert (rows[0].tags, rows[0].attributes) == (frozenset({"vip", "cay"}), {"address_city": "İzmir"})
    assert rows[1].attributes == {"gift": "true", "spent": "12.5"}


def test_a_line_that_is_no_json_is_named() -> None:
    _, rows = read(b'{"phone": "05550001001"}\n{"phone": \n[]\n')
    assert [[problem.code for problem in one.problems] for one in rows] == [
        [],
        [CellCode.NOT_JSON],
        [CellCode.NOT_JSON],
    ]
    assert [one.line for one in rows] == [1, 2, 3]


def test_a_number_with_an_exponent_is_read_from_a_json_line_as_it_was_written() -> None:
    _, rows = read(b'{"phone": 9.05550001001e11, "spent": 1.5e3}\n{"phone": 9.0555e11}\n')
    assert addresses(rows) == ["+905550001001"]
    assert rows[0].attributes == {"spent": "1.5e3"}
    assert [problem.value for problem in rows[1].problems] == ["9.0555e11"]


@pytest.mark.parametrize(
    "line", ['{"phone": NaN}', '{"phone": "\\ud83d"}', '{"phone": 1e5, "x": ' + "[" * 1020 + "]" * 1020 + "}"]
)
def test_where_no_line_can_be_read_each_is_named(line: str) -> None:
    _, rows = read(f"{line}\n{line}\n".encode())
    assert [[problem.code for problem in one.problems] for one in rows] == [[CellCode.NOT_JSON]] * 2


@pytest.mark.parametrize("text", ['[{"phone": "05550001001"}]', '[\n  {\n    "phone": "05550001001"\n  }\n]'])
def test_a_list_of_objects_is_no_json_lines_and_said_to_be_none(text: str) -> None:
    _, rows = read(text.encode())
    assert {problem.code for one in rows for problem in one.problems} == {CellCode.NOT_JSON}


def test_headers_are_told_without_signs_that_act_on_the_screen() -> None:
    with pytest.raises(SheetProblem) as told:
        read(b"\x1b[2JAd;" + b"x" * 500 + b";\0\n;;\n")
    assert told.value.sentence("tr").isprintable()
    assert len(told.value.found) < 200


# What is none of these


@pytest.mark.parametrize(
    "data",
    [
        zipped({"word/document.xml": "<w/>"}),
        zipped({"xl/workbook.xml": "<workbook><sheets/></workbook>"}),
        zipped({"xl/workbook.xml": "<workbook"}),
        zipped({"content.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        zipped({"content.xml": "<x>" + " " * 80_000_000 + "</x>"}),
        xlsx(row('<c t="s"><v>1</v></c>'), texts=["05550001001"]),
        xlsx(row('<c t="s"><v>x</v></c>'), texts=["05550001001"]),
        b"PK\x03\x04 and nothing else",
    ],
    ids=["word", "no sheet", "broken", "entities", "bomb", "text missing", "text unnumbered", "torn"],
)
def test_what_is_no_spreadsheet_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(SheetProblem) as told:
        read(data)
    assert told.value.code is SheetCode.UNREADABLE
    assert "XLSX" in told.value.sentence("tr")


def test_a_workbook_that_breaks_off_is_refused_too() -> None:
    whole = xlsx(row(inline("Cep")) + "".join(row(number(f"555000{n:04}")) for n in range(2_000)) + "<row><c>")
    with pytest.raises(SheetProblem):
        read(whole)
