"""Every word on the pages, in Turkish and English."""

from __future__ import annotations

import re
from collections.abc import Mapping

from consent.reasons import Reason, in_words
from gateway.core.failure_words import WORDS
from gateway.core.wording import Wording

PAGE: Mapping[str, Wording] = {
    "overview": Wording("Genel bakış", "Overview"),
    "campaigns": Wording("Kampanyalar", "Campaigns"),
    "no_campaigns": Wording("Henüz kampanya yok.", "There is no campaign yet."),
    "older": Wording("Yalnız en yeni kampanyalar gösteriliyor.", "Only the newest campaigns are shown."),
    "template": Wording("Şablon", "Template"),
    "starts": Wording("Başlangıç", "Start"),
    "expires": Wording("Bitiş", "End"),
    "audience": Wording("Hedef kitle", "Audience"),
    "clicks": Wording("Tıklayan kişi", "People who clicked"),
    "state": Wording("Durum", "State"),
    "reason": Wording("Neden", "Reason"),
    "people": Wording("Kişi", "People"),
    "total": Wording("Toplam", "Total"),
    "consents": Wording("Onaylar", "Consents"),
    "consents_of": Wording(
        "Pazarlama amacı için, kişi sayısıyla.", "For the purpose of marketing, in numbers of people."
    ),
    "no_consents": Wording("Henüz kimse kayıtlı değil.", "Nobody is in the ledger yet."),
    "holds": Wording("Bekletilenler", "Holds"),
    "no_holds": Wording("Hiçbir gönderim bekletilmiyor.", "Nothing is on hold."),
    "scope": Wording("Kapsam", "Scope"),
    "since": Wording("Şundan beri", "Since"),
    "until": Wording("Şuna kadar", "Until"),
    "by_hand": Wording("elle kaldırılana kadar", "until it is lifted"),
    "incidents": Wording("Olaylar", "Incidents"),
    "no_incidents": Wording("Hesapla ilgili bir haber yok.", "There is no news of the account."),
    "incidents_of": Wording(
        "Meta'nın hesap ve numaralar hakkında söyledikleri, bir de elle yapılanlar; en yenisi üstte.",
        "What Meta said of the account and its numbers, and what was done by hand; the newest first.",
    ),
    "when": Wording("Zaman", "When"),
    "severity": Wording("Önem", "Severity"),
    "what": Wording("Ne oldu", "What"),
    "about": Wording("Neyle ilgili", "About"),
    "detail": Wording("Ayrıntı", "Detail"),
    "inbox": Wording("Gelen kutusu", "Inbox"),
    "backlog": Wording("İşlenmeyi bekleyen gövde", "Bodies waiting to be applied"),
    "spooled": Wording("Yedek dosyada bekleyen grup", "Groups waiting in the spool"),
    "quarantined": Wording("Karantinaya alınan öğe", "Items in quarantine"),
    "seen": Wording("Webhook'larda görülenler", "Seen in webhooks"),
    "kind": Wording("Tür", "Kind"),
    "count": Wording("Sayı", "Count"),
    "nothing_seen": Wording("Henüz webhook gelmedi.", "No webhook has come yet."),
    "as_of": Wording("Şu an itibarıyla", "As of"),
    "sign_in": Wording("Giriş", "Sign in"),
    "sign_out": Wording("Çıkış", "Sign out"),
    "password": Wording("Parola", "Password"),
    "wrong_password": Wording("Parola doğru değil.", "The password is not right."),
    "too_many_tries": Wording(
        "Çok fazla yanlış deneme oldu; bir dakika sonra yeniden deneyin.",
        "There were too many wrong tries; try again in a minute.",
    ),
    "no_password_set": Wording(
        "Bu sayfa kapalı: açmak için IZIN_PAGE_PASSWORD ayarını yapıp yeniden başlatın.",
        "This page is closed: set IZIN_PAGE_PASSWORD and start again to open it.",
    ),
    "sign_in_first": Wording("Önce giriş yapın.", "Sign in first."),
    "back": Wording("Genel bakışa dön", "Back to the overview"),
    "not_found": Wording("Burada bir şey yok.", "There is nothing here."),
    "not_understood": Wording("Bu istek anlaşılamadı.", "This request was not understood."),
    "went_wrong": Wording(
        "Beklenmedik bir hata oldu; kayıt defterinde (log) yazıyor.", "Something went wrong; the log says what."
    ),
    "database_away": Wording(
        "Veritabanı şu an yanıt vermiyor; biraz sonra yeniden deneyin.",
        "The database does not answer at the moment; try again shortly.",
    ),
}

