"""Measures level and coverage over many simulated trials, on all cores, and writes the page.

`python -m long.level_and_coverage [replicates]`, with `tests` on the path.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.proportions import estimate_clopper_pearson
from long.curve_checks import CURVE_COVERAGES, CURVE_LEVELS
from long.level_checks import COVERAGES, LEVELS, Coverage, Level
from long.level_trials import EFFECT, NULL, Trial, Truth, draw_trials
from long.regression_checks import REGRESSION_COVERAGES, REGRESSION_LEVELS

REPLICATES = 20_000
SIZES = (500, 44)
PAGE = Path(__file__).parents[2] / "docs" / "validation" / "level-and-coverage.md"
_CHUNK = 100
_LEVELS = (*LEVELS, *CURVE_LEVELS, *REGRESSION_LEVELS)
_COVERAGES = (*COVERAGES, *CURVE_COVERAGES, *REGRESSION_COVERAGES)
HEAD = """# Level and coverage of the estimators

Written by `make validate` (`tests/long/test_level_and_coverage.py`) from {replicates:,} simulated
trials: exponential times with a median of 10 months in two strata (hazard ratio 1.5 between
them, 40 % in the second), a competing event, censoring from 12 to 36 months, times rounded up to
days, 1:1. Levels without any effect, coverages with a hazard ratio of 0.7 (response 40 % v 55 %).
In brackets the 95 % interval of the simulation. At 500 an arm each must hold; at 44, the size of
the reference trial, methods that rest on large samples miss, and by how much stands here.

| what | 500 an arm | 44 an arm |
|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How often it happened, of how many trials that gave an answer."""

    name: str
    kind: str
    exact: bool
    hits: int
    told: int

    @property
    def share(self) -> float:
        """The share seen."""
        return self.hits / self.told

    def limits(self, level: float = 0.95) -> tuple[float, float]:
        """Exact binomial limits of the share."""
        found = estimate_clopper_pearson(self.hits, n=self.told, level=level)
        return found.lower, found.upper

    @property
    def holds(self) -> bool:
        """Whether 5 % or 95 % lies within the error of the simulation (99.9 %)."""
        lower, upper = self.limits(0.999)
        aim = 0.05 if self.kind == "level" else 0.95
        if self.exact:
            return lower <= aim if self.kind == "level" else upper >= aim
        return lower <= aim <= upper


def _ask(check: Level | Coverage, trial: Trial) -> float:
    """1 where it happened, 0 where not, NaN where the method gives no answer."""
    if isinstance(check, Level):
        p_value = check.p_value(trial)
        return np.nan if np.isnan(p_value) else float(p_value < 0.05)
    lower, upper = check.interval(trial)
    if np.isnan(lower) or np.isnan(upper):
        return np.nan
    return float(lower <= check.truth(trial) <= upper)


def _run_chunk(first: int, *, per_arm: int, last: int) -> NDArray[np.int64]:
    """Rows: hits and answers of every check, over the replicates of a chunk."""
    replicates = np.arange(first, min(first + _CHUNK, last))
    counts = np.zeros((2, len(_LEVELS) + len(_COVERAGES)), dtype=np.int64)
    asked: list[tuple[Truth, Sequence[Level | Coverage], int]] = [
        (NULL, _LEVELS, 0),
        (EFFECT, _COVERAGES, len(_LEVELS)),
    ]
    for truth, checks, at in asked:
        for trial in draw_trials(replicates, per_arm=per_arm, truth=truth):
            for i, check in enumerate(checks):
                hit = _ask(check, trial)
                counts[0, at + i] += hit == 1
                counts[1, at + i] += not np.isnan(hit)
    return counts


def measure(per_arm: int, *, replicates: int = REPLICATES, first: int = 0) -> list[Measured]:
    """Every level and coverage at a size."""
    last = first + replicates
    run = partial(_run_chunk, per_arm=per_arm, last=last)
    with ProcessPoolExecutor() as pool:
        counts = sum(pool.map(run, range(first, last, _CHUNK)))
    assert not isinstance(counts, int)
    kinds = [(c, "level") for c in _LEVELS] + [(c, "coverage") for c in _COVERAGES]
    return [
        Measured(
            name=check.name,
            kind=kind,
            exact=check.exact,
            hits=int(counts[0, i]),
            told=int(counts[1, i]),
        )
        for i, (check, kind) in enumerate(kinds)
    ]


def print_row(large: Measured, small: Measured) -> str:
    """A row of the page."""
    cells = []
    for each in (large, small):
        lower, upper = each.limits()
        cells.append(f"{100 * each.share:.2f} % ({100 * lower:.2f} to {100 * upper:.2f})")
    exact = ", exact: may be conservative" if large.exact else ""
    return f"| {large.kind}: {large.name}{exact} | {cells[0]} | {cells[1]} |"


def write_page(large: list[Measured], small: list[Measured], *, replicates: int) -> None:
    """docs/validation/level-and-coverage.md."""
    rows = [print_row(*pair) for pair in zip(large, small, strict=True)]
    PAGE.write_text(HEAD.format(replicates=replicates) + "\n".join(rows) + "\n")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATES
    both = [measure(size, replicates=count) for size in SIZES]
    for pair in zip(*both, strict=True):
        sys.stdout.write(f"{print_row(*pair)}{'' if pair[0].holds else ' does not hold'}\n")
    if count >= REPLICATES:
        write_page(*both, replicates=count)
