"""Bounds that spend alpha above and beta below, in one walk without drift and with it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from equipoise.numerics.sequential.group_sequential import (
    _FAR,
    _REACH,
    _check_bounds,
    _check_information,
    _cross_above,
    _cross_below,
    _density_at,
    _rule,
    _solve_upper,
    check_spent,
    crossing_probabilities,
    find_bounds,
)

_SECANT_IS_EXACT = 1e-11  # relative: a step as small leaves an error of its size times the last
_STEEPEST = 30.0  # mean of z at the end: only a bound that is not there needs more


@dataclass(frozen=True, slots=True, kw_only=True)
class FutilityBounds:
    """Bounds of z, shape (k,), and the drift, at information 1, at which beta is spent.

    `upper` infinite where no alpha is spent, `lower` minus infinite (0 in a wedge) where no beta.
    """

    upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    drift: float


@njit(cache=True)
def _solve_inner(
    wanted: float, most: float, mean: float, scale: float, step: float, z: NDArray[np.float64],
    mass: NDArray[np.float64], root_before: float,
) -> float:  # fmt: skip
    """The bound l <= most with the chance wanted that z lies from -l to l."""
    low, high = 0.0, most
    for _ in range(100):
        bound = 0.5 * (low + high)
        within = _cross_below(bound, mean, scale, step, z, mass, root_before) - _cross_below(
            -bound, mean, scale, step, z, mass, root_before
        )
        if within < wanted:
            low = bound
        else:
            high = bound
        if high - low <= 4e-16 * max(1.0, high):
            break
    return 0.5 * (low + high)


@njit(cache=True)
def _carry(
    bottom: float, top: float, place: int, fresh: NDArray[np.float64], own: NDArray[np.float64],
    drift: float, scale: float, step: float, z: NDArray[np.float64], mass: NDArray[np.float64],
    root_before: float, nodes: NDArray[np.float64], weights: NDArray[np.float64],
) -> None:  # fmt: skip
    """Write the nodes from bottom to top, and the mass there, from `place` on."""
    centre = drift * scale
    high = min(top, centre + _REACH)
    low = max(bottom, centre - _REACH)
    half = max(0.5 * (high - low), 0.0)
    mean = drift * step * step
    for i in range(nodes.size):
        there = low + half * (1.0 + nodes[i])
        fresh[place + i] = there
        own[place + i] = 0.0
        if half > 0.0:
            density = _density_at(there, mean, scale, step, z, mass, root_before)
            own[place + i] = half * weights[i] * density


@njit(cache=True)
def _futility_kernel(
    information: NDArray[np.float64],
    upper: NDArray[np.float64],
    lower: NDArray[np.float64],
    drift: float,
    alpha: NDArray[np.float64],
    beta: NDArray[np.float64],
    binding: int,
    wedge: int,
    nodes: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The chances (3, k), with drift, to stop above, below -u and for futility; finds bounds.

    `alpha` and `beta` (k,) are what a look spends. A binding lower bound makes the upper one be
    found for it, by a walk without drift between both; else upper is as given. NaN in beta leaves
    lower as given (at the last look the bounds meet). `upper` and `lower` hold the starts of the
    search (lower: from the mean). In a wedge upper is crossed above u or below -u, and lower
    reached between -l and l.
    """
    looks = information.size
    size = nodes.size * (2 if wedge else 1)
    points, masses = np.zeros((2, 2, size)), np.zeros((2, 2, size))
    masses[0, :, 0] = 1.0
    root_before = 0.0
    filled = 1
    found = np.zeros((3, looks))
    for k in range(looks):
        scale = math.sqrt(information[k])
        step = math.sqrt(information[k] - root_before * root_before)
        mean = drift * step * step
        now, after = k % 2, (k + 1) % 2
        if binding and alpha[k] > 0.0:
            start = upper[k]
            z, mass = points[now, 0, :filled], masses[now, 0, :filled]
            upper[k] = _solve_upper(alpha[k], start, 0.0, scale, step, z, mass, root_before, wedge)
        z, mass = points[now, 1, :filled], masses[now, 1, :filled]
        if beta[k] > 0.0 and wedge:
            most = upper[k]
            lower[k] = _solve_inner(beta[k], most, mean, scale, step, z, mass, root_before)
        elif beta[k] > 0.0:
            start = -lower[k] - drift * scale
            lower[k] = -_solve_upper(beta[k], start, -mean, scale, step, -z, mass, root_before, 0)
        if lower[k] > upper[k] or (k == looks - 1 and math.isnan(beta[k])):
            lower[k] = upper[k]
        z, mass = points[now, 1, :filled], masses[now, 1, :filled]
        found[0, k] = _cross_above(upper[k], mean, scale, step, z, mass, root_before)
        found[2, k] = _cross_below(lower[k], mean, scale, step, z, mass, root_before)
        if wedge:
            found[1, k] = _cross_below(-upper[k], mean, scale, step, z, mass, root_before)
            found[2, k] -= _cross_below(-lower[k], mean, scale, step, z, mass, root_before)
        if k == looks - 1:
            break
        for chain in range(0 if binding else 1, 2):
            pull = drift * chain
            z, mass = points[now, chain, :filled], masses[now, chain, :filled]
            fresh, own = points[after, chain], masses[after, chain]
            _carry(lower[k], upper[k], 0, fresh, own, pull, scale, step, z, mass, root_before,
                   nodes, weights)  # fmt: skip
            if wedge:
                _carry(-upper[k], -lower[k], nodes.size, fresh, own, pull, scale, step, z, mass,
                       root_before, nodes, weights)  # fmt: skip
        filled = size
        root_before = scale
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """What a walk starts with, for one drift after another."""

    information: NDArray[np.float64]
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    binding: bool
    wedge: bool

    def at(self, drift: float) -> tuple[FutilityBounds, float]:
        """The bounds at this drift, and the chance to miss."""
        upper, lower = self.upper.copy(), self.lower.copy()
        found = _futility_kernel(
            self.information, upper, lower, drift, self.alpha, self.beta,
            int(self.binding), int(self.wedge), *_rule(self.information),
        )  # fmt: skip
        bounds = FutilityBounds(
            upper=np.where(upper >= _FAR, np.inf, upper),
            lower=np.where(lower <= -_FAR, -np.inf, lower),
            drift=drift,
        )
        return bounds, float(found[2].sum())


