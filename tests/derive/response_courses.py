"""Courses of responses as one line a subject: `50:PR 80:NE 110:PR`, days after randomisation."""

from collections.abc import Sequence

import polars as pl

from derive.trial_tables import day
from equipoise.derive.best_response import add_confirmations, derive_best_responses
from equipoise.derive.response_course import derive_course
from equipoise.derive.schemas import ASSESSMENTS, derived_schema
from equipoise.protocol.model import Response

Seen = tuple[int, str]
HOLDS = {
    "replicate": pl.Int32,
    "subject": pl.String,
    "visit": pl.String,
    "order": pl.Int64,
    "last_date": pl.Date,
    "progression_date": pl.Date,
    "response": pl.String,
    "counts": pl.Boolean,
    "sum_tenths": pl.Int64,
    "nadir_tenths": pl.Int64,
    "baseline_sum": pl.Int64,
}


def read_course(text: str) -> list[Seen]:
    """Day and response of each assessment; `PD-` is a progression that was refuted (R12)."""
    pairs = (word.split(":") for word in text.split())
    return [(int(after), code) for after, code in pairs]


def name_of(number: int) -> str:
    """The id of the subject of that number."""
    return f"01-{number + 1:03}"


def holds_of(courses: Sequence[Sequence[Seen]]) -> pl.DataFrame:
    """The assessments of many subjects as the hold leaves them, without sums."""
    rows = [
        {
            "replicate": 0,
            "subject": name_of(number),
            "visit": f"V{order}",
            "order": order,
            "last_date": day(after),
            "progression_date": day(after) if code.startswith("PD") else None,
            "response": code.removesuffix("-"),
            "counts": code == "PD",
        }
        for number, course in enumerate(courses)
        for order, (after, code) in enumerate(course)
    ]
    return pl.DataFrame(rows, schema=HOLDS)


def best_of(
    courses: Sequence[Sequence[Seen]],
    *,
    therapies: Sequence[int | None] = (),
    settings: Response | None = None,
) -> pl.DataFrame:
    """The best responses of the subjects, in their order, without confirmation and with."""
    settings = settings or Response()
    holds = holds_of(courses)
    starts = pl.DataFrame(
        {
            "replicate": [0] * len(courses),
            "subject": [name_of(number) for number in range(len(courses))],
            "start_date": [day(0)] * len(courses),
            "start_entry": [f"{name_of(number)}/rand" for number in range(len(courses))],
        },
        schema_overrides={"replicate": pl.Int32, "start_date": pl.Date},
    )
    given = [(name_of(n), day(t)) for n, t in enumerate(therapies) if t is not None]
    new_therapy = pl.DataFrame(
        {"replicate": [0] * len(given), "subject": [s for s, _ in given],
         "start_date": [t for _, t in given]},
        schema={"replicate": pl.Int32, "subject": pl.String, "start_date": pl.Date},
    )  # fmt: skip
    course = derive_course(holds, starts=starts, new_therapy=new_therapy)
    return derive_best_responses(
        add_confirmations(course, settings=settings),
        starts=starts,
        assessments=_assessments(holds),
        sources={
            name: pl.DataFrame(schema=derived_schema(name)) for name in ("progression", "death")
        },
        settings=settings,
    )


def _assessments(holds: pl.DataFrame) -> pl.DataFrame:
    said = holds.with_columns(
        first_date="last_date",
        baseline=pl.lit(value=False),
        adequate=pl.col("response") != "NE",
        entries=pl.concat_list(pl.concat_str("subject", pl.lit("/"), "visit")),
    )
    empty = pl.DataFrame(schema=ASSESSMENTS)
    return pl.concat(
        [empty, said.select(c for c in said.columns if c in ASSESSMENTS)], how="diagonal"
    )
