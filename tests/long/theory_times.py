"""Survival at a time, mean times and weighted tests: level and power."""

from collections.abc import Iterator

import numpy as np

from equipoise.design.milestone_size import Measure, MilestonePlan, milestone_power
from equipoise.design.weighted_logrank_size import WeightedLogRankPlan, weighted_logrank_power
from equipoise.numerics.ranks.maxcombo import USUAL, Side
from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington, ModestlyWeighted
from equipoise.simulate.maxcombo_decisions import reject_by_maxcombo
from equipoise.simulate.replicates import simulate_replicates
from equipoise.simulate.trial_model import Look, Reading, Run
from long.theory_logrank import RATES, SHAPES, Size, Z, model_of, pair_of, plan_of
from long.theory_rows import Row, average, count

MILESTONE, HORIZON, END = 12.0, 18.0, 36.0
CURVES, WEIGHTS = "Survival at a time, and mean time up to it", "Weighted tests and MaxCombo"


def by_curves(run: Run) -> Iterator[Row]:
    """The milestone test on the log-log scale, and the difference of restricted means."""
    for subjects in (88, 400):
        for ratio in (1.0, 2.0):
            for effect in (1.0, 0.6):
                model = model_of(Size(subjects=subjects, ratio=ratio), courses=(pair_of(effect),))
                reading = Reading(milestone=MILESTONE, horizon=HORIZON)
                found = simulate_replicates(
                    model, looks=[Look(latest=END)], run=run, reading=reading
                )
                name = f"{subjects} subjects, {ratio:g}:1, ratio {effect:g}"
                for words, z, at, measure in (
                    ("survival at month 12", found.milestone_z, MILESTONE, Measure.SURVIVAL),
                    ("mean time to month 18", found.mean_z, HORIZON, Measure.MEAN),
                ):
                    theory = RATES.one_sided
                    if effect < 1:
                        plan = MilestonePlan(
                            survival=plan_of(model), at=at, study_end=END, measure=measure
                        )
                        theory = milestone_power(plan, rates=RATES).power
                    told = z[np.isfinite(z)]
                    assert told.size > 0.99 * z.size
                    yield count(CURVES, f"{name}, {words}", hits=told < -Z, theory=theory)


WEIGHTINGS: dict[str, FlemingHarrington | ModestlyWeighted] = {
    "Fleming-Harrington (0, 1)": FlemingHarrington(gamma=1.0),
    "Fleming-Harrington (0.5, 0.5)": FlemingHarrington(rho=0.5, gamma=0.5),
    "modest weights, until month 8": ModestlyWeighted(until=8.0),
}


def by_weights(run: Run) -> Iterator[Row]:
    """The level of weighted tests and of MaxCombo, alone and over three strata."""
    for words, medians in (("one stratum", (12.0,)), ("three strata", (6.0, 12.0, 24.0))):
        courses = tuple(pair_of(1.0, median=median) for median in medians)
        model = model_of(Size(subjects=400), courses=courses)
        reading = Reading(weightings=tuple(WEIGHTINGS.values()))
        look = [Look(events=280)]
        found = simulate_replicates(model, looks=look, run=run, reading=reading)
        for place, name in enumerate(WEIGHTINGS):
            z = found.weighted_z[..., place]
            yield count(WEIGHTS, f"level of {name}, {words}", hits=z < -Z, theory=0.025)
            yield average(WEIGHTS, f"spread of {name}, {words}", values=z**2, theory=1.0)
        combo = simulate_replicates(model, looks=look, run=run, reading=Reading(weightings=USUAL))
        for side, alpha in ((Side.FEWER_EVENTS, 0.025), (Side.TWO_SIDED, 0.05)):
            rejected = reject_by_maxcombo(combo, alpha=alpha, side=side)
            name = f"level of MaxCombo, {words}, {side.value}"
            yield count(WEIGHTS, name, hits=rejected, theory=alpha)


def by_late_weights(run: Run) -> Iterator[Row]:
    """The power of weighted tests against effects that come late or go, by the score."""
    for name, late in SHAPES.items():
        model = model_of(Size(subjects=400), courses=((pair_of(1.0)[0], late),))
        reading = Reading(weightings=tuple(WEIGHTINGS.values()))
        found = simulate_replicates(model, looks=[Look(latest=END)], run=run, reading=reading)
        for place, (words, weighting) in enumerate(WEIGHTINGS.items()):
            plan = WeightedLogRankPlan(survival=plan_of(model), study_end=END, weighting=weighting)
            theory = weighted_logrank_power(plan, rates=RATES)
            z = found.weighted_z[..., place]
            yield count(WEIGHTS, f"power of {words}, {name}", hits=z < -Z, theory=theory)


def power_of_maxcombo(run: Run) -> dict[str, tuple[float, float, float]]:
    """Power of the log-rank test, the late-weighted one and MaxCombo, by the shape of the effect.

    There is no theory beside it: it is told, and ordered as it must be.
    """
    told = {}
    for name, late in {"ratio 0.7": pair_of(0.7)[1], **SHAPES}.items():
        model = model_of(Size(subjects=400), courses=((pair_of(1.0)[0], late),))
        found = simulate_replicates(
            model, looks=[Look(latest=END)], run=run, reading=Reading(weightings=USUAL)
        )
        z = found.weighted_z[:, 0, 0]
        combo = float(reject_by_maxcombo(found).mean())
        told[name] = (float((z[:, 0] < -Z).mean()), float((z[:, 1] < -Z).mean()), combo)
    return told
