"""The passes of derivation, in their order."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.frames import Frames
from equipoise.derive.adherence import derive_adherence
from equipoise.derive.anchors import derive_anchors
from equipoise.derive.batches import join_batches, list_batches, select_batch
from equipoise.derive.cut import apply_cut
from equipoise.derive.dose import derive_dose
from equipoise.derive.expected_forms import with_expected
from equipoise.derive.exposure import derive_exposure, derive_sbrt, derive_sbrt_lesions
from equipoise.derive.intercurrent import derive_intercurrent
from equipoise.derive.laboratory import derive_laboratory
from equipoise.derive.left_out import derive_left_out, put_in_order
from equipoise.derive.next_therapy import derive_later_lines, derive_new_therapy
from equipoise.derive.occurrence import derive_occurrences
from equipoise.derive.responses import Responses, derive_responses
from equipoise.derive.schemas import KEY, Datasets
from equipoise.derive.special_interest import derive_special_interest, derive_time_at_risk
from equipoise.derive.subjects import derive_flow, derive_subjects
from equipoise.derive.time_to_event import derive_times, list_readings
from equipoise.derive.toxicity import derive_events, derive_worst_grades
from equipoise.derive.tumour import Tumour, derive_tumour
from equipoise.derive.vital_status import derive_contacts, derive_deaths
from equipoise.protocol.model import Protocol


def derive_datasets(
    frames: Frames, protocol: Protocol, *, cutoffs: pl.DataFrame | None = None
) -> Datasets:
    """Everything that analysis and report read, from entries as they stood at the cut.

    `frames` hold entered items, for one trial or many rehearsed together; `cutoffs` (replicate,
    cutoff_date) is None for all entries. The order of rows never matters. Many trials are derived
    batch after batch, as many batches at once as polars has threads.
    """
    batches = list_batches(frames)
    if len(batches) == 1:
        return _derive(frames, protocol, cutoffs=cutoffs)

    def derive(batch: tuple[int, int]) -> Datasets:
        return _derive(select_batch(frames, batch=batch), protocol, cutoffs=cutoffs)

    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        return join_batches(list(threads.map(derive, batches)))


def _derive(frames: Frames, protocol: Protocol, *, cutoffs: pl.DataFrame | None) -> Datasets:
    kept = frames if cutoffs is None else apply_cut(frames, protocol, cutoffs=cutoffs)
    once, repeats = put_in_order(kept)
    forms = with_expected(complete(once, protocol))
    contacts = derive_contacts(forms, protocol)
    tumour = derive_tumour(forms, protocol)
    deaths = derive_deaths(forms, contacts=contacts, cutoffs=cutoffs)
    known = {"contact": contacts, "death": deaths, "new_therapy": derive_new_therapy(forms)}
    sources = {**forms, **tumour.sources, **known}
    responses = derive_responses(tumour, sources=sources, protocol=protocol)
    sources = {**sources, "response": responses.source}
    anchors = derive_anchors(sources, protocol)
    started = _first_treatment(anchors, protocol)
    events = derive_events(forms, first_treatment=started, rules=protocol.toxicity)
    harms = _derive_harms(events, sources=sources, protocol=protocol, started=started)
    sbrt_lesions = derive_sbrt_lesions(forms)
    dose = derive_dose(sources, protocol, sbrt_lesions=sbrt_lesions)
    subjects = derive_subjects(
        sources, protocol, anchors=anchors, sbrt_lesions=sbrt_lesions, cutoffs=cutoffs
    )
    readings = tuple(list_readings(sources, protocol, anchors=anchors))
    times = derive_times(readings)
    removals = tumour.sources["lesion_removal"]
    return Datasets(
        subjects=subjects,
        **_of_imaging(tumour, responses),
        sources={name: frame for name, frame in sources.items() if name not in forms},
        times=times,
        intercurrent=derive_intercurrent(readings, times=times),
        **harms,
        laboratory_grades=derive_laboratory(forms, start=_laboratory_start(subjects, protocol)),
        exposure=derive_exposure(forms, contacts=contacts),
        sbrt=derive_sbrt(sbrt_lesions, frames=forms, protocol=protocol),
        dose=dose,
        adherence=derive_adherence(dose, plan=protocol.radiotherapy),
        later_lines=derive_later_lines(forms),
        flow=derive_flow(subjects, sources=sources),
        left_out=derive_left_out(forms, protocol, repeats=repeats, removals=removals),
    )


def _of_imaging(tumour: Tumour, responses: Responses) -> dict[str, pl.DataFrame]:
    """The frames made of imaging, by the name that `Datasets` gives them."""
    return {
        "assessments": tumour.assessments,
        "progressions": tumour.progressions,
        "iresponses": tumour.iresponses,
        "lesion_states": tumour.lesion_states,
        "best_responses": responses.best,
        "target_changes": responses.changes,
        "progression_patterns": responses.patterns,
    }


def _derive_harms(
    events: pl.DataFrame, *, sources: Frames, protocol: Protocol, started: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The frames made of adverse events, by the name that `Datasets` gives them."""
    worst = derive_worst_grades(events)
    return {
        "occurrences": derive_occurrences(events, protocol),
        "worst_grades": worst,
        "special_interest": derive_special_interest(worst, protocol, first_treatment=started),
        "time_at_risk": derive_time_at_risk(
            sources, first_treatment=started, events=events, rules=protocol.toxicity
        ),
    }


def _laboratory_start(subjects: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """The last day of the laboratory baseline: of the first treatment, else of the origin."""
    named = ("first_treatment_date", f"{protocol.schedule.origin}_date")
    return subjects.select(*KEY, date=pl.coalesce(*(n for n in named if n in subjects.columns)))


def _first_treatment(anchors: Mapping[str, pl.DataFrame], protocol: Protocol) -> pl.DataFrame:
    """The origin of treatment emergence: the anchor `first_treatment`, else randomisation."""
    started = anchors.get("first_treatment", anchors.get(protocol.schedule.origin))
    if started is None:
        raise ValueError("the protocol was not checked: its schedule has no origin")
    return started
