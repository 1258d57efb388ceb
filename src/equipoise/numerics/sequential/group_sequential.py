"""Crossing the bounds of a group sequential trial: probabilities, and bounds that spend alpha."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

_REACH = 8.6  # standard deviations: beyond them lies 1e-17
_NODES_PER_SD = 1.4  # of the narrowest step; with _FEWEST the bounds are exact to 1e-13
_FEWEST, _MOST = 40, 1200
_FAR = 40.0  # a bound that nothing crosses
_NEWTON_IS_EXACT = 1e-9  # a step as small leaves an error of about its square
_ROOT_2 = math.sqrt(2.0)
_DENSITY_0 = 1.0 / math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """The chance to cross each bound at each look first, shape (k,), and the chance of neither."""

    upper: NDArray[np.float64]
    lower: NDArray[np.float64]

    @property
    def neither(self) -> float:
        """The chance to stay between the bounds to the end."""
        return float(1.0 - self.upper.sum() - self.lower.sum())


@njit(cache=True)
def _tail(z: float) -> float:
    return 0.5 * math.erfc(z / _ROOT_2)


@njit(cache=True)
def _density(z: float) -> float:
    return _DENSITY_0 * math.exp(-0.5 * z * z)


@njit(cache=True)
def _cross_above(
    bound: float, mean: float, scale: float, step: float, z: NDArray[np.float64],
    mass: NDArray[np.float64], root_before: float,
) -> float:  # fmt: skip
    """Chance that the next z lies above the bound; `mass` is weight times density at the nodes."""
    total = 0.0
    for j in range(z.size):
        total += mass[j] * _tail((bound * scale - z[j] * root_before - mean) / step)
    return total


@njit(cache=True)
def _cross_below(
    bound: float, mean: float, scale: float, step: float, z: NDArray[np.float64],
    mass: NDArray[np.float64], root_before: float,
) -> float:  # fmt: skip
    total = 0.0
    for j in range(z.size):
        total += mass[j] * _tail(-(bound * scale - z[j] * root_before - mean) / step)
    return total


@njit(cache=True)
def _density_at(
    bound: float, mean: float, scale: float, step: float, z: NDArray[np.float64],
    mass: NDArray[np.float64], root_before: float,
) -> float:  # fmt: skip
    total = 0.0
    for j in range(z.size):
        away = (bound * scale - z[j] * root_before - mean) / step
        if -_REACH < away < _REACH:
            total += mass[j] * _density(away)
    return total * scale / step


@njit(cache=True)
def _solve_upper(
    wanted: float, start: float, mean: float, scale: float, step: float, z: NDArray[np.float64],
    mass: NDArray[np.float64], root_before: float, both: int,
) -> float:  # fmt: skip
    """The bound that is crossed first at this look with the chance wanted."""
    low, high = -_FAR, _FAR
    bound = start
    for _ in range(200):
        excess = _cross_above(bound, mean, scale, step, z, mass, root_before) - wanted
        if both:
            excess += _cross_below(-bound, mean, scale, step, z, mass, root_before)
        if excess > 0.0:
            low = bound
        else:
            high = bound
        slope = _density_at(bound, mean, scale, step, z, mass, root_before)
        if both:
            slope += _density_at(-bound, mean, scale, step, z, mass, root_before)
        move = excess / slope if slope > 0.0 else math.inf
        after = bound + move
        if abs(move) <= _NEWTON_IS_EXACT:
            return after
        if not low < after < high:
            after = 0.5 * (low + high)
            if high - low <= 4e-16 * max(1.0, abs(after)):
                return after
        bound = after
    return bound


@njit(cache=True)
def _walk_kernel(
    information: NDArray[np.float64],
    upper: NDArray[np.float64],
    lower: NDArray[np.float64],
    drift: float,
    wanted: NDArray[np.float64],
    solve: int,
    both: int,
    nodes: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Look after look: the chances above and below; with `solve` the upper bounds are found.

    `nodes` and `weights` (n,) are those of Gauss and Legendre on (-1, 1). `upper` and `lower` are
    written to where `solve` is set.
    """
    looks = information.size
    found = np.zeros((2, looks))
    z, mass = np.zeros(1), np.ones(1)
    root_before = 0.0
    for k in range(looks):
        scale = math.sqrt(information[k])
        step = math.sqrt(information[k] - root_before * root_before)
        mean = drift * step * step
        if solve:
            start = upper[k]
            upper[k] = _solve_upper(wanted[k], start, 0.0, scale, step, z, mass, root_before, both)
            if both:
                lower[k] = -upper[k]
        found[0, k] = _cross_above(upper[k], mean, scale, step, z, mass, root_before)
        found[1, k] = _cross_below(lower[k], mean, scale, step, z, mass, root_before)
        if k == looks - 1:
            break
        centre = drift * scale
        top = min(upper[k], centre + _REACH)
        bottom = max(lower[k], centre - _REACH)
        half = max(0.5 * (top - bottom), 0.0)
        fresh, own = np.empty(nodes.size), np.empty(nodes.size)
        for i in range(nodes.size):
            fresh[i] = bottom + half * (1.0 + nodes[i])
            there = _density_at(fresh[i], mean, scale, step, z, mass, root_before)
            own[i] = half * weights[i] * there
        z, mass, root_before = fresh, own, scale
    return found


