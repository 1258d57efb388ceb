"""The cumulative incidence figure: how many had the event, where others died of something else."""

from dataclasses import replace

from equipoise.analysis.result import Result
from equipoise.report.figures.steps import Look, render_curves

_DEFAULT = Look()


def render_cumulative_incidence(result: Result, *, look: Look = _DEFAULT) -> str:
    """The incidence curves of a result as SVG text, ready to stand in a page or a file."""
    told = replace(
        look,
        title=look.title or "Cumulative incidence by arm",
        y_label=look.y_label or "Cumulative incidence",
    )
    return render_curves(result, look=told, rising=True)
