"""Which replicates MaxCombo rejects: exactly, and mostly without working its p value out."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, owens_t

from equipoise.numerics.ranks.maxcombo import Side, chance_beyond
from equipoise.simulate.replicates import Replicates

Floats = NDArray[np.float64]


def reject_by_maxcombo(
    found: Replicates,
    *,
    alpha: float = 0.025,
    side: Side = Side.FEWER_EVENTS,
    first: int | None = None,
) -> NDArray[np.bool_]:
    """Where p of the largest weighted statistic is at most `alpha`: (trials, looks, endpoints).

    `found` holds the weighted tests to be combined (the `first` so many of them), three dimensions
    at most (`numerics.maxcombo`).
    A replicate whose p lies beyond bounds by pairs of statistics is settled by them, the others by
    p itself: no chance, no approximation. A statistic without variance is left out.
    Source: Owen (1956) for pairs; Hunter (1976) and Worsley (1982) for the upper bound.
    """
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha must lie between 0 and 1/2, not {alpha}")
    tests = found.weighted_z[..., :first]
    correlation = found.correlation[..., : tests.shape[-1] * (tests.shape[-1] - 1) // 2]
    z = {Side.TWO_SIDED: np.abs, Side.FEWER_EVENTS: np.negative, Side.MORE_EVENTS: np.positive}[
        side
    ](tests)
    if z.shape[-1] == 0:
        raise ValueError("no weighted test was read: ask for them by Reading(weightings=...)")
    largest = np.where(np.isnan(z), -np.inf, z).max(axis=-1)
    lower, upper = _bound(largest, correlation, z.shape[-1], both=side is Side.TWO_SIDED)
    known = ~np.isnan(z).any(axis=-1)
    rejected: NDArray[np.bool_] = known & (largest > 0) & (upper <= alpha)
    open_still = np.isfinite(largest) & (largest > 0) & ~rejected & ~(known & (lower > alpha))
    for place in np.argwhere(open_still):
        at = tuple(place)
        seen = ~np.isnan(z[at])
        inner = _matrix(correlation[at], seen.size)[np.ix_(seen, seen)]
        p = chance_beyond(inner, largest=float(largest[at]), both=side is Side.TWO_SIDED)
        rejected[at] = p <= alpha
    return rejected


def _pairs(q: int) -> list[tuple[int, int]]:
    """The pairs in the order of `Replicates.correlation`."""
    return sorted(combinations(range(q), 2), key=lambda pair: (pair[1], pair[0]))


def _matrix(pairs: Floats, q: int) -> Floats:
    whole = np.eye(q)
    for (a, b), value in zip(_pairs(q), pairs, strict=True):
        whole[a, b] = whole[b, a] = value
    return whole


def _bound(z: Floats, correlation: Floats, q: int, *, both: bool) -> tuple[Floats, Floats]:
    """Bounds of the chance that any of q normal statistics is beyond z, from pairs of them."""
    alone = ndtr(-z)
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = np.sqrt(np.clip(1 - correlation, 0, None) / (1 + correlation))
        wing = 2 * owens_t(z[..., None], bend)  # the chance that one of a pair is, less `alone`
        other = 2 * owens_t(z[..., None], 1 / bend)
    sides = 2 if both else 1
    first = [place for place, (a, _) in enumerate(_pairs(q)) if a == 0]
    upper = sides * (alone + wing[..., first].sum(axis=-1))
    if q == 1:
        return sides * alone, upper
    lower = 2 * (wing + other) if both else alone[..., None] + wing
    return np.asarray(lower.max(axis=-1)), np.asarray(upper)
