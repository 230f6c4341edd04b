"""Kept connections: one answer goes to the one who asked, and nothing unexpected is ever reused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from gateway.whatsapp.connections import Connections, Limits, NotSent, OutcomeUnknown, Place
from tests.whatsapp.sink import Reply, Request, Script, Sink, with_sink

LIMITS = Limits(connections_max=4, connect_seconds=0.5, answer_seconds=0.5, idle_seconds=30.0)
PATIENT = replace(LIMITS, connect_seconds=20.0, answer_seconds=20.0)


def talked(script: Script, talk: Callable[[Connections], Awaitable[None]], limits: Limits = LIMITS) -> Sink:
    async def run(sink: Sink) -> None:
        lines = Connections(Place("localhost", sink.port, None), limits)
        try:
            await talk(lines)
        finally:
            lines.close()

    return with_sink(script, run)


def post(name: str) -> bytes:
    return b"POST /%b HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}" % name.encode()


def named(request: Request) -> Reply:
    return Reply(body=request.target.encode())


def test_many_at_once_each_get_their_own_answer_over_few_connections() -> None:
    async def talk(lines: Connections) -> None:
        answers = await asyncio.gather(*(lines.ask(post(str(n))) for n in range(40)))
        assert [a.text for a in answers] == [f"/{n}" for n in range(40)]

    assert talked(named, talk, PATIENT).connections <= PATIENT.connections_max


def test_connections_made_ahead_are_the_ones_that_requests_go_over() -> None:
    async def talk(lines: Connections) -> None:
        await lines.make_ready(3)
        await lines.make_ready(2)
        assert len(lines._free) == 3
        answers = await asyncio.gather(*(lines.ask(post(str(n))) for n in range(3)))
        assert [a.text for a in answers] == ["/0", "/1", "/2"]
        await lines.make_ready(100)

    assert talked(named, talk, PATIENT).connections == PATIENT.connections_max


def test_it_is_known_how_many_requests_wait_for_a_connection() -> None:
    async def talk(lines: Connections) -> None:
        await lines.make_ready(1)
        asked = [asyncio.ensure_future(lines.ask(post(str(n)))) for n in range(PATIENT.connections_max + 3)]
        await asyncio.sleep(0)
        assert lines.waiting == len(asked) - 1, "one has left, the others wait until they are connected"
        asked[-1].cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        assert lines.waiting == 0

    talked(named, talk, PATIENT)


def test_nobody_waits_any_more_for_what_cannot_be_connected() -> None:
    async def ask() -> None:
        lines = Connections(Place("graph.invalid", 80, None), PATIENT)
        with pytest.raises(NotSent):
            await lines.ask(post("one"))
        assert lines.waiting == 0

    asyncio.run(ask())


def test_what_cannot_be_made_ahead_is_told_to_whoever_asks() -> None:
    async def ask() -> None:
        lines = Connections(Place("graph.invalid", 80, None), PATIENT)
        await lines.make_ready(3)
        with pytest.raises(NotSent):
            await lines.ask(post("one"))

    asyncio.run(ask())


def test_an_answer_that_nobody_waits_for_any_more_is_not_the_next_ones() -> None:
    """Whoever asked was cancelled after the request had left; its answer comes all the same."""

    async def talk(lines: Connections) -> None:
        await lines.ask(post("warm"))
        left = asyncio.ensure_future(lines.ask(post("left")))
        await asyncio.sleep(0)
        left.cancel()
        assert (await lines.ask(post("next"))).text == "/next"

    assert [r.target for r in talked(named, talk).requests][-2:] == ["/left", "/next"]


def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    replies = iter([Reply(body=b"first"), Reply(body=b"second")])

    def script(request: Request) -> Reply:
        return next(replies)

    async def talk(lines: Connections) -> None:
        assert (await lines.ask(post("one"))).text == "first"
        (line,) = lines._free
        line.data_received(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        assert (await lines.ask(post("two"))).text == "second"

    assert talked(script, talk).connections == 2


def test_a_connection_that_was_idle_for_long_is_not_trusted() -> None:
    async def talk(lines: Connections) -> None:
        await lines.ask(post("one"))
        lines._free[0].free_since -= LIMITS.idle_seconds
        await lines.ask(post("two"))

    assert talked(named, talk).connections == 2


def test_closing_ends_what_is_under_way_as_unknown() -> None:
    async def talk(lines: Connections) -> None:
        under_way = asyncio.ensure_future(lines.ask(post("slow")))
        while not any(line.is_busy for line in lines._lines):
            await asyncio.sleep(0)
        lines.close()
        with pytest.raises(OutcomeUnknown):
            await under_way

    talked(lambda _: Reply(after_seconds=0.3), talk)


def test_a_host_without_an_address_is_never_written_to() -> None:
    async def ask() -> None:
        await Connections(Place("graph.invalid", 80, None), LIMITS).ask(post("x"))

    with pytest.raises(NotSent):
        asyncio.run(ask())
