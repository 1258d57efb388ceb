"""Two rates of events as the papers word them: the likelihood is climbed, the test is inverted."""

import math

from naive.score_ratio import most_likely

Z = 1.959963984540054


def difference_score(x1: int, t1: float, x0: int, t0: float, delta: float) -> float:
    """The score of a difference of rates, at the most likely rates with this difference."""

    def log_likelihood(rate0: float) -> float:
        total = 0.0
        for x, t, rate in ((x1, t1, rate0 + delta), (x0, t0, rate0)):
            total += (x * math.log(max(rate, 1e-300)) if x else 0.0) - t * rate
        return total

    low = max(0.0, -delta)
    rate0 = most_likely(log_likelihood, low, low + (x1 + x0 + 1) / min(t1, t0) + abs(delta))
    variance = (rate0 + delta) / t1 + rate0 / t0
    return (x1 / t1 - x0 / t0 - delta) / math.sqrt(max(variance, 1e-300))


def log_chance(x: int, mean: float) -> float:
    """The logarithm of a Poisson chance, less what is the same for every count."""
    return x * math.log(mean) - math.lgamma(x + 1)


def chance_of_ratio(x1: int, x0: int, t1: float, t0: float, ratio: float) -> tuple[float, float]:
    """Chance of as many events of group 1 or more, and of as many exactly, given their sum."""
    m = x1 + x0
    logs = [log_chance(k, ratio * t1) + log_chance(m - k, t0) for k in range(m + 1)]
    parts = [math.exp(log - max(logs)) for log in logs]
    return sum(parts[x1:]) / sum(parts), parts[x1] / sum(parts)


def mantel_haenszel(strata: list[tuple[int, float, int, float]]) -> tuple[float, float]:
    """Ratio and difference of rates with the weights of Mantel and Haenszel."""
    above = sum(x1 * t0 / (t1 + t0) for x1, t1, x0, t0 in strata)
    below = sum(x0 * t1 / (t1 + t0) for x1, t1, x0, t0 in strata)
    weight = sum(t1 * t0 / (t1 + t0) for x1, t1, x0, t0 in strata)
    return above / below if below else math.nan, (above - below) / weight
