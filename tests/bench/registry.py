"""Every bench by name. A new one is a file beside this one with `run(quick) -> Result`, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from tests.bench.measuring import Result

BENCHES = {
    "send": "how fast one worker process sends, beside stock pywa and the bare sink",
    "two_workers": "two numbers in two worker processes over PostgreSQL, beside one number in one",
    "pace": "how exactly a number keeps to its limit, counted by the practice server",
    "kill": "processes killed at random points: nobody lost, nobody written to twice",
    "dry_run": "the dry run of a campaign to a million people with ten million past messages",
    "worlds": "a thousand random worlds: in each the run equals the dry run, or the difference has a name",
    "stop_latency": "how soon a stop binds while 1,000 messages a second leave, and 10,000 stops in a race",
    "ledger": "a million events appended, signed, exported, verified offline, and folded anew",
    "webhook": "signed webhooks taken durably a second, beside pywa's handler and a commit for each row",
    "webhook_fuzz": "bent public payloads through the webhook's door, a STOP beside each",
    "drain": "statuses applied a second from the inbox, with millions of messages present, on both databases",
    "import": "a million opt-ins into the ledger, beside the bare writing of the same rows",
    "segment": "counting who is in a segment, among a million people who did ten million things",
    "launch": "a campaign of a million people into the outbox",
}


def bench(name: str) -> Callable[[bool], Result]:
    """The bench of this name, imported only now. Raises KeyError for a name that is not listed."""
    if name not in BENCHES:
        raise KeyError(name)
    run: Callable[[bool], Result] = import_module(f"tests.bench.{name}").run
    return run
