"""The restricted mean figure: the time that lies between two survival curves up to a horizon."""

from dataclasses import replace

from equipoise.analysis.result import Result
from equipoise.report.figures.arm_rows import list_comparisons
from equipoise.report.figures.steps import Look, render_curves

_DEFAULT = Look()


def _horizon(result: Result) -> float:
    """The longest time up to which means are compared, else that of the result; 0 for none."""
    times = [part.at for part in list_comparisons(result) if part.at is not None]
    return max(times, default=result.at or 0.0)


def render_restricted_mean(result: Result, *, look: Look = _DEFAULT) -> str:
    """The curves of a result with the area between them shaded up to its longest time, as SVG text.

    The tone is that of the arm whose curve is higher. The means and how they compare stand above.
    """
    told = replace(
        look,
        title=look.title or "Restricted mean time by arm",
        y_label=look.y_label or "Without event",
        milestones=(),
        shaded_to=_horizon(result) if look.shaded_to is None else look.shaded_to,
    )
    return render_curves(result, look=told, rising=False)
