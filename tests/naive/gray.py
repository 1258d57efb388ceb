"""Gray's test as the paper words it: the curves first, then the sums over groups and times."""

from collections.abc import Sequence
from dataclasses import dataclass

Rows = Sequence[tuple[float, int, int]]  # time, cause (0 censored, 1 event, 2 competing), group


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One time: those at risk and the events by group, the curves just before and after."""

    at_risk: list[int]
    one: list[int]
    two: list[int]
    before: list[float]
    after: list[float]
    incidence: list[float]
    pooled: float
    pooled_after: float

    @property
    def exposure(self) -> list[float]:
        return [n / s if n else 0.0 for n, s in zip(self.at_risk, self.before, strict=True)]


def moments(rows: Rows, groups: int) -> list[Moment]:
    out: list[Moment] = []
    survival, incidence, pooled = [1.0] * groups, [0.0] * groups, 0.0
    for now in sorted({time for time, cause, _ in rows if cause}):
        count = [
            [sum(t == now and c == kind and g == k for t, c, g in rows) for k in range(groups)]
            for kind in (1, 2)
        ]
        at_risk = [sum(t >= now and g == k for t, _, g in rows) for k in range(groups)]
        total = sum(n / s for n, s in zip(at_risk, survival, strict=True) if n)
        later, risen = list(survival), list(incidence)
        for k in range(groups):
            if at_risk[k]:
                later[k] *= 1 - (count[0][k] + count[1][k]) / at_risk[k]
                risen[k] += survival[k] * count[0][k] / at_risk[k]
        after = pooled + sum(count[0]) / total
        out.append(
            Moment(
                at_risk=at_risk, one=count[0], two=count[1], before=survival, after=later,
                incidence=incidence, pooled=pooled, pooled_after=after,
            )
        )  # fmt: skip
        survival, incidence, pooled = later, risen, after
    return out


def scores(rows: Rows, groups: int, rho: float) -> list[float]:
    total = [0.0] * groups
    for m in moments(rows, groups):
        due = [e * (1 - f) for e, f in zip(m.exposure, m.incidence, strict=True)]
        if sum(m.one):
            for k in range(groups):
                excess = m.one[k] - sum(m.one) * due[k] / sum(due)
                total[k] += (1 - m.pooled) ** rho * excess
    return total


def covariance(rows: Rows, groups: int, rho: float) -> list[list[float]]:
    """Sum over groups r and times of the squares of what its two martingales weigh."""
    seen = moments(rows, groups)

    def pull(m: Moment, i: int, r: int) -> float:
        weight = float((1 - m.pooled) ** rho)
        return weight * m.exposure[r] * ((i == r) - m.exposure[i] / sum(m.exposure))

    def later(u: int, i: int, r: int) -> float:
        return sum(
            pull(m, i, r) * sum(m.one) / (sum(m.exposure) * (1 - m.pooled)) for m in seen[u + 1 :]
        )

    def ties(events: int, at_risk: float) -> float:
        return 1 - (events - 1) / (at_risk - 1) if events > 1 and at_risk > 1 else 1.0

    out = [[0.0] * groups for _ in range(groups)]
    for u, m in enumerate(seen):
        for r in range(groups):
            if not m.at_risk[r]:
                continue
            n, before, events = m.at_risk[r], m.before[r], sum(m.one)
            left = (1 - m.pooled_after) / m.after[r] if m.after[r] > 1e-12 else 0.0
            all_risk = sum(m.exposure) * before
            one = before**2 * events / (all_risk * n) * ties(events, all_risk)
            two = before**2 * m.two[r] / n**2 * ties(m.two[r], n)
            for i in range(groups):
                for j in range(groups):
                    tail = [later(u, i, r), later(u, j, r)]
                    first = [
                        pull(m, g, r) + (1 - left) * t for g, t in zip((i, j), tail, strict=True)
                    ]
                    out[i][j] += first[0] * first[1] * one + left**2 * tail[0] * tail[1] * two
    return out
