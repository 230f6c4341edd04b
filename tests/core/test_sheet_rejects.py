"""The rejects file: the rows as they were, the reasons beside them, and back in once they are fixed."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.rejects import ENCODING, Rejects, rejects_of
from gateway.core.rows import Conventions
from gateway.core.sheet import open_sheet

HOW = Conventions(now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC), zone=UTC)
BAD = "Cep;Ad;Dil\n0555 000 12 3;Ayşe;tr\n05550001234;Bora;tr\n05550005678;Cem;xx\n"


def rejected(source: bytes, language: str = "en", *reasons: str) -> bytes:
    sheet = open_sheet(source, HOW)
    rejects = Rejects(sheet.columns, sheet.delimiter, language)
    lines = [rejects.heading(), *(rejects.line(row, *reasons) for row in sheet.rows if row.problems or reasons)]
    return "".join(lines).encode(ENCODING)


def table(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(ENCODING), newline=""), delimiter=";"))


def test_a_reject_is_the_row_as_it_was_with_the_reasons_beside_it() -> None:
    assert table(rejected(BAD.encode())) == [
        ["Cep", "Ad", "Dil", "İzin: row", "İzin: column", "İzin: reason"],
        ["0555 000 12 3", "Ayşe", "tr", "2", "Cep",
         "“0555 000 12 3” is too short: numbers in that country have more digits; add the missing ones."],
        ["05550005678", "Cem", "xx", "4", "Dil", "“xx” is not a language we know; write one like tr, en or de."],
    ]  # fmt: skip


def test_reasons_come_in_turkish_too_and_others_may_be_added() -> None:
    head, *rows = table(rejected(BAD.encode(), "tr-TR", "Bu kişi izni geri çekmiş."))
    assert head[3:] == ["İzin: satır", "İzin: sütun", "İzin: neden"]
    assert len(rows) == 3
    assert rows[1][3:] == ["3", "", "Bu kişi izni geri çekmiş."]
    assert rows[2][5] == "“xx” bildiğimiz bir dil değil; tr, en ya da de gibi yazın. Bu kişi izni geri çekmiş."


def test_a_fixed_rejects_file_is_read_as_if_it_had_always_been_right() -> None:
    fixed = rejected(BAD.encode()).replace(b"0555 000 12 3;", b"0555 000 12 34;").replace(b";xx;", b";en;")
    rows = list(open_sheet(fixed, HOW).rows)
    assert [(row.name, row.problems, list(row.attributes)) for row in rows] == [
        ("Ayşe", (), ["first_name"]),
        ("Cem", (), ["first_name"]),
    ]


def test_rejects_of_a_rejects_file_carry_one_set_of_reasons() -> None:
    once = rejected(BAD.encode())
    assert table(rejected(once, "tr"))[0] == ["Cep", "Ad", "Dil", "İzin: satır", "İzin: sütun", "İzin: neden"]
    assert len(table(rejected(once))[1]) == 6


def test_short_and_long_rows_keep_the_reasons_in_their_columns() -> None:
    _, short, long = table(rejected(b"Cep;Ad;Dil\n12\n05550001234;Ay;tr;x;y\n"))
    assert short[:4] == ["12", "", "", "2"]
    assert long[:4] == ["05550001234", "Ay", "tr", "3"]


def test_what_an_open_quotation_mark_swallowed_comes_back_in_one_cell() -> None:
    _, row = table(rejected('Cep;Ad\n05550001234;"Ayşe\n05550005678;Cem\n'.encode()))
    assert row[:4] == ['05550001234;"Ayşe\n05550005678;Cem\n', "", "2", "Cep"]


LINES = """{"phone":"05550001234","traits":{"city":"Bursa"}}
{"phone":"0555 000 12 3","name":"Ayşe","traits":{"city":"İzmir"}}
{"phone":"05550005678
hello
"""


def handed_back(source: str, language: str = "en") -> str:
    sheet = open_sheet(source.encode(), HOW)
    rejects = rejects_of(sheet.encoding, sheet.delimiter, sheet.columns, language)
    return rejects.heading() + "".join(rejects.line(row) for row in sheet.rows if row.problems)


def test_json_lines_come_back_as_json_lines_and_broken_ones_as_they_stood() -> None:
    first, remark, broken, _, other = handed_back(LINES, "tr").splitlines()
    assert first.startswith('{"phone": "0555 000 12 3", "traits city": "İzmir", "name": "Ayşe", "İzin: satır": 2')
    assert (remark, broken, other) == (
        "// İzin: satır 3: satır bir JSON nesnesi değil; her satıra bir nesne yazın.",
        '{"phone":"05550005678',
        "hello",
    )


def test_fixed_json_lines_are_read_and_those_left_broken_come_back_the_same() -> None:
    back = handed_back(LINES)
    fixed = back.replace("12 3", "12 34").replace("05550005678\n", '05550005678"}\n')
    rows = list(open_sheet(fixed.encode(), HOW).rows)
    assert [(row.name, dict(row.attributes), len(row.problems)) for row in rows] == [
        ("Ayşe", {"traits_city": "İzmir"}, 0),
        ("", {}, 0),
        ("", {}, 1),
    ]
    assert handed_back(back).splitlines()[-1] == "hello"


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_no_cell_is_changed_on_the_way_out(rows: list[tuple[str, str]]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=";").writerows([("Cep", "Ad"), *rows])
    out = table(rejected(written.getvalue().encode(), "en", "because"))
    assert [tuple(row[:2]) for row in out[1:]] == [row for row in rows if any(cell.strip() for cell in row)]
