"""Bytes to text: guessing encodings and delimiters from the beginning of a file."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.decoding import HEAD_BYTES, open_text, sniff_delimiter, sniff_encoding

TURKISH = "İsim;Şehir\nÇağrı Öğüt;Iğdır\nAyşe Gül;Üsküdar\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1254"]
)
def test_turkish_text_is_read_as_it_was_written(encoding: str) -> None:
    text = open_text(TURKISH.encode(encoding))
    assert text.encoding == encoding
    assert text.head == text.lines.read() == TURKISH


def test_plain_ascii_is_utf_8() -> None:
    assert sniff_encoding(b"phone,name\n") == sniff_encoding(b"") == "utf-8"


def test_a_letter_cut_in_half_at_the_end_of_the_beginning_is_no_reason_to_doubt_utf_8() -> None:
    data = ("a" * (HEAD_BYTES - 1) + "ş" + "\nson\n").encode()
    text = open_text(data)
    assert text.encoding == "utf-8"
    assert text.lines.read() == data.decode()


def test_a_stray_byte_later_on_is_read_as_turkish_windows_means_it() -> None:
    data = b"a" * HEAD_BYTES + "ğüşİöçı".encode("cp1254") + "ş".encode()
    assert open_text(data).lines.read().lstrip("a") == "ğüşİöçış"


def test_a_byte_that_nobody_uses_does_not_stop_the_file() -> None:
    assert open_text(b"a;b\n\x81;\xff\n").lines.read() == "a;b\n\ufffd;ÿ\n"


DELIMITED = [
    ("a;b;c\n1,5;2,5;3,5\n", ";"),
    ("a,b\n1;2,3\n4,5\n", ","),
    ("a\tb\nx, y\tz\n", "\t"),
    ("a|b|c\n1|2|3\n", "|"),
    ('"a, b, c";d\n"1, 2, 3";4\n', ";"),
    ("sep=;\na,b;c\n", ";"),
    ('"sep=,"\na,b;c\n', ","),
    ("telefon\n0555 000 12 34, 0555 000 56 78\n", ","),
    ("telefon\n05550001234\n", ","),
    ("", ","),
]


@pytest.mark.parametrize(("head", "delimiter"), DELIMITED)
def test_the_delimiter_is_the_one_that_divides_rows_evenly(head: str, delimiter: str) -> None:
    assert sniff_delimiter(head) == delimiter


words = st.text("abcçğıİöşü 0123", min_size=1, max_size=8)


@given(st.integers(2, 6), st.integers(2, 8), st.sampled_from(";,\t|"), st.data())
def test_a_delimiter_that_no_cell_contains_is_always_found(
    width: int, height: int, delimiter: str, data: st.DataObject
) -> None:
    written = io.StringIO(newline="")
    rows = [data.draw(st.lists(words, min_size=width, max_size=width)) for _ in range(height)]
    csv.writer(written, delimiter=delimiter).writerows(rows)
    assert sniff_delimiter(written.getvalue()) == delimiter
