"""Hazard ratios of sites and strata: whether they differ beyond chance."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import GOLDEN, ask, build_sample
from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.heterogeneity import compare_between_places
from equipoise.analysis.sample import Sample, select_rows
from equipoise.numerics.heterogeneity import compare_subgroup_effects
from equipoise.protocol.methods.hazards import HeterogeneityOptions


def sites_of(names: str) -> Sample:
    """The golden rows, each third word of the names being its site in turn."""
    sample = build_sample(GOLDEN)
    words = names.split()
    sites = [words[k % len(words)] for k in range(sample.time.size)]
    return replace(sample, site=np.array(sites, dtype=np.str_))


def logs_of(sample: Sample, sites: list[str]) -> list[tuple[float, float]]:
    """The log hazard ratio of each site with its error, by Cox's model of its rows."""
    found = []
    for site in sites:
        assert sample.site is not None
        own = compare_by_cox(select_rows(sample, kept=sample.site == site), question=ask())
        log = own.further["log_hazard_ratio"]
        assert log.value is not None
        assert log.standard_error is not None
        found.append((log.value, log.standard_error))
    return found


def test_q_of_two_sites_is_the_square_of_their_difference() -> None:
    sample = sites_of("x y y")
    result = compare_between_places(sample, question=ask())
    (one, error), (other, second) = logs_of(sample, ["x", "y"])
    q = (one - other) ** 2 / (error**2 + second**2)
    assert result.statistic == pytest.approx(q)
    assert result.p_value == pytest.approx(math.erfc(math.sqrt(q / 2)))
    assert result.degrees_of_freedom == 1
    assert [part.name for part in result.parts] == ["asked/x", "asked/y"]
    assert result.parts[0].estimate is not None
    assert result.parts[0].estimate.value == pytest.approx(math.exp(one))
    weights = error**-2, second**-2
    mean = (weights[0] * one + weights[1] * other) / sum(weights)
    pooled = result.further["hazard_ratio"]
    assert pooled.value == pytest.approx(math.exp(mean))
    assert pooled.upper == pytest.approx(
        math.exp(mean + 1.959963984540054 / math.sqrt(sum(weights)))
    )
    assert result.further["i_squared"].value == pytest.approx(max(0, (q - 1) / q))


def test_three_sites_give_the_numbers_of_the_kernel() -> None:
    sample = sites_of("x y z")
    result = compare_between_places(sample, question=ask())
    logs = logs_of(sample, ["x", "y", "z"])
    kernel = compare_subgroup_effects(
        [value for value, _ in logs], standard_error=[error for _, error in logs]
    )
    assert result.statistic == pytest.approx(kernel.test.statistic)
    assert result.p_value == pytest.approx(kernel.test.p_value)
    assert sum(len(part.rows) for part in result.parts) == len(result.rows)
    assert result.estimate is None


def test_strata_have_their_names() -> None:
    text = "\n".join(f"{line} {'uv'[k % 2]}" for k, line in enumerate(GOLDEN.split("\n")[1:-1]))
    options = HeterogeneityOptions(by="stratum")
    result = compare_between_places(build_sample(text), question=ask(options=options))
    assert [part.name for part in result.parts] == ["asked/u", "asked/v"]
    assert result.p_value is not None


def test_a_site_without_a_ratio_is_left_out_and_counted() -> None:
    sample = sites_of("x y")
    assert sample.site is not None
    lonely = replace(sample, site=np.r_[sample.site[:-1], np.array(["z"])])
    result = compare_between_places(lonely, question=ask())
    assert "1 of 3 (site) have no hazard ratio of their own: left out" in result.warnings
    assert result.p_value == pytest.approx(
        compare_between_places(
            select_rows(lonely, kept=np.asarray(lonely.site != "z")), question=ask()
        ).p_value
    )


def test_what_is_not_known_is_told() -> None:
    unknown = compare_between_places(replace(build_sample(GOLDEN), site=None), question=ask())
    assert "the sites are not known here" in unknown.warnings
    one = compare_between_places(sites_of("x"), question=ask())
    assert one.p_value is None
    assert any("fewer than two" in words for words in one.warnings)
