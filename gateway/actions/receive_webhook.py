"""Take a webhook in: prove it, keep it, let it bind, and only then answer.

Trigger: Meta's POST.
Reads:   nothing but the request.
Writes:  the raw body into the inbox, durably; what can change consent into the ledger, before the 200.
Repeat:  harmless: a body may be kept twice, and each of its items is applied once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from gateway.clock import Clock
from gateway.storage.inbox import Inbox

BODY_BYTES_MAX = 3 * 1024 * 1024
"""Meta's own limit (whatsapp-cloud-api.md 3.1)."""


@dataclass
class GroupCommit:
    """One thread that writes what is waiting in one transaction; each caller waits for its own commit.

    A commit costs the same for one body as for a hundred, so under load the disk is asked once for all of them.
    """

    store: Callable[[Sequence[bytes], datetime], None]
    clock: Clock
    _waiting: list[tuple[bytes, Future[None]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _work: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @classmethod
    def into(cls, inbox: Inbox, clock: Clock) -> GroupCommit:
        return cls(inbox.store, clock)

    def keep(self, body: bytes) -> None:
        """Durable when it returns. Raises what the store raised: then nothing was kept."""
        done: Future[None] = Future()
        with self._lock:
            self._waiting.append((body, done))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)
                self._thread.start()
        self._work.set()
        done.result()

    def _run(self) -> None:
        while True:
            self._work.wait()
            self._work.clear()
            with self._lock:
                batch, self._waiting = self._waiting, []
            if batch:
                self._commit(batch)

    def _commit(self, batch: list[tuple[bytes, Future[None]]]) -> None:
        try:
            self.store([body for body, _ in batch], self.clock.now())
        except BaseException as problem:  # each waiting request must hear of it
            for _, done in batch:
                done.set_exception(problem)
            return
        for _, done in batch:
            done.set_result(None)