READINESS: Mapping[str, Wording] = {
    "database": Wording("Veritabanına ulaşılamıyor.", "The database cannot be reached."),
    "migrations": Wording(
        "Veritabanının yapısı eski; `izin db upgrade` çalıştırın.",
        "The database has an older shape; run `izin db upgrade`.",
    ),
    "inbox": Wording("Gelen kutusuna yazılamıyor.", "The inbox cannot be written."),
}

CAMPAIGN_STATES: Mapping[str, Wording] = {
    "planned": Wording("planlandı", "planned"),
    "scheduled": Wording("zamanlandı", "scheduled"),
    "launching": Wording("başlatılıyor", "launching"),
    "running": Wording("sürüyor", "running"),
    "paused": Wording("duraklatıldı", "paused"),
    "done": Wording("bitti", "done"),
    "cancelled": Wording("iptal edildi", "cancelled"),
}

MESSAGE_STATES: Mapping[str, Wording] = {
    "queued": Wording("sırada", "queued"),
    "sending": Wording("gönderiliyor", "sending"),
    "accepted": Wording("Meta aldı", "accepted by Meta"),
    "held": Wording("Meta bekletiyor", "held by Meta"),
    "sent": Wording("gönderildi", "sent"),
    "delivered": Wording("teslim edildi", "delivered"),
    "read": Wording("okundu", "read"),
    "refused": Wording("gönderilmedi", "refused"),
    "expired": Wording("süresi doldu", "expired"),
    "cancelled": Wording("iptal edildi", "cancelled"),
    "failed": Wording("başarısız", "failed"),
    "unsure": Wording("sonucu belirsiz", "unsure"),
}

CONSENT_STATES: Mapping[str, Wording] = {
    "none": Wording("onay yok", "no consent"),
    "pending": Wording("yanıt bekleniyor", "waiting for an answer"),
    "declined": Wording("reddetti", "declined"),
    "lapsed": Wording("yanıtlamadı", "did not answer"),
    "granted": Wording("onaylı", "granted"),
    "paused": Wording("askıda", "on hold"),
    "revoked": Wording("geri aldı", "withdrawn"),
    "expired": Wording("süresi doldu", "run out"),
    "erased": Wording("silindi", "erased"),
}

SCOPES: Mapping[str, Wording] = {
    "campaign": Wording("kampanya", "campaign"),
    "template": Wording("şablon", "template"),
    "number": Wording("gönderen numara", "sending number"),
    "account": Wording("WhatsApp hesabı", "WhatsApp account"),
    "utility": Wording("hesabın bilgilendirme mesajları", "the account's utility messages"),
    "country": Wording("ülke", "country"),
    "everything": Wording("bütün gönderim", "all sending"),
}

SEVERITIES: Mapping[str, Wording] = {
    "note": Wording("bilgi", "note"),
    "warning": Wording("uyarı", "warning"),
    "critical": Wording("kritik", "critical"),
}

