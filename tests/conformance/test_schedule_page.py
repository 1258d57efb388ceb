"""docs/reference/schedule.md tells every state of a cell and every category of deviation."""

import re
from pathlib import Path

from equipoise.capture.deviations import Category
from equipoise.capture.schedule import Owed

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "schedule.md"
CELLS, DEVIATIONS = PAGE.read_text(encoding="utf-8").split("## Deviations")


def _told(text: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


def test_every_state_of_a_cell_is_told() -> None:
    assert _told(CELLS) == [owed.value for owed in Owed]


def test_every_category_of_deviation_is_told() -> None:
    assert sorted(_told(DEVIATIONS)) == sorted(category.value for category in Category)
