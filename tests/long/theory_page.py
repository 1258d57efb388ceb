"""docs/validation/operating-theory.md, from what was simulated."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from long.theory_known import SEED, WHY, key_of
from long.theory_rows import SPREAD, Difference, Row

PAGE = Path(__file__).parents[2] / "docs" / "validation" / "operating-theory.md"
HEAD = """# Simulated trials beside theory

Written by `make validate` (`tests/long/test_trials_beside_theory.py`): {trials:,} trials a row by
`simulate_replicates`, seed {seed}, and the power, level or expectation that `equipoise.design`
gives. Control arm: median 12 months (three strata: 6, 12 and 24), accrual over 24 months, 5 % a
year lost. Tests are one-sided at 0.025; "success" is a bound crossed above.

A row fails the run where it is more than {spread} standard errors of the simulation off. Where a
theory is one of large samples, and the simulation fine enough to see how far it is off, that
difference stands in the last column: it was told by {other:,} other trials, and what is seen must
be theory and difference together. Counts, times and laws are exact: they have none, nor have
levels of equal arms, but for weighted tests in strata.

The same trials come out whatever the number of workers, and at once or in parts, to the last bit.
"""
ADVICE = """## What to plan with

- Equal arms, hazard ratio from 0.6 up: Schoenfeld's events are within a point of power.
- Unequal arms, few events, or hazards that are not proportional: `weighted_logrank_power` (the
  moments of the score) is within 1 to 2.5 points, where formulas for events and average hazard
  ratios are off by 2 to 7, in either direction.
- 88 patients: levels of tests of survival at a time and of mean times go up to 0.03.
- Where it matters, simulate the trial itself.
"""
_TABLE = "| what | simulated (95 % interval) | theory | known difference |\n|---|---|---|---|"
_COMBO = """## Power of MaxCombo

One-sided at 0.025, 400 patients, month 36, the four usual weights, p exact; there is no theory
beside it.

| effect | log-rank | Fleming-Harrington (0, 1) | MaxCombo |
|---|---|---|---|
"""


def _number(row: Row, value: float) -> str:
    return f"{100 * value:.2f} %" if row.is_share else f"{value:.4g}"


def print_row(row: Row, known: Difference | None) -> str:
    """A row of the page."""
    low, high = row.seen - 1.96 * row.error, row.seen + 1.96 * row.error
    size = ""
    if known is not None and abs(known.size) > 2 * row.error * (row.trials / known.trials) ** 0.5:
        size = f"{100 * known.size:+.2f} points" if row.is_share else f"{known.size:+.3g}"
    numbers = " to ".join(_number(row, limit) for limit in (low, high))
    return (
        f"| {row.name} | {_number(row, row.seen)} ({numbers}) | {_number(row, row.theory)} "
        f"| {size} |"
    )


def print_page(
    rows: Sequence[Row],
    known: Mapping[str, Difference],
    *,
    combo: Mapping[str, tuple[float, float, float]],
) -> str:
    """The page, a table a family."""
    other = max(each.trials for each in known.values())
    head = HEAD.format(trials=rows[0].trials, seed=SEED, spread=SPREAD, other=other)
    parts = [head, ADVICE]
    for family, members in groupby(rows, key=lambda row: row.family):
        lines = [print_row(row, known.get(key_of(row))) for row in members]
        why = f"{WHY[family]}\n\n" if any(key.startswith(f"{family} |") for key in known) else ""
        parts.append(f"## {family}\n\n{why}{_TABLE}\n" + "\n".join(lines) + "\n")
    powers = [
        f"| {name} | " + " | ".join(f"{100 * power:.1f} %" for power in each) + " |"
        for name, each in combo.items()
    ]
    return "\n".join([*parts, _COMBO + "\n".join(powers) + "\n"])
