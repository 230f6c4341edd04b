"""What the settings say of the way to Meta reaches the wire, and what cannot be used is said in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.assembly import House
from gateway.clock import clock_for
from gateway.settings import Settings, SettingsProblem
from gateway.storage.database import Database
from gateway.whatsapp.cloud import NumberFacts
from tests.whatsapp.sink import Reply, Sink, with_sink


def house(**settings: Any) -> House:
    known = Settings(**({"token": "a-token"} | settings))
    return House(known, clock_for(known.clock_shift), Database("sqlite://"))


def test_the_proxy_of_the_settings_carries_what_goes_to_meta() -> None:
    async def talk(sink: Sink) -> None:
        async with house(graph_url="http://graph.invalid", proxy=sink.url()).messenger() as cloud:
            assert isinstance(await cloud.number("42"), NumberFacts)

    (request,) = with_sink(lambda _: Reply(body=b'{"id":"42"}'), talk).requests
    assert request.target.startswith("http://graph.invalid/v26.0/42?")


def test_what_cannot_be_used_is_named_without_the_token(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.touch()
    for wrong in ({"token": "two words"}, {"graph_url": "https://graph.example?x=1"}, {"ca_bundle": empty}):
        with pytest.raises(SettingsProblem, match=r"Meta cannot be asked: .*IZIN_CA_BUNDLE") as caught:
            house(**wrong).messenger()
        assert "two words" not in str(caught.value)
