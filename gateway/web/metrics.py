"""`/metrics` for Prometheus: what the sending, the inbox and the ledger do, in numbers and without people.

The text format is a dozen lines (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4); a
library would keep counters of its own in each process, while ours stand in the database, whichever process answers.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Blueprint, Response, current_app

from gateway.actions.take_measures import Measures, take_measures
from gateway.assembly import House
from gateway.storage.spool import Spool
from gateway.web.visit import house

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LOOK_EVERY = timedelta(seconds=5)
SHARE_MAX = 20
"""A look that took long is repeated later: at most a twentieth of the time goes into looking."""

metrics = Blueprint("metrics", __name__)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
Sample = tuple[Mapping[str, object], float]


@metrics.get("/metrics")
def show() -> Response:
    shown: Shown = current_app.extensions["izin_metrics"]
    return Response(shown.text_for(house()), content_type=CONTENT_TYPE)


@dataclass
class Shown:
    """The last answer, given again until it is old: however many ask, the database is asked once."""

    text: str = ""
    until: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def text_for(self, house: House) -> str:
        with self.lock:
            now = house.clock.now()
            if self.until is None or now >= self.until:
                self.text = written(_measured(house, now))
                self.until = now + max(LOOK_EVERY, SHARE_MAX * (house.clock.now() - now))
            return self.text


def _measured(house: House, now: datetime) -> Measures:
    with house.database.read() as connection:
        return take_measures(connection, house.inbox, Spool.under(house.settings.data_dir), now)


def written(m: Measures) -> str:
    """Prometheus' text format."""
    return "".join(f"{line}\n" for family in _families(m) for line in family)


def _families(m: Measures) -> Iterator[Iterable[str]]:
    yield from _of_messages(m)
    yield from _of_numbers(m)
    yield from _of_webhooks(m)
    yield _family("izin_campaigns", "gauge", "Campaigns by state.", _by("state", m.campaigns))
    yield _family("izin_holds", "gauge", "Holds in force by scope.", _by("scope", m.holds))
    yield _family("izin_ledger_events", "gauge", "Events in the ledger of consent.", [_alone(m.events)])
    yield _family(
        "izin_ledger_signed_events", "gauge", "Events under the newest signed checkpoint.", [_alone(m.signed)]
    )
    signed = [] if m.signed_at is None else [_alone(_seconds(m, m.signed_at))]
    yield _family("izin_checkpoint_age_seconds", "gauge", "Age of the newest signed checkpoint.", signed)


def _of_messages(m: Measures) -> Iterator[Iterable[str]]:
    queued: Counter[tuple[str, str, str]] = Counter()
    for w in m.waiting:
        queued[w.number_id, w.state, reason_label(w.reason)] += w.count
    samples = [({"number": n, "state": s, "reason": r}, count) for (n, s, r), count in sorted(queued.items())]
    yield _family("izin_queue_messages", "gauge", "Messages that have not left, or that Meta keeps.", samples)
    unknown = [({"number": u.number_id, "given_up": str(u.ended).lower()}, u.count) for u in m.unsure]
    yield _family("izin_unsure_messages", "gauge", "Messages of unknown outcome.", unknown)
    lag = [({"number": s.number.id}, _seconds(m, m.oldest_due.get(s.number.id))) for s in m.numbers]
    yield _family("izin_send_lag_seconds", "gauge", "Age of the oldest due message that nothing holds.", lag)


def _of_numbers(m: Measures) -> Iterator[Iterable[str]]:
    labels = [{"number": s.number.id} for s in m.numbers]
    each = list(zip(labels, m.numbers, strict=True))
    accepted = [(label, s.sending.accepted if s.sending else 0) for label, s in each]
    yield _family("izin_accepted_total", "counter", "Messages that Meta took, as workers reported.", accepted)
    failures = [
        ({"number": f.number_id, "code": f.code, "name": reason_label(f.name)}, f.count)
        for _, s in each
        for f in sorted(s.failures, key=lambda f: f.code)
    ]
    yield _family("izin_failures_total", "counter", "Messages that Meta refused, by code.", failures)
    ceilings = [(label, s.number.throughput) for label, s in each]
    yield _family("izin_number_ceiling", "gauge", "Messages a second that Meta allows.", ceilings)
    paces = [(label, s.rate or 0) for label, s in each]
    yield _family("izin_number_pace", "gauge", "Messages a second aimed at now; 0 while nobody sends.", paces)
    owned = [(label, s.is_owned) for label, s in each]
    yield _family("izin_number_owned", "gauge", "1 while a worker sends for the number.", owned)
    held = [(label, bool(s.holds)) for label, s in each]
    yield _family("izin_number_held", "gauge", "1 while a hold stops the whole number.", held)
    flying = [(label, s.sending.flying if s.sending and s.is_owned else 0) for label, s in each]
    yield _family("izin_posts_in_flight", "gauge", "POSTs without an answer yet, as last reported.", flying)
    left = [(label, s.people_left) for label, s in each if s.people_left is not None]
    yield _family("izin_people_left", "gauge", "New people who may still be reached in these 24 hours.", left)


def _of_webhooks(m: Measures) -> Iterator[Iterable[str]]:
    yield _family("izin_inbox_backlog", "gauge", "Webhook bodies that wait to be applied.", [_alone(m.backlog)])
    age = [_alone(_seconds(m, m.oldest_webhook))]
    yield _family("izin_inbox_lag_seconds", "gauge", "Age of the oldest webhook that was not applied.", age)
    yield _family("izin_spool_groups", "gauge", "Groups of webhooks kept beside an inbox away.", [_alone(m.spooled)])
    aside = [_alone(m.quarantined)]
    yield _family("izin_quarantine_items", "gauge", "Items of webhooks that could not be applied.", aside)


def reason_label(reason: str | None) -> str:
    """A reason as a label: `none`, its name, or `other` for words that are nobody's name of a reason."""
    if not reason:
        return "none"
    return reason if _NAME.fullmatch(reason) else "other"


def _seconds(m: Measures, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (m.at - since).total_seconds())


def _alone(value: float) -> Sample:
    return {}, value


def _by(label: str, counts: Mapping[str, int]) -> list[Sample]:
    return [({label: name}, count) for name, count in sorted(counts.items())]


def _family(name: str, kind: str, about: str, samples: Iterable[tuple[Mapping[str, object], float]]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        inner = ",".join(f'{label}="{_escaped(str(text))}"' for label, text in labels.items())
        yield f"{name}{{{inner}}} {float(value):.15g}" if inner else f"{name} {float(value):.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
