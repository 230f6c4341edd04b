"""Look a template over before Meta's reviewers and the recipients do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.core.template.definition import NAME_CHARS_MAX, Category, HeaderFormat, Template
from gateway.core.template.findings import (
    BODY,
    HEADER,
    NAME,
    WHOLE,
    Finding,
    Severity,
    button_place,
    error,
    note,
    warning,
)
from gateway.core.template.lint_buttons import button_findings
from gateway.core.template.lint_texts import text_findings
from gateway.core.template.stopping import plain, shows_a_way_to_stop

LINK_PATH = "/r/"
"""Where the web process counts links (gateway/web/links.py)."""
PREVIEW_CHARS = 60
"""What a lock screen shows of a message, about: no published figure, phones differ."""


@dataclass(frozen=True, slots=True)
class LintSettings:
    """What the house is called and known as. `turkish_law` makes Law 6563's marks a duty for marketing.

    `public_url` is where links in messages are counted; empty when nothing is said of it. `marketing_api` tells whether
    marketing templates go by Meta's Marketing Messages API, which alone knows some parts.
    """

    trade_name: str = ""
    mersis: str = ""
    brand_names: tuple[str, ...] = ()
    turkish_law: bool = True
    public_url: str = ""
    marketing_api: bool = False


def lint(template: Template, settings: LintSettings) -> list[Finding]:
    """Everything found, errors first, else in the order of the phone's screen."""
    found = [
        *_name(template),
        *_unknown(template),
        *text_findings(template),
        *button_findings(template),
        *_links(template, settings),
        *_life(template),
        *_only_by_marketing_api(template, settings),
        *_stopping(template),
        *_sender(template, settings),
        *_promotional(template),
        *_authentication(template),
        *_first_line(template),
    ]
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))


def _name(template: Template) -> Iterator[Finding]:
    if not re.fullmatch(r"[a-z0-9_]+", template.name) or len(template.name) > NAME_CHARS_MAX:
        yield error("name", NAME, (f"Ad küçük harf, rakam ve _ ile, en çok {NAME_CHARS_MAX} karakter olmalı.",
                    f"A name has lower-case letters, digits and _, at most {NAME_CHARS_MAX} characters."),
                    ("Adı değiştirin.", "Change the name."))  # fmt: skip
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2,4})?", template.language):
        yield error("language", NAME, (f"“{template.language}” Meta’nın dil kodlarından değil.",
                    f"“{template.language}” is none of Meta's language codes."),
                    ("tr ya da en_US gibi yazın.", "Write it like tr or en_US."))  # fmt: skip


def _unknown(template: Template) -> Iterator[Finding]:
    for kind in template.unknown:
        yield error("unknown", WHOLE, (f"{kind} bölümü tanınmıyor; bu şablon gönderilemez.",
                    f"The part {kind} is not known; this template cannot be sent."),
                    ("Başka bir şablon kullanın.", "Use another template."))  # fmt: skip


def _links(template: Template, settings: LintSettings) -> Iterator[Finding]:
    """A link is counted, and an erased person's dies, only if it comes by our own address."""
    base = f"{settings.public_url}{LINK_PATH}"
    buttons = enumerate([*template.buttons, *(button for card in template.cards for button in card.buttons)])
    for index, button in buttons:
        if settings.public_url and button.is_dynamic and not button.url.startswith(base):
            yield warning("link_base", button_place(index, button.text),
                          ("Bağlantı IZIN_PUBLIC_URL adresine gitmiyor; tıklamalar sayılmaz, kampanya hedefi açılmaz.",
                          "The link does not lead to IZIN_PUBLIC_URL: clicks are not counted, targets not opened."),
                          (f"Adresi {base}{{{{1}}}} yapın.", f"Make the address {base}{{{{1}}}}."))  # fmt: skip


_LIFE_SECONDS = {
    Category.AUTHENTICATION: (30, 900),
    Category.UTILITY: (30, 43_200),
    Category.MARKETING: (43_200, 2_592_000),
}


