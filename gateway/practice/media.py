"""Uploads: media of a number, and samples for templates. Only their description is kept, never their bytes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from itertools import count
from typing import Any

import orjson

from gateway.practice.refusals import Refusal, missing_object, refused
from gateway.practice.wire import Answer, Request

FIRST_MEDIA_ID = 985_569_392_615_001
MEDIA_BYTES_MAX = {"image": 5 << 20, "video": 16 << 20, "audio": 16 << 20, "application": 100 << 20, "text": 100 << 20}


@dataclass(slots=True)
class Media:
    """What was uploaded, by media id. Upload sessions for template samples are apart: they end in a handle."""

    _ids: count[int] = field(default_factory=lambda: count(FIRST_MEDIA_ID))
    _held: dict[str, dict[str, Any]] = field(default_factory=dict)
    _sessions: dict[str, str] = field(default_factory=dict)

    def knows(self, media_id: str) -> bool:
        return media_id in self._held

    def upload(self, request: Request) -> Answer:
        """POST /{number}/media, multipart: messaging_product, type, file (media page)."""
        parts = _multipart(request)
        if parts.get("messaging_product", (b"", ""))[0] != b"whatsapp":
            return refused(Refusal(100, "Param messaging_product must be one of {WHATSAPP}."))
        if "file" not in parts:
            return refused(Refusal(100, "The parameter file is required."))
        content, declared = parts["file"]
        mime = parts["type"][0].decode() if "type" in parts else declared
        if len(content) > MEDIA_BYTES_MAX.get(mime.split("/")[0], 0):
            return refused(Refusal(131053, f"A file of type {mime} and {len(content)} bytes cannot be taken."))
        media_id = str(next(self._ids))
        digest = hashlib.sha256(content).hexdigest()
        self._held[media_id] = {"mime_type": mime, "sha256": digest, "file_size": len(content), "id": media_id}
        return Answer(200, orjson.dumps({"id": media_id}))

    def show(self, media_id: str) -> Answer:
        url = f"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid={media_id}"
        return Answer(200, orjson.dumps({"messaging_product": "whatsapp", "url": url, **self._held[media_id]}))

    def delete(self, media_id: str) -> Answer:
        del self._held[media_id]
        return Answer(200, b'{"success":true}')

    def open_session(self, parameters: dict[str, str]) -> Answer:
        """POST /{app}/uploads (resumable upload, step 1)."""
        if not parameters.get("file_length", "").isdigit() or not parameters.get("file_type"):
            return refused(Refusal(100, "file_length and file_type are required."))
        session = f"upload:{base64.urlsafe_b64encode(b'practice%d' % next(self._ids)).decode()}"
        self._sessions[session] = parameters["file_type"]
        return Answer(200, orjson.dumps({"id": session}))

    def fill_session(self, session: str, request: Request) -> Answer:
        """POST /upload:... (step 2): the answer's handle goes into a template's example."""
        if session not in self._sessions:
            return missing_object(session, request.method)
        kind = base64.b64encode(self._sessions[session].encode()).decode()
        return Answer(200, orjson.dumps({"h": f"4::{kind}:{hashlib.sha256(request.body).hexdigest()}"}))


def _multipart(request: Request) -> dict[str, tuple[bytes, str]]:
    """Each part's bytes and content type, by its name."""
    head = b"content-type: " + request.header(b"content-type") + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    found = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            found[str(name)] = (content, part.get_content_type())
    return found
