"""Our answers for `exact_reference.json`."""

from collections.abc import Callable, Mapping
from typing import Any

from numpy.typing import ArrayLike

from equipoise.numerics.shares.barnard import Ordering, compare_unconditionally
from equipoise.numerics.shares.exact_difference import compare_exactly
from equipoise.numerics.shares.fisher import compare_fisher, compare_pairs
from reference.estimators.agreement import Answer
from reference.estimators.tables import Table


def _two(compare: Callable[..., Any], *names: str, **options: Any) -> Answer:
    def answer(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
        found = compare(tuple(arguments["events"]), n=tuple(arguments["n"]), **options)
        return {name: getattr(found, name) for name in names}

    return answer


def _pairs(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    found = compare_pairs(arguments["first"], second_only=arguments["second"])
    return {
        "statistic": found.test.statistic, "p_value": found.p_value, "mid_p": found.mid_p
    }  # fmt: skip


ANSWERS: Mapping[str, Answer] = {
    "fisher": _two(compare_fisher, "p_value", "p_greater", "p_less"),
    "conditional_odds_ratio": _two(compare_fisher, "odds_ratio", "lower", "upper"),
    "pairs": _pairs,
    "barnard": _two(compare_unconditionally, "p_value", "p_greater"),
    "boschloo": _two(compare_unconditionally, "p_value", "p_greater", ordering=Ordering.FISHER),
    "chan_zhang": _two(compare_exactly, "lower", "upper"),
}
