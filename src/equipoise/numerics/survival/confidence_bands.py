"""Simultaneous bands of a survival curve: Hall-Wellner's and those of equal precision."""

import math
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.polynomial import legendre
from numpy.typing import NDArray

from equipoise.numerics.checks import check_level
from equipoise.numerics.chi_square import normal_quantile
from equipoise.numerics.survival.kaplan_meier import KaplanMeier
from equipoise.numerics.survival.survival_scales import Interval, limits_of_width


class BandKind(Enum):
    """Which process stays between the limits: a Brownian bridge, or the bridge standardised."""

    HALL_WELLNER = "Hall-Wellner"
    EQUAL_PRECISION = "equal precision"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimultaneousBand:
    """Limits between which the whole curve lies from `start` to `end`; outside them NaN, (m,).

    `critical` is the critical value: of the bridge (Hall-Wellner), or in standard errors.
    """

    start: float
    end: float
    critical: float
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def hall_wellner_probability(critical: float, *, first: float, last: float) -> float:
    """The chance that a Brownian bridge stays within +-critical from `first` to `last`.

    0 <= first < last <= 1. Conditional on both ends the bridge on the way is one between them,
    whose chance is a series of cosines; the ends are integrated by Gauss-Legendre, so all digits
    are right while last - first is above 0.001.
    Source: Brownian motion between two barriers, Feller (1971) II, X.5.
    """
    span = last - first
    terms = 2 + int(6 * critical / math.sqrt(span))
    nodes = 64 * min(1 + int(0.25 / math.sqrt(span)), 10)
    omega = np.arange(1.0, 2.0 * terms, 2.0) * (math.pi / (2 * critical))
    ends = np.ones(terms)
    for variance in (first, 1 - last):
        ends *= _cosines(omega, variance=variance, critical=critical, nodes=nodes)
    total = math.sqrt(2 * math.pi) / critical * np.sum(np.exp(-(omega**2) * span / 2) * ends)
    return float(total)


