"""The state of a stored standing at a moment, in SQL: deadlines bind by themselves, there as in the fold.

Nothing is decided here. What a standing becomes when its deadlines have come is asked of consent.standing itself, once
for every state and every order in which deadlines can have come; the answers are written into the query.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, FromClause, and_, false, or_

from consent.standing import Standing, State

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)

PASSED = {
    "neither": (None, None),
    "deadline": (_NOW - _DAY, None),
    "ends": (None, _NOW - _DAY),
    "deadline first": (_NOW - 2 * _DAY, _NOW - _DAY),
    "ends first": (_NOW - _DAY, _NOW - 2 * _DAY),
    "together": (_NOW - _DAY, _NOW - _DAY),
}
"""Which of `deadline` and `consent_ends` have come, and in which order: a value for each, that has come or is none."""


@lru_cache(maxsize=1)
def effective() -> dict[tuple[State, str], State]:
    """What each stored state is when these deadlines have come."""
    return {
        (state, passed): _ended(Standing(state, _NOW - 3 * _DAY, deadline, consent_ends=ends))
        for state in State
        for passed, (deadline, ends) in PASSED.items()
    }


def _ended(standing: Standing) -> State:
    try:
        return standing.at(_NOW).state
    except IndexError:  # the table of moves knows no end of this state, so no row of it has such a deadline
        return standing.state


def is_in_state(standing: FromClause, wanted: str, at: datetime) -> ColumnElement[bool]:
    """Whether a row of `standing` is in the state at that moment."""
    return or_(false(), *_ways(standing, wanted, at))


def _ways(standing: FromClause, wanted: str, at: datetime) -> Iterator[ColumnElement[bool]]:
    for state in State:
        leading = [passed for passed in PASSED if effective()[state, passed] == wanted]
        if len(leading) == len(PASSED):
            yield standing.c.state == state.value
        elif leading:
            have_passed = or_(*[_have_passed(standing, passed, at) for passed in leading])
            yield and_(standing.c.state == state.value, have_passed)


def _have_passed(standing: FromClause, passed: str, at: datetime) -> ColumnElement[bool]:
    deadline, ends = standing.c.deadline, standing.c.consent_ends
    first, second = and_(deadline.is_not(None), deadline <= at), and_(ends.is_not(None), ends <= at)
    not_first, not_second = or_(deadline.is_(None), deadline > at), or_(ends.is_(None), ends > at)
    ways = {
        "neither": and_(not_first, not_second),
        "deadline": and_(first, not_second),
        "ends": and_(not_first, second),
        "deadline first": and_(first, second, deadline < ends),
        "ends first": and_(first, second, ends < deadline),
        "together": and_(first, second, deadline == ends),
    }
    return ways[passed]
