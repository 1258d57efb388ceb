"""Calls of estimators.py: states, interval-censored times, regressions, shares, rates, readers."""

import numpy as np
from estimators_rows import AT, Calls, Rows, call
from numpy.typing import NDArray

from equipoise.numerics import graphical, heterogeneity
from equipoise.numerics.competing import state_comparison, transitions
from equipoise.numerics.intervals import interval_cox, interval_logrank, turnbull
from equipoise.numerics.models import (
    firth,
    flexible_parametric,
    likelihood_interval,
    likelihood_sums,
    parametric,
    parametric_curves,
    regression,
    sandwich,
    standardisation,
)
from equipoise.numerics.rates import negative_binomial, poisson, rate_comparison, stratified_rates
from equipoise.numerics.shares import (
    barnard,
    breslow_day,
    exact_difference,
    fisher,
    mantel_haenszel,
    proportions,
    reader_agreement,
    risk_difference,
    score_ratios,
    stratified_difference,
)


def _state_calls(d: Rows) -> Calls:
    stays = transitions.build_illness_death(d.time, died=d.event, progression=d.progression)
    found = transitions.estimate_transitions(stays, states=3)
    arms = [
        transitions.estimate_transitions(
            transitions.build_illness_death(
                d.time[own], died=d.event[own], progression=d.progression[own]
            ),
            states=3,
        )
        for own in (d.arm == 0, d.arm == 1)
    ]
    return [
        call(transitions.estimate_transitions, stays, states=3),
        call(transitions.estimate_occupation_at, found, at=[AT]),
        call(transitions.estimate_time_in_states, found, horizon=AT),
        call(state_comparison.compare_occupation_at, arms, state=1, at=AT),
        call(state_comparison.compare_time_in_state, arms, state=1, horizon=AT),
    ]


def _interval_calls(d: Rows) -> Calls:
    curve = turnbull.estimate_turnbull(d.intervals)
    fit = interval_cox.estimate_interval_cox(d.intervals, covariates=d.arm)
    weibull = parametric.estimate_parametric(d.known, covariates=d.x)
    subjects = [parametric.trace_parametric(weibull, covariates=[a, 0, 0, 0]) for a in (0, 1)]
    bent = flexible_parametric.estimate_flexible_parametric
    between = {"beside": "interval-censored"}
    return [
        call(turnbull.estimate_turnbull, d.intervals),
        call(turnbull.estimate_turnbull_at, curve, at=[AT]),
        call(turnbull.estimate_turnbull_quantile, curve),
        call(interval_logrank.compare_interval_logrank, d.intervals, group=d.arm),
        call(interval_cox.estimate_interval_cox, d.intervals, covariates=d.arm),
        call(interval_cox.estimate_interval_hazard_ratio, fit),
        call(interval_cox.estimate_profile_interval, d.intervals, covariates=d.arm),
        call(parametric.estimate_parametric, d.known, covariates=d.x),
        call(parametric.estimate_parametric, d.intervals, covariates=d.x, **between),
        call(parametric.estimate_time_ratio, weibull),
        call(parametric.estimate_weibull_hazard_ratio, weibull),
        call(bent, d.known, covariates=d.x),
        call(bent, d.intervals, covariates=d.x, **between),
        call(parametric_curves.compare_survival, subjects[0], to=subjects[1], at=[AT]),
        call(parametric_curves.compare_restricted_means, subjects[0], to=subjects[1], horizon=AT),
    ]


def _regression_calls(d: Rows) -> Calls:
    kinds = likelihood_sums.Family
    fit = regression.estimate_regression(d.yes, covariates=d.x, family=kinds.LOGISTIC)
    rows = likelihood_sums.build_rows(d.yes.astype(np.float64), covariates=d.x)
    law = likelihood_sums.LAWS[kinds.LOGISTIC]
    at = {"beta": np.zeros(5), "inverse": np.eye(5)}
    clusters = regression.RegressionSampling(cluster=d.patient)
    risks = standardisation.estimate_standardised_risks(d.yes, group=d.arm, covariates=d.x[:, 1:])
    fitted, shares = regression.estimate_regression, {"covariates": d.x}
    return [
        *(
            call(fitted, d.yes, **shares, family=family, beside=family.value)
            for family in (kinds.LOGISTIC, kinds.POISSON, kinds.LINEAR)
        ),
        call(fitted, d.yes, covariates=d.arm, family=kinds.LOG_BINOMIAL, beside="log binomial"),
        call(fitted, d.yes, **shares, family=kinds.LOGISTIC, sampling=clusters, beside="clusters"),
        call(regression.estimate_effect, fit),
        call(sandwich.estimate_sandwich, rows, law=law, **at),
        call(firth.estimate_firth, d.yes, **shares),
        call(firth.estimate_firth_interval, d.yes, **shares),
        call(likelihood_interval.estimate_profile_interval, d.yes, **shares, family=kinds.LOGISTIC),
        call(negative_binomial.estimate_negative_binomial, d.count, **shares),
        call(
            standardisation.estimate_standardised_risks,
            d.yes,
            group=d.arm,
            covariates=d.x[:, 1:],
        ),
        call(standardisation.compare_standardised_risks, risks),
    ]


