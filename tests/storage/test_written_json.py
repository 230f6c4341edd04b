"""JSON that is kept as text reads the same on both databases, whole and by its fields."""

from __future__ import annotations

from sqlalchemy import select, text

from gateway.storage import outbox
from gateway.storage.database import Database
from gateway.storage.messages import message
from gateway.storage.outbox import NewMessage
from gateway.storage.written_json import field_of
from tests.given import TUESDAY

CONTENT = {"kind": "text", "answer": 'a "quoted" Ş\\', "components": [{"text": "1"}]}


def test_a_content_is_read_whole_and_by_its_fields(database: Database) -> None:
    new = NewMessage(
        key="one",
        subject_id=1,
        purpose="service",
        number_id="1",
        due_at=TUESDAY,
        expires_at=TUESDAY,
        content=CONTENT,
    )
    with database.write() as connection:
        outbox.enqueue(connection, [new], TUESDAY)
    answer, missing = field_of(message.c.content, "answer"), field_of(message.c.content, "template")
    asked = select(message.c.content, answer, missing).where(answer == CONTENT["answer"])
    with database.read() as connection:
        assert [tuple(row) for row in connection.execute(asked)] == [(CONTENT, CONTENT["answer"], None)]


def test_a_content_that_was_erased_has_no_fields(database: Database) -> None:
    with database.write() as connection:
        moments = {"now": 0 if database.is_sqlite else TUESDAY}
        connection.execute(
            text(
                "INSERT INTO message (key, subject_id, purpose, number_id, priority, due_at, expires_at, queued_at)"
                " VALUES ('one', 1, 'service', '1', 0, :now, :now, :now)"
            ),
            moments,
        )
    with database.read() as connection:
        asked = select(message.c.content, field_of(message.c.content, "answer"), message.c.state, message.c.attempts)
        assert [tuple(row) for row in connection.execute(asked)] == [(None, None, "queued", 0)]
