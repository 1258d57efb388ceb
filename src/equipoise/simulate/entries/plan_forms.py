"""Entries about SBRT beside what was given: plan, doses to organs, review, reasons, ends."""

import numpy as np
import polars as pl

from equipoise.simulate.cohort import NEVER, Floats, draw_uniform
from equipoise.simulate.entries.columns import People, build_rows, date_column
from equipoise.simulate.lesions import MOST_LESIONS
from equipoise.simulate.purpose import Purpose
from equipoise.simulate.trial_course import Course
from equipoise.vocab.dose_constraints import find_constraints

_KEY = ["replicate", "subject"]
_LESION = [*_KEY, "lesion"]
SET = "TG-101"
NEIGHBOURS = {  # proposal: the organ that limits the dose beside the cord
    "lung": "Rib",
    "node_mediastinal": "Esophagus",
    "node_other": "Duodenum",
    "liver": "Stomach",
    "adrenal": "Stomach",
    "pancreas": "Duodenum",
    "renal_bed": "Jejunum_Ileum",
}
_MOST_FRACTIONS = 10


def write_plan_forms(
    written: dict[str, pl.DataFrame], *, course: Course, people: People
) -> dict[str, pl.DataFrame]:
    """The forms of planning and review for each prescription, and why the rest was not given."""
    plans = _with_chance(written["rt_rx"], course)
    return {
        "rt_plan": _write_plans(plans),
        "rt_dvh": _write_organs(plans, lesions=written["les_bl"]),
        "rtqa": _write_reviews(plans),
        "rt_none": _write_not_given(written, course=course, people=people),
        "eot": _write_ends(written),
    }


def write_deviations(course: Course, *, people: People) -> pl.DataFrame:
    """The important deviation of each control subject whose index lesion was ablated early."""
    day = course.contamination.day
    early = ~course.experimental & (day < course.watch.decided) & (day <= course.fate.stop)
    rows = np.nonzero(early)[0]
    told = {
        "record": pl.lit(1),
        "category": pl.lit("sbrt_in_control"),
        "severity": pl.lit("important"),
        "automatic": pl.lit(value=True),
        "description": pl.lit("Local therapy of an index lesion before progression."),
        "capa": pl.lit("The site is trained again on therapy outside the protocol."),
    }
    dated = {"deviation_date": date_column(people, rows=rows, day=day[rows])}
    return build_rows(people, rows=rows, columns=dated).with_columns(**told)


def _with_chance(prescribed: pl.DataFrame, course: Course) -> pl.DataFrame:
    """The prescriptions with six uniform numbers each, `u0` to `u5`."""
    delivery = course.delivery
    planned = delivery.prescribed & (delivery.planned_day <= course.fate.stop)[:, None]
    rows, lesion = np.nonzero(planned)
    uniform = draw_uniform(course.cohort, purpose=Purpose.PLAN, count=6 * MOST_LESIONS)
    each: Floats = uniform.reshape(-1, MOST_LESIONS, 6)[rows, lesion]
    return prescribed.with_columns(pl.Series(f"u{n}", each[:, n]) for n in range(6))


def _write_plans(plans: pl.DataFrame) -> pl.DataFrame:
    """Plans within the tolerances of D5.6."""
    dose, ptv = pl.col("dose_gy"), pl.col("ptv_cc")
    isodose = ptv * (1.02 + 0.13 * pl.col("u0"))
    return plans.select(
        *_LESION,
        plan_date=pl.col("planned_date"),
        algorithm=pl.lit("boltzmann"),
        voxel_mm=pl.lit(2.0),
        piv_cc=isodose.round(3),
        ptv_covered_cc=(ptv * (0.96 + 0.03 * pl.col("u1"))).round(3),
        half_dose_cc=(isodose * (3.0 + 1.6 * pl.col("u2"))).round(3),
        max_2cm_gy=(dose * (0.45 + 0.15 * pl.col("u3"))).round(2),
        ptv_d98_gy=(dose * (0.95 + 0.04 * pl.col("u4"))).round(2),
        ptv_d95_gy=(dose * (1.00 + 0.02 * pl.col("u4"))).round(2),
        ptv_d50_gy=(dose * (1.10 + 0.04 * pl.col("u5"))).round(2),
        ptv_d2_gy=(dose * (1.18 + 0.03 * pl.col("u5"))).round(2),
        ptv_max_gy=(dose * (1.22 + 0.05 * pl.col("u5"))).round(2),
    )


