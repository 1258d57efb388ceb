"""Levels of rank tests, and what comes with them."""

import numpy as np

from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk, count_groups_at_risk
from equipoise.numerics.ranks.logrank import (
    LogRank,
    compare_groups_at_risk,
    compare_logrank,
    compare_trend,
    estimate_one_step_ratio,
)
from equipoise.numerics.ranks.maxcombo import compare_maxcombo
from equipoise.numerics.ranks.permutation import compare_with_draws, logrank_scores, sum_scores
from equipoise.numerics.ranks.weighted_logrank import (
    FlemingHarrington,
    HeldWeights,
    ModestlyWeighted,
    PetoPeto,
    PiecewiseWeights,
    Prentice,
    TaroneWare,
    Weighting,
    compare_weighted_logrank,
)
from equipoise.numerics.survival.landmark import select_at_landmark
from long.level_checks import Check, Limits, coverage, given, level, once
from long.level_data import allocations, late_entry
from long.level_trials import Trial

_WEIGHTINGS: dict[str, Weighting] = {
    "Fleming-Harrington (0, 1)": FlemingHarrington(gamma=1.0),
    "Fleming-Harrington (1, 0)": FlemingHarrington(rho=1.0),
    "Fleming-Harrington (1, 1)": FlemingHarrington(rho=1.0, gamma=1.0),
    "Tarone-Ware": TaroneWare(),
    "Gehan": TaroneWare(power=1.0),
    "Peto-Peto": PetoPeto(),
    "Peto-Peto, modified": PetoPeto(modified=True),
    "Prentice": Prentice(),
    "modestly weighted, until 12 months": ModestlyWeighted(until=12.0),
    "held weights, until 6 months": HeldWeights(until=6.0),
    "piecewise, 0.5 before 3 months": PiecewiseWeights(cuts=(3.0,), weights=(0.5, 1.0)),
}
_DRAWS = 399


@once
def _sets(trial: Trial, *, stratified: bool = False, quarters: bool = False) -> GroupsAtRisk:
    """Those at risk in the arms, or in four quarters that are alike where there is no effect."""
    return count_groups_at_risk(
        trial.time,
        event=trial.event,
        group=np.arange(trial.arm.size) % 4 if quarters else trial.arm,
        stratum=trial.stratum if stratified else None,
    )


@once
def _logrank(trial: Trial, *, stratified: bool = False, quarters: bool = False) -> LogRank:
    return compare_groups_at_risk(_sets(trial, stratified=stratified, quarters=quarters))


def _weighted(trial: Trial, how: Weighting, *, stratified: bool = False) -> float:
    sets = _sets(trial, stratified=stratified)
    return compare_weighted_logrank(sets, weighting=how).test.p_value


def _one_step(trial: Trial) -> Limits:
    found = estimate_one_step_ratio(_logrank(trial, stratified=True))
    return found.lower, found.upper


def _late(trial: Trial) -> float:
    late = late_entry(trial)
    return compare_logrank(
        late.time, event=late.event, group=trial.arm[late.row], entry=late.entry
    ).test.p_value


def _from_landmark(trial: Trial) -> float:
    kept = select_at_landmark(trial.time, landmark=3.0)
    return compare_logrank(
        kept.time, event=trial.event[kept.row], group=trial.arm[kept.row]
    ).test.p_value


def _allocated_again(trial: Trial) -> float:
    scores = logrank_scores(trial.time, event=trial.event, stratum=trial.stratum)
    seen = sum_scores(scores, group=trial.arm)
    drawn = sum_scores(scores, group=allocations(trial, _DRAWS))
    return compare_with_draws(float(seen[0]), drawn=drawn).p_value


CHECKS: tuple[Check, ...] = (
    level("log-rank", lambda t: _logrank(t).test.p_value),
    level("log-rank, stratified", lambda t: _logrank(t, stratified=True).test.p_value),
    level("log-rank, four groups", lambda t: _logrank(t, quarters=True).test.p_value),
    level(
        "log-rank, four groups, stratified",
        lambda t: _logrank(t, stratified=True, quarters=True).test.p_value,
    ),
    level("trend over four groups", lambda t: compare_trend(_sets(t, quarters=True)).test.p_value),
    level(
        "trend over four groups, stratified",
        lambda t: compare_trend(_sets(t, stratified=True, quarters=True)).test.p_value,
    ),
    level("log-rank, late entry", _late),
    level("log-rank from a landmark at 3 months", _from_landmark),
    *(
        level(
            f"weighted log-rank: {name}",
            given(how, _weighted),
        )
        for name, how in _WEIGHTINGS.items()
    ),
    level(
        "weighted log-rank, stratified: Peto-Peto",
        lambda t: (
            compare_weighted_logrank(_sets(t, stratified=True), weighting=PetoPeto()).test.p_value
        ),
    ),
    level("MaxCombo", lambda t: compare_maxcombo(_sets(t)).p_value),
    level("log-rank by allocating again, stratified", _allocated_again),
    coverage("hazard ratio, one step (Peto)", _one_step, lambda truth: truth.ratio),
)
