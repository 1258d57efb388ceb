"""From probabilities of a patient to rates of a Poisson-lognormal process (D8.4)."""

import numpy as np
from scipy.optimize import brentq

from equipoise.simulate.cohort import Floats, Ints

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(40)


def solve_mean(probability: float, *, patient_sd: float) -> float:
    """The mean number of events at which a patient has any with that probability.

    The number is Poisson given a lognormal factor with mean 1 and standard deviation of its
    logarithm `patient_sd`.
    """
    if probability <= 0.0:
        return 0.0
    factor = np.exp(patient_sd * _NODES - patient_sd**2 / 2.0)
    weight = _WEIGHTS / _WEIGHTS.sum()

    def excess(log_mean: float) -> float:
        return float((weight * -np.expm1(-np.exp(log_mean) * factor)).sum() - probability)

    return float(np.exp(brentq(excess, -20.0, 10.0)))


def count_poisson(uniform: Floats, *, mean: Floats, most: int) -> Ints:
    """Poisson numbers by inversion, cut at `most`."""
    count = np.zeros(uniform.shape, dtype=np.int64)
    chance = np.exp(-mean)
    reached = chance.copy()
    for number in range(1, most + 1):
        count += uniform > reached
        chance = chance * mean / number
        reached = reached + chance
    return count
