"""Whether a send fills a template as it was registered. Codes and wording: error-codes page and Meta's own answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from gateway.practice.refusals import Refusal
from gateway.practice.templates import Button, Plan, Template, filled

HEADER_CHARS_MAX = 60
BODY_CHARS_MAX = 1024
OFFER_BODY_CHARS_MAX = 600
CARD_BODY_CHARS_MAX = 160
URL_CHARS_MAX = 2000
CODE_CHARS_MAX = 15
PAYLOAD_CHARS_MAX = 256
SECTIONS_MAX, PRODUCTS_MAX = 10, 30
TEXT_TYPES = frozenset({"text", "currency", "date_time"})
MEDIA_TYPES = {
    "IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document", "GIF": "gif", "LOCATION": "location",
    "PRODUCT": "product",
}  # fmt: skip

PARAMETER_TYPES = {
    "QUICK_REPLY": "payload", "COPY_CODE": "coupon_code", "FLOW": "action", "CATALOG": "action", "MPM": "action",
    "SPM": "action",
}  # fmt: skip
"""What a button's parameter must be, where it has one."""

_PLACES = {"header": "header", "body": "body", "carousel": "cards", "limited_time_offer": "offer"}

KnowsMedia = Callable[[str], bool]


@dataclass(slots=True)
class Parts:
    """A send's components, sorted by what they fill. `buttons` maps an index to its sub type and parameters."""

    header: Sequence[Mapping[str, Any]] = ()
    body: Sequence[Mapping[str, Any]] = ()
    buttons: dict[int, tuple[str, Sequence[Mapping[str, Any]]]] = field(default_factory=dict)
    cards: Sequence[Mapping[str, Any]] = ()
    offer: Sequence[Mapping[str, Any]] = ()

    def payload(self, index: int) -> str | None:
        """The payload that the sender gave a quick reply, if any."""
        parameters = self.buttons.get(index, ("", ()))[1]
        return next((str(each.get("payload")) for each in parameters if "payload" in each), None)

    def url_end(self, index: int) -> str:
        parameters = self.buttons.get(index, ("", ()))[1]
        return next((str(each.get("text", "")) for each in parameters), "")


def parts_of(components: Any) -> Parts | Refusal:
    """The components of a send or of one carousel card. What the schema leaves open is checked here."""
    parts = Parts()
    if not _objects(components):
        return Refusal(131009, "components must be a list of objects.")
    for component in components:
        if problem := _sort(component, parts):
            return problem
    return parts


def _sort(component: Mapping[str, Any], parts: Parts) -> Refusal | None:
    kind = str(component.get("type")).lower()
    parameters = component.get("cards" if kind == "carousel" else "parameters") or []
    if not _objects(parameters):
        return Refusal(131009, f"{kind}: its parameters must be a list of objects.")
    if kind == "button":
        index = str(component.get("index", ""))
        if not (index.isascii() and index.isdigit()):
            return Refusal(131008, "button: index is required, counted from 0.")
        parts.buttons[int(index)] = (str(component.get("sub_type", "")).upper(), parameters)
    elif kind in _PLACES:
        setattr(parts, _PLACES[kind], parameters)
    return None


def _objects(value: Any) -> bool:
    if type(value) is not list:
        return False
    for each in value:  # noqa: SIM110  a generator here costs more than all else in a send's checking
        if type(each) is not dict:
            return False
    return True


def body_values(plan: Plan, parts: Parts) -> dict[str, str]:
    """What stands for each variable of the body."""
    if plan.named:
        return {str(each.get("parameter_name")): _said(each) for each in parts.body}
    return {name: _said(each) for name, each in zip(plan.body_names, parts.body, strict=False)}


def rendered_body(plan: Plan, parts: Parts) -> str:
    return filled(plan.body_text, body_values(plan, parts))


def mismatch(template: Template, parts: Parts, knows_media: KnowsMedia) -> Refusal | None:
    """What Meta would refuse about the parameters of this send, or None."""
    most = OFFER_BODY_CHARS_MAX if template.plan.limited_time else BODY_CHARS_MAX
    return (
        _filling(template.plan, parts, knows_media, most)
        or _cards(template.plan, parts, knows_media)
        or _offer(template.plan, parts)
    )


