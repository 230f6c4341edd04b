"""The segment language: text in, conditions out. The grammar stands in docs/segments.md; keep the two equal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from consent.events import Purpose
from gateway.core.columns import attribute_key
from gateway.core.contact import folded
from gateway.core.segment.conditions import (
    CONSENT_STATES,
    NUMBER_PATTERN,
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
    Literal,
    Not,
    OneOf,
    Op,
    Or,
    PropertyIs,
    Segment,
    Times,
)
from gateway.core.segment.problems import SegmentProblem, Stumble
from gateway.core.segment.slips import slip
from gateway.core.segment.tokens import Token, TokenKind, tokens
from gateway.core.spans import SPAN_MAX, UNITS, parse_span
from gateway.core.wording import Wording, did_you_mean

SEGMENT_CHARS_MAX = 4000
DEPTH_MAX = 40  # brackets and nots inside one another; people stop at three
TIMES_MAX = 1_000_000
BUCKETS_MAX = 1000

_ENGAGEMENTS = {kind.value: kind for kind in Engagement} | {"opened": Engagement.READ}
_OPS = frozenset(op.value for op in Op)
_PURPOSES = tuple(purpose.value for purpose in Purpose)
_STARTERS = ("everyone", "tag", "consent", "bucket", "added", "event", "not", *_ENGAGEMENTS, *PERSON_FIELDS)


def parse(text: str) -> Segment | SegmentProblem:
    """Read a segment. Never raises; a problem points at the first character that cannot be understood."""
    if len(text) > SEGMENT_CHARS_MAX:
        wording = Wording(
            f"Segment {SEGMENT_CHARS_MAX} karakterden uzun.",
            f"The segment is longer than {SEGMENT_CHARS_MAX} characters.",
        )
        return SegmentProblem(text, SEGMENT_CHARS_MAX, wording)
    try:
        return Segment(text, _Parser(text).whole())
    except Stumble as stumble:
        return SegmentProblem(text, stumble.position, stumble.wording)


class _Parser:
    """Recursive descent, one method per rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.tokens = list(tokens(text))
        self.at = 0
        self.depth = 0

    # reading tokens

    def peek(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.peek()
        self.at += 1
        return token

    def next_is(self, *values: str) -> bool:
        return self.peek().kind in (TokenKind.WORD, TokenKind.SIGN) and self.peek().value in values

    def accept(self, *values: str) -> bool:
        if found := self.next_is(*values):
            self.at += 1
        return found

    def expect(self, value: str) -> None:
        if not self.accept(value):
            raise self.unexpected(f"“{value}”", f"“{value}”")

    def unexpected(self, tr: str, en: str) -> Stumble:
        if self.peek().kind is TokenKind.END:
            return Stumble(self.peek().position, f"Metin burada bitti; {tr} bekleniyordu.",
                           f"The text ends here; {en} was expected.")  # fmt: skip
        value, meant = self.peek().value, slip(self.tokens[self.at - 1 : self.at], self.peek())
        return Stumble(self.peek().position, f"“{value}” yerine {tr} bekleniyordu.{meant.tr}",
                       f"Expected {en}, not “{value}”.{meant.en}")  # fmt: skip

    # and, or, not

    def whole(self) -> Condition:
        condition = self.any_of()
        if self.peek().kind is not TokenKind.END:
            raise self.unexpected("“and”, “or” ya da son", "“and”, “or” or the end")
        return condition

    def any_of(self) -> Condition:
        parts = [self.all_of()]
        while self.accept("or"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def all_of(self) -> Condition:
        parts = [self.negated()]
        while self.accept("and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negated(self) -> Condition:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise Stumble(self.peek().position, "Koşullar çok derin iç içe.", "The conditions nest too deeply.")
        condition = Not(self.negated()) if self.accept("not") else self.primary()
        self.depth -= 1
        return condition

    def primary(self) -> Condition:
        if self.accept("("):
            condition = self.any_of()
            self.expect(")")
            return condition
        if self.peek().kind is not TokenKind.WORD or self.next_is("and", "or", "within", "in", "is", "contains"):
            raise self.unexpected("bir koşul", "a condition")
        return self.condition()

    # the conditions

    def condition(self) -> Condition:
        word = self.take()
        if rule := self.rules().get(word.value):
            return rule(word)
        if word.value in _ENGAGEMENTS:
            return self.engaged(word)
        if self.accept("("):
            return self.did(word.value)
        return self.about_field(word)

    def rules(self) -> dict[str, Callable[[Token], Condition]]:
        return {
            "everyone": lambda _: Everyone(),
            "tag": self.has_tag,
            "consent": self.consent_is,
            "bucket": self.bucket,
            "added": self.added,
            "event": self.event,
        }

    def has_tag(self, _: Token) -> HasTag:
        self.expect(":")
        return HasTag(folded(self.text("bir etiket", "a tag")))

    def consent_is(self, _: Token) -> ConsentIs:
        self.expect("(")
        purpose = self.own_purpose() or self.one_of(_PURPOSES, "bir amaç", "a purpose")
        self.expect(")")
        self.expect("is")
        return ConsentIs(purpose, self.one_of(CONSENT_STATES, "bir izin durumu", "a consent state"))

    def own_purpose(self) -> str | None:
        """`custom:<slug>`, a purpose of the house's own."""
        if not self.next_is("custom") or self.tokens[self.at + 1].value != ":":
            return None
        self.at += 2
        return f"custom:{self.text('bir amaç', 'a purpose')}"

    def bucket(self, _: Token) -> Bucket:
        self.expect("(")
        of = self.count("kova sayısı", "a number of buckets", 2, BUCKETS_MAX)
        draw = self.text("bir çekiliş adı", "the name of a draw") if self.accept(",") else ""
        self.expect(")")
        op = self.op()
        return Bucket(of, op, self.count("kova numarası", "a bucket", 0, of), draw)

    def added(self, word: Token) -> Added:
        span = self.within()
        if span is None:
            raise self.unexpected("“within 30d” gibi bir süre", "a span such as “within 30d”")
        return Added(span)

    def engaged(self, word: Token) -> Engaged:
        campaign = None
        if self.accept("("):
            campaign = self.text("bir kampanya adı", "the name of a campaign")
            self.expect(")")
        return Engaged(_ENGAGEMENTS[word.value], campaign, self.times(), self.within())

    def event(self, _: Token) -> Did:
        self.expect("(")
        name = self.text("bir olay adı", "the name of an event")
        if not self.next_is(")"):
            self.expect(",")
        return self.did(name)

    def did(self, name: str) -> Did:
        """The rest of an event, after its opening bracket (and its name, for `event`)."""
        about = self.take().value if self.is_a_thing() else None
        where: list[PropertyIs] = []
        if about is not None and not self.next_is(")"):
            self.expect(",")
        while not self.next_is(")"):
            where.append(self.property_is())
            if not self.accept(","):
                break
        self.expect(")")
        return Did(name, about, tuple(where), self.times(), self.within())

    def is_a_thing(self) -> bool:
        """`bought("coffee")` and `bought(coffee)` name a thing; `bought(price > 10)` names a property."""
        following = self.tokens[self.at + 1 :][:1]
        alone = bool(following) and following[0].value in (")", ",")
        return self.peek().kind is TokenKind.STRING or (self.peek().kind is TokenKind.WORD and alone)

    def property_is(self) -> PropertyIs:
        if self.peek().kind is not TokenKind.WORD:
            raise self.unexpected("olayın bir özelliği", "a property of the event")
        return PropertyIs(self.take().value, self.op(), self.literal())

    def about_field(self, word: Token) -> Condition:
        field = _field(word.value)
        if self.accept("in"):
            return self.in_list(field)
        if self.accept("contains"):
            return Contains(field, self.text("bir metin", "a text"))
        if self.accept("is"):
            self.expect("known")
            return Known(field)
        if not self.is_op():
            raise self.not_a_condition(word)
        return Compare(field, self.op(), self.literal())

    def not_a_condition(self, word: Token) -> Stumble:
        usual = (slip([], word), slip([], self.peek()))
        hint = next((one for one in usual if one.en), None) or did_you_mean(word.value, _STARTERS)
        return Stumble(
            word.position,
            f"“{word.value}” tek başına bir koşul değil; ardından =, in, contains ya da “is known” gelmeli.{hint.tr}",
            f"“{word.value}” alone is no condition; it needs =, in, contains or “is known” after it.{hint.en}",
        )

    def in_list(self, field: Field) -> OneOf:
        self.expect("(")
        values = [self.literal()]
        while self.accept(","):
            values.append(self.literal())
        self.expect(")")
        return OneOf(field, tuple(values))

    # the small parts

    def is_op(self) -> bool:
        return self.peek().kind is TokenKind.SIGN and self.peek().value in _OPS

    def op(self) -> Op:
        if not self.is_op():
            raise self.unexpected("bir karşılaştırma (=, !=, <, <=, >, >=)", "a comparison (=, !=, <, <=, >, >=)")
        return Op(self.take().value)

    def literal(self) -> Literal:
        if self.peek().kind is TokenKind.NUMBER:
            return self.number()
        return self.text("bir metin ya da sayı", "a text or a number")

    def number(self) -> Decimal:
        if not re.fullmatch(NUMBER_PATTERN, self.peek().value):
            raise Stumble(self.peek().position, "Sayı çok uzun; metinse tırnak içine alın.",
                          "The number is too long; put it in quotes if it is a text.")  # fmt: skip
        return Decimal(self.take().value)

    def text(self, tr: str, en: str) -> str:
        if self.peek().kind not in (TokenKind.STRING, TokenKind.WORD):
            raise self.unexpected(tr, en)
        if not self.peek().value:
            raise Stumble(self.peek().position, "Boş metin olmaz; boş alanlar için “not … is known” yazın.",
                          "The text is empty; for empty fields write “not … is known”.")  # fmt: skip
        return self.take().value

    def one_of(self, known: tuple[str, ...], tr: str, en: str) -> str:
        token, value = self.peek(), self.text(tr, en)
        if value in known or (known is _PURPOSES and value.startswith("custom:")):  # quoted
            return value
        hint, listed = did_you_mean(value, known), ", ".join(known)
        raise Stumble(token.position, f"“{value}” {tr} değil; olabilecekler: {listed}.{hint.tr}",
                      f"“{value}” is not {en}; there are: {listed}.{hint.en}")  # fmt: skip

    def count(self, tr: str, en: str, least: int, most: int) -> int:
        token = self.peek()
        if token.kind is not TokenKind.NUMBER:
            raise self.unexpected(tr, en)
        self.take()
        if not (token.value.isdecimal() and least <= int(token.value[:9]) <= most and len(token.value) <= 9):
            raise Stumble(token.position, f"{tr} {least} ile {most} arasında bir tam sayı olmalı.",
                          f"Here {en} must be a whole number from {least} to {most}.")  # fmt: skip
        return int(token.value)

    def times(self) -> Times:
        if self.is_op():
            return Times(self.op(), self.count("kaç kez", "how often", 0, TIMES_MAX))
        return Times()

    def within(self) -> timedelta | None:
        if not self.accept("within"):
            return None
        position, written = self.peek().position, self.span_part()
        while self.peek().kind is TokenKind.NUMBER:
            written += self.span_part()
        span = parse_span(written)
        if not span:
            raise Stumble(position, f"Süre tam sayılarla, 0’dan uzun ve en çok {SPAN_MAX.days} gün olmalı.",
                          f"The span must be in whole numbers, above 0 and at most {SPAN_MAX.days} days.")  # fmt: skip
        return span

    def span_part(self) -> str:
        if self.peek().kind is not TokenKind.NUMBER:
            raise self.unexpected("30d gibi bir süre", "a span such as 30d")
        count = self.take().value
        if self.peek().kind is not TokenKind.WORD or self.peek().value.casefold() not in UNITS:
            raise self.unexpected("bir süre birimi (min, h, d, w)", "a unit of time (min, h, d, w)")
        return count + self.take().value


def _field(word: str) -> Field:
    """`person.source` is the person's own attribute even where a field has that name."""
    own = word.removeprefix("person.")
    name = attribute_key(own) or own
    return Field(name, attribute=own != word or name not in PERSON_FIELDS)
