"""docs/reference/plan-methods.md tells each named analysis with its needs and options."""

from pathlib import Path

from equipoise.cli.methods_page import render_methods_page
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.methods.spec import WithMargin

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGE = REFERENCE / "plan-methods.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in render_methods_page().splitlines()
    if line.startswith("| `")
]


def test_the_printed_page_is_that_of_the_methods() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_methods_page(), "run `make docs`"


def test_every_method_has_a_row_and_every_option_of_its_own_one() -> None:
    assert [row[0].strip("`") for row in ROWS[: len(METHODS)]] == list(METHODS)
    shared = list(WithMargin.model_fields)
    assert [row[0].strip("`") for row in ROWS[len(METHODS) :][: len(shared)]] == shared
    own = [(row[0].strip("`"), row[1].strip("`")) for row in ROWS[len(METHODS) + len(shared) :]]
    assert own == [
        (name, option)
        for name, spec in METHODS.items()
        for option in spec.options.model_fields
        if option not in shared
    ]
    assert all(cell for row in ROWS for cell in row)


def test_what_a_method_gives_is_told_beside_it() -> None:
    told = (REFERENCE / "analysis-methods.md").read_text(encoding="utf-8")
    assert [name for name in METHODS if f"`{name}`" not in told] == []
