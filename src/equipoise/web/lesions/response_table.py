"""The lesions of a subject by assessment, with sums and responses, as a table of words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from equipoise.report.story.values import AssessmentTold, LesionReading, LesionTold, Story
from equipoise.report.story.words import write_change, write_mm


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionRow:
    """A baseline lesion and what each assessment says of it."""

    lesion: str
    site: str
    role: str
    index: bool
    cells: tuple[str, ...]
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SumRow:
    """A line under the lesions: its words, and a cell for each assessment with its code."""

    words: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTable:
    """Assessments as columns, lesions and sums as rows."""

    assessments: tuple[AssessmentTold, ...]
    lesions: tuple[LesionRow, ...]
    sums: tuple[SumRow, ...]


def build_response_table(story: Story, *, investigator: Mapping[str, str]) -> ResponseTable:
    """Sizes by visit, sums, nadir, changes, the responses as derived and as entered."""
    return ResponseTable(
        assessments=story.assessments,
        lesions=tuple(_lesion(each, story) for each in story.lesions),
        sums=tuple(_sums(story, investigator)),
    )


def _lesion(told: LesionTold, story: Story) -> LesionRow:
    readings = [_reading(each, told.lesion.lesion) for each in story.assessments]
    return LesionRow(
        lesion=told.lesion.lesion,
        site=told.lesion.site,
        role=told.lesion.role,
        index=told.lesion.index,
        cells=tuple(each.words if each else "–" for each in readings),
        failure=f"{told.failure_date}: {told.failure}" if told.failure_date else "",
    )


def _reading(assessment: AssessmentTold, lesion: str) -> LesionReading | None:
    return next((each for each in assessment.readings if each.lesion == lesion), None)


def _sums(story: Story, investigator: Mapping[str, str]) -> Iterator[SumRow]:
    told = story.assessments
    plain = (
        (_("Sum of targets"), [write_mm(each.sum_tenths_mm) for each in told]),
        (_("Smallest sum before (nadir)"), [write_mm(each.nadir_tenths_mm) for each in told]),
        (_("Change from baseline"), [write_change(each.from_baseline) for each in told]),
        (_("Change from nadir"), [write_change(each.from_nadir) for each in told]),
    )
    for words, cells in plain:
        yield SumRow(words=words, cells=tuple((cell, "") for cell in cells))
    coded = (
        (_("Targets"), [each.target_response for each in told]),
        (_("Non-targets"), [each.non_target_response for each in told]),
        (_("Response, derived"), [each.response for each in told]),
        (_("Response, investigator"), [investigator.get(each.visit, "") for each in told]),
    )
    for words, codes in coded:
        judged = [
            ("–" if each.baseline or not code else code, code)
            for each, code in zip(told, codes, strict=True)
        ]
        yield SumRow(words=words, cells=tuple(judged))
