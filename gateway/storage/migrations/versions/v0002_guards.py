"""The database itself refuses to rewrite the ledger and the consent texts: no UPDATE, no DELETE, no TRUNCATE.

SQLite's INSERT OR REPLACE deletes too: on our connections (`recursive_triggers`, storage/database.py) the same triggers
refuse that. One on every INSERT would on any connection, but cost each event of an import two to five of its thirty
microseconds; and whoever opens the file by other means may drop triggers anyway. The chain tells of both.

Nor does it delete subjects: rows that name one by number need no foreign key then (docs/decisions/026-foreign-keys.md).
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

GUARDED = ("ledger_event", "consent_text")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table in GUARDED:
        (_guard_sqlite if dialect == "sqlite" else _guard_postgresql)(table)
    _keep_subjects(dialect)
    op.execute(
        "INSERT INTO ledger_head (id, size, hash, recorded_at) VALUES (1, 0, '"
        + "0" * 64
        + ("', 0)" if dialect == "sqlite" else "', to_timestamp(0))")
    )


def _guard_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _guard_postgresql(table: str) -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_rewriting BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()"
    )


def _keep_subjects(dialect: str) -> None:
    refusal = "subjects are kept: forget the person instead"
    if dialect == "sqlite":
        op.execute(
            f"CREATE TRIGGER subject_no_delete BEFORE DELETE ON subject BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_deleting() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER subject_no_delete BEFORE DELETE OR TRUNCATE ON subject "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_deleting()"
    )
