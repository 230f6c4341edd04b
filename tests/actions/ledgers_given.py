"""A house with a signing key, for tests of checkpoints and proofs over the real tables."""

from __future__ import annotations

from pathlib import Path

from consent.proof.checkpoint import SigningKey, new_signing_key
from gateway.actions.sign_checkpoint import sign_checkpoint
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.given import Given

OLD = new_signing_key("izin.example/ledger", bytes(range(32)))
NEW = new_signing_key("izin.example/ledger", bytes(range(1, 33)))
KEYS = "v1:a-key-kept-outside-the-database"


def signing_house(database: Database, inbox: Inbox, folder: Path, key: SigningKey = OLD) -> Given:
    """A gateway whose data folder is `folder`, with a signing key and a suppression key."""
    return Given(database, inbox, data_dir=folder, signing_key=key.secret_text(), suppression_key=KEYS)


def signed(gateway: Given, key: SigningKey = OLD) -> str:
    """The note over the ledger as it is now."""
    found = sign_checkpoint(gateway.database, key, gateway.settings.checkpoints, gateway.now)
    assert found is not None
    return found.note
