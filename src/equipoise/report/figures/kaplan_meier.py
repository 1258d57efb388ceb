"""The Kaplan-Meier figure: survival of the arms, bands, censorings, milestone, numbers at risk."""

from dataclasses import replace

from equipoise.analysis.result import Result
from equipoise.report.figures.steps import Look, render_curves

_DEFAULT = Look()


def render_kaplan_meier(result: Result, *, look: Look = _DEFAULT) -> str:
    """The survival curves of a result as SVG text, ready to stand in a page or a file."""
    told = replace(
        look,
        title=look.title or "Kaplan-Meier estimates by arm",
        y_label=look.y_label or "Without event",
    )
    return render_curves(result, look=told, rising=False)
