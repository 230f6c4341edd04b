"""Every reason why a message waits, is refused, or ended without reaching anybody, in two languages.

A reason has one sentence, which may hold {until} (a moment), {because} (another reason's words) and {detail} (a name).
The part in square brackets that holds a placeholder is left out when there is nothing to put in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Group(StrEnum):
    """What a reason says about the message: REFUSED before leaving, WAITING for a moment, or ENDED after that."""

    REFUSED = "refused"
    WAITING = "waiting"
    ENDED = "ended"


class Reason(StrEnum):
    # refused before leaving; consent.rules has the order
    FACTS_MISSING = "facts_missing"
    PURPOSE_UNKNOWN = "purpose_unknown"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    EXPIRED = "expired"
    ERASED = "erased"
    SUPPRESSED = "suppressed"
    CONSENT_REVOKED = "consent_revoked"
    CONSENT_DECLINED = "consent_declined"
    CONSENT_PAUSED = "consent_paused"
    CONSENT_EXPIRED = "consent_expired"
    CONSENT_LAPSED = "consent_lapsed"
    CONSENT_PENDING = "consent_pending"
    NO_CONSENT = "no_consent"
    STANDING_UNKNOWN = "standing_unknown"
    NO_AUTHORISING_EVENT = "no_authorising_event"
    REGISTRY_REFUSED = "registry_refused"
    REGISTRY_UNPROVEN = "registry_unproven"
    NO_ADDRESS = "no_address"
    ADDRESS_INVALID = "address_invalid"
    NOT_ON_WHATSAPP = "not_on_whatsapp"
    BLOCKED_BY_US = "blocked_by_us"
    COUNTRY_NOT_SERVED = "country_not_served"
    ZONE_UNKNOWN = "zone_unknown"
    REGION_UNKNOWN = "region_unknown"
    WINDOW_CLOSED = "window_closed"
    TEMPLATE_DISABLED = "template_disabled"
    TEMPLATE_LANGUAGE_MISSING = "template_language_missing"
    PARAMETER_MISSING = "parameter_missing"
    PARAMETER_TOO_LONG = "parameter_too_long"
    PARAMETER_INVALID = "parameter_invalid"
    NO_COMMON_HOUR = "no_common_hour"
    # waiting for a moment
    CAMPAIGN_PAUSED = "campaign_paused"
    NOT_STARTED = "not_started"
    LOCAL_START = "local_start"
    TEMPLATE_HELD = "template_held"
    TEMPLATE_NOT_APPROVED = "template_not_approved"
    NUMBER_HELD = "number_held"
    ACCOUNT_HELD = "account_held"
    UTILITY_HELD = "utility_held"
    COUNTRY_HELD = "country_held"
    BUDGET_SPENT = "budget_spent"
    BLOCKED = "blocked"
    COOLING_OFF = "cooling_off"
    MESSAGE_IN_FLIGHT = "message_in_flight"
    FREQUENCY_CAP = "frequency_cap"
    QUIET_HOURS = "quiet_hours"
    # ended after the decision
    STOPPED_MEANWHILE = "stopped_meanwhile"
    PLATFORM_STOP = "platform_stop"
    PER_USER_LIMIT = "per_user_limit"
    IN_EXPERIMENT = "in_experiment"
    UNDELIVERABLE = "undeliverable"
    FAILED_AT_META = "failed_at_meta"
    RETRIES_SPENT = "retries_spent"
    DROPPED_BY_PACING = "dropped_by_pacing"
    OUTCOME_UNSURE = "outcome_unsure"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Sentence:
    group: Group
    tr: str
    en: str


def _refused(tr: str, en: str) -> Sentence:
    return Sentence(Group.REFUSED, tr, en)


def _waiting(tr: str, en: str) -> Sentence:
    moment = {"tr": "[; en erken {until}]", "en": "[; {until} at the earliest]"}
    return Sentence(Group.WAITING, f"{tr}{moment['tr']}.", f"{en}{moment['en']}.")


def _ended(tr: str, en: str) -> Sentence:
    return Sentence(Group.ENDED, tr, en)


SENTENCES: dict[Reason, Sentence] = {
    Reason.FACTS_MISSING: _refused(
        "Karar için gereken bir bilgi yok[: {detail}].", "A fact that the decision needs is missing[: {detail}]."
    ),
    Reason.PURPOSE_UNKNOWN: _refused(
        "Mesajın amacı tanınmıyor[: {detail}].", "The message has no purpose that we know[: {detail}]."
    ),
    Reason.CAMPAIGN_CANCELLED: _refused("Kampanya iptal edildi.", "The campaign was cancelled."),
    Reason.EXPIRED: _refused(
        "Kampanya bu kişiye yazılamadan sona eriyor[; engel: {because}].",
        "The campaign ends before this person may be written to[; what stands in the way: {because}].",
    ),
    Reason.ERASED: _refused("Kişinin verileri silindi.", "The person's data were erased."),
    Reason.SUPPRESSED: _refused(
        "Kişi engel listesinde; ona hiç yazılmaz.", "The person is on the suppression list and is never written to."
    ),
    Reason.CONSENT_REVOKED: _refused("Kişi onayını geri aldı.", "The person withdrew consent."),
    Reason.CONSENT_DECLINED: _refused("Kişi onay vermeyi reddetti.", "The person declined when asked."),
    Reason.CONSENT_PAUSED: _refused(
        "Onay askıda: kişinin söylediklerini bir çalışan inceleyecek.",
        "Consent is on hold until somebody has looked at what the person said.",
    ),
    Reason.CONSENT_EXPIRED: _refused(
        "Onayın süresi doldu ya da mesaj çıkabilecekken dolmuş olacak[; engel: {because}].",
        "Consent has run out, or will have by the time the message could leave[; what stands in the way: {because}].",
    ),
    Reason.CONSENT_LAPSED: _refused(
        "Onay isteği süresinde yanıtlanmadı.", "The request for consent was not answered in time."
    ),
    Reason.CONSENT_PENDING: _refused(
        "Onay isteğinin yanıtı bekleniyor.", "The request for consent has not been answered yet."
    ),
    Reason.NO_CONSENT: _refused("Bu amaç için onay yok.", "There is no consent for this purpose."),
    Reason.STANDING_UNKNOWN: _refused("Onay durumu tanınmıyor.", "Where the person stands is not known."),
    Reason.NO_AUTHORISING_EVENT: _refused(
        "Onayı kanıtlayan defter kaydı bulunamadı.", "The ledger entry that would prove the consent is missing."
    ),
    Reason.REGISTRY_REFUSED: _refused("İYS kaydı ret.", "The national registry (İYS) says no."),
    Reason.REGISTRY_UNPROVEN: _refused(
        "İYS onayı güncel olarak kanıtlanmadı.", "The national registry's (İYS) consent is not freshly proven."
    ),
    Reason.NO_ADDRESS: _refused("Kişinin yazılabilecek bir adresi yok.", "The person has no address to write to."),
    Reason.ADDRESS_INVALID: _refused("Adres geçerli değil.", "The address is not valid."),
    Reason.NOT_ON_WHATSAPP: _refused(
        "Numara WhatsApp'ta görünmüyor.", "The number does not seem to be on WhatsApp (131026)."
    ),
    Reason.BLOCKED_BY_US: _refused(
        "İşletme bu kişiyi kenara ayırmış ya da engellemiş (izin person let-back).",
        "The business has set this person aside or blocked them (izin person let-back).",
    ),
    Reason.COUNTRY_NOT_SERVED: _refused(
        "Meta bu ülkeye pazarlama mesajı iletmiyor.", "Meta delivers no marketing to this country."
    ),
    Reason.ZONE_UNKNOWN: _refused(
        "Kişinin saat dilimi bilinmiyor; sessiz saatler hesaplanamaz.",
        "The person's time zone is not known, so quiet hours cannot be kept.",
    ),
    Reason.REGION_UNKNOWN: _refused(
        "Kişinin ülkesi bilinmiyor; sessiz saatler hesaplanamaz.",
        "The person's country is not known, so quiet hours cannot be kept.",
    ),
    Reason.WINDOW_CLOSED: _refused(
        "Hizmet penceresi (24 saat) açık değil; önce kişinin yazması gerekir[; engel: {because}].",
        "The 24-hour service window is not open: the person has to write first[; what stands in the way: {because}].",
    ),
    Reason.TEMPLATE_DISABLED: _refused("Meta şablonu kapattı.", "Meta disabled the template for good."),
    Reason.TEMPLATE_LANGUAGE_MISSING: _refused(
        "Şablonun kişinin dilinde onaylı bir sürümü yok[: {detail}].",
        "The template has no approved version in this person's language[: {detail}].",
    ),
    Reason.PARAMETER_MISSING: _refused(
        "Şablonun bir değeri bu kişi için boş[: {detail}].",
        "A value that the template needs is empty for this person[: {detail}].",
    ),
    Reason.PARAMETER_TOO_LONG: _refused(
        "Şablona konan bir değer fazla uzun[: {detail}].", "A value is too long for the template[: {detail}]."
    ),
    Reason.PARAMETER_INVALID: _refused(
        "Şablona konan bir değer kurala uymuyor[: {detail}].", "A value breaks a rule of the template[: {detail}]."
    ),
    Reason.NO_COMMON_HOUR: _refused(
        "Kişinin olası saat dilimlerinin hepsinde uygun olan bir saat yok; saat dilimi sorulmalı.",
        "No hour suits every zone in which the person may be; the zone has to be asked.",
    ),
    Reason.CAMPAIGN_PAUSED: _waiting("Kampanya duraklatıldı", "The campaign is paused"),
    Reason.NOT_STARTED: _waiting("Kampanya henüz başlamadı", "The campaign has not started yet"),
    Reason.LOCAL_START: _waiting(
        "Kişinin bulunduğu yerde başlangıç saati gelmedi", "Where the person is, the starting hour has not come"
    ),
    Reason.TEMPLATE_HELD: _waiting("Şablon bekletiliyor", "The template is on hold"),
    Reason.TEMPLATE_NOT_APPROVED: _waiting(
        "Şablonun Meta onayı bekleniyor", "The template is waiting for Meta's approval"
    ),
    Reason.NUMBER_HELD: _waiting("Gönderen numara bekletiliyor", "The sending number is on hold"),
    Reason.ACCOUNT_HELD: _waiting("WhatsApp hesabı bekletiliyor", "The WhatsApp account is on hold"),
    Reason.UTILITY_HELD: _waiting("Bilgilendirme mesajları bekletiliyor", "Utility messages are on hold"),
    Reason.COUNTRY_HELD: _waiting(
        "Kişinin ülkesine gönderim bekletiliyor", "Sending to the person's country is on hold"
    ),
    Reason.BUDGET_SPENT: _waiting("Gönderim hakkı bu süre için bitti", "The allowance for this period is used up"),
    Reason.BLOCKED: _waiting("Kişiye bir süre yazılamıyor", "The person cannot be written to for a while"),
    Reason.COOLING_OFF: _waiting("Meta bu kişi için ara istedi", "Meta asked for a break for this person (131049)"),
    Reason.MESSAGE_IN_FLIGHT: _waiting(
        "Bu kişiye giden bir mesajın sonucu bekleniyor", "Another message to this person is on its way"
    ),
    Reason.FREQUENCY_CAP: _waiting(
        "Kişiye bu dönemde yeterince yazıldı", "The person has had as many messages as the limit allows"
    ),
    Reason.QUIET_HOURS: _waiting(
        "Kişinin bulunduğu yerde sessiz saatler ya da tatil", "It is quiet hours or a holiday where the person is"
    ),
    Reason.STOPPED_MEANWHILE: _ended(
        "Kişi, mesaj sıradayken durmasını istedi.", "The person said stop while the message was waiting."
    ),
    Reason.PLATFORM_STOP: _ended(
        "Kişi WhatsApp üzerinden pazarlama mesajlarını durdurdu.",
        "The person stopped marketing messages in WhatsApp itself (131050).",
    ),
    Reason.PER_USER_LIMIT: _ended(
        "Meta, kişi başına pazarlama sınırı nedeniyle iletmedi.",
        "Meta did not deliver it: the per-user limit on marketing (131049).",
    ),
    Reason.IN_EXPERIMENT: _ended(
        "Meta, kişi bir deneye dahil olduğu için iletmedi.",
        "Meta did not deliver it: the person is part of an experiment (130472).",
    ),
    Reason.UNDELIVERABLE: _ended("Meta mesajı iletemedi.", "Meta could not deliver the message (131026)."),
    Reason.FAILED_AT_META: _ended("Meta mesajı reddetti[: {detail}].", "Meta refused the message[: {detail}]."),
    Reason.RETRIES_SPENT: _ended("Bütün denemeler başarısız oldu[: {detail}].", "Every attempt failed[: {detail}]."),
    Reason.DROPPED_BY_PACING: _ended(
        "Meta, beklettiği mesajı şablonla birlikte bıraktı.",
        "Meta held the message back and then dropped it with its template (132015).",
    ),
    Reason.OUTCOME_UNSURE: _ended(
        "Mesajın çıkıp çıkmadığı bilinmiyor; yeniden gönderilmez.",
        "It is not known whether the message left; it is not sent again.",
    ),
    Reason.CANCELLED: _ended("Mesaj çıkmadan iptal edildi.", "The message was cancelled before it left."),
}


class RuleName(StrEnum):
    """The rules of consent.rules, for `izin why`."""

    PURPOSE = "purpose"
    CAMPAIGN = "campaign"
    EXPIRY = "expiry"
    SUPPRESSION = "suppression"
    STANDING = "standing"
    PROOF = "proof"
    REGISTRY = "registry"
    ADDRESS = "address"
    BLOCK = "block"
    COUNTRY = "country"
    PLACE = "place"
    WINDOW = "window"
    HOLDS = "holds"
    PARAMETERS = "parameters"
    START = "start"
    LOCAL_START = "local_start"
    COOL_OFF = "cool_off"
    IN_FLIGHT = "in_flight"
    FREQUENCY = "frequency"
    QUIET_HOURS = "quiet_hours"


RULE_TITLES: dict[RuleName, tuple[str, str]] = {
    RuleName.PURPOSE: ("Mesajın amacı", "What the message is for"),
    RuleName.CAMPAIGN: ("Kampanyanın durumu", "How the campaign stands"),
    RuleName.EXPIRY: ("Kampanyanın bitişi", "When the campaign ends"),
    RuleName.SUPPRESSION: ("Engel listesi", "Suppression list"),
    RuleName.STANDING: ("Kişinin onayı", "The person's consent"),
    RuleName.PROOF: ("Onayı kanıtlayan kayıt", "The entry that proves the consent"),
    RuleName.REGISTRY: ("İYS kaydı", "National registry (İYS)"),
    RuleName.ADDRESS: ("Kişinin adresi", "The person's address"),
    RuleName.BLOCK: ("Engellenmiş kişi", "A blocked person"),
    RuleName.COUNTRY: ("Kişinin ülkesi", "The person's country"),
    RuleName.PLACE: ("Saat dilimi ve bölge", "Time zone and region"),
    RuleName.WINDOW: ("24 saatlik hizmet penceresi", "24-hour service window"),
    RuleName.HOLDS: ("Şablon ve numara", "Template and number"),
    RuleName.PARAMETERS: ("Şablonun değerleri", "The template's values"),
    RuleName.START: ("Kampanyanın başlangıcı", "When the campaign starts"),
    RuleName.LOCAL_START: ("Kişinin saatiyle başlangıç", "The start on the person's own clock"),
    RuleName.COOL_OFF: ("Meta'nın istediği ara", "A break that Meta asked for"),
    RuleName.IN_FLIGHT: ("Yoldaki mesaj", "A message on its way"),
    RuleName.FREQUENCY: ("Sıklık sınırı", "How often"),
    RuleName.QUIET_HOURS: ("Sessiz saatler", "Quiet hours"),
}

LANGUAGES = ("tr", "en")

_OPTIONAL = re.compile(r"\[([^\[\]]*)\{(\w+)\}([^\[\]]*)\]")


def group_of(reason: Reason) -> Group:
    return SENTENCES[reason].group


def in_words(
    reason: Reason,
    language: str = "en",
    *,
    until: datetime | None = None,
    because: Reason | None = None,
    detail: str = "",
    zone: str = "UTC",
) -> str:
    """The reason's sentence in Turkish ("tr") or English ("en"). `until` is shown in `zone`, rounded up to a minute.

    Raises ValueError for another language.
    """
    words = {
        "until": "" if until is None else moment_in_words(until, zone),
        "because": "" if because is None else _inner(in_words(because, language)),
        "detail": detail,
    }
    return _OPTIONAL.sub(lambda part: _filled(part, words), _template(reason, language))


def _filled(part: re.Match[str], words: dict[str, str]) -> str:
    word = words[part[2]]
    return f"{part[1]}{word}{part[3]}" if word else ""


def _inner(sentence: str) -> str:
    """A sentence as part of another: without its full stop."""
    return sentence.removesuffix(".")


def _template(reason: Reason, language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"reasons are told in {' and '.join(LANGUAGES)}, not in {language!r}")
    sentence = SENTENCES[reason]
    return sentence.tr if language == "tr" else sentence.en


def moment_in_words(moment: datetime, zone: str = "UTC") -> str:
    """The first whole minute at or after an aware moment, on that zone's clock: what is promised is never too early."""
    minute = timedelta(minutes=1)
    past = timedelta(seconds=moment.second, microseconds=moment.microsecond)
    local = (moment + (minute - past if past else timedelta(0))).astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M} ({zone})"


def rule_title(rule: RuleName, language: str = "en") -> str:
    """The rule's name for people. Raises ValueError for a language that we do not speak."""
    if language not in LANGUAGES:
        raise ValueError(f"rules are named in {' and '.join(LANGUAGES)}, not in {language!r}")
    return RULE_TITLES[rule][LANGUAGES.index(language)]