def _limits() -> pl.DataFrame:
    """The limit of the largest dose of each organ by number of fractions (TG-101)."""
    organs = ("SpinalCord", *sorted(set(NEIGHBOURS.values())))
    rows = [
        (organ, fractions, limit.mandatory)
        for organ in organs
        for fractions in range(1, _MOST_FRACTIONS + 1)
        for limit in find_constraints(organ=organ, fractions=fractions, sets=(SET,))
        if limit.metric == "max"
    ]
    schema = {"structure": pl.String, "fractions": pl.Int64, "mandatory": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _write_organs(plans: pl.DataFrame, *, lesions: pl.DataFrame) -> pl.DataFrame:
    """The largest dose to the cord and to the neighbour of the site, within the limits."""
    sites = plans.join(lesions.select(*_LESION, "site"), on=_LESION, how="left")
    neighbour = pl.col("site").replace_strict(NEIGHBOURS, default=None, return_dtype=pl.String)
    named = sites.with_columns(structure=pl.concat_list(pl.lit("SpinalCord"), neighbour))
    each = named.explode("structure").drop_nulls("structure")
    limited = each.join(_limits(), on=["structure", "fractions"], maintain_order="left")
    share = pl.when(pl.col("structure") == "SpinalCord").then("u0").otherwise("u1")
    return limited.select(
        *_LESION,
        "structure",
        "mandatory",
        record=pl.int_range(1, pl.len() + 1).over(_LESION),
        metric=pl.lit("max"),
        value=(pl.col("mandatory") * (0.2 + 0.75 * share)).round(2),
        unit=pl.lit("Gy"),
        limit_set=pl.lit("tg101"),
    )


def _write_reviews(plans: pl.DataFrame) -> pl.DataFrame:
    """Every plan reviewed and approved on its day; the first of a site centrally."""
    site = pl.col("subject").str.slice(0, 2)
    first = pl.col("planned_date") == pl.col("planned_date").min().over("replicate", site)
    score = pl.when(pl.col("u2") < 0.85).then(pl.lit("per_protocol"))
    return plans.select(
        *_LESION,
        review_date=pl.col("planned_date"),
        reviewer=pl.when(first).then(pl.lit("central")).otherwise(pl.lit("site")),
        first_case=first,
        contour_score=score.otherwise(pl.lit("acceptable")),
        plan_score=pl.lit("per_protocol"),
        approved_date=pl.col("planned_date"),
    )


def _write_not_given(
    written: dict[str, pl.DataFrame], *, course: Course, people: People
) -> pl.DataFrame:
    """A reason for each index lesion of an SBRT subject without all its fractions."""
    fate, everyone = course.fate, np.arange(course.cohort.size)
    last = np.where(fate.stop < NEVER, fate.stop, 0)
    ends = build_rows(
        people,
        rows=everyone,
        columns={
            "stop_date": date_column(people, rows=everyone, day=last),
            "randomised_date": date_column(people, rows=everyone, day=np.zeros_like(everyone)),
            "ended": pl.Series(np.where(fate.dies, "death", "withdrew")),
            "experimental": pl.Series(course.experimental),
        },
    ).filter("experimental")
    given = (
        written["rt_fx"].group_by(_LESION).agg(n=pl.len(), last_date=pl.col("fraction_date").max())
    )
    planned = written["rt_rx"].select(*_LESION, "planned_date", "fractions")
    index = written["les_bl"].filter("intend_sbrt").select(_LESION)
    each = index.join(ends, on=_KEY, maintain_order="left")
    each = each.join(planned, on=_LESION, how="left", maintain_order="left")
    each = each.join(given, on=_LESION, how="left", maintain_order="left")
    given_all = pl.col("n").fill_null(0) >= pl.col("fractions")
    lacking = each.filter(~given_all.fill_null(value=False))
    since = pl.coalesce("last_date", "planned_date", "randomised_date")
    soon = pl.col("stop_date") <= since.dt.offset_by("21d")
    begun = pl.col("n").is_not_null()
    return lacking.select(
        *_LESION,
        decided_date=pl.min_horizontal("stop_date", since.dt.offset_by("7d")),
        what=pl.when(begun).then(pl.lit("rest")).otherwise(pl.lit("none")),
        reason=pl.when(soon)
        .then("ended")
        .when(begun)
        .then(pl.lit("worse"))
        .otherwise(pl.lit("refused")),
    )


def _write_ends(written: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The end of systemic therapy where it was stopped, and of SBRT where it is complete."""
    why = {"progression": "progression", "toxicity": "toxicity", "choice": "withdrew"}
    stopped = written["ex_sys"].filter(
        (pl.col("action") == "stopped") & pl.col("reason").is_in(list(why))
    )
    stopped = stopped.drop_nulls("stop_date").sort(*_KEY, "stop_date")
    systemic = stopped.group_by(_KEY, maintain_order=True).agg(pl.col("stop_date", "reason").last())
    given = written["rt_fx"].group_by(_KEY).agg(n=pl.len(), stop_date=pl.col("fraction_date").max())
    planned = written["rt_rx"].group_by(_KEY).agg(pl.col("fractions").sum())
    complete = planned.join(given, on=_KEY).filter(pl.col("n") == pl.col("fractions")).sort(_KEY)
    parts = [
        systemic.with_columns(
            modality=pl.lit("systemic"), reason=pl.col("reason").replace_strict(why)
        ),
        complete.with_columns(modality=pl.lit("sbrt"), reason=pl.lit("completed")),
    ]
    columns = [*_KEY, "modality", "reason"]
    return pl.concat(
        [
            part.select(*columns, ended_date="stop_date", last_given_date="stop_date")
            for part in parts
        ]
    ).sort(*_KEY, "modality")
