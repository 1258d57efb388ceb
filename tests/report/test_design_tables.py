"""Tables of a plan, and how size and power move with what is assumed."""

from dataclasses import replace

import numpy as np
import pytest

from equipoise.design.share_size import ShareTest, size_shares
from equipoise.design.spending import BoundRule
from equipoise.report.plan.sensitivity import (
    TESTS,
    build_error_grid,
    build_methods,
    build_power_grid,
    build_size_grid,
)
from equipoise.report.plan.tables import (
    build_assumptions,
    build_chances,
    build_course,
    build_looks,
    build_powers,
)
from equipoise.report.shell import Table
from report.plans import looked_at, plain, small, with_looks

LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)


def cells_of(table: Table) -> list[tuple[str, ...]]:
    """The rows that are no headings."""
    return [row.cells for row in table.rows if not row.heading]


def grid_of(table: Table) -> dict[str, list[str]]:
    return {name: list(rest) for name, *rest in cells_of(table)}


def test_every_assumption_has_a_source_or_a_dash() -> None:
    rows = cells_of(build_assumptions(plain()))

    assert all(source for _, _, source in rows)
    assert len(rows) == 12
    headings = [row.cells[0] for row in build_assumptions(plain()).rows if row.heading]
    assert headings == ["Effect and errors", "Course of the trial"]


def test_allocation_and_sides_are_those_of_the_protocol() -> None:
    told = {row[0]: row[1] for row in cells_of(build_assumptions(small(ratio=(1, 2))))}
    one = small(design=(("sides", 1), ("alpha", 0.025)))

    assert told["Allocation, experimental to reference"] == "2 to 1"
    assert {row[0]: row[1] for row in cells_of(build_assumptions(one))}["Type I error"] == (
        "2.5%, one-sided"
    )


def test_powers_name_the_milestone_and_the_power_that_is_wanted() -> None:
    table = build_powers(small(design=(("power", 0.9), ("experimental_rate", 0.85))))

    assert [name for name, _ in table.groups] == [
        "", "At 12 months", "", "Power", "Patients for 90%",
    ]  # fmt: skip
    ((label, reference, experimental, *_),) = cells_of(table)
    assert (label, reference, experimental) == ("Assumption of the design", "50.0%", "85.0%")


def test_looks_without_futility_have_a_row_each() -> None:
    told = looked_at(information=(0.5, 1.0)).looks
    assert told is not None
    rows = cells_of(build_looks(told))

    assert [row[0] for row in rows] == ["1, efficacy", "2, efficacy"]
    assert [row[3] for row in rows] == ["2.963", "1.969"]
    assert rows[0][1:3] == ("12.5", "22.6")


def test_a_bound_that_is_not_there_is_a_dash() -> None:
    rule = BoundRule(name="shares", values=(0.0, 1.0))
    told = looked_at(information=(0.5, 1.0), efficacy=rule).looks
    assert told is not None
    first, last = cells_of(build_looks(told))

    assert first[3:] == ("–",) * 5
    assert last[3] == "1.960"


def test_a_look_that_never_comes_has_no_month() -> None:
    told = with_looks().looks
    assert told is not None
    never = replace(told, months=(12.0, float("nan"), float("nan")))
    rows = cells_of(build_looks(never))

    assert [row[2] for row in rows] == ["12.0", "", "never", "", "never", ""]


@pytest.mark.parametrize("futility", [None, LATE_BETA])
@pytest.mark.parametrize("sides", [1, 2])
def test_chances_grow_to_all_trials(sides: int, futility: BoundRule | None) -> None:
    design = (("sides", sides), ("alpha", 0.025 * sides))
    told = looked_at(design=design, information=(0.5, 1.0), futility=futility).looks
    assert told is not None
    rows = np.array([
        [float(cell.removesuffix("%")) for cell in row] for row in cells_of(build_chances(told))
    ])  # fmt: skip

    assert (np.diff(rows, axis=0) >= 0).all()
    assert rows[-1, 1] == pytest.approx(0.025 * sides, abs=1e-5)
    assert rows[-1, 4] == pytest.approx(100 * told.looks.power, abs=0.051)
    if futility is not None:
        assert rows[-1, 2] + rows[-1, 3] == pytest.approx(100, abs=0.11)


def test_the_course_is_told_by_half_years() -> None:
    names = [row[0] for row in cells_of(build_course(small()))]

    assert names == ["6", "12", "18", "24", "30", "36", "39 (last patient)", "42", "48",
                     "51 (analysis)"]  # fmt: skip


def test_methods_are_sized_under_the_same_assumption() -> None:
    plan, rates = plain().size.plan, plain().size.rates
    told = grid_of(build_methods(plain()))

    for test, words in TESTS.items():
        found = size_shares(replace(plan, test=test), rates=rates)
        assert told[words][:2] == [f"{found.reference} + {found.experimental}", str(found.enrolled)]
    assert set(TESTS) == set(ShareTest)
    assert all(float(row[2][:-1]) >= 80 for row in told.values())


def test_patients_fall_with_the_difference() -> None:
    grid = grid_of(build_size_grid(plain()))
    numbers = [[int(cell.removeprefix("* ")) for cell in row] for row in grid.values()]

    assert list(grid) == ["40%", "45%", "50%", "55%", "60%"]
    assert all(row == sorted(row, reverse=True) for row in numbers)
    assert all(list(column) == sorted(column) for column in zip(*numbers, strict=True))


def test_power_rises_with_the_difference() -> None:
    grid = grid_of(build_power_grid(small()))
    numbers = [[int(cell.removeprefix("* ").removesuffix("%")) for cell in row]
               for row in grid.values()]  # fmt: skip

    assert all(row == sorted(row) for row in numbers)
    assert grid["50%"][2] == "* 80%"


def test_shares_that_cannot_be_are_left_out_and_equal_ones_are_a_dash() -> None:
    near = small(design=(("reference_rate", 0.85), ("experimental_rate", 0.95)))
    table = build_size_grid(near)
    grid = grid_of(table)

    assert [column.heading for column in table.columns] == ["Reference", "85%", "90%", "95%"]
    assert grid["85%"][0] == "–"
    assert grid["90%"][1] == "–"
    assert grid["85%"][2].startswith("* ")


def test_more_power_and_more_who_leave_ask_for_more() -> None:
    grid = grid_of(build_error_grid(small(design=(("dropout", 0.12), ("power", 0.82)))))

    assert list(grid) == ["0%", "5%", "10%", "12%", "15%", "20%"]
    numbers = [[int(cell.removeprefix("* ")) for cell in row] for row in grid.values()]
    assert all(row == sorted(row) for row in numbers)
    assert [cell for row in grid.values() for cell in row if cell.startswith("*")] == [
        f"* {small(design=(('dropout', 0.12), ('power', 0.82))).size.sized.enrolled}"
    ]
