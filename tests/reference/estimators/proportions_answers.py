"""Our answers for `proportions_reference.json`."""

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import ArrayLike

from equipoise.numerics.shares.proportions import (
    Proportion,
    compare_miettinen_nurminen,
    compare_newcombe,
    compare_with_share,
    estimate_agresti_coull,
    estimate_clopper_pearson,
    estimate_jeffreys,
    estimate_mid_p,
    estimate_wilson,
)
from equipoise.numerics.shares.risk_difference import (
    compare_agresti_caffo,
    compare_wald,
    compare_with_margin,
)
from equipoise.numerics.shares.score_ratios import compare_odds_ratio, compare_risk_ratio
from reference.estimators.agreement import Answer
from reference.estimators.tables import Table

Told = Mapping[str, ArrayLike]


def _one(estimate: Callable[..., Proportion]) -> Answer:
    def answer(table: Table, arguments: Mapping[str, Any]) -> Told:
        return _limits(estimate(arguments["events"], n=arguments["n"]))

    return answer


def _two(compare: Callable[..., Any], **more: Any) -> Answer:
    def answer(table: Table, arguments: Mapping[str, Any]) -> Told:
        return _limits(compare(tuple(arguments["events"]), n=tuple(arguments["n"]), **more))

    return answer


def _limits(found: Any) -> Told:
    told = {name: getattr(found, name) for name in ("value", "lower", "upper")}
    return {**told, "statistic": found.test.statistic} if hasattr(found, "test") else told


def _binomial_test(table: Table, arguments: Mapping[str, Any]) -> Told:
    found = compare_with_share(
        arguments["events"], n=arguments["n"], expected=arguments["expected"]
    )
    return {name: getattr(found, name) for name in ("p_value", "p_less", "p_greater")}


def _margin(table: Table, arguments: Mapping[str, Any]) -> Told:
    found = compare_with_margin(
        tuple(arguments["events"]), n=tuple(arguments["n"]), margin=arguments["margin"]
    )
    return {name: getattr(found, name) for name in ("z", "p_value", "p_greater", "p_less")}


ANSWERS: Mapping[str, Answer] = {
    "wilson": _one(estimate_wilson),
    "clopper_pearson": _one(estimate_clopper_pearson),
    "jeffreys": _one(estimate_jeffreys),
    "agresti_coull": _one(estimate_agresti_coull),
    "mid_p": _one(estimate_mid_p),
    "binomial_test": _binomial_test,
    "miettinen_nurminen": _two(compare_miettinen_nurminen),
    "mee": _two(compare_miettinen_nurminen, correction=False),
    "newcombe": _two(compare_newcombe),
    "risk_ratio": _two(compare_risk_ratio),
    "odds_ratio": _two(compare_odds_ratio),
    "wald": _two(compare_wald),
    "wald_continuity": _two(compare_wald, continuity=True),
    "agresti_caffo": _two(compare_agresti_caffo),
    "margin": _margin,
}
