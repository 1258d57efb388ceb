"""What derivation gives: each frame with its columns, declared once."""

from dataclasses import dataclass

import polars as pl

from equipoise.protocol.endpoint_model import DERIVED_FRAMES
from equipoise.protocol.form_model import ItemType
from equipoise.protocol.rules import POLARS_TYPES

Schema = dict[str, pl.DataType]
KEY = ("replicate", "subject")
LESION_KEY = (*KEY, "lesion")
VISIT_KEY = (*KEY, "visit")

_SUBJECT: Schema = {"replicate": pl.Int32(), "subject": pl.String()}
_LESION: Schema = {**_SUBJECT, "lesion": pl.String()}
_ENTRIES: Schema = {"entries": pl.List(pl.String())}

ASSESSMENTS: Schema = {
    **_SUBJECT,
    "visit": pl.String(),
    "first_date": pl.Date(),
    "last_date": pl.Date(),
    "baseline": pl.Boolean(),
    "adequate": pl.Boolean(),
    "sum_tenths_mm": pl.Int64(),
    "nadir_tenths_mm": pl.Int64(),
    "target_response": pl.String(),
    "non_target_response": pl.String(),
    "new_lesion": pl.Boolean(),
    "response": pl.String(),
    "held": pl.Boolean(),
    **_ENTRIES,
}
PROGRESSIONS: Schema = {
    **_SUBJECT,
    "visit": pl.String(),
    "progression_date": pl.Date(),
    "pattern": pl.String(),
    "held": pl.Boolean(),
    "counts": pl.Boolean(),
    "verdict_date": pl.Date(),
    "verdict_entries": pl.List(pl.String()),
    **_ENTRIES,
}
IRESPONSES: Schema = {
    **_SUBJECT,
    "visit": pl.String(),
    "first_date": pl.Date(),
    "last_date": pl.Date(),
    "itarget": pl.String(),
    "inon_target": pl.String(),
    "new_target_sum_tenths_mm": pl.Int64(),
    "iresponse": pl.String(),
    "categories": pl.String(),
    "confirmed_by": pl.String(),
    "confirms": pl.String(),
    "words": pl.String(),
    **_ENTRIES,
}
LESION_STATES: Schema = {
    **_LESION,
    "visit": pl.String(),
    "scan_date": pl.Date(),
    "tenths_mm": pl.Int64(),
    "status": pl.String(),
    "evaluable": pl.Boolean(),
    **_ENTRIES,
}
TIMES: Schema = {
    "row": pl.String(),
    **_LESION,
    "endpoint": pl.String(),
    "convention": pl.String(),
    "start_date": pl.Date(),
    "end_date": pl.Date(),
    "days": pl.Int64(),
    "cause": pl.Int8(),
    "weight": pl.Float64(),
    "left_days": pl.Int64(),
    "right_days": pl.Int64(),
    "imputed": pl.String(),
    "rule": pl.String(),
    "words": pl.String(),
    **_ENTRIES,
}
INTERCURRENT: Schema = {
    **_LESION,
    "endpoint": pl.String(),
    "event": pl.String(),
    "strategy": pl.String(),
    "date": pl.Date(),
    "day": pl.Int64(),
    "words": pl.String(),
    **_ENTRIES,
}
OCCURRENCES: Schema = {
    "row": pl.String(),
    **_SUBJECT,
    "endpoint": pl.String(),
    "onset_date": pl.Date(),
    "end_date": pl.Date(),
    "treatment_emergent": pl.Boolean(),
    "term": pl.String(),
    "grade": pl.Int64(),
    "related_sbrt": pl.String(),
    "rule": pl.String(),
    "words": pl.String(),
    **_ENTRIES,
}
WORST_GRADES: Schema = {
    **_SUBJECT,
    "term": pl.String(),
    "soc": pl.String(),
    "grade": pl.Int64(),
    "onset_date": pl.Date(),
    "severe_onset_date": pl.Date(),
    "sbrt_grade": pl.Int64(),
    **_ENTRIES,
}
SPECIAL_INTEREST: Schema = {
    **_SUBJECT,
    "group": pl.String(),
    "grade": pl.Int64(),
    "onset_date": pl.Date(),
    "first_day": pl.Int64(),
    "severe_onset_date": pl.Date(),
    "severe_day": pl.Int64(),
    "sbrt_grade": pl.Int64(),
    "terms": pl.List(pl.String()),
    **_ENTRIES,
}
TIME_AT_RISK: Schema = {
    **_SUBJECT,
    "start_date": pl.Date(),
    "end_date": pl.Date(),
    "days": pl.Int64(),
    "rule": pl.String(),
    "words": pl.String(),
    **_ENTRIES,
}
LABORATORY_GRADES: Schema = {
    **_SUBJECT,
    "test": pl.String(),
    "lab_date": pl.Date(),
    "value_si": pl.Float64(),
    "si_unit": pl.String(),
    "baseline_si": pl.Float64(),
    "baseline_abnormal": pl.Boolean(),
    "term": pl.String(),
    "direction": pl.String(),
    "grade": pl.Int64(),
    "at_least": pl.Boolean(),
    "baseline_grade": pl.Int64(),
    "treatment_emergent": pl.Boolean(),
    "rule": pl.String(),
    "words": pl.String(),
    "entry": pl.String(),
    **_ENTRIES,
}
EXPOSURE: Schema = {
    **_SUBJECT,
    "regimen": pl.String(),
    "agent": pl.String(),
    "start_date": pl.Date(),
    "stop_date": pl.Date(),
    "days": pl.Int64(),
    "relative_dose_intensity": pl.Float64(),
    "held_for_sbrt_days": pl.Int64(),
    "reductions": pl.Int64(),
    **_ENTRIES,
}
SBRT: Schema = {
    **_SUBJECT,
    "lesions_planned": pl.Int64(),
    "lesions_treated": pl.Int64(),
    "lesions_completed": pl.Int64(),
    "fractions": pl.Int64(),
    "min_bed10_gy": pl.Float64(),
    "start_lag_days": pl.Int64(),
    "overall_days": pl.Int64(),
    **_ENTRIES,
}
# Per lesion, and per subject: SBRT against what the protocol asks for (dose.py, adherence.py).
DOSE: Schema = {
    **_LESION,
    "site": pl.String(),
    "index": pl.Boolean(),
    **dict.fromkeys(("prescribed_gy", "prescribed_bed10_gy", "given_gy"), pl.Float64()),
    **dict.fromkeys(("bed10_gy", "tumour_bed_gy", "tumour_eqd2_gy"), pl.Float64()),
    **dict.fromkeys(("prescribed_fractions", "given_fractions"), pl.Int64()),
    "library": pl.String(),
    **dict.fromkeys(("complete", "ablative", "preferred_dose"), pl.Boolean()),
    **dict.fromkeys(("start_date", "last_date"), pl.Date()),
    **dict.fromkeys(("start_lag_days", "completion_days", "overall_days"), pl.Int64()),
    "least_gap_hours": pl.Float64(),
    "least_gap_days": pl.Int64(),
    **dict.fromkeys(("untimed_day", "out_of_order", "skipped"), pl.Boolean()),
    **dict.fromkeys(("verdict_fractions", "verdict_dose", "verdict_library"), pl.String()),
    **dict.fromkeys(("verdict_completion", "verdict_overall"), pl.String()),
    **dict.fromkeys(("verdict_gap", "verdict_order", "verdict", "reason"), pl.String()),
    **_ENTRIES,
}
ADHERENCE: Schema = {
    **_SUBJECT,
    **dict.fromkeys(("index_lesions", "index_treated", "index_completed"), pl.Int64()),
    **dict.fromkeys(("ablative_lesions", "start_lag_days", "completion_days"), pl.Int64()),
    **dict.fromkeys(("verdict_start", "verdict_lesions", "verdict", "reason"), pl.String()),
    **_ENTRIES,
}
LATER_LINES: Schema = {
    **_SUBJECT,
    "systemic_lines": pl.Int64(),
    "first_systemic_date": pl.Date(),
    "local_therapies": pl.Int64(),
    "first_local_date": pl.Date(),
    **_ENTRIES,
}
FLOW: Schema = {
    **_SUBJECT,
    "treated": pl.Boolean(),
    "sbrt_started": pl.Boolean(),
    "systemic_stopped": pl.Boolean(),
    "stop_reason": pl.String(),
    "end_of_study": pl.String(),
    "died": pl.Boolean(),
    **_ENTRIES,
}
LEFT_OUT: Schema = {
    **_SUBJECT,
    "form": pl.String(),
    "entry": pl.String(),
    "code": pl.String(),
    "words": pl.String(),
}
BEST_RESPONSES: Schema = {
    **_SUBJECT,
    "confirmation": pl.String(),
    "best_response": pl.String(),
    "date": pl.Date(),
    "visit": pl.String(),
    "response_date": pl.Date(),
    "days_to_response": pl.Int64(),
    "duration_days": pl.Int64(),
    "ongoing": pl.Boolean(),
    "disease_control": pl.Boolean(),
    "best_change_percent": pl.Float64(),
    "rule": pl.String(),
    "words": pl.String(),
    **_ENTRIES,
}
TARGET_CHANGES: Schema = {
    **_SUBJECT,
    "visit": pl.String(),
    "date": pl.Date(),
    "days": pl.Int64(),
    "sum_tenths_mm": pl.Int64(),
    "change_from_baseline_percent": pl.Float64(),
    "change_from_nadir_percent": pl.Float64(),
    "in_time": pl.Boolean(),
    "deepest": pl.Boolean(),
    **_ENTRIES,
}
PROGRESSION_PATTERNS: Schema = {
    **_SUBJECT,
    "pattern": pl.String(),
    "progressing_lesions": pl.Int64(),
    "extent": pl.String(),
    "date": pl.Date(),
    **_ENTRIES,
}


