"""The tables of the gateway: people, campaigns, messages, webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from consent.tables import UtcDateTime

revision = "0003"
down_revision = "0002"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LETTERS = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "campaign",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("plan", JSON, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("template_name", sa.String(), nullable=False),
        sa.Column("number_id", sa.String(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("start_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("planned_at", UtcDateTime(), nullable=False),
        sa.Column("launched_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "failure_count",
        sa.Column("number_id", sa.String(), nullable=False),
        sa.Column("code", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number_id", "code"),
    )
    op.create_table(
        "hold",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("scope", "target"),
    )
    op.create_table(
        "incident",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_incident_at", "incident", ["at"], unique=False)
    op.create_table(
        "media_file",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "optin_import",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("attested_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "person",
        sa.Column("subject_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("zones", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("attributes", JSON, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_inbound_at", UtcDateTime(), nullable=True),
        sa.Column("free_entry_until", UtcDateTime(), nullable=True),
        sa.Column("cool_until", UtcDateTime(), nullable=True),
        sa.Column("blocked", sa.String(), nullable=True),
        sa.Column("iys", sa.String(), nullable=True),
        sa.Column("undelivered", sa.Integer(), nullable=False),
        sa.Column("reached_at", UtcDateTime(), nullable=True),
        sa.Column("s1", UtcDateTime(), nullable=True),
        sa.Column("s2", UtcDateTime(), nullable=True),
        sa.Column("s3", UtcDateTime(), nullable=True),
        sa.Column("s4", UtcDateTime(), nullable=True),
        sa.Column("s5", UtcDateTime(), nullable=True),
        sa.Column("s6", UtcDateTime(), nullable=True),
        sa.Column("s7", UtcDateTime(), nullable=True),
        sa.Column("s8", UtcDateTime(), nullable=True),
        sa.Column("s9", UtcDateTime(), nullable=True),
        sa.Column("s10", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("subject_id"),
    )
    op.create_index(
        "ix_person_reached",
        "person",
        ["reached_at"],
        unique=False,
        sqlite_where=sa.text("reached_at is not null"),
        postgresql_where=sa.text("reached_at is not null"),
    )
    op.create_table(
        "person_event_kind",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("body_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "receipt_waiting",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("wamid", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_receipt_waiting_wamid"), "receipt_waiting", ["wamid"], unique=False)
    op.create_table(
        "sender",
        sa.Column("number_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("flying", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number_id"),
    )
    op.create_table(
        "sending_number",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("display", sa.String(), nullable=True),
        sa.Column("quality", sa.String(), nullable=False),
        sa.Column("throughput", sa.Integer(), nullable=False),
        sa.Column("people_per_day", sa.Integer(), nullable=True),
        sa.Column("synced_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sync",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=False),
        sa.Column("succeeded_at", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("what"),
    )
    op.create_table(
        "template",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("meta_id", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("quality", sa.String(), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("synced_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "language"),
    )
    op.create_table(
        "template_change",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=True),
        sa.Column("now", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_template_change_name", "template_change", ["name", "language", "id"], unique=False)
    op.create_table(
        "webhook_tally",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind"),
    )
    op.create_table(
        "media_upload",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("number_id", sa.String(), nullable=False),
        sa.Column("media_id", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest"],
            ["media_file.digest"],
        ),
        sa.PrimaryKeyConstraint("digest", "number_id"),
    )
    op.create_table(
        "message",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", LETTERS, nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("number_id", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), server_default="queued", nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("because", sa.String(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("event_seq", sa.BigInteger(), nullable=True),
        sa.Column("event_hash", sa.String(), nullable=True),
        sa.Column("wamid", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("token", LETTERS, nullable=True),
        sa.Column("clicks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("clicked_at", UtcDateTime(), nullable=True),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("accepted_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_message_accepted",
        "message",
        ["subject_id", "accepted_at", "delivered_at", "read_at"],
        unique=False,
        sqlite_where=sa.text("accepted_at is not null"),
        postgresql_where=sa.text("accepted_at is not null"),
    )
    op.create_index("ix_message_campaign", "message", ["campaign_id", "state", "reason"], unique=False)
    op.create_index(
        "ix_message_clicked",
        "message",
        ["campaign_id", "subject_id", "clicked_at"],
        unique=False,
        sqlite_where=sa.text("clicked_at is not null"),
        postgresql_where=sa.text("clicked_at is not null"),
    )
    op.create_index(
        "ix_message_due",
        "message",
        ["number_id", "campaign_id", "priority", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_message_key",
        "message",
        ["key"],
        unique=True,
        sqlite_where=sa.text("key is not null"),
        postgresql_where=sa.text("key is not null"),
    )
    op.create_index(
        "ix_message_one_in_flight",
        "message",
        ["subject_id"],
        unique=True,
        sqlite_where=sa.text("state = 'sending' and purpose = 'marketing'"),
        postgresql_where=sa.text("state = 'sending' and purpose = 'marketing'"),
    )
    op.create_index(
        "ix_message_open",
        "message",
        ["state", "claimed_at"],
        unique=False,
        sqlite_where=sa.text("state in ('sending', 'unsure')"),
        postgresql_where=sa.text("state in ('sending', 'unsure')"),
    )
    op.create_index("ix_message_subject", "message", ["subject_id", "campaign_id"], unique=True)
    op.create_index(
        "ix_message_token",
        "message",
        ["token"],
        unique=True,
        sqlite_where=sa.text("token is not null"),
        postgresql_where=sa.text("token is not null"),
    )
    op.create_index(
        "ix_message_wamid",
        "message",
        ["wamid"],
        unique=True,
        sqlite_where=sa.text("wamid is not null"),
        postgresql_where=sa.text("wamid is not null"),
    )
    op.create_table(
        "person_event",
        sa.Column("kind", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("properties", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["kind"],
            ["person_event_kind.id"],
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("kind", "subject_id", "at", "key"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_person_event_key", "person_event", ["key"], unique=True)
    op.create_table(
        "person_tag",
        sa.Column("tag", LETTERS, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tag", "subject_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_person_tag_subject", "person_tag", ["subject_id"], unique=False)
    _keep_campaigns(op.get_bind().dialect.name)


def _keep_campaigns(dialect: str) -> None:
    """Messages name their campaign by number alone, so none may go."""
    refusal = "campaigns are kept: cancel it instead"
    if dialect == "sqlite":
        op.execute(
            f"CREATE TRIGGER campaign_no_delete BEFORE DELETE ON campaign BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION keep_campaigns() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER campaign_no_delete BEFORE DELETE OR TRUNCATE ON campaign "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_campaigns()"
    )
