"""Small random worlds of people: the same facts as rows of the database and as what the pure evaluator looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from consent.standing import Standing, State
from consent.tables import StandingRow, SubjectRow, table_of
from gateway.core.segment import (
    CONSENT_STATES,
    PERSON_FIELDS,
    Added,
    And,
    Bucket,
    Compare,
    Condition,
    ConsentIs,
    Contains,
    Did,
    Engaged,
    Engagement,
    EngagementFact,
    EventFact,
    Everyone,
    Field,
    HasTag,
    Known,
    Not,
    OneOf,
    Op,
    Or,
    PersonFacts,
    PropertyIs,
    Times,
)
from gateway.storage.tables import CampaignRow, EventKindRow, MessageRow, PersonEventRow, PersonRow, TagRow

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
SPANS = (timedelta(hours=1), timedelta(days=30))
EVENTS = ("bought", "cart left", "gördü")
CAMPAIGNS = ("Spring", "Bahar “%s”")
TEXTS = (
    "", "x", "X", "İzmir", "ızmır", "a,b", "%", "_", "5", "05", "-5", "5.5", "5.", ".5", "5.50", "+5", " 5", "5\n", "٥",
    "1e3", "123456789", "1234567890", "999999999.999999", "0.1234567", "-",
    "--5", "1.2.3", "😀", "\uffff", "'", '"', "\\",
)  # fmt: skip
ATTRIBUTES = ("city", "visits", "son_urun")
ZONES = ("", "Europe/Istanbul", "America/Chicago,America/Denver")


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of ours, and how far it got."""

    campaign: str | None
    accepted: datetime | None = None
    delivered: datetime | None = None
    read: datetime | None = None
    clicked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Somebody:
    fields: Mapping[str, str | None]
    zones: str
    attributes: Mapping[str, str] | None
    added_at: datetime
    tags: frozenset[str] = frozenset()
    standings: Mapping[str, Standing] = field(default_factory=dict)
    messages: Sequence[Sent] = ()
    replied: datetime | None = None
    events: Sequence[EventFact] = ()

    def facts(self, number: int) -> PersonFacts:
        zone = self.fields["zone"] or (self.zones if "," not in self.zones else "")
        known = {name: value or "" for name, value in self.fields.items()} | {"zone": zone}
        return PersonFacts(
            number=number,
            added_at=self.added_at,
            tags=self.tags,
            fields=known,
            attributes=self.attributes or {},
            consent={p: self._standing(p).at(NOW).state.value for p in ("marketing", "utility")},
            engagement=tuple(self._engagement()),
            events=tuple(self.events),
        )

    def _standing(self, purpose: str) -> Standing:
        return self.standings.get(purpose) or self.standings.get("*") or Standing()

    def _engagement(self) -> list[EngagementFact]:
        found = [EngagementFact(Engagement.REPLIED, "", self.replied)] if self.replied else []
        for one in self.messages:
            moments = {
                Engagement.SENT: one.accepted,
                Engagement.DELIVERED: one.delivered or one.read,
                Engagement.READ: one.read,
                Engagement.CLICKED: one.clicked,
            }
            found += [EngagementFact(kind, one.campaign or "", at) for kind, at in moments.items() if at]
        return found


def write(connection: Connection, people: Sequence[Somebody]) -> None:
    """Put the people into an empty database, numbered from 1."""
    _names(connection)
    ids, keys = count(1), count(1)
    for number, person in enumerate(people, 1):
        connection.execute(insert(table_of(SubjectRow)).values(id=number, ref=f"{number:032}", created_at=NOW))
        _person(connection, number, person)
        for sent in person.messages:
            connection.execute(insert(table_of(MessageRow)).values(_message(number, next(ids), sent)))
        for event in person.events:
            connection.execute(insert(table_of(PersonEventRow)).values(_event(number, next(keys), event)))


def _names(connection: Connection) -> None:
    for number, name in enumerate(EVENTS, 1):
        connection.execute(insert(table_of(EventKindRow)).values(id=number, name=name))
    for number, name in enumerate(CAMPAIGNS, 1):
        row = CampaignRow(
            id=number, name=name, state="done", plan={}, purpose="marketing", template_name="t", start_at=NOW,
            expires_at=NOW, planned_at=NOW,
        )  # fmt: skip
        connection.execute(insert(table_of(CampaignRow)).values(row.model_dump()))


def _person(connection: Connection, number: int, person: Somebody) -> None:
    columns = {name if name != "country" else "region": value for name, value in person.fields.items()}
    known = {"subject_id": number, "zones": person.zones, "created_at": person.added_at, "undelivered": 0}
    if person.attributes is not None:
        known["attributes"] = person.attributes
    row = insert(table_of(PersonRow)).values(**columns, **known, last_inbound_at=person.replied)
    connection.execute(row)
    for tag in person.tags:
        connection.execute(insert(table_of(TagRow)).values(tag=tag, subject_id=number))
    for purpose, standing in person.standings.items():
        stored = {"deadline": standing.deadline, "consent_ends": standing.consent_ends, "since": standing.since}
        flags = {"proof": 0, "refused": False, "suppressed": False, "held": False}
        row = insert(table_of(StandingRow)).values(
            subject_id=number, purpose=purpose, state=standing.state.value, **stored, **flags
        )
        connection.execute(row)


