"""How a message looks on a phone, as one HTML page that needs nothing from elsewhere.

Whoever wrote the texts, nothing in them becomes markup of ours; each paragraph finds its own direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from gateway.core.template.definition import Button, Card, Header, Template
from gateway.core.template.fill import Filled, FilledCard
from gateway.core.template.marks import Mark, Span, spans
from gateway.core.template.preview import ICONS, MEDIA_SIGNS, is_right_to_left, shown_buttons

_STYLE = """
body{margin:0;padding:24px;background:#efeae2;font:15px/1.35 system-ui,"Segoe UI",Roboto,sans-serif;color:#111b21}
.phone{max-width:340px;margin:auto}.bubble{background:#fff;border-radius:8px;overflow:hidden;margin-bottom:6px;
box-shadow:0 1px 1px #0002}.text{padding:8px 10px}.text p{margin:0 0 4px;white-space:pre-wrap;overflow-wrap:anywhere}
.header{font-weight:600}.footer{color:#667781;font-size:13px}.offer{background:#f0f2f5;padding:8px 10px}
.media{background:#d1d7db;color:#54656f;height:150px;display:flex;align-items:center;justify-content:center}
.button{border-top:1px solid #e9edef;padding:10px;text-align:center;color:#027eb5}
.button a{color:inherit;text-decoration:none}
.cards{display:flex;gap:6px;overflow-x:auto}.cards .bubble{flex:0 0 240px}
"""

_TAGS = {Mark.MONO: "code", Mark.BOLD: "b", Mark.ITALIC: "i", Mark.STRUCK: "s"}


def preview_html(template: Template, filled: Filled) -> str:
    """A page with the bubble, its buttons and the carousel's cards; links are shown, never opened by the preview."""
    direction = "rtl" if is_right_to_left(filled.body) else "ltr"
    inside = "".join(_message(template, filled))
    return (
        f'<!doctype html>\n<html lang="{escape(template.language)}" dir="{direction}">\n<meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(template.name)}</title>'
        f'\n<style>{_STYLE}</style>\n<div class="phone">{inside}</div>\n</html>\n'
    )


def _message(template: Template, filled: Filled) -> Iterator[str]:
    yield '<div class="bubble">'
    yield from _header(template.header, filled.header)
    if template.offer:
        yield f'<div class="offer" dir="auto">◷ {escape(template.offer.text)}</div>'
    yield f'<div class="text">{_paragraphs(filled.body)}'
    if template.footer:
        yield f'<p class="footer" dir="auto">{escape(template.footer)}</p>'
    yield "</div>"
    yield from _buttons(template.buttons, filled.urls, template.language)
    yield "</div>"
    if template.cards:
        cards = zip(template.cards, filled.cards, strict=True)
        yield f'<div class="cards">{"".join(_card(card, texts, template.language) for card, texts in cards)}</div>'


def _header(header: Header | None, text: str) -> Iterator[str]:
    if header is None:
        return
    if header.text:
        yield f'<div class="text header" dir="auto">{escape(text)}</div>'
    else:
        yield f'<div class="media">{MEDIA_SIGNS[header.format]} {header.format.value.lower()}</div>'


def _card(card: Card, texts: FilledCard, language: str) -> str:
    body = f'<div class="text">{_paragraphs(texts.body)}</div>' if texts.body else ""
    buttons = "".join(_buttons(card.buttons, texts.urls, language))
    return f'<div class="bubble">{"".join(_header(card.header, ""))}{body}{buttons}</div>'


def _buttons(buttons: tuple[Button, ...], urls: tuple[str, ...], language: str) -> Iterator[str]:
    for label, button in shown_buttons(buttons, language):
        url = urls[buttons.index(button)] if button else ""
        title = f' title="{escape(url)}"' if url else ""
        icon = ICONS.get(button.kind, "·") if button else "☰"
        yield f'<div class="button" dir="auto"{title}>{icon} {escape(label)}</div>'


def _paragraphs(text: str) -> str:
    return "".join(f'<p dir="auto">{_marked(line)}</p>' for line in text.split("\n\n"))


def _marked(text: str) -> str:
    """WhatsApp's own marks, around texts that are made harmless one by one."""
    return "".join(map(_tagged, spans(text)))


def _tagged(span: Span) -> str:
    tags = [_TAGS[mark] for mark in Mark if mark in span.marks]
    opening, closing = (f"<{tag}>" for tag in tags), (f"</{tag}>" for tag in reversed(tags))
    return "".join([*opening, escape(span.text), *closing])
