"""Calls of estimators.py with options: links, hazards and weights, rows of every kind."""

from dataclasses import replace
from itertools import product

import numpy as np
from estimators_rows import AT, Calls, Rows, call

from equipoise.numerics.competing import (
    cluster_bootstrap,
    clustered_tests,
    fine_gray,
    fine_gray_design,
    gray,
    incidence_comparison,
    incidences,
)
from equipoise.numerics.hazards import (
    baseline_hazard,
    cause_specific,
    concordance,
    cox,
    cox_design,
    cox_firth,
    cox_profile,
    cox_residuals,
    effect_over_time,
    frailty,
    proportional_hazards,
    wei_lin_weissfeld,
)
from equipoise.numerics.ranks import groups_at_risk, maxcombo, permutation, weighted_logrank
from equipoise.numerics.sensitivity import censoring_weights, multiple_imputation
from equipoise.numerics.survival import (
    confidence_bands,
    kaplan_meier,
    nelson_aalen,
    pseudo_values,
    rmst_regression,
    weighted_rmst,
)

EVERYTHING = "late entry, weights, clusters"


def _everything(d: Rows) -> cox_design.Sampling:
    return cox_design.Sampling(cluster=d.patient, weight=d.weight, entry=d.entry)


def _cox_calls(d: Rows) -> Calls:
    late = cox_design.Sampling(entry=d.entry)
    robust = cox_design.Sampling(weight=d.weight, robust=True)
    clusters = cox_design.Sampling(cluster=d.patient)
    rows = {"event": d.event, "covariates": d.x}
    strata = {"stratum": d.stratum}
    breslow, exact = ({"ties": ties} for ties in (cox.Ties.BRESLOW, cox.Ties.EXACT))
    all_of_it = {"sampling": _everything(d), **strata}
    thrice = wei_lin_weissfeld.SeveralEvents(
        time=d.time,
        event=d.event,
        kind=np.arange(d.n) % 3,
        subject=np.arange(d.n) // 3,
        covariates=d.x,
    )
    caused = {"cause": d.cause, "covariates": d.x, **all_of_it}
    fit, of_causes = cox.estimate_cox, cause_specific.estimate_cause_specific_cox
    return [
        call(fit, d.time, **rows, beside="late entry", sampling=late),
        call(fit, d.time, **rows, beside="weights, robust", sampling=robust),
        call(fit, d.time, **rows, beside="clusters", sampling=clusters),
        call(fit, d.time, **rows, beside=f"Breslow, strata, {EVERYTHING}", **breslow, **all_of_it),
        call(fit, d.time, **rows, beside="exact ties, strata", **exact, **strata),
        call(fit, d.time, **rows, beside="exact ties, late entry", **exact, sampling=late),
        call(of_causes, d.time, beside=f"strata, {EVERYTHING}", **caused),
        call(wei_lin_weissfeld.estimate_marginal_cox, thrice, beside="three kinds"),
        call(
            frailty.estimate_frailty,
            d.time,
            **rows,
            **strata,
            beside="strata, late entry",
            sampling=cox_design.Sampling(cluster=d.patient, entry=d.entry),
        ),
    ]


def _calls_after_cox(d: Rows) -> Calls:
    fit = cox.estimate_cox(
        d.time, event=d.event, covariates=d.x, sampling=_everything(d), stratum=d.stratum
    )
    bare = cox.estimate_cox(d.time, event=d.event, covariates=d.x, stratum=d.stratum)
    shrunk = cox_firth.estimate_firth(bare)
    functions = (
        cox_residuals.estimate_residuals,
        cox_residuals.estimate_schoenfeld,
        concordance.estimate_concordance,
        effect_over_time.estimate_effect_over_time,
        proportional_hazards.compare_hazards_over_time,
    )
    return [
        *(call(each, fit, beside=f"strata, {EVERYTHING}") for each in functions),
        call(baseline_hazard.predict_survival, fit, covariates=np.zeros(4)),
        call(cox_profile.estimate_profile_interval, bare, beside="strata"),
        call(cox_firth.estimate_firth, bare, beside="strata"),
        call(cox_firth.estimate_firth_interval, shrunk, beside="strata"),
    ]


def _subdistribution_calls(d: Rows) -> Calls:
    rows = {"cause": d.cause, "covariates": d.x}
    late = {
        "sampling": cox_design.Sampling(entry=d.entry),
        "censoring": fine_gray_design.Censoring(counted=False),
    }
    by_group = fine_gray_design.Censoring(group=d.stratum)
    everything = {
        "sampling": _everything(d),
        "stratum": d.stratum,
        "censoring": replace(by_group, counted=False),
    }
    fit = fine_gray.estimate_fine_gray
    all_of_it = f"strata, censoring by group, {EVERYTHING}"
    return [
        call(fit, d.time, **rows, beside="late entry", **late),
        call(fit, d.time, **rows, beside="censoring by group", censoring=by_group),
        call(fit, d.time, **rows, beside=all_of_it, **everything),
        call(fine_gray.predict_incidence, fit(d.time, **rows), covariates=np.zeros(4)),
    ]


