"""The power of (weighted) log-rank tests from the moments of their score, whatever the hazards."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from equipoise.design.assumptions import (
    ArmCourse,
    StratumCourse,
    SurvivalPlan,
    find_plan_problems,
)
from equipoise.design.error_rates import (
    ErrorRates,
    find_error_rates_problems,
    impossible,
    refuse,
)
from equipoise.design.expected_events import accrued_by
from equipoise.design.expected_variance import curve_of
from equipoise.numerics.ranks.weighted_logrank import FlemingHarrington, ModestlyWeighted
from equipoise.vocab.finding import Finding

Floats = NDArray[np.float64]
LOGRANK = FlemingHarrington()
_POINTS = 24  # of a piece
_PIECES = 4  # between two times at which something changes


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedLogRankPlan:
    """A survival plan, when it is analysed, and the weights of the test (all 1: the log-rank)."""

    survival: SurvivalPlan
    study_end: float
    weighting: FlemingHarrington | ModestlyWeighted = LOGRANK


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedScore:
    """The score expected of the plan's subjects, above 0 where the experimental arm has fewer.

    `variance` is what the test divides by, `spread` the variance that the score has: without an
    effect both are one.
    """

    score: float
    variance: float
    spread: float

    @property
    def z(self) -> float:
        """The mean of z."""
        return self.score / math.sqrt(self.variance)


def find_weighted_problems(plan: WeightedLogRankPlan) -> Iterator[Finding]:
    """What makes the plan impossible."""
    found = list(find_plan_problems(plan.survival))
    yield from found
    if (
        not found
        and not accrued_by(plan.survival.accrual, at=np.array([float(plan.study_end)])) > 0
    ):
        yield impossible(
            "study_end", code="nobody-followed",
            message=f"the study ends at {plan.study_end:g}, when nobody has come",
            mend="End the study later.",
        )  # fmt: skip
    courses = [arm.event for stratum in plan.survival.strata for arm in stratum.arms]
    if not found and not any(rate > 0 for course in courses for rate in course.rates):
        yield impossible(
            "strata", code="no-events", message="no arm has a hazard: nobody has an event",
            mend="Give the hazards of the event.",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Points of time since entry (pieces, points) and the widths of the pieces (pieces, 1)."""

    at: Floats
    width: Floats

    def integrate(self, values: Floats) -> float:
        return float(self.pieces(values).sum())

    def pieces(self, values: Floats) -> Floats:
        """The integral over each piece."""
        return np.asarray(self.width[:, 0] * (values @ _RULE[1]) / 2)

    def accumulate(self, values: Floats) -> Floats:
        """The integral from 0 up to each point."""
        before = np.cumsum(self.pieces(values)) - self.pieces(values)
        return np.asarray(before[:, None] + self.width / 2 * (values @ _UP_TO.T))


def _build_rule() -> tuple[tuple[Floats, Floats], Floats]:
    """Gauss-Legendre, and what turns values at its points into integrals up to each point."""
    nodes, weights = legendre.leggauss(_POINTS)
    series = np.linalg.inv(legendre.legvander(nodes, _POINTS - 1))
    integral = legendre.legint(series, lbnd=-1, axis=0)
    return (nodes, weights), np.asarray(legendre.legval(nodes, integral).T)


_RULE, _UP_TO = _build_rule()


def _build_grid(plan: WeightedLogRankPlan, stratum: StratumCourse) -> _Grid:
    accrual, last = plan.survival.accrual, min(plan.study_end, plan.survival.follow_up)
    changes = {plan.study_end - t for t in (*accrual.starts, accrual.until)}
    for arm in stratum.arms:
        changes |= {*arm.event.starts, *arm.dropout.starts}
    if isinstance(plan.weighting, ModestlyWeighted):
        changes.add(plan.weighting.until)
    edges = [0.0, *sorted(t for t in changes if 0 < t < last), last]
    fine = np.unique(np.concatenate([
        np.linspace(a, b, _PIECES + 1) for a, b in pairwise(edges)
    ]))  # fmt: skip
    width = np.diff(fine)[:, None]
    return _Grid(at=fine[:-1, None] + width * (_RULE[0] + 1) / 2, width=width)


