"""The passes of derivation, in their order."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.frames import Frames
from equipoise.derive.adherence import derive_adherence
from equipoise.derive.anchors import derive_anchors
from equipoise.derive.batches import Derived, join_batches, list_batches, select_batch
from equipoise.derive.cut import apply_cut
from equipoise.derive.dose import derive_dose
from equipoise.derive.expected_forms import with_expected
from equipoise.derive.exposure import derive_exposure, derive_sbrt, derive_sbrt_lesions
from equipoise.derive.intercurrent import derive_intercurrent
from equipoise.derive.laboratory import derive_laboratory
from equipoise.derive.left_out import derive_left_out, put_in_order
from equipoise.derive.next_therapy import derive_later_lines, derive_new_therapy
from equipoise.derive.occurrence import derive_occurrences
from equipoise.derive.responses import Responses, derive_responses, tell_responses
from equipoise.derive.schemas import KEY, Datasets, Endpoints
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

    def derive(batch: Frames) -> Datasets:
        passed = _pass(batch, protocol, cutoffs=cutoffs)
        return _tell_all(passed, protocol, endpoints=_end(passed, protocol, cutoffs=cutoffs))

    return _by_batch(frames, derive)


def derive_endpoints(
    frames: Frames, protocol: Protocol, *, cutoffs: pl.DataFrame | None = None
) -> Endpoints:
    """What analysis reads alone, the same as in `derive_datasets`, in less time."""

    def derive(batch: Frames) -> Endpoints:
        return _end(_pass(batch, protocol, cutoffs=cutoffs), protocol, cutoffs=cutoffs)

    return _by_batch(frames, derive)


def _by_batch(frames: Frames, derive: Callable[[Frames], Derived]) -> Derived:
    batches = list_batches(frames)
    if len(batches) == 1:
        return derive(frames)
    with ThreadPoolExecutor(pl.thread_pool_size()) as threads:
        parts = threads.map(lambda batch: derive(select_batch(frames, batch=batch)), batches)
        return join_batches(list(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passed:
    """What the first passes make of the entries, for endpoints and all the rest.

    `repeats` are the entries that stand again, `sources` the forms and what endpoints name beside
    them, `started` the day of the first treatment.
    """

    forms: Frames
    repeats: pl.DataFrame
    tumour: Tumour
    responses: Responses
    sources: Frames
    anchors: Mapping[str, pl.DataFrame]
    started: pl.DataFrame
    events: pl.DataFrame
    sbrt_lesions: pl.DataFrame


def _pass(frames: Frames, protocol: Protocol, *, cutoffs: pl.DataFrame | None) -> _Passed:
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
    return _Passed(
        forms=forms,
        repeats=repeats,
        tumour=tumour,
        responses=responses,
        sources=sources,
        anchors=anchors,
        started=started,
        events=derive_events(forms, first_treatment=started, rules=protocol.toxicity),
        sbrt_lesions=derive_sbrt_lesions(forms),
    )


def _end(passed: _Passed, protocol: Protocol, *, cutoffs: pl.DataFrame | None) -> Endpoints:
    sources, anchors = passed.sources, passed.anchors
    readings = tuple(list_readings(sources, protocol, anchors=anchors))
    times = derive_times(readings)
    return Endpoints(
        subjects=derive_subjects(
            sources, protocol, anchors=anchors, sbrt_lesions=passed.sbrt_lesions, cutoffs=cutoffs
        ),
        assessments=passed.tumour.assessments,
        progressions=passed.tumour.progressions,
        times=times,
        intercurrent=derive_intercurrent(readings, times=times),
        occurrences=derive_occurrences(passed.events, protocol),
    )


def _tell_all(passed: _Passed, protocol: Protocol, *, endpoints: Endpoints) -> Datasets:
    """The endpoints, and all that a report tells beside them."""
    forms, sources, tumour = passed.forms, passed.sources, passed.tumour
    dose = derive_dose(sources, protocol, sbrt_lesions=passed.sbrt_lesions)
    start = _laboratory_start(endpoints.subjects, protocol)
    removals = sources["lesion_removal"]
    return Datasets(
        **{field.name: getattr(endpoints, field.name) for field in fields(Endpoints)},
        sources={name: frame for name, frame in sources.items() if name not in forms},
        iresponses=tumour.iresponses,
        lesion_states=tumour.lesion_states,
        **tell_responses(
            passed.responses, tumour=tumour, sources=sources, settings=protocol.response
        ),
        **_tell_harms(passed, protocol),
        laboratory_grades=derive_laboratory(forms, start=start),
        exposure=derive_exposure(forms, contacts=sources["contact"]),
        sbrt=derive_sbrt(passed.sbrt_lesions, frames=forms, protocol=protocol),
        dose=dose,
        adherence=derive_adherence(dose, plan=protocol.radiotherapy),
        later_lines=derive_later_lines(forms),
        flow=derive_flow(endpoints.subjects, sources=sources),
        left_out=derive_left_out(forms, protocol, repeats=passed.repeats, removals=removals),
    )


def _tell_harms(passed: _Passed, protocol: Protocol) -> dict[str, pl.DataFrame]:
    """The frames made of adverse events, by the name that `Datasets` gives them."""
    worst = derive_worst_grades(passed.events)
    return {
        "worst_grades": worst,
        "special_interest": derive_special_interest(
            worst, protocol, first_treatment=passed.started
        ),
        "time_at_risk": derive_time_at_risk(
            passed.sources,
            first_treatment=passed.started,
            events=passed.events,
            rules=protocol.toxicity,
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
