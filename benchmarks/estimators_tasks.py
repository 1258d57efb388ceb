"""The rows and the tasks of estimators.py: what is timed, and the numbers that are compared.

A task is one function here and one of its name in estimators_peers.py and estimators.R. Each takes
the same columns and returns what is to be timed, which returns the numbers that are compared.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.competing.aalen_johansen import estimate_incidence, estimate_incidence_at
from equipoise.numerics.competing.fine_gray import FineGray, estimate_fine_gray
from equipoise.numerics.competing.fine_gray_design import Censoring
from equipoise.numerics.competing.gray import compare_gray
from equipoise.numerics.event_counts import count_events_by_group
from equipoise.numerics.hazards.cox import Cox, estimate_cox
from equipoise.numerics.hazards.proportional_hazards import compare_hazards_over_time
from equipoise.numerics.intervals.interval_times import bound_event_times
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.parametric import estimate_parametric
from equipoise.numerics.models.regression import estimate_regression
from equipoise.numerics.ranks.groups_at_risk import groups_at_risk_of
from equipoise.numerics.ranks.logrank import compare_groups_at_risk, compare_logrank
from equipoise.numerics.streams import draw_uniforms
from equipoise.numerics.survival.kaplan_meier import (
    estimate_kaplan_meier,
    estimate_kaplan_meier_of,
    estimate_survival_at,
)
from equipoise.numerics.survival.rmst import compare_rmst

Data = dict[str, NDArray[np.float64]]
Numbers = Callable[[], list[float]]
AT = 365.0


def draw_data(n: int, *, days: bool) -> Data:
    """Two arms in four strata, hazard ratio 0.75, censored evenly over four years, two causes."""
    rows = np.arange(n, dtype=np.int64)
    u = draw_uniforms(2026, replicate=0 * rows, subject=rows, purpose=1, count=4)
    v = draw_uniforms(2026, replicate=0 * rows, subject=rows, purpose=2, count=4)
    arm, stratum = np.floor(2 * u[:, 0]), np.floor(4 * u[:, 1])
    failure = -np.log(u[:, 2]) * 500 / np.where(arm == 1, 0.75, 1.0)
    censoring = 1460 * u[:, 3]
    times = np.minimum(failure, censoring)
    return {
        "time": np.ceil(times) if days else times,
        "event": (failure <= censoring) * 1.0,
        "arm": arm,
        "stratum": stratum,
        "cause": (failure <= censoring) * np.where(v[:, 0] < 0.7, 1.0, 2.0),
        "x1": v[:, 1] - 0.5,
        "x2": (v[:, 2] < 0.3) * 1.0,
        "x3": np.sqrt(v[:, 3]),
    }


def _codes(data: Data) -> list[NDArray[np.int64]]:
    return [data[name].astype(np.int64) for name in ("event", "arm", "stratum")]


def curves_and_logrank(data: Data) -> Numbers:
    """Kaplan-Meier of both arms and the log-rank test, from one counting of the rows."""
    times, (event, arm, _) = data["time"], _codes(data)

    def run() -> list[float]:
        counts = count_events_by_group(times, cause=event, group=arm)
        curves = [estimate_kaplan_meier_of(one) for one in counts]
        test = compare_groups_at_risk(groups_at_risk_of(counts))
        alive = [float(estimate_survival_at(curve, at=AT).survival[0]) for curve in curves]
        return [test.test.statistic, *alive]

    return run


def curves_then_logrank(data: Data) -> Numbers:
    """The same by a call for each arm and one for the test, the rows split by the caller."""
    times, (event, arm, _) = data["time"], _codes(data)

    def run() -> list[float]:
        alive = []
        for own in (arm == 0, arm == 1):
            curve = estimate_kaplan_meier(times[own], event=event[own])
            alive.append(float(estimate_survival_at(curve, at=AT).survival[0]))
        return [compare_logrank(times, event=event, group=arm).test.statistic, *alive]

    return run


def logrank_strata(data: Data) -> Numbers:
    """The log-rank test in four strata."""
    times, (event, arm, stratum) = data["time"], _codes(data)
    return lambda: [compare_logrank(times, event=event, group=arm, stratum=stratum).test.statistic]


def cox_strata(data: Data) -> Numbers:
    """Cox's model of the arm in four strata, Efron ties, with standard error."""
    times, (event, arm, stratum) = data["time"], _codes(data)

    def run() -> list[float]:
        fit = estimate_cox(times, event=event, covariates=arm, stratum=stratum)
        return _coefficients(fit, fit.covariance)

    return run