def _life(template: Template) -> Iterator[Finding]:
    least, most = _LIFE_SECONDS[template.category]
    life = template.ttl_seconds
    if life is None or least <= life <= most or (life == -1 and template.category is not Category.MARKETING):
        return
    yield error("ttl", WHOLE, (f"Yaşam süresi {least} ile {most} saniye arasında olmalı.",
                f"The time to live must be {least} to {most} seconds."),
                ("Süreyi değiştirin ya da kaldırın.", "Change it or leave it out."))  # fmt: skip


def _only_by_marketing_api(template: Template, settings: LintSettings) -> Iterator[Finding]:
    """M:components@2025-12 (GIF headers), M:time-to-live@2026-09 (how long marketing is tried)."""
    if template.category is not Category.MARKETING or settings.marketing_api:
        return
    fix = ("IZIN_MARKETING_API ayarlayın ya da bunu çıkarın.", "Set IZIN_MARKETING_API, or leave it out.")
    if template.header and template.header.format is HeaderFormat.GIF:
        yield error("marketing_api", HEADER, ("GIF başlığı yalnızca Pazarlama Mesajları API'sinden gider.",
                    "A GIF header goes by the Marketing Messages API only."), fix)  # fmt: skip
    if template.ttl_seconds is not None:
        yield warning("marketing_api", WHOLE, ("Pazarlamada yaşam süresi yalnızca Pazarlama Mesajları API'sinde işler.",
                      "For marketing, only the Marketing Messages API heeds the time to live."), fix)  # fmt: skip


def _stopping(template: Template) -> Iterator[Finding]:
    if template.category is Category.MARKETING and not shows_a_way_to_stop(template):
        yield error("stop", WHOLE, ("Pazarlama mesajı nasıl durdurulacağını göstermiyor.",
                    "A marketing message that does not show how to stop it."),
                    ("“Mesajları durdur” hızlı yanıtı ya da “Mesaj almak istemiyorsanız DUR yazın.” satırı ekleyin.",
                     "Add a quick reply such as “Stop promotions”, or a line such as “Write STOP to get no more”.")
                    )  # fmt: skip


def _sender(template: Template, settings: LintSettings) -> Iterator[Finding]:
    """Law 6563's regulation: trade name and MERSİS number, at least MERSİS in short messages (consent.md section 1)."""
    if template.category is not Category.MARKETING or not settings.turkish_law or template.language != "tr":
        return
    if not settings.trade_name or not settings.mersis:
        yield error("sender", WHOLE, ("Ticaret unvanı ya da MERSİS numarası ayarlanmamış.",
                    "The trade name or the MERSİS number is not set."),
                    ("IZIN_TRADE_NAME ve IZIN_MERSIS ayarlarını yapın.",
                     "Set IZIN_TRADE_NAME and IZIN_MERSIS."))  # fmt: skip
    elif not _is_named(template, settings):
        yield warning("sender", WHOLE, ("Mesajda ne ticaret unvanı ne marka ne MERSİS numarası geçiyor.",
                      "The message names neither trade name nor brand nor MERSİS number."),
                      (f"Alt bilgiye “{settings.trade_name}, MERSİS {settings.mersis}” gibi bir satır ekleyin.",
                       f"Add a line such as “{settings.trade_name}, MERSİS {settings.mersis}” to the footer.")
                      )  # fmt: skip


def _is_named(template: Template, settings: LintSettings) -> bool:
    header = template.header.text.text if template.header and template.header.text else ""
    text = plain(f"{header} {template.body.text} {template.footer}")
    names = (settings.trade_name, settings.mersis, *settings.brand_names)
    return any(name and plain(name) in text for name in names)


_PROMOTIONAL = re.compile(
    r"\bindirim|\bfirsat|\bkampanya|\bkupon|\bhediye|\bbedava|\bucretsiz kargo|\bson gun|\byeni sezon|\bkacirma"
    r"|\bsale\b|\bdiscount|\boffer\b|\bdeal\b|\bcoupon|\bpromo|\bfree gift|% off|percent off|\bbuy now|\bshop now"
    r"|\blimited time|\blast chance|\bnew season"
)  # matched against `plain` text


