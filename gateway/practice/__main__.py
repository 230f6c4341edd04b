"""A practice world as a process: settings as JSON on standard input, the port in the first line of standard output."""

from __future__ import annotations

import sys

import orjson

from gateway.practice.server import serve
from gateway.practice.settings import PracticeProblem, PracticeSettings, changed


def main() -> int:
    asked = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
    try:
        settings = changed(PracticeSettings(), orjson.loads(asked or b"{}"))
        serve(settings, ready=lambda port: print(port, flush=True))  # noqa: T201  the starter waits for this line
    except (PracticeProblem, orjson.JSONDecodeError, OSError) as problem:
        sys.stderr.write(f"The practice world cannot start: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
