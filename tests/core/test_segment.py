"""The segment language: what may be written, what it means, and how it says that something is wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.moves import State
from gateway.core.columns import attribute_key
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
    Everyone,
    Field,
    HasTag,
    Known,
    Not,
    OneOf,
    Op,
    Or,
    PropertyIs,
    Segment,
    SegmentProblem,
    Times,
    explain,
    parse,
    write,
)

DAY = timedelta(days=1)


def meaning(text: str) -> Condition:
    segment = parse(text)
    assert isinstance(segment, Segment), segment.pointed()
    return segment.where


def problem(text: str) -> SegmentProblem:
    found = parse(text)
    assert isinstance(found, SegmentProblem), found
    return found


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("everyone", Everyone()),
        ("  everyone\n", Everyone()),
        ("(everyone)", Everyone()),
        ("tag:vip", HasTag("vip")),
        ('tag:"Sadık Müşteri"', HasTag("sadik musteri")),
        ("tag:ÇAY", HasTag("cay")),
        ("tag:and", HasTag("and")),
        ("consent(marketing) is granted", ConsentIs("marketing", "granted")),
        ("consent(custom:events) is none", ConsentIs("custom:events", "none")),
        ("language = tr", Compare(Field("language", attribute=False), Op.EQ, "tr")),
        ("person.language = tr", Compare(Field("language"), Op.EQ, "tr")),
        ("Şehir != İzmir", Compare(Field("city"), Op.NE, "İzmir")),
        ("son_ürün = çay", Compare(Field("son_urun"), Op.EQ, "çay")),
        ("visits >= 10", Compare(Field("visits"), Op.GE, Decimal(10))),
        ('visits >= "10"', Compare(Field("visits"), Op.GE, "10")),
        ("balance < -2.50", Compare(Field("balance"), Op.LT, Decimal("-2.50"))),
        ("country in (TR)", OneOf(Field("country", attribute=False), ("TR",))),
        ("size in (38, large)", OneOf(Field("size"), (Decimal(38), "large"))),
        ('zone contains "Europe/"', Contains(Field("zone", attribute=False), "Europe/")),
        ("zone = Europe/Istanbul", Compare(Field("zone", attribute=False), Op.EQ, "Europe/Istanbul")),
        ("city is known", Known(Field("city"))),
        ("added within 7d", Added(7 * DAY)),
        ("added within 1h 30min", Added(timedelta(minutes=90))),
        ("added within 30 gün", Added(30 * DAY)),
        ("sent", Engaged(Engagement.SENT)),
        ("opened within 2w", Engaged(Engagement.READ, within=14 * DAY)),
        ("read(Spring) >= 2 within 30d", Engaged(Engagement.READ, "Spring", Times(Op.GE, 2), 30 * DAY)),
        ('clicked("Bahar indirimi")', Engaged(Engagement.CLICKED, "Bahar indirimi")),
        ("bought()", Did("bought")),
        ("bought(coffee)", Did("bought", "coffee")),
        ('bought("")', Did("bought", "")),
        ("bought(size = large)", Did("bought", None, (PropertyIs("size", Op.EQ, "large"),))),
        (
            'bought("coffee", size = large, price > 10.5) = 0 within 1d',
            Did(
                "bought",
                "coffee",
                (PropertyIs("size", Op.EQ, "large"), PropertyIs("price", Op.GT, Decimal("10.5"))),
                Times(Op.EQ, 0),
                DAY,
            ),
        ),
        ('event("Order Completed")', Did("Order Completed")),
        (
            'event("Order Completed", "shoes", price > 1)',
            Did("Order Completed", "shoes", (PropertyIs("price", Op.GT, Decimal(1)),)),
        ),
        ("bucket(10) < 3", Bucket(10, Op.LT, 3)),
        ("bucket(2, autumn) = 0", Bucket(2, Op.EQ, 0, "autumn")),
        ("not tag:a", Not(HasTag("a"))),
        ("not not tag:a", Not(Not(HasTag("a")))),
    ],
)  # fmt: skip
def test_each_condition_is_read_as_the_page_says(text: str, condition: Condition) -> None:
    assert meaning(text) == condition


def test_and_binds_closer_than_or_and_not_closer_than_both() -> None:
    a, b, c = HasTag("a"), HasTag("b"), HasTag("c")

    assert meaning("tag:a or tag:b and not tag:c") == Or((a, And((b, Not(c)))))
    assert meaning("(tag:a or tag:b) and tag:c") == And((Or((a, b)), c))
    assert meaning("not (tag:a or tag:b)") == Not(Or((a, b)))


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("tag:vip ve dil = tr", "Yerine and yazın."),
        ("tag:vip AND tag:a", "Yerine and yazın."),
        ("NOT tag:vip", "Yerine not yazın."),
        ("değil tag:vip", "Yerine not yazın."),
        ("etiket:vip", "Yerine tag:vip yazın."),
        ("tag:a && tag:b", "Yerine and yazın."),
        ("city = 'Ankara'", 'Yerine "…" yazın.'),
        ("language == tr", "Yerine = yazın."),
        ("bought() => 3", "Yerine >= yazın."),
        ("city like Ank", "Yerine contains yazın."),
        ("sent within 3 ay", "Yerine 30d yazın."),
        ("price > 12,5", "Ondalığı noktayla yazın: 12.5."),
        ("city = New York", 'Birden çok sözcüğü tırnağa alın: "New York".'),
        ("event(Order Completed)", 'Birden çok sözcüğü tırnağa alın: "Order Completed".'),
    ],
)
def test_a_usual_slip_is_told_what_to_write_instead(text: str, instead: str) -> None:
    assert problem(text).sentence("tr").endswith(instead)
    assert problem(text).sentence("en") != problem(text).sentence("tr")


def test_typographic_quotes_and_escapes_are_understood() -> None:
    assert meaning("city = “New York”") == Compare(Field("city"), Op.EQ, "New York")
    assert meaning(r'city = "a \"b\" \\ c"') == Compare(Field("city"), Op.EQ, r'a "b" \ c')


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "a condition was expected"),
        ("tag vip", 4, "Expected “:”, not “vip”"),
        ("tag:", 4, "a tag was expected"),
        ("everyon", 0, "Did you mean “everyone”?"),
        ("consent(marketng) is granted", 8, "Did you mean “marketing”?"),
        ("consent(marketing) is grant", 22, "Did you mean “granted”?"),
        ("consent(marketing) granted", 19, "Expected “is”"),
        ("city =", 6, "a text or a number was expected"),
        ('city = ""', 7, "The text is empty"),
        ('city = "x', 7, "never closed"),
        ("city is unknown", 8, "Expected “known”"),
        ("city in TR", 8, "Expected “(”"),
        ("city in (TR,", 12, "a text or a number was expected"),
        ("a = 1 b = 2", 6, "“and”, “or” or the end"),
        ("a = 1 and", 9, "a condition was expected"),
        ("a = 1 and or b = 1", 10, "Expected a condition"),
        ("(a = 1", 6, "“)” was expected"),
        ("a = 1)", 5, "Expected “and”, “or” or the end"),
        ("a = 1234567890", 4, "too long"),
        ("a = 1.1234567", 4, "too long"),
        ("bucket(1) < 1", 7, "from 2 to 1000"),
        ("bucket(10) < 11", 13, "from 0 to 10"),
        ("bucket(10)", 10, "a comparison"),
        ("bought() >= -1", 12, "from 0 to 1000000"),
        ("bought(5)", 7, "a property of the event"),
        ("read within", 11, "a span such as 30d"),
        ("read within 3", 13, "a unit of time"),
        ("read within 3 moons", 14, "a unit of time"),
        ("read within 0d", 12, "above 0"),
        ("read within 9999d", 12, "at most 3660 days"),
        ("added", 5, "a span such as"),
        ("tag:a # b", 6, "“#” has no meaning here"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, position: int, says: str) -> None:
    found = problem(text)

    assert found.position == position
    assert says in found.sentence("en")
    assert found.sentence("tr") != found.sentence("en")


def test_the_caret_stands_under_the_character() -> None:
    found = problem("everyone and\n  language = tr and tag vip")

    assert found.pointed().splitlines()[1:] == ["    language = tr and tag vip", "                          ^"]


def test_nesting_and_length_have_an_end() -> None:
    assert "nest too deeply" in problem("(" * 500 + "everyone").sentence()
    assert "nest too deeply" in problem("not " * 500 + "everyone").sentence()
    assert "longer than 4000" in problem("tag:a or " * 1000).sentence()


FRAGMENTS = """everyone tag : vip and or not ( ) , = >= within 30 d 0 consent marketing is granted custom bucket event
bought "coffee" added sent in contains known person.x person. city -1 1.5 " “ 99999999999"""


