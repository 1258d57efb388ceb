"""The chance of every arm at every step, exactly: fractions, and every history followed.

The slow twin of the schemes, written from the papers for two or more arms of equal shares.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from fractions import Fraction

Counts = tuple[int, ...]
Chances = Callable[[Counts], Sequence[Fraction]]


def big_stick(tolerated: int) -> Chances:
    """Soares and Wu 1983: a fair coin, but certain where the difference is the one tolerated."""

    def chances(counts: Counts) -> Sequence[Fraction]:
        open_shares = [count - min(counts) < tolerated for count in counts]
        return [Fraction(int(each), sum(open_shares)) for each in open_shares]

    return chances


def block_urn(sets: int, ratio: Sequence[int]) -> Chances:
    """Zhao and Weng 2011, equation 1, with balls in the ratio as published."""

    def chances(counts: Counts) -> Sequence[Fraction]:
        returned = min(count // part for count, part in zip(counts, ratio, strict=True))
        urn = sum(ratio) * (sets + returned) - sum(counts)
        return [
            Fraction(part * (sets + returned) - count, urn)
            for count, part in zip(counts, ratio, strict=True)
        ]

    return chances


def simple(shares: int) -> Chances:
    """The same chance for every share, always."""
    return lambda counts: [Fraction(1, shares)] * len(counts)


def one_block(sets: int, ratio: Sequence[int]) -> Chances:
    """One permuted block of so many sets, drawn without return (Matts and Lachin 1988)."""

    def chances(counts: Counts) -> Sequence[Fraction]:
        left = [part * sets - count for count, part in zip(counts, ratio, strict=True)]
        return [Fraction(each, sum(left)) for each in left]

    return chances


def distributions(chances: Chances, *, shares: int, steps: int) -> list[dict[Counts, Fraction]]:
    """The exact distribution of the counts before each of `steps` allocations, and after them."""
    now: dict[Counts, Fraction] = {(0,) * shares: Fraction(1)}
    told = [now]
    for _ in range(steps):
        after: dict[Counts, Fraction] = defaultdict(Fraction)
        for counts, weight in now.items():
            for share, chance in enumerate(chances(counts)):
                if chance:
                    one_more = tuple(n + (place == share) for place, n in enumerate(counts))
                    after[one_more] += weight * chance
        now = dict(after)
        told.append(now)
    return told


def marginal_chances(chances: Chances, *, shares: int, steps: int) -> list[tuple[Fraction, ...]]:
    """The unconditional chance of each share at each step."""
    return [
        tuple(
            sum((w * chances(counts)[share] for counts, w in before.items()), Fraction(0))
            for share in range(shares)
        )
        for before in distributions(chances, shares=shares, steps=steps)[:-1]
    ]


def correct_guesses(chances: Chances, *, shares: int, steps: int) -> Fraction:
    """The expected number guessed right by who always names a share with the fewest subjects.

    Ties are guessed by chance. The convergence strategy of Blackwell and Hodges (1957).
    """
    right = Fraction(0)
    for before in distributions(chances, shares=shares, steps=steps)[:-1]:
        for counts, weight in before.items():
            named = [
                chance
                for chance, n in zip(chances(counts), counts, strict=True)
                if n == min(counts)
            ]
            right += weight * sum(named, Fraction(0)) / len(named)
    return right
