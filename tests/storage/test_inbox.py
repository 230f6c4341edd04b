"""Bodies come out of the inbox as they went in, in their order, and no more at once than is asked for."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.storage.inbox import Inbox
from tests.given import TUESDAY

ODD = [
    b"",
    b"\x00",
    b"a\x00b\x00",
    b"\xff\xfe\x00",
    "ş".encode(),
    "{}".encode("utf-16"),
    b"\xed\xa0\x80",
    b"'; --",
    b"x" * 9_000,
]
SHARED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def drain(inbox: Inbox) -> None:
    inbox.drained([body.id for body in inbox.waiting(1_000)], TUESDAY)


def test_odd_bodies_come_out_as_they_went_in(inbox: Inbox) -> None:
    inbox.store(ODD, TUESDAY)
    inbox.store([b"later"], TUESDAY + timedelta(microseconds=1))
    found = inbox.waiting(100)
    assert [one.body for one in found] == [*ODD, b"later"]
    assert [one.received_at for one in found] == [TUESDAY] * len(ODD) + [TUESDAY + timedelta(microseconds=1)]
    assert [inbox.body(one.id) for one in found] == found


@SHARED
@given(bodies=st.lists(st.binary(max_size=50), min_size=1, max_size=20))
def test_any_bytes_do(inbox: Inbox, bodies: list[bytes]) -> None:
    drain(inbox)
    inbox.store(bodies, TUESDAY)
    assert [one.body for one in inbox.waiting(100)] == bodies


def test_no_more_come_at_once_than_are_asked_for(inbox: Inbox) -> None:
    inbox.store([b"1" * 10, b"2" * 10, b"3" * 10], TUESDAY)
    assert [len(inbox.waiting(limit)) for limit in (1, 2, 9)] == [1, 2, 3]
    assert [len(inbox.waiting(9, bytes_max)) for bytes_max in (5, 10, 19, 20, 30)] == [1, 1, 1, 2, 3]


def test_what_is_drained_waits_no_longer(inbox: Inbox) -> None:
    inbox.store([b"1", b"2", b"3"], TUESDAY)
    inbox.drained([inbox.waiting(9)[1].id], TUESDAY)
    assert [one.body for one in inbox.waiting(9)] == [b"1", b"3"]
    drain(inbox)
    assert inbox.waiting(9) == []
