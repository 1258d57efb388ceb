"""The scheme drawn again: which arms the same patients might have been given."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.streams import draw_uniforms
from equipoise.randomise.allocate_many import allocate_many
from equipoise.randomise.scheme import Plan

_ALLOCATION = 43  # purpose of this file's stream
_CHUNK = 2_000_000  # numbers drawn at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The scheme of a trial, and all whom it allocated in their order, with their levels (N, f).

    `subjects` (N,) names them.
    """

    plan: Plan
    subjects: NDArray[np.str_]
    levels: NDArray[np.int64]


def draw_again(
    replay: Replay, *, subject: NDArray[np.str_], draws: int, seed: int
) -> NDArray[np.int64]:
    """For each draw of the scheme the place in `plan.arms` of each of these subjects, (draws, n).

    All whom the scheme allocated are drawn, in their order, whether they are analysed or not.
    """
    size = replay.subjects.size
    order = np.argsort(replay.subjects)
    place = order[np.searchsorted(replay.subjects, subject, sorter=order)]
    each = max(1, _CHUNK // max(size, 1))
    parts = []
    for first in range(0, draws, each):
        count = min(each, draws - first)
        row = np.repeat(np.arange(first, first + count), size)
        who = np.tile(np.arange(size), count)
        uniforms = draw_uniforms(
            seed, replicate=row, subject=who, purpose=_ALLOCATION, count=1
        ).reshape(count, size)
        levels = np.broadcast_to(replay.levels, (count, *replay.levels.shape)).copy()
        drawn = allocate_many(levels, plan=replay.plan, uniforms=uniforms).arm
        parts.append(drawn[:, place])
    return np.concatenate(parts)
