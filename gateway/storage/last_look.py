"""The last look at consent before messages leave: one reading connection of its own, and each look sees what was
committed before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.exc import DBAPIError

from consent.events import EVERY_PURPOSE
from gateway.storage.database import Database
from gateway.storage.statements import for_sqlite, known_moment, statement

_LOOK = statement(
    "SELECT subject_id, purpose, state, deadline, suppressed, held FROM standing WHERE subject_id IN LIST :ids"
)


class CannotLook(Exception):
    """The standings cannot be read now, so nothing that rests on consent may leave."""


@dataclass(slots=True)
class LastLook:
    """Not for use by two threads at once."""

    database: Database
    _connection: Any = None

    def granted(self, wanted: Sequence[tuple[int, str]], now: datetime) -> set[tuple[int, str]]:
        """Those of these (subject, purpose) pairs that are granted at this moment. Raises CannotLook."""
        ids = sorted({subject_id for subject_id, _ in wanted})
        found = {(row[0], row[1]): _is_granted(row, now) for row in self._rows(ids)}
        return {pair for pair in wanted if found.get(pair, found.get((pair[0], EVERY_PURPOSE), False))}

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _rows(self, ids: Sequence[int]) -> Any:
        values: dict[str, Any] = {"ids": ids}
        asked = (_LOOK.gathered, for_sqlite(values)) if self.database.is_sqlite else (_LOOK.postgresql, values)
        try:
            if self._connection is None:
                self._connection = self._connected()
            cursor = self._connection.cursor()
            cursor.execute(*asked)
            rows = cursor.fetchall()
            cursor.close()
        except Exception as problem:  # each driver has errors of its own; whatever it is, nothing was read
            self._forget()
            raise CannotLook(type(problem).__name__) from problem
        return orjson.loads(rows[0][0]) if self.database.is_sqlite else rows

    def _connected(self) -> Any:
        connection = self.database.engine.raw_connection()
        if not self.database.is_sqlite:
            assert connection.driver_connection is not None
            connection.driver_connection.autocommit = True
        return connection

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
            except DBAPIError:
                return


def _is_granted(row: Any, now: datetime) -> bool:
    _, _, state, deadline, suppressed, held = row
    if state != "granted" or suppressed or held:
        return False
    return deadline is None or known_moment(deadline) > now