# The frames of `Datasets` by name, but for `subjects`, whose columns the protocol names.
SCHEMAS: dict[str, Schema] = {
    "assessments": ASSESSMENTS,
    "progressions": PROGRESSIONS,
    "iresponses": IRESPONSES,
    "lesion_states": LESION_STATES,
    "times": TIMES,
    "intercurrent": INTERCURRENT,
    "occurrences": OCCURRENCES,
    "worst_grades": WORST_GRADES,
    "laboratory_grades": LABORATORY_GRADES,
    "special_interest": SPECIAL_INTEREST,
    "time_at_risk": TIME_AT_RISK,
    "exposure": EXPOSURE,
    "sbrt": SBRT,
    "dose": DOSE,
    "adherence": ADHERENCE,
    "later_lines": LATER_LINES,
    "flow": FLOW,
    "left_out": LEFT_OUT,
    "best_responses": BEST_RESPONSES,
    "target_changes": TARGET_CHANGES,
    "progression_patterns": PROGRESSION_PATTERNS,
}


def derived_schema(frame: str) -> Schema:
    """The columns of a derived frame that endpoint sources may name."""
    by_lesion = frame in ("lesion_failure", "lesion_assessments", "lesion_removal")
    columns = {name: POLARS_TYPES[ItemType(kind)] for name, kind in DERIVED_FRAMES[frame].items()}
    return {**(_LESION if by_lesion else _SUBJECT), **columns, **_ENTRIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """What analyses read of `Datasets`, and how the trial went: the same frames, no others."""

    subjects: pl.DataFrame
    assessments: pl.DataFrame
    progressions: pl.DataFrame
    times: pl.DataFrame
    intercurrent: pl.DataFrame
    occurrences: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Datasets:
    """Everything derived, as of a cut; each frame has the columns declared above.

    `subjects` has a row a randomised subject (columns: `subjects.py`), `sources` the derived
    frames that endpoints name.
    """

    subjects: pl.DataFrame
    assessments: pl.DataFrame
    progressions: pl.DataFrame
    times: pl.DataFrame
    intercurrent: pl.DataFrame
    occurrences: pl.DataFrame
    sources: dict[str, pl.DataFrame]
    iresponses: pl.DataFrame
    lesion_states: pl.DataFrame
    worst_grades: pl.DataFrame
    laboratory_grades: pl.DataFrame
    special_interest: pl.DataFrame
    time_at_risk: pl.DataFrame
    exposure: pl.DataFrame
    sbrt: pl.DataFrame
    dose: pl.DataFrame
    adherence: pl.DataFrame
    later_lines: pl.DataFrame
    flow: pl.DataFrame
    left_out: pl.DataFrame
    best_responses: pl.DataFrame
    target_changes: pl.DataFrame
    progression_patterns: pl.DataFrame


def conform(frame: pl.DataFrame, *, schema: Schema) -> pl.DataFrame:
    """The columns of the schema, in its order and types; a missing one is a bug."""
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())
