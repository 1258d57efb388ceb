"""The allocations of thousands of trials at once, by every scheme; for rehearsal and simulation.

Equals the schemes subject by subject: `tests/randomise/test_allocate_many.py` holds them together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.randomise.scheme import Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
_Chances = Callable[[Plan, Ints], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocations:
    """Whom the trials gave which arm; both of shape (trials, subjects), in order of arrival.

    `arm` is a place in `plan.arms`. `certainty` is the chance of the likeliest arm just before the
    draw, for somebody who knows all but the seed: nobody guesses better.
    """

    arm: Ints
    certainty: Floats


def allocate_many(levels: Ints, *, plan: Plan, uniforms: Floats) -> Allocations:
    """The allocations of many trials, each subject with a uniform number of its own.

    Shapes: `levels` (trials, subjects, factors), each factor's levels counted from 0 in the order
    of `plan.factors`; `uniforms` (trials, subjects), strictly between 0 and 1.
    """
    if plan.scheme == "permuted_blocks":
        return _allocate_by_blocks(number_strata(levels), plan=plan, uniforms=uniforms)
    cells = levels if plan.scheme == "minimisation" else number_strata(levels)[:, :, None]
    return _allocate_by_shares(cells, plan=plan, uniforms=uniforms)


def number_strata(levels: Ints) -> Ints:
    """The stratum of every subject, counted from 0; shape (trials, subjects)."""
    stratum = np.zeros(levels.shape[:2], dtype=np.int64)
    for factor in range(levels.shape[2]):
        level = levels[:, :, factor]
        stratum = stratum * (int(level.max(initial=0)) + 1) + level
    return stratum


def allocate_many_by_permuted_blocks(stratum: Ints, *, plan: Plan, uniforms: Floats) -> Ints:
    """The place of the arm (in `plan.arms`) of every subject of many trials.

    Equals `allocate_in_order` with permuted blocks, trial by trial. Shapes: all
    (trials, subjects), the subjects of a trial in the order of arrival; `stratum` counts from 0.
    """
    return _allocate_by_blocks(stratum, plan=plan, uniforms=uniforms).arm


def _allocate_by_blocks(stratum: Ints, *, plan: Plan, uniforms: Floats) -> Allocations:
    trials, subjects = stratum.shape
    row = np.arange(trials)
    left = np.zeros((trials, int(stratum.max(initial=0)) + 1, len(plan.arms)), dtype=np.int64)
    arms = np.empty((trials, subjects), dtype=np.int64)
    certainty = np.empty((trials, subjects))
    for place in range(subjects):
        block = left[row, stratum[:, place]]
        block, uniform = _open_where_empty(block, uniforms[:, place], plan)
        arm = _choose(block, uniform)
        certainty[:, place] = block.max(axis=1) / block.sum(axis=1)
        block[row, arm] -= 1
        left[row, stratum[:, place]] = block
        arms[:, place] = arm
    return Allocations(arm=arms, certainty=certainty)


def _open_where_empty(block: Ints, uniform: Floats, plan: Plan) -> tuple[Ints, Floats]:
    """The open blocks, new ones where none was open, and the uniform numbers left over."""
    empty = block.sum(axis=1) == 0
    scaled = uniform * len(plan.block_sizes)
    place = scaled.astype(np.int64)
    times = np.asarray(plan.block_sizes)[place] // sum(plan.ratio)
    fresh = times[:, None] * np.asarray(plan.ratio)[None, :]
    return np.where(empty[:, None], fresh, block), np.where(empty, scaled - place, uniform)


def _choose(chances: Ints | Floats, uniform: Floats) -> Ints:
    """The place that each uniform number chooses: `choose_place` in every row."""
    reached = np.cumsum(chances, axis=1)
    mark = (uniform * reached[:, -1])[:, None]
    places = np.arange(chances.shape[1])
    last = np.where(chances > 0, places[None, :], -1).max(axis=1)
    return np.asarray(np.minimum((mark >= reached).sum(axis=1), last), dtype=np.int64)


def _allocate_by_shares(cells: Ints, *, plan: Plan, uniforms: Floats) -> Allocations:
    """By the chances of the plan's shares, from the subjects given in each cell so far."""
    trials, subjects, factors = cells.shape
    shares = np.asarray(plan.shares)
    holds = (shares[:, None] == np.arange(len(plan.arms))[None, :]).astype(np.float64)
    row, factor = np.arange(trials), np.arange(factors)
    given = np.zeros((trials, factors, int(cells.max(initial=0)) + 1, shares.size), dtype=np.int64)
    arms = np.empty((trials, subjects), dtype=np.int64)
    certainty = np.empty((trials, subjects))
    for place in range(subjects):
        at = (row[:, None], factor[None, :], cells[:, place])
        chances = _CHANCES[plan.scheme](plan, given[at])
        share = _choose(chances, uniforms[:, place])
        given[(*at, share[:, None])] += 1
        arms[:, place] = shares[share]
        certainty[:, place] = (chances @ holds).max(axis=1) / chances.sum(axis=1)
    return Allocations(arm=arms, certainty=certainty)


def _weigh_alike(plan: Plan, counts: Ints) -> Floats:
    return np.ones((counts.shape[0], len(plan.shares)))


def _weigh_by_stick(plan: Plan, counts: Ints) -> Floats:
    given = counts[:, 0]
    may = given + 1 - given.min(axis=1, keepdims=True) <= plan.max_imbalance
    return np.asarray(may, dtype=np.float64)


def _weigh_by_urn(plan: Plan, counts: Ints) -> Floats:
    given = counts[:, 0]
    balls = np.maximum(plan.urn_sets + given.min(axis=1, keepdims=True) - given, 0)
    return np.asarray(balls, dtype=np.float64)


def _weigh_by_minimisation(plan: Plan, counts: Ints) -> Floats:
    shares = counts.shape[2]
    weights = np.asarray(plan.weights, dtype=np.int64)
    scores = np.empty((counts.shape[0], shares), dtype=np.int64)
    for share in range(shares):
        with_one = counts.copy()
        with_one[:, :, share] += 1
        scores[:, share] = _MEASURES[plan.imbalance](with_one) @ weights
    best = scores == scores.min(axis=1, keepdims=True)
    preference = (plan.preferred_chance * shares - 1) / (shares - 1)
    even = (1 - preference) / shares
    added = np.where(best, preference / best.sum(axis=1, keepdims=True), 0.0)
    return np.asarray(even + added, dtype=np.float64)


def _range(counts: Ints) -> Ints:
    return np.asarray(counts.max(axis=2) - counts.min(axis=2))


def _variance(counts: Ints) -> Ints:
    total = counts.sum(axis=2)
    return np.asarray(counts.shape[2] * (counts * counts).sum(axis=2) - total * total)


def _max_distance(counts: Ints) -> Ints:
    total = counts.sum(axis=2, keepdims=True)
    return np.asarray(abs(counts.shape[2] * counts - total).max(axis=2))


_MEASURES: Mapping[str, Callable[[Ints], Ints]] = {
    "range": _range,
    "variance": _variance,
    "max_distance": _max_distance,
}
_CHANCES: Mapping[str, _Chances] = {
    "simple": _weigh_alike,
    "big_stick": _weigh_by_stick,
    "block_urn": _weigh_by_urn,
    "minimisation": _weigh_by_minimisation,
}