def _filling(plan: Plan, parts: Parts, knows_media: KnowsMedia, body_chars_max: int) -> Refusal | None:
    return (
        _header(plan, parts.header, knows_media)
        or _texts("body", plan.body_names, plan.named, parts.body)
        or _length("body", plan.body_text, plan.body_names, parts.body, body_chars_max)
        or _buttons(plan, parts)
    )


def _header(plan: Plan, given: Sequence[Mapping[str, Any]], knows_media: KnowsMedia) -> Refusal | None:
    if plan.header in ("", "TEXT"):
        return _texts("header", plan.header_names, plan.named, given) or _length(
            "header", plan.header_text, plan.header_names, given, HEADER_CHARS_MAX
        )
    received = str(given[0].get("type", "")).lower() if given else "unknown"
    if received != MEDIA_TYPES.get(plan.header) or len(given) != 1:
        return Refusal(132012, f"header: Format mismatch, expected {plan.header}, received {received.upper()}")
    return _media(given[0].get(received), received, knows_media)


def _media(media: Any, kind: str, knows_media: KnowsMedia) -> Refusal | None:
    if kind == "product":
        named = isinstance(media, Mapping) and media.get("product_retailer_id") and media.get("catalog_id")
        return None if named else Refusal(131008, "header: a product needs catalog_id and product_retailer_id.")
    if kind == "location":
        known = isinstance(media, Mapping) and {"latitude", "longitude"} <= set(media)
        return None if known else Refusal(131008, "header: a location needs latitude and longitude.")
    if not isinstance(media, Mapping) or not (media.get("id") or media.get("link")):
        return Refusal(131008, f"header: {kind} needs an id or a link.")
    if media.get("id") and not knows_media(str(media["id"])):
        return Refusal(131009, f"header: {kind} id is not one of this number's uploads.")
    return None


def _texts(where: str, wanted: tuple[str, ...], named: bool, given: Sequence[Mapping[str, Any]]) -> Refusal | None:
    if len(given) != len(wanted):
        return Refusal(
            132000,
            f"{where}: number of localizable_params ({len(given)}) does not match "
            f"the expected number of params ({len(wanted)})",
        )
    for parameter in given:
        if problem := _text(where, wanted, named, parameter):
            return problem
    if named and len({each["parameter_name"] for each in given}) != len(given):
        return Refusal(132012, f"{where}: a parameter name is used twice.")
    return None


