"""The page of the rules has the words of the protocol, and names subjects that show each rule."""

import re
from pathlib import Path

import pytest

from equipoise.protocol.parse import shipped_protocol

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "pfs-rules.md"
EXPECTED = ROOT / "tests" / "golden" / "subjects" / "expected.md"
CONVENTIONS = {c.id: c for c in shipped_protocol().endpoint_named("pfs").convention}


def rows() -> dict[str, list[str]]:
    """The cells of the first table by rule: words by `ema`, words by `fda`, subjects."""
    first = PAGE.read_text(encoding="utf-8").split("The remaining rules")[0]
    lines = [line for line in first.splitlines() if re.match(r"\| R\d+ \|", line)]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {name: rest for name, *rest in cells}


@pytest.mark.parametrize(("place", "convention"), [(0, "ema"), (1, "fda")])
def test_the_page_has_the_words_of_the_protocol(place: int, convention: str) -> None:
    written = {rule: cells[place] for rule, cells in rows().items() if cells[place] != "-"}
    assert written == CONVENTIONS[convention].words


@pytest.mark.parametrize("rule", sorted(rows()))
def test_a_subject_named_for_a_rule_stands_in_the_expected_tables(rule: str) -> None:
    named = re.findall(r"\d\d-\d\d\d", rows()[rule][2])
    assert named or rule == "R2"
    text = EXPECTED.read_text(encoding="utf-8")
    for subject in named:
        pfs = [line for line in text.splitlines() if line.startswith(f"| {subject}  | pfs/")]
        assert {line.split("|")[2].strip() for line in pfs} >= {"pfs/ema", "pfs/fda"}
