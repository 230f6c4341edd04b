"""Links in messages: who is counted, where they lead, and when they stop leading anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update
from werkzeug.test import Client, TestResponse

from gateway.storage.messages import message
from tests.given import Given, Person
from tests.web.house import PHONE_BROWSER, browser, house_of, nowhere


@dataclass(frozen=True, slots=True)
class Sent:
    """A message with a link, and what its person has clicked."""

    given: Given
    person: Person
    token: str

    @property
    def clicks(self) -> int:
        with self.given.database.read() as connection:
            found = connection.execute(select(message.c.clicks).where(message.c.token == self.token)).scalar_one()
            assert isinstance(found, int)
            return found


@pytest.fixture
def sent(given: Given) -> Sent:
    ayse = given.person()
    link = {"target": "https://shop.example/bahar?renk=mor#liste", "utm": {"source": "whatsapp", "campaign": "bahar"}}
    given.campaign(link=link)
    given.launch()
    return Sent(given, ayse, token_of(given, ayse))


def token_of(given: Given, person: Person) -> str:
    with given.database.read() as connection:
        found = select(message.c.token).where(message.c.subject_id == person.subject.id)
        token = connection.execute(found).scalar_one()
    assert isinstance(token, str)
    return token


def click(client: Client, token: str, agent: str | None = PHONE_BROWSER, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"/r/{token}", headers={**named, **({"User-Agent": agent} if agent else {})})


def test_a_click_leads_to_the_campaigns_target_with_its_utm_parameters_and_counts(sent: Sent, client: Client) -> None:
    answer = click(client, sent.token)
    assert answer.status_code == 302
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}#{where.fragment}" == "https://shop.example/bahar#liste"
    assert parse_qs(where.query) == {"renk": ["mor"], "utm_source": ["whatsapp"], "utm_campaign": ["bahar"]}
    assert sent.clicks == 1


def test_every_click_counts_and_none_is_cached(sent: Sent, client: Client) -> None:
    answers = [click(client, sent.token) for _ in range(3)]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert sent.clicks == 3


@pytest.mark.parametrize(
    "agent",
    [
        "WhatsApp/2.23.20.0 A",
        "WhatsApp/2.2413.1 N",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        "Twitterbot/1.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "TelegramBot (like TwitterBot)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
        "curl/8.5.0",
        "python-requests/2.32",
        None,
    ],
)
def test_a_preview_robot_is_led_on_but_not_counted(sent: Sent, client: Client, agent: str | None) -> None:
    assert click(client, sent.token, agent).status_code == 302
    assert sent.clicks == 0


@pytest.mark.parametrize(
    "agent",
    [
        PHONE_BROWSER,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 13; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/122.0 YaBrowser/24.4 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 [FBAN/FBIOS;FBAV/400.0]",
    ],
)
def test_people_are_counted_whatever_they_hold(sent: Sent, client: Client, agent: str) -> None:
    click(client, sent.token, agent)
    assert sent.clicks == 1


def test_a_browser_that_fetches_ahead_and_a_head_request_are_not_clicks(sent: Sent, client: Client) -> None:
    assert click(client, sent.token, Sec_Purpose="prefetch;prerender").status_code == 302
    assert click(client, sent.token, Purpose="prefetch").status_code == 302
    assert client.head(f"/r/{sent.token}", headers={"User-Agent": PHONE_BROWSER}).status_code == 302
    assert sent.clicks == 0


@pytest.mark.parametrize(
    "token", ["aaaaaaaaaaaa", "x", "a" * 65, "%00%00%00%00%00%00%00%00", "%ed%a0%80aaaaaaaa", "' OR 1=1 --"]
)
def test_an_unknown_token_leads_nowhere(sent: Sent, client: Client, token: str) -> None:
    assert click(client, token).status_code == 404
    assert sent.clicks == 0


@pytest.mark.parametrize("more", ["?url=https://evil.example", "?target=//evil.example", "?next=/", "?lang=en"])
def test_nothing_in_the_address_changes_where_a_link_leads(sent: Sent, client: Client, more: str) -> None:
    assert click(client, sent.token + more).headers["Location"].startswith("https://shop.example/")


def test_an_erased_persons_link_stops_working(sent: Sent, client: Client) -> None:
    with sent.given.database.write() as connection:
        connection.execute(update(message).where(message.c.token == sent.token).values(token=None))
    assert click(client, sent.token).status_code == 404


def test_a_click_needs_no_sign_in_and_gets_no_cookie(sent: Sent, client: Client) -> None:
    assert "Set-Cookie" not in click(client, sent.token).headers


def test_clicks_are_shown_as_people_not_as_clicks(sent: Sent, visitor: Client) -> None:
    for _ in range(3):
        click(visitor, sent.token)
    campaign = visitor.get("/overview.json").get_json()["campaigns"][0]
    assert campaign["clicked"] == 1


def test_while_the_database_is_away_the_page_says_so_in_words(sent: Sent) -> None:
    house = house_of(sent.given)
    house.database = away = nowhere()
    answer = click(browser(house), sent.token)
    away.close()
    assert answer.status_code == 503
    assert "Veritabanı" in answer.text
    assert "Traceback" not in answer.text
