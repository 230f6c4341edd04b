from __future__ import annotations

from typing import Any

import pytest

from tests.practice.conftest import NUMBER, Desk, Reply, body, header, template, text

EDGE = b"practice-edge"


def multipart(**parts: tuple[bytes, str]) -> bytes:
    made = b""
    for name, (content, kind) in parts.items():
        file = '; filename="a"' if name == "file" else ""
        made += b"--" + EDGE + f'\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'.encode()
        made += f"Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
    return made + b"--" + EDGE + b"--\r\n"


def upload(desk: Desk, **changes: tuple[bytes, str]) -> Reply:
    parts = {
        "messaging_product": (b"whatsapp", "text/plain"),
        "type": (b"image/png", "text/plain"),
        "file": (b"\x89PNG\r\n\x1a\n\r\n\r\rx", "image/png"),
    } | changes
    content = multipart(**{name: part for name, part in parts.items() if part[1]})
    desk.headers = {"Content-Type": f"multipart/form-data; boundary={EDGE.decode()}"}
    return desk.ask("POST", f"/v26.0/{NUMBER.id}/media", raw=content)


def test_an_upload_is_described_and_can_head_a_template(still: Desk) -> None:
    media_id = upload(still).json["id"]
    shown = still.graph_get(media_id).json
    assert (shown["mime_type"], shown["file_size"], shown["id"]) == ("image/png", 13, media_id)
    parts = [header({"type": "image", "image": {"id": media_id}}), body(text("Ayşe"))]
    assert still.send(template("new_season", parts)).status == 200


def test_a_deleted_upload_is_gone(still: Desk) -> None:
    media_id = upload(still).json["id"]
    assert still.ask("DELETE", f"/v26.0/{media_id}").json == {"success": True}
    assert still.graph_get(media_id).code == 100


NOTHING = (b"", "")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"messaging_product": NOTHING}, 100),
        ({"messaging_product": (b"telegram", "text/plain")}, 100),
        ({"file": NOTHING}, 100),
        ({"file": (b"x" * (5 * 2**20 + 1), "image/png")}, 131053),
        ({"type": (b"chemical/x-pdb", "text/plain")}, 131053),
    ],
)
def test_a_wrong_upload_is_refused(still: Desk, changes: dict[str, Any], code: int) -> None:
    assert upload(still, **changes).code == code


def test_an_upload_that_is_no_form_is_refused(still: Desk) -> None:
    assert still.ask("POST", f"/v26.0/{NUMBER.id}/media", raw=b"just bytes").code == 100


def test_a_sample_is_uploaded_in_two_steps_and_gives_a_handle(still: Desk) -> None:
    session = still.graph_post("1011121314151617/uploads?file_length=4&file_type=image/png").json["id"]
    assert session.startswith("upload:")
    handle = still.ask("POST", f"/v26.0/{session}", raw=b"\x89PNG").json["h"]
    assert handle.startswith("4::")


@pytest.mark.parametrize("query", ["", "?file_length=4", "?file_length=x&file_type=image/png"])
def test_a_sample_session_needs_length_and_type(still: Desk, query: str) -> None:
    assert still.graph_post(f"1011121314151617/uploads{query}").code == 100


def test_an_unknown_sample_session_is_missing(still: Desk) -> None:
    assert still.graph_post("upload:nowhere").code == 100
