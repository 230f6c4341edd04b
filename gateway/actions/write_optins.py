"""Write one batch of an opt-in file: strangers in bulk, everybody else by the ledger's own judgement.

Trigger: an import, for each batch, inside its transaction.
Reads:   who is known, who was erased, where the known ones stand.
Writes:  people, identifiers, tags, evidence and events.
Repeat:  the caller's: by the file's digest and the row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain, compress, count
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from consent import first_grants, ledger, vault
from consent.events import Actor, ActorKind, Commitment, Draft, EventType, Purpose
from consent.first_grants import Grants, Pattern
from consent.standing import NOBODY, Standings, State
from consent.suppression import SuppressionKeys
from consent.tables import EPOCH
from consent.texts import ConsentText
from consent.vault import Identifier, Subject, identifier_from
from consent.verdicts import Accept, Reject, keeps_out, sentence, verdict
from gateway.core.prepared import Prepared, PreparedColumns
from gateway.core.wording import Wording
from gateway.settings import Settings
from gateway.storage import contacts, newcomers
from gateway.storage.contacts import NewPerson

MARKETING = Purpose.MARKETING.value
KEY_DIGITS = 32
"""Of a digest, in an event's key: 128 bits tell any two files apart."""

EVIDENCE_FOLLOWS = Commitment(1, "")
"""Stands in a draft until its evidence is kept: the verdict asks whether there is any."""


class Outcome(StrEnum):
    ADDED = "added"
    ALREADY_KNOWN = "already_known"
    NEEDS_CONFIRMATION = "needs_confirmation"
    REJECTED = "rejected"


ERASED = Wording(
    "Bu kişinin verisi silinmiş ve bir daha yazılmaması istenmiş; dosyayla geri gelemez.",
    "This person's data was erased and they are not to be written to; a file cannot bring them back.",
)
UNKNOWN_TEXT = Wording(
    "“{id}” metninin {version} sürümü kayıtlı değil; `izin texts add` ile ekleyin.",
    "The consent text “{id}” version {version} is not known here; add it with `izin texts add`.",
)
LINE = attrgetter("row.line")
SILENT_ANSWERS = ("already_granted", "proof_not_newer")
"""Verdicts that only say that we know already: no reason to hand a row back."""


class Judged(NamedTuple):
    """A row with its outcome; `reason` says why it stays out."""

    row: Prepared
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What became of a batch: how many rows of each outcome, and those that stay out, in their order."""

    counts: Counter[str]
    rejected: Sequence[Judged]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The rows of a batch: of strangers, of people who are known or come twice, and those that are settled already.

    `patterns` say how each stranger's consent is recorded, None where the row proves none.
    """

    known: dict[str, Subject]
    strangers: PreparedColumns
    patterns: Sequence[Pattern | None]
    later: Sequence[Prepared] = ()
    judged: list[Judged] = field(default_factory=list)


def _verdicts(patterns: Sequence[Pattern | None], judged: Sequence[Judged]) -> Verdicts:
    counts = Counter(one.outcome.value for one in judged)
    confirming = patterns.count(None)
    counts.update({Outcome.ADDED.value: len(patterns) - confirming, Outcome.NEEDS_CONFIRMATION.value: confirming})
    return Verdicts(+counts, sorted((one for one in judged if one.outcome is Outcome.REJECTED), key=LINE))


