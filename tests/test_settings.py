"""Settings: all mistakes at once, in words, and config.example.env lists every one of them."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from consent.proof.checkpoint import new_signing_key
from gateway.settings import Settings, SettingsProblem, duration, read_settings, secret_names, variable

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "config.example.env").read_text(encoding="utf-8")
NOWHERE = Path("there-is-no-such-file.env")


def listed() -> dict[str, str]:
    return dict(re.findall(r"^# ?(IZIN_[A-Z_]+)=(.*)$", EXAMPLE, flags=re.MULTILINE))


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert set(listed()) == {variable(field.name) for field in fields(Settings)}


def test_the_example_shows_the_defaults() -> None:
    from_example = read_settings({name: value for name, value in listed().items() if value}, NOWHERE)
    assert from_example == read_settings({}, NOWHERE)


def test_every_mistake_is_reported_at_once_in_words() -> None:
    wrong = {
        "IZIN_DATABASE_URL": "mysql://nowhere",
        "IZIN_WEB_PORT": "80800",
        "IZIN_TIME_ZONE": "Mars/Olympus",
        "IZIN_CAPS": "often",
        "IZIN_PORT": "1",
    }
    with pytest.raises(SettingsProblem) as caught:
        read_settings(wrong, NOWHERE)
    said = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 5
    for name in wrong:
        assert name in said


@pytest.mark.parametrize("proxy", ["proxy.example:3128", "ftp://proxy.example", "http://", "somewhere"])
def test_a_proxy_that_is_no_address_is_a_mistake(proxy: str) -> None:
    with pytest.raises(SettingsProblem, match="IZIN_PROXY: its value cannot be used; write an address such as"):
        read_settings({"IZIN_PROXY": proxy}, NOWHERE)


@pytest.mark.parametrize("share", ["51%", "0.1", "-1%", "all"])
def test_a_share_is_written_in_percent_and_half_at_most(share: str) -> None:
    with pytest.raises(SettingsProblem, match="write a share from 0% to 50%"):
        read_settings({"IZIN_REPLY_SHARE": share}, NOWHERE)
    assert read_settings({"IZIN_REPLY_SHARE": "25%"}, NOWHERE).reply_share == 0.25


def test_a_bundle_of_authorities_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match=r"IZIN_CA_BUNDLE: .* the file cannot be read"):
        read_settings({"IZIN_CA_BUNDLE": str(tmp_path / "missing.pem")}, NOWHERE)


def test_a_secret_is_never_repeated_in_a_complaint() -> None:
    with pytest.raises(SettingsProblem) as caught:
        read_settings({"IZIN_DATABASE_URL": "mysql://user:hush@host"}, NOWHERE)
    assert "hush" not in str(caught.value)


WRITTEN = {
    "proxy": "http://user:hush@proxy.example:3128",
    "database_url": "postgresql://user@host/name",
    "suppression_key": "v1:a-key-of-sixteen-letters\nv2:another-key-of-enough",
    "signing_key": new_signing_key("izin.example/ledger", bytes(32)).secret_text(),
}


@pytest.mark.parametrize("name", sorted(secret_names()))
def test_a_secret_may_stand_in_a_file(name: str, tmp_path: Path) -> None:
    value = WRITTEN.get(name, "hush")
    file = tmp_path / "secret"
    file.write_text(value + "\n", encoding="utf-8")
    extra = {} if name == "app_secrets" else {"IZIN_APP_SECRETS": "s"}
    read = read_settings({variable(name) + "_FILE": str(file)} | extra, NOWHERE)
    found = getattr(read, name)
    assert found in (value, (value,), "postgresql+psycopg://user@host/name")


def test_a_secret_in_two_places_or_in_a_missing_file_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match="both set"):
        read_settings({"IZIN_TOKEN": "a", "IZIN_TOKEN_FILE": str(tmp_path / "a")}, NOWHERE)
    with pytest.raises(SettingsProblem, match="cannot be read"):
        read_settings({"IZIN_TOKEN_FILE": str(tmp_path / "missing")}, NOWHERE)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("IZIN_BRAND=From file\nIZIN_CONTACT=me\nOTHER=ignored\n", encoding="utf-8")
    read = read_settings({"IZIN_BRAND": "From environment"}, file)
    assert (read.brand, read.contact) == ("From environment", "me")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"IZIN_CLOCK_SHIFT": "1h"}, "practice world"),
        ({"IZIN_CONFIRM_WITHIN": "8d"}, "between 1s and 7d"),
        ({"IZIN_PHONE_NUMBER_IDS": "+905550000001"}, "phone number ids"),
        ({"IZIN_TOKEN": "t"}, "IZIN_APP_SECRETS"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingsProblem, match=complaint):
        read_settings(settings, NOWHERE)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("IZIN_UNSURE_AFTER", "-5m", "longer than nothing"),
        ("IZIN_KEEP_WEBHOOKS", "0s", "longer than nothing"),
        ("IZIN_CLOCK_SHIFT", "9999999999d", "at most 3653d"),
        ("IZIN_CAPS", "0/day", "counts 1 to 10 messages"),
        ("IZIN_CAPS", "11/month", "counts 1 to 10 messages"),
        ("IZIN_TAG_CAPS", "promo 20/day", "counts 1 to 10 messages"),
        ("IZIN_TAG_CAPS", "1/day", "no cap of a tag"),
        ("IZIN_QUIET_HOURS", "20:00-09:00", "must end after it starts"),
        ("IZIN_REST_DAYS", "TR 18:00-11:00", "must end after it starts"),
        ("IZIN_OWN_WORDS", "nowhere.txt", "the file cannot be read"),
        ("IZIN_TIMESTAMP_CERTIFICATE", "nowhere.pem", "the file cannot be read"),
    ],
)
def test_a_value_of_the_right_form_that_could_not_work_is_a_mistake_too(name: str, value: str, complaint: str) -> None:
    with pytest.raises(SettingsProblem, match=f"{name}: .*{complaint}"):
        read_settings({name: value}, NOWHERE)


def test_a_file_of_settings_that_is_named_must_be_there(tmp_path: Path) -> None:
    mine = tmp_path / "mine.env"
    with pytest.raises(SettingsProblem, match=r"IZIN_ENV_FILE points to .*, which is not there"):
        read_settings({"IZIN_ENV_FILE": str(mine)})
    mine.write_text("IZIN_BRAND=Kahve Evi\n", encoding="utf-8")
    assert read_settings({"IZIN_ENV_FILE": str(mine)}).brand == "Kahve Evi"


def test_durations_are_read_in_days_hours_minutes_and_seconds() -> None:
    assert duration("2d 12h") == timedelta(days=2, hours=12)
    assert duration("-90s") == timedelta(seconds=-90)
    with pytest.raises(ValueError, match="write a duration"):
        duration("soon")


def test_the_inbox_is_a_file_of_its_own_only_on_sqlite() -> None:
    assert read_settings({"IZIN_DATA_DIR": "d"}, NOWHERE).inbox_database == "sqlite:///d/izin-inbox.db"
    postgres = read_settings({"IZIN_DATABASE_URL": "postgres://u@h/n"}, NOWHERE)
    assert postgres.inbox_database == postgres.database == "postgresql+psycopg://u@h/n"