def _message(number: int, id_: int, sent: Sent) -> dict[str, object]:
    return MessageRow(
        id=id_, key=f"k{id_}", subject_id=number, purpose="marketing", number_id="1", state="read", due_at=NOW,
        expires_at=NOW, queued_at=NOW, accepted_at=sent.accepted, delivered_at=sent.delivered, read_at=sent.read,
        clicks=int(sent.clicked is not None), clicked_at=sent.clicked,
        campaign_id=CAMPAIGNS.index(sent.campaign) + 1 if sent.campaign else None,
    ).model_dump(exclude={"content"})  # fmt: skip


def _event(number: int, key: int, event: EventFact) -> dict[str, object]:
    properties = {"properties": dict(event.properties)} if event.properties else {}
    return {
        "kind": EVENTS.index(event.name) + 1,
        "subject_id": number,
        "at": event.at,
        "key": key.to_bytes(16, "big"),
        "about": event.about or None,
        **properties,
    }


# What may be the case, and what may be asked of it

moments = st.sampled_from(
    [NOW, NOW + INSTANT, *(NOW - span + n * INSTANT for span in SPANS for n in (-1, 0, 1)), NOW - timedelta(days=9)]
)
texts = st.sampled_from(TEXTS)
words = st.sampled_from([text for text in TEXTS if text and text.isprintable()])
optional = st.none() | texts
ENDING = (State.GRANTED, State.PENDING, State.PAUSED, State.EXPIRED, State.REVOKED)
BENEATH = (State.PAUSED, State.REVOKED)
LASTING = (State.NONE, State.DECLINED, State.LAPSED)


def _standings(state: State) -> st.SearchStrategy[Standing]:
    deadline = st.none() | moments if state in ENDING else st.none()
    ends = st.none() | moments if state in BENEATH else st.none()
    return st.builds(Standing, st.just(state), st.just(NOW - timedelta(days=99)), deadline=deadline, consent_ends=ends)


standings = st.sampled_from((*ENDING, *LASTING)).flatmap(_standings)
PROPERTIES = ("price", "size.eu", "beden/ölçü")
PURPOSES = ("marketing", "utility", "custom:club")
properties = st.dictionaries(st.sampled_from(PROPERTIES), texts, max_size=2)
_campaigns = st.none() | st.sampled_from(CAMPAIGNS)
somebody = st.builds(
    Somebody,
    st.fixed_dictionaries(dict.fromkeys(PERSON_FIELDS, optional)),
    st.sampled_from(ZONES),
    st.none() | st.dictionaries(st.sampled_from(ATTRIBUTES), texts, max_size=3),
    moments,
    st.frozensets(st.sampled_from(("vip", "cay", "100%")), max_size=2),
    st.dictionaries(st.sampled_from((*PURPOSES, "*")), standings, max_size=4),
    st.lists(
        st.builds(Sent, _campaigns) | st.builds(Sent, _campaigns, moments, *[st.none() | moments for _ in range(3)]),
        max_size=3,
        unique_by=lambda sent: sent.campaign or object(),  # nobody gets two of one campaign
    ),
    st.none() | moments,
    st.lists(st.builds(EventFact, st.sampled_from(EVENTS), moments, texts, properties), max_size=4),
)
worlds = st.lists(somebody, min_size=1, max_size=4)

numbers = st.decimals(min_value=-6, max_value=6, places=1) | st.sampled_from(("123456789", "999999999.999999")).map(
    Decimal
)
literals = words | numbers
fields_asked = st.sampled_from(
    [*(Field(name) for name in (*ATTRIBUTES, "nowhere")), *(Field(name, attribute=False) for name in PERSON_FIELDS)]
)
ops = st.sampled_from(Op)
spans = st.none() | st.sampled_from(SPANS)
times = st.just(Times()) | st.builds(Times, ops, st.integers(0, 3))
atoms: st.SearchStrategy[Condition] = st.one_of(
    st.just(Everyone()),
    st.builds(HasTag, st.sampled_from(("vip", "cay", "100%", "none"))),
    st.builds(Compare, fields_asked, ops, literals),
    st.builds(OneOf, fields_asked, st.lists(literals, min_size=1, max_size=3).map(tuple)),
    st.builds(Contains, fields_asked, words),
    st.builds(Known, fields_asked),
    st.builds(ConsentIs, st.sampled_from(PURPOSES), st.sampled_from(CONSENT_STATES)),
    st.builds(
        Engaged, st.sampled_from(Engagement), st.none() | st.sampled_from((*CAMPAIGNS, "none", "")), times, spans
    ),
    st.builds(
        Did,
        st.sampled_from((*EVENTS, "never")),
        st.none() | texts,
        st.lists(st.builds(PropertyIs, st.sampled_from((*PROPERTIES, "none")), ops, literals), max_size=2).map(tuple),
        times,
        spans,
    ),
    st.builds(Added, st.sampled_from(SPANS)),
    st.builds(Bucket, st.integers(1, 4), ops, st.integers(0, 4), st.sampled_from(("", "güz", "x"))),
)


def nested(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, parts) | st.builds(And, several) | st.builds(Or, several)


conditions = st.recursive(atoms, nested, max_leaves=5)
