"""The tasks of estimators.py by other packages of Python, run by it under an interpreter that has
them: `estimators_peers.py TASK... FOLDER`. One function a task and peer, named `peer__task`; each
returns what is to be timed. It prints a line of JSON a measurement. What takes a peer minutes is
left out above `MOST` rows, unless EQUIPOISE_LONG is set.
"""

# ruff: noqa: PLC0415 - a package is imported by its own tasks, for another may not be there
import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path

import numpy as np

SECONDS, LONG = 2.0, 10.0
PACKAGES = {
    "statsmodels": "statsmodels.duration.survfunc",
    "lifelines": "lifelines",
    "sksurv": "sksurv.compare",
    "survival": "survival",
    "comprisk": "comprisk",
}
MOST = {
    "statsmodels__cox_one": 1_000,
    "statsmodels__cox_four": 1_000,
    "sksurv__cox_four": 1_000,
    "lifelines__cox_four": 100_000,
    "lifelines__weibull": 100_000,
    "lifelines__restricted_mean": 0,  # integrates numerically: 10 s at 1,000 rows
}
AT = 365.0
COLUMNS = ("arm", "x1", "x2", "x3")


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
    return _rust_cox(d, "Surv(time, event) ~ arm + strata(stratum)")


def survival__cox_one(d):
    return _rust_cox(d, "Surv(time, event) ~ arm")


def survival__cox_four(d):
    return _rust_cox(d, "Surv(time, event) ~ arm + x1 + x2 + x3")


def _rust_cox(d, formula):
    import survival

    table = {name: column.tolist() for name, column in d.items()}

    def run():
        fit = survival.coxph(formula, table)
        return [*fit.coefficients, *np.sqrt(np.diag(np.asarray(fit.var)))]

    return run


def survival__hazards_over_time(d):
    import survival

    table = {name: column.tolist() for name, column in d.items()}

    def run():
        fit = survival.coxph("Surv(time, event) ~ arm + x1 + x2 + x3", table)
        return [survival.cox_zph(fit).table[-1]["chisq"]]

    return run


def survival__restricted_mean(d):
    from survival._survival import rmst_comparison

    event, arm = (d[name].astype(int) for name in ("event", "arm"))

    def run():
        found = rmst_comparison(d["time"], event, arm, AT)
        return [*(np.ravel(one.rmean)[0] for one in found.groups), np.ravel(found.difference_se)[0]]

    return run


def statsmodels__cox_one(d):
    return _phreg(d, d["arm"][:, None])


def statsmodels__cox_four(d):
    return _phreg(d, np.column_stack([d[name] for name in COLUMNS]))


def _phreg(d, x):
    from statsmodels.duration.hazard_regression import PHReg

    def run():
        fit = PHReg(d["time"], x, status=d["event"], ties="efron").fit()
        return [*fit.params, *fit.bse]

    return run


def lifelines__cox_four(d):
    import pandas as pd
    from lifelines import CoxPHFitter

    table = pd.DataFrame({name: d[name] for name in ("time", "event", *COLUMNS)})

    def run():
        fit = CoxPHFitter().fit(table, "time", "event")
        return [*fit.params_, *fit.standard_errors_]

    return run


def sksurv__cox_four(d):
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    rows = Surv.from_arrays(d["event"] > 0, d["time"])
    x = np.column_stack([d[name] for name in COLUMNS])
    return lambda: [*CoxPHSurvivalAnalysis(ties="efron").fit(x, rows).coef_]


def comprisk__gray(d):
    from comprisk import gray_test

    cause, arm = (d[name].astype(int) for name in ("cause", "arm"))
    return lambda: [gray_test(d["time"], cause, arm).stat]


def comprisk__fine_gray(d):
    from comprisk import FineGrayRegression

    x = np.column_stack([d[name] for name in COLUMNS])
    cause = d["cause"].astype(int)

    def run():
        fit = FineGrayRegression(robust_se=True)  # with a finer gtol it climbs without end
        fit.fit(x, time=d["time"], event=cause)
        return [*fit.coef_, *fit.se_]

    return run


comprisk__fine_gray_uncounted = comprisk__fine_gray


def comprisk__incidence(d):
    from comprisk import CumulativeIncidence

    cause, arm = (d[name].astype(int) for name in ("cause", "arm"))

    def run():
        curves = CumulativeIncidence().fit(d["time"], cause, group=arm).curves_
        found = []
        for one in (curves[0, 1], curves[1, 1]):
            here = np.searchsorted(one.times, AT, side="right") - 1
            found += [one.cif[here], np.sqrt(one.var[here])]
        return found

    return run


def statsmodels__incidence(d):
    from statsmodels.duration.survfunc import CumIncidenceRight

    cause = d["cause"].astype(int)

    def run():
        found = []
        for own in (d["arm"] == 0, d["arm"] == 1):
            curve = CumIncidenceRight(d["time"][own], cause[own])
            here = np.searchsorted(curve.times, AT, side="right") - 1
            found += [curve.cinc[0][here], curve.cinc_se[0][here]]
        return found

    return run


def statsmodels__logistic(d):
    import statsmodels.api as sm

    x = sm.add_constant(np.column_stack([d[name] for name in COLUMNS]))

    def run():
        fit = sm.Logit(d["event"], x).fit(disp=0, tol=1e-12)
        return [*fit.params, *fit.bse]

    return run


def lifelines__weibull(d):
    import pandas as pd
    from lifelines import WeibullAFTFitter

    table = pd.DataFrame({name: d[name] for name in ("time", "event", *COLUMNS)})
    order = ["Intercept", *COLUMNS]

    def run():
        fit = WeibullAFTFitter().fit(table, "time", "event")
        return [*fit.params_["lambda_"][order], *fit.standard_errors_["lambda_"][order]]

    return run


def lifelines__restricted_mean(d):
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    def run():
        mean, variance = [], 0.0
        for own in (d["arm"] == 0, d["arm"] == 1):
            curve = KaplanMeierFitter().fit(d["time"][own], d["event"][own])
            found = restricted_mean_survival_time(curve, t=AT, return_variance=True)
            mean.append(found[0])
            variance += found[1]
        return [*mean, np.sqrt(variance)]

    return run


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
    start = time.process_time()
    values = run()
    seconds = [time.process_time() - start]
    while sum(seconds) < SECONDS and len(seconds) < 200 and seconds[0] < LONG:
        start = time.process_time()
        run()
        seconds.append(time.process_time() - start)
    return min(seconds), [float(value) for value in values]


def main(tasks, folder):
    data = {path.stem: np.fromfile(path) for path in Path(folder).glob("*.f64")}
    rows = data["time"].size
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
            if rows > MOST.get(build.__name__, np.inf) and "EQUIPOISE_LONG" not in os.environ:
                line = {"peer": peer, "task": task, "error": "too slow, --long runs it"}
                print(json.dumps(line), flush=True)  # noqa: T201
                continue
            try:
                seconds, values = measure(build(data))
                line = {"peer": peer, "task": task, "seconds": seconds, "values": values}
            except Exception as refusal:  # noqa: BLE001 - whatever a peer raises is what is told
                line = {"peer": peer, "task": task, "error": f"{type(refusal).__name__}: {refusal}"}
            print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__" and len(sys.argv) > 2:
    main(sys.argv[1:-1], sys.argv[-1])
