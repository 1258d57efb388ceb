"""The profile likelihood of interval-censored proportional hazards: the hazard is fitted anew for
each trial of the coefficients, and slopes are differences."""

import math
from collections.abc import Callable, Sequence

from naive.interval_hazard import Span, log_likelihood

Hazard = Callable[[Sequence[Span]], Sequence[float]]


def profile(
    spans: Sequence[Span], x: Sequence[Sequence[float]], beta: Sequence[float], best: Hazard
) -> float:
    """The likelihood with the risks of the coefficients and the hazard that is best for them."""
    risky = [
        Span(
            low=s.low,
            high=s.high,
            weight=s.weight,
            risk=math.exp(sum(b * v for b, v in zip(beta, row, strict=True))),
        )
        for s, row in zip(spans, x, strict=True)
    ]
    return log_likelihood(risky, best(risky))
