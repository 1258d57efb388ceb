"""Levels and coverages of shares and rates of two arms, alone and over strata, and of readers.

Intervals of one difference of shares have their coverage added up over all tables, without
simulation: `test_coverage_of_shares.py`.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.rates.poisson import Rates, compare_rates, estimate_rates
from equipoise.numerics.rates.rate_comparison import (
    RateLimits,
    compare_rate_difference,
    compare_rate_difference_wald,
    compare_rate_ratio,
)
from equipoise.numerics.rates.stratified_rates import (
    compare_rate_ratios,
    compare_stratified_rates,
    estimate_common_rate_difference,
    estimate_common_rate_ratio,
)
from equipoise.numerics.shares.breslow_day import OddsHomogeneity, compare_odds_ratios
from equipoise.numerics.shares.counts import count_tables
from equipoise.numerics.shares.fisher import compare_pairs
from equipoise.numerics.shares.mantel_haenszel import (
    DifferenceLimits,
    compare_cmh,
    estimate_common_odds_ratio,
    estimate_common_risk_difference,
    estimate_common_risk_ratio,
)
from equipoise.numerics.shares.proportions import (
    Proportion,
    compare_with_share,
    estimate_agresti_coull,
    estimate_clopper_pearson,
    estimate_jeffreys,
    estimate_mid_p,
    estimate_wilson,
)
from equipoise.numerics.shares.reader_agreement import (
    Agreement,
    Weighting,
    compare_readers,
    compare_two_readers,
)
from equipoise.numerics.shares.score_ratios import compare_odds_ratio, compare_risk_ratio
from equipoise.numerics.shares.stratified_difference import (
    StratifiedDifference,
    StratumWeights,
    compare_minimum_risk,
    compare_stratified_newcombe,
    compare_stratified_score,
)
from long.level_checks import Check, coverage, given, level, once
from long.level_data import AGREEMENT, readings
from long.level_trials import NULL, Trial, Truth

Pair = tuple[int, int]


@once
def responders(trial: Trial) -> tuple[Pair, Pair]:
    """Responders and patients, by arm."""
    own = [trial.response[trial.arm == arm] for arm in (0, 1)]
    return (int(own[0].sum()), int(own[1].sum())), (own[0].size, own[1].size)


@once
def _events(trial: Trial) -> tuple[Pair, tuple[float, float]]:
    """Counted events and months, by arm."""
    own = [trial.arm == arm for arm in (0, 1)]
    count, time = ([float(values[a].sum()) for a in own] for values in (trial.count, trial.time))
    return (int(count[0]), int(count[1])), (time[0], time[1])


@once
def _tables(trial: Trial) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return count_tables(trial.response, group=trial.arm, stratum=trial.stratum)


@once
def _rate_tables(trial: Trial) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Counted events and months, (strata, arms)."""
    place = 2 * trial.stratum + trial.arm
    events, time = (np.bincount(place, weights=v) for v in (trial.count, trial.time))
    return np.int64(events).reshape(2, 2), np.float64(time).reshape(2, 2)


@once
def _score(trial: Trial, weights: StratumWeights) -> StratifiedDifference:
    events, n = _tables(trial)
    return compare_stratified_score(events, n=n, weights=weights)


@once
def _minimum_risk(trial: Trial) -> StratifiedDifference:
    events, n = _tables(trial)
    return compare_minimum_risk(events, n=n)


@once
def _newcombe(trial: Trial) -> StratifiedDifference:
    events, n = _tables(trial)
    return compare_stratified_newcombe(events, n=n)


@once
def _homogeneity(trial: Trial) -> OddsHomogeneity:
    events, n = _tables(trial)
    return compare_odds_ratios(events, n=n)


@once
def _two_readers(trial: Trial, weighting: Weighting = Weighting.NONE) -> Agreement:
    read = readings(trial, agreeing=trial.truth != NULL)
    return compare_two_readers(read[:, :2], categories=3, weighting=weighting)


@once
def _readers(trial: Trial) -> Agreement:
    return compare_readers(readings(trial, agreeing=trial.truth != NULL), categories=3)


