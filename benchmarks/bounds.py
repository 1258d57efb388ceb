"""Boundaries of group sequential designs beside rpact in one run, and gsDesign by stored ratios.

Call: python benchmarks/bounds.py
One-sided 2.5 %, power 90 %, O'Brien-Fleming like spending; futility by Hwang-Shih-DeCani, gamma
-2, not binding. All times are processor time of one thread, the least of several; R with rpact is
found on the path, and told where it is missing.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from equipoise.design.bounds import build_design
from equipoise.design.error_rates import ErrorRates
from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import OBRIEN_FLEMING, BoundRule, spend
from equipoise.numerics.sequential.group_sequential import find_bounds
from equipoise.numerics.sequential.group_sequential_futility import find_futility_bounds

HERE = Path(__file__).parent
SECONDS, GOAL = 0.5, 20
ALPHA, BETA = 0.025, 0.1
UPPER = BoundRule(name=OBRIEN_FLEMING)
LOWER = BoundRule(name="hwang-shih-decani", parameter=-2.0)
# gsDesign: ms on another machine, not re-run here, where rpact took 9.5 (3 looks) and 134 ms (10)
STORED = {"3 looks": (4.2, 9.5), "3 looks, futility": (8.2, 9.5), "10 looks": (32.0, 134.0)}


def bounds(looks: int) -> object:
    """The upper bounds alone, from what is spent by each look."""
    times = np.arange(1, looks + 1) / looks
    return find_bounds(spend(UPPER, time=times, total=ALPHA), information=times)


def bounds_with_futility(looks: int) -> object:
    """Upper and lower bounds, and the information at which they meet."""
    times = np.arange(1, looks + 1) / looks
    return find_futility_bounds(
        spend(UPPER, time=times, total=ALPHA),
        information=times,
        beta_spent=spend(LOWER, time=times, total=BETA),
    )


def design(looks: int, *, futility: BoundRule | None = None) -> object:
    """The whole design, as `equipoise design bounds` builds it: bounds, drift, chances to stop."""
    rates = ErrorRates(alpha=ALPHA, sides=1, power=1 - BETA)
    times = tuple(look / looks for look in range(1, looks + 1))
    return build_design(
        SequentialPlan(information=times, rates=rates, efficacy=UPPER, futility=futility)
    )


TASKS: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
    "3 looks": (lambda: bounds(3), lambda: design(3)),
    "3 looks, futility": (lambda: bounds_with_futility(3), lambda: design(3, futility=LOWER)),
    "10 looks": (lambda: bounds(10), lambda: design(10)),
}


def least_ms(task: Callable[[], object]) -> float:
    """Milliseconds of processor time, the least of many, the first not counted."""
    task()
    spent: list[float] = []
    while sum(spent) < SECONDS:
        begin = time.process_time()
        for _ in range(20):
            task()
        spent.append(time.process_time() - begin)
    return 1e3 * min(spent) / 20


def run_rpact() -> dict[str, float]:
    """Milliseconds by task; empty, and told loudly, without R or rpact."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        sys.stderr.write("!!! There is no R here: rpact is NOT compared. Install r-cran-rpact.\n")
        return {}
    call = [rscript, str(HERE / "bounds.R")]
    done = subprocess.run(call, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.stderr.write(f"!!! rpact is NOT compared, for R says:\n{done.stderr}\n")
        return {}
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["task"]: line["ms"] for line in lines}


def ratio(theirs: float | None, ours: float) -> str:
    """How many times as long they take, or a dash."""
    return f"{theirs / ours:.0f}" if theirs else "-"


def tell(line: str) -> None:
    """Writes a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Prints the table."""
    rpact, goals = run_rpact(), []
    tell("| task | bounds, ms | whole design, ms | rpact, ms | x rpact "
         "| x gsDesign, by its stored ratio to rpact | x gsDesign, by its stored ms |")  # fmt: skip
    tell("|---|---|---|---|---|---|---|")
    for name, (alone, whole) in TASKS.items():
        ours, (stored, beside) = least_ms(alone), STORED[name]
        theirs = rpact.get("10 looks" if name == "10 looks" else "3 looks")
        here = theirs * stored / beside if theirs else None
        goals.append(min(here or stored, stored) / ours)
        tell(f"| {name} | {ours:.3f} | {least_ms(whole):.3f} | "
             f"{rpact.get(name, float('nan')):.1f} | {ratio(rpact.get(name), ours)} | "
             f"{ratio(here, ours)} | {ratio(stored, ours)} |")  # fmt: skip
    word = "met" if min(goals) >= GOAL else "MISSED"
    tell(f"x gsDesign (not re-run here), at least {GOAL}: {min(goals):.0f}, {word}")


if __name__ == "__main__":
    main()