def _text(where: str, wanted: tuple[str, ...], named: bool, parameter: Mapping[str, Any]) -> Refusal | None:
    kind = parameter.get("type")
    if kind not in TEXT_TYPES:
        return Refusal(132012, f"{where}: Format mismatch, expected TEXT, received {str(kind).upper()}")
    if named != ("parameter_name" in parameter):
        wrong = "Parameter name is missing or empty" if named else "a positional template takes no parameter_name"
        return Refusal(132012, f"{where}: {wrong}")
    if named and parameter["parameter_name"] not in wanted:
        return Refusal(132012, f"{where}: the template has no parameter of this name, only {', '.join(wanted)}")
    said = _said(parameter)
    if not said:
        return Refusal(131008, f"{where}: Parameter of type {kind} is missing {kind} value")
    if "\n" in said or "\t" in said or "     " in said:
        return Refusal(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    return None


def _said(parameter: Mapping[str, Any]) -> str:
    kind = parameter.get("type", "text")
    if kind == "text":
        return str(parameter.get("text") or "")
    inner = parameter.get(str(kind))
    return str(inner.get("fallback_value") or "") if isinstance(inner, Mapping) else ""


def _length(
    where: str, text: str, names: tuple[str, ...], given: Sequence[Mapping[str, Any]], chars_max: int
) -> Refusal | None:
    longest = len(text) + sum(len(_said(each)) for each in given)
    if longest <= chars_max:  # an upper bound that spares nearly every message the filling
        return None
    by_name = {str(each.get("parameter_name") or name): _said(each) for name, each in zip(names, given, strict=True)}
    chars = len(filled(text, by_name))
    return (
        Refusal(132005, f"{where}: {chars} characters, at most {chars_max} are allowed.") if chars > chars_max else None
    )


def _buttons(plan: Plan, parts: Parts) -> Refusal | None:
    for index, (kind, parameters) in parts.buttons.items():
        if index >= len(plan.buttons) or plan.buttons[index].kind != kind:
            return Refusal(132018, f"buttons: the template has no {kind or 'such'} button at index {index}")
        if problem := _button(plan.buttons[index], index, parameters):
            return problem
    for index, button in enumerate(plan.buttons):
        if index not in parts.buttons and (button.variable or button.kind in ("COPY_CODE", "MPM")):
            return Refusal(
                131008, f"buttons: Button at index {index} of type {button.kind.title()} requires a parameter"
            )
    return None


def _button(button: Button, index: int, parameters: Sequence[Mapping[str, Any]]) -> Refusal | None:
    if button.kind == "URL":
        return _url(button, index, parameters)
    first = parameters[0] if parameters else {}
    wanted = PARAMETER_TYPES.get(button.kind)
    if first and wanted and first.get("type") != wanted:
        received = str(first.get("type")).upper()
        return Refusal(132012, f"button at index {index}: Format mismatch, expected {wanted}, received {received}")
    if button.kind == "MPM":
        return _products(first, index)
    if button.kind == "COPY_CODE":
        code = str(first.get("coupon_code") or "")
        if not code:
            return Refusal(131008, f"buttons: Button at index {index} of type Copy_Code requires a coupon_code")
        if len(code) > CODE_CHARS_MAX:
            return Refusal(131009, f"buttons: the code at index {index} is longer than {CODE_CHARS_MAX} characters")
    if button.kind == "QUICK_REPLY" and len(str(first.get("payload") or "")) > PAYLOAD_CHARS_MAX:
        return Refusal(131009, f"buttons: the payload at index {index} is longer than {PAYLOAD_CHARS_MAX} characters")
    return None


def _products(parameter: Mapping[str, Any], index: int) -> Refusal | None:
    """M:mpm-templates@2025-12: at most 10 sections with 30 products in all."""
    action = parameter.get("action")
    sections = action.get("sections") if isinstance(action, Mapping) else None
    if not sections or not _objects(sections):
        return Refusal(131008, f"buttons: Button at index {index} of type Mpm requires sections")
    products = sum(len(section.get("product_items") or ()) for section in sections)
    if len(sections) > SECTIONS_MAX or not 0 < products <= PRODUCTS_MAX:
        return Refusal(131009, f"buttons: the button at index {index} takes 1 to {PRODUCTS_MAX} products in sections")
    return None


def _url(button: Button, index: int, parameters: Sequence[Mapping[str, Any]]) -> Refusal | None:
    if len(parameters) != int(button.variable):
        return Refusal(
            132000,
            f"button at index {index}: number of localizable_params ({len(parameters)}) does not match the expected "
            f"number of params ({int(button.variable)})",
        )
    if not parameters:
        return None
    end = str(parameters[0].get("text") or "")
    if parameters[0].get("type") != "text" or not end:
        return Refusal(131008, f"buttons: Button at index {index} of type Url requires a text parameter")
    if len(button.url) + len(end) - len("{{1}}") > URL_CHARS_MAX:
        return Refusal(132005, f"button at index {index}: the address is longer than {URL_CHARS_MAX} characters.")
    return None


def _cards(plan: Plan, parts: Parts, knows_media: KnowsMedia) -> Refusal | None:
    if len(parts.cards) != len(plan.cards):
        return Refusal(132012, f"carousel: {len(parts.cards)} cards were sent, the template has {len(plan.cards)}")
    indexes: list[Any] = [card.get("card_index") for card in parts.cards]
    if any(type(index) is not int for index in indexes) or sorted(indexes) != list(range(len(indexes))):
        return Refusal(132012, "carousel: each card_index counts from 0 and stands once")
    for card_plan, card in zip(plan.cards, sorted(parts.cards, key=itemgetter("card_index")), strict=True):
        filling = parts_of(card.get("components") or [])
        if isinstance(filling, Refusal):
            return filling
        if problem := _filling(card_plan, filling, knows_media, CARD_BODY_CHARS_MAX):
            return Refusal(problem.code, f"card {card.get('card_index')}: {problem.details}")
    return None


def _offer(plan: Plan, parts: Parts) -> Refusal | None:
    if not plan.expires:
        return None if not parts.offer else Refusal(132018, "the template has no limited-time offer")
    offers = [each.get("limited_time_offer") for each in parts.offer]
    if not offers or not isinstance(offers[0], Mapping) or not offers[0].get("expiration_time_ms"):
        return Refusal(131008, "limited_time_offer: expiration_time_ms is required")
    return None
