"""Every kind of component, from a template of ours through the Cloud to a running practice world that checks them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from gateway.core.failure import UNFIT
from gateway.core.message import MarketingEndpoint, Outgoing
from gateway.core.template import (
    Filled,
    FillReason,
    Location,
    Value,
    fill,
)
from gateway.practice import PracticeSettings, running
from gateway.whatsapp.messenger import Accepted, Failed
from tests.core.templates import sample_templates, template
from tests.whatsapp.components_given import (
    BODY,
    IMAGE,
    KINDS,
    Sender,
    item_of,
)


@pytest.fixture(scope="module")
def sender() -> Iterator[Sender]:
    quick = PracticeSettings(review_delay_ms=(1, 2), status_delay_ms=(1, 5), pair_limit=False)
    with running(quick) as world:
        yield Sender(world)


def filled(sender: Sender, item: dict[str, Any]) -> list[dict[str, Any]]:
    done = fill(template(item), sender.values(item))
    assert isinstance(done, Filled), [problem.sentence() for problem in done]
    return done.components


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_filled_sent_and_accepted(sender: Sender, kind: str) -> None:
    item = item_of(kind)
    sender.register(item)
    before = sender.accepted()
    assert isinstance(sender.send(item, filled(sender, item)), Accepted)
    assert sender.accepted() == before + 1


def test_a_gif_goes_through_the_marketing_messages_api(sender: Sender) -> None:
    item = {**item_of("header_video"), "name": "header_gif", "components": [{**IMAGE, "format": "GIF"}, BODY]}
    sender.register(item)
    [header] = filled(sender, item)
    assert header["parameters"] == [{"type": "gif", "gif": {"id": sender.media_id}}]
    assert isinstance(sender.send(item, [header], marketing_endpoint=MarketingEndpoint("STRICT")), Accepted)


def test_every_collected_template_is_filled_sent_and_accepted(sender: Sender) -> None:
    for item in sample_templates():
        sender.register(item)
        outcome = sender.send(item, filled(sender, item))
        assert isinstance(outcome, Accepted), (item["name"], outcome)


Spoil = Callable[[list[dict[str, Any]]], None]


def no_parameters(components: list[dict[str, Any]]) -> None:
    components.clear()


def one_parameter_too_few(components: list[dict[str, Any]]) -> None:
    components[0]["parameters"].pop()


def one_parameter_too_many(components: list[dict[str, Any]]) -> None:
    components[0]["parameters"].append({"type": "text", "text": "x"})


def too_long(components: list[dict[str, Any]]) -> None:
    components[0]["parameters"][0]["text"] = "x" * 1025


def a_line_break(components: list[dict[str, Any]]) -> None:
    components[0]["parameters"][0]["text"] = "a\nb"


def another_name(components: list[dict[str, Any]]) -> None:
    components[0]["parameters"][0]["parameter_name"] = "surname"


def another_medium(components: list[dict[str, Any]]) -> None:
    components[0]["parameters"] = [{"type": "video", "video": {"link": "https://shop.example/a.mp4"}}]


def a_button_that_is_not_there(components: list[dict[str, Any]]) -> None:
    components[-1]["index"] = 3


def a_card_less(components: list[dict[str, Any]]) -> None:
    components[-1]["cards"].pop()


def media_by_link(link: str) -> Spoil:
    def spoil(components: list[dict[str, Any]]) -> None:
        parameter = components[0]["parameters"][0]
        parameter[parameter["type"]] = {"link": link}

    return spoil


def a_medium_that_nobody_uploaded(components: list[dict[str, Any]]) -> None:
    parameter = components[0]["parameters"][0]
    parameter[parameter["type"]] = {"id": "999999999999"}


def a_place_without_its_longitude(components: list[dict[str, Any]]) -> None:
    del components[0]["parameters"][0]["location"]["longitude"]


def the_same_card_twice(components: list[dict[str, Any]]) -> None:
    components[-1]["cards"][1]["card_index"] = 0


def a_card_without_its_picture(components: list[dict[str, Any]]) -> None:
    components[-1]["cards"][1]["components"].pop(0)


def a_card_without_its_link(components: list[dict[str, Any]]) -> None:
    card = components[-1]["cards"][0]
    card["components"] = [one for one in card["components"] if one.get("sub_type") != "url"]


def no_end(components: list[dict[str, Any]]) -> None:
    components[:] = [one for one in components if one["type"] != "limited_time_offer"]


def only_the_button(components: list[dict[str, Any]]) -> None:
    del components[0]


def only_the_body(components: list[dict[str, Any]]) -> None:
    del components[1:]


def a_text_in_the_button(components: list[dict[str, Any]]) -> None:
    components[-1]["parameters"] = [{"type": "text", "text": "x"}]


def a_long_code(components: list[dict[str, Any]]) -> None:
    components[-1]["parameters"][0]["coupon_code"] = "X" * 16


def no_products(components: list[dict[str, Any]]) -> None:
    components[-1]["parameters"][0]["action"]["sections"] = []


@pytest.mark.parametrize(
    ("kind", "spoil", "code"),
    [
        ("header_image", a_medium_that_nobody_uploaded, 131009),
        ("header_location", a_place_without_its_longitude, 131008),
        ("header_location", no_parameters, 132012),
        ("carousel", the_same_card_twice, 132012),
        ("carousel", a_card_without_its_picture, 132012),
        ("carousel", a_card_without_its_link, 131008),
        ("carousel_of_products", a_card_without_its_picture, 132012),
        ("limited_time_offer", no_end, 131008),
        ("authentication", only_the_button, 132000),
        ("authentication", only_the_body, 131008),
        ("copy_code", a_long_code, 131009),
        ("copy_code", no_parameters, 131008),
        ("catalog", a_text_in_the_button, 132012),
        ("flow", a_text_in_the_button, 132012),
        ("quick_reply", a_text_in_the_button, 132012),
        ("mpm", no_products, 131008),
        ("body_positional", no_parameters, 132000),
        ("body_positional", one_parameter_too_few, 132000),
        ("body_positional", one_parameter_too_many, 132000),
        ("body_positional", too_long, 132005),
        ("body_positional", a_line_break, 132018),
        ("body_named", another_name, 132012),
        ("header_text", too_long, 132005),
        ("header_image", no_parameters, 132012),
        ("header_image", another_medium, 132012),
        ("url_dynamic", a_button_that_is_not_there, 132018),
        ("carousel", a_card_less, 132012),
    ],
)
def test_practice_refuses_what_does_not_fit_with_metas_code(sender: Sender, kind: str, spoil: Spoil, code: int) -> None:
    item = item_of(kind)
    sender.register(item)
    components = deepcopy(filled(sender, item))
    spoil(components)
    before = sender.accepted()
    outcome = sender.send(item, components)
    assert isinstance(outcome, Failed)
    assert outcome.code == code
    assert sender.accepted() == before


@pytest.mark.parametrize("kind", ["header_image", "header_video", "header_document"])
def test_media_may_also_be_named_by_a_link(sender: Sender, kind: str) -> None:
    item = item_of(kind)
    sender.register(item)
    components = deepcopy(filled(sender, item))
    media_by_link("https://shop.example/kapak")(components)
    assert isinstance(sender.send(item, components), Accepted)


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("body_positional", {"1": None}, FillReason.MISSING),
        ("body_positional", {"1": "x" * 1025}, FillReason.TOO_LONG),
        ("body_positional", {"1": "a\nb"}, FillReason.BAD_SPACING),
        ("body_positional", {"1": "  "}, FillReason.MISSING),
        ("body_positional", {"1": "{{2}}"}, FillReason.UNFILLED),
        ("body_named", {"first_name": None}, FillReason.MISSING),
        ("header_text", {"header.1": "x" * 61}, FillReason.TOO_LONG),
        ("header_image", {"header": None}, FillReason.MISSING),
        ("header_image", {"header": "http://shop.example/a.jpg"}, FillReason.WRONG_KIND),
        ("header_location", {"header": Location(91, 0, "a", "b")}, FillReason.WRONG_KIND),
        ("url_dynamic", {"button.0": "ayse@shop.example"}, FillReason.NOT_FOR_A_URL),
        ("url_dynamic", {"button.0": "905550000001 x"}, FillReason.NOT_FOR_A_URL),
        ("copy_code", {"button.0": "X" * 16}, FillReason.TOO_LONG),
        ("limited_time_offer", {"offer.expires": "tomorrow"}, FillReason.WRONG_KIND),
        ("carousel", {"card.1.header": None}, FillReason.MISSING),
        ("authentication", {"code": "a b"}, FillReason.WRONG_KIND),
    ],
)
def test_what_does_not_fit_is_refused_before_it_leaves(
    sender: Sender, kind: str, change: dict[str, Value | None], reason: FillReason
) -> None:
    item = item_of(kind)
    changed = {**sender.values(item), **change}
    values = {key: value for key, value in changed.items() if value is not None}
    problems = fill(template(item), values)
    assert isinstance(problems, list)
    assert {problem.reason for problem in problems} == {reason}
    assert all(problem.key in change for problem in problems) or reason is FillReason.TOO_LONG


def test_a_code_is_not_sent_to_somebody_without_a_phone_number(sender: Sender) -> None:
    """131062: authentication needs a phone number, so it is refused here."""
    item = item_of("authentication")
    message = Outgoing(
        message_id=1,
        number_id=sender.number_id,
        purpose="authentication",
        recipient="TR.ABCDEFGHIJ123456",
        template=item["name"],
        language="tr",
        components=json.dumps(filled(sender, item)),
    )
    before = sender.accepted()
    outcome = sender.ask(lambda cloud: cloud.send(message))
    assert isinstance(outcome, Failed)
    assert outcome.code in (UNFIT, 131062)
    assert sender.accepted() == before


def test_the_table_has_every_kind_of_component_that_we_know() -> None:
    told = json.dumps(KINDS)
    for word in ("OTP", "MPM", "SPM", "FLOW", "CATALOG", "COPY_CODE", "LOCATION", "CAROUSEL", "LIMITED_TIME_OFFER"):
        assert f'"{word}"' in told
