"""How well the allocations of a trial are balanced, and how well somebody could have guessed them.

For those who may see arms. Counts are set against the ratio: an arm's part of it in lowest terms.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd

from equipoise.numerics.chi_square import ChiSquare, chi_square_of
from equipoise.randomise.draw import Given
from equipoise.randomise.scheme import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceRow:
    """The subjects of a group by arm, in the order of the plan.

    `imbalance`: by how many subjects a part of the ratio the leading arm is ahead of the last; for
    1:1 the difference of the arms. The greatest that a big stick tolerates bounds it.
    """

    group: str
    level: str
    counts: tuple[int, ...]
    imbalance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """How often the convergence strategy names the arm: the one most behind its ratio.

    `right` counts ties by their chance. `by_constant` is the share that is right without looking:
    naming the arm with the largest part of the ratio every time.
    """

    subjects: int
    right: float
    by_constant: float

    @property
    def share(self) -> float:
        """The share guessed right; NaN without subjects."""
        return self.right / self.subjects if self.subjects else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Balance overall, by level of each factor and by stratum; the ratio tested; predictability.

    The test of the ratio takes subjects as allocated by chance alone; every scheme that balances
    makes it say less. A small p value speaks of a fault, a large one of nothing.
    """

    arms: tuple[str, ...]
    overall: BalanceRow
    levels: tuple[BalanceRow, ...]
    strata: tuple[BalanceRow, ...]
    ratio_test: ChiSquare
    guesses: Guesses


def measure_balance(history: Sequence[Given], *, plan: Plan) -> Balance:
    """The balance of the allocations so far, against the plan now in force.

    Strata are as they were at allocation; an arm that the plan no longer has is not counted.
    """
    counted = [each for each in history if each.arm in plan.arms]
    overall = _build_row(counted, plan, group="all subjects", level="")
    return Balance(
        arms=plan.arms,
        overall=overall,
        levels=tuple(_build_level_rows(counted, plan)),
        strata=tuple(_build_stratum_rows(counted, plan)),
        ratio_test=compare_with_ratio(overall.counts, ratio=plan.ratio),
        guesses=count_guesses(counted, plan=plan),
    )


def imbalance_of(counts: Sequence[int], *, ratio: Sequence[int]) -> float:
    """By how many subjects a part of the ratio (in lowest terms) one arm leads the last."""
    whole = gcd(*ratio)
    parts = [count * whole / part for count, part in zip(counts, ratio, strict=True)]
    return max(parts) - min(parts)


def compare_with_ratio(counts: Sequence[int], *, ratio: Sequence[int]) -> ChiSquare:
    """Pearson's chi-square of the counts against the ratio; NaN without subjects."""
    subjects, whole = sum(counts), sum(ratio)
    if not subjects:
        return chi_square_of(float("nan"), degrees_of_freedom=len(counts) - 1)
    expected = [subjects * part / whole for part in ratio]
    pairs = zip(counts, expected, strict=True)
    statistic = sum((count - wanted) ** 2 / wanted for count, wanted in pairs)
    return chi_square_of(statistic, degrees_of_freedom=len(counts) - 1)


def count_guesses(history: Sequence[Given], *, plan: Plan) -> Guesses:
    """How many arms the convergence strategy guesses, who sees every arm of a stratum before.

    Source: Blackwell and Hodges (1957), Annals of Mathematical Statistics 28:449. For unequal
    ratios: the arm whose part of the subjects, this one included, exceeds most what it has.
    """
    seen: dict[tuple[str, ...], Counter[str]] = {}
    right = 0.0
    for each in history:
        counts = seen.setdefault(each.stratum, Counter())
        behind = _behind([counts[arm] for arm in plan.arms], plan.ratio)
        named = [arm for arm, lag in zip(plan.arms, behind, strict=True) if lag == max(behind)]
        right += (each.arm in named) / len(named)
        counts[each.arm] += 1
    constant = max(plan.ratio) / sum(plan.ratio)
    return Guesses(subjects=len(history), right=right, by_constant=constant)


def _behind(counts: Sequence[int], ratio: Sequence[int]) -> list[int]:
    """By how much each arm will be behind its part of the subjects, times the sum of the ratio."""
    subjects = sum(counts) + 1
    return [subjects * part - count * sum(ratio) for count, part in zip(counts, ratio, strict=True)]


def _build_row(history: Iterable[Given], plan: Plan, *, group: str, level: str) -> BalanceRow:
    counted = Counter(each.arm for each in history)
    counts = tuple(counted[arm] for arm in plan.arms)
    imbalance = imbalance_of(counts, ratio=plan.ratio)
    return BalanceRow(group=group, level=level, counts=counts, imbalance=imbalance)


def _build_level_rows(history: Sequence[Given], plan: Plan) -> Iterable[BalanceRow]:
    for factor in plan.factors:
        groups: dict[str, list[Given]] = {}
        for each in history:
            level = dict(zip(each.plan.factors, each.stratum, strict=True)).get(factor, "")
            groups.setdefault(level, []).append(each)
        for level in sorted(groups):
            yield _build_row(groups[level], plan, group=factor, level=level)


def _build_stratum_rows(history: Sequence[Given], plan: Plan) -> Iterable[BalanceRow]:
    groups: dict[tuple[str, ...], list[Given]] = {}
    for each in history:
        groups.setdefault(each.stratum, []).append(each)
    for stratum in sorted(groups):
        yield _build_row(groups[stratum], plan, group="stratum", level=" / ".join(stratum))