def _cosines(
    omega: NDArray[np.float64], *, variance: float, critical: float, nodes: int
) -> NDArray[np.float64]:
    """The integral of cos(omega x) under a normal density, between the barriers."""
    if variance == 0:
        return np.ones_like(omega)
    reach = min(critical, 9 * math.sqrt(variance))
    node, weight = _gauss_legendre(nodes)
    x = reach * node
    density = np.exp(-(x**2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    return np.asarray(np.cos(np.outer(omega, x)) @ (reach * weight * density))


@lru_cache(maxsize=32)
def _gauss_legendre(nodes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    node, weight = legendre.leggauss(nodes)
    return node, weight


def equal_precision_probability(critical: float, *, first: float, last: float) -> float:
    """The chance that the standardised Brownian bridge stays within +-critical, first to last.

    0 < first <= last < 1. In the time log(u/(1-u))/2 it is the stationary Ornstein-Uhlenbeck
    process; the chance is a sum over the eigenfunctions of its generator between the barriers,
    which are found in even Legendre polynomials. Nair's tables come from the same process.
    Source: Doob (1942); Nair (1984).
    """
    span = 0.5 * math.log(last * (1 - first) / (first * (1 - last)))
    if span == 0:
        return float(scipy.special.erf(critical / math.sqrt(2)))
    basis = _even_basis(8 * min(3 + int(1 / math.sqrt(span)), 25))
    root = np.exp(-((critical * basis.node) ** 2) / 4) / (2 * math.pi) ** 0.25  # of the density
    energy = basis.slopes / critical**2 + basis.squares * (critical**2 / 4)
    roots, functions = scipy.linalg.eigh(energy)  # less 1/2, which comes back in the exponent
    share = (math.sqrt(critical) * (basis.value @ (basis.weight * root))) @ functions
    return float(np.sum(np.exp((0.5 - roots) * span) * share**2))


@dataclass(frozen=True, slots=True, kw_only=True)
class _EvenBasis:
    """Even polynomials that vanish at -1 and 1, orthonormal: values (k, q) at Gauss-Legendre nodes,
    and the integrals (k, k) of products of their slopes, and of x^2 times their products."""

    node: NDArray[np.float64]
    weight: NDArray[np.float64]
    value: NDArray[np.float64]
    slopes: NDArray[np.float64]
    squares: NDArray[np.float64]


@lru_cache(maxsize=32)
def _even_basis(size: int) -> _EvenBasis:
    """P(2k+2) - P(2k), k < size, made orthonormal."""
    node, weight = _gauss_legendre(2 * size + 40)
    table = legendre.legvander(node, 2 * size)
    raw = (table[:, 2::2] - table[:, :-2:2]).T
    slope = ((4 * np.arange(size) + 3) * table[:, 1::2]).T
    factor = scipy.linalg.cholesky((raw * weight) @ raw.T, lower=True)
    value, slope = (
        scipy.linalg.solve_triangular(factor, part, lower=True) for part in (raw, slope)
    )
    return _EvenBasis(
        node=node,
        weight=weight,
        value=value,
        slopes=(slope * weight) @ slope.T,
        squares=(value * (weight * node**2)) @ value.T,
    )


def find_critical_value(kind: BandKind, *, first: float, last: float, level: float = 0.95) -> float:
    """The critical value of a band between two shares of nG/(1+nG), G the Greenwood sum."""
    check_level(level)
    least = 0.0 if kind is BandKind.HALL_WELLNER else 1e-12
    if not (least <= first < last <= 1 - least):
        raise ValueError(f"first and last must be rising shares, not {first} and {last}")
    hall_wellner = kind is BandKind.HALL_WELLNER
    chance = hall_wellner_probability if hall_wellner else equal_precision_probability
    low = 1e-2 if hall_wellner else normal_quantile(level)

    def excess(critical: float) -> float:
        outside = 1 - chance(critical, first=first, last=last)
        return math.log(max(outside, 1e-15) / (1 - level))

    found = scipy.optimize.brentq(excess, low, low + 3, xtol=1e-12, rtol=1e-13)
    return float(found)


def estimate_simultaneous_band(
    curve: KaplanMeier,
    *,
    kind: BandKind = BandKind.EQUAL_PRECISION,
    start: float | None = None,
    end: float | None = None,
    interval: Interval = Interval.LOG_LOG,
    level: float = 0.95,
) -> SimultaneousBand:
    """Limits that hold the whole curve between two times with the given chance.

    From the first event to the last after which survival is above 0, or less by `start` and
    `end` (Hall-Wellner may start before the first event). Late entry is fine. ValueError where
    fewer than two event times lie between, and for a curve of weighted or clustered rows, whose
    variance does not grow as a sum. Source: Hall, Wellner (1980); Nair (1984); Borgan, Liestol
    (1990) for the scales; Klein, Moeschberger (2003) 4.4.
    """
    if curve.robust:
        raise ValueError("bands are for curves without weights and clusters")
    falls = (curve.events > 0) & (curve.survival > 0)
    if not falls.any():
        raise ValueError("a band needs two event times between its start and end")
    at_first, at_last = curve.time[falls][[0, -1]].tolist()
    early = start is not None and (start >= at_first or kind is BandKind.HALL_WELLNER)
    begin = start if start is not None and early else at_first
    finish = at_last if end is None else min(end, at_last)
    covered = (curve.time >= begin) & (curve.time <= finish)
    if (covered & falls).sum() < 2:
        raise ValueError("a band needs two event times between its start and end")
    spread = curve.n * np.where(curve.survival > 0, curve.greenwood, 0.0)
    row = np.searchsorted(curve.time, [begin, finish], side="right")
    first, last = (float(g / (1 + g)) for g in np.r_[0.0, spread][row])
    critical = find_critical_value(kind, first=first, last=last, level=level)
    if kind is BandKind.HALL_WELLNER:
        width = critical * (1 + spread) / math.sqrt(curve.n)
    else:
        width = critical * np.sqrt(spread / curve.n)
    limits = limits_of_width(curve.survival, width=width, interval=interval)
    return SimultaneousBand(
        start=begin,
        end=finish,
        critical=critical,
        lower=np.where(covered, limits.lower, np.nan),
        upper=np.where(covered, limits.upper, np.nan),
    )
