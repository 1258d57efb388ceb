"""The functions of the named analyses: adding one is a file, a line here, and an entry of its spec.

The names, needs and options are those of `protocol.methods`.
"""

from collections.abc import Mapping
from typing import Protocol as Shape

from equipoise.analysis.adjusted_curves import compare_adjusted_means, compare_adjusted_survival
from equipoise.analysis.adjusted_incidence import compare_adjusted_incidence
from equipoise.analysis.agreement import compare_readings
from equipoise.analysis.binomial import compare_risks
from equipoise.analysis.cause_specific import compare_by_cause
from equipoise.analysis.clustered import compare_by_clusters
from equipoise.analysis.competing import compare_incidence
from equipoise.analysis.concordance import estimate_ranking
from equipoise.analysis.conditional import compare_given_earlier
from equipoise.analysis.crossed_over import compare_stayers, undo_crossing_over
from equipoise.analysis.exact_shares import compare_by_barnard, compare_by_fisher
from equipoise.analysis.extremes import compare_extremes, leave_sites_out
from equipoise.analysis.gray import compare_by_gray
from equipoise.analysis.hazards import compare_by_cox, compare_by_logrank
from equipoise.analysis.heterogeneity import compare_between_places
from equipoise.analysis.illness_death import compare_states
from equipoise.analysis.imputed import find_tipping_point, impute_censored
from equipoise.analysis.incidence_differences import compare_incidence_at, compare_lost_times
from equipoise.analysis.interval_censored import (
    compare_by_interval_cox,
    compare_by_interval_logrank,
    estimate_between_bounds,
)
from equipoise.analysis.landmark import compare_from_landmark
from equipoise.analysis.marginal import compare_by_marginal_models
from equipoise.analysis.milestone import compare_all_at_milestone, compare_at_milestone
from equipoise.analysis.model_curves import compare_model_curves
from equipoise.analysis.parametric import (
    compare_by_flexible,
    compare_by_frailty,
    compare_by_parametric,
)
from equipoise.analysis.quantiles import compare_by_quantile
from equipoise.analysis.rate_models import compare_by_rate_regression
from equipoise.analysis.rates import (
    compare_by_rate_difference,
    compare_by_rate_ratio,
)
from equipoise.analysis.rerandomised import compare_by_rerandomisation
from equipoise.analysis.restricted_mean import compare_restricted_means
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Question, Sample
from equipoise.analysis.share_models import compare_by_logistic, compare_standardised
from equipoise.analysis.share_ratios import (
    compare_by_cmh,
    compare_by_odds_ratio,
    compare_by_risk_ratio,
)
from equipoise.analysis.subdistribution import compare_by_fine_gray
from equipoise.analysis.survival import estimate_medians, estimate_survival
from equipoise.analysis.weighted_tests import (
    compare_all_arms,
    compare_by_fleming_harrington,
    compare_by_maxcombo,
    compare_by_modest_weights,
    compare_by_peto_peto,
    compare_by_piecewise_weights,
    compare_by_tarone_ware,
    compare_by_trend,
)


class AnalysisMethod(Shape):
    """A named method: a sample and a question give a result.

    The sample has one or two arms, of a `whole` method all of them.
    """

    def __call__(self, sample: Sample, *, question: Question) -> Result:
        """The answer; what cannot be estimated is None, with a warning."""
        ...


METHODS: Mapping[str, AnalysisMethod] = {
    "kaplan_meier": estimate_survival,
    "milestone": compare_at_milestone,
    "logrank": compare_by_logrank,
    "cox": compare_by_cox,
    "rmst": compare_restricted_means,
    "median": estimate_medians,
    "cumulative_incidence": compare_incidence,
    "risk_difference": compare_risks,
    "fine_gray": compare_by_fine_gray,
    "adjusted_milestone": compare_adjusted_survival,
    "adjusted_rmst": compare_adjusted_means,
    "quantile_difference": compare_by_quantile,
    "landmark": compare_from_landmark,
    "fleming_harrington": compare_by_fleming_harrington,
    "tarone_ware": compare_by_tarone_ware,
    "peto_peto": compare_by_peto_peto,
    "modestly_weighted": compare_by_modest_weights,
    "piecewise_logrank": compare_by_piecewise_weights,
    "maxcombo": compare_by_maxcombo,
    "logrank_all_arms": compare_all_arms,
    "logrank_trend": compare_by_trend,
    "incidence_difference": compare_incidence_at,
    "lost_time": compare_lost_times,
    "rate_ratio": compare_by_rate_ratio,
    "rate_difference": compare_by_rate_difference,
    "rate_regression": compare_by_rate_regression,
    "fisher": compare_by_fisher,
    "barnard": compare_by_barnard,
    "clustered_test": compare_by_clusters,
    "parametric": compare_by_parametric,
    "flexible_parametric": compare_by_flexible,
    "model_curves": compare_model_curves,
    "cox_frailty": compare_by_frailty,
    "wei_lin_weissfeld": compare_by_marginal_models,
    "cause_specific_cox": compare_by_cause,
    "gray": compare_by_gray,
    "risk_ratio": compare_by_risk_ratio,
    "odds_ratio": compare_by_odds_ratio,
    "cmh": compare_by_cmh,
    "g_computation": compare_standardised,
    "logistic": compare_by_logistic,
    "turnbull": estimate_between_bounds,
    "interval_logrank": compare_by_interval_logrank,
    "interval_cox": compare_by_interval_cox,
    "rerandomisation": compare_by_rerandomisation,
    "delta_adjusted": impute_censored,
    "tipping_point": find_tipping_point,
    "censoring_extremes": compare_extremes,
    "weighted_stayers": compare_stayers,
    "rank_preserving": undo_crossing_over,
    "leave_one_site_out": leave_sites_out,
    "adjusted_incidence": compare_adjusted_incidence,
    "milestone_all_arms": compare_all_at_milestone,
    "conditional_milestone": compare_given_earlier,
    "illness_death": compare_states,
    "kappa": compare_readings,
    "heterogeneity": compare_between_places,
    "concordance": estimate_ranking,
}
