"""Shared frailty as the papers word it: a column a cluster, and the mixture integrated by sums."""

import math
from collections.abc import Sequence
from dataclasses import replace

from naive.cox import Person, log_likelihood, score_and_information


def widen(people: Sequence[Person], groups: Sequence[int], clusters: int) -> list[Person]:
    """The people with a column for each cluster after their own."""
    return [
        replace(p, x=(*p.x, *[float(g == c) for c in range(clusters)]))
        for p, g in zip(people, groups, strict=True)
    ]


def penalised(
    people: Sequence[Person], groups: Sequence[int], beta: list[float], logs: list[float],
    variance: float, gamma: bool,
) -> float:  # fmt: skip
    """Efron's partial likelihood with a column for each cluster, less the penalty of its logs."""
    wide = widen(people, groups, len(logs))
    if gamma:
        penalty = sum(math.exp(w) - 1 - w for w in logs) / variance
    else:
        penalty = sum(w * w for w in logs) / (2 * variance)
    return log_likelihood(wide, [*beta, *logs], efron=True) - penalty


def penalised_slopes(
    people: Sequence[Person], groups: Sequence[int], beta: list[float], logs: list[float],
    variance: float, gamma: bool,
) -> tuple[list[float], list[list[float]]]:  # fmt: skip
    """The slope of that and its negative second derivatives, columns first and clusters then."""
    wide = widen(people, groups, len(logs))
    score, information = score_and_information(wide, [*beta, *logs], efron=True)
    for place, w in enumerate(logs, start=len(beta)):
        score[place] -= (math.exp(w) - 1 if gamma else w) / variance
        information[place][place] += (math.exp(w) if gamma else 1.0) / variance
    return score, information


def eliminate(matrix: Sequence[Sequence[float]]) -> list[float]:
    """The pivots of Gauss's elimination: their product is the determinant."""
    rows, pivots = [list(row) for row in matrix], []
    for k, row in enumerate(rows):
        pivots.append(row[k])
        for other in rows[k + 1 :]:
            factor = other[k] / row[k]
            for j in range(k, len(row)):
                other[j] -= factor * row[j]
    return pivots


def laplace(
    people: Sequence[Person], groups: Sequence[int], beta: list[float], logs: list[float],
    variance: float,
) -> float:  # fmt: skip
    """Normal frailties integrated out as if the likelihood were normal around its top."""
    _, information = penalised_slopes(people, groups, beta, logs, variance, gamma=False)
    block = [row[len(beta) :] for row in information[len(beta) :]]
    size = sum(math.log(variance * pivot) for pivot in eliminate(block))
    return penalised(people, groups, beta, logs, variance, gamma=False) - size / 2


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
