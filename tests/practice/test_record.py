from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from gateway.practice.record import NAMED_MAX, PAGE_MAX, Received, Record, wamid_of

ROWS = st.lists(
    st.builds(
        Received,
        key=st.sampled_from(["905550000001", "905550000002", "TR.7"]),
        tracker=st.sampled_from(["", "1", "2", "3"]),
        kind=st.just("template"),
        template=st.sampled_from(["spring_offer", "order_ready"]),
        category=st.sampled_from(["MARKETING", "UTILITY"]),
        number_id=st.just("1"),
        ending=st.just("answered"),
        at_s=st.just(0.0),
    ),
    max_size=60,
)


def record(rows: list[Received]) -> Record:
    made = Record()
    for row in rows:
        made.accept(row)
    return made


@given(ROWS, st.integers(1, 20))
def test_pages_of_the_log_give_every_row_once_with_the_id_it_was_answered(rows: list[Received], size: int) -> None:
    made = Record()
    ids = [made.accept(row) for row in rows]
    seen: list[str] = []
    after: int | None = 0
    while after is not None:
        page = made.page(after, size)
        seen += [row["id"] for row in page["messages"]]
        after = page["next_after"]
    assert seen == ids


@given(ROWS)
def test_sums_agree_whichever_way_they_are_counted(rows: list[Received]) -> None:
    made = record(rows)
    totals = made.totals()
    people = made.people("", PAGE_MAX)["people"]
    trackers = made.trackers("", PAGE_MAX)["trackers"]
    assert sum(people.values()) == totals["accepted"] == len(rows)
    assert sum(trackers.values()) + totals["accepted_without_tracker"] == len(rows)
    assert totals["people"] == len(people)
    assert sorted(totals["trackers_doubled"]) == sorted(each for each, times in trackers.items() if times > 1)


@given(ROWS)
def test_only_marketing_counts_as_written_to_twice(rows: list[Received]) -> None:
    doubled = {tuple(pair) for pair in record(rows).totals()["marketing_doubled"]}
    marketing = [(row.key, row.template) for row in rows if row.category == "MARKETING"]
    assert doubled == {pair for pair in marketing if marketing.count(pair) > 1}


def test_the_names_of_the_doubled_are_limited() -> None:
    row = Received("905550000001", "", "template", "a", "MARKETING", "1", "answered", 0.0)
    rows = [row._replace(tracker=str(place % 300)) for place in range(600)]
    assert len(record(rows).totals()["trackers_doubled"]) == NAMED_MAX


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_message_id_is_metas_look_and_never_the_same_twice(first: int, second: int) -> None:
    one, other = wamid_of("905550000001", first), wamid_of("905550000001", second)
    assert (one == other) == (first == second)
    assert one.startswith("wamid.")
    assert b"905550000001" in base64.b64decode(one.removeprefix("wamid."))


def test_what_a_person_was_told_is_kept_in_order_and_apart() -> None:
    made = Record()
    for place in range(3):
        made.tell("905550000001", {"text": str(place)})
    made.tell("905550000002", {"text": "other"})
    assert [each["text"] for each in made.told("905550000001")] == ["0", "1", "2"]
    assert made.told("905550000003") == []
    assert "905550000003" not in made._told
