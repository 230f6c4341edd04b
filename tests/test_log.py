"""The log: one line an event, ids beside it, and never a number or a word of anybody's."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.log import FIELDS, NOISY, blotted, set_up

OURS = logging.getLogger("gateway.somewhere")
PHONE, WORDS = "+90 555 000 98 76", "gizli sözler"

FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")


class Log:
    """What a process has written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def set_up(self, form: str, level: str = "info") -> None:
        set_up("worker", form, level, self.stream)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level, levels = list(root.handlers), root.level, {n: logging.getLogger(n).level for n in NOISY}
    yield Log()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, former in levels.items():
        logging.getLogger(name).setLevel(former)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = hooks


def broken() -> None:
    raise ValueError(f"{PHONE} wrote {WORDS}")


def test_an_event_is_one_json_object_with_its_ids(log: Log) -> None:
    log.set_up("json")
    OURS.warning(
        "Meta refused: %s", "too_fast", extra={"message_id": 17, "number_id": "106540352242922", "code": 130429}
    )
    (line,) = log.lines
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "warning",
        "process": "worker",
        "where": "gateway.somewhere",
        "event": "Meta refused: too_fast",
        "number_id": "106540352242922",
        "message_id": 17,
        "code": 130429,
    }


def test_words_say_the_same(log: Log) -> None:
    log.set_up("text")
    OURS.error("the sender of a number stopped", extra={"number_id": "106540352242922", "count": 2})
    assert (
        "ERROR worker/gateway.somewhere: the sender of a number stopped [number_id=106540352242922 count=2]" in log.text
    )


@pytest.mark.parametrize("form", FORMATS)
def test_every_event_is_one_line(log: Log, form: str) -> None:
    log.set_up(form)
    OURS.info("one\ntwo")
    try:
        broken()
    except ValueError:
        OURS.exception("it broke")
    assert len(log.text.splitlines()) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_an_exception_gives_its_type_and_place_and_none_of_its_words(log: Log, form: str) -> None:
    log.set_up(form)
    try:
        try:
            broken()
        except ValueError as problem:
            raise RuntimeError(WORDS) from problem
    except RuntimeError:
        OURS.exception("it broke")
    assert "RuntimeError" in log.text
    assert "test_log.py" in log.text
    assert "sözler" not in log.text
    assert "98 76" not in log.text


def test_the_causes_of_an_exception_are_named_by_type(log: Log) -> None:
    log.set_up("json")
    try:
        try:
            broken()
        except ValueError as problem:
            raise RuntimeError from problem
    except RuntimeError:
        OURS.exception("it broke")
    assert log.lines[0]["problem"]["because"] == ["ValueError"]


@pytest.mark.parametrize("form", FORMATS)
def test_of_other_peoples_libraries_only_the_fixed_words_pass(log: Log, form: str) -> None:
    log.set_up(form)
    logging.getLogger("psycopg").warning("error ignored in rollback on %s: %s", "a connection", WORDS)
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <Task exception=%s>", WORDS)
    assert "error ignored in rollback" in log.text
    assert "Task exception was never retrieved" in log.text
    assert "sözler" not in log.text


@pytest.mark.parametrize(
    "written",
    [
        "+905550009876",
        "905550009876",
        "0555 000 98 76",
        "(0555) 000-98-76",
        "+1 202.555.0143",
        "wamid.HBgMOTA1NTUwMDA5ODc2FQIAERgS",
        "TR.1349876543210",
        "US.ENT.abcdef123456",
    ],
)
def test_whatever_looks_like_a_number_or_an_id_made_of_one_is_blotted(log: Log, written: str) -> None:
    assert blotted(f"from {written}, at once") == "from …, at once"
    log.set_up("json")
    OURS.error("somebody %s", written, extra={"reason": f"because of {written}"})
    assert written not in log.text


def test_ordinary_words_and_small_numbers_are_left_alone() -> None:
    for said in ("webhook item 3 of body 4711 could not be applied: KeyError", "130429", "v0001_consent.py:12 upgrade"):
        assert blotted(said) == said


def test_what_is_no_field_of_an_event_is_left_out(log: Log) -> None:
    log.set_up("json")
    OURS.error("it broke", extra={"body": WORDS, "phone": PHONE})
    assert set(log.lines[0]) == {"at", "level", "process", "where", "event"}
    assert "text" not in FIELDS


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_lets_itself_and_graver_ones_through(log: Log, level: str) -> None:
    log.set_up("json", level)
    for each in LEVELS:
        OURS.log(getattr(logging, each.upper()), "said")
    assert [line["level"] for line in log.lines] == list(LEVELS[LEVELS.index(level) :])


def test_chatty_libraries_are_heard_only_when_something_is_wrong(log: Log) -> None:
    log.set_up("json", "debug")
    logging.getLogger("apscheduler.scheduler").warning("Execution of job skipped")
    logging.getLogger("httpx").info("HTTP Request")
    logging.getLogger("apscheduler.executors").error("Job raised an exception")
    assert [line["level"] for line in log.lines] == ["error"]


def test_what_nobody_caught_is_logged_without_its_words(log: Log) -> None:
    log.set_up("json")
    try:
        broken()
    except ValueError:
        sys.excepthook(*sys.exc_info())
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    assert [line["level"] for line in log.lines] == ["critical", "critical"]
    assert "sözler" not in log.text
    assert "98 76" not in log.text


def test_setting_up_twice_does_not_write_twice(log: Log) -> None:
    log.set_up("text")
    log.set_up("json")
    OURS.info("said")
    assert len(log.lines) == 1
