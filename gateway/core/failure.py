"""What a failure means, written once: Meta's codes as data, and one pure function from failure to consequence.

Codes and reactions after reference/whatsapp-cloud-api.md, section 2.5 (meanings: Meta's error page, copy of
2026-09; reactions are ours unless Meta states one). A synchronous error, an asynchronous `failed` status and both
at once pass through the same `consequence`, so they give the same end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.core.failure_words import WORDS, Words
from gateway.core.retry import DELAY_MAX, FIRST_DELAY, at_least, backoff, pair_delay

UNFIT = -1
"""Our own code: the message cannot be put into Meta's form, nothing was sent."""
NOT_SENT = -2
"""Our own code: the connection failed before anything was written, so trying again cannot write twice."""

REST = timedelta(hours=24)  # Meta's shortest wait after 131049 (M:per-user-limits@2026-04)
REST_SPREAD = timedelta(hours=1)


class Reaction(StrEnum):
    RETRY = "retry"
    PAIR = "pair"  # wait for this one person
    REST = "rest"  # no marketing to this person for a day
    SUPPRESS = "suppress"  # the ledger changes
    DROP = "drop"  # this message ends
    HOLD = "hold"  # everything in `scope` waits
    UNSURE = "unsure"
    SHOW = "show"  # not an answer to a message: for whoever writes templates or signs up


class Scope(StrEnum):
    """What a hold stops. `UTILITY` is the utility messages of one account, `COUNTRY` one country's people."""

    CAMPAIGN = "campaign"
    TEMPLATE = "template"
    NUMBER = "number"
    ACCOUNT = "account"
    UTILITY = "utility"
    COUNTRY = "country"
    EVERYTHING = "everything"


