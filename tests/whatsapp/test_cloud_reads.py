"""What is read from Meta about numbers and templates, and what is said when that fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from gateway.core.failure import NOT_SENT
from gateway.whatsapp.cloud import Cloud, CloudProblem, NumberFacts
from gateway.whatsapp.session import Wire
from tests.whatsapp.sink import Drop, Reply, Request, Script, Sink, refusal, with_sink

QUICK = Wire(connect_seconds=0.3, answer_seconds=0.6)


def read_from(script: Script, talk: Callable[[Cloud], Awaitable[None]]) -> list[Request]:
    async def run(sink: Sink) -> None:
        async with Cloud(token="secret", base_url=sink.url(), wire=QUICK) as cloud:
            await talk(cloud)

    return with_sink(script, run).requests


def reply_with(body: Any) -> Reply:
    return Reply(body=orjson.dumps(body))


def test_a_numbers_facts_are_read() -> None:
    meta = {
        "id": "1065",
        "display_phone_number": "+1 631-555-0100",
        "verified_name": "Bahar Ltd",
        "status": "CONNECTED",
        "quality_rating": "GREEN",
        "throughput": {"level": "HIGH"},
        "whatsapp_business_manager_messaging_limit": "TIER_100K",
    }
    facts: list[NumberFacts] = []

    async def talk(cloud: Cloud) -> None:
        facts.append(await cloud.number("1065"))

    (request,) = read_from(lambda _: reply_with(meta), talk)
    assert request.target.startswith("/v26.0/1065?fields=")
    assert facts == [
        NumberFacts(
            "1065", "HIGH", "GREEN", "TIER_100K", "+1 631-555-0100", "Bahar Ltd", "CONNECTED", shared_with_app=False
        )
    ]


def test_a_number_of_which_meta_says_little_is_read_too() -> None:
    async def talk(cloud: Cloud) -> None:
        assert (await cloud.number("1065")).throughput == ""

    read_from(lambda _: reply_with({"id": "1065", "throughput": None}), talk)


def test_all_pages_of_templates_are_read() -> None:
    def page(request: Request) -> Reply:
        n = int(request.target.partition("after=p")[2] or "0")
        paging = {"cursors": {"before": "x", "after": f"p{n + 1}"}} | ({"next": "https://…"} if n < 2 else {})
        return reply_with({"data": [{"name": f"t{n}a"}, {"name": f"t{n}b"}], "paging": paging})

    names: list[str] = []

    async def talk(cloud: Cloud) -> None:
        names.extend(template["name"] for template in await cloud.templates("555"))

    requests = read_from(page, talk)
    assert names == ["t0a", "t0b", "t1a", "t1b", "t2a", "t2b"]
    assert all(request.target.startswith("/v26.0/555/message_templates?") for request in requests)


def test_a_list_that_never_ends_is_given_up_in_words() -> None:
    endless = reply_with({"data": [], "paging": {"next": "https://…", "cursors": {"after": "again"}}})

    async def talk(cloud: Cloud) -> None:
        with pytest.raises(CloudProblem, match="did not end"):
            await cloud.templates("555")

    read_from(lambda _: endless, talk)


@pytest.mark.parametrize(
    ("reply", "code", "says"),
    [
        (refusal(401, 190, "token expired"), 190, "token expired"),
        (Reply(502, b"<html>"), 502, "refused"),
        (Reply(200, b"<html>"), NOT_SENT, "try again later"),
        (Reply(200, b"[]"), NOT_SENT, "not an object"),
        (Drop(), NOT_SENT, "try again later"),
    ],
)
def test_a_read_that_fails_says_so_in_words(reply: Reply | Drop, code: int, says: str) -> None:
    async def talk(cloud: Cloud) -> None:
        with pytest.raises(CloudProblem, match=says) as caught:
            await cloud.number("1065")
        assert caught.value.code == code

    read_from(lambda _: reply, talk)
