"""One exported ledger, read twice at most: once for the chain, once for the people in it whose messages are checked.

A million events must pass in seconds and without being kept: what stays in memory is 64 bytes of Merkle tree an event,
and the messages and the few people that they went to.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from consent.events import Event, canonical_json
from consent.proof.bundle import LEDGER_FORMAT
from consent.proof.chain import Chain
from consent.proof.checkpoint import Note, NoteProblem, read_note
from consent.proof.event_lines import BODY, CLAIMED, EVENT_LINE_START, is_event_line
from consent.proof.evidence import opened_commitment
from consent.proof.findings import Doubt, Findings
from consent.proof.parts import follow_in_parts
from consent.proof.repeats import Repeats
from consent.proof.sendings import check_message, event_from
from consent.proof.spelling import spelt
from consent.texts import text_from

_SUBJECT = b'"subject":"'
_ERASED = b'"type":"erased"}'


class LedgerFile:
    """An export while it is being checked. Call `read` first, then the checks in any order."""

    def __init__(self, path: Path, findings: Findings) -> None:
        self.path = path
        self.findings = findings
        self.chain = Chain(findings)
        self.header: Mapping[str, Any] = {}
        self.end: Mapping[str, Any] | None = None
        self.texts: dict[bytes, bytes] = {}
        self.notes: list[Note] = []
        self._messages: dict[str, list[bytes]] = defaultdict(list)
        self._message_ids: set[str] = set()
        self._opened: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self._others = sha256()

    @property
    def origin(self) -> str:
        return str(self.header.get("origin", ""))

    def read(self) -> None:
        """Follow the chain through the file, keeping aside all that is not an event."""
        self.chain, begin, end = follow_in_parts(self.path, self.findings) or (self.chain, 0, 0)
        self._counts["event"] += self.chain.size
        self.chain.follow_lines(self._events(begin, end))
        self.findings.checked.append(f"{self.chain.size} events: spelling, hash, link, number, clock, key, id")

    def _events(self, begin: int, end: int) -> Iterator[bytes]:
        """The events of the file, except for a stretch of bytes that was read elsewhere."""
        with self.path.open("rb") as file:
            number = at = 0
            while True:
                if at == begin < end:
                    at, number = file.seek(end), number + self.chain.size
                if not (line := file.readline()):
                    break
                number, at = number + 1, at + len(line)
                if not line.startswith(EVENT_LINE_START) or self.end is not None:
                    self._other(number, line)
                    continue
                self._counts["event"] += 1
                yield line

    def _doubt(self, doubt: Doubt, number: int, sentence: str) -> None:
        self.findings.doubt(doubt, f"{self.path.name}, line {number}", sentence)

    def _other(self, number: int, line: bytes) -> None:
        if self.end is not None:
            self._doubt(Doubt.INCOMPLETE, number, "there is more after the end line")
            return
        try:
            body = json.loads(line)
            kind = body["kind"]
            if kind != "end":
                self._counts[kind] += 1
                self._others.update(line)
            self._take(number, kind, body, line)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
            self._doubt(
                Doubt.UNREADABLE, number, f"not a line of {LEDGER_FORMAT} ({type(problem).__name__}: {problem})"
            )

    def _take(self, number: int, kind: str, body: Mapping[str, Any], line: bytes) -> None:
        match kind:
            case "header":
                self._take_header(number, body)
            case "text":
                self._take_text(number, body)
            case "checkpoint":
                self._take_note(number, body["note"])
            case "message":
                self._take_message(number, body["message"], line)
            case "evidence":
                self._take_evidence(number, body)
            case "end":
                self.end = body
            case _:
                raise ValueError(f"unknown kind {kind!r}")

    def _take_header(self, number: int, body: Mapping[str, Any]) -> None:
        if self.header or number != 1:
            self._doubt(Doubt.INCOMPLETE, number, "the header stands at the beginning, once")
        if body["format"] != LEDGER_FORMAT:
            raise ValueError(f"unknown format {body['format']!r}")
        self.header = body

    def _take_text(self, number: int, body: Mapping[str, Any]) -> None:
        ref = text_from(body["text"]).ref
        if ref.sha256 != body["sha256"]:
            self._doubt(
                Doubt.WRONG_TEXT, number, f"the words of text {ref.id} {ref.version} are not those of its digest"
            )
        name = {"id": ref.id, "locale": ref.locale, "version": ref.version}
        self.texts[canonical_json(name)] = canonical_json(name | {"sha256": ref.sha256})

    def _take_note(self, number: int, note: str) -> None:
        try:
            self.notes.append(read_note(note))
        except NoteProblem as problem:
            self._doubt(Doubt.BAD_CHECKPOINT, number, str(problem))

    def _take_message(self, number: int, message: Mapping[str, Any], line: bytes) -> None:
        if message["id"] in self._message_ids:
            self._doubt(Doubt.REPEATED_MESSAGE, number, f"message {message['id']} is listed twice")
        self._message_ids.add(message["id"])
        self._messages[message["subject"]].append(line)

    def _take_evidence(self, number: int, body: Mapping[str, Any]) -> None:
        commitment = opened_commitment(body)
        if commitment != body["commitment"]:
            self._doubt(Doubt.WRONG_EVIDENCE, number, "salt and body do not open the commitment that they name")
        self._opened[commitment] = number

    def check_whole(self) -> None:
        """Doubt an export that is not complete by its own account."""
        where, size = self.path.name, self.chain.size
        if not self.header:
            self.findings.doubt(Doubt.INCOMPLETE, where, "it has no header")
        elif self.header["size"] != size or self.header["head"] != self.chain.head:
            sentence = f"it promises {self.header['size']} events and holds {size}, or ends in another hash"
            self.findings.doubt(Doubt.INCOMPLETE, where, sentence)
        if self.end is None:
            self.findings.doubt(Doubt.INCOMPLETE, where, "its end line is missing: the file was cut off")
        elif self.end.get("counts") != dict(+self._counts):
            self.findings.doubt(Doubt.INCOMPLETE, where, "it does not hold as many lines of each kind as its end says")
        elif self.end.get("sha256") != self._others.hexdigest():
            self.findings.doubt(Doubt.INCOMPLETE, where, "a line was changed since the file was written")

    def check_texts(self) -> None:
        """Doubt every event whose words are not in the file, or are not the words that it names."""
        held = set(self.texts.values())
        cited = self.chain.texts - {b"null"}
        for ref in sorted(cited - held):
            name = {key: value for key, value in json.loads(ref).items() if key != "sha256"}
            known = canonical_json(name) in self.texts
            sentence = "the text in the file has other words" if known else "the text is not in the file"
            self.findings.doubt(Doubt.WRONG_TEXT if known else Doubt.MISSING_TEXT, f"text {name}", sentence)
        self.findings.checked.append(f"{len(cited & held)} of {len(cited)} consent texts, by their digest")

    def check_people(self) -> None:
        """Doubt messages that were not allowed, evidence that proves nothing, and keys and ids that occur twice."""
        self._check_repeated(self.chain.keys.suspects(), self._ids().suspects())
        events: dict[str, list[Event]] = defaultdict(list)
        erased: set[str] = set()
        cited: dict[str, str] = {}
        committed = 0
        for found, claimed in self._events_that_matter():
            subject = found["subject"].decode()
            if subject in self._messages:
                events[subject].append(event_from(found.string, claimed.decode()))
            if found["commitment"] is not None:
                committed += 1
                if (commitment := found["commitment"].decode()) in self._opened:
                    cited[commitment] = subject
            if found.string.endswith(_ERASED):
                erased.add(subject)
        self._check_messages(events)
        self._check_evidence(cited, erased)
        if self._opened:
            self.findings.checked.append(f"{len(self._opened)} pieces of evidence; {committed} events have some")

    def _events_that_matter(self) -> Iterator[tuple[re.Match[bytes], bytes]]:
        """Of the people whose messages are here; all, if there is evidence. The others are not worth the pattern."""
        if self._opened:
            yield from self._valid_events()
        elif self._messages:
            written_to = {str(subject).encode(errors="replace") for subject in self._messages}
            yield from self._valid_events(lambda line: _subject(line) in written_to)

    def _valid_events(
        self, matters: Callable[[bytes], bool] = lambda line: True
    ) -> Iterator[tuple[re.Match[bytes], bytes]]:
        """The events of the file, and the hashes that they claim."""
        with self.path.open("rb") as file:
            for line in file:
                if matters(line) and is_event_line(line) and (found := spelt(line[BODY])):
                    yield found, line[CLAIMED]

    def _ids(self) -> Repeats:
        """The ids of the events, as far as they could be the same: a ledger gives each a greater one."""
        ids = Repeats()
        if not self.chain.ids.always:
            ids.add(found["event_id"] for found, _ in self._valid_events())
        return ids

    def _check_repeated(self, keys: set[int], ids: set[int]) -> None:
        """Look once more at what may occur twice; only what really does is doubted."""
        if not keys and not ids:
            return
        first: dict[tuple[str, bytes], int] = {}
        for found, _ in self._valid_events():
            event_id, idem, seq = found.group("event_id", "idem", "seq")
            for what, value, suspects in (("key", idem, keys), ("id", event_id, ids)):
                if hash(value) in suspects and first.setdefault((what, value), int(seq)) != int(seq):
                    before = first[what, value]
                    sentence = f"its {what} {value.decode()!r} was used by event {before} before"
                    doubt = Doubt.REPEATED_KEY if what == "key" else Doubt.REPEATED_EVENT_ID
                    self.findings.doubt(doubt, f"event {int(seq)}", sentence)

    def _check_messages(self, events: Mapping[str, list[Event]]) -> None:
        count = 0
        for subject, lines in self._messages.items():
            for line in lines:
                count += 1
                message = json.loads(line)["message"]
                try:
                    check_message(message, events.get(subject, []), self.findings)
                except (KeyError, TypeError, ValueError) as problem:
                    self.findings.doubt(Doubt.UNREADABLE, f"message {message.get('id')}", str(problem))
        self.findings.checked.append(f"{count} messages, each against its person's consent at the moment it left")

    def _check_evidence(self, cited: Mapping[str, str], erased: set[str]) -> None:
        for commitment, number in self._opened.items():
            if commitment not in cited:
                self._doubt(Doubt.WRONG_EVIDENCE, number, "no event commits to this evidence")
            elif cited[commitment] in erased:
                self._doubt(Doubt.NOT_ERASED, number, "evidence of a person who was erased is still here")


def _subject(line: bytes) -> bytes:
    """The person of an event's line. A quote inside a JSON string is escaped, so the key cannot stand in a value."""
    start = line.rfind(_SUBJECT) + len(_SUBJECT)
    return line[start : line.find(b'"', start)]
