"""`python -m tests.bench [NAME] [--json] [--quick]`, or `--list`."""

from __future__ import annotations

import argparse
import json
import sys

from tests.bench.measuring import Result
from tests.bench.registry import BENCHES, bench


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when every bench met its targets (with --quick those that size does not matter to), 1 otherwise, 2
    for a bad name."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measurements beside their targets.")
    parser.add_argument("name", nargs="?", help="which bench; all of them without a name")
    parser.add_argument("--list", action="store_true", help="name the benches and end")
    parser.add_argument("--json", action="store_true", help="one JSON object on a line for each bench")
    parser.add_argument("--quick", action="store_true", help="a small run that claims no speed")
    asked = parser.parse_args(arguments)
    if asked.list:
        print("\n".join(f"{name:10} {about}" for name, about in BENCHES.items()))
        return 0
    if asked.name is not None and asked.name not in BENCHES:
        print(f"There is no bench called {asked.name}; there are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    reached = [_run(name, asked) for name in ([asked.name] if asked.name else BENCHES)]
    return 0 if all(reached) else 1


def _run(name: str, asked: argparse.Namespace) -> bool:
    command = f"python -m tests.bench {name}{' --quick' if asked.quick else ''}"
    result = bench(name)(asked.quick)
    result.claims = result.claims and not asked.quick
    if asked.json:
        print(json.dumps(result.as_json(name, command), ensure_ascii=False), flush=True)
    else:
        print("\n".join(_lines(name, result)), flush=True)
    return not result.broken if asked.quick else result.met


def _lines(name: str, result: Result) -> list[str]:
    verdict = ("met" if result.met else "NOT met") if result.claims else "a small run: nothing is claimed"
    if result.broken:
        verdict = f"BROKEN: {', '.join(result.broken)}"
    lines = [f"{name}: {verdict}"]
    for figure, value in result.figures.items():
        target = result.targets.get(figure)
        lines.append(f"  {figure:42} {value!s:>14}" + (f"   target {target.words()}" if target else ""))
    return lines + [f"  {note}" for note in result.notes]


if __name__ == "__main__":
    sys.exit(main())
