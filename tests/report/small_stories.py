"""Stories of one subject from text tables: scans, and what else was entered."""

from collections.abc import Mapping

import polars as pl

from derive.trial_tables import PROTOCOL, SUBJECT, build_frames, derive, scan_rows
from equipoise.capture.trial import ALLOCATION_SCHEMA
from equipoise.report.story.material import Material, gather_material
from equipoise.report.story.sentences import assessment_lines
from equipoise.report.story.tell import tell_story
from equipoise.report.story.values import AssessmentTold, Story


def material_from(frames: Mapping[str, pl.DataFrame], *, arms: Mapping[str, str]) -> Material:
    """The material of frames as they were entered, with the arms of some subjects."""
    rows = [{"replicate": 0, "subject": name, "arm": arm} for name, arm in arms.items()]
    allocations = pl.DataFrame(rows, schema=ALLOCATION_SCHEMA)
    return gather_material(derive(frames), PROTOCOL, frames=frames, allocations=allocations)


def story_of(text: str = "", /, *, endpoint: str = "pfs", arm: str = "B", **tables: str) -> Story:
    """The story of the one subject of a table of scans, with tables of further forms."""
    rows = {k: v for k, v in scan_rows(text).items() if v} if text else {}
    frames = build_frames(rows, **{"rand": "| randomised_date |\n| 0 |", **tables})
    arms = {SUBJECT: arm} if arm else {}
    return tell_story(material_from(frames, arms=arms), subject=SUBJECT, endpoint=endpoint)


def at(story: Story, visit: str) -> AssessmentTold:
    """The assessment of a visit."""
    return next(each for each in story.assessments if each.visit == visit)


def said_at(story: Story, visit: str) -> str:
    """Everything that is said of an assessment, on one line."""
    return " ".join(assessment_lines(at(story, visit), start=story.person.randomised_date))
