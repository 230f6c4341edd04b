"""One owner at a time: a sending number's pace needs no shared limiter when one worker owns it.

PostgreSQL: a session's advisory lock, gone when the session is. SQLite: a lock on a file, gone when the process is.
"""

from __future__ import annotations

import fcntl
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gateway.storage.database import Database

_NOTICE = "SET tcp_keepalives_idle = 1; SET tcp_keepalives_interval = 1; SET tcp_keepalives_count = 2"
"""A process that ends closes its session. Of a machine that is gone the server would learn after two hours."""


@dataclass
class Ownership:
    """The right to a name. `take` may be asked again and again; `still_mine` before relying on it."""

    database: Database
    name: str
    _session: Connection | None = None
    _file: IO[bytes] | None = None

    def take(self) -> bool:
        if self.database.is_sqlite:
            return self._file is not None or self._take_file()
        return self._session is not None or self._take_session()

    def still_mine(self) -> bool:
        if self._session is None:
            return self._file is not None
        try:
            self._session.execute(text("SELECT 1"))
        except DBAPIError:
            self._session = None
            return False
        return True

    def give_up(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._session is not None:
            self._session.close()
            self._session = None

    def _take_file(self) -> bool:
        main = Path(self.database.url.removeprefix("sqlite:///"))
        file = main.with_name(f"{main.name}-{self.name}.lock").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def _take_session(self) -> bool:
        # The lock lives as long as the session, so the session must not be handed back to the pool in between.
        session = self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        key = int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:8], "big", signed=True)
        if session.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
            session.execute(text(_NOTICE))
            session.detach()  # from the pool, which would keep the session, and the lock with it, after it is given up
            self._session = session
            return True
        session.close()
        return False
