"""The tasks of estimators.py by other packages of Python, run by it under an interpreter that has
them: `estimators_peers.py TASK... FOLDER`. One function a task and peer, named `peer__task`; each
returns what is to be timed. It prints a line of JSON a measurement.
"""

# ruff: noqa: PLC0415 - a package is imported by its own tasks, for another may not be there
import json
import sys
import time
from importlib import import_module
from pathlib import Path

import numpy as np

SECONDS, LONG = 3.0, 20.0
PACKAGES = {
    "statsmodels": "statsmodels.duration.survfunc",
    "lifelines": "lifelines",
    "sksurv": "sksurv.compare",
    "survival": "survival",
}
AT = 365.0


def statsmodels__curves_and_logrank(d):
    from statsmodels.duration.survfunc import SurvfuncRight, survdiff

    def run():
        alive = []
        for own in (d["arm"] == 0, d["arm"] == 1):
            curve = SurvfuncRight(d["time"][own], d["event"][own])
            alive.append(_step(curve.surv_times, curve.surv_prob))
        return [survdiff(d["time"], d["event"], d["arm"])[0], *alive]

    return run


def statsmodels__logrank_strata(d):
    from statsmodels.duration.survfunc import survdiff

    return lambda: [survdiff(d["time"], d["event"], d["arm"], strata=d["stratum"])[0]]


def lifelines__curves_and_logrank(d):
    from lifelines import KaplanMeierFitter
    from lifelines.statistics import logrank_test

    def run():
        halves, alive = [], []
        for own in (d["arm"] == 0, d["arm"] == 1):
            halves.append((d["time"][own], d["event"][own]))
            alive.append(float(KaplanMeierFitter().fit(*halves[-1]).predict(AT)))
        (t0, e0), (t1, e1) = halves
        return [logrank_test(t0, t1, e0, e1).test_statistic, *alive]

    return run


def sksurv__curves_and_logrank(d):
    from sksurv.compare import compare_survival
    from sksurv.nonparametric import kaplan_meier_estimator
    from sksurv.util import Surv

    event = d["event"] > 0
    rows = Surv.from_arrays(event, d["time"])

    def run():
        alive = []
        for own in (d["arm"] == 0, d["arm"] == 1):
            alive.append(_step(*kaplan_meier_estimator(event[own], d["time"][own])))
        return [compare_survival(rows, d["arm"])[0], *alive]

    return run


def survival__curves_and_logrank(d):
    import survival

    rows = survival.Surv(d["time"], d["event"])
    arm = d["arm"].astype(int).tolist()

    def run():
        curves = survival.survfit(rows, group=arm)
        alive = _rust_alive(curves)
        return [float(survival.survdiff(rows, group=arm).chisq), *alive]

    return run


def survival__logrank_strata(d):
    import survival

    table = {name: column.tolist() for name, column in d.items()}
    formula = "Surv(time, event) ~ arm + strata(stratum)"
    return lambda: [float(survival.survdiff(formula, table).chisq)]


def survival__cox_strata(d):
    import survival

    table = {name: column.tolist() for name, column in d.items()}
    return lambda: [
        float(survival.coxph("Surv(time, event) ~ arm + strata(stratum)", table).coefficients[0])
    ]


def _rust_alive(curves):
    """Survival at AT of each curve, whose times stand one after another."""
    times, alive, start = np.asarray(curves.time), np.asarray(curves.surv), 0
    out = []
    for size in curves.strata.values() if hasattr(curves.strata, "values") else curves.strata:
        out.append(_step(times[start : start + size], alive[start : start + size]))
        start += size
    return out


def _step(times, alive):
    """The last value of a curve up to AT."""
    return float(np.r_[1.0, alive][np.searchsorted(times, AT, side="right")])


def measure(run):
    start = time.perf_counter()
    values = run()
    seconds = [time.perf_counter() - start]
    while sum(seconds) < SECONDS and len(seconds) < 200 and seconds[0] < LONG:
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds), [float(value) for value in values]


def main(tasks, folder):
    data = {path.stem: np.fromfile(path) for path in Path(folder).glob("*.f64")}
    for peer, module in PACKAGES.items():
        try:
            import_module(module)
        except ImportError as refusal:
            print(json.dumps({"peer": peer, "task": "", "error": str(refusal)}))  # noqa: T201
            continue
        for task in tasks:
            build = globals().get(f"{peer}__{task}")
            if build is None:
                continue
            try:
                seconds, values = measure(build(data))
                line = {"peer": peer, "task": task, "seconds": seconds, "values": values}
            except Exception as refusal:  # noqa: BLE001 - whatever a peer raises is what is told
                line = {"peer": peer, "task": task, "error": f"{type(refusal).__name__}: {refusal}"}
            print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__" and len(sys.argv) > 2:
    main(sys.argv[1:-1], sys.argv[-1])
