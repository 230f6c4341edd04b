"""The one place where parts are put together: settings in, a working house out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gateway.actions.policies import Policies
from gateway.clock import Clock, clock_for
from gateway.settings import Settings, SettingsProblem
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.migrations import newest, revision_of, upgrade

if TYPE_CHECKING:
    from gateway.whatsapp.cloud import Cloud


class DatabaseBehind(Exception):
    """The database has an older shape than this code needs."""


@dataclass
class House:
    """What every command and process works with. Close it when done."""

    settings: Settings
    clock: Clock
    database: Database

    @cached_property
    def inbox(self) -> Inbox:
        url = self.settings.inbox_database
        return Inbox(self.database if url == self.settings.database else Database(url))

    @property
    def policies(self) -> Policies:
        return Policies(self.settings)

    def messenger(self) -> Cloud:
        """Meta's Cloud API, or whatever speaks its language at IZIN_GRAPH_URL.

        Raises SettingsProblem when it cannot be spoken to with this token, address, proxy or CA bundle.
        """
        from gateway.whatsapp.cloud import Cloud  # pywa takes half a second to load, and few commands send
        from gateway.whatsapp.session import Wire

        settings = self.settings
        bundle = settings.ca_bundle.read_bytes() if settings.ca_bundle else None
        try:
            return Cloud(
                token=settings.token,
                base_url=settings.graph_url,
                version=settings.graph_version.removeprefix("v"),
                wire=Wire(proxy=settings.proxy or None, ca_bundle=bundle),
            )
        except ValueError as problem:
            where = "IZIN_TOKEN, IZIN_GRAPH_URL, IZIN_PROXY and IZIN_CA_BUNDLE"
            raise SettingsProblem([f"Meta cannot be asked: {problem}. Check {where}."]) from None

    def close(self) -> None:
        if "inbox" in self.__dict__:
            self.inbox.database.close()
        self.database.close()


def build(settings: Settings) -> House:
    """A house whose database has the right shape: SQLite is brought up to date, PostgreSQL must be.

    Raises DatabaseBehind.
    """
    database = Database(settings.database)
    if database.is_sqlite:
        upgrade(database)
    elif (found := revision_of(database)) != newest():
        database.close()
        raise DatabaseBehind(f"the database has shape {found or 'none'}, this code needs {newest()}")
    return House(settings, clock_for(settings.clock_shift), database)


@contextmanager
def open_house(settings: Settings) -> Iterator[House]:
    house = build(settings)
    try:
        yield house
    finally:
        house.close()