def _solve_falling(excess: Callable[[float], float], *, guess: float, last: float) -> float:
    """Where a function that falls with the drift is 0: secants, kept within a bracket."""
    low, high = 0.0, math.inf
    before, excess_before = 0.0, excess(0.0)
    drift = guess
    for _ in range(100):
        found = excess(drift)
        low, high = (drift, high) if found > 0 else (low, drift)
        slope = (found - excess_before) / (drift - before)
        after = drift - found / slope if slope < 0 else math.inf
        if found == 0 or abs(after - drift) <= _SECANT_IS_EXACT * drift:
            return after
        before, excess_before = drift, found
        if not low < after < high:
            after = 1.3 * drift if high == math.inf else 0.5 * (low + high)
        if after * math.sqrt(last) > _STEEPEST:
            break
        drift = after
    raise ValueError("no drift gives this power: a bound stops what it should let through")


def _start(
    alpha_spent: ArrayLike,
    beta_spent: ArrayLike,
    *,
    information: ArrayLike,
    binding: bool,
    two_sided: bool = False,
) -> _Walk:
    """The walk with upper bounds as without futility, and the quantiles of what is spent below."""
    steps = _check_information(information)
    alpha = check_spent(alpha_spent, looks=steps.size, name="alpha_spent")
    beta = check_spent(beta_spent, looks=steps.size, name="beta_spent")
    upper = find_bounds(alpha_spent, information=steps, two_sided=two_sided)
    without = 0.0 if two_sided else -_FAR
    return _Walk(
        information=steps,
        alpha=alpha,
        beta=beta,
        upper=np.minimum(upper, _FAR),
        lower=np.where(beta > 0, ndtri(np.maximum(beta, 1e-300)), without),
        binding=binding,
        wedge=two_sided,
    )


