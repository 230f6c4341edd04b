from __future__ import annotations

from pathlib import Path

import pytest

from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.actions.ledgers_given import signing_house
from tests.given import Given


@pytest.fixture
def gateway(database: Database, inbox: Inbox, tmp_path: Path) -> Given:
    """A gateway with keys, whose checkpoints and journal stand in a folder of its own."""
    return signing_house(database, inbox, tmp_path / "data")
