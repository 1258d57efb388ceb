"""The trials on which our decisions stand beside R's: drawn again, never stored.

`python -m reference.decisions.drawn_trials FILE.csv`, with `tests` on the path, writes them for R.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from long.level_trials import DAYS_A_MONTH, EFFECT, NULL, Trial, draw_trials

COUNT = 2_000
_FIRST = 1_000_000  # replicates beyond those of level and coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    per_arm: int
    effect: bool


_KINDS = (_Kind(per_arm=44, effect=True), _Kind(per_arm=500, effect=False))


def draw(first: int, *, last: int) -> list[Trial]:
    """Trials `first` to `last` - 1, times in days: even ones 44 an arm with an effect, odd ones
    500 an arm without."""
    found: list[Trial] = []
    for number in range(first, last):
        kind = _KINDS[number % 2]
        trial = draw_trials(
            np.array([_FIRST + number]),
            per_arm=kind.per_arm,
            truth=EFFECT if kind.effect else NULL,
        )[0]
        days = (np.rint(values * DAYS_A_MONTH) for values in (trial.time, trial.first))
        found.append(replace(trial, time=next(days), first=next(days)))
    return found


def _write(path: Path) -> None:
    with path.open("w") as file:
        file.write("trial,time,event,first,cause,arm,stratum,response,count\n")
        for number, t in enumerate(draw(0, last=COUNT)):
            columns = (t.time, t.event, t.first, t.cause, t.arm, t.stratum, t.response, t.count)
            for row in zip(*columns, strict=True):
                file.write(",".join(str(int(value)) for value in (number, *row)) + "\n")


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
