"""Weighted log-rank tests: which risk sets count more, and the test of any such weighting.

A weighting gives a weight to each risk set. Its S(t-) is the Kaplan-Meier of all groups together,
in its stratum, just before the time: what happens at the time does not change its own weight.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.ranks.groups_at_risk import GroupsAtRisk
from equipoise.numerics.ranks.logrank import LogRank, compare_groups_at_risk

Weighting = Callable[[GroupsAtRisk], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlemingHarrington:
    """S(t-)**rho (1 - S(t-))**gamma: gamma above 0 stresses late, rho early differences.

    rho = 1 is R's survdiff(rho = 1). Source: Fleming, Harrington (1991), 7.2.
    """

    rho: float = 0.0
    gamma: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.rho < math.inf and 0 <= self.gamma < math.inf):
            raise ValueError(f"rho {self.rho} and gamma {self.gamma} must be finite and 0 or more")

    def __call__(self, sets: GroupsAtRisk) -> NDArray[np.float64]:
        before = pooled_survival_before(sets)
        return np.asarray(before**self.rho * (1 - before) ** self.gamma)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaroneWare:
    """The number at risk to a power: 1/2 is Tarone and Ware's choice, 1 Gehan's Wilcoxon test.

    Source: Tarone, Ware (1977); Gehan (1965); Breslow (1970).
    """

    power: float = 0.5

    def __post_init__(self) -> None:
        if not math.isfinite(self.power):
            raise ValueError(f"power {self.power} must be finite")

    def __call__(self, sets: GroupsAtRisk) -> NDArray[np.float64]:
        return np.asarray(sets.at_risk.sum(axis=0) ** float(self.power))


@dataclass(frozen=True, slots=True, kw_only=True)
class PetoPeto:
    """The product of 1 - d / (n + 1) up to and with the time; modified: times n / (n + 1).

    Source: Peto, Peto (1972); Prentice, Marek (1979); modified: Andersen et al. (1982).
    """

    modified: bool = False

    def __call__(self, sets: GroupsAtRisk) -> NDArray[np.float64]:
        n, d = sets.at_risk.sum(axis=0), sets.events.sum(axis=0)
        survival = _product_in_strata(sets, 1 - d / (n + 1))
        return survival * n / (n + 1) if self.modified else survival


@dataclass(frozen=True, slots=True, kw_only=True)
class Prentice:
    """The product of n / (n + d) up to and with the time. Source: Prentice (1978)."""

    def __call__(self, sets: GroupsAtRisk) -> NDArray[np.float64]:
        n, d = sets.at_risk.sum(axis=0), sets.events.sum(axis=0)
        return _product_in_strata(sets, n / (n + d))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModestlyWeighted:
    """1 / max(S(t-), S(until)), at most `largest`: weights rise up to the time `until`.

    Source: Magirr, Burman (2019), eq. 3; the cap: Magirr (2021).
    """

    until: float = math.inf
    largest: float = math.inf

    def __post_init__(self) -> None:
        _check_modest(self.until, self.largest)

    def __call__(self, sets: GroupsAtRisk) -> NDArray[np.float64]:
        floor = _value_by(sets, _pooled_survival(sets), at=self.until)
        return _modest(pooled_survival_before(sets), floor, self.largest)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldWeights:
    """1 / S(t-) up to `until`, then the weight of the last event by then; at most `largest`.

    It differs from `ModestlyWeighted` by that last event. Source: simtrial's mb(delay, w_max).
    """

    until: float = math.inf
    largest: float = math.inf

    def __post_init__(self) -> None:
        _check_modest(self.until, self.largest)

    def __call__(self, sets: GroupsAtRisk) -> NDArray[np.float64]:
        before = pooled_survival_before(sets)
        return _modest(before, _value_by(sets, before, at=self.until), self.largest)


def _check_modest(until: float, largest: float) -> None:
    if not (until >= 0 and largest >= 1):
        raise ValueError(f"until {until} must be 0 or more, largest {largest} 1 or more")


def _value_by(sets: GroupsAtRisk, values: NDArray[np.float64], *, at: float) -> NDArray[np.float64]:
    """In each stratum the value of its last event up to the time `at`; 1 where there is none."""
    out = np.ones_like(values)
    for part in strata_of(sets):
        reached = int(np.searchsorted(sets.time[part], at, side="right"))
        out[part] = values[part][reached - 1] if reached else 1.0
    return out


def _modest(
    before: NDArray[np.float64], floor: NDArray[np.float64], largest: float
) -> NDArray[np.float64]:
    return np.asarray(np.minimum(1 / np.maximum(before, floor), largest))


@dataclass(frozen=True, slots=True, kw_only=True)
class PiecewiseWeights:
    """Weight i from cut i - 1 (0 for the first) until before cut i.

    `cuts=(180,), weights=(0, 1)` leaves the first 180 days out. Source: Xu et al. (2017).
    """

    cuts: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.cuts, self.cuts[1:], strict=False))
        if not rising or len(self.weights) != len(self.cuts) + 1:
            raise ValueError(f"cuts {self.cuts} must rise, with one weight more than cuts")
        if not all(0 <= weight < math.inf for weight in self.weights):
            raise ValueError(f"weights {self.weights} must be finite and 0 or more")

    def __call__(self, sets: GroupsAtRisk) -> NDArray[np.float64]:
        return np.array(self.weights)[np.searchsorted(self.cuts, sets.time, side="right")]


def strata_of(sets: GroupsAtRisk) -> list[slice]:
    """The risk sets of each stratum."""
    ends = [*np.flatnonzero(np.diff(sets.stratum)) + 1, sets.stratum.size]
    return [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def pooled_survival_before(sets: GroupsAtRisk) -> NDArray[np.float64]:
    """S(t-) of all groups together by stratum, shape (m,): 1 at the first event of a stratum."""
    after = _pooled_survival(sets)
    before = np.ones_like(after)
    for part in strata_of(sets):
        before[part][1:] = after[part][:-1]
    return before


def _pooled_survival(sets: GroupsAtRisk) -> NDArray[np.float64]:
    n = sets.at_risk.sum(axis=0)
    return _product_in_strata(sets, (n - sets.events.sum(axis=0)) / n)


def _product_in_strata(sets: GroupsAtRisk, factor: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.empty_like(factor)
    for part in strata_of(sets):
        np.cumprod(factor[part], out=out[part])
    return out


def compare_weighted_logrank(sets: GroupsAtRisk, *, weighting: Weighting) -> LogRank:
    """The log-rank test of k groups in which each risk set counts by its weight, by stratum.

    `observed`, `expected` and `variance` are sums with the weights (their squares for the
    variance). Weights are worked out in each stratum and the statistics added, as in R's
    survdiff and simtrial's wlr. Source: Fleming, Harrington (1991), 7.2.
    """
    return compare_groups_at_risk(sets, weight=np.ascontiguousarray(weighting(sets)))
