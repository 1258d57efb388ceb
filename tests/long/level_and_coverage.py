"""Measures level and coverage over many simulated trials, on all cores, and writes the page.

`python -m long.level_and_coverage [replicates]`, with `tests` on the path.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import NDArray

from long.level_measured import Measured
from long.level_page import PAGE, print_page
from long.level_registry import CHECKS
from long.level_trials import EFFECT, NULL, draw_trials

REPLICATES = 20_000
SIZES = (500, 44)
_CHUNK = 100


def _run_chunk(first: int, *, per_arm: int, last: int) -> NDArray[np.int64]:
    """Rows: hits, answers and questions of every check, over the replicates of a chunk."""
    replicates = np.arange(first, min(first + _CHUNK, last))
    counts = np.zeros((3, len(CHECKS)), dtype=np.int64)
    for truth, is_level in ((NULL, True), (EFFECT, False)):
        asked = [i for i, check in enumerate(CHECKS) if check.is_level is is_level]
        for trial in draw_trials(replicates, per_arm=per_arm, truth=truth):
            for i in asked:
                hit = CHECKS[i].happened(trial)
                counts[:, i] += (hit == 1, not np.isnan(hit), 1)
    return counts


def measure(per_arm: int, *, replicates: int = REPLICATES, first: int = 0) -> list[Measured]:
    """Every level and coverage at a size, in the order of the registry."""
    last = first + replicates
    run = partial(_run_chunk, per_arm=per_arm, last=last)
    with ProcessPoolExecutor() as pool:
        counts = sum(pool.map(run, range(first, last, _CHUNK)))
    assert not isinstance(counts, int)
    return [
        Measured(check=check, hits=int(hits), told=int(told), asked=int(asked))
        for check, (hits, told, asked) in zip(CHECKS, counts.T, strict=True)
    ]


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATES
    both = [measure(size, replicates=count) for size in SIZES]
    for large, small in zip(*both, strict=True):
        told = f"{large.name}: {large.share:.4f}, {small.share:.4f}"
        sys.stdout.write(f"{told}{'' if large.holds else ' DOES NOT HOLD'}\n")
    if count >= REPLICATES:
        PAGE.write_text(print_page(*both, replicates=count))
