"""The gateway's tables: their shape only. The statements are in the files beside this one.

Rows are storage's own; what travels is a frozen dataclass of core or consent. Where rows are many, the statements are
Core's over `Row.__table__`, because objects cost 25 times as much (docs/decisions/003-rows-and-values.md).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, MetaData, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from consent.tables import CLUSTERED, Letters, RowId, moment_column
from gateway.storage.written_json import WrittenJson

Json = JSON().with_variant(JSONB(), "postgresql")


def _partial(words: str, name: str, *columns: str, unique: bool = False) -> Index:
    """An index of those rows alone of which the words are true."""
    return Index(name, *columns, unique=unique, sqlite_where=text(words), postgresql_where=text(words))


RING_SIZE = 10
"""How many of a person's last marketing sends stand in their row: "at most N in W" is `sN < now - W`, for N <= 10."""


class PersonRow(SQLModel, table=True):
    """What the gateway keeps about a person besides their consent, narrow enough to scan a million of them.

    `iys` is the verdict of Turkey's registry, "onay" or "ret", where one was loaded; nothing loads any so far. A "ret"
    refuses whatever the settings say. `reached_at` is when the person was last written to outside a service window,
    kept while Meta limits how many people a portfolio may reach in 24 hours. `s1`..`s10` are the moments of the last
    ten marketing messages that Meta accepted or that are in flight, newest first: a projection of `message`, rebuilt
    from it at will.
    """

    __tablename__ = "person"
    __table_args__ = (_partial("reached_at is not null", "ix_person_reached", "reached_at"),)
    subject_id: int = Field(
        sa_column=Column(RowId, primary_key=True, autoincrement=False)  # the subject's own number
    )
    name: str | None = None
    language: str | None = None
    zone: str | None = None
    zones: str = ""
    region: str | None = None
    source: str | None = None
    attributes: dict[str, str] | None = Field(default=None, sa_type=Json)
    created_at: datetime = moment_column()
    last_inbound_at: datetime | None = moment_column(default=None)
    free_entry_until: datetime | None = moment_column(default=None)
    cool_until: datetime | None = moment_column(default=None)
    blocked: str | None = None
    iys: str | None = None
    undelivered: int = 0
    reached_at: datetime | None = moment_column(default=None)
    s1: datetime | None = moment_column(default=None)
    s2: datetime | None = moment_column(default=None)
    s3: datetime | None = moment_column(default=None)
    s4: datetime | None = moment_column(default=None)
    s5: datetime | None = moment_column(default=None)
    s6: datetime | None = moment_column(default=None)
    s7: datetime | None = moment_column(default=None)
    s8: datetime | None = moment_column(default=None)
    s9: datetime | None = moment_column(default=None)
    s10: datetime | None = moment_column(default=None)


class TagRow(SQLModel, table=True):
    __tablename__ = "person_tag"
    __table_args__ = (Index("ix_person_tag_subject", "subject_id"), CLUSTERED)
    tag: str = Field(sa_column=Column(Letters, primary_key=True))
    subject_id: int = Field(sa_type=BigInteger, primary_key=True)


class EventKindRow(SQLModel, table=True):
    """A name of something that people do elsewhere (a purchase, a cart), written once."""

    __tablename__ = "person_event_kind"
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    name: str = Field(unique=True)


class PersonEventRow(SQLModel, table=True):
    """Something that a person did elsewhere. Not to be confused with the ledger's events: this gives no permission.

    Clustered by kind, person and moment, which is how segments ask. `key` is 128 bits of the digest of the id under
    which the event was reported, so that a report that comes twice is the same event.
    """

    __tablename__ = "person_event"
    __table_args__ = (Index("ix_person_event_key", "key", unique=True), CLUSTERED)
    kind: int = Field(sa_type=BigInteger, primary_key=True, foreign_key="person_event_kind.id")
    subject_id: int = Field(sa_type=BigInteger, primary_key=True, foreign_key="subject.id")
    at: datetime = moment_column(primary_key=True)
    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    about: str | None = None
    properties: dict[str, str] | None = Field(default=None, sa_type=Json)


class ApiKeyRow(SQLModel, table=True):
    """A key by which another system reports what people did. Only its digest is kept: the key is shown once."""

    __tablename__ = "api_key"
    name: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    created_at: datetime = moment_column()


