"""Covariates of subjects as columns of a sample: levels, numbers, and what is missing."""

import numpy as np
import polars as pl
import pytest

from analysis.hand_data import build_sample
from equipoise.analysis.covariates import add_covariates
from equipoise.analysis.sample import Question, select_arms, take_options
from equipoise.protocol.methods.spec import Compared, WithMargin
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
SAMPLE = build_sample("A 3 x p\nA 4 x q\nB 5 x r\nB 6+ x r\nB 7 x s")
MEMBERS = pl.DataFrame(
    {
        "subject": ["p", "q", "r", "s"],
        "imdc": ["fav", "int_poor", "fav", "fav"],
        "dm__sex": ["M", "F", None, "M"],
        "dm__age_years": [61, 70, 55, None],
        "omd__omd_class": ["repeat", "induced", "induced", "other"],
    }
)


def test_a_covariate_with_levels_has_a_column_a_level_but_the_first_that_occurs() -> None:
    found, told = add_covariates(
        SAMPLE, members=MEMBERS, names=("imdc", "omd__omd_class"), protocol=PROTOCOL
    )
    assert found.covariate_names == (
        "IMDC risk: intermediate or poor",
        "Class of oligometastatic disease: induced",
    )
    assert found.covariates is not None
    assert found.covariates.tolist() == [[0, 0], [1, 1], [0, 1], [0, 1]]
    assert told == (
        "1 without a value of IMDC risk and Class of oligometastatic disease: left out",
    )
    assert found.rows == ("row0", "row1", "row2", "row3")


def test_a_number_stands_as_it_is_and_rows_without_it_are_left_out() -> None:
    found, told = add_covariates(
        SAMPLE, members=MEMBERS, names=("dm__age_years",), protocol=PROTOCOL
    )
    assert found.covariates is not None
    assert found.covariates[:, 0].tolist() == [61, 70, 55, 55]
    assert found.time.tolist() == [3, 4, 5, 6]
    assert told == ("1 without a value of Age at consent: left out",)


def test_a_covariate_that_the_data_do_not_have_is_told() -> None:
    found, told = add_covariates(SAMPLE, members=MEMBERS, names=("regimen",), protocol=PROTOCOL)
    assert found.covariates is not None
    assert found.covariates.shape == (5, 0)
    assert told == ("not adjusted for Systemic regimen: these data do not have it",)


def test_a_sample_without_rows_stays_one() -> None:
    found, told = add_covariates(
        build_sample(""), members=MEMBERS, names=("dm__sex",), protocol=PROTOCOL
    )
    assert found.covariates is not None
    assert found.covariates.shape == (0, 0)
    assert told == ()


def test_covariates_follow_their_rows_to_an_arm() -> None:
    found, _ = add_covariates(SAMPLE, members=MEMBERS, names=("dm__age_years",), protocol=PROTOCOL)
    alone = select_arms(found, arms=("B",))
    assert alone.covariates is not None
    assert np.array_equal(alone.covariates[:, 0], [55, 55])


def test_options_of_another_method_are_a_fault() -> None:
    question = Question(name="q", endpoint="e", options=Compared())
    assert take_options(question, kind=Compared) is question.options
    assert take_options(Question(name="q", endpoint="e"), kind=WithMargin) == WithMargin()
    with pytest.raises(ValueError, match="options of"):
        take_options(question, kind=WithMargin)
