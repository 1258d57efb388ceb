"""Kaplan-Meier, stratified log-rank and Cox beside R's survival, on one data set, in one run.

Call: python benchmarks/survival.py. Without R only our own times are printed.
"""

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
from equipoise.numerics.kaplan_meier import estimate_band, estimate_kaplan_meier
from equipoise.numerics.logrank import compare_logrank
from equipoise.numerics.streams import draw_uniforms

ROUNDS = 5
Data = dict[str, NDArray[np.float64]]


def draw_data(n: int) -> Data:
    """Days of two arms in four strata: hazard ratio 0.75, censored evenly over four years."""
    rows = np.arange(n, dtype=np.int64)
    u = draw_uniforms(2026, replicate=0 * rows, subject=rows, purpose=1, count=4)
    arm, stratum = np.floor(2 * u[:, 0]), np.floor(4 * u[:, 1])
    failure = -np.log(u[:, 2]) * 500 / np.where(arm == 1, 0.75, 1.0)
    censoring = 1460 * u[:, 3]
    days = np.ceil(np.minimum(failure, censoring))
    return {"time": days, "event": (failure <= censoring) * 1.0, "arm": arm, "stratum": stratum}


def best_seconds(task: Callable[[], object]) -> float:
    task()
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def own_tasks(data: Data) -> dict[str, Callable[[], object]]:
    days, arm = data["time"], data["arm"].astype(int)
    event, stratum = data["event"].astype(int), data["stratum"].astype(int)

    def curves() -> None:
        for group in (0, 1):
            own = arm == group
            estimate_band(estimate_kaplan_meier(days[own], event=event[own]))

    return {
        "kaplan_meier": curves,
        "logrank": lambda: compare_logrank(days, event=event, group=arm, stratum=stratum),
        "cox": lambda: estimate_cox(days, event=event, covariates=arm, stratum=stratum),
    }


def check_values(data: Data) -> list[float]:
    """The log hazard ratio and the log-rank statistic, to be compared with R's."""
    days, arm = data["time"], data["arm"].astype(int)
    event, stratum = data["event"].astype(int), data["stratum"].astype(int)
    fit = estimate_cox(days, event=event, covariates=arm, stratum=stratum)
    ranks = compare_logrank(days, event=event, group=arm, stratum=stratum)
    return [float(fit.coefficients[0]), ranks.test.statistic]


def r_output(data: Data) -> dict[str, list[float]]:
    """What R printed, by task; empty without R."""
    program = shutil.which("Rscript")
    if program is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        table = np.stack(list(data.values()), axis=1)
        np.savetxt(path, table, delimiter=",", header=",".join(data), comments="", fmt="%d")
        script = str(Path(__file__).with_suffix(".R"))
        arguments = [program, script, str(path), str(ROUNDS)]
        text = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout  # noqa: S603
    lines = [line.split() for line in text.splitlines()]
    return {line[0]: [float(word) for word in line[1:]] for line in lines}


def main() -> None:
    write = sys.stdout.write
    write(f"{'rows':>7}  {'task':<13}{'ours, ms':>10}{'R, ms':>10}{'R / ours':>10}\n")
    for n in (1_000, 100_000):
        data = draw_data(n)
        theirs = r_output(data)
        for name, task in own_tasks(data).items():
            ours = best_seconds(task)
            other = theirs.get(name, [float("nan")])[0]
            write(
                f"{n:>7}  {name:<13}{1e3 * ours:>10.3f}{1e3 * other:>10.3f}{other / ours:>10.1f}\n"
            )
        if theirs:
            apart = np.abs(np.array(check_values(data)) / theirs["check"] - 1).max()
            write(f"{n:>7}  largest relative difference of the results: {apart:.0e}\n")


if __name__ == "__main__":
    main()
