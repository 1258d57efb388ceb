"""Exact ties as the papers word it: every subset that might have failed, written out."""

import math
from collections.abc import Sequence
from itertools import combinations

from naive.cox import Person, risk_sets


def exact_log_likelihood(people: Sequence[Person], beta: Sequence[float]) -> float:
    """Sum over times of the log chance that those who fail are those who do, given how many."""
    total = 0.0
    for at_risk, failed in risk_sets(people):
        hazard = {
            id(p): math.exp(sum(b * x for b, x in zip(beta, p.x, strict=True))) for p in at_risk
        }
        subsets = combinations(at_risk, len(failed))
        every = sum(math.prod(hazard[id(p)] for p in subset) for subset in subsets)
        total += math.log(math.prod(hazard[id(p)] for p in failed)) - math.log(every)
    return total
