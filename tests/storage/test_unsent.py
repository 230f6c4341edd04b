"""The slips of what was released and has not begun to leave: what they say, and when they say nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.storage import unsent
from gateway.storage.statements import as_number
from gateway.storage.unsent import SLOTS, Slip, Unsent, open_unsent

BOOT = "d85248cb-0aa5-4673-b342-f5076c8b09a0"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def begun(path: Path, boot: str | None = BOOT) -> Unsent:
    slips = open_unsent(path, boot)
    slips.begin()
    return slips


def left_in(path: Path, boot: str | None = BOOT) -> frozenset[Slip]:
    slips = open_unsent(path, boot)
    slips.close()
    return slips.left


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "number-1.unsent"


def test_what_was_entered_and_not_torn_is_left_to_the_next_one(path: Path) -> None:
    slips = begun(path)
    slips.enter([7, 8, 9], NOON)
    slips.tear(8)
    slips.close()
    assert left_in(path) == {(7, as_number(NOON)), (9, as_number(NOON))}


def test_a_message_released_again_has_one_slip_of_its_last_release(path: Path) -> None:
    slips = begun(path)
    slips.enter([7], NOON)
    slips.enter([7], NOON + timedelta(seconds=1))
    slips.close()
    assert left_in(path) == {(7, as_number(NOON) + 1_000_000)}


def test_beginning_forgets_what_was_left(path: Path) -> None:
    slips = begun(path)
    slips.enter([7], NOON)
    slips.close()
    again = begun(path)
    assert again.left == frozenset()
    again.close()
    assert left_in(path) == frozenset()


def test_another_boot_believes_nothing(path: Path) -> None:
    slips = begun(path)
    slips.enter([7], NOON)
    slips.close()
    assert left_in(path, "another-boot") == frozenset()


def test_slips_of_another_boot_are_gone_before_the_file_is_of_this_one(path: Path) -> None:
    slips = begun(path, "another-boot")
    slips.enter([7], NOON)
    slips.close()
    begun(path).close()
    assert left_in(path) == frozenset()


def test_without_a_name_for_the_boot_there_is_no_file(path: Path) -> None:
    slips = begun(path, None)
    slips.enter([7], NOON)
    slips.tear(7)
    slips.close()
    assert not path.exists()


def test_a_system_that_does_not_name_its_boot_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "boot_id"
    monkeypatch.setattr(unsent, "_BOOT_FILE", named)
    assert unsent.boot_id() is None
    named.write_text("\n")
    assert unsent.boot_id() is None
    named.write_text(f"{BOOT}\n")
    assert unsent.boot_id() == BOOT


def test_a_file_that_somebody_still_holds_says_nothing_and_stays_theirs(path: Path) -> None:
    first = begun(path)
    first.enter([7], NOON)
    second = begun(path)
    second.enter([8], NOON)
    second.close()
    assert second.left == frozenset()
    first.close()
    assert left_in(path) == {(7, as_number(NOON))}


def test_a_folder_that_cannot_be_made_means_no_slips(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    slips = begun(tmp_path / "data" / "number-1.unsent")
    slips.enter([7], NOON)
    slips.close()
    assert slips.left == frozenset()


@pytest.mark.parametrize("bytes_kept", [0, 1, 64, 200, -1])
def test_a_file_that_was_cut_says_nothing(path: Path, bytes_kept: int) -> None:
    slips = begun(path)
    slips.enter(range(1, 20), NOON)
    slips.close()
    path.write_bytes(path.read_bytes()[:bytes_kept])
    assert left_in(path) == frozenset()


def test_a_slip_of_which_half_was_written_names_no_release(path: Path) -> None:
    slips = begun(path)
    slips.enter([7, 8], NOON)
    slips.close()
    whole = path.read_bytes()
    at = 64 + 7 * 16
    path.write_bytes(whole[: at + 8] + bytes(8) + whole[at + 16 :])
    assert left_in(path) == {(7, 0), (8, as_number(NOON))}  # nothing is released in 1970


def test_a_strange_file_says_nothing_and_is_made_anew(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"something else" * 50_000)
    assert left_in(path) == frozenset()
    begun(path).close()
    assert path.stat().st_size == 64 + SLOTS * 16


IDS = st.sampled_from([1, 2, 3, SLOTS + 1, SLOTS + 2, 5 * SLOTS + 1])


@given(st.lists(st.tuples(st.booleans(), IDS), max_size=30))
def test_no_slip_is_ever_left_of_a_message_that_began_to_leave(steps: list[tuple[bool, int]]) -> None:
    slips, waiting = Unsent(), {}
    for step, (enters, message_id) in enumerate(steps):
        at = NOON + timedelta(seconds=step)
        if enters:
            slips.enter([message_id], at)
            waiting[message_id] = as_number(at)
        else:
            slips.tear(message_id)
            waiting.pop(message_id, None)
    found = unsent._read(slips._slips[:], b"")
    assert found <= set(waiting.items())
    slots = {message_id % SLOTS for message_id in waiting}
    if len(slots) == len({message_id % SLOTS for _, message_id in steps}) == len({i for _, i in steps}):
        assert found == set(waiting.items()), "where no two share a slot, none is missed"
