"""Every row of the grid, and how far a theory of large samples is known to be off.

`python -m long.theory_known [TRIALS]` (`tests` on the path) asks other trials, and writes
`theory_known.json`: how far each row is off whose theory is one of large samples.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from equipoise.simulate.trial_model import Run
from long import theory_draws, theory_logrank, theory_looks, theory_times
from long.theory_rows import Difference, Row

FILE = Path(__file__).with_name("theory_known.json")
TRIALS, SEED, OTHER_SEED = 100_000, 20261126, 1
EXACT = {theory_draws.COURSE, theory_draws.LAWS}
LEVELS = {0.025, 0.05, 0.95, 1.0}  # and spread
UNEQUAL = ("2:1", "0.5:1", "88 subjects", ", three strata")  # weighted in strata
GRID = (
    theory_draws.by_course, theory_draws.by_laws, theory_logrank.by_events,
    theory_logrank.by_date, theory_logrank.by_average, theory_logrank.by_cox,
    theory_looks.by_looks, theory_looks.by_size_anew, theory_times.by_curves,
    theory_times.by_weights, theory_times.by_late_weights,
)  # fmt: skip
WHY = {
    theory_logrank.AFTER: "Formulas for events take those at risk to stay as they were allocated "
    "and z for a normal number that is only shifted. The score follows those at risk; what is "
    "left is that z leans to one side where arms are unequal or events few.",
    theory_logrank.DATED: "Lachin and Foulkes take the hazards without effect for their mean and "
    "the events for the information; the score follows those at risk.",
    theory_logrank.AVERAGED: "The average hazard ratio takes the share of each arm at risk for "
    "that allocated, however the effect goes; the score does not.",
    theory_logrank.NONINFERIOR: "Wald's interval leans to one side.",
    theory_looks.FAMILY: "Looks count events by Schoenfeld: his formula's difference at each look.",
    theory_looks.ANEW: "Schoenfeld's formula again.",
    theory_times.CURVES: "Greenwood's variance is estimated, with few patients too small a one; on "
    "the log-log scale the estimate goes with the survival found.",
    theory_times.WEIGHTS: "Weights follow the curve that is found, theory the one expected. Where "
    "late events weigh most, of which each of three strata has few, the variance of z is 1.02.",
}


def simulate_grid(run: Run) -> Iterator[Row]:
    """All rows, in the order of the page."""
    for rows in GRID:
        yield from rows(run)


def read_known() -> dict[str, Difference]:
    """The differences that are known, by family and name."""
    said = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: Difference(size=size, trials=said["trials"], why=WHY[name.split(" | ")[0]])
        for name, size in said["differences"].items()
    }


def key_of(row: Row) -> str:
    """What a row is called in the file."""
    return f"{row.family} | {row.name}"


def has_known(row: Row) -> bool:
    """Whether its theory is one of large samples; levels with equal arms must hold without,
    but for weights in strata."""
    nominal = row.theory in LEVELS and not any(word in row.name for word in UNEQUAL)
    return row.family not in EXACT and not nominal


def write_known(trials: int) -> None:
    """Asks other trials, and writes what they tell."""
    rows = simulate_grid(Run(seed=OTHER_SEED, trials=trials))
    told = {key_of(row): round(row.seen - row.theory, 5) for row in rows if has_known(row)}
    text = json.dumps({"trials": trials, "differences": told}, indent=1)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_known(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)