class Lifts(StrEnum):
    """What ends a hold; a person may end any of them by hand."""

    BY_HAND = "by_hand"
    BY_WEBHOOK = "by_webhook"
    BY_TIME = "by_time"


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure. `attempts_max` counts every POST of the message, the first included.

    `requeue` says whether the message that met a hold waits with the others (True) or ends (False: its own data
    are the cause, or the hold is for good). `slows` lowers the number's pace. `rests` keeps marketing from the
    person for a day. `hold_for` is known only where time alone lifts the hold. `regains` is what waits where Meta
    says for how long access is lost. `afterwards` is what the failure turns out to be once its attempts are used up.
    """

    name: str
    reaction: Reaction
    scope: Scope | None = None
    attempts_max: int = 1
    first_delay: timedelta = FIRST_DELAY
    delay_max: timedelta = DELAY_MAX
    is_opt_out: bool = False
    suspect_address: bool = False
    requeue: bool = False
    slows: bool = False
    rests: bool = False
    lifts: Lifts = Lifts.BY_HAND
    hold_for: timedelta | None = None
    regains: Scope | None = None
    afterwards: Failure | None = None

    @property
    def words(self) -> Words:
        return WORDS[self.name]

    @property
    def alerts(self) -> bool:
        """Whether an operator should be told at once."""
        return self.reaction is Reaction.HOLD or self.name == "unlisted"


def _retry(name: str, attempts: int, first: timedelta = FIRST_DELAY, *, slows: bool = False) -> Failure:
    return Failure(name, Reaction.RETRY, attempts_max=attempts, first_delay=first, slows=slows)


def _hold(name: str, scope: Scope, *, requeue: bool = True, lifts: Lifts = Lifts.BY_HAND) -> Failure:
    return Failure(name, Reaction.HOLD, scope, attempts_max=20, requeue=requeue, lifts=lifts)


def _hold_for(name: str, scope: Scope, time: timedelta) -> Failure:
    return Failure(name, Reaction.HOLD, scope, attempts_max=20, requeue=True, lifts=Lifts.BY_TIME, hold_for=time)


_MINUTES_10 = timedelta(minutes=10)
_WEBHOOK = Lifts.BY_WEBHOOK

TOKEN_REFUSED = _hold("token_refused", Scope.EVERYTHING)
PERMISSION_MISSING = _hold("permission_missing", Scope.EVERYTHING)
NUMBER_MISSING = _hold("number_missing", Scope.NUMBER)
NUMBER_UNREGISTERED = _hold("number_unregistered", Scope.NUMBER)
DOWNTIME = _retry("downtime", 12, timedelta(seconds=2))
CALL_RATE = replace(_retry("call_rate", 12, timedelta(minutes=1), slows=True), regains=Scope.ACCOUNT)
ACCOUNT_RESTRICTED = _hold("account_restricted", Scope.ACCOUNT, lifts=_WEBHOOK)
PAYMENT_PROBLEM = _hold("payment_problem", Scope.ACCOUNT)
BAD_REQUEST = _hold("bad_request", Scope.CAMPAIGN, requeue=False)
PARAMETER_INVALID = _hold("parameter_invalid", Scope.CAMPAIGN, requeue=False)
NOT_MARKETING = _hold("not_marketing", Scope.CAMPAIGN)
DROPPED_BY_PACING = _hold("dropped_by_pacing", Scope.ACCOUNT, lifts=_WEBHOOK)
TEMPLATE_AUTHORING = Failure("template_authoring", Reaction.SHOW)
OUTCOME_UNKNOWN = Failure("outcome_unknown", Reaction.UNSURE)
UNLISTED = Failure("unlisted", Reaction.DROP)

FAILURES: Mapping[int, Failure] = {
    UNFIT: Failure("unfit", Reaction.DROP),
    # An outage is not the person's fault: bounded by the message's expiry long before this count.
    NOT_SENT: _retry("not_sent", 500),
    0: TOKEN_REFUSED,
    1: replace(_retry("server_error", 4), afterwards=BAD_REQUEST),
    2: DOWNTIME,
    3: PERMISSION_MISSING,
    4: CALL_RATE,
    10: PERMISSION_MISSING,
    33: NUMBER_MISSING,
    100: BAD_REQUEST,
    104: TOKEN_REFUSED,
    190: TOKEN_REFUSED,
    200: PERMISSION_MISSING,
    368: ACCOUNT_RESTRICTED,
    80007: CALL_RATE,
    130403: Failure("blocked_by_us", Reaction.SUPPRESS),
    # Our own haste must not end anybody's message, so this too ends with the expiry, not with a count.
    130429: Failure(
        "too_fast", Reaction.RETRY, attempts_max=500, delay_max=timedelta(minutes=1), slows=True, regains=Scope.NUMBER
    ),
    130472: Failure("in_experiment", Reaction.DROP, rests=True),
    130497: _hold("country_not_allowed", Scope.COUNTRY, requeue=False),
    131000: _retry("unknown_failure", 4),
    131005: PERMISSION_MISSING,
    131008: _hold("parameter_missing", Scope.CAMPAIGN, requeue=False),
    131009: PARAMETER_INVALID,
    131016: DOWNTIME,
    131021: Failure("sender_is_recipient", Reaction.DROP),
    131026: Failure("undeliverable", Reaction.DROP, suspect_address=True),
    131030: _hold("not_on_test_list", Scope.CAMPAIGN),
    131031: ACCOUNT_RESTRICTED,
    131037: _hold("display_name_unapproved", Scope.NUMBER, lifts=_WEBHOOK),
    131042: PAYMENT_PROBLEM,
    131045: NUMBER_UNREGISTERED,
    131047: Failure("window_closed", Reaction.DROP),
    131048: _hold("spam_restriction", Scope.NUMBER),
    131049: Failure("deferred_by_meta", Reaction.REST, attempts_max=3, rests=True),
    131050: Failure("person_stopped_marketing", Reaction.SUPPRESS, is_opt_out=True),
    131051: _hold("unsupported_type", Scope.CAMPAIGN, requeue=False),
    131052: Failure("inbound_media", Reaction.SHOW),
    131053: _hold("media_failed", Scope.CAMPAIGN),
    131055: NOT_MARKETING,
    131056: Failure("pair_rate", Reaction.PAIR, attempts_max=8),
    131057: _retry("maintenance", 12, timedelta(minutes=2)),  # halved by chance: never sooner than a minute
    131062: Failure("phone_number_needed", Reaction.DROP),
    131063: _hold("marketing_endpoint_needed", Scope.CAMPAIGN),
    131064: _hold_for("utility_limited", Scope.UTILITY, REST),
    132000: _hold("variables_mismatch", Scope.TEMPLATE, requeue=False),
    132001: _hold("template_missing", Scope.TEMPLATE, lifts=_WEBHOOK),
    132005: Failure("text_too_long", Reaction.DROP),
    132007: _hold("template_violates_policy", Scope.TEMPLATE, lifts=_WEBHOOK),
    132008: PARAMETER_INVALID,
    132012: PARAMETER_INVALID,
    132015: _hold("template_paused", Scope.TEMPLATE, lifts=_WEBHOOK),
    132016: _hold("template_disabled", Scope.TEMPLATE, requeue=False),
    132018: PARAMETER_INVALID,
    132068: _hold("flow_blocked", Scope.TEMPLATE),
    132069: _hold_for("flow_throttled", Scope.TEMPLATE, timedelta(hours=1)),
    133004: DOWNTIME,
    133010: NUMBER_UNREGISTERED,
    133015: NUMBER_UNREGISTERED,
    133016: NUMBER_UNREGISTERED,
    134011: PAYMENT_PROBLEM,
    134100: NOT_MARKETING,
    134101: _retry("template_syncing", 4, 2 * _MINUTES_10),
    134102: _hold("template_unavailable", Scope.CAMPAIGN),
    135000: BAD_REQUEST,
    137000: Failure("identity_changed", Reaction.DROP),
    139200: _hold("direct_send_blocked", Scope.CAMPAIGN),
    1752041: Failure("duplicate_onboarding", Reaction.SHOW),
    2388019: TEMPLATE_AUTHORING,
    2388039: TEMPLATE_AUTHORING,
    2388040: TEMPLATE_AUTHORING,
    2388047: TEMPLATE_AUTHORING,
    2388072: TEMPLATE_AUTHORING,
    2388073: TEMPLATE_AUTHORING,
    2388293: TEMPLATE_AUTHORING,
    2388299: TEMPLATE_AUTHORING,
    2388318: TEMPLATE_AUTHORING,
    2388330: TEMPLATE_AUTHORING,
}

RANGES: Mapping[range, Failure] = {
    range(201, 300): PERMISSION_MISSING,
    range(133000, 133010): NUMBER_UNREGISTERED,
    range(2494164, 2494180): Failure("signup_problem", Reaction.SHOW),
}
"""Read after `FAILURES`, so a code of its own (133004) wins over its range."""

_MARKETING_SYNC = replace(_retry("template_syncing", 2, 2 * _MINUTES_10), afterwards=PARAMETER_INVALID)


def meaning(code: int, *, subcode: int | None = None, held: bool = False, marketing_endpoint: bool = False) -> Failure:
    """The failure behind a code; `UNLISTED` for one that nobody has described.

    `held`: the message was held for quality assessment (135000 then means that pacing dropped it).
    `marketing_endpoint`: 131009 there can mean that the template is still being synchronised.
    """
    if code == 100 and subcode == 33:
        return NUMBER_MISSING
    if code == 135000 and held:
        return DROPPED_BY_PACING
    if code == 131009 and marketing_endpoint:
        return _MARKETING_SYNC
    return FAILURES.get(code) or next((f for codes, f in RANGES.items() if code in codes), UNLISTED)


_GRAVITY = [
    Reaction.SHOW,
    Reaction.UNSURE,
    Reaction.RETRY,
    Reaction.PAIR,
    Reaction.REST,
    Reaction.DROP,
    Reaction.HOLD,
    Reaction.SUPPRESS,
]


def gravest(failures: Iterable[Failure]) -> Failure:
    """The one to act on where a status carries several errors; a person's stop outweighs everything."""
    return max(failures, key=lambda f: (f.is_opt_out, _GRAVITY.index(f.reaction), f is not UNLISTED), default=UNLISTED)


