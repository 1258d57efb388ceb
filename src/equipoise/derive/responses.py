"""What the assessments of a subject come to: responses, change of targets, progression."""

from dataclasses import dataclass

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.best_response import (
    add_confirmations,
    derive_best_responses,
    derive_response_source,
)
from equipoise.derive.progression_pattern import derive_progression_patterns
from equipoise.derive.response_course import derive_course, derive_starts
from equipoise.derive.target_changes import derive_target_changes
from equipoise.derive.tumour import Tumour
from equipoise.protocol.model import Protocol, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """Every assessment in the course of its subject; `source` has the responses for endpoints.

    `starts` are the days of randomisation, `in_time` the assessments up to the first progression
    or new therapy, with their confirmations.
    """

    starts: pl.DataFrame
    course: pl.DataFrame
    in_time: pl.DataFrame
    source: pl.DataFrame


def derive_responses(tumour: Tumour, *, sources: Frames, protocol: Protocol) -> Responses:
    """The responses of every subject in their course.

    `sources` hold the complete forms and the derived frames `progression`, `death`, `new_therapy`.
    """
    starts = derive_starts(sources, protocol)
    course = derive_course(tumour.holds, starts=starts, new_therapy=sources["new_therapy"])
    in_time = add_confirmations(course, settings=protocol.response)
    return Responses(
        starts=starts,
        course=course,
        in_time=in_time,
        source=derive_response_source(in_time, assessments=tumour.assessments),
    )


def tell_responses(
    responses: Responses, *, tumour: Tumour, sources: Frames, settings: Response
) -> dict[str, pl.DataFrame]:
    """Best responses, changes of targets, patterns of progression, by their names in `Datasets`."""
    assessments = tumour.assessments
    return {
        "best_responses": derive_best_responses(
            responses.in_time,
            starts=responses.starts,
            assessments=assessments,
            sources=sources,
            settings=settings,
        ),
        "target_changes": derive_target_changes(responses.course, assessments=assessments),
        "progression_patterns": derive_progression_patterns(
            tumour.holds, series=tumour.series, deaths=sources["death"], settings=settings
        ),
    }
