"""The hazard ratio among those still without event at a landmark, counted from it."""

from dataclasses import replace

from equipoise.analysis.hazards import compare_by_cox
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Question, Sample, select_rows, take_options
from equipoise.protocol.methods.survival import LandmarkOptions


def compare_from_landmark(sample: Sample, *, question: Question) -> Result:
    """Cox's model of those followed beyond the landmark without event.

    Groups are those of randomisation, but no longer all of them: the comparison is of survivors.
    Whoever has the event or is censored on the day of the landmark is left out.
    Source: Anderson, Cain, Gelber (1983).
    """
    options = take_options(question, kind=LandmarkOptions)
    landmark = options.landmark_months
    later = sample.time > landmark
    rest = select_rows(sample, kept=later)
    moved = replace(
        rest,
        time=rest.time - landmark,
        left=None if rest.left is None else (rest.left - landmark).clip(min=0),
        right=None if rest.right is None else rest.right - landmark,
    )
    found = compare_by_cox(moved, question=question)
    lost = int((~later).sum())
    words = f"{lost} with the event or censored by {landmark:g} {sample.time_unit}: left out"
    return replace(
        found,
        method=f"From {landmark:g} {sample.time_unit}, those still without event: {found.method}",
        warnings=(*found.warnings, words) if lost else found.warnings,
    )
