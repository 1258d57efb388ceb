"""A call of every public `estimate_`, `compare_` and `regress_` of numerics, on a trial of n rows.

A call with options that cost more stands beside the plain one, its name followed by what they are.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from estimators_further_calls import FURTHER
from estimators_model_calls import MODEL_OPTIONS
from estimators_option_calls import OPTIONS
from estimators_rows import AT, PLAIN, Calls, Rows, Trial, call

import equipoise.numerics as room
from equipoise.numerics import event_counts
from equipoise.numerics.competing import (
    aalen_johansen,
    cluster_bootstrap,
    clustered_tests,
    fine_gray,
    gray,
    incidence_band,
    incidence_comparison,
    incidences,
)
from equipoise.numerics.hazards import (
    cause_specific,
    concordance,
    cox,
    cox_design,
    cox_firth,
    cox_profile,
    cox_residuals,
    effect_over_time,
    frailty,
    frailty_sums,
    proportional_hazards,
    wei_lin_weissfeld,
)
from equipoise.numerics.ranks import (
    groups_at_risk,
    logrank,
    maxcombo,
    permutation,
    weighted_logrank,
)
from equipoise.numerics.sensitivity import rank_preserving
from equipoise.numerics.survival import (
    confidence_bands,
    kaplan_meier,
    landmark,
    milestone,
    nelson_aalen,
    pooled_difference,
    pseudo_values,
    quantile_difference,
    rmst,
    rmst_regression,
    weighted_rmst,
)

VERBS = ("estimate_", "compare_", "regress_")


def _curve_calls(d: Rows) -> Calls:
    counts = event_counts.count_events_by_group(d.time, cause=d.event, group=d.arm)
    first, second = (kaplan_meier.estimate_kaplan_meier_of(one) for one in counts)
    hazard = nelson_aalen.estimate_nelson_aalen(d.time, event=d.event)
    given = {"event": d.event}
    odd = {"entry": d.entry, "weight": d.weight, "cluster": d.patient}
    band = confidence_bands.estimate_simultaneous_band
    return [
        call(kaplan_meier.estimate_kaplan_meier, d.time, **given),
        call(
            kaplan_meier.estimate_kaplan_meier,
            d.time,
            beside="late entry, weights, clusters",
            **given,
            **odd,
        ),
        call(kaplan_meier.estimate_kaplan_meier_of, counts[0]),
        call(kaplan_meier.estimate_band, first),
        call(kaplan_meier.estimate_survival_at, first, at=AT),
        call(kaplan_meier.estimate_quantile, first),
        call(landmark.estimate_conditional_survival, first, given=AT / 2, at=AT),
        call(band, first),
        call(band, first, beside="Hall-Wellner", kind=confidence_bands.BandKind.HALL_WELLNER),
        call(nelson_aalen.estimate_nelson_aalen, d.time, **given),
        call(nelson_aalen.estimate_hazard_band, hazard),
        call(quantile_difference.compare_quantiles, first, second=second),
        call(permutation.estimate_group_curves, d.time, **given, group=d.arm, at=AT),
        call(permutation.compare_with_draws, 0.4, drawn=d.drawn),
    ]


def _difference_calls(d: Rows) -> Calls:
    first, second = (
        kaplan_meier.estimate_kaplan_meier(d.time[own], event=d.event[own])
        for own in (d.arm == 0, d.arm == 1)
    )
    arms = pooled_difference.find_arms(d.time, event=d.event, group=d.arm, stratum=d.stratum)
    alive = pseudo_values.estimate_survival_pseudo_values(d.time, event=d.event, at=AT)
    rows = {"event": d.event, "group": d.arm, "horizon": AT}
    log_log = {"beside": "log-log", "link": pseudo_values.Link.LOG_LOG}
    return [
        call(milestone.compare_milestone, first, second=second, at=AT),
        call(milestone.compare_milestone_groups, [first, second], at=AT),
        call(milestone.compare_milestone_strata, arms, at=AT),
        call(rmst.estimate_rmst, first, horizon=AT),
        call(rmst.compare_rmst, d.time, **rows),
        call(rmst.compare_rmst_strata, arms, horizon=AT),
        call(weighted_rmst.compare_weighted_rmst, d.time, **rows, weight=d.weight),
        call(rmst_regression.regress_rmst, d.time, **rows, covariates=d.x[:, 1:]),
        call(pseudo_values.estimate_survival_pseudo_values, d.time, event=d.event, at=AT),
        call(pseudo_values.estimate_rmst_pseudo_values, d.time, event=d.event, horizon=AT),
        call(pseudo_values.regress_pseudo_values, alive, covariates=d.x),
        call(pseudo_values.regress_pseudo_values, alive, covariates=d.x, **log_log),
    ]


def _rank_calls(d: Rows) -> Calls:
    rows = {"event": d.event, "group": d.arm}
    sets = groups_at_risk.count_groups_at_risk(d.time, **rows)
    test = logrank.compare_logrank(d.time, **rows)
    late = weighted_logrank.FlemingHarrington(rho=0.0, gamma=1.0)
    treated = rank_preserving.Treated(
        group=d.arm, treated_time=d.treated_time, follow_up=d.followed_up
    )
    stratified = replace(treated, stratum=d.stratum)
    undone = rank_preserving.estimate_rank_preserving
    return [
        call(logrank.compare_logrank, d.time, **rows),
        call(logrank.compare_logrank, d.time, **rows, beside="strata", stratum=d.stratum),
        call(logrank.compare_groups_at_risk, sets),
        call(logrank.compare_trend, sets),
        call(logrank.estimate_one_step_ratio, test),
        call(weighted_logrank.compare_weighted_logrank, sets, weighting=late),
        call(maxcombo.compare_maxcombo, sets),
        call(undone, d.time, event=d.event, treated=treated),
        call(undone, d.time, event=d.event, treated=stratified, beside="strata"),
    ]


def _cox_calls(d: Rows) -> Calls:
    fit = cox.estimate_cox(d.time, event=d.event, covariates=d.x)
    shrunk = cox_firth.estimate_firth(fit)
    rows = {"event": d.event, "covariates": d.x}
    strata = {"stratum": d.stratum}
    clusters = cox_design.Sampling(cluster=d.patient)
    everything = cox_design.Sampling(cluster=d.patient, weight=d.weight, entry=d.entry)
    twice = wei_lin_weissfeld.SeveralEvents(
        time=d.time, event=d.event, kind=np.arange(d.n) % 2, subject=d.patient, covariates=d.x
    )
    sites = cox_design.Sampling(cluster=d.site)
    normal = {"beside": "normal", "law": frailty_sums.FrailtyLaw.NORMAL}
    together = {"sampling": clusters, **rows}
    at_sites = {"sampling": sites, **rows, **normal, "beside": "normal, of sites"}
    return [
        call(cox.estimate_cox, d.time, event=d.event, covariates=d.arm, beside="1 covariate"),
        call(cox.estimate_cox, d.time, **rows),
        call(cox.estimate_cox, d.time, **rows, **strata, beside="strata"),
        call(
            cox.estimate_cox,
            d.time,
            **rows,
            **strata,
            beside="strata, late entry, weights, clusters",
            sampling=everything,
        ),
        call(cox.estimate_cox, d.time, **rows, beside="exact ties", ties=cox.Ties.EXACT),
        call(cox.estimate_hazard_ratio, fit),
        call(cox_firth.estimate_firth, fit),
        call(cox_firth.estimate_firth_interval, shrunk),
        call(cox_profile.estimate_profile_interval, fit),
        call(cox_residuals.estimate_residuals, fit),
        call(cox_residuals.estimate_schoenfeld, fit),
        call(concordance.estimate_concordance, fit),
        call(effect_over_time.estimate_effect_over_time, fit),
        call(proportional_hazards.compare_hazards_over_time, fit),
        call(wei_lin_weissfeld.estimate_marginal_cox, twice),
        call(frailty.estimate_frailty, d.time, **together),
        call(frailty.estimate_frailty, d.time, **together, **normal),
        call(frailty.estimate_frailty, d.time, **at_sites),
    ]


def _incidence_calls(d: Rows) -> Calls:
    curve = aalen_johansen.estimate_incidence(d.time, cause=d.cause)
    curves = incidences.estimate_incidences(d.time, cause=d.cause)
    arms = [
        incidences.estimate_incidences(d.time[own], cause=d.cause[own])
        for own in (d.arm == 0, d.arm == 1)
    ]
    patients = cluster_bootstrap.Patients(
        label=d.patient, group=d.arm_of_patient, stratum=d.stratum_of_patient
    )
    together = incidences.estimate_incidences(
        d.time, cause=d.cause, sampling=cox_design.Sampling(cluster=d.patient)
    )
    draws = {"resampling": cluster_bootstrap.Resampling(seed=1)}
    weighed = {"patients": replace(patients, weight=d.weight), "beside": "weights"}
    clustered = {"cause": d.cause, "patients": patients, "at": AT}
    return [
        call(aalen_johansen.estimate_incidence, d.time, cause=d.cause),
        call(aalen_johansen.estimate_incidence_at, curve, at=AT),
        call(incidences.estimate_incidences, d.time, cause=d.cause),
        call(incidences.estimate_incidences_at, curves, at=AT),
        call(incidences.estimate_lost_time, curves, horizon=AT),
        call(incidence_band.estimate_incidence_variance, curves),
        call(incidence_band.estimate_incidence_band, curves, **draws),
        call(incidence_band.estimate_incidence_band, together, **draws, beside="clusters"),
        call(incidence_comparison.compare_incidences_at, arms, at=AT),
        call(incidence_comparison.compare_lost_time, arms, horizon=AT),
        call(incidence_comparison.estimate_incidence_pseudo_values, d.time, cause=d.cause, at=AT),
        call(cluster_bootstrap.compare_clustered_incidence, d.time, **clustered, **draws),
        call(
            cluster_bootstrap.compare_clustered_incidence,
            d.time,
            **{**clustered, **weighed},
            **draws,
        ),
    ]


def _competing_calls(d: Rows) -> Calls:
    rows = {"cause": d.cause, "covariates": d.x}
    fit = fine_gray.estimate_fine_gray(d.time, **rows)
    clusters = cox_design.Sampling(cluster=d.patient)
    grouped = {"cause": d.cause, "group": d.arm}
    strata = {"stratum": d.stratum, "beside": "strata, clusters", "sampling": clusters}
    share = {"beside": "subdistribution", "hazard": clustered_tests.Hazard.SUBDISTRIBUTION}
    clustered = {**grouped, "sampling": clusters}
    return [
        call(gray.compare_gray, d.time, **grouped),
        call(gray.compare_gray, d.time, **grouped, beside="strata", stratum=d.stratum),
        call(fine_gray.estimate_fine_gray, d.time, **rows),
        call(fine_gray.estimate_fine_gray, d.time, **rows, **strata),
        call(fine_gray.estimate_subdistribution_ratio, fit),
        call(cause_specific.estimate_cause_specific_cox, d.time, **rows),
        call(clustered_tests.compare_clustered, d.time, **clustered),
        call(clustered_tests.compare_clustered, d.time, **clustered, **share),
    ]


def small_calls(n: int, trial: Trial = PLAIN) -> dict[str, Callable[[], object]]:
    """Every call by its name, on n rows of a made-up trial."""
    families = (
        _curve_calls,
        _difference_calls,
        _rank_calls,
        _cox_calls,
        _incidence_calls,
        _competing_calls,
        *FURTHER,
        *OPTIONS,
        *MODEL_OPTIONS,
    )
    rows = Rows(n, trial)
    return dict(pair for family in families for pair in family(rows))


def public_names() -> set[str]:
    """`module.function` of every public estimate, comparison and regression of numerics."""
    names = set()
    for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        module = importlib.import_module(found.name)
        names |= {
            f"{found.name.rpartition('.')[2]}.{name}"
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if name.startswith(VERBS) and function.__module__ == module.__name__
        }
    return names
