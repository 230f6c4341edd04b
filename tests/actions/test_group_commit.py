"""Who asks alone is committed at once; where many ask, the next commit waits a moment for more of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.actions import receive_webhook
from gateway.actions.receive_webhook import GATHER_FROM, GATHER_SECONDS, GroupCommit


class Commits:
    """Batches as they were committed; the first one lasts until `go` is set."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.go = threading.Event()
        self.begun = threading.Event()

    def __call__(self, batch: Sequence[int]) -> None:
        self.sizes.append(len(batch))
        self.begun.set()
        assert self.go.wait(20)


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the writer has waited for more, each time; it does not really wait."""
    waited: list[float] = []
    monkeypatch.setattr(receive_webhook.time, "sleep", waited.append)  # type: ignore[attr-defined]
    return waited


def test_one_after_the_other_waits_for_nobody(rests: list[float]) -> None:
    commits = Commits()
    commits.go.set()
    group = GroupCommit(commits, "test-writer")
    for number in range(5):
        group.keep(number)
    assert (commits.sizes, rests) == ([1] * 5, [])


def test_after_a_large_group_the_next_commit_waits_for_more(rests: list[float]) -> None:
    commits = Commits()
    group = GroupCommit(commits, "test-writer")
    with ThreadPoolExecutor(GATHER_FROM + 1) as threads:
        first = threads.submit(group.keep, 0)
        assert commits.begun.wait(20)
        others = [threads.submit(group.keep, number) for number in range(GATHER_FROM)]
        while group._waiting.qsize() < GATHER_FROM:
            threading.Event().wait(0.001)
        assert rests == []
        commits.go.set()
        for kept in (first, *others):
            kept.result(20)
    group.keep(99)
    assert commits.sizes == [1, GATHER_FROM, 1]
    assert rests == [GATHER_SECONDS]