def _weigh(weighting: FlemingHarrington | ModestlyWeighted, grid: _Grid, hazard: Floats) -> Floats:
    """The weights by the survival of both arms together."""
    total = grid.accumulate(hazard)
    survival = np.exp(-total)
    if isinstance(weighting, FlemingHarrington):
        return np.asarray(survival**weighting.rho * (-np.expm1(-total)) ** weighting.gamma)
    floor = math.exp(-grid.pieces(hazard)[grid.at[:, -1] < weighting.until].sum())
    return np.asarray(np.minimum(1 / np.maximum(survival, floor), weighting.largest))


def _add_up(plan: WeightedLogRankPlan, stratum: StratumCourse) -> Floats:
    """Score, variance and spread of one subject of a stratum."""
    grid = _build_grid(plan, stratum)
    accrual = plan.survival.accrual
    came = accrued_by(accrual, at=plan.study_end - grid.at) / accrual.subjects
    at_risk, hazards = [], []
    for arm, part in zip(stratum.arms, plan.survival.arm_shares, strict=True):
        event, gone = curve_of(arm), curve_of(ArmCourse(event=arm.dropout))
        place = np.searchsorted(event.knots, grid.at, side="right") - 1
        at_risk.append(part * came * (1 - event.at(grid.at)[0]) * (1 - gone.at(grid.at)[0]))
        hazards.append(event.rate[place])
    (y0, y1), (h0, h1) = at_risk, hazards
    both = y0 + y1
    q0, q1 = (np.divide(y, both, out=np.zeros_like(y), where=both > 0) for y in (y0, y1))
    weight = _weigh(plan.weighting, grid, q0 * h0 + q1 * h1)
    return np.array([
        grid.integrate(weight * q0 * y1 * (h0 - h1)),
        grid.integrate(weight**2 * q0 * y1 * (q0 * h0 + q1 * h1)),
        grid.integrate(weight**2 * q0 * y1 * (q1 * h0 + q0 * h1)),
    ])  # fmt: skip


def expect_score(plan: WeightedLogRankPlan) -> ExpectedScore:
    """The score of the (stratified) weighted log-rank test that is expected at the study's end.

    Hazards need not be proportional, arms not be equal. Weights are by the survival of both arms of
    a stratum together. By Gauss-Legendre between all times at which a rate changes.
    Source: Schoenfeld (1981); Yung, Liu (2020), section 2.
    """
    refuse(find_weighted_problems(plan))
    subjects = plan.survival.accrual.subjects
    score, variance, spread = subjects * sum(
        (stratum.share * _add_up(plan, stratum) for stratum in plan.survival.strata), np.zeros(3)
    )
    return ExpectedScore(score=float(score), variance=float(variance), spread=float(spread))


def weighted_logrank_power(plan: WeightedLogRankPlan, *, rates: ErrorRates) -> float:
    """The power of the weighted log-rank test with the plan's own subjects, at its end."""
    refuse(find_error_rates_problems(rates))
    found = expect_score(plan)
    excess = abs(found.score) - rates.critical * math.sqrt(found.variance)
    return float(ndtr(excess / math.sqrt(found.spread)))


def size_weighted_logrank(plan: WeightedLogRankPlan, *, rates: ErrorRates) -> float:
    """The subjects, in all and not rounded, who have the power; accrual keeps its course."""
    refuse(find_error_rates_problems(rates))
    found = expect_score(plan)
    subjects = plan.survival.accrual.subjects
    if abs(found.score) < 1e-12 * subjects:
        refuse(iter([impossible(
            "strata", code="no-effect",
            message=f"by {plan.study_end:g} the weighted differences cancel out: no number of "
            "subjects shows them",
            mend="Follow longer, or weigh otherwise.",
        )]))  # fmt: skip
    root = rates.critical * math.sqrt(found.variance)
    root += float(ndtri(rates.power)) * math.sqrt(found.spread)
    return subjects * (root / found.score) ** 2