class ImportRow(SQLModel, table=True):
    """One opt-in file, known by its digest: the same file again adds nothing and says so."""

    __tablename__ = "optin_import"
    digest: str = Field(primary_key=True)
    file_name: str
    started_at: datetime = moment_column()
    finished_at: datetime | None = moment_column(default=None)
    rows_done: int = 0
    counts: dict[str, int] = Field(sa_type=Json)
    attested_by: str | None = None


class TemplateRow(SQLModel, table=True):
    """A template as Meta last told us of it."""

    __tablename__ = "template"
    name: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    meta_id: str | None = None
    category: str
    status: str
    quality: str = "UNKNOWN"
    definition: dict[str, object] = Field(sa_type=Json)
    synced_at: datetime = moment_column()


class TemplateChangeRow(SQLModel, table=True):
    """One change of a template's status, quality or category, or an edit of ours: history that Meta does not keep."""

    __tablename__ = "template_change"
    __table_args__ = (Index("ix_template_change_name", "name", "language", "id"),)
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    name: str
    language: str
    what: str
    was: str | None = None
    now: str
    source: str
    at: datetime = moment_column()


class SyncRow(SQLModel, table=True):
    """How fetching something from Meta has gone: `failures` counts those in a row, `problem` is the last one."""

    __tablename__ = "sync"
    what: str = Field(primary_key=True)
    tried_at: datetime = moment_column()
    succeeded_at: datetime | None = moment_column(default=None)
    failures: int = 0
    problem: str | None = Field(default=None, sa_type=Text)


class MediaFileRow(SQLModel, table=True):
    """A file that headers show, by its SHA-256: kept, because Meta forgets uploads after 30 days."""

    __tablename__ = "media_file"
    digest: str = Field(primary_key=True)
    file_name: str
    mime: str
    size: int = Field(sa_type=BigInteger)
    content: bytes = Field(sa_type=LargeBinary)
    added_at: datetime = moment_column()


class MediaUploadRow(SQLModel, table=True):
    """Meta's id of a file at one sending number, and until when it holds."""

    __tablename__ = "media_upload"
    digest: str = Field(primary_key=True, foreign_key="media_file.digest")
    number_id: str = Field(primary_key=True)
    media_id: str
    expires_at: datetime = moment_column()


class NumberRow(SQLModel, table=True):
    """A business phone number that sends, by Meta's phone number id.

    `people_per_day` is Meta's limit on unique people for the whole portfolio; empty is unlimited.
    """

    __tablename__ = "sending_number"
    id: str = Field(primary_key=True)
    display: str | None = None
    quality: str = "UNKNOWN"
    throughput: int = 80
    people_per_day: int | None = None
    synced_at: datetime | None = moment_column(default=None)


class HoldRow(SQLModel, table=True):
    """What may not be sent for now: a template, a number, an account or everything, and why."""

    __tablename__ = "hold"
    scope: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    reason: str
    since: datetime = moment_column()
    until: datetime | None = moment_column(default=None)


class CampaignRow(SQLModel, table=True):
    """A campaign with everything that its messages depend on, frozen when it was planned."""

    __tablename__ = "campaign"
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    name: str = Field(unique=True)
    state: str
    plan: dict[str, object] = Field(sa_type=Json)
    purpose: str
    template_name: str
    number_id: str | None = None
    priority: int = 0
    start_at: datetime = moment_column()
    expires_at: datetime = moment_column()
    planned_at: datetime = moment_column()
    launched_at: datetime | None = moment_column(default=None)
    ended_at: datetime | None = moment_column(default=None)
    cursor: int = Field(default=0, sa_type=BigInteger)
    note: str | None = None


