"""Derived rows written by hand, as small tables, for the tests of the analysis."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from equipoise.analysis.replay import Replay
from equipoise.analysis.sample import Question, Sample
from equipoise.randomise.scheme import Plan

DAY_ONE = date(2025, 1, 1)
SUBJECTS = pl.Schema(
    {
        "replicate": pl.Int32,
        "subject": pl.String,
        "site": pl.String,
        "randomised_date": pl.Date,
        "first_treatment_date": pl.Date,
        "sbrt_started_date": pl.Date,
        "sbrt_completed_date": pl.Date,
        "omd_induced": pl.String,
        "n_mets": pl.String,
        "imdc": pl.String,
        "regimen": pl.String,
        "eligible": pl.Boolean,
        "baseline_assessed": pl.Boolean,
        "treatment_started_days": pl.Int64,
        "sbrt_started": pl.Boolean,
        "sbrt_complete": pl.Boolean,
        "min_bed10_gy": pl.Float64,
        "non_protocol_local_therapy": pl.Boolean,
        "death_date": pl.Date,
        "last_alive_date": pl.Date,
    }
)
TIMES = pl.Schema(
    {
        "row": pl.String,
        "replicate": pl.Int32,
        "subject": pl.String,
        "lesion": pl.String,
        "endpoint": pl.String,
        "convention": pl.String,
        "start_date": pl.Date,
        "days": pl.Int64,
        "cause": pl.Int8,
    }
)
INTERCURRENT = pl.Schema(
    {
        "replicate": pl.Int32,
        "subject": pl.String,
        "lesion": pl.String,
        "endpoint": pl.String,
        "event": pl.String,
        "date": pl.Date,
        "day": pl.Int64,
    }
)
OCCURRENCES = pl.Schema(
    {
        "row": pl.String,
        "replicate": pl.Int32,
        "subject": pl.String,
        "endpoint": pl.String,
        "onset_date": pl.Date,
        "end_date": pl.Date,
        "grade": pl.Int64,
        "treatment_emergent": pl.Boolean,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandData:
    """Four derived frames and the allocations."""

    subjects: pl.DataFrame
    times: pl.DataFrame
    occurrences: pl.DataFrame
    allocations: pl.DataFrame
    intercurrent: pl.DataFrame = field(default_factory=INTERCURRENT.to_frame)


def day(number: int) -> date:
    """The date of a day counted from the first, which is day 1."""
    return DAY_ONE + timedelta(days=number - 1)


def read_table(text: str) -> list[dict[str, str]]:
    """The rows of a table of words: names in the first line, `-` for an empty cell."""
    head, *lines = (line.split() for line in text.strip().splitlines())
    return [
        {name: "" if cell == "-" else cell for name, cell in zip(head, line, strict=True)}
        for line in lines
    ]


def arm_of(subject: str) -> str:
    """The arm of a subject, which is the first letter of its name."""
    return subject[0]


def build_subject(name: str, **facts: object) -> dict[str, object]:
    """A subject as planned: day 1 randomised, day 5 treated, in arm B SBRT from day 11 to 31."""
    treated = arm_of(name) == "B"
    planned: dict[str, object] = {
        "replicate": 0,
        "subject": name,
        "site": "01",
        "randomised_date": day(1),
        "first_treatment_date": day(5),
        "sbrt_started_date": day(11) if treated else None,
        "sbrt_completed_date": day(31) if treated else None,
        "omd_induced": "N",
        "n_mets": "1-3",
        "imdc": "fav",
        "regimen": "nivo_ipi",
        "eligible": True,
        "baseline_assessed": True,
        "treatment_started_days": 5,
        "sbrt_started": treated,
        "sbrt_complete": treated,
        "min_bed10_gy": 90.0 if treated else None,
        "non_protocol_local_therapy": False,
        "death_date": None,
        "last_alive_date": day(2000),
    }
    return {**planned, **facts}


def build_data(
    *,
    subjects: list[dict[str, object]],
    times: str = "",
    occurrences: str = "",
) -> HandData:
    """The frames of a trial written by hand; the arm is the first letter of a subject's name."""
    return HandData(
        subjects=pl.DataFrame(subjects, schema=SUBJECTS),
        times=_times(times),
        occurrences=_occurrences(occurrences),
        allocations=pl.DataFrame(
            {
                "replicate": [s["replicate"] for s in subjects],
                "subject": [s["subject"] for s in subjects],
                "arm": [arm_of(str(s["subject"])) for s in subjects],
            },
            schema={"replicate": pl.Int32, "subject": pl.String, "arm": pl.String},
        ),
    )


