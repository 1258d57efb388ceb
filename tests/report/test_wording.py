"""Numbers are printed as journals print them."""

import pytest

from equipoise.analysis.result import Estimate
from equipoise.report.wording import (
    capital,
    count_of,
    join_words,
    say_p,
    small,
    write_comparison,
    write_estimate,
    write_interval,
    write_mean,
    write_measure,
    write_median,
    write_number,
    write_p,
    write_percent,
    write_probability,
    write_share,
    write_time,
)


@pytest.mark.parametrize(
    ("value", "digits", "printed"),
    [
        (1.25, 1, "1.2"),
        (-1.26, 1, "−1.3"),
        (-0.04, 1, "0.0"),
        (12.0, 0, "12"),
        (None, 2, "–"),
    ],
)
def test_a_number_has_its_decimals_and_a_true_minus(
    value: float | None, digits: int, printed: str
) -> None:
    assert write_number(value, digits=digits) == printed


@pytest.mark.parametrize(
    ("p", "printed", "said"),
    [
        (0.00001, "<0.001", "p < 0.001"),
        (0.0042, "0.004", "p = 0.004"),
        (0.012, "0.01", "p = 0.01"),
        (0.0487, "0.049", "p = 0.049"),
        (0.0503, "0.050", "p = 0.050"),
        (0.31, "0.31", "p = 0.31"),
        (0.9999, ">0.99", "p > 0.99"),
        (None, "–", "no p value"),
    ],
)
def test_a_p_value_never_hides_on_which_side_of_the_threshold_it_lies(
    p: float | None, printed: str, said: str
) -> None:
    assert write_p(p) == printed
    assert say_p(p).replace("\u00a0", " ") == said


def test_a_share_has_its_denominator_in_the_percentage() -> None:
    assert write_share(12, of=44) == "12 (27.3%)"
    assert write_share(0, of=44) == "0 (0.0%)"
    assert write_share(0, of=0) == "0"


def test_a_percentage_that_is_not_known_is_a_dash() -> None:
    assert write_percent(None) == "–"
    assert write_percent(0.725) == "72.5%"


def test_an_interval_with_an_open_end_says_so() -> None:
    assert write_interval(Estimate(value=20.0, lower=14.0), digits=1) == "14.0 to NE"
    assert write_interval(Estimate(value=None, upper=3.0), digits=1) == "NE to 3.0"
    assert write_interval(Estimate(value=20.0), digits=1) == ""


def test_a_median_that_is_not_reached_keeps_the_limit_that_exists() -> None:
    assert write_median(Estimate(value=None, lower=18.24)) == "not reached (18.2 to NE)"
    assert write_median(Estimate(value=None)) == "not reached"
    assert write_median(None) == "not estimable"
    assert write_median(Estimate(value=9.5, lower=6.8, upper=11.7)) == "9.5 (6.8 to 11.7)"


def test_a_mean_without_a_value_cannot_be_estimated() -> None:
    assert write_mean(Estimate(value=None)) == "not estimable"
    assert write_mean(Estimate(value=8.61, lower=7.6, upper=9.7)) == "8.6 (7.6 to 9.7)"


def test_a_probability_is_printed_in_per_cent_with_its_interval() -> None:
    estimate = Estimate(value=0.723, lower=0.561, upper=0.832)
    assert write_probability(estimate) == "72.3% (56.1 to 83.2)"
    assert write_probability(Estimate(value=0.5)) == "50.0%"
    assert write_probability(None) == "not estimable"


def test_a_difference_of_probabilities_is_in_points_and_a_ratio_has_two_decimals() -> None:
    estimate = Estimate(value=-0.122, lower=-0.31, upper=0.071)
    assert write_measure(estimate, measure="risk_difference") == "−12.2 (−31.0 to 7.1)"
    assert write_comparison(estimate, measure="risk_difference") == "−12.2 (−31.0 to 7.1) points"
    ratio = Estimate(value=0.62, lower=0.36, upper=1.07)
    assert write_comparison(ratio, measure="hazard_ratio") == "0.62 (0.36 to 1.07)"
    assert write_comparison(None, measure="hazard_ratio") == "not estimable"
    assert write_comparison(Estimate(value=None), measure="risk_difference") == "not estimable"


def test_an_estimate_without_value_and_limits_cannot_be_estimated() -> None:
    assert write_estimate(None, digits=2) == "not estimable"
    assert write_estimate(Estimate(value=None), digits=2) == "not estimable"
    assert write_estimate(Estimate(value=1.5), digits=1) == "1.5"


def test_words_are_joined_as_in_a_sentence() -> None:
    assert join_words([]) == ""
    assert join_words(["a"]) == "a"
    assert join_words(["a", "b", "c"]) == "a, b and c"
    assert count_of(1, one="patient") == "1 patient"
    assert count_of(2, one="patient") == "2 patients"
    assert count_of(2, one="stay", many="stays") == "2 stays"


def test_an_abbreviation_keeps_its_capitals_within_a_sentence() -> None:
    assert small("Systemic therapy") == "systemic therapy"
    assert small("SBRT arm only") == "SBRT arm only"
    assert small("") == ""
    assert capital("all of SBRT") == "All of SBRT"


def test_a_time_has_three_digits_at_most() -> None:
    assert write_time(36.0082) == "36"
    assert write_time(2.98973) == "2.99"
