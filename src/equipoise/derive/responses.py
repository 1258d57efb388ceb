"""What the assessments of a subject come to: best response, change of targets, progression."""

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
from equipoise.protocol.model import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """The frames of `Datasets` by what they hold; `source` has the responses for endpoints."""

    best: pl.DataFrame
    changes: pl.DataFrame
    patterns: pl.DataFrame
    source: pl.DataFrame


def derive_responses(tumour: Tumour, *, sources: Frames, protocol: Protocol) -> Responses:
    """Best responses, changes of the targets and patterns of progression of every subject.

    `sources` hold the complete forms and the derived frames `progression`, `death`, `new_therapy`.
    """
    settings, assessments = protocol.response, tumour.assessments
    starts = derive_starts(sources, protocol)
    course = derive_course(tumour.holds, starts=starts, new_therapy=sources["new_therapy"])
    in_time = add_confirmations(course, settings=settings)
    return Responses(
        best=derive_best_responses(
            in_time, starts=starts, assessments=assessments, sources=sources, settings=settings
        ),
        changes=derive_target_changes(course, assessments=assessments),
        patterns=derive_progression_patterns(
            tumour.holds, series=tumour.series, deaths=sources["death"], settings=settings
        ),
        source=derive_response_source(in_time, assessments=assessments),
    )