def _pairs(trial: Trial) -> tuple[int, int]:
    """Who responded of neighbours in the list, one of each arm: pairs that differ, either way."""
    first, second = trial.response[0::2], trial.response[1::2]
    return int((first > second).sum()), int((second > first).sum())


def _difference(truth: Truth) -> float:
    return truth.response[1] - truth.response[0]


def _odds_ratio(truth: Truth) -> float:
    first, second = (p / (1 - p) for p in truth.response)
    return second / first


def _rate_ratio(truth: Truth) -> float:
    return truth.rates[1] / truth.rates[0]


def _rate_difference(truth: Truth) -> float:
    return truth.rates[1] - truth.rates[0]


def _share(trial: Trial, estimate: Callable[..., Proportion]) -> Proportion:
    """The share of arm 1."""
    events, n = responders(trial)
    return estimate(events[1], n=n[1])


def _second(found: Rates) -> tuple[float, float]:
    return float(found.lower[1]), float(found.upper[1])


_CONSERVATIVE = "exact"
_SINGLE = {
    "Wilson": estimate_wilson,
    "Agresti-Coull": estimate_agresti_coull,
    "Jeffreys": estimate_jeffreys,
    "mid-p": estimate_mid_p,
}
SHARE_CHECKS: tuple[Check, ...] = (
    level(
        "one share against 40 %",
        lambda t: (
            compare_with_share(responders(t)[0][1], n=responders(t)[1][1], expected=0.4).p_value
        ),
        one_sided=True,
        why=_CONSERVATIVE,
    ),
    level(
        "pairs, McNemar",
        lambda t: compare_pairs(_pairs(t)[0], second_only=_pairs(t)[1]).test.p_value,
    ),
    level(
        "pairs, exact",
        lambda t: compare_pairs(_pairs(t)[0], second_only=_pairs(t)[1]).p_value,
        one_sided=True,
        why=_CONSERVATIVE,
    ),
    level(
        "Cochran-Mantel-Haenszel",
        lambda t: compare_cmh(_tables(t)[0], n=_tables(t)[1]).test.p_value,
    ),
    *(
        level(
            f"stratified score, weights {weights.value}",
            given(weights, lambda t, weights: _score(t, weights).test.p_value),
        )
        for weights in StratumWeights
    ),
    level("stratified, minimum risk", lambda t: _minimum_risk(t).test.p_value),
    level("stratified, Newcombe", lambda t: _newcombe(t).test.p_value),
    level("odds ratios of strata, Breslow-Day", lambda t: _homogeneity(t).breslow_day.p_value),
    level("odds ratios of strata, Tarone", lambda t: _homogeneity(t).tarone.p_value),
    *(
        coverage(
            f"share, {name}",
            given(estimate, _share),
            lambda truth: truth.response[1],
        )
        for name, estimate in _SINGLE.items()
    ),
    coverage(
        "share, Clopper-Pearson",
        given(estimate_clopper_pearson, _share),
        lambda truth: truth.response[1],
        one_sided=True,
        why=_CONSERVATIVE,
    ),
    coverage(
        "ratio of shares, score",
        lambda t: compare_risk_ratio(responders(t)[0], n=responders(t)[1]),
        lambda truth: truth.response[1] / truth.response[0],
    ),
    coverage(
        "odds ratio, score",
        lambda t: compare_odds_ratio(responders(t)[0], n=responders(t)[1]),
        _odds_ratio,
    ),
    *(
        coverage(
            f"stratified difference, score, weights {weights.value}",
            given(weights, _score),
            _difference,
        )
        for weights in StratumWeights
    ),
    coverage("stratified difference, minimum risk", _minimum_risk, _difference),
    coverage("stratified difference, Newcombe", _newcombe, _difference),
    *(
        coverage(
            f"common difference, {limits.value}",
            given(
                limits,
                lambda t, limits: estimate_common_risk_difference(
                    _tables(t)[0], n=_tables(t)[1], limits=limits
                ),
            ),
            _difference,
        )
        for limits in DifferenceLimits
    ),
    coverage(
        "common odds ratio, Robins-Breslow-Greenland",
        lambda t: estimate_common_odds_ratio(_tables(t)[0], n=_tables(t)[1]),
        _odds_ratio,
    ),
    coverage(
        "common ratio of shares, Greenland-Robins",
        lambda t: estimate_common_risk_ratio(_tables(t)[0], n=_tables(t)[1]),
        lambda truth: truth.response[1] / truth.response[0],
    ),
)
RATE_CHECKS: tuple[Check, ...] = (
    *(
        level(
            f"rate ratio, {limits.value}",
            given(
                limits,
                lambda t, limits: (
                    compare_rate_ratio(_events(t)[0], time=_events(t)[1], limits=limits).p_value
                ),
            ),
            one_sided=limits is RateLimits.EXACT,
            why=_CONSERVATIVE if limits is RateLimits.EXACT else "",
        )
        for limits in RateLimits
    ),
    level(
        "rate difference, score",
        lambda t: compare_rate_difference(_events(t)[0], time=_events(t)[1]).test.p_value,
    ),
    level(
        "rate difference, Wald",
        lambda t: compare_rate_difference_wald(_events(t)[0], time=_events(t)[1]).test.p_value,
    ),
    level(
        "rates over strata, Mantel-Haenszel",
        lambda t: (
            compare_stratified_rates(_rate_tables(t)[0], time=_rate_tables(t)[1]).test.p_value
        ),
    ),
    level(
        "rate ratios of strata, heterogeneity",
        lambda t: compare_rate_ratios(_rate_tables(t)[0], time=_rate_tables(t)[1]).test.p_value,
    ),
    coverage(
        "rate, exact",
        lambda t: _second(estimate_rates(_events(t)[0], time=_events(t)[1])),
        lambda truth: truth.rates[1],
        one_sided=True,
        why=_CONSERVATIVE,
    ),
    coverage(
        "rate ratio, conditional exact",
        lambda t: compare_rates(_events(t)[0], time=_events(t)[1]),
        _rate_ratio,
        one_sided=True,
        why=_CONSERVATIVE,
    ),
    *(
        coverage(
            f"rate ratio, {limits.value}",
            given(
                limits,
                lambda t, limits: compare_rate_ratio(
                    _events(t)[0], time=_events(t)[1], limits=limits
                ),
            ),
            _rate_ratio,
            one_sided=limits is RateLimits.EXACT,
            why=_CONSERVATIVE if limits is RateLimits.EXACT else "",
        )
        for limits in RateLimits
    ),
    coverage(
        "rate difference, score",
        lambda t: compare_rate_difference(_events(t)[0], time=_events(t)[1]),
        _rate_difference,
    ),
    coverage(
        "rate difference, Wald",
        lambda t: compare_rate_difference_wald(_events(t)[0], time=_events(t)[1]),
        _rate_difference,
    ),
    coverage(
        "common rate ratio, Mantel-Haenszel",
        lambda t: estimate_common_rate_ratio(_rate_tables(t)[0], time=_rate_tables(t)[1]),
        _rate_ratio,
    ),
    coverage(
        "common rate difference, Mantel-Haenszel",
        lambda t: estimate_common_rate_difference(_rate_tables(t)[0], time=_rate_tables(t)[1]),
        _rate_difference,
    ),
)
READER_CHECKS: tuple[Check, ...] = (
    *(
        level(
            f"two readers, kappa, weights {weighting.value}",
            given(weighting, lambda t, weighting: _two_readers(t, weighting).p_value),
        )
        for weighting in Weighting
    ),
    level("three readers, Fleiss' kappa", lambda t: _readers(t).p_value),
    *(
        coverage(
            f"kappa of two readers, weights {weighting.value}",
            given(weighting, _two_readers),
            lambda _: AGREEMENT,
        )
        for weighting in Weighting
    ),
    coverage("Fleiss' kappa of three readers", _readers, lambda _: AGREEMENT),
)
