"""A result of an analysis as plain values for JSON."""

from equipoise.analysis.result import Estimate, Result


def result_values(result: Result) -> dict[str, object]:
    """A result as plain values for JSON; null for what cannot be estimated."""
    return {
        "endpoint": result.endpoint,
        "method": result.method,
        "measure": result.measure,
        "reference_arm": result.reference_arm,
        "at": result.at,
        "estimate": _values(result.estimate),
        "statistic": result.statistic,
        "p": result.p_value,
        "further": {name: _values(each) for name, each in result.further.items()},
        "arms": [
            {
                "arm": arm.arm,
                "n": arm.n,
                "events": arm.events,
                "estimates": {name: _values(each) for name, each in arm.estimates.items()},
            }
            for arm in result.arms
        ],
        "warnings": list(result.warnings),
        "rows": list(result.rows),
        "second_rows": list(result.second_rows),
        "parts": [result_values(part) for part in result.parts],
    }


def _values(estimate: Estimate | None) -> dict[str, float | None] | None:
    if estimate is None:
        return None
    return {
        "value": estimate.value,
        "lower": estimate.lower,
        "upper": estimate.upper,
        "standard_error": estimate.standard_error,
    }
