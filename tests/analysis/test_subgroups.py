"""The forest: levels, interaction test, and levels that cannot tell."""

import numpy as np
import polars as pl
import pytest

from analysis.hand_data import ask, build_sample
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Sample
from equipoise.analysis.subgroups import compare_subgroups
from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.protocol.endpoint_model import Subgroup

ROWS = """
A 2
A 5
A 9+
A 4
A 7
A 12
B 6
B 14
B 11+
B 3
B 8
B 16+
"""
LEVELS = ["x", "y", "x", "y", "x", "y"] * 2


def subgroup(*values: str) -> Subgroup:
    """A subgroup with these levels, read from the column `kind`."""
    levels = [{"value": value, "label": f"kind {value}"} for value in values]
    return Subgroup.model_validate(
        {"id": "kind", "label": "Kind", "form": "dm", "item": "kind", "level": levels}
    )


def forest(sample: Sample, levels: list[str | None], *values: str) -> Result:
    """The one result of a subgroup whose level each row's subject has."""
    members = pl.DataFrame({"subject": sample.subject.tolist(), "kind": levels})
    (result,) = compare_subgroups(
        sample, members=members, subgroups=(subgroup(*values),), question=ask()
    )
    return result


def test_each_level_has_its_own_hazard_ratio_and_counts() -> None:
    sample = build_sample(ROWS)
    result = forest(sample, [*LEVELS], "x", "y")
    assert [part.name for part in result.parts] == ["pfs/kind/x", "pfs/kind/y"]
    assert [[arm.n for arm in part.arms] for part in result.parts] == [[3, 3], [3, 3]]
    assert sorted(row for part in result.parts for row in part.rows) == sorted(sample.rows)


def test_interaction_is_the_likelihood_ratio_of_the_product() -> None:
    sample = build_sample(ROWS)
    result = forest(sample, [*LEVELS], "x", "y")
    arm, level = sample.arm.astype(float), np.array([float(v == "y") for v in LEVELS])
    main = estimate_cox(sample.time, event=sample.event, covariates=np.c_[arm, level])
    full = estimate_cox(sample.time, event=sample.event, covariates=np.c_[arm, level, arm * level])
    assert result.statistic == pytest.approx(2 * (full.log_likelihood - main.log_likelihood))
    assert result.degrees_of_freedom == 1
    assert result.measure == "interaction"
    assert "Unstratified" in result.method


def test_row_with_another_or_unknown_level_is_left_out_and_told() -> None:
    result = forest(build_sample(ROWS), ["z", None, *LEVELS[2:]], "x", "y")
    assert result.warnings == ("2 with another or unknown level are left out",)
    assert sum(arm.n for part in result.parts for arm in part.arms) == 10


def test_level_without_event_in_an_arm_has_no_ratio_but_the_interaction_is_tested() -> None:
    rows = ROWS.replace("B 6", "B 6+").replace("B 8", "B 8+").replace("B 11+", "B 11+")
    result = forest(build_sample(rows), [*LEVELS], "x", "y")
    first = result.parts[0]
    assert first.estimate is not None
    assert first.estimate.value is None
    assert result.p_value is not None
    assert any("levels off" in word for word in result.warnings)


def test_one_level_only_cannot_be_tested() -> None:
    result = forest(build_sample(ROWS), ["x"] * 12, "x", "y")
    assert result.p_value is None
    assert any("cannot be tested" in word for word in result.warnings)
    assert result.parts[1].warnings == ("there is no row to analyse",)


def test_no_event_or_one_arm_cannot_be_tested() -> None:
    for rows in ("A 2+\nA 3+\nB 4+\nB 5+", "A 2\nA 3"):
        sample = build_sample(rows)
        result = forest(sample, ["x", "y"] * (len(sample.rows) // 2), "x", "y")
        assert result.p_value is None
        assert any("cannot be tested" in word for word in result.warnings)


def test_level_found_in_one_arm_only_adds_no_degree_of_freedom() -> None:
    levels: list[str | None] = [*LEVELS]
    levels[0] = "z"
    result = forest(build_sample(ROWS), levels, "x", "y", "z")
    assert result.degrees_of_freedom == 1