def _incidence_calls(d: Rows) -> Calls:
    causes, strata = {"cause": d.cause}, {"stratum": d.stratum}
    sampling = {"sampling": _everything(d), "beside": EVERYTHING}
    found = incidences.estimate_incidences(d.time, **causes, sampling=_everything(d))
    clusters = {
        "group": d.arm,
        **strata,
        "sampling": cox_design.Sampling(cluster=d.patient, weight=d.weight),
    }
    five = {"group": d.site % 5, **strata, "rho": 1.0, "beside": "five groups, strata, rho 1"}
    resampled = {"label": d.patient, "resampling": cluster_bootstrap.Resampling(seed=1)}
    compare = clustered_tests.compare_clustered
    return [
        call(gray.compare_gray, d.time, **causes, **five),
        *(
            call(compare, d.time, **causes, **clusters, beside=f"{one.value}, strata", hazard=one)
            for one in clustered_tests.Hazard
        ),
        call(incidences.estimate_incidences, d.time, **causes, **sampling),
        call(incidences.estimate_lost_time, found, horizon=AT, beside=EVERYTHING),
        call(cluster_bootstrap.resample_incidence, d.time, **causes, at=AT, **resampled),
    ]


def _pseudo_value_calls(d: Rows) -> Calls:
    given = {"event": d.event}
    alive = pseudo_values.estimate_survival_pseudo_values(d.time, **given, at=AT)
    mean = pseudo_values.estimate_rmst_pseudo_values(d.time, **given, horizon=AT)
    part = incidence_comparison.estimate_incidence_pseudo_values(d.time, cause=d.cause, at=AT)
    adjusted = {**given, "group": d.arm, "horizon": AT, "covariates": d.x[:, 1:]}
    regress, together = pseudo_values.regress_pseudo_values, {"cluster": d.patient}
    links, own = pseudo_values.Link, rmst_regression.Link
    return [
        *(
            call(
                regress,
                value,
                covariates=d.x,
                beside=f"{name}, {link.value}, clusters",
                link=link,
                **together,
            )
            for (name, value), link in product((("survival", alive), ("incidence", part)), links)
        ),
        call(regress, mean, covariates=d.x, beside="mean, log", link=links.LOG),
        *(
            call(rmst_regression.regress_rmst, d.time, **adjusted, beside=link.value, link=link)
            for link in (own.IDENTITY, own.LOG)
        ),
    ]


def _curve_calls(d: Rows) -> Calls:
    given = {"event": d.event}
    weighed = {"weight": d.weight, "cluster": d.patient}
    curve = kaplan_meier.estimate_kaplan_meier(d.time, **given)
    means = {"group": d.arm, "horizon": AT, "beside": "clusters"}
    late = {"entry": d.entry, "beside": EVERYTHING}
    band = confidence_bands.estimate_simultaneous_band
    return [
        call(weighted_rmst.compare_weighted_rmst, d.time, **given, **means, **weighed),
        call(nelson_aalen.estimate_nelson_aalen, d.time, **given, **late, **weighed),
        *(call(band, curve, beside=kind.value, kind=kind) for kind in confidence_bands.BandKind),
        call(multiple_imputation.complete_times, d.time, donor=curve, uniform=d.drawn),
    ]


def _rank_calls(d: Rows) -> Calls:
    rows = {"event": d.event, "stratum": d.stratum, "entry": d.entry}
    sets = groups_at_risk.count_groups_at_risk(d.time, group=d.arm, **rows)
    four = tuple(
        weighted_logrank.FlemingHarrington(rho=rho, gamma=gamma)
        for rho, gamma in product((0.0, 1.0), repeat=2)
    )
    count, left = groups_at_risk.count_groups_at_risk, (1 - d.event) * (d.x[:, 2] > 0)
    return [
        call(count, d.time, group=d.site % 5, beside="five groups, strata, late entry", **rows),
        *(
            call(
                maxcombo.compare_maxcombo,
                sets,
                beside=f"{side.value}, strata, late entry, four weights",
                weightings=four,
                side=side,
            )
            for side in maxcombo.Side
        ),
        call(permutation.logrank_scores, d.time, event=d.event, stratum=d.stratum),
        call(
            censoring_weights.weigh_stayers,
            d.time,
            event=d.event,
            left=left.astype(np.int64),
            covariates=d.x,
        ),
    ]


OPTIONS = (
    _cox_calls,
    _calls_after_cox,
    _subdistribution_calls,
    _incidence_calls,
    _pseudo_value_calls,
    _curve_calls,
    _rank_calls,
)
