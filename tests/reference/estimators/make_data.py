"""Writes the data sets of this folder, simulated and ours (CC0): `python make_data.py`."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).parent / "data"


def draw_tied(rng: np.random.Generator, *, n: int = 160) -> pl.DataFrame:
    """Months with many ties, three arms, strata, late entry, weights, two causes, covariates."""
    arm, site = rng.integers(0, 3, n), rng.integers(1, 13, n)
    stratum = rng.integers(0, 4, n)
    age, marker = rng.integers(45, 80, n), np.round(rng.normal(size=n), 2)
    scale = 14 * np.exp(0.25 * arm - 0.15 * stratum - 0.3 * marker)
    death = rng.weibull(1.3, n) * scale
    other = rng.exponential(40, n)
    end = rng.uniform(6, 36, n)
    time = np.ceil(np.minimum(np.minimum(death, other), end))
    cause = np.where(end < np.minimum(death, other), 0, np.where(death <= other, 1, 2))
    late = np.where(rng.random(n) < 0.5, 0, np.floor(rng.random(n) * 0.6 * time))
    return pl.DataFrame(
        {
            "id": np.arange(1, n + 1),
            "arm": arm,
            "site": site,
            "stratum": stratum,
            "age": age,
            "marker": marker,
            "entry": late,
            "time": time,
            "event": (cause > 0).astype(int),
            "cause": cause,
            "weight": np.round(rng.uniform(0.4, 2.5, n), 2),
            "response": (rng.random(n) < 1 / (1 + np.exp(0.8 - 0.5 * arm - marker))).astype(int),
            "count": rng.negative_binomial(1.5, 1.5 / (1.5 + 0.08 * time)),
        }
    )


def draw_switching(rng: np.random.Generator, *, n: int = 120) -> pl.DataFrame:
    """Rows (start, stop] of patients whose treatment changes on the way; continuous times."""
    rows = []
    for patient in range(1, n + 1):
        arm, marker = int(rng.integers(0, 2)), float(np.round(rng.normal(), 3))
        stratum = int(rng.integers(0, 2))
        switch = float(np.round(rng.exponential(15), 4)) + 0.01
        death = float(rng.exponential(12 * np.exp(-0.4 * arm + 0.3 * marker)))
        end = float(rng.uniform(4, 40))
        stop, event = round(min(death, end), 4) + 0.02, int(death <= end)
        cuts = [0.0, *([switch] if switch < stop else []), stop]
        for i, (begin, until) in enumerate(pairwise(cuts)):
            last = i == len(cuts) - 2
            rows.append((patient, arm, stratum, marker, int(i > 0), begin, until, event * last))
    names = ["id", "arm", "stratum", "marker", "switched", "start", "stop", "event"]
    return pl.DataFrame(rows, schema=names, orient="row")


def draw_intervals(rng: np.random.Generator, *, n: int = 140) -> pl.DataFrame:
    """Progression known only between scans: (left, right], right empty where never seen."""
    arm, marker = rng.integers(0, 2, n), np.round(rng.normal(size=n), 2)
    stratum = rng.integers(0, 2, n)
    true = rng.weibull(1.2, n) * 10 * np.exp(0.4 * arm - 0.2 * marker)
    left, right = np.zeros(n), np.full(n, np.inf)
    for i in range(n):
        scans = np.arange(2, 25, 2) + np.round(rng.uniform(-0.5, 0.5, 12), 1)
        scans = scans[(rng.random(12) < 0.9) & (scans < rng.uniform(6, 30))]
        left[i] = max([0.0, *scans[scans < true[i]]])
        right[i] = min([np.inf, *scans[scans >= true[i]]])
    known = pl.Series("right", right).replace(float("inf"), None)
    return pl.DataFrame(
        {"id": np.arange(1, n + 1), "arm": arm, "stratum": stratum, "marker": marker, "left": left}
    ).with_columns(known)


if __name__ == "__main__":
    rng = np.random.default_rng(20261126)
    draw_tied(rng).write_csv(HERE / "tied.csv")
    draw_switching(rng).write_csv(HERE / "switching.csv")
    draw_intervals(rng).write_csv(HERE / "intervals.csv")
