from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from gateway.practice.refusals import (
    AUTH_CODES,
    REGAIN_MINUTES,
    TITLES,
    Refusal,
    missing_object,
    refused,
    webhook_error,
)
from gateway.whatsapp.failures import regain_in

ERRORS = Path(__file__).parents[2].parent / "shared" / "reference" / "api-samples" / "whatsapp-business-java-api"


@pytest.mark.parametrize("code", sorted(set(TITLES) - AUTH_CODES))
def test_every_refusal_has_metas_shape(code: int) -> None:
    answer = refused(Refusal(code, "exactly this"))
    error = orjson.loads(answer.body)["error"]
    assert 400 <= answer.status <= 503
    assert set(error) == {"message", "type", "code", "error_data", "fbtrace_id"}
    assert error["message"] == f"(#{code}) {TITLES[code][1]}"
    assert error["error_data"] == {"messaging_product": "whatsapp", "details": "exactly this"}
    assert re.fullmatch(r"A[0-9a-f]{22}", error["fbtrace_id"])


@pytest.mark.parametrize("code", sorted(AUTH_CODES))
def test_refusals_of_the_token_have_no_number_in_front(code: int) -> None:
    answer = refused(Refusal(code))
    error = orjson.loads(answer.body)["error"]
    assert (answer.status, error["code"], error["message"]) == (401, code, TITLES[code][1])


def test_a_subcode_is_told_where_there_is_one() -> None:
    assert orjson.loads(refused(Refusal(100, "x", 2388040)).body)["error"]["error_subcode"] == 2388040


def test_a_code_of_tomorrow_can_be_dealt_out_too() -> None:
    error = orjson.loads(refused(Refusal(199999)).body)["error"]
    assert (error["code"], error["message"]) == (199999, "(#199999) Unknown error")
    assert webhook_error(Refusal(199999))["error_data"]["details"]


def test_trace_ids_differ() -> None:
    traces = {orjson.loads(refused(Refusal(100)).body)["error"]["fbtrace_id"] for _ in range(50)}
    assert len(traces) == 50


def test_a_missing_object_looks_like_the_collected_one() -> None:
    file = ERRORS / "phone__phoneNumberNotFoundError.json"
    if not file.exists():
        pytest.skip("../shared/reference is not here: the collected error cannot be compared")
    collected = orjson.loads(file.read_bytes())["error"]
    made = orjson.loads(missing_object("454545", "GET").body)["error"]
    assert set(made) == set(collected)
    assert (made["type"], made["code"], made["error_subcode"]) == (collected["type"], 100, 33)
    assert made["message"].split(".")[0] == collected["message"].split(".")[0]


def test_only_a_limit_on_calls_comes_with_when_access_is_regained() -> None:
    assert regain_in(refused(Refusal(80007)).head.partition(b":")[2]) == timedelta(minutes=REGAIN_MINUTES)
    assert refused(Refusal(130429)).head == b""
