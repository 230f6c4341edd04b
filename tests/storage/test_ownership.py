"""A name has one owner at a time, and is free as soon as the owner lets go or its session is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gateway.storage.database import Database
from gateway.storage.ownership import Ownership


def test_a_name_has_one_owner_until_it_is_given_up(database: Database) -> None:
    first, second, other = Ownership(database, "a"), Ownership(database, "a"), Ownership(database, "b")
    try:
        assert (first.take(), second.take(), other.take()) == (True, False, True)
        assert first.take(), "asking again changes nothing"
        first.give_up()
        assert not first.still_mine()
        assert second.take()
    finally:
        for one in (first, second, other):
            one.give_up()


def test_an_owner_whose_session_has_ended_knows_it_and_another_takes_over(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("a file's lock ends with the process alone")
    first, second = Ownership(database, "a"), Ownership(database, "a")
    try:
        assert first.take()
        assert first._session is not None
        session = first._session.scalar(text("SELECT pg_backend_pid()"))
        with database.write() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:session, 5000)"), {"session": session})
        assert second.take()
        assert not first.still_mine()
    finally:
        first.give_up()
        second.give_up()


def test_the_server_looks_whether_an_owners_machine_is_still_there(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("a file is on the same machine")
    owner = Ownership(database, "a")
    try:
        assert owner.take()
        assert owner._session is not None
        by_tcp = owner._session.scalar(text("SELECT inet_server_addr()")) is not None
        watched = owner._session.scalar(text("SHOW tcp_keepalives_idle"))
        assert watched == ("1" if by_tcp else "0"), "a socket on the same machine needs none"
    finally:
        owner.give_up()