INCIDENTS: Mapping[str, Wording] = {
    "number_quality": Wording("numaranın kalitesi değişti", "a number's quality changed"),
    "throughput": Wording("numaranın hızı yükseltildi", "a number's throughput was raised"),
    "capability": Wording("günlük kişi sınırı bildirildi", "the daily limit on people was told"),
    "account": Wording("hesap kısıtlandı ya da değişti", "the account was restricted or changed"),
    "account_note": Wording("hesap hakkında haber", "news of the account"),
    "account_alert": Wording("Meta'dan uyarı", "an alert of Meta's"),
    "account_review": Wording("hesap incelendi", "the account was reviewed"),
    "security": Wording("numaranın güvenlik ayarı değişti", "a number's security setting changed"),
    "number_name": Wording("görünen ad incelendi", "a display name was reviewed"),
    "error": Wording("hiçbir mesaja ait olmayan hata", "an error that belongs to no message"),
    "timestamp_missing": Wording(
        "denetim noktasının zaman damgası yok", "a checkpoint has no time-stamp of an authority yet"
    ),
    "held_by_hand": Wording("gönderim elle durduruldu", "sending was stopped by hand"),
    "lifted_by_hand": Wording("engel elle kaldırıldı", "a hold was lifted by hand"),
    "let_back_by_hand": Wording("kenara ayrılan birine elle izin verildi", "somebody set aside was let back by hand"),
    "settled_by_hand": Wording("belirsiz mesaj elle sonuçlandırıldı", "an unknown outcome was settled by hand"),
}

EXTRA_REASONS: Mapping[str, Wording] = {
    "expired_at_meta": Wording(
        "Meta mesajı süresi içinde iletemedi.", "Meta could not deliver the message within its time to live."
    ),
    "account_disabled": Wording("Meta WhatsApp hesabını kapattı.", "Meta disabled the WhatsApp account."),
    "held_by_hand": Wording("Elle durduruldu.", "Stopped by hand."),
    "sent_by_hand": Wording("Gönderildiği elle bildirildi.", "An operator said that it was sent."),
    "not_sent_by_hand": Wording(
        "Gönderilmediği elle bildirildi; yeniden sırada.", "An operator said that it was not sent; it goes again."
    ),
    "template_quality_red": Wording(
        "Şablonun kalitesi düşük: kişiler engelliyor.", "The template's quality is red: people block it."
    ),
    "template_now_marketing": Wording(
        "Meta şablonu pazarlamaya çevirdi; kampanya başka bir amaçla planlanmıştı.",
        "Meta made the template marketing; the campaign was planned for another purpose.",
    ),
    "template_paused": Wording("Meta şablonu durdurdu.", "Meta has paused the template."),
    "template_disabled": Wording("Meta şablonu kapattı.", "Meta disabled the template for good."),
    "template_rejected": Wording("Meta şablonu reddetti.", "Meta rejected the template."),
    "template_deleted": Wording("Şablon silindi.", "The template was deleted."),
    "template_pending_deletion": Wording("Şablon siliniyor.", "The template is being deleted."),
    "template_archived": Wording("Şablon arşivlendi.", "The template was archived."),
    "template_locked": Wording("Meta şablonu kilitledi.", "Meta locked the template."),
    "template_in_appeal": Wording("Şablon için itiraz sürüyor.", "The template is in appeal."),
}

_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")


def state_words(states: Mapping[str, Wording], state: str, language: str) -> str:
    """A state in words; one that has none, as it is written."""
    found = states.get(state)
    return found.say(language) if found else state


def reason_words(reason: str | None, language: str) -> str:
    """The sentence for a stored reason, whoever gave it: ours, Meta's errors, or news of Meta's.

    What is no name of a reason is told in general words: it may be a sentence of somebody else's.
    """
    if not reason:
        return ""
    if reason in set(Reason):
        return in_words(Reason(reason), language)
    if reason in WORDS:
        return WORDS[reason].tr if language == "tr" else WORDS[reason].en
    if reason in EXTRA_REASONS:
        return EXTRA_REASONS[reason].say(language)
    return reason.replace("_", " ") if _PLAIN_NAME.fullmatch(reason) else in_words(Reason.OUTCOME_UNSURE, language)