@dataclass(frozen=True, slots=True)
class Retry:
    """Back to queued, not before `at`. `rest_until`: no marketing at all to this person before then."""

    at: datetime
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """The message ends as failed. `suppress` and `is_opt_out` are the ledger's business."""

    reason: str
    suppress: bool = False
    is_opt_out: bool = False
    suspect_address: bool = False
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """`scope` waits until `until`, or until what `lifts` names; this message waits too, or ends (not `requeue`)."""

    reason: str
    scope: Scope
    until: datetime | None
    lifts: Lifts
    requeue: bool


@dataclass(frozen=True, slots=True)
class Unsure:
    """The outcome is unknown: wait for a receipt, never send again blindly."""


Consequence = Retry | Fail | Hold | Unsure


def consequence(
    failure: Failure,
    attempt: int,
    now: datetime,
    expires_at: datetime | None,
    dice: float = 0.5,
    regain: timedelta | None = None,
) -> Consequence:
    """What follows. `attempt` counts the message's POSTs so far, this one included; `dice` is in [0, 1).

    A retry that would come at or after `expires_at`, or after `attempts_max` POSTs, is a failure instead. `regain` is
    for how long Meta says that access is lost: until then everything waits that the failure concerns.
    """
    if regain is not None and failure.regains is not None:
        waits = replace(failure, scope=failure.regains, requeue=True, lifts=Lifts.BY_TIME, hold_for=regain)
        return _held(waits, attempt, now, expires_at)
    match failure.reaction:
        case Reaction.UNSURE:
            return Unsure()
        case Reaction.HOLD:
            return _held(failure, attempt, now, expires_at)
        case Reaction.RETRY | Reaction.PAIR | Reaction.REST:
            return _later(failure, attempt, now, expires_at, dice)
        case Reaction.DROP | Reaction.SUPPRESS | Reaction.SHOW:
            return _end(failure, now)


