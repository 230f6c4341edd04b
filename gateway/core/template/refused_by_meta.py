"""What Meta's subcodes say of a template that it does not take: where to look, and what to do.

Subcodes: error-codes page, as collected in reference/whatsapp-cloud-api.md section 3. Others are told in Meta's words.
"""

from __future__ import annotations

from gateway.core.template.findings import BODY, FOOTER, HEADER, NAME, WHOLE, Finding, error

_KNOWN = {
    2388019: (WHOLE, ("Hesapta şablon sayısı dolmuş.", "The account holds as many templates as it may."),
              ("Kullanılmayan şablonları silin.", "Delete templates that are not used.")),
    2388024: (NAME, ("Bu ad ve dilde bir şablon var.", "There is a template of this name in this language."),
              ("Başka bir ad verin ya da `izin templates pull` ile alın.",
               "Choose another name, or fetch it with `izin templates pull`.")),
    2388039: (WHOLE, ("Meta bu durumdaki şablonun düzenlenmesine izin vermiyor.",
              "Meta does not let a template in this state be edited."),
              ("İnceleme bitince yeniden deneyin ya da yeni adla oluşturun.",
               "Try again after its review, or create it under a new name.")),
    2388040: (WHOLE, ("Bir metin Meta'nın sınırından uzun.", "A text is longer than Meta allows."),
              ("Kısaltın.", "Shorten it.")),
    2388043: (BODY, ("Gövde metni yok.", "The body has no text."), ("Gövdeyi yazın.", "Write the body.")),
    2388047: (HEADER, ("Başlığın biçimi yanlış.", "The header's form is wrong."),
              ("En çok bir değişken ve düz metin olsun.", "Use plain text and at most one variable.")),
    2388072: (BODY, ("Gövdedeki değişkenlerin biçimi yanlış.", "The body's variables are written wrongly."),
              ("{{1}}, {{2}} … ya da {{ad}} biçiminde yazın.", "Write {{1}}, {{2}} … or {{name}}.")),
    2388073: (FOOTER, ("Alt bilginin biçimi yanlış.", "The footer's form is wrong."),
              ("Değişkensiz, düz metin yazın.", "Write plain text without variables.")),
    2388293: (BODY, ("Değişkenlere göre çok az sözcük var.", "There are too few words to the variables."),
              ("Metni uzatın ya da değişkenleri azaltın.", "Write more text or use fewer variables.")),
    2388299: (BODY, ("Gövde bir değişkenle başlıyor ya da bitiyor.", "The body begins or ends with a variable."),
              ("Başına ve sonuna sözcük ekleyin.", "Add words before and after.")),
}  # fmt: skip


def refused_by_meta(subcode: int | None, said: str) -> Finding:
    """Meta's refusal as a finding; `said` is its own explanation and always kept."""
    if subcode not in _KNOWN:
        return error("meta", WHOLE, (f"Meta almadı: {said}", f"Meta did not take it: {said}"),
                     ("Söylenene göre düzeltin.", "Correct what it names."))  # fmt: skip
    place, sentence, fix = _KNOWN[subcode]
    told = f" ({said})" if said else ""
    return error("meta", place, (sentence[0] + told, sentence[1] + told), fix)
