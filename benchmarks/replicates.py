"""Simulated trials a second beside rpact and beside the drawing and ordering alone, in one run.

Call: python benchmarks/replicates.py [--trials 20000]
300 patients, medians 12 and 18 months, accrual even over 24 months, drop-out 5 % a year, cut at
200 events, log-rank test. All times are processor time of one thread, the least of several;
R with rpact is found on the path, and told where it is missing.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit

from equipoise.numerics.ranks.maxcombo import USUAL
from equipoise.numerics.trials.replicates import TrialPlan, draw_trial_kernel
from equipoise.numerics.trials.trial_cuts import (
    calendar_kernel,
    kth_smallest_kernel,
    order_rows_kernel,
)
from equipoise.simulate.maxcombo_decisions import reject_by_maxcombo
from equipoise.simulate.replicates import Replicates, plan_trial, simulate_replicates
from equipoise.simulate.trial_model import (
    Hazard,
    Look,
    Reading,
    Run,
    TrialModel,
    accrue_evenly,
    hazard_of_median,
)

HERE = Path(__file__).parent
SEED, REPEATS, EVENTS = 2026, 5, 200
LOST = Hazard(rates=(-math.log(1 - 0.05) / 12,))
MODEL = TrialModel(
    sizes=(150, 150),
    accrual=accrue_evenly(24.0),
    courses=((hazard_of_median(12.0), hazard_of_median(18.0)),),
    leaving=(LOST, LOST),
)
FINAL = [Look(events=EVENTS)]
# O'Brien-Fleming like spending of 0.025 at 67, 134 and 200 events
THREE = ([Look(events=67), Look(events=134), Look(events=EVENTS)], (3.6946, 2.5053, 1.9938))
STORED = (  # trials/s over rpact's, measured once on another machine, one thread: not re-run here
    ("lrstat::lrsim", 1.3),
    ("simtrial::sim_gs_n", 1 / 190),
)
TARGETS = {"x rpact, at least": 15.0, "ns a patient and trial, at most": 28.0,
           "of the limit, at least": 0.5}  # fmt: skip
Task = Callable[[int], Replicates]


def simulate(trials: int, looks: list[Look], reading: Reading | None = None) -> Replicates:
    run = Run(seed=SEED, trials=trials, workers=1)
    return simulate_replicates(MODEL, looks=looks, reading=reading, run=run)


def decide(found: Replicates) -> Replicates:
    """The replicates, after MaxCombo's decision on each of them."""
    reject_by_maxcombo(found)
    return found


TASKS: dict[str, Task] = {
    "logrank": lambda trials: simulate(trials, FINAL),
    "three_looks": lambda trials: simulate(trials, THREE[0]),
    "maxcombo statistics": lambda trials: simulate(trials, FINAL, Reading(weightings=USUAL)),
    "maxcombo test": lambda trials: decide(simulate(trials, FINAL, Reading(weightings=USUAL))),
    "milestone": lambda trials: simulate(trials, FINAL, Reading(milestone=12.0)),
    "mean time": lambda trials: simulate(trials, FINAL, Reading(horizon=18.0)),
    "hazard ratio": lambda trials: simulate(trials, FINAL, Reading(hazard_ratio=True)),
}


def power(name: str, found: Replicates) -> float:
    """The share of trials in which arm 1 wins, by what the task is about."""
    if name == "three_looks":
        return float((found.z[..., 0] < -np.array(THREE[1])).any(axis=1).mean())
    if name == "maxcombo test":
        return float(reject_by_maxcombo(found).mean())
    z = {"milestone": "milestone_z", "mean time": "mean_z"}.get(name, "z")
    return float((getattr(found, z) < -1.959964).mean())


