"""PostgreSQL databases that are emptied after each test: making and dropping one for each costs ten times as much."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL
from sqlalchemy.engine import make_url

from tests.postgres import run_sql

SHAPE = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
    SELECT concat_ws(' ', relname, relkind, relacl, pg_get_userbyid(relowner)) AS line
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull) FROM pg_attribute
    WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')
    UNION ALL SELECT concat_ws(' ', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', nspname, nspacl) FROM pg_namespace WHERE nspname !~ '^pg_'
) AS lines
"""
"""What a test must leave as it was for the next one to get the database: tables, columns, guards, grants."""

OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"


class Emptied:
    """One database: its rows can be put back to what the migrations left."""

    def __init__(self, address: URL) -> None:
        self.address = address
        self._connection = psycopg.connect(
            address.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
        tables = self._names("SELECT quote_ident(relname) FROM pg_class WHERE {} AND relkind = 'r'")
        self._first = {table: self._connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        self._sequences = self._names("SELECT quote_ident(relname) FROM pg_class WHERE {} AND relkind = 'S'")
        self._shape = self._connection.execute(SHAPE).fetchone()

    def empty(self) -> bool:
        """Whether the database is as migrated again. What cannot be put back must not be used again."""
        try:
            self._connection.execute(OTHERS, [self._connection.info.backend_pid])
            if self._connection.execute(SHAPE).fetchone() != self._shape:
                return False
            with self._connection.transaction():
                self._connection.execute("SET LOCAL session_replication_role = replica")  # no guards, no foreign keys
                self._put_back()
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        self._connection.close()

    def _put_back(self) -> None:
        self._connection.execute("; ".join(f"DELETE FROM {table}" for table in self._first))
        for table, rows in self._first.items():
            for row in rows:
                marks = ", ".join(["%s"] * len(row))
                self._connection.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE VALUES ({marks})", row)
        if self._sequences:
            restarted = ", ".join(f"setval('{name}', 1, false)" for name in self._sequences)
            self._connection.execute(f"SELECT {restarted}")

    def _names(self, question: str) -> list[str]:
        rows = self._connection.execute(question.format("relnamespace = 'public'::regnamespace"))
        return [name for (name,) in rows.fetchall()]


class Recycled:
    """The databases of a test session, copied from a migrated template as they are needed."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._free: list[Emptied] = []

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a database as migrated."""
        taken = self._free.pop() if self._free else self._new()
        yield taken.address.render_as_string(hide_password=False)
        if taken.empty():
            self._free.append(taken)
        else:
            self._drop(taken)

    def close(self) -> None:
        while self._free:
            self._drop(self._free.pop())

    def _new(self) -> Emptied:
        name = f"izin_{uuid.uuid4().hex[:12]}"
        run_sql(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return Emptied(make_url(self._server).set(database=name))

    def _drop(self, database: Emptied) -> None:
        database.close()
        run_sql(self._server, f"DROP DATABASE {database.address.database} WITH (FORCE)")
