"""Promise 10 in the log: through webhook, sending, failures and crashes, no number, name or text is written."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import Client

from gateway import log
from gateway.actions import drain_inbox
from gateway.storage import pages
from gateway.storage.database import Database
from gateway.storage.inbox import Inbox
from gateway.storage.messages import message
from gateway.whatsapp.messenger import Failed, Outcome, Unsure
from tests.given import NUMBER_ID, Given
from tests.web.house import PASSWORD, browser, house_of, post, sign_in

NAME, WORDS = "Zerrin Gizlioğlu", "beni bu gizli sözlerle arayın"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged at the most talkative level."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # put back afterwards, as the log takes them over
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    root = logging.getLogger()
    former, level = list(root.handlers), root.level
    stream = io.StringIO()
    log.set_up("story", "json", "debug", stream)
    yield stream
    root.handlers[:] = former
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def given(database: Database, inbox: Inbox, tmp_path: Path) -> Given:
    return Given(database, inbox, data_dir=tmp_path / "data", page_password=PASSWORD)


@pytest.fixture
def visitor(given: Given) -> Client:
    return sign_in(browser(house_of(given)))


def test_nothing_of_a_person_is_logged_whatever_happens(
    given: Given, visitor: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [given.person(name=NAME) for _ in range(3)]
    phones = [person.phone for person in people]
    spring = given.campaign()
    given.launch()
    # Meta refuses one for everybody's sake, and does not answer the other.
    outcomes: dict[str, Outcome] = {phones[0]: Unsure(f"no answer for {phones[0]}"), phones[1]: Failed(999_999, WORDS)}
    given.meta.answer = lambda o: outcomes.get(o.to or "", Failed(131026, WORDS))
    given.deliver(given.release())
    # A person writes, a webhook cannot be applied, another is not stored, a page breaks.
    said = {"from": people[2].wa_id, "id": "wamid.HBgMOTA1NTU", "type": "text", "text": {"body": WORDS}}
    body = given.value("messages", messages=[said | {"timestamp": "1795518000"}])
    problem = RuntimeError(f"{phones[2]} ({NAME}): {WORDS}")

    def breaks(*_: Any, **__: Any) -> None:
        raise problem

    assert post(visitor, body).status_code == 200
    with monkeypatch.context() as patched:
        patched.setattr(drain_inbox, "record_consent", breaks)
        given.drain()
        patched.setattr(pages, "overview", breaks)
        assert visitor.get("/").status_code == 500
        patched.setattr(given.inbox, "store", breaks)
        post(visitor, body)
    with given.database.write() as connection:
        connection.execute(update(message).where(message.c.state == "unsure").values(state="sending"))
    given.clock.moment = spring.expires_at
    given.rescue()
    told = written.getvalue()
    lines = [json.loads(line) for line in told.splitlines()]
    assert {"Meta refused: unlisted", "nobody knows whether Meta has it"} <= {line["event"] for line in lines}
    assert "a message was left without an answer and is unsure" in {line["event"] for line in lines}
    assert any("went_wrong" in line["event"] or "a page could not be shown" in line["event"] for line in lines)
    for phone in phones:
        assert phone[-7:] not in told
    for secret in ("Gizlioğlu", "Zerrin", "gizli", "HBgM", PASSWORD):
        assert secret not in told


def test_events_of_a_message_carry_its_campaign_and_number(given: Given, written: io.StringIO) -> None:
    given.person()
    spring = given.campaign()
    given.launch()
    given.meta.answer = lambda o: Failed(131048)
    (posted,) = given.release()
    given.deliver([posted])
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    (refused,) = [line for line in lines if line["event"] == "Meta refused: spam_restriction"]
    assert (refused["level"], refused["code"]) == ("warning", 131048)
    assert refused["message_id"] == posted.message_id
    assert (refused["campaign_id"], refused["number_id"]) == (spring.id, NUMBER_ID)
    assert "a campaign starts" in {line["event"] for line in lines}