def _held(failure: Failure, attempt: int, now: datetime, expires_at: datetime | None) -> Hold:
    assert failure.scope is not None
    until = None if failure.hold_for is None else now + failure.hold_for
    outlived = expires_at is not None and (until or now) >= expires_at
    requeue = failure.requeue and attempt < failure.attempts_max and not outlived
    return Hold(failure.name, failure.scope, until, failure.lifts, requeue)


def _later(
    failure: Failure, attempt: int, now: datetime, expires_at: datetime | None, dice: float
) -> Retry | Fail | Hold:
    at = now + _delay(failure, attempt, dice)
    if attempt >= failure.attempts_max and failure.afterwards is not None:
        return _held(failure.afterwards, attempt, now, expires_at)
    if attempt >= failure.attempts_max or (expires_at is not None and at >= expires_at):
        return _end(failure, now)
    return Retry(at, rest_until=at if failure.rests else None)


def _delay(failure: Failure, attempt: int, dice: float) -> timedelta:
    if failure.reaction is Reaction.REST:
        return at_least(REST, dice, spread=REST_SPREAD)
    if failure.reaction is Reaction.PAIR:
        return pair_delay(attempt)
    return backoff(attempt, dice, first=failure.first_delay, most=max(failure.delay_max, failure.first_delay))


def _end(failure: Failure, now: datetime) -> Fail:
    return Fail(
        failure.name,
        suppress=failure.reaction is Reaction.SUPPRESS,
        is_opt_out=failure.is_opt_out,
        suspect_address=failure.suspect_address,
        rest_until=now + REST if failure.rests else None,
    )
