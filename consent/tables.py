"""The ledger's and the vault's tables: their shape only. The statements are in ledger.py and vault.py.

Where people are written by the million (subject, identifier, evidence, events, standing) no foreign key is checked for
every row: subjects are never deleted, which the database itself refuses (docs/decisions/026-foreign-keys.md).

Personal data stands in `identifier`, `evidence` and `optin_request` alone; everything else knows a person by number.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only where the column is INTEGER."""

Letters = String().with_variant(String(collation="C"), "postgresql")
"""Keys that nobody reads in a dictionary's order: to compare their bytes is cheaper."""

CLUSTERED = {"sqlite_with_rowid": False}
"""On SQLite the rows lie in the order of their primary key: one tree to write for each of a million rows, not two."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: timestamptz on PostgreSQL, whole microseconds since 1970 on SQLite, which would drop the zone.

    Binding a naive datetime raises ValueError; what is read is aware, in UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(BigInteger() if sqlite else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return (value - EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + timedelta(microseconds=value)
        moment: datetime = value
        return moment.astimezone(UTC)


def moment_column(**options: Any) -> Any:
    return Field(sa_type=UtcDateTime, **options)


def table_of(row: type[SQLModel]) -> Table:
    """The table behind a row class, for Core statements."""
    return row.metadata.tables[str(row.__tablename__)]


class SubjectRow(SQLModel, table=True):
    """One person. `ref` is random and is all that the ledger knows of them.

    `merged_into` names the subject that this one turned out to be; its identifiers have moved there.
    """

    __tablename__ = "subject"
    __table_args__ = (
        Index(
            "ix_subject_merged",
            "merged_into",
            sqlite_where=text("merged_into is not null"),
            postgresql_where=text("merged_into is not null"),
        ),
    )
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    ref: str = Field(sa_column=Column(Letters, unique=True, nullable=False))
    created_at: datetime = moment_column()
    erased_at: datetime | None = moment_column(default=None)
    merged_into: int | None = Field(default=None, sa_type=BigInteger, foreign_key="subject.id")


class IdentifierRow(SQLModel, table=True):
    """An address by which a subject is known. A subject may have many; an address has one subject.

    `id` tells in which order addresses were learnt. PostgreSQL has no index of it: nothing is looked up by it.
    """

    __tablename__ = "identifier"
    __table_args__ = (UniqueConstraint("kind", "value"), Index("ix_identifier_subject", "subject_id", "kind"))
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    subject_id: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_column=Column(Letters, nullable=False))
    value: str = Field(sa_column=Column(Letters, nullable=False))
    since: datetime = moment_column()


class EvidenceRow(SQLModel, table=True):
    """What proves an event: opened by `salt`, bound by `commitment`, which stands in the event."""

    __tablename__ = "evidence"
    __table_args__ = CLUSTERED
    subject_id: int = Field(sa_type=BigInteger, primary_key=True)
    commitment: str = Field(sa_column=Column(Letters, primary_key=True))
    salt: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = moment_column()


class ConsentTextRow(SQLModel, table=True):
    """The exact wording shown to people. Never changed: a new wording is a new version."""

    __tablename__ = "consent_text"
    id: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    locale: str = Field(primary_key=True)
    sha256: str = Field(unique=True)
    body: bytes = Field(sa_type=LargeBinary)
    added_at: datetime = moment_column()


class EventRow(SQLModel, table=True):
    """One ledger entry. `body` holds the canonical bytes that `hash` covers; nothing here is ever changed."""

    __tablename__ = "ledger_event"
    __table_args__ = (Index("ix_ledger_event_subject", "subject_id", "seq"),)
    seq: int = Field(sa_column=Column(RowId, primary_key=True, autoincrement=False))
    subject_id: int = Field(sa_type=BigInteger)
    idem: str = Field(sa_column=Column(Letters, unique=True, nullable=False))
    hash: str
    body: bytes = Field(sa_type=LargeBinary)


class HeadRow(SQLModel, table=True):
    """The end of the chain: one row, locked by whoever appends."""

    __tablename__ = "ledger_head"
    id: int = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    hash: str
    recorded_at: datetime = moment_column()


class StandingRow(SQLModel, table=True):
    """Where a person stands for one purpose: a projection of the ledger, rebuilt from it at will.

    `deadline` binds by itself: whoever reads `state` applies it (Standing.at). The row of purpose `*` stands for every
    purpose that has no row, and carries the flags that hold for the whole person.
    """

    __tablename__ = "standing"
    __table_args__ = CLUSTERED
    subject_id: int = Field(sa_type=BigInteger, primary_key=True)
    purpose: str = Field(sa_column=Column(Letters, primary_key=True))
    state: str
    since: datetime | None = moment_column(default=None)
    deadline: datetime | None = moment_column(default=None)
    event_seq: int | None = Field(default=None, sa_type=BigInteger)
    event_hash: str | None = None
    event_id: str | None = None
    consent_id: str | None = None
    consent_ends: datetime | None = moment_column(default=None)
    proof: int = 0
    refused: bool = False
    suppressed: bool = False
    held: bool = False


class OptInRequestRow(SQLModel, table=True):
    """An open question to a person: may we write to you? Only the digest of its code is kept.

    `subject_id` is empty until a code that was shown to a stranger comes back from somebody. A `reusable` code is an
    invitation that hangs in a shop: it belongs to nobody, and many may answer it.
    """

    __tablename__ = "optin_request"
    __table_args__ = (Index("ix_optin_request_subject", "subject_id", "purpose"),)
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    subject_id: int | None = Field(default=None, sa_type=BigInteger, foreign_key="subject.id")
    purpose: str
    digest: str = Field(unique=True)
    text_id: str
    text_version: str
    text_locale: str
    text_sha256: str
    mode: str
    source: str
    event_id: str | None = None
    asked_at: datetime = moment_column()
    expires_at: datetime = moment_column()
    wrong: int = 0
    reusable: bool = False
    answered_at: datetime | None = moment_column(default=None)
    closed_at: datetime | None = moment_column(default=None)


class SuppressionRow(SQLModel, table=True):
    """A refusal that outlives erasure: the keyed digest of an address, and nothing else about the person."""

    __tablename__ = "suppression"
    digest: str = Field(primary_key=True)
    key_version: str
    since: datetime = moment_column()


class CheckpointRow(SQLModel, table=True):
    """A signed statement of the ledger's size and root, as published. A change of keys may repeat a size."""

    __tablename__ = "checkpoint"
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    size: int = Field(sa_type=BigInteger, index=True)
    note: str = Field(sa_type=Text)
    signed_at: datetime = moment_column()


class SubtreeRow(SQLModel, table=True):
    """A complete subtree of the ledger's Merkle tree, 1,024 events wide: worked out once, and checked by `verify`."""

    __tablename__ = "ledger_subtree"
    block: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_type=LargeBinary)
