"""Laboratory grades against those of another program (SOURCE.md), limit by limit."""

import csv
from pathlib import Path

import pytest

from derive.laboratory_tables import grade_of
from equipoise.vocab.laboratory import read_laboratory_rules

with (Path(__file__).parent / "laboratory_grades.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
TERMS = sorted({row["term"] for row in ROWS})
BY_SYMPTOMS = {
    "Lipase increased",
    "Serum amylase increased",
    "Hypokalemia",
    "Hyponatremia",
    "Hyperuricemia",
    "INR increased",
}


@pytest.mark.parametrize("term", TERMS)
def test_grades_are_those_of_the_other_program(term: str) -> None:
    rows = [row for row in ROWS if row["term"] == term]
    found = grade_of([{k: v for k, v in row.items() if k not in ("term", "grade")} for row in rows])
    assert [grades[term] for grades in found] == [int(row["grade"]) for row in rows]


def test_every_term_that_the_value_alone_decides_is_compared() -> None:
    assert {rule.term for rule in read_laboratory_rules()} - BY_SYMPTOMS == set(TERMS)
