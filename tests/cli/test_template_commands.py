"""`izin templates` against a running practice world, and on files alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gateway.cli.template_files import Read
from gateway.core.template import Finding
from gateway.practice import PracticeSettings, RunningPractice, running
from gateway.settings import Settings
from tests.cli.conftest import Izin
from tests.cli.templates_given import BODY, JPEG, Write, answer, problems


@pytest.fixture(scope="module")
def practice() -> Iterator[RunningPractice]:
    with running(PracticeSettings(review_delay_ms=(1, 5), batch_every_ms=5)) as world:
        yield world


@pytest.fixture
def account(izin: Izin, practice: RunningPractice, monkeypatch: pytest.MonkeyPatch) -> Izin:
    """The commands with credentials of the practice world."""
    for name, value in {
        "IZIN_GRAPH_URL": practice.base_url,
        "IZIN_TOKEN": practice.settings.token,
        "IZIN_WABA_ID": practice.settings.waba_id,
        "IZIN_APP_ID": practice.settings.app_id,
    }.items():
        monkeypatch.setenv(name, value)
    return izin


# lint


def test_a_sound_file_is_said_to_be_sound(izin: Izin, write: Write) -> None:
    write("ready")
    shown = izin("templates", "lint")
    assert (shown.exit_code, shown.stdout) == (0, "templates/ready.tr.yaml: nothing to mend\n")


def test_every_finding_has_its_place_sentence_and_fix(izin: Izin, write: Write) -> None:
    path = write("Ready", body="'{{first_name}} siparişiniz hazır'")
    [file] = answer(izin, "lint", str(path), ends=1)["files"]
    assert {(one["rule"], one["place"]) for one in file["findings"]} >= {("name", "name"), ("edge", "body")}
    assert all(one["sentence"] and one["fix"] and one["severity"] for one in file["findings"])


def test_a_file_that_is_no_template_is_named_by_line(izin: Izin, write: Write) -> None:
    path = write("ready", more="foter: x\n")
    [finding] = answer(izin, "lint", str(path), ends=1)["files"][0]["findings"]
    assert (finding["line"], finding["sentence"]) == (6, "There is no field “foter”. Did you mean “footer”?")


@pytest.mark.parametrize(("option", "ends"), [((), 0), (("--strict",), 1)])
def test_warnings_end_well_unless_asked_to_be_strict(
    izin: Izin, write: Write, option: tuple[str, ...], ends: int
) -> None:
    write("ready", body="'Merhaba {{first_name}}, indirim başladı, mağazaya bekleriz.'")
    assert izin("templates", "lint", *option).exit_code == ends


def test_two_files_with_the_same_words_are_told_apart_before_meta_refuses_one(account: Izin, write: Write) -> None:
    write("first")
    write("second")
    first, second = answer(account, "lint", ends=1)["files"]
    assert ([one["rule"] for one in first["findings"]], [one["rule"] for one in second["findings"]]) == ([], ["twin"])
    assert "“first”" in problems(account, "push")[0]


MARKETING = """name: offer
language: tr
category: marketing
body: Bahar indirimi bu hafta sonu başlıyor. Kahve Evi
footer: Mesaj almak istemiyorsanız DUR yazın.
buttons:
  - {url: "https://elsewhere.example/{{1}}", text: Gör, sample: "https://elsewhere.example/x"}
