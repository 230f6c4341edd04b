"""Files for headers, looked at before anything is uploaded."""

from __future__ import annotations

import pytest

from gateway.core.template import HeaderFormat, MediaProblem, checked_media
from gateway.core.template.media import MEGABYTE, RULES, MediaRule

JPEG, PNG = b"\xff\xd8\xff\xe0" + b"x" * 20, b"\x89PNG\r\n\x1a\n" + b"x" * 20
MP4, THREE_GP = b"\0\0\0\x18ftypmp42" + b"x" * 20, b"\0\0\0\x18ftyp3gp4" + b"x" * 20
PDF = b"%PDF-1.7\n" + b"x" * 20


@pytest.mark.parametrize(
    ("format_", "content", "mime"),
    [
        (HeaderFormat.IMAGE, JPEG, "image/jpeg"),
        (HeaderFormat.IMAGE, PNG, "image/png"),
        (HeaderFormat.VIDEO, MP4, "video/mp4"),
        (HeaderFormat.VIDEO, THREE_GP, "video/3gpp"),
        (HeaderFormat.GIF, MP4, "video/mp4"),
        (HeaderFormat.DOCUMENT, PDF, "application/pdf"),
    ],
)
def test_a_files_type_is_read_from_its_bytes(format_: HeaderFormat, content: bytes, mime: str) -> None:
    found = checked_media(format_, "file.of.any.name", content)
    assert isinstance(found, MediaRule)
    assert found.mime == mime


@pytest.mark.parametrize(
    ("format_", "content"),
    [
        (HeaderFormat.IMAGE, PDF),
        (HeaderFormat.IMAGE, b"GIF89a" + b"x" * 20),
        (HeaderFormat.IMAGE, b"RIFF\0\0\0\0WEBP"),
        (HeaderFormat.VIDEO, PNG),
        (HeaderFormat.GIF, b"GIF89a"),
        (HeaderFormat.DOCUMENT, b"PK\x03\x04"),
        (HeaderFormat.IMAGE, b""),
    ],
)
def test_a_file_that_the_header_cannot_show_is_named_in_both_languages(format_: HeaderFormat, content: bytes) -> None:
    found = checked_media(format_, "kapak.jpg", content)
    assert isinstance(found, MediaProblem)
    assert "kapak.jpg" in found.sentence("tr")
    assert found.sentence("tr") != found.sentence("en")


@pytest.mark.parametrize("format_", RULES)
def test_one_byte_too_many_is_too_many(format_: HeaderFormat) -> None:
    for rule in RULES[format_]:
        begin = b"\0" * rule.skips + rule.begins
        most = begin + bytes(rule.bytes_max - len(begin))
        assert isinstance(checked_media(format_, "a", most), MediaRule)
        over = checked_media(format_, "a", most + b"\0")
        assert isinstance(over, MediaProblem)
        assert f"{rule.bytes_max / MEGABYTE:g} MB" in over.sentence()
