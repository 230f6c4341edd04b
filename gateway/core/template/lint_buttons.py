"""Rules on buttons, cards and offers. Limits: reference/whatsapp-cloud-api.md sections 1.2 and 5."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from urllib.parse import urlsplit

from gateway.core.template.definition import (
    BUTTONS_MAX,
    CARD_BUTTONS_MAX,
    CARDS_MAX,
    CARDS_MIN,
    CODE_CHARS_MAX,
    HOLE,
    LABEL_CHARS_MAX,
    OFFER_TEXT_CHARS_MAX,
    PHONE_CHARS_MAX,
    URL_CHARS_MAX,
    Button,
    ButtonKind,
    Card,
    Category,
    HeaderFormat,
    Template,
    chars,
)
from gateway.core.template.findings import (
    BUTTONS,
    CAROUSEL,
    FOOTER,
    OFFER,
    Finding,
    button_place,
    card_place,
    error,
    note,
    too_long,
    warning,
)
from gateway.core.template.stopping import is_stop_button, is_stop_label
from gateway.core.wording import Wording

_MOST_OF = {ButtonKind.URL: 2, ButtonKind.PHONE_NUMBER: 1, ButtonKind.COPY_CODE: 1, ButtonKind.OTP: 1}
_MAIN = frozenset({ButtonKind.URL, ButtonKind.PHONE_NUMBER, ButtonKind.CATALOG, ButtonKind.MPM, ButtonKind.SPM,
                   ButtonKind.FLOW, ButtonKind.VOICE_CALL})  # fmt: skip
_LABELLED = frozenset(ButtonKind) - {ButtonKind.COPY_CODE, ButtonKind.OTP, ButtonKind.REQUEST_CONTACT_INFO}
_SHORTENERS = ("bit.ly", "t.co", "tinyurl.com", "goo.gl", "is.gd", "cutt.ly", "rebrand.ly", "wa.me", "api.whatsapp.com")
_PERSONAL = re.compile(r"phone|mobile|tel(efon)?|e?mail|e_?posta|name|isim|\bad\b|tckn|birth|dogum")


def button_findings(template: Template) -> Iterator[Finding]:
    """Everything about buttons, carousel cards and the limited-time offer."""
    yield from _counts(template.buttons)
    yield from _order(template.buttons)
    yield from _on_desktop(template)
    yield from _one_main(template)
    for index, button in enumerate(template.buttons):
        yield from _button(button, button_place(index, button.text))
    yield from _cards(template.cards)
    yield from _offer(template)


def _counts(buttons: tuple[Button, ...]) -> Iterator[Finding]:
    counted = Counter(button.kind for button in buttons)
    over = [(kind.value, most) for kind, most in _MOST_OF.items() if counted[kind] > most]
    if len(buttons) > BUTTONS_MAX:
        over.append(("ALL", BUTTONS_MAX))
    for kind, most in over:
        yield error("button_count", BUTTONS, (f"{kind} türünde en çok {most} düğme olabilir.",
                    f"There can be at most {most} buttons of kind {kind}."),
                    ("Fazlasını kaldırın.", "Remove the others."))  # fmt: skip
    for label, times in Counter(button.text for button in buttons if button.text).items():
        if times > 1:
            yield error("button_twice", BUTTONS, (f"“{label}” iki düğmede var.", f"“{label}” is on two buttons."),
                        ("Her düğmeye ayrı bir ad verin.", "Give each button its own label."))  # fmt: skip


def _order(buttons: tuple[Button, ...]) -> Iterator[Finding]:
    runs = [is_reply for is_reply, _ in groupby(button.kind is ButtonKind.QUICK_REPLY for button in buttons)]
    if runs.count(True) > 1:
        yield error("button_order", BUTTONS, ("Hızlı yanıtların arasına başka düğme girmiş.",
                    "Other buttons stand between the quick replies."),
                    ("Hızlı yanıtları yan yana koyun.", "Put the quick replies together."))  # fmt: skip


def _on_desktop(template: Template) -> Iterator[Finding]:
    buttons = template.buttons
    replies = [button.kind is ButtonKind.QUICK_REPLY for button in buttons]
    if len(buttons) > 3:
        yield warning("button_desktop", BUTTONS, ("Dört ve daha çok düğme bilgisayarda görünmez, telefonda katlanır.",
                      "Four or more buttons do not show on desktop and fold on the phone."),
                      ("En çok üç düğme bırakın.", "Keep three at most."))  # fmt: skip
    elif any(replies) and not all(replies) and not is_stop_label(template.footer):
        yield note("button_desktop", BUTTONS, ("Hızlı yanıtla başka düğmeler birlikte bilgisayarda görünmez.",
                   "Quick replies mixed with other buttons do not show on desktop."),
                   ("Bilgisayar önemliyse durdurma yolunu alt bilgide de yazın.",
                    "If desktop matters, write the way to stop in the footer as well."))  # fmt: skip


def _one_main(template: Template) -> Iterator[Finding]:
    buttons = template.buttons
    main = [button for button in buttons if button.kind in _MAIN]
    replies = [one for one in buttons if one.kind is ButtonKind.QUICK_REPLY and not is_stop_button(one)]
    if len(main) > 1 or (main and len(replies) > 1):
        yield warning("one_action", BUTTONS, ("Birden çok şeye çağırıyor; insanlar hiçbirine dokunmaz.",
                      "It calls for more than one thing; people then do none."),
                      ("Tek bir ana çağrı bırakın.", "Keep one main call to action."))  # fmt: skip
    if template.category is Category.MARKETING and not (main or replies or template.cards or _has_coupon(buttons)):
        yield note("no_action", BUTTONS, ("Dokunulacak bir şey yok; kimin ilgilendiği görülmez.",
                   "There is nothing to tap, so nobody sees who is interested."),
                   ("Bir ana çağrı ekleyin.", "Add one main call to action."))  # fmt: skip


def _has_coupon(buttons: tuple[Button, ...]) -> bool:
    return any(button.kind is ButtonKind.COPY_CODE for button in buttons)


def _button(button: Button, place: Wording) -> Iterator[Finding]:
    yield from _label(button, place)
    if button.kind is ButtonKind.URL:
        yield from _url(button, place)
    if button.kind is ButtonKind.PHONE_NUMBER and not re.fullmatch(r"\+?\d{5,19}", button.phone_number):
        yield error("phone", place, (f"Telefon numarası ülke koduyla, en çok {PHONE_CHARS_MAX} karakter olmalı.",
                    f"The phone number needs its country code and at most {PHONE_CHARS_MAX} characters."),
                    ("+90… biçiminde yazın.", "Write it as +90…"))  # fmt: skip
    if button.kind is ButtonKind.COPY_CODE:
        yield from _coupon(button, place)


def _label(button: Button, place: Wording) -> Iterator[Finding]:
    if button.kind not in _LABELLED:
        return
    if chars(button.text) > LABEL_CHARS_MAX:
        yield too_long(place, chars(button.text), LABEL_CHARS_MAX)
    if not button.text.strip() or re.search(r"[\n{}*~`]", button.text):
        yield error("label", place, ("Düğme adı boş, biçimli ya da değişkenli olamaz.",
                    "A label cannot be empty, formatted or variable."),
                    ("Kısa, düz bir ad yazın.", "Write a short plain label."))  # fmt: skip


def _url(button: Button, place: Wording) -> Iterator[Finding]:
    holes = HOLE.findall(button.url)
    if chars(button.url) > URL_CHARS_MAX:
        yield too_long(place, chars(button.url), URL_CHARS_MAX)
    if len(holes) > 1 or (holes and not button.url.endswith("}}")) or "{" in HOLE.sub("", button.url):
        yield error("url_hole", place, ("Bağlantıda tek değişken olabilir, o da en sonda.",
                    "A link takes one variable, at its very end."),
                    ("{{1}} işaretini sona taşıyın.", "Move {{1}} to the end."))  # fmt: skip
    if holes and not button.sample:
        yield error("sample", place, ("Değişken bağlantının örneği yok.", "The variable link has no sample."),
                    ("Tam bir örnek adres verin.", "Give a full sample address."))  # fmt: skip
    if _PERSONAL.search(button.url.casefold()) and holes:
        yield error("url_personal", place, ("Bağlantı kişisel veri taşıyacak gibi görünüyor.",
                    "The link looks made to carry a person's data."),
                    ("Yalnızca anlamsız bir kod koyun.", "Let it end in an opaque token only."))  # fmt: skip
    yield from _host(button, place)


def _host(button: Button, place: Wording) -> Iterator[Finding]:
    parts = urlsplit(HOLE.sub("x", button.url))
    host = (parts.hostname or "").removeprefix("www.")
    if parts.scheme != "https" or not host:
        yield error("url", place, ("Bağlantı https:// ile başlayan tam bir adres olmalı.",
                    "The link must be a full address that begins with https://."),
                    ("Adresi düzeltin.", "Correct the address."))  # fmt: skip
    elif host in _SHORTENERS:
        yield error("url_short", place, ("Kısaltılmış adresler ve wa.me bağlantıları incelemede reddedilir.",
                    "Shortened addresses and wa.me links are refused in review."),
                    ("Kendi alan adınızı kullanın.", "Use your own domain."))  # fmt: skip


def _coupon(button: Button, place: Wording) -> Iterator[Finding]:
    if not 1 <= chars(button.sample) <= CODE_CHARS_MAX:
        yield error("sample", place, (f"Kupon için en çok {CODE_CHARS_MAX} karakterlik bir örnek gerekir.",
                    f"The coupon needs a sample of at most {CODE_CHARS_MAX} characters."),
                    ("Bir örnek kod verin.", "Give a sample code."))  # fmt: skip


def _cards(cards: tuple[Card, ...]) -> Iterator[Finding]:
    if not cards:
        return
    if not CARDS_MIN <= len(cards) <= CARDS_MAX:
        yield error("card_count", CAROUSEL, (f"{CARDS_MIN} ile {CARDS_MAX} arasında kart olmalı.",
                    f"There must be {CARDS_MIN} to {CARDS_MAX} cards."),
                    ("Kart ekleyin ya da çıkarın.", "Add or remove cards."))  # fmt: skip
    if len({_layout(card) for card in cards}) > 1:
        yield error("card_layout", CAROUSEL, ("Kartların düzeni aynı değil.", "The cards differ in layout."),
                    ("Her kartta aynı başlık, gövde ve düğme türleri olsun.",
                     "Give each card the same header, body and kinds of buttons."))  # fmt: skip
    for index, card in enumerate(cards):
        yield from _card(card, index)


def _layout(card: Card) -> tuple[HeaderFormat | None, bool, tuple[ButtonKind, ...]]:
    return (card.header.format if card.header else None, card.body is not None, tuple(b.kind for b in card.buttons))


def _card(card: Card, index: int) -> Iterator[Finding]:
    place = card_place(index)
    if len(card.buttons) > CARD_BUTTONS_MAX or not card.buttons:
        yield error("card_buttons", place, (f"Kartta 1 ile {CARD_BUTTONS_MAX} arasında düğme olmalı.",
                    f"A card needs 1 to {CARD_BUTTONS_MAX} buttons."),
                    ("Düğmeleri düzenleyin.", "Adjust the buttons."))  # fmt: skip
    if card.header is None or card.header.format not in (HeaderFormat.IMAGE, HeaderFormat.VIDEO, HeaderFormat.PRODUCT):
        yield error("card_header", place, ("Kartın başında görsel, video ya da ürün olmalı.",
                    "A card begins with an image, a video or a product."),
                    ("Bir başlık ekleyin.", "Add a header."))  # fmt: skip
    for number, button in enumerate(card.buttons):
        inner = button_place(number, button.text)
        yield from _button(button, Wording(f"{place.tr}, {inner.tr}", f"{place.en}, {inner.en}"))


def _offer(template: Template) -> Iterator[Finding]:
    if template.offer is None:
        return
    if not 1 <= chars(template.offer.text) <= OFFER_TEXT_CHARS_MAX:
        yield too_long(OFFER, chars(template.offer.text), OFFER_TEXT_CHARS_MAX)
    if template.footer:
        yield error("offer_footer", FOOTER,
                    ("Süreli teklifte alt bilgi olmaz.", "A limited-time offer takes no footer."),
                    ("Durdurma yolunu gövdede yazın.", "Write the way to stop in the body."))  # fmt: skip
    if template.category != "MARKETING":
        yield error("offer_category", OFFER, ("Süreli teklif yalnızca pazarlamadır.",
                    "A limited-time offer is marketing only."),
                    ("Kategoriyi MARKETING yapın.", "Make the category MARKETING."))  # fmt: skip
