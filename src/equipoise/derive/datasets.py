"""The passes of derivation, in their order."""

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.frames import Frames
from equipoise.derive.anchors import derive_anchor
from equipoise.derive.assessments import derive_assessments, source_of
from equipoise.derive.cut import apply_cut
from equipoise.derive.exposure import derive_exposure, derive_sbrt
from equipoise.derive.hold import derive_holds, derive_progressions
from equipoise.derive.lesion_control import derive_lesion_assessments, derive_lesion_failures
from equipoise.derive.lesions import (
    derive_baseline,
    derive_lesion_series,
    derive_lesion_states,
    derive_new_lesions,
    derive_visits,
)
from equipoise.derive.next_therapy import derive_later_lines, derive_new_therapy
from equipoise.derive.occurrence import derive_events, derive_occurrences, derive_worst_grades
from equipoise.derive.recist import derive_responses
from equipoise.derive.schemas import Datasets
from equipoise.derive.subjects import derive_flow, derive_subjects
from equipoise.derive.time_to_event import derive_times
from equipoise.derive.vital_status import derive_contacts, derive_deaths
from equipoise.protocol.model import Protocol


def derive_datasets(
    frames: Frames, protocol: Protocol, *, cutoffs: pl.DataFrame | None = None
) -> Datasets:
    """Everything that analysis and report read, from entries as they stood at the cut.

    `frames` hold entered items, for one trial or many rehearsed together; `cutoffs` (replicate,
    cutoff_date) is None for all entries. The order of rows never matters.
    """
    ordered = {name: frame.sort("replicate", "entry") for name, frame in frames.items()}
    kept = ordered if cutoffs is None else apply_cut(ordered, protocol, cutoffs=cutoffs)
    forms = complete(kept, protocol)
    contacts = derive_contacts(forms, protocol)
    assessments, states, lesions = _tumour(forms)
    sources = {
        **forms,
        **lesions,
        "assessments": source_of(assessments),
        "contact": contacts,
        "death": derive_deaths(forms, contacts, cutoffs=cutoffs),
        "new_therapy": derive_new_therapy(forms),
    }
    events = derive_events(forms, _first_treatment(sources, protocol))
    sbrt = derive_sbrt(forms, protocol)
    subjects = derive_subjects(sources, protocol, sbrt=sbrt, cutoffs=cutoffs)
    return Datasets(
        subjects=subjects,
        assessments=assessments,
        lesion_states=states,
        sources={name: frame for name, frame in sources.items() if name not in forms},
        times=derive_times(sources, protocol),
        occurrences=derive_occurrences(events, protocol),
        worst_grades=derive_worst_grades(events),
        exposure=derive_exposure(forms, contacts),
        sbrt=sbrt,
        later_lines=derive_later_lines(forms),
        flow=derive_flow(subjects, sources),
    )


def _tumour(forms: Frames) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, pl.DataFrame]]:
    """Assessments, lesion states, and the frames about progression and lesions."""
    baseline = derive_baseline(forms)
    visits = derive_visits(forms)
    series = derive_lesion_series(forms, baseline, visits)
    new_lesions = derive_new_lesions(forms, visits)
    holds = derive_holds(derive_responses(series, visits, new_lesions, baseline), series)
    held, unheld = derive_progressions(holds)
    frames = {
        "progression": held,
        "progression_unheld": unheld,
        "lesion_failure": derive_lesion_failures(series, new_lesions),
        "lesion_assessments": derive_lesion_assessments(series),
    }
    states = derive_lesion_states(series, baseline)
    return derive_assessments(holds, baseline), states, frames


def _first_treatment(sources: Frames, protocol: Protocol) -> pl.DataFrame:
    """The origin of treatment emergence: the anchor `first_treatment`."""
    anchor = next(anchor for anchor in protocol.anchor if anchor.id == "first_treatment")
    return derive_anchor(sources, protocol, anchor=anchor)