def find_futility_bounds(
    alpha_spent: ArrayLike,
    *,
    information: ArrayLike,
    beta_spent: ArrayLike,
    binding: bool = False,
    two_sided: bool = False,
) -> FutilityBounds:
    """The bounds that spend alpha above and beta below, and the drift at which they meet at last.

    `alpha_spent` and `beta_spent` (k,) are cumulated; power is 1 less the last of beta. With
    `binding` a trial that met futility is sure to have stopped, which lowers the upper bounds.
    `two_sided`: the upper bounds are symmetric, alpha that of both sides; beta is spent in an inner
    wedge between -lower and lower, and crossing either outer bound counts as power. Drift is the
    mean of z at information 1; the information that a trial needs is (drift / effect) squared.
    A lower bound never lies above the upper. Source: Pampallona, Tsiatis, Kim (2001); Anderson,
    Clark (2010) for those that do not bind.
    """
    walk = _start(
        alpha_spent, beta_spent, information=information, binding=binding, two_sided=two_sided
    )
    alpha, beta = float(walk.alpha.sum()), float(walk.beta.sum())
    if beta >= 1 - alpha:
        raise ValueError(f"beta of {beta:.6g} leaves a power that is not above alpha")
    walk = replace(walk, beta=np.append(walk.beta[:-1], np.nan))
    fixed = _fixed_drift(
        alpha / (2 if two_sided else 1), power=1 - beta, last=float(walk.information[-1])
    )
    drift = _solve_falling(
        lambda pull: walk.at(pull)[1] - beta, guess=fixed, last=float(walk.information[-1])
    )
    return walk.at(drift)[0]


def find_lower_bounds(
    alpha_spent: ArrayLike,
    *,
    information: ArrayLike,
    lower_spent: ArrayLike,
    drift: float = 0.0,
    binding: bool = False,
) -> FutilityBounds:
    """The bounds that spend alpha above and, at a drift that is given, `lower_spent` below.

    Without drift the lower bounds are those of harm: they spend error of the null on the other
    side. They need not meet the upper. Otherwise as in `find_futility_bounds`.
    """
    walk = _start(alpha_spent, lower_spent, information=information, binding=binding)
    return walk.at(drift)[0]


def find_upper_bounds(
    alpha_spent: ArrayLike, *, information: ArrayLike, lower: ArrayLike
) -> NDArray[np.float64]:
    """The upper bounds, shape (k,), that spend alpha where these lower bounds are binding."""
    walk = _start(alpha_spent, alpha_spent, information=information, binding=True)
    looks = walk.information.size
    below = _check_bounds(lower, looks, "lower", -_FAR)
    walk = replace(walk, beta=np.full(looks, np.nan), lower=below)
    return walk.at(0.0)[0].upper


def crossing_around_wedge(
    upper: ArrayLike, *, inner: ArrayLike, information: ArrayLike, drift: float = 0.0
) -> NDArray[np.float64]:
    """The chances (3, k) to stop first above upper, below -upper, and in the wedge, at each look.

    The wedge, from -inner to inner, is obeyed; at the last look it reaches to the upper bound.
    """
    steps = _check_information(information)
    above = _check_bounds(upper, steps.size, "upper", _FAR)
    hole = np.maximum(_check_bounds(inner, steps.size, "inner", 0.0), 0.0)
    if (hole > above).any():
        raise ValueError(f"inner lies above upper at look {int(np.argmax(hole > above)) + 1}")
    none = np.full(steps.size, np.nan)
    found = _futility_kernel(steps, above, hole, drift, none, none, 0, 1, *_rule(steps))
    return np.asarray(found)


def find_drift(
    upper: ArrayLike,
    *,
    information: ArrayLike,
    power: float,
    lower: ArrayLike | None = None,
) -> float:
    """The drift at which the upper bounds are crossed with this chance.

    `lower` stops the trial, if given; bounds and drift as in `crossing_probabilities`. ValueError
    for a power that the bounds have without any drift.
    """
    steps = _check_information(information)
    above = _check_bounds(upper, steps.size, "upper", _FAR)

    def lacking(drift: float) -> float:
        found = crossing_probabilities(above, information=steps, lower=lower, drift=drift)
        return power - float(found.upper.sum())

    without = power - lacking(0.0)
    if not without < power < 1:
        raise ValueError(
            f"power must lie below 1 and above {without:.6g}, which no drift gives, not {power}"
        )
    guess = _fixed_drift(max(without, 1e-9), power=power, last=float(steps[-1]))
    return _solve_falling(lacking, guess=guess, last=float(steps[-1]))


def _fixed_drift(alpha: float, *, power: float, last: float) -> float:
    """The drift that a trial without looks needs: none with looks needs less."""
    return float(ndtri(power) - ndtri(alpha)) / math.sqrt(last)