def _times(text: str) -> pl.DataFrame:
    rows = [
        {
            "row": f"{r['endpoint']}/{r['convention']}/{r['subject']}{r.get('lesion', '')}",
            "replicate": 0,
            "subject": r["subject"],
            "lesion": r.get("lesion", ""),
            "endpoint": r["endpoint"],
            "convention": r["convention"],
            "start_date": day(int(r.get("start", "1"))),
            "days": int(r["days"]),
            "cause": int(r["cause"]),
        }
        for r in (read_table(text) if text else [])
    ]
    return pl.DataFrame(rows, schema=TIMES)


def _occurrences(text: str) -> pl.DataFrame:
    rows = [
        {
            "row": f"{r['endpoint']}/{r['subject']}/{number}",
            "replicate": 0,
            "subject": r["subject"],
            "endpoint": r["endpoint"],
            "onset_date": day(int(r["onset"])),
            "end_date": day(int(r["end"])) if r["end"] else None,
            "grade": 3,
            "treatment_emergent": r.get("emergent", "yes") == "yes",
        }
        for number, r in enumerate(read_table(text) if text else [])
    ]
    return pl.DataFrame(rows, schema=OCCURRENCES)


def build_sample(text: str, *, arms: tuple[str, ...] = ("A", "B")) -> Sample:
    """A sample of words like `A 12+` (censored at 12), `B 7` (event), `B 9x` (competing).

    A third word is the stratum, a fourth the patient (default: each row its own). An event was
    seen at an assessment, after one a unit of time before. Every third row crossed over halfway;
    all could have been followed for 5 more; the arms were drawn one by one. Every second row died
    0, 1 or 2 later, the others were alive then; a fifth has no second time.
    """
    words = [line.split() for line in text.strip().splitlines()]
    strata = tuple(sorted({w[2] if len(w) > 2 else "all" for w in words})) or ("all",)
    marks = {"+": 0, "x": 2}
    time = np.array([float(w[1].rstrip("+x")) for w in words], dtype=np.float64)
    cause = np.array([marks.get(w[1][-1], 1) for w in words], dtype=np.int64)
    return Sample(
        reference=arms[0],
        arms=arms,
        arm=np.array([arms.index(w[0]) for w in words], dtype=np.int64),
        time=time,
        cause=cause,
        left=np.where(cause == 1, np.maximum(time - 1, 0), time),
        right=np.where(cause > 0, time, np.inf),
        site=np.array([f"{i % 2}" for i in range(len(words))], dtype=np.str_),
        stratum=np.array(
            [strata.index(w[2] if len(w) > 2 else "all") for w in words], dtype=np.int64
        ),
        strata=strata,
        switch=np.where(np.arange(time.size) % 3 == 0, time / 2, np.inf),
        follow_up=time + 5,
        second_time=np.where(
            np.arange(time.size) % 5 == 4, np.nan, time + np.arange(time.size) % 3
        ),
        second_cause=np.arange(time.size) % 2,
        second_rows=np.array([f"second{i}" for i in range(len(words))], dtype=np.str_),
        replay=_drawn_one_by_one(words, arms),
        factors=("stratum",) if len(strata) > 1 else (),
        subject=np.array(
            [w[3] if len(w) > 3 else f"s{i:03d}" for i, w in enumerate(words)], dtype=np.str_
        ),
        rows=tuple(f"row{i}" for i in range(len(words))),
    )


def _drawn_one_by_one(words: list[list[str]], arms: tuple[str, ...]) -> Replay:
    """Each patient was given an arm like a coin falls."""
    named = [w[3] if len(w) > 3 else f"s{i:03d}" for i, w in enumerate(words)]
    subjects = np.array(sorted(set(named)), dtype=np.str_)
    plan = Plan(scheme="simple", arms=arms, ratio=(1,) * len(arms))
    return Replay(plan=plan, subjects=subjects, levels=np.zeros((subjects.size, 0), dtype=np.int64))


def adjust(sample: Sample) -> Sample:
    """The sample with two covariates: a code that alternates, and a number that comes and goes."""
    place = np.arange(len(sample.rows))
    table = np.column_stack([place % 2, (place * 7) % 5]).astype(np.float64)
    return replace(sample, covariates=table, covariate_names=("Sex: male", "Age"))


def ask(*at: float, **more: object) -> Question:
    """A question at these times, the last one standing for the whole."""
    headline = at[-1] if at else None
    plain = Question(name="asked", endpoint="pfs", at=at, headline=headline)
    return replace(plain, **more)  # type: ignore[arg-type]


GOLDEN = """
A 2.1
A 3.4
A 4.0+
A 5.6
A 6.2
A 7.7
A 8.9+
A 9.3
A 10.5
A 11.8
A 13.0
A 14.2+
A 15.1
A 17.6+
A 19.9
A 22.0+
B 3.0
B 5.1
B 6.6+
B 8.2
B 10.9
B 12.4+
B 13.3
B 14.8+
B 16.0
B 18.5+
B 20.2
B 21.0+
B 23.7+
B 24.9
B 26.3+
B 28.8+
"""  # D2.4, golden values
