"""Groups compared by the share in a state at a time, or by the mean time in it."""

from collections.abc import Sequence

import numpy as np

from equipoise.numerics.competing.incidence_comparison import GroupContrast, contrast_groups
from equipoise.numerics.competing.transitions import (
    Transitions,
    estimate_occupation_at,
    estimate_time_in_states,
)


def _check(groups: Sequence[Transitions], state: int) -> None:
    if len(groups) < 2:
        raise ValueError("a comparison needs the transitions of two groups or more")
    if not all(0 <= state < one.at_risk.shape[1] for one in groups):
        raise ValueError(f"state {state} is not among those of every group")


def compare_occupation_at(
    groups: Sequence[Transitions], *, state: int, at: float, start: int = 0, level: float = 0.95
) -> GroupContrast:
    """Whether the share in a state at a time differs between independent groups.

    As alive with progression at a year. NaN where the follow-up of a group ends before.
    """
    _check(groups, state)
    found = [estimate_occupation_at(one, at=at, start=start) for one in groups]
    return contrast_groups(
        np.array([one.share[state, 0] for one in found]),
        variance=np.array([one.standard_error[state, 0] for one in found]) ** 2,
        level=level,
    )


def compare_time_in_state(
    groups: Sequence[Transitions],
    *,
    state: int,
    horizon: float,
    start: int = 0,
    level: float = 0.95,
) -> GroupContrast:
    """Whether the mean time in a state up to the horizon differs between independent groups.

    As the time alive with progression. NaN where the follow-up of a group ends before.
    """
    _check(groups, state)
    found = [estimate_time_in_states(one, horizon=horizon, start=start) for one in groups]
    return contrast_groups(
        np.array([one.value[state] for one in found]),
        variance=np.array([one.standard_error[state] for one in found]) ** 2,
        level=level,
    )