@given(st.text(max_size=60) | st.lists(st.sampled_from(FRAGMENTS.split()), max_size=12).map(" ".join))
def test_whatever_is_typed_gives_an_answer(text: str) -> None:
    found = parse(text)

    assert isinstance(found, Segment) or 0 <= found.position <= len(text)


def test_consent_states_are_those_of_the_ledger() -> None:
    assert set(CONSENT_STATES) == {state.value for state in State} - {"erased"}


# any condition, written and read back

words = st.from_regex(r"[a-z][a-z0-9]{0,6}(_[a-z0-9]{1,3})?", fullmatch=True)
texts = st.text(min_size=1, max_size=12).filter(lambda text: not re.search(r"[\ud800-\udfff]", text))
numbers = st.decimals(min_value=-(10**9) + 1, max_value=10**9 - 1, places=3).map(lambda n: n.normalize() + 0)
literals = texts | numbers
fields = words.filter(lambda word: attribute_key(word) == word).map(Field) | st.sampled_from(PERSON_FIELDS).map(
    lambda name: Field(name, attribute=False)
)
ops = st.sampled_from(Op)
spans = st.none() | st.integers(1, 3660 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
times = st.builds(Times, ops, st.integers(0, 1000))
atoms: st.SearchStrategy[Condition] = st.one_of(
    st.just(Everyone()),
    st.builds(HasTag, words),
    st.builds(Compare, fields, ops, literals),
    st.builds(OneOf, fields, st.lists(literals, min_size=1, max_size=3).map(tuple)),
    st.builds(Contains, fields, texts),
    st.builds(Known, fields),
    st.builds(ConsentIs, st.just("marketing"), st.sampled_from(CONSENT_STATES)),
    st.builds(Engaged, st.sampled_from(Engagement), st.none() | texts, times, spans),
    st.builds(
        Did,
        texts,
        st.none() | texts,
        st.lists(st.builds(PropertyIs, words, ops, literals), max_size=2).map(tuple),
        times,
        spans,
    ),
    st.builds(Added, spans.filter(bool)),
    st.builds(Bucket, st.just(10), ops, st.integers(0, 10), st.just("") | texts),
)


def nested(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(Not, parts) | st.builds(And, several) | st.builds(Or, several)


conditions = st.recursive(atoms, nested, max_leaves=6)


@given(conditions)
def test_what_is_written_is_read_back_the_same(condition: Condition) -> None:
    assert meaning(write(condition)) == condition


@given(conditions)
def test_every_condition_has_words_in_both_languages(condition: Condition) -> None:
    segment = Segment("", condition)

    assert explain(segment, "en").endswith(".")
    assert explain(segment, "tr").endswith(".")
    assert "None" not in explain(segment, "en") or "None" in write(condition)


@pytest.mark.parametrize(
    ("text", "en", "tr"),
    [
        ("everyone", "Everyone.", "Herkes."),
        ("tag:vip", "People who are tagged “vip”.", "“vip” etiketi olan kişiler."),
        (
            "consent(marketing) is granted",
            "People who have marketing consent “granted”.",
            "Pazarlama izni “verildi” olan kişiler.",
        ),
        (
            'bought("coffee") >= 3 within 30d',
            "People who had the event “bought” (“coffee”) at least 3 times in the last 30 days.",
            "Son 30 gün içinde “bought” (“coffee”) olayı en az 3 kez yaşanan kişiler.",
        ),
        (
            "not (read within 14d or visits < 3)",
            "People who read no message in the last 14 days and have “visits” at least 3 (or not known).",
            "Son 14 gün içinde mesajı okumayan ve “visits” alanı en az 3 olan (ya da bilinmeyen) kişiler.",
        ),
        (
            "not clicked(Spring) >= 2",
            "People who clicked a link of campaign “Spring” fewer than 2 times.",
            "“Spring” kampanyasında 2 kezden az mesajdaki bağlantıya dokunan kişiler.",
        ),
        (
            "tag:a and (tag:b or not city is known)",
            "People who are tagged “a” and (are tagged “b” or have no known “city”).",
            "“a” etiketi olan ve (“b” etiketi olan veya “city” alanı bilinmeyen) kişiler.",
        ),
    ],
)
def test_a_segment_is_explained_in_words(text: str, en: str, tr: str) -> None:
    segment = parse(text)
    assert isinstance(segment, Segment)

    assert explain(segment) == en
    assert explain(segment, "tr") == tr


PAGE = (Path(__file__).parents[2] / "docs" / "segments.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line", [line for block in re.findall(r"```segment\n(.*?)```", PAGE, re.S) for line in block.splitlines()]
)
def test_the_page_shows_only_what_can_be_read(line: str) -> None:
    assert meaning(write(meaning(line))) == meaning(line)


def test_the_page_names_every_word_of_the_grammar() -> None:
    [grammar] = re.findall(r"```ebnf\n(.*?)```", PAGE, re.S)
    quoted = set(re.findall(r'"([a-z]+)"', grammar))

    assert quoted >= {kind.value for kind in Engagement} | {"everyone", "tag", "consent", "added", "bucket", "event"}
    assert quoted >= {"and", "or", "not", "in", "contains", "is", "known", "within"}
    assert set(re.findall(r'"([=!<>]+)"', grammar)) == {op.value for op in Op}
