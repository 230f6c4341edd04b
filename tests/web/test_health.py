"""Alive and ready: what a process keeper asks."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from werkzeug.test import Client

from gateway.assembly import House
from gateway.web.health import LOOK_AGAIN_AFTER
from tests.given import Given
from tests.web.house import nowhere


def problems(client: Client) -> list[str]:
    answer = client.get("/readyz")
    found = [problem["what"] for problem in answer.get_json()["problems"]]
    assert answer.status_code == (503 if found else 200)
    assert answer.get_json()["ready"] is not bool(found)
    return found


def test_a_working_house_is_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").get_json() == {"alive": True}
    assert problems(client) == []


def test_looking_leaves_nothing_in_the_inbox(given: Given, client: Client) -> None:
    problems(client)
    assert given.inbox.backlog() == 0


def test_without_its_database_a_process_is_alive_but_not_ready(house: House, client: Client) -> None:
    reachable, house.database = house.database, nowhere()
    assert problems(client) == ["database"]
    assert client.get("/healthz").status_code == 200
    house.database.close()
    house.database = reachable


def test_an_inbox_that_cannot_be_written_is_named(house: House, client: Client) -> None:
    reachable, house.inbox.database = house.inbox.database, nowhere()
    assert problems(client) == ["inbox"]
    house.inbox.database.close()
    house.inbox.database = reachable


def test_an_older_shape_of_the_database_is_named_with_the_remedy(given: Given, client: Client) -> None:
    with given.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz?lang=en").get_json()
    assert [problem["what"] for problem in answer["problems"]] == ["migrations"]
    assert "izin db upgrade" in answer["problems"][0]["words"]


def test_everything_wrong_is_told_at_once(house: House, client: Client) -> None:
    kept = house.database, house.inbox.database
    house.database = house.inbox.database = nowhere()
    assert problems(client) == ["database", "inbox"]
    house.database.close()
    house.database, house.inbox.database = kept


def test_however_many_ask_there_is_one_look_a_second(
    given: Given, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[House] = []

    def counted(house: House) -> tuple[str, ...]:
        looks.append(house)
        return ()

    monkeypatch.setattr("gateway.web.health.what_is_wrong", counted)
    for _ in range(10):
        problems(client)
    assert len(looks) == 1
    given.clock.advance(LOOK_AGAIN_AFTER)
    problems(client)
    assert len(looks) == 2
