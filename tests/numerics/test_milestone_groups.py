"""Survival at one time compared: five scales, many groups, strata."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from equipoise.numerics.survival.kaplan_meier import (
    KaplanMeier,
    estimate_kaplan_meier,
    estimate_survival_at,
)
from equipoise.numerics.survival.milestone import (
    compare_milestone,
    compare_milestone_groups,
    compare_milestone_strata,
)
from equipoise.numerics.survival.pooled_difference import Weighting, find_arms
from equipoise.numerics.survival.survival_scales import Interval
from numerics.samples import marked

TEXTS = "3 5 7 9+ 11 14 16+ 20", "4 8+ 13 15 17 19+ 21 24+", "2 2 6+ 10 12+ 18 22+ 25"


def curve(text: str) -> KaplanMeier:
    time, event = marked(text)
    return estimate_kaplan_meier(time, event=event)


CURVES = [curve(text) for text in TEXTS]
SLOPES: dict[Interval, Callable[[float], float]] = {
    Interval.PLAIN: lambda _: 1.0,
    Interval.LOG: lambda s: 1 / s,
    Interval.LOG_LOG: lambda s: 1 / (s * math.log(s)),
    Interval.LOGIT: lambda s: 1 / (s * (1 - s)),
    Interval.ARCSINE: lambda s: 0.5 / math.sqrt(s * (1 - s)),
}
VALUES: dict[Interval, Callable[[float], float]] = {
    Interval.PLAIN: lambda s: s,
    Interval.LOG: math.log,
    Interval.LOG_LOG: lambda s: math.log(-math.log(s)),
    Interval.LOGIT: lambda s: math.log(s / (1 - s)),
    Interval.ARCSINE: lambda s: math.asin(math.sqrt(s)),
}


@pytest.mark.parametrize("scale", list(Interval))
def test_the_test_of_many_groups_is_the_quadratic_form_of_contrasts(scale: Interval) -> None:
    found = compare_milestone_groups(CURVES, at=12, scale=scale)
    points = [estimate_survival_at(one, at=12) for one in CURVES]
    survival = [float(point.survival[0]) for point in points]
    value = np.array([VALUES[scale](s) for s in survival])
    variance = [
        (float(p.standard_error[0]) * SLOPES[scale](s)) ** 2
        for p, s in zip(points, survival, strict=True)
    ]
    contrast = np.array([[1.0, -1, 0], [0, 1, -1]])
    gap = contrast @ value
    statistic = gap @ np.linalg.solve(contrast @ np.diag(variance) @ contrast.T, gap)

    assert found.test.statistic == pytest.approx(statistic, rel=1e-12)
    assert found.test.degrees_of_freedom == 2
    assert found.survival == pytest.approx(survival)


@pytest.mark.parametrize("scale", list(Interval))
def test_two_groups_have_the_statistic_of_the_comparison_of_two(scale: Interval) -> None:
    two = compare_milestone(CURVES[0], second=CURVES[1], at=12, scale=scale)
    many = compare_milestone_groups(CURVES[:2], at=12, scale=scale)

    assert many.test.statistic == pytest.approx(two.test.statistic, rel=1e-12)
    assert two.scale is scale


@pytest.mark.parametrize("scale", [Interval.LOG_LOG, Interval.LOGIT, Interval.ARCSINE])
def test_a_group_at_survival_1_is_tested_on_the_plain_scale(scale: Interval) -> None:
    found = compare_milestone_groups([*CURVES, curve("13+ 14+ 20")], at=12, scale=scale)

    assert found.scale is Interval.PLAIN
    assert found.message.startswith(f"survival of group 3 is 1, where the {scale.value} scale")
    assert math.isfinite(found.test.p_value)


def test_two_groups_without_variance_have_no_test() -> None:
    found = compare_milestone_groups([CURVES[0], curve("13+ 14+"), curve("15+")], at=12)

    assert math.isnan(found.test.p_value)


def test_a_group_followed_too_short_has_no_test() -> None:
    found = compare_milestone_groups([CURVES[0], curve("3+ 5"), curve("3+ 5+")], at=12)

    assert found.message == "the follow-up of group 2 ends before the time"
    assert math.isnan(found.test.p_value)


def test_one_group_is_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        compare_milestone_groups(CURVES[:1], at=12)


def rows_of_strata() -> dict[str, np.ndarray]:
    """Two strata with both groups, one with group 1 alone."""
    parts = [(TEXTS[0], 0, 4), (TEXTS[1], 1, 4), (TEXTS[2], 0, 7), (TEXTS[0], 1, 7), ("5 6", 1, 9)]
    columns: dict[str, list[np.ndarray]] = {"time": [], "event": [], "group": [], "stratum": []}
    for text, group, stratum in parts:
        time, event = marked(text)
        values = (time, event, np.full(time.size, group), np.full(time.size, stratum))
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    return {name: np.concatenate(values) for name, values in columns.items()}


@pytest.mark.parametrize("weighting", list(Weighting))
def test_strata_are_averaged_by_their_weights(weighting: Weighting) -> None:
    given = rows_of_strata()
    found = compare_milestone_strata(find_arms(given.pop("time"), **given), at=12,
                                     weighting=weighting)  # fmt: skip
    pairs = [(CURVES[0], CURVES[1]), (CURVES[2], CURVES[0])]
    single = [compare_milestone(a, second=b, at=12) for a, b in pairs]
    variance = np.array([one.standard_error**2 for one in single])
    raw = 1 / variance if weighting is Weighting.INVERSE_VARIANCE else np.ones(2)
    weight = raw / raw.sum()

    assert found.strata.tolist() == [4, 7]
    assert found.weight == pytest.approx(weight)
    assert found.difference == pytest.approx(weight @ [one.difference for one in single])
    assert found.standard_error == pytest.approx(math.sqrt(weight**2 @ variance))
    assert found.upper - found.lower == pytest.approx(2 * 1.959963984540054 * found.standard_error)


def test_unequal_groups_count_by_size_or_as_mantel_and_haenszel_have_it() -> None:
    group, stratum = np.repeat([0, 1, 0, 1], [2, 4, 3, 3]), np.repeat([0, 1], 6)
    arms = find_arms(np.arange(1.0, 13), event=np.ones(12, int), group=group, stratum=stratum)
    size, haenszel = (
        compare_milestone_strata(arms, at=5, weighting=w).weight
        for w in (Weighting.SIZE, Weighting.MANTEL_HAENSZEL)
    )

    assert size.tolist() == [0.5, 0.5]
    assert haenszel == pytest.approx(np.array([8 / 6, 9 / 6]) / (17 / 6))


def test_gaps_are_told() -> None:
    arms = find_arms(
        [5.0, 9, 3, 9, 9, 9, 9, 9], event=[1, 0, 0, 0, 0, 0, 0, 0],
        group=[0, 1, 0, 1, 0, 1, 0, 1], stratum=[0, 0, 1, 1, 2, 2, 2, 2],
    )  # fmt: skip
    short = compare_milestone_strata(arms, at=8)
    flat = compare_milestone_strata(arms[2:], at=8)
    inverse = compare_milestone_strata(arms[2:], at=8, weighting=Weighting.INVERSE_VARIANCE)

    assert short.message == "the follow-up of stratum 1 ends too early in one group"
    assert math.isnan(short.difference)
    assert flat.message == "no stratum has variance"
    assert (flat.difference, math.isnan(flat.p_value)) == (0, True)
    assert inverse.message == "stratum 2 has no variance: weigh by size"
    assert math.isnan(inverse.difference)


def test_strata_without_both_groups_are_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="no stratum has rows of both groups"):
        find_arms([1.0, 2], event=[1, 1], group=[0, 1], stratum=[0, 1])
