"""Whether anything occurs twice among very many."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.proof.repeats import Repeats, Rising

VALUES = st.lists(st.binary(max_size=2), max_size=30)


@given(VALUES, VALUES)
@settings(max_examples=60, deadline=None)
def test_what_occurs_twice_is_suspected_and_nothing_else(one: list[bytes], other: list[bytes]) -> None:
    first, second = Repeats(), Repeats()
    first.add(one)
    second.add(other)
    first.extend(second)
    both = [*one, *other]
    assert first.suspects() == {hash(value) for value in both if both.count(value) > 1}


@given(VALUES, VALUES)
@settings(max_examples=60, deadline=None)
def test_values_rise_only_when_each_is_greater_than_the_one_before(one: list[bytes], other: list[bytes]) -> None:
    for one_, other_ in ((one, other), (sorted(set(one)), other), (sorted(set(one)), sorted(set(other)))):
        first, second = Rising(), Rising()
        first.add(one_)
        second.add(other_)
        first.extend(second)
        both = [*one_, *other_]
        assert first.always is (both == sorted(set(both)))


@pytest.mark.parametrize("parts", [([b"a"], [b"b"], [b"c"]), ([], [b"a"], []), ([b"a", b"b"], [], [b"c"])])
def test_values_rise_over_batches(parts: tuple[list[bytes], ...]) -> None:
    rising = Rising()
    for part in parts:
        rising.add(part)
    assert rising.always
    rising.add([b"a"])
    assert not rising.always