def _promotional(template: Template) -> Iterator[Finding]:
    if template.category is not Category.UTILITY:
        return
    texts = [text.text for _, text in template.texts()] + [template.footer, *(one.text for one in template.buttons)]
    if found := _PROMOTIONAL.search(plain(" ".join(texts))):
        yield warning("promotional", WHOLE,
                      (f"Utility şablonunda tanıtım sözü var: “{found[0]}”; Meta MARKETING’e çevirir.",
                      f"Promotional words in a utility template: “{found[0]}”; Meta will make it MARKETING."),
                      ("Sözü çıkarın ya da kategoriyi MARKETING yapın.",
                       "Take them out, or make the category MARKETING."))  # fmt: skip


def _authentication(template: Template) -> Iterator[Finding]:
    if template.category is Category.AUTHENTICATION and not template.carries_a_code:
        yield error("code_button", WHOLE, ("Doğrulama şablonunda kod düğmesi yok.",
                    "An authentication template needs a one-time-password button."),
                    ("Bir otp düğmesi ekleyin.", "Add an otp button."))  # fmt: skip
    if template.carries_a_code and template.category is not Category.AUTHENTICATION:
        yield error("code_category", WHOLE, ("Kod düğmesi yalnızca doğrulama şablonunda olur.",
                    "A one-time-password button belongs to authentication only."),
                    ("Kategoriyi AUTHENTICATION yapın.", "Make the category AUTHENTICATION."))  # fmt: skip


_GREETING = re.compile(
    r"^(merhaba|selam|sayin|sevgili|degerli|iyi gunler|gunaydin|hello|hi|hey|dear|good (morning|day|evening))\b"
    r"[^.!?\n]{0,40}$"
)


def _first_line(template: Template) -> Iterator[Finding]:
    """The lock screen shows the first line: it should say what the person gains, not only greet."""
    if template.category is not Category.MARKETING or (template.header and template.header.text):
        return
    first, _, rest = template.body.text.strip().partition("\n")
    if rest.strip() and _GREETING.match(plain(first).rstrip(" ,!.")):
        yield warning("first_line", BODY, ("İlk satır yalnızca selamlama; ekranda görünen budur.",
                      "The first line only greets, and it is what the lock screen shows."),
                      (f"İlk {PREVIEW_CHARS} karaktere kazancı yazın.",
                       f"Say what they gain within the first {PREVIEW_CHARS} characters."))  # fmt: skip
    elif len(first) > PREVIEW_CHARS and not re.search(r"[.!?:]", first[:PREVIEW_CHARS]):
        yield note("first_line", BODY, (f"İlk cümle {PREVIEW_CHARS} karakterden uzun; önizlemede kesilir.",
                   f"The first sentence is longer than {PREVIEW_CHARS} characters; the preview cuts it."),
                   ("Kazancı öne alın.", "Put the benefit first."))  # fmt: skip


def twins(templates: Sequence[Template]) -> dict[int, Finding]:
    """Templates that cannot stand beside an earlier one of the list, by their place in it.

    A name has one version a language, and Meta refuses a body with a footer that another template has already
    (M:template-review@2025-12); one-time codes are excepted.
    """
    found: dict[int, Finding] = {}
    names: dict[tuple[str, str], None] = {}
    texts: dict[tuple[str, str], str] = {}
    for place, template in enumerate(templates):
        said = (template.body.text.strip(), template.footer.strip())
        if (template.name, template.language) in names:
            found[place] = error("twin", NAME, ("Aynı ad ve dil başka bir dosyada da var.",
                                 "Another file has the same name and language."),
                                 ("Birini silin ya da adını değiştirin.", "Delete or rename one of them."))  # fmt: skip
        elif said in texts and not template.carries_a_code:
            other = texts[said]
            found[place] = error("twin", BODY, (f"Gövde ve alt bilgi “{other}” ile aynı; Meta reddeder.",
                                 f"Body and footer are those of “{other}”; Meta refuses this."),
                                 ("Metni değiştirin ya da o şablonu kullanın.",
                                  "Change the text, or use that template."))  # fmt: skip
        names[template.name, template.language] = None
        texts.setdefault(said, template.name)
    return found
