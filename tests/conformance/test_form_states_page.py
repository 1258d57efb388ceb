"""docs/reference/form-states.md tells every state and step of forms and queries."""

from pathlib import Path

from equipoise.capture.lifecycle import STEPS, FormState
from equipoise.capture.queries import LIFE

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "form-states.md"
FORMS, QUERIES = PAGE.read_text(encoding="utf-8").split("## A query")


def _rows(text: str) -> list[list[str]]:
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.split("|")] for line in lines]


def test_every_state_of_a_form_is_told_in_order() -> None:
    assert [row[0] for row in _rows(FORMS) if len(row) == 2] == [s.value for s in FormState]


def test_every_step_of_a_form_stands_on_the_page() -> None:
    told = [tuple(row) for row in _rows(FORMS) if len(row) == 4]

    assert told == [
        (state, verb, step.state, ", ".join(sorted(drop.value for drop in step.drops)))
        for (state, verb), step in STEPS.items()
    ]


def test_every_step_of_a_query_stands_on_the_page() -> None:
    told = [tuple(row) for row in _rows(QUERIES)]

    assert told == [(state, verb, after) for (state, verb), after in LIFE.items()]
