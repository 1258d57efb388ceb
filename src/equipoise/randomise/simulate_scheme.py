"""What a scheme does over many simulated trials: balance, predictability, ratio at every step."""

from dataclasses import dataclass, replace
from math import gcd

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.streams import draw_uniforms
from equipoise.randomise.allocate_many import Allocations, allocate_many, number_strata
from equipoise.randomise.scheme import Plan

Ints = NDArray[np.int64]
_LEVELS, _ALLOCATION = 1, 2  # purposes of this file's own streams
_CERTAIN = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Whom a trial expects: so many subjects, and for each factor the shares of its levels."""

    subjects: int
    shares: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operating:
    """What a scheme does over `trials` trials; imbalance as in `balance`, at the end of a trial.

    `overall`, `worst_level` and `worst_stratum` are means over trials, of the greatest imbalance of
    any level and stratum; `overall_95` the 95th percentile. `guessed`: the share of arms that the
    convergence strategy names; `certainty`: the share that somebody names who knows all but the
    seed; `certain`: the share of arms that could not have been another. `ratio_errors`: by how many
    standard errors the chance of an arm departs from the ratio at the worst step.
    """

    plan: Plan
    trials: int
    overall: float
    overall_95: float
    worst_level: float
    worst_stratum: float
    guessed: float
    certainty: float
    certain: float
    ratio_errors: float


def compare_schemes(plan: Plan) -> tuple[Plan, ...]:
    """The plan, and beside it every other scheme with usual settings for the same arms."""
    whole = sum(plan.ratio)
    others = (
        _bare(plan),
        replace(_bare(plan), scheme="permuted_blocks", block_sizes=(2 * whole, 3 * whole)),
        replace(_bare(plan), scheme="big_stick", max_imbalance=3),
        replace(_bare(plan), scheme="block_urn", urn_sets=2),
        replace(
            _bare(plan),
            scheme="minimisation",
            imbalance="range",
            preferred_chance=0.8,
            weights=(1,) * len(plan.factors),
        ),
    )
    fits = [each for each in others if plan.factors or each.scheme != "minimisation"]
    return (plan, *(each for each in fits if each != plan))


def simulate_scheme(plan: Plan, *, expected: Expected, trials: int, seed: int) -> Operating:
    """What the scheme of `plan` does over simulated trials; levels of factors are independent.

    All schemes meet the same subjects and the same chance when the seed is the same.
    """
    levels, uniforms = _draw(expected, trials=trials, seed=seed)
    many = allocate_many(levels, plan=plan, uniforms=uniforms)
    stratum = number_strata(levels)
    overall = _imbalance(many.arm, np.zeros_like(stratum), plan)
    by_level = [_imbalance(many.arm, levels[:, :, f], plan) for f in range(levels.shape[2])]
    return Operating(
        plan=plan,
        trials=trials,
        overall=float(overall.mean()),
        overall_95=float(np.quantile(overall, 0.95, method="inverted_cdf")),
        worst_level=float(np.max(by_level or [overall], axis=0).mean()),
        worst_stratum=float(_imbalance(many.arm, stratum, plan).mean()),
        guessed=_guess(many.arm, stratum, plan),
        certainty=float(many.certainty.mean()),
        certain=float((many.certainty > _CERTAIN).mean()),
        ratio_errors=_ratio_errors(many, plan),
    )


def _bare(plan: Plan) -> Plan:
    return Plan(scheme="simple", arms=plan.arms, ratio=plan.ratio, factors=plan.factors)


def _draw(expected: Expected, *, trials: int, seed: int) -> tuple[Ints, NDArray[np.float64]]:
    """The levels (trials, subjects, factors) and the uniform numbers (trials, subjects)."""
    shape = (trials, expected.subjects)
    replicate = np.repeat(np.arange(trials), expected.subjects)
    subject = np.tile(np.arange(expected.subjects), trials)
    factors = len(expected.shares)
    drawn = draw_uniforms(
        seed, replicate=replicate, subject=subject, purpose=_LEVELS, count=factors
    )
    levels = np.zeros((replicate.size, factors), dtype=np.int64)
    for factor, shares in enumerate(expected.shares):
        edges = np.cumsum(shares) / np.sum(shares)
        levels[:, factor] = np.searchsorted(edges[:-1], drawn[:, factor], side="right")
    chance = draw_uniforms(seed, replicate=replicate, subject=subject, purpose=_ALLOCATION, count=1)
    return levels.reshape(*shape, factors), chance.reshape(shape)


def _parts(plan: Plan) -> NDArray[np.float64]:
    return np.asarray(plan.ratio, dtype=np.float64) / gcd(*plan.ratio)


def _imbalance(arm: Ints, group: Ints, plan: Plan) -> NDArray[np.float64]:
    """The greatest imbalance of any group, one number a trial."""
    groups = int(group.max(initial=0)) + 1
    cell = group * len(plan.arms) + arm
    trials = np.arange(arm.shape[0])[:, None]
    counts = np.zeros((arm.shape[0], groups * len(plan.arms)))
    np.add.at(counts, (np.broadcast_to(trials, arm.shape), cell), 1)
    per_part = counts.reshape(arm.shape[0], groups, -1) / _parts(plan)
    return np.asarray((per_part.max(axis=2) - per_part.min(axis=2)).max(axis=1))


def _guess(arm: Ints, stratum: Ints, plan: Plan) -> float:
    """The share of arms that the convergence strategy names: `count_guesses` for many trials."""
    trials, subjects = arm.shape
    ratio, whole = np.asarray(plan.ratio), sum(plan.ratio)
    counts = np.zeros((trials, int(stratum.max(initial=0)) + 1, ratio.size), dtype=np.int64)
    row = np.arange(trials)
    right = 0.0
    for place in range(subjects):
        seen = counts[row, stratum[:, place]]
        behind = (seen.sum(axis=1, keepdims=True) + 1) * ratio - seen * whole
        named = behind == behind.max(axis=1, keepdims=True)
        right += float((named[row, arm[:, place]] / named.sum(axis=1)).sum())
        counts[row, stratum[:, place], arm[:, place]] += 1
    return right / arm.size if arm.size else float("nan")


def _ratio_errors(many: Allocations, plan: Plan) -> float:
    trials = many.arm.shape[0]
    worst = 0.0
    for place, part in enumerate(plan.ratio):
        share = part / sum(plan.ratio)
        error = np.sqrt(share * (1 - share) / trials)
        worst = max(worst, float((abs((many.arm == place).mean(axis=0) - share) / error).max()))
    return worst
