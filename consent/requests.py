"""Opt-in requests as they are stored: the questions to people that are still open, or were answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from consent.events import TextRef
from consent.optin import Mode, Request
from consent.tables import OptInRequestRow, SubjectRow, table_of
from consent.vault import LOOKUP_MAX, Subject

_request, _subject = table_of(OptInRequestRow), table_of(SubjectRow)


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored request: its row and the ledger event that recorded it."""

    id: int
    event_id: str | None
    request: Request


def keep(connection: Connection, subject: Subject | None, purpose: str, request: Request, event_id: str | None) -> None:
    text = request.text
    connection.execute(
        insert(_request).values(
            subject_id=subject.id if subject else None,
            purpose=purpose,
            digest=request.digest,
            text_id=text.id,
            text_version=text.version,
            text_locale=text.locale,
            text_sha256=text.sha256,
            mode=request.mode.value,
            source=request.source,
            event_id=event_id,
            asked_at=request.asked_at,
            expires_at=request.expires_at,
            wrong=0,
            reusable=request.reusable,
        )
    )


_KEPT = select(_request, _subject.c.ref).outerjoin(_subject, _subject.c.id == _request.c.subject_id)


def by_digest(connection: Connection, digest: str) -> Kept | None:
    row = connection.execute(_KEPT.where(_request.c.digest == digest)).one_or_none()
    return None if row is None else _kept(row)


def latest_for(connection: Connection, subject: Subject) -> Kept | None:
    """The newest question that was put to this person."""
    statement = _KEPT.where(_request.c.subject_id == subject.id).order_by(_request.c.id.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _kept(row)


def asked_before(connection: Connection, subject_ids: Sequence[int], purpose: str) -> dict[int, list[datetime]]:
    """When each of these people was asked by a message of ours."""
    found: dict[int, list[datetime]] = {}
    for start in range(0, len(subject_ids), LOOKUP_MAX):
        rows = connection.execute(
            select(_request.c.subject_id, _request.c.asked_at).where(
                _request.c.subject_id.in_(subject_ids[start : start + LOOKUP_MAX]),
                _request.c.purpose == purpose,
                _request.c.mode == Mode.OUTBOUND_TEMPLATE.value,
            )
        )
        for subject_id, asked_at in rows:
            found.setdefault(subject_id, []).append(asked_at)
    return found


def lapsed(connection: Connection, now: datetime, limit: int) -> list[tuple[Kept, int]]:
    """Requests to known people whose deadline passed without an answer, not yet closed: (request, subject number)."""
    rows = connection.execute(
        _KEPT.where(
            _request.c.answered_at.is_(None),
            _request.c.closed_at.is_(None),
            _request.c.expires_at <= now,
            _request.c.subject_id.is_not(None),
        )
        .order_by(_request.c.id)
        .limit(limit)
    )
    return [(_kept(row), row.subject_id) for row in rows]


def close(connection: Connection, request_ids: Sequence[int], now: datetime) -> None:
    if request_ids:
        connection.execute(update(_request).where(_request.c.id.in_(request_ids)).values(closed_at=now))


def settle(connection: Connection, kept: Kept, request: Request, subject: Subject | None) -> None:
    """Write what an answer made of a request: answered, bound to somebody, or one more wrong code.

    An invitation that many may answer belongs to none of them, and stays as it is.
    """
    if request.reusable:
        return
    values: dict[str, Any] = {"wrong": request.wrong, "answered_at": request.answered_at}
    if subject is not None:
        values["subject_id"] = subject.id
    connection.execute(update(_request).where(_request.c.id == kept.id).values(values))


def _kept(row: Any) -> Kept:
    text = TextRef(row.text_id, row.text_version, row.text_locale, row.text_sha256)
    request = Request(
        subject=row.ref,
        purpose=row.purpose,
        text=text,
        mode=Mode(row.mode),
        source=row.source,
        digest=row.digest,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        wrong=row.wrong,
        reusable=row.reusable,
        answered_at=row.answered_at,
    )
    return Kept(row.id, row.event_id, request)


def move(connection: Connection, source: Subject, target: Subject) -> None:
    """Two subjects are one person: what was asked of one may be answered by the other."""
    connection.execute(update(_request).where(_request.c.subject_id == source.id).values(subject_id=target.id))


def forget(connection: Connection, subject: Subject) -> None:
    """Remove every question that was put to this person."""
    connection.execute(delete(_request).where(_request.c.subject_id == subject.id))


@dataclass(frozen=True, slots=True)
class Put:
    """A question that was put to a person, for their own eyes."""

    purpose: str
    text: TextRef
    mode: Mode
    source: str
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None


def put_to(connection: Connection, subject: Subject) -> list[Put]:
    rows = connection.execute(_KEPT.where(_request.c.subject_id == subject.id).order_by(_request.c.id))
    found = [_kept(row).request for row in rows]
    return [Put(r.purpose, r.text, r.mode, r.source, r.asked_at, r.expires_at, r.answered_at) for r in found]
