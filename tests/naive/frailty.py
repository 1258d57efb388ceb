"""Shared frailty as the papers word it: a column a cluster, and the mixture integrated by sums."""

import math
from collections.abc import Sequence

from naive.cox import Person, log_likelihood


def penalised(
    people: Sequence[Person], groups: Sequence[int], beta: list[float], logs: list[float],
    variance: float, gamma: bool,
) -> float:  # fmt: skip
    """Efron's partial likelihood with a column for each cluster, less the penalty of its logs."""
    wide = [
        Person(time=p.time, event=p.event, stratum=p.stratum,
               x=(*p.x, *[float(g == c) for c in range(len(logs))]))
        for p, g in zip(people, groups, strict=True)
    ]  # fmt: skip
    if gamma:
        penalty = sum(math.exp(w) - 1 - w for w in logs) / variance
    else:
        penalty = sum(w * w for w in logs) / (2 * variance)
    return log_likelihood(wide, [*beta, *logs], efron=True) - penalty


def gamma_gain(deaths: Sequence[float], variance: float) -> float:
    """What integrating gamma frailties adds to the largest penalised likelihood."""
    nu = 1 / variance
    return sum(
        d - (nu + d) * math.log(nu + d) + nu * math.log(nu) + math.lgamma(nu + d) - math.lgamma(nu)
        for d in deaths
    )


def gamma_marginal(
    people: Sequence[Person], groups: Sequence[int], beta: float, logs: Sequence[float],
    variance: float,
) -> float:  # fmt: skip
    """The log likelihood of times without ties, each cluster's frailty integrated by a sum.

    The hazard at a death is one over the summed hazards of those at risk, Breslow's.
    """
    hazard = {
        p.time: 1 / sum(
            math.exp(beta * q.x[0] + logs[g])
            for q, g in zip(people, groups, strict=True) if q.time >= p.time
        )
        for p in people if p.event
    }  # fmt: skip
    total, nu = 0.0, 1 / variance
    for cluster in range(len(logs)):
        own = [p for p, g in zip(people, groups, strict=True) if g == cluster]
        seen = sum(
            math.exp(beta * p.x[0]) * sum(h for t, h in hazard.items() if t <= p.time) for p in own
        )
        part, step = 0.0, 0.01
        for i in range(-3000, 500):
            w = math.exp(i * step)
            value = (w * nu) ** nu * math.exp(-w * (nu + seen)) / math.gamma(nu)
            for p in own:
                value *= w * hazard[p.time] * math.exp(beta * p.x[0]) if p.event else 1.0
            part += value * step
        total += math.log(part)
    return total
