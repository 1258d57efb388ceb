"""The log-rank test as the papers word it: one risk set after another."""

from collections.abc import Sequence

from naive.cox import Person, risk_sets


def logrank(
    people: Sequence[Person], groups: int
) -> tuple[list[float], list[float], list[list[float]]]:
    """Observed and expected events by group, and the hypergeometric covariance."""
    observed, expected = [0.0] * groups, [0.0] * groups
    variance = [[0.0] * groups for _ in range(groups)]
    for at_risk, failed in risk_sets(people):
        n, d = len(at_risk), len(failed)
        share = [sum(p.group == g for p in at_risk) / n for g in range(groups)]
        for g in range(groups):
            observed[g] += sum(p.group == g for p in failed)
            expected[g] += d * share[g]
            for h in range(groups):
                spread = d * (n - d) / (n - 1) if n > 1 else 0.0
                variance[g][h] += spread * ((g == h) * share[g] - share[g] * share[h])
    return observed, expected, variance
