"""What the processes write down: one line an event, as JSON or in words, with the ids that belong to it.

Our own events say what happened in fixed words, and whom it concerns by our own ids: `extra={"message_id": 17}`. No
number and no text of anybody's is logged; and since a mistake is made somewhere some day, nothing that might hold one
passes here: exceptions give their type and place and not their words, other people's libraries the first line of what
they always say and not what they say it about, and whatever looks like a phone number or an id made of one is blotted.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

IDS = ("number_id", "campaign_id", "message_id")
FIELDS = (*IDS, "code", "reason", "scope", "rate", "count", "owner", "state")
"""What an event may carry besides its words. Everything else in `extra` is left out."""

OURS = ("gateway", "consent")
NOISY = dict.fromkeys(("alembic", "httpx", "werkzeug", "_granian", "pywa", "pywa_async"), logging.WARNING)
NOISY["apscheduler"] = logging.ERROR  # it warns at every tick that finds the one before still busy, which is as wanted
FRAMES_MAX = 8

_PERSONAL = re.compile(r"wamid\.[\w=+/.-]+|\b[A-Z]{2}\.(?:ENT\.)?\w{6,}|\+?\(?\d[\d\s().-]{5,}\d")


def set_up(process: str, form: str = "text", level: str = "info", stream: TextIO | None = None) -> logging.Handler:
    """From now on this process writes its log to `stream` (standard error), one line an event."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(AsJson(process) if form == "json" else InWords(process))
    root = logging.getLogger()
    for former in list(root.handlers):
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for noisy, least in NOISY.items():
        logging.getLogger(noisy).setLevel(max(least, root.level))
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: _uncaught(told.exc_type, told.exc_value, told.exc_traceback)
    return handler


def _uncaught(kind: type[BaseException], problem: BaseException | None, where: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit) and problem is not None:
        logging.getLogger(__name__).critical("nobody caught this", exc_info=(kind, problem, where))


def blotted(text: str) -> str:
    """The text without anything that could be a phone number, or an id of WhatsApp's that holds one."""
    return _PERSONAL.sub("…", text)


def event_of(record: logging.LogRecord) -> str:
    """What happened, in one line."""
    is_ours = record.name.partition(".")[0] in OURS
    said = record.getMessage() if is_ours else str(record.msg)
    return blotted(said.partition("\n")[0])


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    found = {name: getattr(record, name, None) for name in FIELDS}
    return {name: _plain(value, is_id=name in IDS) for name, value in found.items() if value is not None}


def _plain(value: Any, *, is_id: bool) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return str(value) if is_id else blotted(str(value))


def problem_of(record: logging.LogRecord) -> dict[str, Any] | None:
    """An exception's type and where it was raised, innermost last; never its words."""
    kind, problem, where = record.exc_info or (None, None, None)
    if kind is None:
        return None
    frames = traceback.extract_tb(where)[-FRAMES_MAX:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"type": kind.__name__, "because": [type(one).__name__ for one in _causes(problem)], "at": places}


def _causes(problem: BaseException | None) -> Iterable[BaseException]:
    seen: list[BaseException] = []
    while problem is not None and (problem := problem.__cause__ or problem.__context__) is not None:
        if problem in seen:
            return
        seen.append(problem)
        yield problem


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class AsJson(logging.Formatter):
    """One JSON object a line: at, level, process, where, event, its fields, and problem if there was one."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "process": self.process,
            "where": record.name,
            "event": event_of(record),
            **fields_of(record),
        }
        if (problem := problem_of(record)) is not None:
            line["problem"] = problem
        return json.dumps(line, ensure_ascii=False)


class InWords(logging.Formatter):
    """One line for people: moment, level, process, event, and the fields in brackets."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self.process = process

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={value}" for name, value in fields_of(record).items())
        words = [_moment(record), record.levelname, f"{self.process}/{record.name}:", event_of(record)]
        if fields:
            words.append(f"[{fields}]")
        if (problem := problem_of(record)) is not None:
            words.append(f"({problem['type']} at {' < '.join(reversed(problem['at']))})")
        return " ".join(words)
