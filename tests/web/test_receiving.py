"""A signed post is durable, and a STOP is in the ledger, before the 200: on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import Client

from consent.standing import State as Standing
from gateway.actions.know_people import know
from gateway.actions.receive_webhook import ASK_INBOX_AGAIN_AFTER, Receiver
from gateway.storage import quarantine
from gateway.storage.database import Database
from gateway.storage.spool import Spool
from gateway.web.webhook import Webhook
from tests.given import Given, Person
from tests.web.house import nowhere, post


def inbound(given: Given, person: Person, text: str, message_id: str = "wamid.said") -> dict[str, Any]:
    said = {
        "from": person.wa_id,
        "id": message_id,
        "timestamp": str(int(given.now.timestamp())),
        "type": "text",
        "text": {"body": text},
    }
    return given.value("messages", contacts=[{"wa_id": person.wa_id, "profile": {"name": "T"}}], messages=[said])


def read_receipt(given: Given) -> dict[str, Any]:
    status = {"id": "wamid.unknown", "status": "read", "timestamp": "1772000000", "recipient_id": "905550000001"}
    return given.value("messages", statuses=[status])


def both(*bodies: dict[str, Any]) -> dict[str, Any]:
    return {"object": "whatsapp_business_account", "entry": [entry for body in bodies for entry in body["entry"]]}


@pytest.fixture
def away() -> Iterator[Database]:
    database = nowhere()
    yield database
    database.close()


@pytest.fixture
def headless(given: Given, away: Database) -> Client:
    """A webhook that has lost the main database, but not the inbox."""
    receiver = Receiver(away, given.inbox, given.settings, given.clock)
    return Client(Webhook(given.settings.app_secrets, "", receiver.receive))


def spooled(given: Given) -> int:
    return len(Spool.under(given.settings.data_dir).waiting())


def test_a_body_is_in_the_inbox_as_it_was_signed_before_the_answer(given: Given, client: Client) -> None:
    raw = b'{ "entry": [], "odd  spacing": "kept" }'
    assert post(client, raw).status_code == 200
    assert [body.body for body in given.inbox.waiting(10)] == [raw]


def test_a_stop_binds_before_the_200_without_any_drain(given: Given, client: Client) -> None:
    ayse = given.person()
    campaign = given.campaign(starts_in="now")
    given.launch()
    assert post(client, inbound(given, ayse, "DUR")).status_code == 200
    assert given.standing(ayse).state is Standing.REVOKED
    told = given.message(ayse, campaign)
    assert (told.state, told.reason) == ("refused", "consent_revoked")
    assert [o.purpose for o in given.release()] != ["marketing"]


def test_a_stop_among_a_hundred_receipts_is_found(given: Given, client: Client) -> None:
    ayse = given.person()
    body = both(*[read_receipt(given)] * 50, inbound(given, ayse, "stop"), *[read_receipt(given)] * 50)
    assert post(client, body).status_code == 200
    assert given.standing(ayse).state is Standing.REVOKED


def test_draining_what_was_bound_already_changes_nothing(given: Given, client: Client) -> None:
    ayse = given.person()
    for _ in range(2):
        assert post(client, inbound(given, ayse, "DUR")).status_code == 200
    before = given.events(ayse)
    given.drain()
    assert given.events(ayse) == before
    assert given.inbox.backlog() == 0


def test_a_refused_post_binds_nobody(given: Given, client: Client) -> None:
    ayse = given.person()
    assert post(client, inbound(given, ayse, "DUR"), secret="somebody else's").status_code == 401
    assert given.standing(ayse).state is Standing.GRANTED
    assert given.inbox.backlog() == 0


def test_thirty_people_who_stop_at_once_are_all_bound(given: Given, client: Client) -> None:
    people = [given.person() for _ in range(30)]
    bodies = [inbound(given, person, "DUR", f"wamid.{n}") for n, person in enumerate(people)]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda body: post(client, body).status_code, bodies))
    assert answers == [200] * 30
    assert {given.standing(person).state for person in people} == {Standing.REVOKED}
    assert given.inbox.backlog() == 30


def test_while_the_inbox_is_away_a_body_goes_to_the_spool_and_a_stop_still_binds(
    given: Given, client: Client, away: Database
) -> None:
    ayse, inbox_database = given.person(), given.inbox.database
    given.inbox.database = away
    assert post(client, inbound(given, ayse, "DUR")).status_code == 200
    assert post(client, read_receipt(given)).status_code == 200
    assert given.standing(ayse).state is Standing.REVOKED
    assert spooled(given) == 2
    given.inbox.database = inbox_database
    given.drain()
    assert (spooled(given), given.inbox.backlog()) == (0, 0)
    with given.database.read() as connection:
        assert quarantine.tallies(connection) == {"InboundMessage:text": 1, "StatusUpdate:read": 1}


def test_what_came_while_the_inbox_was_away_is_drained_first(given: Given, client: Client, away: Database) -> None:
    inbox_database = given.inbox.database
    given.inbox.database = away
    post(client, b'{"n":1}')
    given.inbox.database = inbox_database
    given.clock.advance(ASK_INBOX_AGAIN_AFTER)
    post(client, b'{"n":2}')
    assert [body.body for body in given.inbox.waiting(10)] == [b'{"n":1}', b'{"n":2}']
    assert spooled(given) == 0


def test_an_inbox_that_failed_is_left_alone_for_a_moment(given: Given, client: Client, away: Database) -> None:
    inbox_database = given.inbox.database
    given.inbox.database = away
    post(client, b"{}")
    given.inbox.database = inbox_database
    post(client, b"{}")
    assert (spooled(given), given.inbox.backlog()) == (2, 0)
    given.clock.advance(ASK_INBOX_AGAIN_AFTER)
    post(client, b"{}")
    assert (spooled(given), given.inbox.backlog()) == (0, 3)


def test_a_stop_that_cannot_bind_is_kept_but_not_answered_200(given: Given, headless: Client) -> None:
    ayse = given.person()
    assert post(headless, inbound(given, ayse, "DUR")).status_code == 503
    assert given.standing(ayse).state is Standing.GRANTED
    given.drain()
    assert given.standing(ayse).state is Standing.REVOKED


def test_a_receipt_needs_no_main_database(given: Given, headless: Client) -> None:
    assert post(headless, read_receipt(given)).status_code == 200
    assert given.inbox.backlog() == 1


def test_only_when_nothing_can_be_written_a_receipt_gets_503(given: Given, client: Client, away: Database) -> None:
    given.settings.data_dir.parent.mkdir(parents=True, exist_ok=True)
    given.settings.data_dir.write_text("a file where the folder should be")
    inbox_database, given.inbox.database = given.inbox.database, away
    assert post(client, read_receipt(given)).status_code == 503
    given.inbox.database = inbox_database
    assert given.inbox.backlog() == 0


def test_the_log_of_an_outage_names_nobody(
    given: Given, headless: Client, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    ayse = given.person()
    post(headless, inbound(given, ayse, "DUR lütfen"))
    written = caplog.text + "".join(capfd.readouterr())
    assert "OperationalError" in written
    assert ayse.wa_id not in written
    assert "lütfen" not in written


def test_a_message_that_cannot_be_applied_does_not_take_the_stop_beside_it_along(
    given: Given, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ayse, broken = given.person(), given.person()
    break_for(broken, monkeypatch)
    body = both(inbound(given, broken, "merhaba", "wamid.1"), inbound(given, ayse, "DUR", "wamid.2"))
    assert post(client, body).status_code == 503
    assert given.standing(ayse).state is Standing.REVOKED
    given.drain()
    with given.database.read() as connection:
        assert [q.problem for q in quarantine.everything(connection)] == ["ValueError: InboundMessage:text"]


def break_for(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for a mistake of ours that only one person's message meets."""

    def breaks(connection: Any, who: Any, now: Any) -> Any:
        if who.wa_id == person.wa_id:
            raise ValueError("a mistake")
        return know(connection, who, now)

    monkeypatch.setattr("gateway.actions.record_consent.know", breaks)


def test_strangers_who_post_at_the_same_moment_do_not_share_one_bodys_mistake(
    given: Given, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [given.person() for _ in range(8)]
    broken = given.person()
    break_for(broken, monkeypatch)
    bodies = [inbound(given, p, "DUR", f"wamid.{n}") for n, p in enumerate([*people, broken])]
    with ThreadPoolExecutor(9) as threads:
        answers = list(threads.map(lambda body: post(client, body).status_code, bodies))
    assert answers == [200] * 8 + [503]
    assert {given.standing(person).state for person in people} == {Standing.REVOKED}
