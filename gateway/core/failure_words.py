"""What an operator reads about each failure, in English and Turkish. Keys are `Failure.name`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    en: str
    tr: str


WORDS: Mapping[str, Words] = {
    "token_refused": Words(
        "Meta no longer accepts the access token. Make a new one and set it; sending waits.",
        "Meta erişim belirtecini artık kabul etmiyor. Yenisini oluşturup ayarlayın; gönderim bekliyor.",
    ),
    "permission_missing": Words(
        "The token lacks a permission. Grant whatsapp_business_messaging to it; sending waits.",
        "Belirtecin bir izni eksik. whatsapp_business_messaging iznini verin; gönderim bekliyor.",
    ),
    "server_error": Words(
        "Meta answered with a general error; the message is tried again a few times.",
        "Meta genel bir hata bildirdi; ileti birkaç kez daha denenir.",
    ),
    "downtime": Words(
        "Meta's service is down or overloaded for the moment; the message is tried again.",
        "Meta hizmeti şu an kapalı veya aşırı yüklü; ileti yeniden denenir.",
    ),
    "call_rate": Words(
        "Too many calls to Meta this hour; they slow down, or wait until Meta takes them again.",
        "Bu saat içinde Meta'ya çok fazla çağrı yapıldı; yavaşlanır ya da Meta yeniden alana kadar beklenir.",
    ),
    "number_missing": Words(
        "The sending number is deleted or unknown to Meta. Check the phone number id; this number waits.",
        "Gönderen numara silinmiş ya da Meta'da yok. Numara kimliğini denetleyin; bu numara bekliyor.",
    ),
    "bad_request": Words(
        "Meta did not understand a parameter. The campaign is stopped; correct it and resume.",
        "Meta bir parametreyi anlamadı. Kampanya durduruldu; düzeltip sürdürün.",
    ),
    "account_restricted": Words(
        "Meta restricted or locked the WhatsApp account. See Business Support; the account waits.",
        "Meta WhatsApp hesabını kısıtladı ya da kilitledi. İşletme Desteği'ne bakın; hesap bekliyor.",
    ),
    "duplicate_onboarding": Words(
        "The same onboarding request was made twice; nothing to do.",
        "Aynı kayıt isteği iki kez yapılmış; yapılacak bir şey yok.",
    ),
    "blocked_by_us": Words(
        "This person is on the business's own block list. Unblock them there, then `izin person let-back`.",
        "Bu kişi işletmenin kendi engel listesinde. Engeli oradan kaldırıp `izin person let-back` deyin.",
    ),
    "too_fast": Words(
        "The number's throughput was reached; the pace is lowered and the message is tried again.",
        "Numaranın hız sınırına ulaşıldı; hız düşürülür ve ileti yeniden denenir.",
    ),
    "in_experiment": Words(
        "Meta withholds marketing from this person as part of an experiment; not sent, consent stays.",
        "Meta bir deney gereği bu kişiye pazarlama iletisi vermiyor; gönderilmedi, onay geçerli.",
    ),
    "country_not_allowed": Words(
        "This account may not message people in that country; people there are left out.",
        "Bu hesap o ülkedeki kişilere ileti gönderemez; oradaki kişiler dışarıda bırakılır.",
    ),
    "unknown_failure": Words(
        "Meta could not send the message and does not say why; it is tried again a few times.",
        "Meta iletiyi gönderemedi ve nedenini söylemiyor; birkaç kez daha denenir.",
    ),
    "parameter_missing": Words(
        "A required parameter is missing. The campaign is stopped; complete it and resume.",
        "Zorunlu bir parametre eksik. Kampanya durduruldu; tamamlayıp sürdürün.",
    ),
    "parameter_invalid": Words(
        "A parameter's value is not valid. The campaign is stopped; correct it and resume.",
        "Bir parametrenin değeri geçersiz. Kampanya durduruldu; düzeltip sürdürün.",
    ),
    "sender_is_recipient": Words(
        "The address is the sending number itself; not sent.",
        "Adres gönderen numaranın kendisi; gönderilmedi.",
    ),
    "undeliverable": Words(
        "WhatsApp could not reach this person (no WhatsApp, terms not accepted, or an old version).",
        "WhatsApp bu kişiye ulaşamadı (WhatsApp yok, koşullar kabul edilmemiş ya da eski sürüm).",
    ),
    "not_on_test_list": Words(
        "A test number may only write to its registered recipients. Register them or use a real number.",
        "Deneme numarası yalnızca kayıtlı alıcılara yazabilir. Kaydedin ya da gerçek numara kullanın.",
    ),
    "display_name_unapproved": Words(
        "The number's display name is not approved yet; this number waits.",
        "Numaranın görünen adı henüz onaylanmadı; bu numara bekliyor.",
    ),
    "payment_problem": Words(
        "Meta reports a payment problem. Set it right in Billing; the account waits.",
        "Meta bir ödeme sorunu bildiriyor. Faturalandırma'da düzeltin; hesap bekliyor.",
    ),
    "number_unregistered": Words(
        "The sending number is not registered properly with the Cloud API; this number waits.",
        "Gönderen numara Cloud API'ye düzgün kayıtlı değil; bu numara bekliyor.",
    ),
    "window_closed": Words(
        "The 24-hour service window is closed; only a template may be sent now.",
        "24 saatlik hizmet penceresi kapalı; şimdi yalnızca şablon gönderilebilir.",
    ),
    "spam_restriction": Words(
        "Meta limits this number because people blocked or reported it; this number waits.",
        "Kişiler engellediği ya da bildirdiği için Meta bu numarayı kısıtladı; bu numara bekliyor.",
    ),
    "deferred_by_meta": Words(
        "Deferred by Meta: this person had enough marketing for now. Tried again after a day, at most twice.",
        "Meta erteledi: bu kişi şimdilik yeterince pazarlama aldı. Bir gün sonra, en çok iki kez denenir.",
    ),
    "person_stopped_marketing": Words(
        "The person stopped marketing messages from this business in WhatsApp; recorded as a stop.",
        "Kişi bu işletmenin pazarlama iletilerini WhatsApp'ta durdurdu; ret olarak kaydedildi.",
    ),
    "unsupported_type": Words(
        "Meta does not support this kind of message. The campaign is stopped.",
        "Meta bu ileti türünü desteklemiyor. Kampanya durduruldu.",
    ),
    "inbound_media": Words(
        "A person's attachment could not be downloaded; sending is not affected.",
        "Bir kişinin eki indirilemedi; gönderim etkilenmez.",
    ),
    "media_failed": Words(
        "The template's media could not be loaded. The campaign is stopped; upload it again and resume.",
        "Şablonun medyası yüklenemedi. Kampanya durduruldu; yeniden yükleyip sürdürün.",
    ),
    "not_marketing": Words(
        "Meta's marketing endpoint takes marketing templates only. Set IZIN_MARKETING_API=off, then lift the hold.",
        "Pazarlama uç noktası yalnız pazarlama şablonu alır. IZIN_MARKETING_API=off yapıp sürdürün.",
    ),
    "pair_rate": Words(
        "Too many messages to this one person in a short time; tried again a little later.",
        "Bu kişiye kısa sürede çok fazla ileti gitti; biraz sonra yeniden denenir.",
    ),
    "maintenance": Words(
        "Meta is upgrading the number, which takes about a minute; tried again after that.",
        "Meta numarayı yükseltiyor, yaklaşık bir dakika sürer; ardından yeniden denenir.",
    ),
    "phone_number_needed": Words(
        "This message needs the person's phone number; only a user id is known.",
        "Bu ileti kişinin telefon numarasını ister; yalnızca kullanıcı kimliği biliniyor.",
    ),
    "marketing_endpoint_needed": Words(
        "This account may send marketing by the marketing endpoint only. Set IZIN_MARKETING_API, then lift the hold.",
        "Bu hesap pazarlamayı yalnız pazarlama uç noktasından gönderir. IZIN_MARKETING_API ayarlayıp sürdürün.",
    ),
    "utility_limited": Words(
        "Meta limits this account's utility templates because some were marketing; they wait a day.",
        "Bazıları pazarlama olduğu için Meta bilgilendirme şablonlarını sınırladı; bir gün beklenir.",
    ),
    "variables_mismatch": Words(
        "The number of variables differs from the template's. The template waits; correct the campaign.",
        "Değişken sayısı şablondakinden farklı. Şablon bekliyor; kampanyayı düzeltin.",
    ),
    "template_missing": Words(
        "The template does not exist in that language or is not approved; it waits.",
        "Şablon o dilde yok ya da onaylanmamış; bekliyor.",
    ),
    "text_too_long": Words(
        "With this person's details the text is longer than Meta allows; not sent.",
        "Bu kişinin bilgileriyle metin Meta'nın izin verdiğinden uzun; gönderilmedi.",
    ),
    "template_violates_policy": Words(
        "Meta finds that the template's content violates its policy; the template waits for an edit.",
        "Meta şablon içeriğini ilkelerine aykırı buldu; şablon düzenlenene kadar bekliyor.",
    ),
    "template_paused": Words(
        "Meta paused the template after poor feedback; it waits until Meta approves it again.",
        "Meta kötü geri bildirim üzerine şablonu duraklattı; yeniden onaylanana kadar bekliyor.",
    ),
    "template_disabled": Words(
        "Meta disabled the template for good. Use another one.",
        "Meta şablonu kalıcı olarak kapattı. Başka bir şablon kullanın.",
    ),
    "flow_blocked": Words(
        "The form behind the template's button is blocked by Meta; the template waits.",
        "Şablon düğmesindeki form Meta tarafından engellendi; şablon bekliyor.",
    ),
    "flow_throttled": Words(
        "The form behind the template's button is limited to a few an hour; the template waits an hour.",
        "Şablon düğmesindeki form saatte birkaç kezle sınırlı; şablon bir saat bekler.",
    ),
    "template_syncing": Words(
        "Meta is still preparing the template for the marketing endpoint; tried again in ten minutes.",
        "Meta şablonu pazarlama uç noktası için hazırlıyor; on dakika sonra yeniden denenir.",
    ),
    "template_unavailable": Words(
        "The marketing endpoint refuses this template. Use another, or set IZIN_MARKETING_API=off; lift the hold.",
        "Pazarlama uç noktası bu şablonu almıyor. Başkasını seçin ya da IZIN_MARKETING_API=off yapıp sürdürün.",
    ),
    "dropped_by_pacing": Words(
        "Meta held this account's messages for a quality check and dropped them; the account waits.",
        "Meta bu hesabın iletilerini kalite denetimi için tutup bıraktı; hesap bekliyor.",
    ),
    "identity_changed": Words(
        "The person's WhatsApp identity changed; confirm who it is before writing again.",
        "Kişinin WhatsApp kimliği değişti; yeniden yazmadan önce kim olduğunu doğrulayın.",
    ),
    "direct_send_blocked": Words(
        "Direct Send is blocked for this account. The campaign is stopped; use a template.",
        "Bu hesapta Direct Send engelli. Kampanya durduruldu; şablon kullanın.",
    ),
    "template_authoring": Words(
        "Meta refused a change to a template; its text says what to correct.",
        "Meta bir şablon değişikliğini reddetti; metni neyin düzeltileceğini söyler.",
    ),
    "signup_problem": Words(
        "Meta refused a sign-up step; its text says what to correct.",
        "Meta bir kayıt adımını reddetti; metni neyin düzeltileceğini söyler.",
    ),
    "unfit": Words(
        "The message could not be put into Meta's form (address or contents); it never left.",
        "İleti Meta'nın biçimine uymadı (adres ya da içerik); hiç çıkmadı.",
    ),
    "not_sent": Words(
        "No connection to Meta; nothing was sent, so the message is safely tried again.",
        "Meta'ya bağlantı yok; hiçbir şey gönderilmedi, ileti güvenle yeniden denenir.",
    ),
    "outcome_unknown": Words(
        "The connection broke after the message was handed over; a receipt will tell whether it went.",
        "İleti verildikten sonra bağlantı koptu; gidip gitmediğini alındı bilgisi gösterecek.",
    ),
    "unlisted": Words(
        "Meta answered with a code that is not in our table; this message ends, consent stays.",
        "Meta tablomuzda olmayan bir kod bildirdi; bu ileti biter, onay geçerli.",
    ),
}