"""


@pytest.mark.parametrize(
    ("settings", "rules"),
    [
        ({}, {"sender"}),
        ({"IZIN_TRADE_NAME": "Kahve Evi A.Ş.", "IZIN_MERSIS": "0123456789012345"}, set()),
        ({"IZIN_REGION": "DE"}, set()),
        ({"IZIN_REGION": "DE", "IZIN_PUBLIC_URL": "https://kahve.example"}, {"link_base"}),
        ({"IZIN_REGION": "DE", "IZIN_PUBLIC_URL": "https://elsewhere.example"}, {"link_base"}),
    ],
)
def test_the_houses_settings_decide(
    izin: Izin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], rules: set[str]
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "offer.yaml").write_text(MARKETING, encoding="utf-8")
    [file] = answer(izin, "lint", "offer.yaml", ends=int("sender" in rules))["files"]
    assert {one["rule"] for one in file["findings"]} == rules


def test_a_folder_without_templates_is_said_so(izin: Izin) -> None:
    assert problems(izin, "lint") == [
        "There is no template file (*.yaml) in templates; name one, or `izin templates pull`."
    ]


EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "templates").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_sound_and_can_be_shown(izin: Izin, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setenv("IZIN_TRADE_NAME", "Kahve Evi Gıda A.Ş.")
    monkeypatch.setenv("IZIN_MERSIS", "0123456789012345")
    assert izin("templates", "lint", str(path)).exit_code == 0
    assert "╭" in izin("templates", "preview", str(path)).stdout


# preview of what is there


@pytest.mark.parametrize(
    ("options", "language"),
    [((), "tr"), (("--language", "en"), "en"), (("--language", "en_GB"), "en"), (("--language", "de"), "tr")],
)
def test_a_template_at_meta_is_shown_in_the_language_asked_for_or_the_houses(
    account: Izin, options: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(account, "sync")
    monkeypatch.setenv("IZIN_LANGUAGE", "tr")
    assert answer(account, "preview", "spring_offer", *options)["language"] == language


# push, diff, pull


def test_what_is_pushed_is_created_edited_and_then_the_same(
    account: Izin, write: Write, practice: RunningPractice
) -> None:
    write("cycle")
    assert [one["outcome"] for one in answer(account, "diff", ends=1)["templates"]] == ["only_in_file"]
    assert answer(account, "push")["templates"][0]["outcome"] == "created"
    practice.wait_until_quiet()
    assert [one["outcome"] for one in answer(account, "diff")["templates"]] == ["same"]
    assert answer(account, "push")["templates"][0]["outcome"] == "same"
    write("cycle", body=f"{BODY} Bekleriz.")
    [compared] = answer(account, "diff", ends=1)["templates"]
    assert compared["changes"] == [{"place": "body", "file": f"{BODY} Bekleriz.", "meta": BODY}]
    assert answer(account, "push")["templates"][0] == {
        "file": "templates/cycle.tr.yaml",
        "outcome": "edited",
        "why": None,
        "place": None,
        "changes": ["body"],
    }


def test_an_approved_template_is_edited_once_a_day(account: Izin, write: Write, practice: RunningPractice) -> None:
    for body in (BODY, f"{BODY} Bir.", f"{BODY} İki."):
        write("daily", body=body)
        last = account("templates", "push", "--json")
        practice.wait_until_quiet()
    assert last.exit_code == 1
    [done] = json.loads(last.stdout)["templates"]
    assert done["outcome"] == "refused"
    assert "1 time a day" in done["why"]


def test_a_dry_run_writes_nothing(account: Izin, write: Write) -> None:
    write("dry")
    assert answer(account, "push", "--dry-run")["templates"][0]["outcome"] == "created"
    assert answer(account, "diff", ends=1)["templates"][0]["outcome"] == "only_in_file"


def test_nothing_is_pushed_while_one_file_has_an_error(account: Izin, write: Write) -> None:
    write("alright")
    write("broken", body="'{{first_name}} siparişiniz hazır'")
    assert any("broken.tr.yaml: error, body" in one for one in problems(account, "push"))
    assert answer(account, "diff", "templates/alright.tr.yaml", ends=1)["templates"][0]["outcome"] == "only_in_file"


def test_what_meta_refuses_is_told_with_its_place(account: Izin, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def unseen(reads: Sequence[Read], settings: Settings) -> list[tuple[Read, list[Finding]]]:
        return [(read, []) for read in reads]

    monkeypatch.setattr("gateway.cli.template_exchange.look_over", unseen)
    path = write("edge", body="'{{first_name}} siparişiniz hazır'")
    [done] = answer(account, "push", str(path), ends=1)["templates"]
    assert (done["outcome"], done["place"]) == ("refused", "body")
    assert done["why"].startswith("The body begins or ends with a variable.")


def test_a_category_of_an_approved_template_stays(account: Izin, write: Write, practice: RunningPractice) -> None:
    path = write("fixed")
    answer(account, "push")
    practice.wait_until_quiet()
    text = path.read_text(encoding="utf-8").replace("utility", "marketing")
    path.write_text(f"{text}footer: Mesaj almak istemiyorsanız DUR yazın.\n", encoding="utf-8")
    (path.parent.parent / "none.env").write_text("IZIN_REGION=DE\n", encoding="utf-8")
    [done] = answer(account, "push", ends=1)["templates"]
    assert done["why"] == "An approved template stays UTILITY; create it under a new name."


def test_a_template_in_review_is_not_edited(izin: Izin, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(PracticeSettings(review="pending")) as world:
        for name in ("token", "waba_id"):
            monkeypatch.setenv(f"IZIN_{name.upper()}", getattr(world.settings, name))
        monkeypatch.setenv("IZIN_GRAPH_URL", world.base_url)
        write("waits")
        answer(izin, "push")
        write("waits", body=f"{BODY} Bekleriz.")
        [done] = answer(izin, "push", ends=1)["templates"]
        assert done["why"] == "At Meta it is PENDING; only APPROVED, REJECTED and PAUSED can be edited."


def test_a_media_sample_is_a_local_file(account: Izin, write: Write, tmp_path: Path) -> None:
    write("picture", more="header: {image: kapak.jpg}\n")
    assert "no file beside it" in problems(account, "push")[0]
    (tmp_path / "templates" / "kapak.jpg").write_bytes(b"GIF89a")
    assert "JPEG or PNG" in problems(account, "push")[0]
    (tmp_path / "templates" / "kapak.jpg").write_bytes(JPEG)
    assert answer(account, "push")["templates"][0]["outcome"] == "created"
    answer(account, "pull", "picture", "--folder", "pulled")
    pulled = (tmp_path / "pulled" / "picture.tr.yaml").read_text(encoding="utf-8")
    assert "image: 4::" in pulled


def test_pulled_files_are_the_same_as_meta_and_keep_what_was_written_by_hand(account: Izin, tmp_path: Path) -> None:
    pulled = answer(account, "pull", "spring_offer", "weekend_coupon")
    assert len(pulled["written"]) == 4
    assert {one["outcome"] for one in answer(account, "diff")["templates"]} == {"same"}
    path = tmp_path / "templates" / "spring_offer.tr.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("hafta", "ay"), encoding="utf-8")
    again = answer(account, "pull", "spring_offer")
    assert again["kept"] == ["templates/spring_offer.tr.yaml"]
    assert answer(account, "diff", ends=1)["templates"][1]["outcome"] == "differs"
    assert answer(account, "pull", "spring_offer", "--overwrite")["kept"] == []
    assert {one["outcome"] for one in answer(account, "diff")["templates"]} == {"same"}


def test_a_language_that_only_meta_has_is_shown(account: Izin, tmp_path: Path) -> None:
    answer(account, "pull", "spring_offer")
    (tmp_path / "templates" / "spring_offer.en.yaml").unlink()
    outcomes = {one["language"]: one["outcome"] for one in answer(account, "diff", ends=1)["templates"]}
    assert outcomes == {"tr": "same", "en": "only_at_meta"}


def test_a_name_that_meta_does_not_know_cannot_be_pulled(account: Izin) -> None:
    assert problems(account, "pull", "spring_ofer") == ["Meta has no template called spring_ofer."]


@pytest.mark.parametrize("command", ["push", "pull", "diff", "sync"])
def test_without_an_account_the_missing_settings_are_named(izin: Izin, write: Write, command: str) -> None:
    write("ready")
    assert "IZIN_TOKEN" in problems(izin, command)[0]


@pytest.mark.parametrize("command", ["push", "pull", "diff", "sync"])
def test_meta_being_away_is_an_exit_code_of_its_own(
    account: Izin, write: Write, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    write("ready")
    monkeypatch.setenv("IZIN_TOKEN", "expired")
    assert "190" in problems(account, command, ends=4)[0]


# sync, list, unpause


def test_the_list_shows_changes_and_the_incident(account: Izin, monkeypatch: pytest.MonkeyPatch) -> None:
    assert answer(account, "sync")["changes"] == []
    listed = answer(account, "list")
    assert listed["incident"] is None
    assert {"spring_offer", "weekend_coupon"} <= {one["name"] for one in listed["templates"]}
    monkeypatch.setenv("IZIN_TOKEN", "expired")
    for _ in range(3):
        account("templates", "sync")
    shown = account("templates", "list").stdout
    assert "could not be read 3 times in a row" in shown
    assert answer(account, "list")["incident"]


def test_a_pushed_template_is_in_the_history(account: Izin, write: Write) -> None:
    write("told")
    answer(account, "push")
    found = [one for one in answer(account, "list", "--history")["changes"] if one["name"] == "told"]
    assert {one["source"] for one in found} == {"push", "sync"}


def test_a_paused_template_is_let_go(account: Izin, practice: RunningPractice) -> None:
    practice.post("templates", {"name": "weekend_coupon", "language": "tr", "status": "PAUSED"})
    answer(account, "sync")
    assert answer(account, "unpause", "weekend_coupon")["languages"] == ["tr"]
    statuses = {(t["name"], t["language"]): t["status"] for t in answer(account, "list")["templates"]}
    assert statuses["weekend_coupon", "tr"] == "APPROVED"
    assert "is not paused" in problems(account, "unpause", "weekend_coupon")[0]
    assert "There is no template" in problems(account, "unpause", "nothing")[0]


def test_a_template_that_pacing_paused_goes_on_and_its_hold_is_lifted(account: Izin, practice: RunningPractice) -> None:
    answer(account, "sync")
    assert "is not paused" in problems(account, "unpause", "spring_offer")[0]
    practice.post("templates", {"name": "spring_offer", "language": "tr", "status": "PAUSED"})
    answer(account, "sync")
    assert [hold["reason"] for hold in json.loads(account("holds", "--json").stdout)["holds"]] == ["template_paused"]
    assert answer(account, "unpause", "spring_offer")["languages"] == ["tr"]
    assert json.loads(account("holds", "--json").stdout)["holds"] == []
    assert "There is no template" in problems(account, "unpause", "spring_ofer")[0]
