"""Columns that say whether somebody agreed: a no keeps its row out of a list of people, however it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.core.columns import columns_of
from gateway.core.rows import Conventions
from gateway.core.sheet import open_sheet
from gateway.core.stretch_reader import Row, StretchReader

HOW = Conventions(now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC), zone=UTC)


@pytest.mark.parametrize("answer", ["Hayır", "HAYIR", "no", "RET", "opt-out", "Unsubscribed", "0", "false"])
@pytest.mark.parametrize("header", ["Onay", "İzin Durumu", "consent", "Opt-in", "WhatsApp izni"])
def test_whoever_did_not_agree_is_kept_out_of_a_list_of_people(header: str, answer: str) -> None:
    source = f"telefon;{header}\n05550001234;{answer}\n05550001235;evet\n05550001236;\n".encode()
    refused, *others = open_sheet(source, HOW).rows
    assert [(one.column, one.code) for one in refused.problems] == [(header, "says_no")]
    assert [one.problems for one in others] == [(), ()]
    assert all(not one.problems for one in open_sheet(source, replace(HOW, stops=True)).rows)


@pytest.mark.parametrize("header", ["Accepts SMS Marketing", "E-posta izni", "SMS onayı", "durum"])
def test_answers_about_other_channels_say_nothing(header: str) -> None:
    (row,) = open_sheet(f"telefon;{header}\n05550001234;no\n".encode(), HOW).rows
    assert row.problems == ()


def test_rows_read_together_keep_out_whoever_did_not_agree() -> None:
    rows: list[Row] = [(2, ["05550001234", "evet"]), (3, ["05550001235", "Hayır"]), (4, ["05550001236", ""])]
    columns, rejected = StretchReader(columns_of(["telefon", "onay"]), HOW, {}).prepared(rows)
    assert (columns.line, [row.line for row in rejected]) == ([2, 4], [3])


def test_tags_in_quotes_lose_them() -> None:
    (row,) = open_sheet(b'phone,tags\n05550001234,"""VIP"",""Kahve"""\n', HOW).rows
    assert row.tags == {"vip", "kahve"}