@dataclass
class Writer:
    """Writes the batches of one file, whose reading is named by `key`.

    `attested_by` vouches for its consents; without, every row needs confirmation.
    """

    settings: Settings
    now: datetime
    digest: str
    key: str
    attested_by: str | None
    texts: Sequence[ConsentText]
    _patterns: dict[tuple[str, str, str, str], Pattern | None] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._by_key = {(t.id, t.version, t.locale): t for t in self.texts}
        self._keys = SuppressionKeys.read(self.settings.suppression_key)

    def write(self, connection: Connection, people: PreparedColumns) -> Verdicts:
        found = self._sorted(connection, people)
        self._greet(connection, found.strangers, found.patterns, found.known)
        return _verdicts(found.patterns, found.judged + self._meet_again(connection, found.later, found.known))

    def foresee(self, connection: Connection, people: PreparedColumns) -> Verdicts:
        """What `write` would say; nothing is written."""
        found = self._sorted(connection, people)
        judged = found.judged + self._meet_again(connection, found.later, found.known, dry=True)
        judged += [
            Judged(row, Outcome.ADDED if pattern else Outcome.NEEDS_CONFIRMATION)
            for row, pattern in zip(found.strangers.rows(), found.patterns, strict=True)
        ]
        return _verdicts([], self._once(sorted(judged, key=LINE)))

    def _once(self, judged: Sequence[Judged]) -> list[Judged]:
        """Nobody is written, so it has to be remembered here who was met."""
        found = []
        for one in judged:
            mine = set(map(hash, one.row.addresses))
            again = one.outcome in (Outcome.ADDED, Outcome.NEEDS_CONFIRMATION) and not self._seen.isdisjoint(mine)
            self._seen |= mine
            found.append(Judged(one.row, Outcome.ALREADY_KNOWN) if again else one)
        return found

    def _sorted(self, connection: Connection, people: PreparedColumns) -> _Sorted:
        values = list(chain.from_iterable(people.addresses))
        known, silent = self._find(connection, values), vault.silenced(connection, self._keys, values)
        patterns, unknown = self._patterns_of(people)
        if not known and not silent and not unknown and len(set(values)) == len(values):
            return _Sorted(known, people, patterns)
        taken = set(known)
        strangers: list[Prepared] = []
        later: list[Prepared] = []
        judged: list[Judged] = []
        theirs: list[Pattern | None] = []
        for place, row in enumerate(people.rows()):
            if not silent.isdisjoint(row.addresses):
                judged.append(Judged(row, Outcome.REJECTED, self._say(ERASED)))
            elif not taken.isdisjoint(row.addresses):
                later.append(row)
            elif place in unknown:
                judged.append(Judged(row, Outcome.REJECTED, self._unknown(row)))
            else:
                taken.update(row.addresses)
                strangers.append(row)
                theirs.append(patterns[place])
        return _Sorted(known, PreparedColumns.of(strangers), theirs, later, judged)

    def _find(self, connection: Connection, values: Sequence[str]) -> dict[str, Subject]:
        return vault.find_addresses(connection, values)

    def _say(self, wording: Wording, **words: str) -> str:
        return wording.say(self.settings.language).format(**words)

    def _patterns_of(self, people: PreparedColumns) -> tuple[list[Pattern | None], set[int]]:
        """How each row's consent is recorded if a stranger's, None where it proves none, and the places of the rows
        whose consent text is not known here."""
        if self.attested_by is None:
            return [None] * len(people.line), set()
        keys = list(zip(people.source, people.text_id, people.text_version, people.language, strict=True))
        for key, place in dict(zip(keys, count(), strict=False)).items():
            if key not in self._patterns:
                draft = self._draft(people.row(place))
                self._patterns[key] = Pattern(draft) if draft is not None else None
        proven = zip(keys, people.consent_at, strict=True)
        patterns = [None if at is None else self._patterns[key] for key, at in proven]
        places = zip(count(), patterns, people.consent_at, strict=False)
        return patterns, {place for place, pattern, at in places if pattern is None and at is not None}

    def _unknown(self, row: Prepared) -> str:
        return self._say(UNKNOWN_TEXT, id=row.text_id, version=row.text_version)

    def _draft(self, row: Prepared, ref: str = "") -> Draft | None:
        """The event that a row asks for; None when its consent text is not known here."""
        text = text_for(row, self._by_key, self.settings.language)
        if text is None:
            return None
        return Draft(
            subject=ref,
            purpose=MARKETING,
            type=EventType.GRANTED_BY_IMPORT,
            occurred_at=_moment(row),
            actor=Actor(ActorKind.IMPORT, f"{self.digest[:16]} by {self.attested_by}"),
            source=row.source,
            method="list",
            idem=f"csv:{self.key[:KEY_DIGITS]}#",
            text=text.ref,
            evidence=EVIDENCE_FOLLOWS,
        )

    def _greet(
        self,
        connection: Connection,
        people: PreparedColumns,
        patterns: Sequence[Pattern | None],
        known: dict[str, Subject],
    ) -> None:
        """People nobody knows: a subject, a person, and their consent where the row proves one."""
        if not patterns:
            return
        made = vault.add_addresses(connection, [addresses[0] for addresses in people.addresses], self.now)
        more: list[tuple[Subject, Identifier]] = []
        for subject, addresses in zip(made, people.addresses, strict=True):
            for value in addresses:
                known[value] = subject
            if len(addresses) > 1:
                more += [(subject, identifier_from(value)) for value in addresses[1:]]
        vault.attach_all(connection, more, self.now)
        ids, refs = zip(*made, strict=True)
        newcomers.add(connection, ids, people, self.now)
        self._grant(connection, ids, refs, people, patterns)

    def _grant(
        self,
        connection: Connection,
        ids: Sequence[int],
        refs: Sequence[str],
        people: PreparedColumns,
        patterns: Sequence[Pattern | None],
    ) -> None:
        def granted(column: Sequence[Any]) -> list[Any]:
            return list(compress(column, patterns))

        theirs, commitments = granted(ids), granted(people.commitment)
        evidence = zip(theirs, commitments, granted(people.salt), granted(people.evidence), strict=True)
        vault.keep_sealed(connection, list(evidence), self.now)
        times, lines = granted(people.consent_at), granted(people.line)
        grants = Grants(granted(patterns), theirs, granted(refs), times, lines, commitments)
        first_grants.append_columns(connection, grants, self.now)

    def _meet_again(
        self, connection: Connection, rows: Sequence[Prepared], known: dict[str, Subject], *, dry: bool = False
    ) -> list[Judged]:
        """People we know, or have met a moment ago in this batch. Of somebody's many rows two are looked at: the first,
        and of the others the one with the newest consent."""
        owned: dict[int, list[tuple[Prepared, Subject]]] = {}
        judged: list[Judged] = []
        for row in rows:
            owner = next((known[value] for value in row.addresses if value in known), None)
            if owner is None:  # a dry run has not made the people whom these rows repeat
                judged.append(Judged(row, Outcome.ALREADY_KNOWN))
            else:
                owned.setdefault(owner.id, []).append((row, owner))
        seconds = [max(rest, key=_newest) for _, *rest in owned.values() if rest]
        judged += self._round(connection, [first for first, *_ in owned.values()], known, dry)
        judged += self._round(connection, seconds, known, dry)
        looked_at = {row.line for row, _ in seconds}
        rest = (row for _, *others in owned.values() for row, _ in others if row.line not in looked_at)
        return judged + [Judged(row, Outcome.ALREADY_KNOWN) for row in rest]

    def _round(
        self, connection: Connection, rows: Sequence[tuple[Prepared, Subject]], known: dict[str, Subject], dry: bool
    ) -> list[Judged]:
        if not rows:
            return []
        ids = [subject.id for _, subject in rows]
        standings, met = ledger.standings_of(connection, ids), contacts.known(connection, ids)
        answers = [self._again(row, owner, standings.get(owner.id, NOBODY), owner.id in met) for row, owner in rows]
        if not dry:
            self._update(connection, rows, [judged for judged, _ in answers], known)
            self._append(connection, [(s, draft, row) for (row, s), (_, draft) in zip(rows, answers, strict=True)])
        return [judged for judged, _ in answers]

    def _again(self, row: Prepared, owner: Subject, standings: Standings, met: bool) -> tuple[Judged, Draft | None]:
        """What a row means for somebody we know, and the event that follows from it, if any."""
        if row.consent_at is None or self.attested_by is None:
            return self._unproven(row, standings, met), None
        draft = self._draft(row, owner.ref)
        if draft is None:
            return Judged(row, Outcome.REJECTED, self._unknown(row)), None
        draft = replace(draft, idem=f"{draft.idem}{row.line}")
        match verdict(standings, draft, self.now):
            case Accept(changes=True):
                return Judged(row, Outcome.ADDED), draft
            case Reject() as no if no.why.value not in SILENT_ANSWERS:
                return Judged(row, Outcome.REJECTED, no.sentence(self.settings.language)), None
        return Judged(row, Outcome.ALREADY_KNOWN), None

    def _unproven(self, row: Prepared, standings: Standings, met: bool) -> Judged:
        if why := keeps_out(standings, MARKETING, self.now):
            return Judged(row, Outcome.REJECTED, sentence(why, self.settings.language))
        asked = standings.of(MARKETING).at(self.now).state is not State.NONE or met
        return Judged(row, Outcome.ALREADY_KNOWN if asked else Outcome.NEEDS_CONFIRMATION)

    def _update(
        self,
        connection: Connection,
        rows: Sequence[tuple[Prepared, Subject]],
        judged: Sequence[Judged],
        known: dict[str, Subject],
    ) -> None:
        """What a newer file says about people, and numbers of theirs that are nobody else's."""
        let_in = [pair for pair, one in zip(rows, judged, strict=True) if one.outcome is not Outcome.REJECTED]
        contacts.add(connection, [_person(row, subject) for row, subject in let_in], self.now)
        more: list[tuple[Subject, Identifier]] = []
        for row, subject in rows:
            new = [value for value in row.addresses if value not in known]
            known.update(dict.fromkeys(new, subject))
            more += [(subject, identifier_from(value)) for value in new]
        vault.attach_all(connection, more, self.now)

    def _append(self, connection: Connection, found: Iterable[tuple[Subject, Draft | None, Prepared]]) -> None:
        granting = [(subject, draft, row) for subject, draft, row in found if draft is not None]
        _keep_evidence(connection, [(subject, row) for subject, _, row in granting], self.now)
        drafts = [(s, replace(draft, evidence=Commitment(1, row.commitment))) for s, draft, row in granting]
        ledger.append(connection, drafts, self.now)


