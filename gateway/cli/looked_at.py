"""What rules looked at and what the ledger holds, in the words of people who never read the code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from consent.events import EventType
from consent.facts import FOREVER, MISSING, AddressState, Facts, Hold, Policy
from consent.limits.frequency import Cap
from consent.limits.quiet_hours import place_known, windows_on
from consent.limits.windows import in_words as windows_in_words
from consent.reasons import Reason, RuleName, in_words, moment_in_words
from gateway.core.spans import say_span
from gateway.core.wording import Wording
from gateway.web.wording import CAMPAIGN_STATES, CONSENT_STATES, state_words

FACTS: Mapping[str, Wording] = {
    "purpose": Wording("amaç", "purpose"),
    "campaign": Wording("kampanya", "campaign"),
    "suppressed": Wording("engel listesinde", "on the list"),
    "standing": Wording("onay", "consent"),
    "standing_deadline": Wording("onayın sonu", "consent ends"),
    "event_seq": Wording("defter olayı", "ledger event"),
    "event_hash": Wording("olayın özeti", "its digest"),
    "iys": Wording("İYS", "İYS"),
    "address": Wording("adres", "address"),
    "blocked_until": Wording("engelin sonu", "blocked until"),
    "zones": Wording("olası saat dilimleri", "candidate zones"),
    "regions": Wording("olası ülke ya da bölgeler", "candidate regions"),
    "last_inbound_at": Wording("kişinin son mesajı", "the person's last message"),
    "free_form": Wording("serbest metin", "free text"),
    "template_hold": Wording("şablonun engeli", "hold on the template"),
    "number_hold": Wording("numaranın engeli", "hold on the number"),
    "parameter_problem": Wording("sorun", "problem"),
    "parameter_name": Wording("hangi değer", "which value"),
    "expires_at": Wording("kampanyanın sonu", "the campaign ends"),
    "cool_until": Wording("aranın sonu", "break until"),
    "open_message": Wording("sonucu beklenen mesaj", "message on its way"),
    "recent": Wording("son mesajlar", "last messages"),
    "tag_recent": Wording("bu etiketle son mesajlar", "last messages with this tag"),
}
"""Every fact that some rule looks at."""

PURPOSES: Mapping[str, Wording] = {
    "marketing": Wording("pazarlama", "marketing"),
    "utility": Wording("bilgilendirme", "utility"),
    "authentication": Wording("doğrulama", "authentication"),
    "service": Wording("hizmet", "service"),
}
ADDRESSES: Mapping[str, Wording] = {
    AddressState.NONE: Wording("yok", "none"),
    AddressState.REACHABLE: Wording("ulaşılabilir", "reachable"),
    AddressState.INVALID: Wording("geçersiz", "not valid"),
    AddressState.SUSPECT: Wording("WhatsApp'ta görünmüyor", "does not seem to be on WhatsApp"),
}
REGISTRY: Mapping[str, Wording] = {"onay": Wording("onay", "onay (consent)"), "ret": Wording("ret", "ret (refusal)")}
NO_VERDICT = Wording("yüklü İYS kaydı yok", "no İYS verdict loaded")
UNKNOWN = Wording("bilinmiyor", "not known")
NOTHING = Wording("yok", "none")
YES, NO = Wording("evet", "yes"), Wording("hayır", "no")
UNTIL_LIFTED = Wording("kaldırılana kadar", "until it is lifted")
HASH_DIGITS = 16

START = Wording("başlangıç", "start")
THERE = Wording("kişinin saatiyle başlangıç", "start on the person's clock")
LIMIT = Wording("en çok", "at most")
OF_TAG = Wording("bu etiketle en çok", "with this tag at most")
HOURS = Wording("bugünün açık saatleri", "today's open hours")

EVENTS: Mapping[EventType, Wording] = {
    EventType.REQUESTED: Wording("onay istendi", "asked for consent"),
    EventType.CONFIRMED: Wording("onayı doğruladı", "confirmed"),
    EventType.DECLINED: Wording("hayır dedi", "said no"),
    EventType.REQUEST_EXPIRED: Wording("onay isteği yanıtsız kaldı", "did not answer in time"),
    EventType.GRANTED: Wording("onay verdi", "gave consent"),
    EventType.GRANTED_BY_IMPORT: Wording("onayı dosyadan alındı", "consent came with a file"),
    EventType.RENEWED: Wording("onayını yeniledi", "renewed the consent"),
    EventType.PAUSED: Wording("onay askıya alındı", "consent put on hold"),
    EventType.RESUMED: Wording("yeniden başlattı", "resumed"),
    EventType.REVOKED: Wording("onayını geri aldı", "withdrew"),
    EventType.REVOKED_BY_REGISTRY: Wording("İYS'de geri alındı", "withdrawn in the national registry"),
    EventType.SUPPRESSED: Wording("engel listesine girdi", "put on the suppression list"),
    EventType.SUPPRESSION_LIFTED: Wording("engel listesinden çıktı", "taken off the suppression list"),
    EventType.EXPIRED: Wording("onayın süresi doldu", "consent ran out"),
    EventType.NUMBER_REASSIGNED: Wording("numara el değiştirdi", "the number changed hands"),
    EventType.CORRECTED: Wording("kayıt düzeltildi", "corrected"),
    EventType.EXPORTED: Wording("verileri kişiye verildi", "data handed to the person"),
    EventType.HELD: Wording("verilerin kullanımı kısıtlandı", "use of the data restricted"),
    EventType.ERASED: Wording("veriler silindi", "data erased"),
}


def fact_in_words(name: str, value: object, campaign_state: str, language: str, zone: str) -> str:
    """One fact with its name; no number of a person is among the facts, so none can be shown."""
    return f"{FACTS[name].say(language)}: {_value(name, value, campaign_state, language, zone)}"


def _value(name: str, value: object, campaign_state: str, language: str, zone: str) -> str:
    match name, value:
        case "campaign", _ if campaign_state:
            return state_words(CAMPAIGN_STATES, campaign_state, language)
        case "standing", str():
            return state_words(CONSENT_STATES, value, language)
        case "purpose", str():
            return state_words(PURPOSES, value, language)
        case "address", AddressState():
            return state_words(ADDRESSES, value, language)
        case "iys", _:
            return REGISTRY.get(str(value), NO_VERDICT).say(language)
        case "event_hash", str() if value:
            return f"{value[:HASH_DIGITS]}…"
    return _plain(value, language, zone)


def _plain(value: object, language: str, zone: str) -> str:
    if value is MISSING:
        return UNKNOWN.say(language)
    match value:
        case bool():
            return (YES if value else NO).say(language)
        case None | "":
            return NOTHING.say(language)
        case datetime():
            return UNTIL_LIFTED.say(language) if value >= FOREVER else moment_in_words(value, zone)
        case Hold(reason, until):
            return in_words(reason, language, until=until, zone=zone).rstrip(".")
        case Reason():
            return in_words(value, language).rstrip(".")
        case frozenset() | tuple():
            return ", ".join(sorted(_plain(one, language, zone) for one in value)) or NOTHING.say(language)
    return str(value)


def limit_in_words(rule: RuleName, facts: Facts, policy: Policy, language: str, zone: str) -> str:
    """What the policy asks for where a rule measures the facts by it; nothing for every other rule."""
    match rule:
        case RuleName.START if policy.earliest_start is not None:
            return f"{START.say(language)}: {moment_in_words(policy.earliest_start, zone)}"
        case RuleName.LOCAL_START if policy.local_start is not None:
            return f"{THERE.say(language)}: {policy.local_start:%Y-%m-%d %H:%M}"
        case RuleName.FREQUENCY:
            said = [f"{LIMIT.say(language)}: {_caps(policy.caps, language)}"]
            return "; ".join(
                said + [f"{OF_TAG.say(language)}: {_caps(policy.tag_caps, language)}"] * bool(policy.tag_caps)
            )
        case RuleName.QUIET_HOURS if place_known(facts.zones, facts.regions):
            return f"{HOURS.say(language)}: {_hours(policy, facts)}"
    return ""


def _caps(caps: Iterable[Cap], language: str) -> str:
    return ", ".join(
        Wording(f"{say_span(cap.period).tr} içinde {cap.count}", f"{cap.count} in {say_span(cap.period).en}").say(
            language
        )
        for cap in caps
    )


def _hours(policy: Policy, facts: Facts) -> str:
    """Of the day that it is where the person is; of the first of several candidate zones."""
    today = facts.now.astimezone(ZoneInfo(min(facts.zones))).date()
    regions = sorted(facts.regions)
    return ", ".join(
        f"{region} {windows_in_words(windows_on(policy.quiet_hours, region, today))}" for region in regions
    )


def as_data(value: object) -> object:
    """The same for programs."""
    match value:
        case frozenset() | tuple():
            return sorted(str(as_data(one)) for one in value)
        case datetime():
            return value.isoformat()
        case Hold(reason, until):
            return {"reason": reason.value, "until": None if until is None else until.isoformat()}
        case None | bool() | int() | str():
            return value
    return None  # nobody looked it up
