"""Templates as people write them: one short YAML file, read into Meta's shape.

name: spring_offer
language: tr
category: marketing
samples: {season: Bahar, first_name: Ayşe, store: Kadıköy}     # header.1 for a numbered header
header: "{{season}} indirimi başladı"                          # or image: / video: / document: HANDLE, or location
body: Merhaba {{first_name}}, {{store}} mağazasında ...
footer: Mesaj almak istemiyorsanız DUR yazın.
buttons:
  - {url: "https://shop.example/r/{{1}}", text: Fırsatları gör, sample: "https://shop.example/r/abc"}
  - {quick_reply: Mesajları durdur}

What Meta has and this form has no word for goes into a button's `more`, as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.document import Document, Format, Path, Tree, read_document
from gateway.core.template.definition import HOLE, Template
from gateway.core.template.meta import TemplateProblem, from_meta
from gateway.core.wording import Wording, did_you_mean

_KEYS = (
    "name", "language", "category", "samples", "header", "body", "footer", "buttons", "cards", "offer",
    "ttl_seconds", "security_recommendation", "code_expiration_minutes",
)  # fmt: skip
_HEADERS = ("image", "video", "gif", "document")
_BARE_HEADERS = ("location", "product")
_BUTTONS = ("url", "quick_reply", "phone", "copy_code", "catalog", "mpm", "spm", "flow", "otp", "voice_call",
            "contact_info")  # fmt: skip
_BUTTON_KEYS = (*_BUTTONS, "text", "sample", "action", "screen", "more")


def from_file(text: str) -> Template | list[TemplateProblem]:
    """One template from our YAML form. Every mistake at once, each with its line where it has one."""
    document = read_document(text, Format.YAML)
    if isinstance(document, list):
        return [TemplateProblem("", problem.wording, problem.line) for problem in document]
    reading = _Reading(document)
    item = reading.item()
    if reading.problems:
        return reading.problems
    template = from_meta(item)
    if isinstance(template, list):
        return [TemplateProblem(one.place, one.wording, document.line_of((one.place,))) for one in template]
    return template


@dataclass(slots=True)
class _Reading:
    document: Document
    problems: list[TemplateProblem] = field(default_factory=list)

    def wrong(self, path: Path, tr: str, en: str) -> None:
        self.problems.append(TemplateProblem(".".join(path), Wording(tr, en), self.document.line_of(path)))

    def only(self, path: Path, value: Mapping[str, Tree], known: tuple[str, ...]) -> None:
        for key in value:
            if key not in known:
                hint = did_you_mean(key, known)
                self.wrong((*path, key), f"“{key}” diye bir alan yok.{hint.tr}", f"There is no field “{key}”.{hint.en}")

    def text(self, path: Path, value: Tree) -> str:
        if isinstance(value, str):
            return value.strip()
        self.wrong(path, "Burada bir metin olmalı.", "This must be a text.")
        return ""

    def whole(self, path: Path, value: Tree) -> int | None:
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value.strip()):
            return int(value)
        self.wrong(path, "Burada bir tam sayı olmalı.", "This must be a whole number.")
        return None

    def yes(self, path: Path, value: Tree) -> bool:
        if isinstance(value, str) and value.strip() in ("true", "false"):
            return value.strip() == "true"
        self.wrong(path, "true ya da false yazın.", "Write true or false.")
        return False

    def mapping(self, path: Path, value: Tree, known: tuple[str, ...]) -> dict[str, Tree]:
        if not isinstance(value, dict):
            self.wrong(path, "Burada “anahtar: değer” satırları olmalı.", "Here “key: value” lines are needed.")
            return {}
        self.only(path, value, known)
        return value

    def items(self, path: Path, value: Tree) -> Iterator[tuple[Path, Tree]]:
        if not isinstance(value, list):
            self.wrong(path, "Burada bir liste olmalı.", "This must be a list.")
            return
        for place, one in enumerate(value):
            yield (*path, str(place)), one

    def item(self) -> dict[str, Any]:
        """The file as a creation body of Meta's."""
        root = self.document.root
        self.only((), root, _KEYS)
        item: dict[str, Any] = {key: self.text((key,), root.get(key, "")) for key in ("name", "language", "category")}
        item["components"] = list(self.components((), root, self.samples(root)))
        holes = HOLE.findall(f"{root.get('body', '')} {root.get('header', '')}")
        item["parameter_format"] = "NAMED" if any(not hole.isdigit() for hole in holes) else "POSITIONAL"
        if "ttl_seconds" in root:
            item["message_send_ttl_seconds"] = self.whole(("ttl_seconds",), root["ttl_seconds"])
        return item

    def samples(self, holder: Mapping[str, Tree], path: Path = ()) -> dict[str, str]:
        samples = holder.get("samples", {})
        if not isinstance(samples, dict):
            self.wrong((*path, "samples"), "Örnekler “değişken: örnek” olmalı.", "Samples are “variable: sample”.")
            return {}
        return {key: self.text((*path, "samples", key), value) for key, value in samples.items()}

    def components(
        self, path: Path, holder: Mapping[str, Tree], samples: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        readers: dict[str, Callable[[Path, Tree, Mapping[str, str]], dict[str, Any]]] = {
            "header": self.header,
            "offer": self.offer,
            "body": self.body,
            "cards": self.cards,
            "footer": self.footer,
            "buttons": self.buttons,
        }
        for key, read in readers.items():
            if key in holder:
                yield read((*path, key), holder[key], samples)
        yield from self.of_codes(holder)

    def of_codes(self, holder: Mapping[str, Tree]) -> Iterator[dict[str, Any]]:
        if (key := "security_recommendation") in holder:
            yield {"type": "BODY", "add_security_recommendation": self.yes((key,), holder[key])}
        if (key := "code_expiration_minutes") in holder:
            yield {"type": "FOOTER", key: self.whole((key,), holder[key])}

    def header(self, path: Path, value: Tree, samples: Mapping[str, str]) -> dict[str, Any]:
        if isinstance(value, str) and value.strip() in _BARE_HEADERS:
            return {"type": "HEADER", "format": value.strip().upper()}
        if isinstance(value, str):
            return {"type": "HEADER", "format": "TEXT", **_with_samples(value.strip(), samples, "header")}
        fields = self.mapping(path, value, _HEADERS)
        if len(fields) != 1:
            self.wrong(path, "Tek bir başlık yazın.", "Write exactly one header.")
            return {"type": "HEADER", "format": "LOCATION"}
        [(format_, handle)] = fields.items()
        handles = [self.text((*path, format_), handle)]
        return {"type": "HEADER", "format": format_.upper(), "example": {"header_handle": handles}}

    def body(self, path: Path, value: Tree, samples: Mapping[str, str]) -> dict[str, Any]:
        return {"type": "BODY", **_with_samples(self.text(path, value), samples, "body")}

    def footer(self, path: Path, value: Tree, _: Mapping[str, str]) -> dict[str, Any]:
        return {"type": "FOOTER", "text": self.text(path, value)}

    def offer(self, path: Path, value: Tree, _: Mapping[str, str]) -> dict[str, Any]:
        fields = self.mapping(path, value, ("text", "expires"))
        expires = self.yes((*path, "expires"), fields.get("expires", "true"))
        offer = {"text": self.text((*path, "text"), fields.get("text", "")), "has_expiration": expires}
        return {"type": "LIMITED_TIME_OFFER", "limited_time_offer": offer}

    def cards(self, path: Path, value: Tree, samples: Mapping[str, str]) -> dict[str, Any]:
        cards = []
        for place, one in self.items(path, value):
            fields = self.mapping(place, one, ("header", "body", "buttons", "samples"))
            own = {**samples, **self.samples(fields, place)}
            cards.append({"components": list(self.components(place, fields, own))})
        return {"type": "CAROUSEL", "cards": cards}

    def buttons(self, path: Path, value: Tree, _: Mapping[str, str]) -> dict[str, Any]:
        buttons = [self.button(place, self.mapping(place, one, _BUTTON_KEYS)) for place, one in self.items(path, value)]
        return {"type": "BUTTONS", "buttons": buttons}

    def button(self, path: Path, fields: Mapping[str, Tree]) -> dict[str, Any]:
        kinds = [key for key in fields if key in _BUTTONS]
        if len(kinds) != 1:
            self.wrong(path, f"Düğmenin türünü bir kez yazın: {', '.join(_BUTTONS)}.",
                       f"Name the kind of the button once: {', '.join(_BUTTONS)}.")  # fmt: skip
            return {"type": "QUICK_REPLY"}
        texts = {key: self.text((*path, key), value) for key, value in fields.items()}
        return _BUTTON_SHAPES[kinds[0]](texts) | self.more(path, texts)

    def more(self, path: Path, texts: Mapping[str, str]) -> dict[str, Any]:
        """Keys of Meta's that our form has no word for, as one JSON object."""
        try:
            extra = json.loads(texts.get("more", "{}"))
        except json.JSONDecodeError:
            extra = None
        if isinstance(extra, dict):
            return extra
        self.wrong((*path, "more"), "Burada bir JSON nesnesi olmalı.", "This must be a JSON object.")
        return {}


def _with_samples(text: str, samples: Mapping[str, str], place: str) -> dict[str, Any]:
    """Numbered headers count anew, so their samples are looked up as `header.1`."""
    holes = tuple(dict.fromkeys(HOLE.findall(text)))
    prefix = "header." if place == "header" else ""
    known = {hole: samples.get(prefix + hole if hole.isdigit() else hole, "") for hole in holes}
    if not any(known.values()):
        return {"text": text}
    if all(hole.isdigit() for hole in holes):
        listed = [known[hole] for hole in sorted(holes, key=int)]
        return {"text": text, "example": {f"{place}_text": [listed] if place == "body" else listed}}
    named = [{"param_name": hole, "example": sample} for hole, sample in known.items()]
    return {"text": text, "example": {f"{place}_text_named_params": named}}


def _url(texts: Mapping[str, str]) -> dict[str, Any]:
    button: dict[str, Any] = {"type": "URL", "text": texts.get("text", ""), "url": texts["url"]}
    return button | ({"example": [texts["sample"]]} if "sample" in texts else {})


def _flow(texts: Mapping[str, str]) -> dict[str, Any]:
    button = {"type": "FLOW", "text": texts.get("text", ""), "flow_id": texts["flow"]}
    optional = {"flow_action": texts.get("action"), "navigate_screen": texts.get("screen")}
    return button | {key: value for key, value in optional.items() if value}


_BUTTON_SHAPES: dict[str, Callable[[Mapping[str, str]], dict[str, Any]]] = {
    "url": _url,
    "flow": _flow,
    "quick_reply": lambda texts: {"type": "QUICK_REPLY", "text": texts["quick_reply"]},
    "phone": lambda texts: {"type": "PHONE_NUMBER", "text": texts.get("text", ""), "phone_number": texts["phone"]},
    "copy_code": lambda texts: {"type": "COPY_CODE", "example": texts["copy_code"]},
    "catalog": lambda texts: {"type": "CATALOG", "text": texts["catalog"]},
    "mpm": lambda texts: {"type": "MPM", "text": texts["mpm"]},
    "spm": lambda texts: {"type": "SPM", "text": texts["spm"]},
    "voice_call": lambda texts: {"type": "VOICE_CALL", "text": texts["voice_call"]},
    "contact_info": lambda texts: {"type": "REQUEST_CONTACT_INFO"},
    "otp": lambda texts: {"type": "OTP", "otp_type": texts["otp"].upper(), "text": texts.get("text", "")},
}
