"""Allocate the subjects of a whole trial, or of thousands, in the order of their arrival."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from equipoise.randomise.scheme import Candidate, Plan, Scheme, State


def allocate_in_order(
    subjects: Sequence[Candidate], *, plan: Plan, scheme: Scheme, uniforms: Sequence[float]
) -> tuple[str, ...]:
    """The arms of the subjects of one trial, each allocated with its own uniform number."""
    state = State(plan=plan)
    arms = []
    for subject, uniform in zip(subjects, uniforms, strict=True):
        allocation = scheme(state, subject, uniform)
        state = allocation.state
        arms.append(allocation.arm)
    return tuple(arms)


def allocate_many_by_permuted_blocks(
    stratum: NDArray[np.int64], *, plan: Plan, uniforms: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The place of the arm (in `plan.arms`) of every subject of many trials.

    Equals `allocate_in_order` with permuted blocks, trial by trial. Shapes: all
    (trials, subjects), the subjects of a trial in the order of arrival; `stratum` counts from 0.
    """
    trials, subjects = stratum.shape
    row = np.arange(trials)
    left = np.zeros((trials, int(stratum.max(initial=0)) + 1, len(plan.arms)), dtype=np.int64)
    arms = np.empty((trials, subjects), dtype=np.int64)
    for place in range(subjects):
        block = left[row, stratum[:, place]]
        block, uniform = _open_where_empty(block, uniforms[:, place], plan)
        reached = np.cumsum(block, axis=1)
        mark = (uniform * reached[:, -1])[:, None]
        arm = np.minimum((mark >= reached).sum(axis=1), _last_with_any(block))
        block[row, arm] -= 1
        left[row, stratum[:, place]] = block
        arms[:, place] = arm
    return arms


def _open_where_empty(
    block: NDArray[np.int64], uniform: NDArray[np.float64], plan: Plan
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The open blocks, new ones where none was open, and the uniform numbers left over."""
    empty = block.sum(axis=1) == 0
    scaled = uniform * len(plan.block_sizes)
    place = scaled.astype(np.int64)
    times = np.asarray(plan.block_sizes)[place] // sum(plan.ratio)
    fresh = times[:, None] * np.asarray(plan.ratio)[None, :]
    return np.where(empty[:, None], fresh, block), np.where(empty, scaled - place, uniform)


def _last_with_any(block: NDArray[np.int64]) -> NDArray[np.int64]:
    places = np.arange(block.shape[1])
    return np.asarray(np.where(block > 0, places[None, :], -1).max(axis=1), dtype=np.int64)
