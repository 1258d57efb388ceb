"""Regressions as the papers word them: one row after another, and derivatives by hand."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, minimize

Row = Sequence[float]  # ones first, then covariates
Likelihood = Callable[[float, float], float]  # of an outcome at a linear predictor


def logistic(y: float, eta: float) -> float:
    p = 1 / (1 + math.exp(-eta))
    return math.log(p) if y else math.log(1 - p)


def poisson(y: float, eta: float) -> float:
    return y * eta - math.exp(eta) - math.lgamma(y + 1)


def log_binomial(y: float, eta: float) -> float:
    return eta if y else math.log(1 - math.exp(eta))


def negative_binomial(theta: float) -> Likelihood:
    """Counts with variance mean + mean^2 / theta, as a gamma mixture of Poisson's."""

    def value(y: float, eta: float) -> float:
        mean = math.exp(eta)
        chance = theta / (theta + mean)
        ways = math.lgamma(y + theta) - math.lgamma(theta) - math.lgamma(y + 1)
        return ways + theta * math.log(chance) + y * math.log(1 - chance)

    return value


def rising(y: int, theta: float) -> tuple[float, float, float]:
    """The log of theta (theta + 1) ... (theta + y - 1) / y!, and its first two derivatives."""
    steps = [theta + j for j in range(y)]
    value = sum(map(math.log, steps)) - math.log(math.factorial(y))
    return value, sum(1 / step for step in steps), -sum(1 / step**2 for step in steps)


def total(law: Likelihood, ys: Row, rows: Sequence[Row], beta: Row) -> float:
    pairs = zip(ys, rows, strict=True)
    return sum(law(y, sum(b * x for b, x in zip(beta, row, strict=True))) for y, row in pairs)


def slope(law: Likelihood, y: float, row: Row, beta: Row) -> list[float]:
    """One row's score, by central differences along its linear predictor."""
    eta, step = sum(b * x for b, x in zip(beta, row, strict=True)), 1e-5
    along = (law(y, eta + step) - law(y, eta - step)) / (2 * step)
    return [along * x for x in row]


def meat(law: Likelihood, ys: Row, rows: Sequence[Row], beta: Row) -> list[list[float]]:
    """Sum of the rows' scores times themselves: the middle of White's sandwich."""
    each = [slope(law, y, row, beta) for y, row in zip(ys, rows, strict=True)]
    size = range(len(beta))
    return [[sum(u[i] * u[j] for u in each) for j in size] for i in size]


def logistic_information(rows: Sequence[Row], beta: Row) -> list[list[float]]:
    size = range(len(beta))
    weights = []
    for row in rows:
        p = 1 / (1 + math.exp(-sum(b * x for b, x in zip(beta, row, strict=True))))
        weights.append(p * (1 - p))
    return [
        [sum(w * row[i] * row[j] for w, row in zip(weights, rows, strict=True)) for j in size]
        for i in size
    ]


def standardised_risk(rows: Sequence[Row], beta: Row, group: int) -> float:
    """Everybody's risk had they been in a group of two (second column), averaged."""
    risks = []
    for row in rows:
        moved = [row[0], float(group), *row[2:]]
        eta = sum(b * x for b, x in zip(beta, moved, strict=True))
        risks.append(1 / (1 + math.exp(-eta)))
    return sum(risks) / len(risks)


def log_binomial_inside(ys: Row, rows: Sequence[Row]) -> tuple[float, float]:
    """The largest likelihood where no risk is above 1, and the largest log risk there.

    By a general programme with one bound a row.
    """
    y, x = np.array(ys), np.array(rows)

    def fall(beta: NDArray[np.float64]) -> float:
        eta = np.minimum(x @ beta, -1e-13)
        return -float(y @ eta + (1 - y) @ np.log(-np.expm1(eta)))

    def fall_slope(beta: NDArray[np.float64]) -> NDArray[np.float64]:
        eta = np.minimum(x @ beta, -1e-13)
        return np.asarray(x.T @ ((np.exp(eta) - y) / -np.expm1(eta)))

    below = LinearConstraint(x, ub=0.0)
    start = np.r_[math.log(y.mean()), [0.0] * (x.shape[1] - 1)]
    found = minimize(
        fall, start, jac=fall_slope, method="SLSQP", constraints=below,
        options={"maxiter": 500, "ftol": 1e-13},
    )  # fmt: skip
    return -float(found.fun), float((x @ found.x).max())
