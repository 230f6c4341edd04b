"""docs/states.md shows the table of standings as it is."""

from __future__ import annotations

from pathlib import Path

from consent.moves import TABLE, state_diagram

PAGE = (Path(__file__).parents[2] / "docs/states.md").read_text(encoding="utf-8")


def test_the_page_shows_the_table_as_it_is() -> None:
    again = "print(consent.moves.state_diagram())"
    assert f"```mermaid\n{state_diagram()}\n```" in PAGE, f"write it anew with {again}"


def test_every_move_of_the_table_is_drawn_once() -> None:
    moves = {
        (now, then) for now, row in TABLE.items() for cell in row.values() for _, then in cell.moves if then != now
    }
    drawn = [line.strip().partition(":")[0] for line in state_diagram().splitlines() if "-->" in line]
    assert sorted(drawn) == sorted(["[*] --> none", *(f"{now} --> {then}" for now, then in moves)])
