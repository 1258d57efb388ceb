"""Our answers for `multiplicity_reference.json`."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from equipoise.numerics.graphical import build_graph, compare_by_graph
from equipoise.numerics.multiplicity import Adjustment, adjust_p_values
from reference.estimators.agreement import Answer
from reference.estimators.tables import Table


def _adjusted(method: Adjustment) -> Answer:
    def answer(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
        return {"adjusted": adjust_p_values(arguments["p"], method=method)}

    return answer


def _graph(table: Table, arguments: Mapping[str, Any]) -> Mapping[str, ArrayLike]:
    graph = build_graph(arguments["weights"], transitions=arguments["transitions"])
    return {"adjusted": compare_by_graph(arguments["p"], graph=graph, alpha=0.025).adjusted}


ANSWERS: Mapping[str, Answer] = {
    **{method.value: _adjusted(method) for method in Adjustment},
    "graph": _graph,
}