def _check_information(information: ArrayLike) -> NDArray[np.float64]:
    given = np.ascontiguousarray(information, dtype=np.float64)
    if given.ndim != 1 or given.size == 0 or not np.isfinite(given).all():
        raise ValueError("information must be a flat array of finite numbers, one a look")
    if given[0] <= 0 or (np.diff(given) <= 0).any():
        raise ValueError("information must be above 0 and grow from look to look")
    return given.copy()


def _check_bounds(
    bounds: ArrayLike | None, looks: int, name: str, without: float
) -> NDArray[np.float64]:
    if bounds is None:
        return np.full(looks, without)
    given = np.array(bounds, dtype=np.float64)
    if given.shape != (looks,) or np.isnan(given).any():
        raise ValueError(f"{name} must hold one number for each of {looks} looks")
    return np.clip(given, -_FAR, _FAR)


def check_spent(spent: ArrayLike, *, looks: int, name: str) -> NDArray[np.float64]:
    """What each look spends, of shares cumulated; ValueError for what falls or leaves 0 to 1."""
    given = np.asarray(spent, dtype=np.float64)
    if given.shape != (looks,) or not np.isfinite(given).all():
        raise ValueError(f"{name} must hold one finite number for each of {looks} looks")
    each = np.diff(given, prepend=0.0)
    if (each < 0).any() or not 0 < given[-1] < 1:
        raise ValueError(f"{name} must grow from look to look, end above 0 and below 1")
    return each


@lru_cache(maxsize=64)
def _legendre(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return nodes, weights


def _rule(information: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes and weights: the more, the narrower the steps between looks."""
    if information.size == 1:
        return _legendre(_FEWEST)
    narrowest = float(np.sqrt(np.diff(information) / information[:-1]).min())
    wanted = math.ceil(_NODES_PER_SD * 2 * _REACH / min(narrowest, 1.0) / 8) * 8
    return _legendre(min(max(_FEWEST, wanted), _MOST))


def crossing_probabilities(
    upper: ArrayLike,
    *,
    information: ArrayLike,
    lower: ArrayLike | None = None,
    drift: float = 0.0,
) -> Crossing:
    """How likely each bound is crossed first at each look, when z has drift.

    `upper` (k,) and `lower` (k,) are bounds of z; infinite ones are not there. `information` (k,)
    grows; z at information I is normal with mean `drift` times the root of I and variance 1, its
    increments independent. A `lower` bound counts as binding. Source: Armitage, McPherson, Rowe
    (1969); Jennison, Turnbull (2000), chapter 19, here by Gauss-Legendre quadrature.
    """
    steps = _check_information(information)
    above = _check_bounds(upper, steps.size, "upper", _FAR)
    below = _check_bounds(lower, steps.size, "lower", -_FAR)
    if (below > above).any():
        raise ValueError(f"lower lies above upper at look {int(np.argmax(below > above)) + 1}")
    if not math.isfinite(drift):
        raise ValueError(f"drift must be finite, not {drift}")
    found = _walk_kernel(steps, above, below, drift, above, 0, 0, *_rule(steps))
    return Crossing(upper=found[0], lower=found[1])


def find_bounds(
    spent: ArrayLike, *, information: ArrayLike, two_sided: bool = False
) -> NDArray[np.float64]:
    """The upper bounds of z, shape (k,), that spend these shares of alpha, cumulated, by each look.

    With `two_sided` the bounds are symmetric and `spent` is that of both sides. A look that spends
    nothing has an infinite bound. ValueError for what falls or does not lie from 0 to 1 (0 excluded
    for all looks together). Source: Lan, DeMets (1983).
    """
    steps = _check_information(information)
    each = check_spent(spent, looks=steps.size, name="spent")
    start = np.minimum(-ndtri(np.maximum(each, 1e-300) / (2 if two_sided else 1)), _FAR)
    upper = start.copy()
    lower = np.full(steps.size, -_FAR)
    _walk_kernel(steps, upper, lower, 0.0, each, 1, int(two_sided), *_rule(steps))
    return np.where(each > 0, upper, np.inf)
