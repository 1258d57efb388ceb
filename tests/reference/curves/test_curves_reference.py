"""`equipoise curves` on real trial curves: R's numbers to 1e-6, the published ratio to 0.05."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
SHARED = HERE.parents[2].parent / "shared" / "data" / "curves"
FOLDER = SHARED if SHARED.exists() else HERE
TABLE = HERE.parents[2] / "docs" / "validation" / "curves.md"


def load_table() -> ModuleType:
    """The script that prints the table."""
    spec = importlib.util.spec_from_file_location("curves_table", HERE / "table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


table = load_table()
ROWS = [r for r in table.read_reference(HERE) if (FOLDER / f"{r['name']}.csv").exists()]


@pytest.fixture(params=ROWS, ids=lambda row: row["name"], scope="module")
def pair(request: pytest.FixtureRequest) -> tuple[dict[str, str], dict[str, Any]]:
    """What the reference says of a file, and what the command prints for it."""
    row: dict[str, str] = request.param
    return row, table.run_curves(FOLDER / f"{row['name']}.csv")


Pair = tuple[dict[str, str], dict[str, Any]]


def number(text: str) -> float | None:
    """A number of the reference; NA is none."""
    return None if text == "NA" else float(text)


def near(value: float | None) -> object:
    """Equal to 1e-6, relative or absolute."""
    return None if value is None else pytest.approx(value, rel=1e-6, abs=1e-6)


def test_at_least_four_curves_stand_in_the_repository() -> None:
    assert len(list(HERE.glob("*.csv"))) == 5
    assert len(ROWS) >= 4


def test_arms_and_counts_are_those_of_the_reference(pair: Pair) -> None:
    row, found = pair
    assert (found["reference_arm"], found["other_arm"]) == (row["reference_arm"], row["other_arm"])
    arms = found["arms"].values()
    assert sum(arm["n"] for arm in arms) == int(row["n"])
    assert sum(arm["events"] for arm in arms) == int(row["events"])


def test_hazard_ratio_interval_and_logrank_are_those_of_r(pair: Pair) -> None:
    row, found = pair
    cox = found["cox"]
    assert cox["hazard_ratio"] == near(number(row["hr"]))
    assert cox["lower"] == near(number(row["hr_lower"]))
    assert cox["upper"] == near(number(row["hr_upper"]))
    assert found["logrank"]["chi_square"] == near(number(row["logrank_chisq"]))


def test_medians_are_those_of_r(pair: Pair) -> None:
    row, found = pair
    reference, other = found["arms"][row["reference_arm"]], found["arms"][row["other_arm"]]
    assert reference["median"] == near(number(row["median_reference"]))
    assert other["median"] == near(number(row["median_other"]))


def test_published_hazard_ratio_is_met_on_the_log_scale(pair: Pair) -> None:
    row, found = pair
    assert table.distance_to(float(row["published_hr"]), found["cox"]["hazard_ratio"]) < 0.05


def test_other_reference_gives_the_reciprocal() -> None:
    file = HERE / "KEYNOTE024_1A.csv"
    plain = table.run_curves(file)
    turned = table.run_curves(file, "--reference", "pembrolizumab")
    assert turned["reference_arm"] == "pembrolizumab"
    assert turned["cox"]["hazard_ratio"] == pytest.approx(1 / plain["cox"]["hazard_ratio"])
    assert turned["logrank"]["chi_square"] == pytest.approx(plain["logrank"]["chi_square"])
    assert turned["milestone"]["difference"] == pytest.approx(-plain["milestone"]["difference"])
    assert turned["rmst"]["difference"] == pytest.approx(-plain["rmst"]["difference"])


def test_table_of_the_manual_is_what_the_script_prints() -> None:
    printed = list(table.write_table(FOLDER))
    page = TABLE.read_text(encoding="utf-8")
    for line in printed:
        assert line in page
