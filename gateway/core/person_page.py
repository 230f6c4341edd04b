"""A person's export as one page to read: no script, nothing loaded from elsewhere, Turkish or English."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from gateway.core.wording import Wording

TITLE = Wording("{brand}: sizinle ilgili tuttuklarımız", "{brand}: what we keep about you")
ABOUT = Wording(
    "Bu sayfa {at} anında sizinle ilgili kayıtlı olan her şeydir. Aynı bilgiler person.json dosyasında programların "
    "okuyabileceği biçimdedir; proof.json, kayıtların sonradan değiştirilmediğinin kanıtıdır.",
    "This page is everything that was kept about you at {at}. The file person.json holds the same for programs to "
    "read; proof.json proves that the records were not changed afterwards.",
)
NOTHING = Wording("Kayıt yok.", "Nothing.")
SECTIONS = {
    "standing": Wording("Onay durumunuz", "Where your consent stands"),
    "profile": Wording("Bilgileriniz", "Your details"),
    "identifiers": Wording("Size ulaştığımız adresler", "How we reach you"),
    "events": Wording("Onay geçmişiniz", "The history of your consent"),
    "texts": Wording("Size gösterilen metinler", "The words you were shown"),
    "evidence": Wording("Kanıtlar", "Evidence"),
    "activity": Wording("Başka yerde yaptıklarınız", "What you did elsewhere"),
    "requests": Wording("Size sorulanlar", "What you were asked"),
    "messages": Wording("Size gönderilenler", "What you were sent"),
}
COLUMNS: Mapping[str, Mapping[str, Wording]] = {
    "identifiers": {"kind": Wording("Tür", "Kind"), "value": Wording("Adres", "Address")},
    "events": {
        "seq": Wording("Sıra", "Number"),
        "occurred_at": Wording("Ne zaman (UTC)", "When (UTC)"),
        "type": Wording("Ne oldu", "What happened"),
        "purpose": Wording("Amaç", "Purpose"),
        "source": Wording("Nereden", "Where"),
        "method": Wording("Nasıl", "How"),
        "hash": Wording("Özet", "Hash"),
    },
    "evidence": {"evidence": Wording("İçerik", "Contents"), "commitment": Wording("Özet", "Commitment")},
    "activity": {
        "at": Wording("Ne zaman (UTC)", "When (UTC)"),
        "what": Wording("Ne", "What"),
        "about": Wording("Konu", "About"),
        "properties": Wording("Ayrıntı", "Details"),
    },
    "requests": {
        "asked_at": Wording("Soruldu (UTC)", "Asked (UTC)"),
        "purpose": Wording("Amaç", "Purpose"),
        "text": Wording("Metin", "Text"),
        "mode": Wording("Yol", "Mode"),
        "answered_at": Wording("Yanıtlandı", "Answered"),
    },
    "messages": {
        "id": Wording("No", "No."),
        "released_at": Wording("Gönderildi (UTC)", "Sent (UTC)"),
        "purpose": Wording("Amaç", "Purpose"),
        "campaign": Wording("Kampanya", "Campaign"),
        "content": Wording("İçerik", "Contents"),
        "state": Wording("Durum", "State"),
        "allowed_by": Wording("İzin veren kayıt", "Allowed by"),
    },
}
EVENTS = {
    "requested": Wording("onay soruldu", "consent asked"),
    "confirmed": Wording("onayladınız", "you confirmed"),
    "declined": Wording("hayır dediniz", "you said no"),
    "request_expired": Wording("sorunun süresi doldu", "the question ran out"),
    "granted": Wording("onay verdiniz", "you consented"),
    "granted_by_import": Wording("onayınız dosyadan aktarıldı", "your consent came with a file"),
    "renewed": Wording("onayı yenilediniz", "you renewed it"),
    "paused": Wording("durduruldu (inceleme)", "paused"),
    "resumed": Wording("yeniden başlattınız", "you resumed"),
    "revoked": Wording("onay geri alındı", "consent withdrawn"),
    "revoked_by_registry": Wording("İYS'de geri alındı", "withdrawn in the registry"),
    "suppressed": Wording("hiçbir ileti istemediniz", "you wanted no messages at all"),
    "suppression_lifted": Wording("yeniden ileti istediniz", "messages welcome again"),
    "expired": Wording("onayın süresi doldu", "consent ran out"),
    "number_reassigned": Wording("numara el değiştirdi", "the number changed hands"),
    "corrected": Wording("kayıt düzeltildi", "corrected"),
    "exported": Wording("verileriniz size verildi", "your data was given to you"),
    "held": Wording("kullanım kısıtlandı", "use restricted"),
    "erased": Wording("verileriniz silindi", "your data was erased"),
}
STANDS = {
    "none": Wording("sorulmadı", "not asked"),
    "pending": Wording("yanıtınız bekleniyor", "your answer is awaited"),
    "granted": Wording("onayınız var", "you consent"),
    "declined": Wording("hayır dediniz", "you said no"),
    "lapsed": Wording("soru yanıtsız kaldı", "the question was not answered"),
    "paused": Wording("durduruldu (inceleniyor)", "paused until it is clear what you meant"),
    "revoked": Wording("geri aldınız", "you withdrew it"),
    "expired": Wording("süresi doldu", "it ran out"),
    "suppressed": Wording("size hiçbir ileti gönderilmez", "you get no messages at all"),
    "held": Wording("verilerinizin kullanımı kısıtlı", "the use of your data is restricted"),
    "erased": Wording("verileriniz silindi", "your data was erased"),
}
PURPOSES = {
    "marketing": Wording("kampanya ve tanıtım", "marketing"),
    "utility": Wording("sipariş ve işlem bilgisi", "utility"),
    "authentication": Wording("doğrulama kodu", "authentication"),
    "service": Wording("yazışma", "service"),
    "*": Wording("tümü", "all"),
}
DETAILS = {
    "name": Wording("ad", "name"),
    "language": Wording("dil", "language"),
    "zone": Wording("saat dilimi", "time zone"),
    "region": Wording("ülke ya da bölge", "country or region"),
    "source": Wording("nereden geldiği", "where it came from"),
    "known_since": Wording("kayıtlı olduğunuz an (UTC)", "known since (UTC)"),
    "last_wrote_at": Wording("son mesajınız (UTC)", "your last message (UTC)"),
    "reached_through_an_advertisement_until": Wording(
        "reklamdan açılan pencerenin sonu (UTC)", "window opened by an advertisement until (UTC)"
    ),
    "asked_by_meta_to_wait_until": Wording("Meta'nın istediği aranın sonu (UTC)", "Meta asked to wait until (UTC)"),
    "set_aside": Wording("size yazılmamasının nedeni", "why you are not written to"),
    "attributes": Wording("diğer bilgiler", "other details"),
    "tags": Wording("etiketler", "tags"),
}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}"
    "blockquote{margin:.5rem 0;padding:.5rem 1rem;background:#f4f4f4;white-space:pre-wrap}"
)


def person_page(record: Mapping[str, Any], brand: str, language: str) -> str:
    """The page as HTML. Everything that came from outside is escaped."""
    title = escape(TITLE.say(language).format(brand=brand))
    sections = "".join(
        f"<h2>{escape(SECTIONS[name].say(language))}</h2>{_section(name, record[name], language)}" for name in SECTIONS
    )
    about = escape(ABOUT.say(language).format(at=record["exported_at"]))
    return (
        f'<!doctype html><html lang="{"tr" if language.startswith("tr") else "en"}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1><p>{about}</p>{sections}</body></html>\n"
    )


def _section(name: str, found: Any, language: str) -> str:
    if not found:
        return f"<p>{escape(NOTHING.say(language))}</p>"
    if name == "standing":
        rows = [
            (_word(PURPOSES, purpose, language), _word(STANDS, one["state"], language), one["since"] or "")
            for purpose, one in found["purposes"].items()
        ]
        rows += [(_word(STANDS, flag, language), "", "") for flag in ("suppressed", "held", "erased") if found[flag]]
        return _table((), rows)
    if name == "profile":
        return _table((), [(_word(DETAILS, key, language), _plain(value)) for key, value in found.items() if value])
    if name == "texts":
        return "".join(_text(one) for one in found)
    columns = COLUMNS[name]
    heading = [wording.say(language) for wording in columns.values()]
    return _table(heading, [[_cell(key, one.get(key), language) for key in columns] for one in found])


def _text(one: Mapping[str, Any]) -> str:
    name = escape(f"{one['id']} {one['version']} ({one['locale']})")
    words = escape(f"{one['body']}\n{one['withdrawal']}")
    return f"<p>{name}, {escape(one['controller'])}</p><blockquote>{words}</blockquote>"


def _cell(key: str, value: Any, language: str) -> str:
    if key in ("type", "purpose"):
        return _word(EVENTS if key == "type" else PURPOSES, value, language)
    return value[:16] if key in ("hash", "commitment") and isinstance(value, str) else _plain(value)


def _word(words: Mapping[str, Wording], value: str, language: str) -> str:
    """The value itself where it has no words, such as a purpose of the firm's own."""
    return words[value].say(language) if value in words else value


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heading)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{body}</table>"