class MessageRow(SQLModel, table=True):
    """The outbox: one template (or answer) to one person, its state, and the ledger event that allowed it.

    Campaign and person are named by number alone: docs/decisions/026-foreign-keys.md. The content is kept as written,
    on PostgreSQL too: it is read whole, and to look at it as JSON at every launch costs a tenth of a row. Segments ask
    `ix_message_accepted` and `ix_message_clicked` alone how far messages got: they are a tenth of the table.

    Nobody gets two messages of a campaign, which `ix_message_subject` sees to; `key` does for those of none.
    """

    __tablename__ = "message"
    __table_args__ = (
        _partial("key is not null", "ix_message_key", "key", unique=True),
        _partial("state = 'queued'", "ix_message_due", "number_id", "campaign_id", "priority", "due_at", "id"),
        _partial("state in ('sending', 'unsure')", "ix_message_open", "state", "claimed_at"),
        _partial("state = 'sending' and purpose = 'marketing'", "ix_message_one_in_flight", "subject_id", unique=True),
        Index("ix_message_campaign", "campaign_id", "state", "reason"),
        _partial("clicked_at is not null", "ix_message_clicked", "campaign_id", "subject_id", "clicked_at"),
        Index("ix_message_subject", "subject_id", "campaign_id", unique=True),
        _partial(
            "accepted_at is not null", "ix_message_accepted", "subject_id", "accepted_at", "delivered_at", "read_at"
        ),
        _partial("token is not null", "ix_message_token", "token", unique=True),
        _partial("wamid is not null", "ix_message_wamid", "wamid", unique=True),
    )
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    key: str | None = Field(default=None, sa_type=Letters)
    campaign_id: int | None = Field(default=None, sa_type=BigInteger)
    subject_id: int = Field(sa_type=BigInteger)
    purpose: str
    number_id: str
    priority: int = 0
    state: str = Field(default="queued", sa_column_kwargs={"server_default": "queued"})
    reason: str | None = None
    because: str | None = None
    due_at: datetime = moment_column()
    expires_at: datetime = moment_column()
    content: dict[str, object] | None = Field(default=None, sa_type=WrittenJson)
    event_seq: int | None = Field(default=None, sa_type=BigInteger)
    event_hash: str | None = None
    wamid: str | None = None
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    code: int | None = None
    token: str | None = Field(default=None, sa_type=Letters)
    clicks: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    clicked_at: datetime | None = moment_column(default=None)
    queued_at: datetime = moment_column()
    claimed_at: datetime | None = moment_column(default=None)
    accepted_at: datetime | None = moment_column(default=None)
    sent_at: datetime | None = moment_column(default=None)
    delivered_at: datetime | None = moment_column(default=None)
    read_at: datetime | None = moment_column(default=None)
    ended_at: datetime | None = moment_column(default=None)


class ReceiptRow(SQLModel, table=True):
    """A status whose message is not known yet: kept until it is."""

    __tablename__ = "receipt_waiting"
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    wamid: str = Field(index=True)
    status: str
    body: dict[str, object] = Field(sa_type=Json)
    received_at: datetime = moment_column()


class TallyRow(SQLModel, table=True):
    """How often something was seen in webhooks: unknown fields and types are counted here, never an error."""

    __tablename__ = "webhook_tally"
    kind: str = Field(primary_key=True)
    count: int = Field(default=0, sa_type=BigInteger)
    last_at: datetime = moment_column()


class QuarantineRow(SQLModel, table=True):
    """A webhook item that could not be applied, with the reason: shown by `izin inbox`, replayed on demand."""

    __tablename__ = "quarantine"
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    body_id: int = Field(sa_type=BigInteger)
    position: int
    problem: str = Field(sa_type=Text)
    at: datetime = moment_column()


class IncidentRow(SQLModel, table=True):
    """What Meta told of the account, a number or its safety, for people to see. `key` makes a repeat harmless."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_at", "at"),)
    key: str = Field(primary_key=True)
    kind: str
    severity: str
    about: str | None = None
    detail: str | None = Field(default=None, sa_type=Text)
    at: datetime = moment_column()


inbox_metadata = MetaData()
"""The inbox may be a SQLite file of its own, so its table has metadata of its own."""


class _InboxFile(SQLModel):
    metadata = inbox_metadata


class InboxRow(_InboxFile, table=True):
    """A raw webhook body, exactly as it was signed."""

    __tablename__ = "inbox"
    __table_args__ = (_partial("drained_at is null", "ix_inbox_waiting", "id"),)
    id: int | None = Field(default=None, sa_column=Column(RowId, primary_key=True))
    received_at: datetime = moment_column()
    body: bytes = Field(sa_type=LargeBinary)
    drained_at: datetime | None = moment_column(default=None)
