"""One commit for all who wait, on threads and on an event loop; each hears what came of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.storage.group_commit import GroupCommit, Hearing


class Commits:
    """Batches as they were committed. A batch with a negative number in it fails."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __call__(self, batch: Sequence[int]) -> None:
        self.batches.append(list(batch))
        if min(batch) < 0:
            raise ValueError(f"{min(batch)} is negative")


def group_of(commits: Commits, *, hopeless: bool = False) -> GroupCommit[int]:
    return GroupCommit(commits, "test-writer", lambda _: hopeless)


def kept_at_once(group: GroupCommit[int], numbers: Sequence[int]) -> list[BaseException | None]:
    async def all_of() -> list[BaseException | None]:
        hearing = Hearing(asyncio.get_running_loop())
        return await asyncio.gather(*(hearing.kept(group, n) for n in numbers), return_exceptions=True)

    return asyncio.run(all_of())


def test_on_threads_each_returns_when_its_own_is_committed() -> None:
    commits = Commits()
    group = group_of(commits)
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(group.keep, range(100))) == [None] * 100
    assert sorted(n for batch in commits.batches for n in batch) == list(range(100))


def test_on_a_loop_all_are_told_and_few_commits_are_made() -> None:
    commits = Commits()
    assert kept_at_once(group_of(commits), range(1_000)) == [None] * 1_000
    assert [n for batch in commits.batches for n in batch] == list(range(1_000))


def test_one_that_cannot_be_committed_does_not_take_the_others_along() -> None:
    commits = Commits()
    told = kept_at_once(group_of(commits), [1, 2, -3, 4])
    assert [type(problem) for problem in told] == [type(None), type(None), ValueError, type(None)]
    with pytest.raises(ValueError, match="-3 is negative"):
        group_of(commits).keep(-3)


def test_what_is_hopeless_is_not_tried_one_by_one() -> None:
    commits = Commits()
    told = kept_at_once(group_of(commits, hopeless=True), [-1] * 50)
    assert [type(problem) for problem in told] == [ValueError] * 50
    assert sum(len(batch) for batch in commits.batches) == 50


def test_a_loop_that_is_gone_is_not_told_and_the_next_one_is() -> None:
    commits, loop = Commits(), asyncio.new_event_loop()
    group = group_of(commits)
    hearing = Hearing(loop)
    waiting = loop.create_task(hearing.kept(group, 1))
    loop.run_until_complete(asyncio.sleep(0))
    waiting.cancel()
    loop.run_until_complete(asyncio.gather(waiting, return_exceptions=True))
    loop.close()
    assert kept_at_once(group, [2]) == [None]
    assert sorted(n for batch in commits.batches for n in batch) == [1, 2]
