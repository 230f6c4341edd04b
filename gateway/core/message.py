"""One message: its states, the only moves between them, and what is needed to send it.

A message is one template (or one text inside the service window) to one person. Three things move it: our
own release and send, Meta's answer to the POST, and status webhooks. They race: a receipt can overtake the
commit of our own answer, webhooks come late, twice and in any order. `MOVES` settles every race in one place:
a move that is not in the table is not made, and nothing is raised, for a late or repeated fact is ordinary.

`expired` covers two endings, told apart by the stored reason: our own expiry before release, and
`expired_at_meta`, which we assume when Meta's time to live has passed without a receipt (no webhook says so).
An assumption gives way to a receipt, so `expired` may still become `delivered`. `unsure` is an ending too
while nobody knows better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

EXPIRED_AT_META = "expired_at_meta"
"""The reason stored with `State.EXPIRED` when Meta's time to live ran out; not a state of its own."""


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    HELD = "held"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNSURE = "unsure"


RECEIPTS = frozenset({State.SENT, State.DELIVERED, State.READ})
"""What Meta's status webhooks report about a message on its way; `failed` is the fourth."""

_AT_META = RECEIPTS | {State.FAILED, State.EXPIRED, State.QUEUED}

MOVES: Mapping[State, frozenset[State]] = {
    # A late receipt for an earlier attempt of unknown outcome: the person has it, so it is not sent again.
    State.QUEUED: frozenset(
        {State.SENDING, State.REFUSED, State.EXPIRED, State.CANCELLED, State.DELIVERED, State.READ}
    ),
    # Back to queued when nothing was written to the wire, or when the error says "later".
    State.SENDING: frozenset(State) - {State.SENDING},
    State.ACCEPTED: frozenset(_AT_META),
    State.HELD: frozenset(_AT_META),
    State.UNSURE: frozenset({State.ACCEPTED, State.HELD, State.FAILED, State.QUEUED}) | RECEIPTS,
    State.SENT: frozenset(_AT_META - {State.SENT}),
    State.DELIVERED: frozenset({State.READ}),
    State.EXPIRED: frozenset({State.DELIVERED, State.READ}),
    State.READ: frozenset(),
    State.REFUSED: frozenset(),
    State.CANCELLED: frozenset(),
    State.FAILED: frozenset(),
}

FINAL = frozenset(state for state, following in MOVES.items() if not following)
"""States that nothing changes any more: read, refused, cancelled, failed."""

ENDED = FINAL | {State.DELIVERED, State.EXPIRED}
"""States in which a campaign waits for nothing. `unsure` joins them once its waiting time is over."""

IN_FLIGHT = frozenset({State.SENDING, State.UNSURE})
"""Nobody knows yet whether Meta has it: never released again without a policy that says so."""


def can_move(now: State, then: State) -> bool:
    return then in MOVES[now]


def may_come_from(then: State) -> frozenset[State]:
    """The states that may become `then`, for an UPDATE's WHERE clause."""
    return frozenset(state for state, following in MOVES.items() if then in following)


_STATUS = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.READ,
    "played": State.READ,  # a voice message heard out has been read
    "failed": State.FAILED,
}


def after_status(now: State, status: str, *, same_attempt: bool = True) -> State | None:
    """The state after one of Meta's statuses, or None when it changes nothing (repeated, late, unknown).

    `same_attempt` is False when the tracker names an earlier attempt than the one under way: then only a proof
    of delivery counts, because `sent` and `failed` spoke of a POST that has since been given up.
    What a `failed` means (end, or back to queued for later) is `failure.consequence`'s to say.
    """
    then = _STATUS.get(status)
    if then is None or not can_move(now, then):
        return None
    if not same_attempt and then not in {State.DELIVERED, State.READ}:
        return None
    return then


class Kind(StrEnum):
    TEMPLATE = "template"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class MarketingEndpoint:
    """How marketing templates go by Meta's Marketing Messages API (M:send-marketing-messages@2026-05).

    `product_policy` is CLOUD_API_FALLBACK (an account that has not joined sends as before) or STRICT (it is refused).
    `shares_activity` lets Meta see what people do with the messages.
    """

    product_policy: str
    shares_activity: bool = False


@dataclass(slots=True, kw_only=True)  # not frozen: guarding fifteen fields would cost more than filling them
class Outgoing:
    """All that the wire needs, settled when the campaign was launched; nobody changes it on its way.

    `message_id` is our outbox row; `attempt` counts from 1. `number_id` is Meta's id of the sending number.
    Exactly one of `to` (E.164 with its plus sign) and `recipient` (business-scoped user id) is set.
    `subject_id` is the person's row and `campaign_id` the campaign's, None for answers and confirmations.
    `components` are the template's filled components in Meta's wire shape, as JSON; empty where it has none. `text` is
    the body of a plain text.
    `marketing_endpoint` is set where the template goes by the Marketing Messages API.
    """

    message_id: int
    number_id: str
    purpose: str
    to: str | None = None
    recipient: str | None = None
    kind: Kind = Kind.TEMPLATE
    template: str = ""
    language: str = ""
    components: str = ""
    text: str = ""
    marketing_endpoint: MarketingEndpoint | None = None
    attempt: int = 1
    subject_id: int = 0
    campaign_id: int | None = None

    @property
    def tracker(self) -> str:
        """Travels as `biz_opaque_callback_data`; statuses bring it back."""
        return tracker(self.message_id, self.attempt)


def tracker(message_id: int, attempt: int = 1) -> str:
    """`17` for the first attempt at row 17, `17.2` for the second."""
    return str(message_id) if attempt == 1 else f"{message_id}.{attempt}"


ROW_DIGITS_MAX = 18
"""What a database column of 64 bits holds for certain; another program's tracker may be any number."""


def read_tracker(text: str) -> tuple[int, int] | None:
    """(message id, attempt) of a tracker of ours, or None when somebody else wrote it."""
    row, _, attempt = text.partition(".")
    digits = row + attempt
    if not (digits.isascii() and digits.isdecimal() and row) or len(row) > ROW_DIGITS_MAX or len(attempt) > 9:
        return None
    return int(row), int(attempt or "1")


def acknowledgement_key(whatsapp_id: str) -> str:
    """One acknowledgement per inbound message, however often its webhook is delivered."""
    return f"ack:{whatsapp_id}"


def confirmation_key(request_id: str) -> str:
    """One confirmation template per opt-in request."""
    return f"confirm:{request_id}"


def state_diagram() -> str:
    """The table as a Mermaid state diagram; docs/states.md shows it and a test keeps the two equal."""
    arrows = [f"    {now} --> {then}" for now in State for then in State if then in MOVES[now]]
    ends = [f"    {state} --> [*]" for state in State if state in ENDED | {State.UNSURE}]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.QUEUED}", *arrows, *ends])
