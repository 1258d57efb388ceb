"""Every estimator beside its peers on the same rows, in one run: seconds, ratios and digits.

Call: python benchmarks/estimators.py [--peers PYTHON] [--rows 1000 100000] [--task NAME]
PYTHON (or EQUIPOISE_PEERS) is an interpreter that has statsmodels, lifelines, scikit-survival and
survival; R is found on the path. A peer that is not there is told and left out.

A task is one function here and one of its name in estimators_peers.py and estimators.R, each on the
same columns and each returning the numbers that are compared.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from equipoise.numerics.cox import estimate_cox
from equipoise.numerics.event_counts import count_events_by_group
from equipoise.numerics.groups_at_risk import groups_at_risk_of
from equipoise.numerics.kaplan_meier import (
    estimate_kaplan_meier,
    estimate_kaplan_meier_of,
    estimate_survival_at,
)
from equipoise.numerics.logrank import compare_groups_at_risk, compare_logrank
from equipoise.numerics.streams import draw_uniforms

HERE = Path(__file__).parent
Data = dict[str, NDArray[np.float64]]
ROWS = (1_000, 100_000, 1_000_000)
SECONDS = 3.0  # of repeating one task; the least of its times counts
AT = 365.0


def draw_data(n: int, *, days: bool) -> Data:
    """Two arms in four strata, hazard ratio 0.75, censored evenly over four years."""
    rows = np.arange(n, dtype=np.int64)
    u = draw_uniforms(2026, replicate=0 * rows, subject=rows, purpose=1, count=4)
    arm, stratum = np.floor(2 * u[:, 0]), np.floor(4 * u[:, 1])
    failure = -np.log(u[:, 2]) * 500 / np.where(arm == 1, 0.75, 1.0)
    censoring = 1460 * u[:, 3]
    times = np.minimum(failure, censoring)
    return {
        "time": np.ceil(times) if days else times,
        "event": (failure <= censoring) * 1.0,
        "arm": arm,
        "stratum": stratum,
    }


def _codes(data: Data) -> list[NDArray[np.int64]]:
    return [data[name].astype(np.int64) for name in ("event", "arm", "stratum")]


def curves_and_logrank(data: Data) -> Callable[[], list[float]]:
    """Kaplan-Meier of both arms and the log-rank test, from one counting of the rows."""
    times, (event, arm, _) = data["time"], _codes(data)

    def run() -> list[float]:
        counts = count_events_by_group(times, cause=event, group=arm)
        curves = [estimate_kaplan_meier_of(one) for one in counts]
        test = compare_groups_at_risk(groups_at_risk_of(counts))
        alive = [float(estimate_survival_at(curve, at=AT).survival[0]) for curve in curves]
        return [test.test.statistic, *alive]

    return run


def curves_then_logrank(data: Data) -> Callable[[], list[float]]:
    """The same by a call for each arm and one for the test, the rows split by the caller."""
    times, (event, arm, _) = data["time"], _codes(data)

    def run() -> list[float]:
        alive = []
        for own in (arm == 0, arm == 1):
            curve = estimate_kaplan_meier(times[own], event=event[own])
            alive.append(float(estimate_survival_at(curve, at=AT).survival[0]))
        return [compare_logrank(times, event=event, group=arm).test.statistic, *alive]

    return run


def logrank_strata(data: Data) -> Callable[[], list[float]]:
    """The log-rank test in four strata."""
    times, (event, arm, stratum) = data["time"], _codes(data)
    return lambda: [compare_logrank(times, event=event, group=arm, stratum=stratum).test.statistic]


def cox_strata(data: Data) -> Callable[[], list[float]]:
    """Cox's model of the arm in four strata, Efron ties, with standard error."""
    times, (event, arm, stratum) = data["time"], _codes(data)

    def run() -> list[float]:
        fit = estimate_cox(times, event=event, covariates=arm, stratum=stratum)
        return [float(fit.coefficients[0])]

    return run


TASKS = {
    task.__name__: task
    for task in (curves_and_logrank, curves_then_logrank, logrank_strata, cox_strata)
}


def best_seconds(task: Callable[[], object]) -> float:
    """The least of the times of a task, after one that is not counted."""
    task()
    seconds: list[float] = []
    while sum(seconds) < SECONDS and len(seconds) < 200:
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def peer_answers(command: list[str], data: Data) -> list[dict[str, object]]:
    """What a program of peers measured: peer, task, seconds, values; or peer and error."""
    with tempfile.TemporaryDirectory() as folder:
        for name, column in data.items():
            column.tofile(Path(folder) / f"{name}.f64")
        done = subprocess.run([*command, folder], check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        sys.stdout.write(f"{command[0]} failed: {done.stderr[-300:]}\n")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def peer_commands(python: str | None) -> list[list[str]]:
    """How to call the peers that are here; who is not is told."""
    r = shutil.which("Rscript")
    if r is None:
        sys.stdout.write("R IS NOT INSTALLED: nothing is compared with it\n")
    if python is None:
        sys.stdout.write("NO PYTHON OF PEERS (--peers): nothing is compared with its packages\n")
    return [
        *([[r, str(HERE / "estimators.R")]] if r else []),
        *([[python, str(HERE / "estimators_peers.py")]] if python else []),
    ]


def print_size(n: int, *, days: bool, tasks: list[str], commands: list[list[str]]) -> None:
    """The rows of one size and kind of times: ours, then each peer with its ratio."""
    data = draw_data(n, days=days)
    found = [one for command in commands for one in peer_answers([*command, *tasks], data)]
    kind = "days" if days else "continuous"
    for name in tasks:
        run = TASKS[name](data)
        ours, values = best_seconds(run), np.array(run())
        cells = [_peer_cell(one, ours, values) for one in found if one["task"] in (name, "")]
        sys.stdout.write(f"| {n:,} | {kind} | {name} | {1e3 * ours:.3f} | {'; '.join(cells)} |\n")
        sys.stdout.flush()


def _peer_cell(one: dict[str, object], ours: float, values: NDArray[np.float64]) -> str:
    if "error" in one:
        return f"{one['peer']}: NOT COMPARED ({one['error']})"
    theirs = np.array(one["values"], dtype=np.float64)
    apart = float(np.abs(values / theirs - 1).max())
    seconds = float(str(one["seconds"]))
    far = "" if apart < 1e-9 else f", apart by {apart:.0e}"
    return f"{one['peer']} {1e3 * seconds:.3g} ({seconds / ours:.3g} x{far})"


def main() -> None:
    """Print the table of every size, kind of times and task."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--peers", default=os.environ.get("EQUIPOISE_PEERS"))
    options.add_argument("--rows", type=int, nargs="+", default=ROWS)
    options.add_argument("--task", choices=TASKS, action="append", default=[])
    chosen = options.parse_args()
    commands = peer_commands(chosen.peers)
    sys.stdout.write("| rows | times | task | ours, ms | peers, ms (ratio to ours) |\n")
    sys.stdout.write("|---|---|---|---|---|\n")
    for n in chosen.rows:
        for days in (True, False):
            print_size(n, days=days, tasks=chosen.task or list(TASKS), commands=commands)


if __name__ == "__main__":
    main()
