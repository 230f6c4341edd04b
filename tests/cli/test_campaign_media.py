"""A campaign whose header shows a local file: uploaded once, kept fresh, and sent by its id."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.actions.upload_media import refresh_media
from gateway.assembly import House, open_house
from gateway.core.campaign import media_in, restored
from gateway.practice import PracticeSettings, RunningPractice, running
from gateway.settings import read_settings
from gateway.storage import campaigns, media
from gateway.storage.templates import keep
from tests.cli.conftest import Izin

PICTURE = {
    "name": "picture",
    "language": "tr",
    "category": "MARKETING",
    "components": [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::x"]}},
        {"type": "BODY", "text": "Yeni koleksiyon mağazalarda."},
        {"type": "FOOTER", "text": "Mesaj almak istemiyorsanız DUR yazın."},
    ],
}
CAMPAIGN = """name: {name}
segment: everyone
template: picture
expires: {expires}
start: {start}
parameters:
  header: {{image: {file}}}
"""
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 100


@pytest.fixture(scope="module")
def practice() -> Iterator[RunningPractice]:
    with running(PracticeSettings()) as world:
        yield world


@pytest.fixture
def account(izin: Izin, practice: RunningPractice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Izin:
    for name, value in {
        "IZIN_GRAPH_URL": practice.base_url,
        "IZIN_TOKEN": practice.settings.token,
        "IZIN_WABA_ID": practice.settings.waba_id,
    }.items():
        monkeypatch.setenv(name, value)
    assert izin("templates", "sync").exit_code == 0
    with house() as opened, opened.database.write() as connection:
        keep(connection, [{**PICTURE, "status": "APPROVED", "id": "7"}], opened.clock.now())
    (tmp_path / "kapak.jpg").write_bytes(JPEG)
    return izin


def house() -> Any:
    return open_house(read_settings())


def planned(izin: Izin, tmp_path: Path, name: str, **fields: str) -> Any:
    said = {"expires": "3 days", "start": "now", "file": "kapak.jpg", "name": name} | fields
    (tmp_path / f"{name}.yaml").write_text(CAMPAIGN.format(**said), encoding="utf-8")
    shown = izin("campaign", "plan", f"{name}.yaml", "--json")
    return json.loads(shown.stdout if shown.exit_code == 0 else shown.stderr)


def media_id(name: str) -> str:
    with house() as opened, opened.database.read() as connection:
        campaign = campaigns.by_name(connection, name)
    assert campaign is not None
    [used] = media_in(restored(campaign.plan))
    assert used.digest
    return used.media_id


def refresh(at: datetime) -> int:
    async def run(opened: House) -> int:
        async with opened.messenger() as cloud:
            return await refresh_media(cloud, opened.database, at)

    with house() as opened:
        return asyncio.run(run(opened))


def now() -> datetime:
    with house() as opened:
        moment: datetime = opened.clock.now()
        return moment


def test_a_file_is_uploaded_once_and_its_id_used_again(account: Izin, tmp_path: Path) -> None:
    planned(account, tmp_path, "one")
    (tmp_path / "same-bytes.jpg").write_bytes(JPEG)
    planned(account, tmp_path, "two", file="same-bytes.jpg")
    assert media_id("one") == media_id("two")
    (tmp_path / "other.jpg").write_bytes(JPEG + b"y")
    planned(account, tmp_path, "three", file="other.jpg")
    assert media_id("three") != media_id("one")


def test_an_id_that_would_end_too_soon_is_made_anew_before_the_campaign_starts(account: Izin, tmp_path: Path) -> None:
    planned(account, tmp_path, "later", start="in 20 d", expires="5 days")
    first = media_id("later")
    assert refresh(now()) == 0
    assert refresh(now() + timedelta(days=19, hours=1)) == 0, "it holds until day 30, the campaign ends on day 25"
    planned(account, tmp_path, "late", start="in 27 d", expires="5 days")
    assert refresh(now() + timedelta(days=26, hours=1)) >= 1
    assert media_id("late") != first
    assert refresh(now() + timedelta(days=26, hours=2)) == 0, "once is enough"


def test_the_bytes_are_kept_for_the_next_upload(account: Izin, tmp_path: Path) -> None:
    planned(account, tmp_path, "kept")
    with house() as opened, opened.database.read() as connection:
        digest = connection.execute(select(media._upload.c.digest)).scalar_one()
        file = media.file_of(connection, digest)
    assert file is not None
    assert (file.content, file.mime, file.file_name) == (JPEG, "image/jpeg", "kapak.jpg")


@pytest.mark.parametrize(
    ("content", "fields", "says"),
    [
        (b"GIF89a", {}, "the image header needs a JPEG or PNG"),
        (JPEG + bytes(5 << 20), {}, "Meta takes at most 5 MB"),
        (JPEG, {"file": "none.jpg"}, "There is no file “none.jpg”"),
        (JPEG, {"expires": "29 days"}, "may run 28 days at most"),
    ],
)
def test_what_cannot_be_a_header_is_refused_before_it_is_uploaded(
    account: Izin, tmp_path: Path, content: bytes, fields: dict[str, str], says: str
) -> None:
    (tmp_path / "kapak.jpg").write_bytes(content)
    assert says in planned(account, tmp_path, "no", **fields)["error"]["problems"][0]
    with house() as opened, opened.database.read() as connection:
        assert connection.execute(select(media._upload.c.digest)).all() == []


def test_without_credentials_the_missing_setting_is_named(
    account: Izin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IZIN_TOKEN")
    assert "IZIN_TOKEN" in planned(account, tmp_path, "no")["error"]["problems"][0]


def test_meta_being_away_is_said_and_nothing_is_planned(
    account: Izin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IZIN_GRAPH_URL", "http://127.0.0.1:9")
    assert planned(account, tmp_path, "no")["error"]["code"] == "meta"
    with house() as opened, opened.database.read() as connection:
        assert campaigns.by_name(connection, "no") is None
