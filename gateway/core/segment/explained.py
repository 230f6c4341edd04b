"""A segment in words, Turkish and English. Negation is pushed down to the conditions, where it reads naturally."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import singledispatch

from gateway.core.segment.conditions import (
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
    Segment,
    Times,
)
from gateway.core.spans import say_span
from gateway.core.wording import Wording


def explain(segment: Segment, language: str = "en") -> str:
    """One sentence that says who is in the segment."""
    if isinstance(segment.where, Everyone):
        return Wording("Herkes.", "Everyone.").say(language)
    said = _said(segment.where, True)
    tr = f"{said.tr} kişiler."
    return Wording(tr[0].replace("i", "İ").upper() + tr[1:], f"People who {said.en}.").say(language)


def _said(condition: Condition, holds: bool) -> Wording:
    """The clause that says the condition, or with `holds` False its opposite."""
    if isinstance(condition, Not):
        return _said(condition.part, not holds)
    if isinstance(condition, And | Or):
        all_of = isinstance(condition, And) == holds
        return _joined([(part, _said(part, holds)) for part in condition.parts], all_of)
    return _clause(condition, holds)


def _joined(parts: Sequence[tuple[Condition, Wording]], all_of: bool) -> Wording:
    said = [Wording(f"({w.tr})", f"({w.en})") if _is_group(part) else w for part, w in parts]
    tr, en = (" ve ", " and ") if all_of else (" veya ", " or ")
    return Wording(tr.join(w.tr for w in said), en.join(w.en for w in said))


def _is_group(part: Condition) -> bool:
    while isinstance(part, Not):
        part = part.part
    return isinstance(part, And | Or)


@singledispatch
def _clause(condition: Condition, holds: bool) -> Wording:
    raise TypeError(f"{type(condition).__name__} has no words")


def _either(holds: bool, yes: tuple[str, str], no: tuple[str, str]) -> Wording:
    return Wording(*(yes if holds else no))


@_clause.register
def _(condition: Everyone, holds: bool) -> Wording:
    return _either(holds, ("herhangi biri olan", "are anybody"), ("hiç kimse olmayan", "are nobody"))


@_clause.register
def _(condition: HasTag, holds: bool) -> Wording:
    tag = f"“{condition.tag}”"
    yes = (f"{tag} etiketi olan", f"are tagged {tag}")
    return _either(holds, yes, (f"{tag} etiketi olmayan", f"are not tagged {tag}"))


@_clause.register
def _(condition: Compare, holds: bool) -> Wording:
    op = condition.op if holds else _OPPOSITE[condition.op]
    field, value = _field(condition.field), _literal(condition.value)
    missing_too = not holds and condition.op not in (Op.EQ, Op.NE)
    also = Wording(" (ya da bilinmeyen)", " (or not known)") if missing_too else Wording("", "")
    words = _COMPARED[op]
    return Wording(
        f"{field.tr} {words.tr.format(value)}{also.tr}", f"have {field.en} {words.en.format(value)}{also.en}"
    )


_OPPOSITE = {Op.EQ: Op.NE, Op.NE: Op.EQ, Op.LT: Op.GE, Op.GE: Op.LT, Op.GT: Op.LE, Op.LE: Op.GT}
_COMPARED = {
    Op.EQ: Wording("{} olan", "equal to {}"),
    Op.NE: Wording("{} olmayan", "other than {}"),
    Op.LT: Wording("{} değerinden küçük olan", "below {}"),
    Op.LE: Wording("en çok {} olan", "at most {}"),
    Op.GT: Wording("{} değerinden büyük olan", "above {}"),
    Op.GE: Wording("en az {} olan", "at least {}"),
}


@_clause.register
def _(condition: OneOf, holds: bool) -> Wording:
    field, values = _field(condition.field), ", ".join(_literal(value) for value in condition.values)
    yes = (f"{field.tr} şunlardan biri olan: {values};", f"have {field.en} among {values}")
    no = (f"{field.tr} şunlardan hiçbiri olmayan: {values};", f"have {field.en} not among {values}")
    return _either(holds, yes, no)


@_clause.register
def _(condition: Contains, holds: bool) -> Wording:
    field, text = _field(condition.field), f"“{condition.text}”"
    yes = (f"{field.tr} içinde {text} geçen", f"have {field.en} containing {text}")
    return _either(holds, yes, (f"{field.tr} içinde {text} geçmeyen", f"have {field.en} without {text} in it"))


@_clause.register
def _(condition: Known, holds: bool) -> Wording:
    field = _field(condition.field)
    yes = (f"{field.tr} bilinen", f"have a known {field.en}")
    return _either(holds, yes, (f"{field.tr} bilinmeyen", f"have no known {field.en}"))


_FIELDS = {
    "name": Wording("adı", "name"),
    "source": Wording("kaynağı", "source"),
    "language": Wording("dili", "language"),
    "zone": Wording("saat dilimi", "time zone"),
    "country": Wording("ülkesi", "country"),
}


def _field(field: Field) -> Wording:
    if not field.attribute:
        return _FIELDS[field.name]
    return Wording(f"“{field.name}” alanı", f"“{field.name}”")


def _literal(value: Literal) -> str:
    return f"“{value}”" if isinstance(value, str) else format(value, "f")


_PURPOSES = {"marketing": "pazarlama", "utility": "bilgilendirme", "authentication": "doğrulama", "service": "hizmet"}
_STATES = {
    "none": "yok",
    "pending": "onay bekliyor",
    "granted": "verildi",
    "declined": "reddedildi",
    "lapsed": "yanıtsız kaldı",
    "paused": "duraklatıldı",
    "revoked": "geri alındı",
    "expired": "süresi doldu",
}


@_clause.register
def _(condition: ConsentIs, holds: bool) -> Wording:
    purpose = _PURPOSES.get(condition.purpose, condition.purpose)
    state = f"“{_STATES[condition.state]}”"
    yes = (f"{purpose} izni {state} olan", f"have {condition.purpose} consent “{condition.state}”")
    no = (f"{purpose} izni {state} olmayan", f"have {condition.purpose} consent other than “{condition.state}”")
    return _either(holds, yes, no)


_ENGAGED: dict[Engagement, tuple[tuple[str, str], tuple[str, str]]] = {
    Engagement.SENT: (("mesaj gönderilen", "were sent a message"), ("mesaj gönderilmeyen", "were not sent a message")),
    Engagement.DELIVERED: (("mesajı alan", "received a message"), ("mesajı almayan", "received no message")),
    Engagement.READ: (("mesajı okuyan", "read a message"), ("mesajı okumayan", "read no message")),
    Engagement.CLICKED: (
        ("mesajdaki bağlantıya dokunan", "clicked a link"),
        ("mesajdaki bağlantıya dokunmayan", "clicked no link"),
    ),
    Engagement.REPLIED: (("mesajı yanıtlayan", "replied"), ("mesajı yanıtlamayan", "did not reply")),
}


@_clause.register
def _(condition: Engaged, holds: bool) -> Wording:
    happened, often = _often(condition.times, holds)
    span = _within(condition.within)
    campaign = Wording("", "")
    if condition.campaign is not None:
        campaign = Wording(f"“{condition.campaign}” kampanyasında ", f" of campaign “{condition.campaign}”")
    verb = Wording(*_ENGAGED[condition.kind][0 if happened else 1])
    return Wording(f"{span.tr}{campaign.tr}{often.tr}{verb.tr}", f"{verb.en}{campaign.en}{often.en}{span.en}")


@_clause.register
def _(condition: Did, holds: bool) -> Wording:
    happened, often = _often(condition.times, holds)
    span, what = _within(condition.within), _event(condition)
    yes = (f"{span.tr}{what} olayı {often.tr}yaşanan", f"had the event {what}{often.en}{span.en}")
    return _either(happened, yes, (f"{span.tr}{what} olayı yaşanmayan", f"did not have the event {what}{span.en}"))


def _event(condition: Did) -> str:
    about = [f"“{condition.about}”"] if condition.about is not None else []
    details = ", ".join([*about, *(f"{one.name} {one.op} {_literal(one.value)}" for one in condition.where)])
    return f"“{condition.event}” ({details})" if details else f"“{condition.event}”"


def _often(times: Times, holds: bool) -> tuple[bool, Wording]:
    """Whether it must have happened at all, and how often in words ("" for once or more)."""
    op = times.op if holds else _OPPOSITE[times.op]
    if (op, times.count) in ((Op.GE, 1), (Op.GT, 0), (Op.NE, 0)):
        return True, Wording("", "")
    if (op, times.count) in ((Op.LT, 1), (Op.LE, 0), (Op.EQ, 0)):
        return False, Wording("", "")
    words = _COUNTED[op]
    return True, Wording(words.tr.format(times.count), words.en.format(times.count))


_COUNTED = {
    Op.EQ: Wording("tam {} kez ", " exactly {} times"),
    Op.NE: Wording("{} dışında bir sayıda ", " any number of times but {}"),
    Op.LT: Wording("{} kezden az ", " fewer than {} times"),
    Op.LE: Wording("en çok {} kez ", " at most {} times"),
    Op.GT: Wording("{} kezden çok ", " more than {} times"),
    Op.GE: Wording("en az {} kez ", " at least {} times"),
}


def _within(span: timedelta | None) -> Wording:
    if span is None:
        return Wording("", "")
    said = say_span(span)
    return Wording(f"son {said.tr} içinde ", f" in the last {said.en}")


@_clause.register
def _(condition: Added, holds: bool) -> Wording:
    span = say_span(condition.within)
    yes = (f"son {span.tr} içinde eklenen", f"were added in the last {span.en}")
    return _either(holds, yes, (f"son {span.tr} içinde eklenmeyen", f"were not added in the last {span.en}"))


@_clause.register
def _(condition: Bucket, holds: bool) -> Wording:
    op = condition.op if holds else _OPPOSITE[condition.op]
    draw = f" “{condition.draw}”" if condition.draw else ""
    words = _COMPARED[op]
    return Wording(
        f"{condition.of} rastgele kovadaki{draw} numarası {words.tr.format(condition.value)}",
        f"have a random bucket{draw} (0 to {condition.of - 1}) {words.en.format(condition.value)}",
    )
