"""Parametric survival as the papers word it: the chance of each row; slopes by differences."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Survival = Callable[[float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    left: float
    right: float
    entry: float = 0.0
    weight: float = 1.0
    x: tuple[float, ...] = ()
    stratum: int = 0


def survival_of(family: str, z: float) -> float:
    if family in ("weibull", "exponential"):
        return math.exp(-math.exp(z))
    if family == "log-logistic":
        return 1 / (1 + math.exp(z))
    return 0.5 * math.erfc(z / math.sqrt(2))


def density_of(family: str, z: float) -> float:
    if family in ("weibull", "exponential"):
        return math.exp(z - math.exp(z))
    if family == "log-logistic":
        return math.exp(z) / (1 + math.exp(z)) ** 2
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def log_likelihood(
    rows: Sequence[Seen], family: str, coefficients: Sequence[float], scales: Sequence[float]
) -> float:
    """Density of known times, chance of intervals, given survival to the entry."""
    total = 0.0
    for row in rows:
        scale = scales[row.stratum]
        line = coefficients[0] + sum(b * x for b, x in zip(coefficients[1:], row.x, strict=True))

        def survival(time: float, line: float = line, scale: float = scale) -> float:
            if time in (0.0, math.inf):
                return 1.0 if time == 0 else 0.0
            return survival_of(family, (math.log(time) - line) / scale)

        if row.left == row.right:
            z = (math.log(row.left) - line) / scale
            chance = density_of(family, z) / (scale * row.left)
        else:
            chance = survival(row.left) - survival(row.right)
        total += row.weight * math.log(chance / survival(row.entry))
    return total


def slopes(
    function: Callable[[Sequence[float]], float], at: Sequence[float], step: float = 1e-5
) -> list[float]:
    """Central differences."""
    out = []
    for i in range(len(at)):
        above, below = list(at), list(at)
        above[i], below[i] = at[i] + step, at[i] - step
        out.append((function(above) - function(below)) / (2 * step))
    return out


def bends(
    function: Callable[[Sequence[float]], float], at: Sequence[float], step: float = 1e-4
) -> list[list[float]]:
    """Second central differences."""
    out = []
    for i in range(len(at)):

        def along(parameters: Sequence[float], i: int = i) -> float:
            return slopes(function, parameters, step)[i]

        out.append(slopes(along, at, step))
    return out


def area(survival: Survival, horizon: float, cuts: int = 20_000) -> float:
    """The area under a curve up to the horizon, by the middles of many strips."""
    width = horizon / cuts
    return sum(survival((i + 0.5) * width) for i in range(cuts)) * width