@njit(cache=True, nogil=True, error_model="numpy")
def bare_kernel(plan, events: int, trials: int) -> int:  # type: ignore[no-untyped-def]
    """Draws trials, finds their cut and puts their rows in order: nothing else."""
    sizes, entry, shares, laws, leaving, frailty, scans = plan
    n = sizes[0] + sizes[1]
    first, second, room = np.empty((4, n)), np.empty((4, 0)), np.empty(n)
    stratum, calendar, pool = np.empty(0, dtype=np.int64), np.empty(n), np.empty(n + 1)
    slot, row = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    ordered, start = np.empty(n, dtype=np.int64), np.empty(n + 2, dtype=np.int64)
    entered, span = 0, 1.0
    for trial in range(trials):
        draw_trial_kernel(
            np.uint64(trial), np.uint64(100), np.uint64(1), np.uint64(0), sizes, entry, shares,
            laws, leaving, frailty, scans, first, second, stratum, room,
        )  # fmt: skip
        calendar_kernel(first[0], first[1], first[2], calendar)
        cut = kth_smallest_kernel(calendar, events, span, slot, start[:n], pool)
        span = 2.0 * cut
        entered += order_rows_kernel(
            first[0], first[1], first[2], calendar, stratum, scans, cut, sizes[0], row, slot,
            start, ordered,
        )  # fmt: skip
    return entered


def bare(plan: TrialPlan, trials: int) -> int:
    """The kernel alone on a plan."""
    parts = (plan.sizes, plan.entry, plan.shares, plan.course, plan.leaving, plan.frailty,
             plan.scans)  # fmt: skip
    return int(bare_kernel(parts, EVENTS, trials))


def least_seconds(task: Callable[[], object]) -> float:
    """The least processor time of several calls, after one that is not counted."""
    task()
    spent = []
    for _ in range(REPEATS):
        begin = time.process_time()
        task()
        spent.append(time.process_time() - begin)
    return min(spent)


def run_rpact(trials: int) -> dict[str, dict[str, float]]:
    """Seconds and power by task; empty, and told loudly, without R or rpact."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        sys.stderr.write("!!! There is no R here: rpact is NOT compared. Install r-cran-rpact.\n")
        return {}
    call = [rscript, str(HERE / "replicates.R"), str(trials)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        sys.stderr.write(f"!!! rpact is NOT compared, for R says:\n{done.stderr}\n")
        return {}
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["task"]: line for line in lines}


def tell(line: str) -> None:
    """Writes a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20_000)
    trials = parser.parse_args().trials
    peer = run_rpact(trials)
    plan = plan_trial(MODEL)
    limit = least_seconds(lambda: bare(plan, trials))
    rows = sum(MODEL.sizes) * trials
    tell(f"{'task':22}{'trials/s':>10}{'ns a patient':>14}{'of limit':>10}{'x rpact':>9}  power")
    tell(f"{'drawing and ordering':22}{trials / limit:10,.0f}{limit / rows * 1e9:14.1f}")
    spent = {}
    for name, task in TASKS.items():
        seconds = spent[name] = least_seconds(lambda task=task: task(trials))  # type: ignore[misc]
        theirs = peer.get(name)
        ratio = f"{theirs['seconds'] / seconds:9.1f}" if theirs else f"{'-':>9}"
        won = f"{power(name, task(trials)):.4f}"
        won += f" (rpact {theirs['power']:.4f})" if theirs else ""
        tell(f"{name:22}{trials / seconds:10,.0f}{seconds / rows * 1e9:14.1f}"
              f"{limit / seconds:10.0%}{ratio}  {won}")  # fmt: skip
    for name, theirs in peer.items():
        tell(f"rpact, {name:15}{trials / theirs['seconds']:10,.0f}")
    tell_goals(spent["logrank"], rows=rows, limit=limit, rpact=peer.get("logrank"))


def tell_goals(seconds: float, *, rows: int, limit: float, rpact: dict[str, float] | None) -> None:
    """The log-rank task beside its goals, and beside peers that are not run here."""
    found = {
        "x rpact, at least": rpact["seconds"] / seconds if rpact else math.nan,
        "ns a patient and trial, at most": seconds / rows * 1e9,
        "of the limit, at least": limit / seconds,
    }
    for name, goal in TARGETS.items():
        met = found[name] <= goal if name.endswith("most") else found[name] >= goal
        word = "met" if met else "unknown" if math.isnan(found[name]) else "MISSED"
        tell(f"log-rank, {name} {goal:g}: {found[name]:.3g}, {word}")
    for name, times in STORED:
        ratio = found["x rpact, at least"] / times
        tell(f"log-rank, x {name}: {ratio:,.0f} by its stored {times:.3g} x rpact, not re-run here")


if __name__ == "__main__":
    main()
