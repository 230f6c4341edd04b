"""The newest checkpoint is stamped by somebody else's clock; who is away delays no checkpoint and is asked again."""

from __future__ import annotations

import http.server
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from consent import checkpoints
from consent.proof.findings import Doubt
from gateway.actions.sign_checkpoint import sign_checkpoint
from gateway.actions.stamp_checkpoint import ask, authority, stamp_newest
from gateway.actions.verify_ledger import Verified, verify_ledger
from gateway.storage import incidents
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from tests.actions.ledgers_given import OLD, signed, signing_house
from tests.consent.proof.authority import Authority
from tests.given import TUESDAY, Given

TSA = Authority(TUESDAY + timedelta(hours=1))


class Desk(http.server.BaseHTTPRequestHandler):
    """The authority's address on the loopback. A path that is not / fails as its name says."""

    def do_POST(self) -> None:
        request = self.rfile.read(int(self.headers["Content-Length"]))
        said = self.headers["Content-Type"] == "application/timestamp-query"
        self.send_response(200 if said and self.path != "/away" else 503)
        self.end_headers()
        self.wfile.write({"/": TSA.answer(request), "/huge": bytes(2_000_000)}.get(self.path, b"no"))

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def desk() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def house(database: Database, inbox: Inbox, tmp_path: Path, desk: str) -> Given:
    gateway = signing_house(database, inbox, tmp_path)
    certificate = tmp_path / "tsa.pem"
    certificate.write_bytes(TSA.pem())
    gateway.settings = replace(gateway.settings, timestamp_url=f"{desk}/", timestamp_certificate=certificate)
    gateway.person(opted_in="marketing")
    return gateway


def checked(house: Given) -> Verified:
    settings = house.settings
    with house.database.read() as connection:
        return verify_ledger(connection, [OLD.verifier], settings.checkpoints, authority(settings))


def test_the_newest_checkpoint_is_stamped_once_and_the_ledger_verifies_with_it(house: Given) -> None:
    signed(house)
    stamp = stamp_newest(house.database, house.settings, house.now)
    assert stamp is not None
    assert stamp.at == TSA.now
    asked = TSA.asked
    assert stamp_newest(house.database, house.settings, house.now) is None
    assert TSA.asked == asked
    verified = checked(house)
    assert verified.findings.holds
    assert any("1 of 1 time-stamps" in line for line in verified.findings.checked)


def test_a_note_replaced_after_it_was_stamped_is_found(house: Given) -> None:
    signed(house)
    stamp_newest(house.database, house.settings, house.now)
    path = checkpoints.newest_path(house.settings.checkpoints)
    assert path is not None
    path.write_bytes(path.read_bytes().replace(b"2026", b"2027"))
    assert Doubt.BAD_TIMESTAMP in checked(house).findings.kinds()


@pytest.mark.parametrize(("way", "says"), [("away", "503"), ("nonsense", "not an answer"), ("huge", "2,000,000 bytes")])
def test_an_authority_that_is_away_delays_no_checkpoint_and_is_asked_again(
    house: Given, way: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    lost = replace(house.settings, timestamp_url=house.settings.timestamp_url + way)
    signed(house)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert stamp_newest(house.database, lost, house.now) is None
    assert caplog.text.count("has no time-stamp yet") == 2
    with house.database.read() as connection:
        news = incidents.latest(connection, 5)
    assert [one.kind for one in news] == ["timestamp_missing"]
    assert says in str(news[0].detail)
    assert checked(house).findings.holds
    assert stamp_newest(house.database, house.settings, house.now) is not None


def test_a_newer_checkpoint_takes_the_place_of_one_that_waits(house: Given) -> None:
    signed(house)
    house.person(opted_in="marketing")
    later = house.now + timedelta(hours=1)
    newer = sign_checkpoint(house.database, OLD, house.settings.checkpoints, later)
    assert newer is not None
    stamp = stamp_newest(house.database, house.settings, later)
    assert stamp is not None
    assert stamp.is_of(newer.note.encode())


def test_an_authority_of_another_certificate_is_not_believed(house: Given, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(Authority(TUESDAY).pem())
    signed(house)
    settings = replace(house.settings, timestamp_certificate=other)
    assert stamp_newest(house.database, settings, house.now) is None
    missing = replace(house.settings, timestamp_certificate=tmp_path / "gone.pem")
    assert stamp_newest(house.database, missing, house.now) is None


def test_without_an_address_and_without_a_checkpoint_nobody_is_asked(house: Given) -> None:
    asked = TSA.asked
    assert stamp_newest(house.database, house.settings, house.now) is None
    signed(house)
    assert stamp_newest(house.database, replace(house.settings, timestamp_url=""), house.now) is None
    assert TSA.asked == asked


def test_an_answer_for_other_bytes_is_refused_without_a_certificate_too(
    house: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, _ = ask(house.settings.timestamp_url, b"these", [])
    monkeypatch.setattr(
        httpx, "post", lambda *args, **kwargs: httpx.Response(200, content=answer, request=httpx.Request("POST", "x:"))
    )
    with pytest.raises(ValueError, match="other bytes"):
        ask(house.settings.timestamp_url, b"those", [])
