"""The spool: what is put is there, whole and in order, or it is not there at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.storage.inbox import Inbox
from gateway.storage.spool import Spool, take_spool

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
Stored = list[tuple[list[bytes], datetime]]


def taken(spool: Spool, limit: int = 100) -> Stored:
    stored: Stored = []
    spool.take(lambda bodies, at: stored.append((list(bodies), at)), limit)
    return stored


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def test_a_group_comes_back_with_its_moment(spool: Spool) -> None:
    spool.put([b"one", b"", b"three\x00\xff"], NOW)
    assert taken(spool) == [([b"one", b"", b"three\x00\xff"], NOW)]


@given(groups=st.lists(st.lists(st.binary(max_size=200), min_size=1, max_size=5), max_size=5))
def test_any_bytes_come_back_in_the_order_of_arrival(
    groups: list[list[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"))
    for group in groups:
        spool.put(group, NOW)
    assert [bodies for bodies, _ in taken(spool)] == groups


def test_the_oldest_is_taken_first_whoever_put_it(spool: Spool) -> None:
    Spool(spool.folder).put([b"later"], NOW + timedelta(seconds=1))
    spool.put([b"earlier"], NOW)
    assert [bodies for bodies, _ in taken(spool)] == [[b"earlier"], [b"later"]]


def test_what_was_taken_is_gone_and_the_rest_waits(spool: Spool) -> None:
    for n in range(3):
        spool.put([str(n).encode()], NOW)
    assert len(taken(spool, limit=2)) == 2
    assert [bodies for bodies, _ in taken(spool)] == [[b"2"]]
    assert spool.waiting() == []


def test_what_could_not_be_stored_stays(spool: Spool) -> None:
    spool.put([b"one"], NOW)

    def refuses(bodies: Sequence[bytes], at: datetime) -> None:
        raise OSError("the inbox is away")

    with pytest.raises(OSError, match="away"):
        spool.take(refuses)
    assert taken(spool) == [([b"one"], NOW)]


def test_an_empty_spool_gives_nothing_and_makes_no_folder(spool: Spool) -> None:
    assert taken(spool) == []
    assert not spool.folder.exists()


def test_a_file_that_was_never_finished_is_not_taken(spool: Spool) -> None:
    spool.put([b"one"], NOW)
    (spool.folder / "00000000000000000001-00000000-aaaaaaaa.unfinished").write_bytes(b"izin-spool/1\nhal")
    assert taken(spool) == [([b"one"], NOW)]


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"x" + b[1:], lambda b: b"", lambda b: b[:20] + b[21:]])
def test_a_damaged_file_is_set_aside_and_its_neighbours_are_taken(
    spool: Spool, damage: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert callable(damage)
    for body in (b"first +905550000001", b"second"):
        spool.put([body], NOW)
    hurt = spool.waiting()[0]
    hurt.write_bytes(damage(hurt.read_bytes()))
    assert [bodies for bodies, _ in taken(spool)] == [[b"second"]]
    assert hurt.with_suffix(".damaged").exists()
    assert "set aside" in caplog.text
    assert "905550000001" not in caplog.text


def test_only_the_owner_may_read_what_people_wrote(spool: Spool) -> None:
    spool.put([b"one"], NOW)
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(spool.waiting()[0].stat().st_mode) == 0o600


def test_a_disk_that_refuses_leaves_nothing_behind(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        spool.put([b"one"], NOW)
    assert list(spool.folder.iterdir()) == []


def test_the_file_is_on_the_disk_before_it_has_its_name(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    real = os.fsync

    def noted(handle: int) -> None:
        seen.append(sorted(path.suffix for path in spool.folder.iterdir()))
        real(handle)

    monkeypatch.setattr(os, "fsync", noted)
    spool.put([b"one"], NOW)
    assert seen == [[".unfinished"], [".spool"]]


def test_the_inbox_gets_them_in_order_with_their_moments(inbox: Inbox, tmp_path: Path) -> None:
    spool = Spool.under(tmp_path)
    spool.put([b"one", b"two"], NOW)
    spool.put([b"three"], NOW + timedelta(seconds=5))
    assert take_spool(inbox, tmp_path) == 3
    assert [(b.body, b.received_at) for b in inbox.waiting(10)] == [
        (b"one", NOW),
        (b"two", NOW),
        (b"three", NOW + timedelta(seconds=5)),
    ]
    assert take_spool(inbox, tmp_path) == 0
