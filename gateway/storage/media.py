"""Files for headers, and Meta's ids of them: uploaded once for each sending number, until Meta forgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from consent.tables import table_of
from gateway.storage.tables import MediaFileRow, MediaUploadRow
from gateway.storage.upserts import upsert

_file, _upload = table_of(MediaFileRow), table_of(MediaUploadRow)


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file by its SHA-256 in hexadecimal."""

    digest: str
    file_name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Upload:
    """Meta's id of a file at one number; it is of no use from `expires_at` on."""

    digest: str
    number_id: str
    media_id: str
    expires_at: datetime


def keep_file(connection: Connection, file: MediaFile, now: datetime) -> None:
    if file_of(connection, file.digest) is None:
        row = {
            "digest": file.digest,
            "file_name": file.file_name,
            "mime": file.mime,
            "size": len(file.content),
            "content": file.content,
            "added_at": now,
        }
        connection.execute(insert(_file), [row])


def file_of(connection: Connection, digest: str) -> MediaFile | None:
    columns = (_file.c.digest, _file.c.file_name, _file.c.mime, _file.c.content)
    row = connection.execute(select(*columns).where(_file.c.digest == digest)).one_or_none()
    return None if row is None else MediaFile(**row._mapping)


def keep_upload(connection: Connection, upload: Upload) -> None:
    row = {
        "digest": upload.digest,
        "number_id": upload.number_id,
        "media_id": upload.media_id,
        "expires_at": upload.expires_at,
    }
    upsert(connection, _upload, ("digest", "number_id"), [row])


def upload_of(connection: Connection, digest: str, number_id: str) -> Upload | None:
    """The last upload of the file at this number, whether it still holds or not."""
    columns = (_upload.c.digest, _upload.c.number_id, _upload.c.media_id, _upload.c.expires_at)
    found = select(*columns).where(_upload.c.digest == digest, _upload.c.number_id == number_id)
    row = connection.execute(found).one_or_none()
    return None if row is None else Upload(**row._mapping)
