"""python -m consent.proof FILE... --key KEY: check ledgers, proofs and checkpoints offline.

Exit codes: 0 everything given holds; 1 there is doubt; 2 the command itself is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from consent.proof.checkpoint import NoteProblem, VerifierKey, read_verifier_key
from consent.proof.findings import Findings
from consent.proof.timestamp import read_certificates
from consent.proof.verify import verify

EXAMPLE = """examples:
  python -m consent.proof ledger.jsonl --key izin.example/ledger+1a2b3c4d+AZ...=
  python -m consent.proof ledger.jsonl kept-by-our-lawyer.txt --key key.txt
  python -m consent.proof message-42.json --key key.txt --json
  python -m consent.proof ledger.jsonl kept.txt kept.tsr --key key.txt --authority tsa.pem

FILE is an exported ledger, the proof of a message or of events, a checkpoint that was kept elsewhere, or the
time-stamp (RFC 3161) of a checkpoint; to check those, rfc3161-client must be installed.
KEY is a verifier key (name+hash+base64) or a file that holds one; give it again for each key that you trust.
Exit codes: 0 everything given holds, 1 there is doubt, 2 the command itself is wrong."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m consent.proof",
        description="Check what a consent ledger claims, without its database and without the network.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--key", action="append", default=[], metavar="KEY", help="a verifier key, or a file with one")
    parser.add_argument("--authority", type=Path, metavar="PEM", help="the time-stamping authority's certificate")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    given = parser.parse_args(arguments)
    try:
        keys = [_key(one) for one in given.key]
    except (NoteProblem, OSError, UnicodeDecodeError) as problem:
        print(f"--key: {problem}", file=sys.stderr)  # noqa: T201
        return 2
    try:
        authority = read_certificates(given.authority.read_bytes()) if given.authority else []
    except (OSError, ValueError) as problem:
        print(f"--authority: {problem}", file=sys.stderr)  # noqa: T201
        return 2
    findings = verify(given.files, keys, authority)
    print(_json(findings) if given.json else _text(findings))  # noqa: T201
    return 0 if findings.holds else 1


def _key(text: str) -> VerifierKey:
    return read_verifier_key(text if "+" in text else Path(text).read_text(encoding="utf-8"))


def _text(findings: Findings) -> str:
    count = findings.counts.total()
    verdict = "OK  all that was given holds" if findings.holds else f"NOT PROVED  {count} doubts"
    return "\n".join([*findings.lines(), verdict])


def _json(findings: Findings) -> str:
    return json.dumps(
        {
            "holds": findings.holds,
            "checked": findings.checked,
            "not_shown": findings.not_shown,
            "doubts": [{"kind": one.doubt, "where": one.where, "sentence": one.sentence} for one in findings.doubts],
            "counts": findings.counts,
        },
        ensure_ascii=False,
    )


if __name__ == "__main__":
    sys.exit(main())