def _keep_evidence(connection: Connection, proven: Sequence[tuple[Subject, Prepared]], now: datetime) -> None:
    rows = [(subject.id, row.commitment, row.salt, row.evidence) for subject, row in proven]
    vault.keep_sealed(connection, rows, now)


def _newest(pair: tuple[Prepared, Subject]) -> int:
    return pair[0].consent_at or 0


def _moment(row: Prepared) -> datetime:
    return EPOCH + timedelta(microseconds=row.consent_at or 0)


def text_for(
    row: Prepared, texts: Mapping[tuple[str, str, str], ConsentText], house_language: str
) -> ConsentText | None:
    """The consent text that a row names, in the row's language if there is one, else in the house's."""
    for locale in (row.language, row.language.partition("_")[0], house_language):
        if locale and (found := texts.get((row.text_id, row.text_version, locale))):
            return found
    same = [t for (id_, version, _), t in texts.items() if (id_, version) == (row.text_id, row.text_version)]
    return same[0] if len(same) == 1 else None


def _person(row: Prepared, subject: Subject) -> NewPerson:
    return NewPerson(
        subject_id=subject.id,
        name=row.name or None,
        language=row.language or None,
        zone=row.zone or None,
        zones=frozenset(row.zones.split(",")) if row.zones else frozenset(),
        region=row.region or None,
        source=row.source or newcomers.IMPORTED,
        attributes=orjson.loads(row.attributes) if row.attributes else {},
        tags=row.tags,
    )
