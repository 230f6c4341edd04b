"""What a push would change."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from gateway.core.template import differences
from tests.core.templates import SPRING, template


def changed(**at: Any) -> dict[str, Any]:
    """SPRING with keys of components replaced: `BODY={"text": ...}`, and top-level keys as they are."""
    item = deepcopy(SPRING)
    for key, value in at.items():
        part = next((one for one in item["components"] if one["type"] == key), None)
        if part is None:
            item[key] = value
        else:
            part.update(value)
    return item


def places(mine: dict[str, Any], theirs: dict[str, Any] = SPRING) -> list[str]:
    return [difference.place.en for difference in differences(template(mine), template(theirs))]


def test_a_template_does_not_differ_from_itself() -> None:
    assert places(SPRING) == []


@pytest.mark.parametrize(
    ("item", "place"),
    [
        (changed(category="UTILITY"), "category"),
        (changed(message_send_ttl_seconds=43_200), "time to live"),
        (changed(HEADER={"text": "{{season}} bitti"}), "header"),
        (changed(BODY={"text": "Merhaba {{first_name}}, {{store}} açık."}), "body"),
        (changed(FOOTER={"text": "DUR yazın."}), "footer"),
        (changed(BUTTONS={"buttons": SPRING["components"][3]["buttons"][:1]}), "button 2"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_each_change_is_named_by_its_place(item: dict[str, Any], place: str) -> None:
    assert places(item) == [place]
    assert places(SPRING, item) == [place]


def test_samples_and_what_meta_keeps_for_itself_are_no_difference() -> None:
    item = changed(id="7", status="PENDING", quality_score={"score": "RED"})
    for part in item["components"]:
        part.pop("example", None)
    assert places(item) == []


def test_a_difference_is_told_as_lines_of_before_and_after() -> None:
    [found] = differences(template(changed(FOOTER={"text": "DUR yazın."})), template(SPRING))
    assert found.say("tr") == ["alt bilgi:", "  - Mesaj almak istemiyorsanız DUR yazın.", "  + DUR yazın."]


def test_a_code_template_comes_back_from_meta_with_another_button_and_is_the_same() -> None:
    code: dict[str, Any] = {"type": "OTP", "otp_type": "COPY_CODE", "text": "Kopyala"}
    listed = {"type": "URL", "text": "Kopyala", "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE"}
    mine, theirs = (
        {
            "name": "code",
            "language": "tr",
            "category": "AUTHENTICATION",
            "components": [
                {"type": "BODY", "add_security_recommendation": True, **text},
                {"type": "BUTTONS", "buttons": [button]},
            ],
        }
        for text, button in (({}, code), ({"text": "*{{1}}* doğrulama kodunuzdur."}, listed))
    )
    assert places(mine, theirs) == []
