"""Forecasts one trial after another, and what is known of them on paper."""

import math
from collections.abc import Sequence


def arrivals_as_sites_open(
    rates: Sequence[float], openings: Sequence[float], waits: Sequence[float]
) -> list[float]:
    """When subjects come: the rate at any time is that of the sites open then; small to large."""
    found, now = [], 0.0
    for wait in waits:
        left = wait
        while True:
            rate = sum(r for r, opens in zip(rates, openings, strict=True) if opens <= now)
            later = [opens for opens in openings if opens > now]
            until = min(later) if later else math.inf
            if rate > 0 and left <= rate * (until - now):
                now += left / rate
                break
            left -= rate * (until - now) if rate > 0 else 0.0
            now = until
        found.append(now)
    return found


def log_likelihood_of_sites(
    counts: Sequence[int], times: Sequence[float], shape: float, rate: float
) -> float:
    """Each count negative binomial: Poisson at a gamma rate, but for what no parameter changes."""
    total = 0.0
    for n, t in zip(counts, times, strict=True):
        total += math.lgamma(shape + n) - math.lgamma(shape)
        total += shape * math.log(rate / (rate + t)) - n * math.log(rate + t)
    return total


def expected_exponential_events(
    at_risk: int, *, deaths: float, exposure: float, horizon: float
) -> float:
    """Events of those at risk by a horizon, the hazard gamma(deaths, exposure), nobody leaving."""
    left = math.exp(deaths * math.log(exposure / (exposure + horizon)))
    return at_risk * (1 - left)


def weibull_log_likelihood(
    times: Sequence[float], events: Sequence[bool], log_scale: float, log_shape: float
) -> float:
    """Subject by subject."""
    k, scale, total = math.exp(log_shape), math.exp(log_scale), 0.0
    for t, died in zip(times, events, strict=True):
        if died:
            total += math.log(k / scale) + (k - 1) * math.log(t / scale)
        total -= (t / scale) ** k
    return total
