"""Cox's model as the papers word it: risk sets written out, one after another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    time: float
    event: int
    group: int = 0
    stratum: int = 0
    weight: float = 1.0
    x: tuple[float, ...] = ()
    entry: float = -1.0


def risk_sets(people: Sequence[Person]) -> list[tuple[list[Person], list[Person]]]:
    """(those at risk, those who fail) for each stratum and time with a failure."""
    moments = sorted({(p.stratum, p.time) for p in people if p.event})
    return [
        (
            [p for p in people if p.stratum == stratum and p.entry < time <= p.time],
            [p for p in people if p.stratum == stratum and p.time == time and p.event],
        )
        for stratum, time in moments
    ]


def terms(
    at_risk: Sequence[Person], failed: Sequence[Person], beta: Sequence[float], efron: bool
) -> list[tuple[float, list[tuple[Person, float]]]]:
    """(weight, [(person, hazard share)]) of each factor in the product over tied failures."""
    d = len(failed)
    mean_weight = sum(p.weight for p in failed) / d
    out = []
    for k in range(d):
        part = []
        for p in at_risk:
            risk = p.weight * math.exp(sum(b * x for b, x in zip(beta, p.x, strict=True)))
            part.append((p, risk * (1 - k / d) if efron and any(p is f for f in failed) else risk))
        out.append((mean_weight, part))
    return out


def log_likelihood(people: Sequence[Person], beta: Sequence[float], efron: bool) -> float:
    total = 0.0
    for at_risk, failed in risk_sets(people):
        for p in failed:
            total += p.weight * sum(b * x for b, x in zip(beta, p.x, strict=True))
        for weight, part in terms(at_risk, failed, beta, efron):
            total -= weight * math.log(sum(risk for _, risk in part))
    return total


def score_and_information(
    people: Sequence[Person], beta: Sequence[float], efron: bool
) -> tuple[list[float], list[list[float]]]:
    size = range(len(beta))
    score, information = [0.0 for _ in size], [[0.0 for _ in size] for _ in size]
    for at_risk, failed in risk_sets(people):
        for i in size:
            score[i] += sum(p.weight * p.x[i] for p in failed)
        for weight, part in terms(at_risk, failed, beta, efron):
            total = sum(risk for _, risk in part)
            mean = [sum(risk * p.x[i] for p, risk in part) / total for i in size]
            for i in size:
                score[i] -= weight * mean[i]
                for j in size:
                    second = sum(risk * p.x[i] * p.x[j] for p, risk in part) / total
                    information[i][j] += weight * (second - mean[i] * mean[j])
    return score, information


def score_residual(
    people: Sequence[Person], who: int, beta: Sequence[float], efron: bool
) -> list[float]:
    """One person's share of the score: own event less what was expected of that person."""
    person, size = people[who], range(len(beta))
    out = [0.0 for _ in size]
    for at_risk, failed in risk_sets(people):
        factors = terms(at_risk, failed, beta, efron)
        for weight, part in factors:
            total = sum(risk for _, risk in part)
            mean = [sum(risk * p.x[i] for p, risk in part) / total for i in size]
            for i in size:
                if any(p is person for p in failed):
                    out[i] += (person.x[i] - mean[i]) / len(factors)
                for p, risk in part:
                    if p is person:
                        out[i] -= weight * risk / p.weight / total * (person.x[i] - mean[i])
    return out
