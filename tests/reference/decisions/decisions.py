"""Our p values of the trials on which R's are stored, by the names of the stored columns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.competing.fine_gray import (
    estimate_fine_gray,
    estimate_subdistribution_ratio,
)
from equipoise.numerics.competing.gray import compare_gray
from equipoise.numerics.hazards.cause_specific import estimate_cause_specific_cox
from equipoise.numerics.hazards.cox import Cox, estimate_cox, estimate_hazard_ratio
from equipoise.numerics.hazards.proportional_hazards import compare_hazards_over_time
from equipoise.numerics.models.likelihood_sums import Family
from equipoise.numerics.models.regression import (
    RegressionSampling,
    estimate_effect,
    estimate_regression,
)
from equipoise.numerics.ranks.groups_at_risk import count_groups_at_risk
from equipoise.numerics.ranks.logrank import compare_logrank
from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington, compare_weighted_logrank
from equipoise.numerics.shares.counts import count_tables
from equipoise.numerics.shares.fisher import compare_fisher
from equipoise.numerics.shares.mantel_haenszel import compare_cmh
from equipoise.numerics.shares.proportions import compare_miettinen_nurminen
from equipoise.numerics.survival.kaplan_meier import estimate_kaplan_meier
from equipoise.numerics.survival.milestone import compare_milestone
from equipoise.numerics.survival.rmst import compare_rmst
from equipoise.numerics.survival.survival_scales import Interval
from long.level_checks import once
from long.level_trials import Trial
from reference.decisions.drawn_trials import draw

STORED = Path(__file__).with_name("decisions_reference.txt")
# crr stops where rounding hides that the likelihood still rises (`converged` is FALSE however small
# `gtol`), some 1e-7 short of the top, as the root of 1e-16 times the likelihood would have it
REACH = {"crr": 1e-5}
AT, HORIZON = 365.0, 548.0
Tables = tuple[tuple[int, int], tuple[int, int]]


@once
def _cox(trial: Trial) -> Cox:
    return estimate_cox(trial.time, event=trial.event, covariates=trial.arm, stratum=trial.stratum)


def _logrank(trial: Trial, stratum: NDArray[np.int64] | None = None) -> float:
    return compare_logrank(
        trial.time, event=trial.event, group=trial.arm, stratum=stratum
    ).test.p_value


def _rho_1(trial: Trial) -> float:
    sets = count_groups_at_risk(trial.time, event=trial.event, group=trial.arm)
    return compare_weighted_logrank(sets, weighting=FlemingHarrington(rho=1.0)).test.p_value


def _milestone(trial: Trial, scale: Interval) -> float:
    first, second = (
        estimate_kaplan_meier(trial.time[own], event=trial.event[own])
        for own in (trial.arm == 0, trial.arm == 1)
    )
    return compare_milestone(first, second=second, at=AT, scale=scale).test.p_value


def _cause(trial: Trial) -> float:
    fits = estimate_cause_specific_cox(
        trial.first, cause=trial.cause, covariates=trial.arm, stratum=trial.stratum
    )
    return estimate_hazard_ratio(fits[0]).p_value


def _fine_gray(trial: Trial) -> float:
    fit = estimate_fine_gray(trial.first, cause=trial.cause, covariates=trial.arm)
    return estimate_subdistribution_ratio(fit).p_value


def _table(trial: Trial) -> Tables:
    events, n = count_tables(trial.response, group=trial.arm)
    return (int(events[0, 0]), int(events[0, 1])), (int(n[0, 0]), int(n[0, 1]))


def _score(trial: Trial) -> float:
    events, n = _table(trial)
    return compare_miettinen_nurminen(events, n=n, correction=False).test.p_value


def _cmh(trial: Trial) -> float:
    events, n = count_tables(trial.response, group=trial.arm, stratum=trial.stratum)
    return compare_cmh(events, n=n).test.p_value


def _logit(trial: Trial, *, likelihood_ratio: bool) -> float:
    fit = estimate_regression(
        trial.response,
        covariates=np.c_[trial.arm, trial.stratum],
        family=Family.LOGISTIC,
        tested=(0,),
    )
    return fit.likelihood_ratio_test.p_value if likelihood_ratio else estimate_effect(fit).p_value


def _poisson(trial: Trial) -> float:
    fit = estimate_regression(
        trial.count,
        covariates=np.c_[trial.arm, trial.stratum],
        family=Family.POISSON,
        sampling=RegressionSampling(offset=np.log(trial.time)),
    )
    return estimate_effect(fit).p_value


TESTS: dict[str, Callable[[Trial], float]] = {
    "logrank": _logrank,
    "logrank_strata": lambda t: _logrank(t, t.stratum),
    "rho_1": _rho_1,
    "cox_wald": lambda t: estimate_hazard_ratio(_cox(t)).p_value,
    "cox_score": lambda t: _cox(t).score_test.p_value,
    "cox_lr": lambda t: _cox(t).likelihood_ratio_test.p_value,
    "zph": lambda t: compare_hazards_over_time(_cox(t)).overall.p_value,
    "cause_wald": _cause,
    "cloglog": lambda t: _milestone(t, Interval.LOG_LOG),
    "plain": lambda t: _milestone(t, Interval.PLAIN),
    "rmst": lambda t: compare_rmst(t.time, event=t.event, group=t.arm, horizon=HORIZON).p_value,
    "gray": lambda t: compare_gray(t.first, cause=t.cause, group=t.arm).test.p_value,
    "crr": _fine_gray,
    "fisher": lambda t: compare_fisher(_table(t)[0], n=_table(t)[1]).p_value,
    "chisq": _score,
    "cmh": _cmh,
    "logit_wald": lambda t: _logit(t, likelihood_ratio=False),
    "logit_lr": lambda t: _logit(t, likelihood_ratio=True),
    "poisson": _poisson,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """p of each trial and test, ours and R's (to 6 decimals), shape (trials, tests)."""

    tests: tuple[str, ...]
    ours: NDArray[np.float64]
    theirs: NDArray[np.float64]

    def disagreements(self) -> list[str]:
        """Trials and tests where p differs beyond the stored digits, or the decision at 5 %."""
        reach = np.array([REACH.get(name, 0.0) for name in self.tests])
        far = ~(np.abs(self.ours - self.theirs) <= 0.5e-6 + 2e-9 + reach)
        other = (self.ours <= 0.05) != (self.theirs <= 0.05)
        return [
            f"trial {row}, {self.tests[column]}: {self.ours[row, column]:.7f}, "
            f"R {self.theirs[row, column]:.6f}"
            for row, column in np.argwhere(far | other)
        ]


def read_stored() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The names of R's tests and their p, a row a trial."""
    head, *rows = STORED.read_text().splitlines()
    millionths = np.array([row.split() for row in rows], dtype=np.int64)
    return tuple(head.split()), millionths / 1e6


def decide(trials: int) -> Beside:
    """Ours beside R's in the first trials."""
    tests, theirs = read_stored()
    ours = [[TESTS[name](trial) for name in tests] for trial in draw(0, last=trials)]
    return Beside(tests=tests, ours=np.array(ours), theirs=theirs[:trials])
