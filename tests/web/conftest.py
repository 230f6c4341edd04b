"""What every test of the web begins with, on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from werkzeug.test import Client

from gateway.assembly import House
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.given import Given
from tests.web.house import PASSWORD, VERIFY_TOKEN, browser, house_of, sign_in


@pytest.fixture(autouse=True, scope="session")
def one_derived_key() -> Iterator[None]:
    """Deriving the cookies' key is slow on purpose; all these tests have the same password."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashlib, "scrypt", cache(hashlib.scrypt))
        yield


@pytest.fixture
def given(database: Database, inbox: Inbox, tmp_path: Path) -> Given:
    return Given(database, inbox, data_dir=tmp_path / "data", page_password=PASSWORD, verify_token=VERIFY_TOKEN)


@pytest.fixture
def house(given: Given) -> House:
    return house_of(given)


@pytest.fixture
def client(house: House) -> Client:
    """A stranger's browser."""
    return browser(house)


@pytest.fixture
def visitor(client: Client) -> Client:
    """Somebody who has signed in."""
    return sign_in(client)
