"""Calls of estimators.py with options: laws and scales of models, intervals, shares, rates."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
from estimators_further_calls import by_stratum
from estimators_rows import Calls, Rows, call

from equipoise.numerics.intervals import interval_cox, interval_logrank, interval_times, turnbull
from equipoise.numerics.models import (
    flexible_parametric,
    likelihood_interval,
    likelihood_sums,
    parametric,
    regression,
    sandwich,
    standardisation,
)
from equipoise.numerics.models.latent_distributions import Latent
from equipoise.numerics.rates import negative_binomial, rate_comparison
from equipoise.numerics.shares import (
    barnard,
    mantel_haenszel,
    reader_agreement,
    stratified_difference,
)


def _parametric_calls(d: Rows) -> Calls:
    late = interval_times.bound_event_times(d.time, event=d.event, entry=d.entry, weight=d.weight)
    kinds = {"known": d.known, "interval-censored": d.intervals, "late entry, weights": late}
    sampling = {"covariates": d.x, "scale_stratum": d.stratum % 3, "cluster": d.patient}
    # few days of visits leave few places for knots
    knots = {"known": 3, "interval-censored": 2, "late entry, weights": 3}
    splines = {
        "": flexible_parametric.Spline(),
        "an effect that changes, ": flexible_parametric.Spline(varying=(0,), varying_knots=1),
    }
    return [
        *(
            call(
                parametric.estimate_parametric,
                times,
                **sampling,
                beside=f"{family.value}, scale strata, clusters, {kind}",
                family=family,
            )
            for family, (kind, times) in product(parametric.Family, kinds.items())
        ),
        *(
            call(
                flexible_parametric.estimate_flexible_parametric,
                times,
                covariates=d.x,
                beside=f"{scale.value}, {knots[kind]} knots, {varying}clusters, {kind}",
                spline=replace(spline, scale=scale, inner_knots=knots[kind]),
                cluster=d.patient,
            )
            for scale, (varying, spline), (kind, times) in product(
                Latent, splines.items(), kinds.items()
            )
        ),
    ]


def _interval_calls(d: Rows) -> Calls:
    left = np.maximum(d.time - 60 * d.x[:, 3], 0)
    right = np.where(d.event == 1, left + 84, math.inf)
    fine = interval_times.bound_interval_times(left, right=right)
    by_stratum = {"stratum": d.stratum % 4}
    fit, profile = interval_cox.estimate_interval_cox, interval_cox.estimate_profile_interval
    unlike = "bounds that all differ"
    return [
        *(
            call(
                interval_logrank.compare_interval_logrank,
                d.intervals,
                group=d.arm,
                stratum=d.stratum,
                beside=f"{scores.value}, strata",
                scores=scores,
            )
            for scores in interval_logrank.IntervalScores
        ),
        call(fit, d.intervals, covariates=d.x, beside="4 covariates"),
        call(fit, d.intervals, covariates=d.x, beside="4 covariates, strata", **by_stratum),
        call(profile, d.intervals, covariates=d.x, beside="4 covariates"),
        call(turnbull.estimate_turnbull, fine, beside=unlike),
        call(fit, fine, covariates=d.arm, beside=unlike),
        call(fit, fine, covariates=d.x, beside=f"4 covariates, {unlike}"),
        call(profile, fine, covariates=d.arm, beside=unlike),
    ]


def _regression_calls(d: Rows) -> Calls:
    kinds, sampling = likelihood_sums.Family, regression.RegressionSampling
    clusters = sampling(weight=d.weight, cluster=d.patient)
    outcome = {kinds.LOGISTIC: d.yes, kinds.POISSON: d.count, kinds.LINEAR: d.time}
    with_clusters = (sandwich.Robust.HC0, sandwich.Robust.HC1)
    return [
        call(
            regression.estimate_regression,
            outcome[family],
            covariates=d.x,
            family=family,
            beside=f"{family.value}, {robust.value}, weights",
            robust=robust,
            sampling=clusters if robust in with_clusters else sampling(weight=d.weight),
        )
        for family, robust in product(outcome, sandwich.Robust)
    ]


def _count_calls(d: Rows) -> Calls:
    at_risk = {
        "covariates": d.x,
        "sampling": regression.RegressionSampling(
            weight=d.weight, cluster=d.patient, offset=np.log(d.time)
        ),
    }
    fit, profile = regression.estimate_regression, likelihood_interval.estimate_profile_interval
    poisson, log = (
        {"family": family}
        for family in (likelihood_sums.Family.POISSON, likelihood_sums.Family.LOG_BINOMIAL)
    )
    beside = "times at risk, weights, clusters"
    return [
        call(fit, d.count, **at_risk, **poisson, beside=f"Poisson, {beside}"),
        call(negative_binomial.estimate_negative_binomial, d.count, **at_risk, beside=beside),
        call(profile, d.count, covariates=d.x, **poisson, beside="Poisson"),
        call(fit, d.yes, covariates=d.x, **log, beside="log binomial, 4 covariates"),
        call(profile, d.yes, covariates=d.arm, **log, beside="log binomial"),
        *(
            call(
                standardisation.estimate_standardised_risks,
                d.yes,
                group=d.arm,
                covariates=d.x[:, 1:],
                beside=f"{variance.value}{', interaction' if interaction else ''}",
                variance=variance,
                interaction=interaction,
            )
            for variance, interaction in product(standardisation.RiskVariance, (False, True))
        ),
    ]


def _table_calls(d: Rows) -> Calls:
    table, n = by_stratum(d, d.yes), by_stratum(d, np.ones(d.n, dtype=np.int64))
    events, sizes = tuple(table.sum(axis=0).tolist()), tuple(n.sum(axis=0).tolist())
    failed = tuple(by_stratum(d, d.event).sum(axis=0).tolist())
    time = {"time": tuple(by_stratum(d, d.time).sum(axis=0).tolist())}
    difference, common = (
        stratified_difference.compare_stratified_score,
        mantel_haenszel.estimate_common_risk_difference,
    )
    read = reader_agreement.compare_two_readers
    return [
        *(
            call(difference, table, n=n, beside=one.value, weights=one)
            for one in stratified_difference.StratumWeights
        ),
        *(
            call(common, table, n=n, beside=one.value, limits=one)
            for one in mantel_haenszel.DifferenceLimits
        ),
        *(
            call(barnard.compare_unconditionally, events, n=sizes, beside=one.value, ordering=one)
            for one in barnard.Ordering
        ),
        *(
            call(rate_comparison.compare_rate_ratio, failed, **time, beside=one.value, limits=one)
            for one in rate_comparison.RateLimits
        ),
        *(
            call(read, d.readings[:, :2], beside=one.value, weighting=one)
            for one in reader_agreement.Weighting
        ),
    ]


MODEL_OPTIONS = (_parametric_calls, _interval_calls, _regression_calls, _count_calls, _table_calls)