def _covariates(data: Data) -> NDArray[np.float64]:
    return np.column_stack([data[name] for name in ("arm", "x1", "x2", "x3")])


def _coefficients(fit: Cox | FineGray, covariance: NDArray[np.float64]) -> list[float]:
    """Coefficients and their standard errors."""
    return [*fit.coefficients.tolist(), *np.sqrt(np.diag(covariance)).tolist()]


def cox_one(data: Data) -> Numbers:
    """Cox's model of the arm, Efron ties, with standard error."""
    times, (event, arm, _) = data["time"], _codes(data)

    def run() -> list[float]:
        fit = estimate_cox(times, event=event, covariates=arm)
        return _coefficients(fit, fit.covariance)

    return run


def cox_four(data: Data) -> Numbers:
    """Cox's model of four covariates, Efron ties, with standard errors."""
    times, (event, _, _), x = data["time"], _codes(data), _covariates(data)

    def run() -> list[float]:
        fit = estimate_cox(times, event=event, covariates=x)
        return _coefficients(fit, fit.covariance)

    return run


def hazards_over_time(data: Data) -> Numbers:
    """The test of proportional hazards of four covariates, from the rows on."""
    times, (event, _, _), x = data["time"], _codes(data), _covariates(data)

    def run() -> list[float]:
        fit = estimate_cox(times, event=event, covariates=x)
        return [compare_hazards_over_time(fit).overall.statistic]

    return run


def fine_gray(data: Data) -> Numbers:
    """Fine-Gray of four covariates, the robust errors counting that censoring is estimated."""
    times, cause, x = data["time"], data["cause"].astype(np.int64), _covariates(data)

    def run() -> list[float]:
        fit = estimate_fine_gray(times, cause=cause, covariates=x)
        return _coefficients(fit, fit.robust_covariance)

    return run


def fine_gray_uncounted(data: Data) -> Numbers:
    """Fine-Gray of four covariates, the robust errors as if censoring were known."""
    times, cause, x = data["time"], data["cause"].astype(np.int64), _covariates(data)
    known = Censoring(counted=False)

    def run() -> list[float]:
        fit = estimate_fine_gray(times, cause=cause, covariates=x, censoring=known)
        return _coefficients(fit, fit.robust_covariance)

    return run


def gray(data: Data) -> Numbers:
    """Gray's test of two arms."""
    times, (_, arm, _), cause = data["time"], _codes(data), data["cause"].astype(np.int64)
    return lambda: [compare_gray(times, cause=cause, group=arm).test.statistic]


def incidence(data: Data) -> Numbers:
    """Cumulative incidence in both arms at a year with Aalen's standard error."""
    times, arm, cause = data["time"], data["arm"], data["cause"].astype(np.int64)

    def run() -> list[float]:
        found = []
        for own in (arm == 0, arm == 1):
            curve = estimate_incidence(times[own], cause=cause[own])
            here = estimate_incidence_at(curve, at=[AT])
            found += [float(here.incidence[0]), float(here.standard_error[0])]
        return found

    return run


def restricted_mean(data: Data) -> Numbers:
    """The mean time free of the event within a year, in both arms, and its difference's error."""
    times, (event, arm, _) = data["time"], _codes(data)

    def run() -> list[float]:
        found = compare_rmst(times, event=event, group=arm, horizon=AT)
        return [*(one.value for one in found.groups), found.standard_error]

    return run


def weibull(data: Data) -> Numbers:
    """Weibull's model of four covariates, with standard errors."""
    times, (event, _, _), x = data["time"], _codes(data), _covariates(data)

    def run() -> list[float]:
        fit = estimate_parametric(bound_event_times(times, event=event), covariates=x)
        return [*fit.coefficients.tolist(), *np.sqrt(np.diag(fit.covariance)[:5]).tolist()]

    return run


def logistic(data: Data) -> Numbers:
    """Logistic regression of the event on four covariates, with standard errors."""
    event, x = data["event"], _covariates(data)

    def run() -> list[float]:
        fit = estimate_regression(event, covariates=x, family=Family.LOGISTIC)
        return [*fit.coefficients.tolist(), *np.sqrt(np.diag(fit.covariance)).tolist()]

    return run


TASKS = {
    task.__name__: task
    for task in (
        curves_and_logrank,
        curves_then_logrank,
        logrank_strata,
        cox_one,
        cox_four,
        cox_strata,
        hazards_over_time,
        gray,
        incidence,
        fine_gray,
        fine_gray_uncounted,
        restricted_mean,
        weibull,
        logistic,
    )
}