ONE_SHARE = (
    proportions.estimate_wilson,
    proportions.estimate_clopper_pearson,
    proportions.estimate_jeffreys,
    proportions.estimate_agresti_coull,
    proportions.estimate_mid_p,
)
TWO_SHARES = (
    proportions.compare_miettinen_nurminen,
    proportions.compare_newcombe,
    score_ratios.compare_risk_ratio,
    score_ratios.compare_odds_ratio,
    risk_difference.compare_wald,
    risk_difference.compare_agresti_caffo,
    fisher.compare_fisher,
    barnard.compare_unconditionally,
    exact_difference.compare_exactly,
)
SHARES_IN_STRATA = (
    stratified_difference.compare_stratified_score,
    stratified_difference.compare_minimum_risk,
    stratified_difference.compare_stratified_newcombe,
    mantel_haenszel.compare_cmh,
    mantel_haenszel.estimate_common_odds_ratio,
    mantel_haenszel.estimate_common_risk_ratio,
    mantel_haenszel.estimate_common_risk_difference,
    breslow_day.compare_odds_ratios,
)
TWO_RATES = (
    poisson.compare_rates,
    rate_comparison.compare_rate_ratio,
    rate_comparison.compare_rate_difference,
    rate_comparison.compare_rate_difference_wald,
)
RATES_IN_STRATA = (
    stratified_rates.compare_stratified_rates,
    stratified_rates.estimate_common_rate_ratio,
    stratified_rates.estimate_common_rate_difference,
    stratified_rates.compare_rate_ratios,
)


def by_stratum(d: Rows, values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Sums of values, strata by arms."""
    return np.array(
        [[values[(d.stratum == s) & (d.arm == a)].sum() for a in (0, 1)] for s in range(d.strata)]
    )


def _share_calls(d: Rows) -> Calls:
    table, sizes = by_stratum(d, d.yes), by_stratum(d, np.ones(d.n, dtype=np.int64))
    events, n = tuple(table.sum(axis=0).tolist()), tuple(sizes.sum(axis=0).tolist())
    return [
        *(call(each, events[0], n=n[0]) for each in ONE_SHARE),
        call(proportions.compare_with_share, events[0], n=n[0], expected=0.3),
        *(call(each, events, n=n) for each in TWO_SHARES),
        call(risk_difference.compare_with_margin, events, n=n, margin=0.1),
        call(fisher.compare_pairs, events[0], second_only=events[1]),
        *(call(each, table, n=sizes) for each in SHARES_IN_STRATA),
    ]


def _rate_calls(d: Rows) -> Calls:
    table, times = by_stratum(d, d.event), by_stratum(d, d.time)
    events, time = tuple(table.sum(axis=0).tolist()), tuple(times.sum(axis=0).tolist())
    graph = {"graph": graphical.build_holm([0.5, 0.25, 0.25]), "alpha": 0.05}
    three = [0.3, 0.2, 0.1]
    return [
        call(poisson.estimate_rates, d.count, time=d.time),
        *(call(each, events, time=time) for each in TWO_RATES),
        *(call(each, table, time=times) for each in RATES_IN_STRATA),
        call(reader_agreement.compare_two_readers, d.readings[:, :2]),
        call(reader_agreement.compare_readers, d.readings),
        call(heterogeneity.compare_subgroup_effects, three, standard_error=[0.1, 0.2, 0.1]),
        call(graphical.compare_by_graph, [0.01, 0.02, 0.03], **graph),
        call(graphical.estimate_simultaneous_limits, three, errors=[0.1, 0.1, 0.1], **graph),
    ]


FURTHER = (_state_calls, _interval_calls, _regression_calls, _share_calls, _rate_calls)
