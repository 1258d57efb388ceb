"""The likelihood of rows between nodes of a cumulative hazard, and how it rises with a jump."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    low: int
    high: int
    weight: float = 1.0
    risk: float = 1.0


def chance(span: Span, hazard: Sequence[float]) -> float:
    """Survival to the low node less that to the high one."""
    return math.exp(-span.risk * hazard[span.low]) - math.exp(-span.risk * hazard[span.high])


def log_likelihood(spans: Sequence[Span], hazard: Sequence[float]) -> float:
    return sum(s.weight * math.log(chance(s, hazard)) for s in spans)


def rise(spans: Sequence[Span], hazard: Sequence[float], node: int) -> float:
    """Derivative of the log likelihood by a jump at the node, which lifts all later nodes."""
    total = 0.0
    for s in spans:
        early = s.risk * math.exp(-s.risk * hazard[s.low]) * (s.low >= node)
        late = 0.0
        if hazard[s.high] < math.inf:
            late = s.risk * math.exp(-s.risk * hazard[s.high]) * (s.high >= node)
        total += s.weight * (late - early) / chance(s, hazard)
    return total
