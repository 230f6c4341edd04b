from __future__ import annotations

import pytest

from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.given import Given


@pytest.fixture
def gateway(database: Database, inbox: Inbox) -> Given:
    return Given(database, inbox)
