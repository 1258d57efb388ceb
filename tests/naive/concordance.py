"""Concordance as the paper words it: pair after pair."""

from collections.abc import Sequence

from naive.cox import Person


def concordance(
    people: Sequence[Person], hazard: Sequence[float]
) -> tuple[float, float, float, float]:
    """Weights of concordant, discordant and tied pairs, and the sum of squared influences."""
    pairs = []
    for i, one in enumerate(people):
        for j, other in enumerate(people):
            later = other.time > one.time or (other.time == one.time and not other.event)
            if one.event and one.stratum == other.stratum and later and other.entry < one.time:
                apart = hazard[i] - hazard[j]
                kind = 2 if abs(apart) < 1e-9 else 0 if apart > 0 else 1
                pairs.append((i, j, kind, one.weight * other.weight))
    total = [sum(w for _, _, kind, w in pairs if kind == which) for which in range(3)]
    if not sum(total):
        return 0.0, 0.0, 0.0, 0.0
    value = (total[0] + total[2] / 2) / sum(total)
    influence = [0.0] * len(people)
    for i, j, kind, weight in pairs:
        for who in (i, j):
            influence[who] += weight * ((1.0, 0.0, 0.5)[kind] - value) / sum(total)
    return total[0], total[1], total[2], sum(one**2 for one in influence)
