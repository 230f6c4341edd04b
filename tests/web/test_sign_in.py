"""One password before every page but a few that are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import Client

from gateway.assembly import House
from gateway.web.app import assembled
from gateway.web.sign_in import ADDRESSES_MAX, OPEN, SESSION_LIFETIME, TRIES_MAX, TRIES_WITHIN, Tries, session_key
from tests.given import TUESDAY, Given
from tests.web.house import PASSWORD, browser, sign_in

OPEN_TO_ALL = {
    "static", "health.alive", "health.ready", "links.follow", "optin_page.ask", "optin_page.answer", "sign_in.show",
    "sign_in.enter",
}  # fmt: skip


def pages_of(house: House) -> Flask:
    return assembled(house).pages


def test_every_page_asks_who_is_there(house: House) -> None:
    app = pages_of(house)
    stranger, endpoints = app.test_client(), set()
    for rule in app.url_map.iter_rules():
        address = rule.rule.replace("<token>", "aaaaaaaaaaaa").replace("<path:filename>", "page.css")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            with stranger.open(address, method=method) as answer:
                turned_away = answer.status_code == 401 or answer.headers.get("Location", "").startswith("/sign-in")
            assert turned_away is (rule.endpoint not in OPEN_TO_ALL) or rule.endpoint == "sign_in.enter", address
            endpoints.add(rule.endpoint)
    assert endpoints > OPEN_TO_ALL == OPEN


def test_a_page_that_is_added_later_asks_too(house: House) -> None:
    app = pages_of(house)
    app.add_url_rule("/people", "people", lambda: "everybody's numbers")
    answer = app.test_client().get("/people")
    assert answer.status_code == 302
    assert "everybody" not in answer.text


def test_the_right_password_opens_and_signing_out_closes(client: Client) -> None:
    assert client.get("/").status_code == 302
    sign_in(client)
    assert client.get("/").status_code == 200
    assert client.post("/sign-out").headers["Location"] == "/sign-in"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("password", ["", "x", PASSWORD + " ", PASSWORD.upper(), "\ud800", "ş" * 1000])
def test_a_wrong_password_opens_nothing(client: Client, password: str) -> None:
    answer = client.post("/sign-in", data={"password": password.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 401
    assert "Parola doğru değil." in answer.text
    assert client.get("/").status_code == 302


def test_after_some_wrong_tries_even_the_right_password_waits_a_minute(given: Given, client: Client) -> None:
    for _ in range(TRIES_MAX):
        assert client.post("/sign-in", data={"password": "guess"}).status_code == 401
    assert client.post("/sign-in", data={"password": PASSWORD}).status_code == 429
    given.clock.advance(TRIES_WITHIN)
    assert client.post("/sign-in", data={"password": PASSWORD}).status_code == 302


def test_one_address_that_guesses_does_not_lock_out_another() -> None:
    tries = Tries()
    assert [tries.allow("192.0.2.1", TUESDAY) for _ in range(TRIES_MAX + 1)] == [True] * TRIES_MAX + [False]
    assert tries.allow("192.0.2.2", TUESDAY)


def test_somebody_who_gets_in_starts_anew() -> None:
    tries = Tries()
    for _ in range(TRIES_MAX - 1):
        tries.allow("192.0.2.1", TUESDAY)
    tries.forgive("192.0.2.1")
    assert all(tries.allow("192.0.2.1", TUESDAY) for _ in range(TRIES_MAX))


def test_a_flood_of_addresses_does_not_fill_the_memory() -> None:
    tries = Tries()
    for n in range(3 * ADDRESSES_MAX):
        tries.allow(f"2001:db8::{n:x}", TUESDAY)
    assert len(tries._wrong) == ADDRESSES_MAX


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: Client) -> None:
    cookie = client.post("/sign-in", data={"password": PASSWORD}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # this house is reached over plain http
    assert PASSWORD not in cookie


def test_behind_https_the_cookie_never_travels_in_the_clear(house: House) -> None:
    house.settings = replace(house.settings, public_url="https://izin.example")
    cookie = browser(house).post("/sign-in", data={"password": PASSWORD}).headers["Set-Cookie"]
    assert "Secure" in cookie


def test_a_forged_cookie_opens_nothing(house: House, client: Client) -> None:
    other = replace(house.settings, page_password="another")
    forger = Flask("forger")
    forger.secret_key = session_key(other)
    serializer = forger.session_interface.get_signing_serializer(forger)  # type: ignore[attr-defined]
    client.set_cookie("izin", serializer.dumps({"signed_in": True}))
    assert client.get("/").status_code == 302


def test_a_new_password_signs_everybody_out_and_other_processes_agree(house: House) -> None:
    settings = house.settings
    assert session_key(settings) == session_key(replace(settings))
    assert session_key(settings) != session_key(replace(settings, page_password="new"))
    assert session_key(settings) != session_key(replace(settings, app_secrets=("new",)))


def test_a_session_ends_by_itself(house: House) -> None:
    assert pages_of(house).permanent_session_lifetime == SESSION_LIFETIME <= timedelta(hours=12)


def test_programs_are_told_in_json(client: Client) -> None:
    answer = client.get("/overview.json?lang=en")
    assert (answer.status_code, answer.get_json()) == (401, {"problem": "Sign in first."})


@pytest.mark.parametrize("path", ["/", "/overview.json", "/sign-in", "/sign-out"])
def test_without_a_password_the_pages_are_closed_and_say_why(house: House, path: str) -> None:
    house.settings = replace(house.settings, page_password="")
    closed = browser(house)
    answers = [closed.post(path)] if path == "/sign-out" else [closed.get(path)]
    if path == "/sign-in":
        answers.append(closed.post(path, data={"password": ""}))
    for answer in answers:
        assert answer.status_code == 403
        assert "IZIN_PAGE_PASSWORD" in answer.text


def test_without_a_password_what_is_open_stays_open(house: House) -> None:
    house.settings = replace(house.settings, page_password="")
    closed = browser(house)
    assert closed.get("/healthz").status_code == 200
    assert closed.get("/r/aaaaaaaaaaaa").status_code == 404


def test_the_language_that_was_asked_for_stays_through_the_sign_in(client: Client) -> None:
    assert client.get("/?lang=en").headers["Location"] == "/sign-in?lang=en"
    answer = client.post("/sign-in?lang=en", data={"password": PASSWORD})
    assert answer.headers["Location"] == "/?lang=en"
