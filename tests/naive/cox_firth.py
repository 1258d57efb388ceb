"""Firth's penalised likelihood as the paper words it, and the climb of it by small steps."""

import math
from collections.abc import Sequence

from naive.cox import Person, log_likelihood, score_and_information


def penalised_log_likelihood(people: Sequence[Person], beta: float, *, efron: bool) -> float:
    """Log likelihood plus half the log of the information, one covariate."""
    _, information = score_and_information(people, [beta], efron)
    if information[0][0] <= 0:
        return -math.inf
    return log_likelihood(people, [beta], efron) + 0.5 * math.log(information[0][0])


def largest(people: Sequence[Person], *, efron: bool, low: float = -8, high: float = 8) -> float:
    """Where the penalised likelihood is largest, by golden sections."""
    ratio = (math.sqrt(5) - 1) / 2
    while high - low > 1e-7:
        first, second = high - ratio * (high - low), low + ratio * (high - low)
        one = penalised_log_likelihood(people, first, efron=efron)
        if one > penalised_log_likelihood(people, second, efron=efron):
            high = second
        else:
            low = first
    return (low + high) / 2
