"""Receipts, against their JSON schemas."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from consent.events import EventType, canonical, hash_of
from consent.proof.receipt import STATES, NoReceipt, kantara, receipt, receipt_id
from tests.consent.events_given import at, draft
from tests.consent.proof.ledgers_given import AYSE, NEWSLETTER, a_life, recorded

FORMATS = Path(__file__).parents[3] / "docs" / "formats"
CONFIRMED = recorded(a_life())[1]


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FORMATS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("kind", list(STATES))
def test_every_receipt_fits_its_schema(kind: EventType) -> None:
    event = recorded([draft(kind, subject=AYSE, text=NEWSLETTER.ref, jurisdiction="TR", expires_at=at(99))])[0]
    jsonschema.validate(receipt(event, NEWSLETTER), schema("receipt-27560"))
    jsonschema.validate(kantara(event, NEWSLETTER), schema("receipt-kantara"))


def test_a_receipt_with_fields_left_open_fits_too() -> None:
    jsonschema.validate(receipt(CONFIRMED, NEWSLETTER), schema("receipt-27560"))
    jsonschema.validate(kantara(CONFIRMED, NEWSLETTER), schema("receipt-kantara"))


@pytest.mark.parametrize("name", ["receipt-27560", "receipt-kantara"])
def test_the_schemas_refuse_what_is_no_receipt(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    made = receipt(CONFIRMED, NEWSLETTER) if name == "receipt-27560" else kantara(CONFIRMED, NEWSLETTER)
    for field in made:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({key: value for key, value in made.items() if key != field}, schema(name))


def test_a_receipt_says_what_was_agreed_to_and_how_to_leave() -> None:
    made = receipt(CONFIRMED, NEWSLETTER)
    purpose = made["processing"]["purposes"][0]
    assert purpose["purpose_description"] == NEWSLETTER.body
    assert purpose["withdrawal_method"] == NEWSLETTER.withdrawal
    assert made["events"][0]["event_state"] == "consent given"
    assert made["header"]["ledger_hash"] == hash_of(canonical(CONFIRMED))


def test_the_same_event_has_the_same_receipt_and_another_another() -> None:
    assert receipt_id(CONFIRMED) == receipt_id(CONFIRMED)
    assert receipt_id(recorded(a_life())[3]) != receipt_id(CONFIRMED)


def test_no_receipt_is_given_for_other_words() -> None:
    with pytest.raises(NoReceipt, match="rests on text newsletter 3, which this is not"):
        receipt(CONFIRMED, replace(NEWSLETTER, body="Başka sözler."))
    with pytest.raises(NoReceipt, match="names no consent text"):
        kantara(replace(CONFIRMED, text=None), NEWSLETTER)
    with pytest.raises(NoReceipt, match="about no consent"):
        receipt(replace(CONFIRMED, type=EventType.EXPORTED), NEWSLETTER)
