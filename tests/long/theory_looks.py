"""Trials with looks: the chances to stop, the events it takes, and a second stage planned anew."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from equipoise.design.bound_scales import drift_of_hazard_ratio
from equipoise.design.bounds import SequentialDesign, build_design
from equipoise.design.combination import reestimate_size
from equipoise.design.error_rates import ErrorRates
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import OBRIEN_FLEMING, BoundRule
from equipoise.simulate.replicates import simulate_replicates
from equipoise.simulate.trial_model import Look, Reading, Run
from long.theory_logrank import Size, model_of, pair_of
from long.theory_rows import Row, average, count

Floats = NDArray[np.float64]
EVENTS = 210
OF, POCOCK = BoundRule(name=OBRIEN_FLEMING), BoundRule(name="lan-demets-pocock")
LATE_BETA = BoundRule(name="hwang-shih-decani", parameter=-2)
HALVES, THIRDS = (0.5, 1.0), (1 / 3, 2 / 3, 1.0)
EFFECTS = (1.0, 0.65)
FAMILY, ANEW = "Designs with looks", "The second stage planned anew"


def _design(information: tuple[float, ...], sides: int = 1, **rest: object) -> SequentialDesign:
    rates = ErrorRates(alpha=0.025 * sides, sides=sides, power=0.85)
    plan = {"information": information, "rates": rates, **rest}
    return build_design(SequentialPlan(**plan))  # type: ignore[arg-type]


DESIGNS: dict[str, tuple[Callable[[], SequentialDesign], float]] = {
    "2 looks, O'Brien-Fleming": (lambda: _design(HALVES, efficacy=OF), 1.0),
    "3 looks, O'Brien-Fleming": (lambda: _design(THIRDS, efficacy=OF), 1.0),
    "3 looks, O'Brien-Fleming, 2:1": (lambda: _design(THIRDS, efficacy=OF), 2.0),
    "3 looks, Pocock": (lambda: _design(THIRDS, efficacy=POCOCK), 1.0),
    "3 looks, Haybittle-Peto": (
        lambda: _design(THIRDS, efficacy=BoundRule(name="haybittle-peto")), 1.0,
    ),
    "3 looks, futility that binds": (
        lambda: _design(THIRDS, efficacy=OF, futility=LATE_BETA, binding=True), 1.0,
    ),
    "3 looks, futility that does not bind": (
        lambda: _design(THIRDS, efficacy=OF, futility=LATE_BETA), 1.0,
    ),
    "3 looks, two sides": (lambda: _design(THIRDS, 2, efficacy=OF), 1.0),
    "3 looks, two sides, wedge": (
        lambda: _design(THIRDS, 2, efficacy=OF, futility=LATE_BETA, binding=True), 1.0,
    ),
}  # fmt: skip


def _walk(design: SequentialDesign, z: Floats) -> tuple[Floats, Floats, Floats]:
    """Which trials end above, which for futility, and with what share of the events."""
    futile = np.abs(z) < design.lower if design.plan.two_sided else z < design.lower
    above = z > design.upper
    out = above | futile | ((z < -design.upper) if design.plan.two_sided else False)
    look = np.where(out.any(axis=1), out.argmax(axis=1), z.shape[1] - 1)
    row = np.arange(z.shape[0])
    early = futile[row, look] & ~above[row, look]
    return above[row, look], early, np.array(design.plan.information)[look]


def by_looks(run: Run) -> Iterator[Row]:
    """Level, power, futility and expected events of every design."""
    for name, (build, ratio) in DESIGNS.items():
        design = build()
        looks = [Look(events=round(EVENTS * share)) for share in design.plan.information]
        for effect in EFFECTS:
            model = model_of(Size(subjects=300, ratio=ratio), courses=(pair_of(effect),))
            found = simulate_replicates(model, looks=looks, run=run)
            above, early, share = _walk(design, -found.z[..., 0])
            drift = drift_of_hazard_ratio(effect, events=EVENTS, ratio=ratio)
            chances = design.chances(drift)
            said = f"{name}, ratio {effect:g}"
            yield count(FAMILY, f"{said}: success", hits=above, theory=float(chances.above.sum()))
            if design.plan.futility is not None:
                ends = float(chances.futility.sum())
                yield count(FAMILY, f"{said}: futility", hits=early, theory=ends)
            expected = EVENTS * design.expected_information(drift)
            yield average(FAMILY, f"{said}: events", values=EVENTS * share, theory=expected)


STEPS = np.arange(EVENTS, 2 * EVENTS + 1, 30)  # of the events at which a raised trial ends


def _raise(design: SequentialDesign, z: Floats) -> NDArray[np.intp]:
    """Which of the steps each trial goes on to, from z at its first look."""
    grid = np.linspace(-6, 6, 1201)
    increase = np.array([reestimate_size(design, z=float(one)).increase for one in grid])
    nearest = np.clip(np.round((z + 6) * 100), 0, 1200).astype(np.intp)
    wanted = EVENTS / 2 * (1 + increase[nearest])
    return np.minimum(np.searchsorted(STEPS, wanted - 1e-6), STEPS.size - 1)


def _power_anew(design: SequentialDesign, drift: float) -> float:
    """The chance to succeed, summed over z of the first look; the mean of z at the end planned."""
    z = drift * math.sqrt(0.5) + np.linspace(-8, 8, 20_001)
    density = np.exp(-0.5 * (z - drift * math.sqrt(0.5)) ** 2) / math.sqrt(2 * math.pi)
    needed = (design.upper[1] - z * math.sqrt(0.5)) / math.sqrt(0.5)
    more = (STEPS[_raise(design, z)] - EVENTS / 2) / EVENTS
    later = ndtr(drift * np.sqrt(more) - needed)
    return float((density * np.where(z > design.upper[0], 1.0, later)).sum() * (z[1] - z[0]))


def by_size_anew(run: Run) -> Iterator[Row]:
    """Two stages, combined by the inverse normal, where the second grows in the promising zone."""
    design = build_design(
        SequentialPlan(information=HALVES, rates=ErrorRates(alpha=0.025, sides=1, power=0.9))
    )
    looks = [Look(events=EVENTS // 2), *(Look(events=int(step)) for step in STEPS)]
    for effect in (1.0, 0.72):
        model = model_of(Size(subjects=560), courses=(pair_of(effect),))
        z = -simulate_replicates(model, looks=looks, run=run, reading=Reading()).z[..., 0]
        step = _raise(design, z[:, 0])
        ends, all_of = STEPS[step], z[np.arange(z.shape[0]), step + 1]
        own = (all_of * np.sqrt(ends) - z[:, 0] * math.sqrt(EVENTS / 2)) / np.sqrt(
            ends - EVENTS / 2
        )
        won = (z[:, 0] > design.upper[0]) | ((z[:, 0] + own) / math.sqrt(2) > design.upper[1])
        drift = drift_of_hazard_ratio(effect, events=EVENTS)
        theory = _power_anew(design, drift) if effect < 1 else 0.025
        yield count(ANEW, f"ratio {effect:g}: success", hits=won, theory=theory)
        share = float((ends[z[:, 0] <= design.upper[0]] > EVENTS).mean())
        assert share > 0.05
