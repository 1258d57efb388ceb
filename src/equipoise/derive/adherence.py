"""How far SBRT followed the protocol: a verdict an item, the worst of them, and why.

Three steps (D5.6): as the protocol says, a variation that is acceptable, one that is not. Over a
limit of time is the middle one, over twice the limit the last (a start beyond 8 weeks, which leaves
the per-protocol population of D2.8); a gap below the limit, and below half of it.
"""

from collections.abc import Iterator

import polars as pl

from equipoise.derive.schemas import ADHERENCE, KEY, LESION_KEY, conform
from equipoise.protocol.model import Radiotherapy

VERDICTS = ("per_protocol", "minor", "major")
VERDICT_WORDS = {
    "per_protocol": "as the protocol says",
    "minor": "variation, acceptable",
    "major": "variation, not acceptable",
}
LESION_ITEMS = ("fractions", "dose", "library", "completion", "overall", "gap", "order")
_BEYOND_PLAN_GY = 0.05
_UNNAMED = "verdict_"


def add_verdicts(rows: pl.DataFrame, *, plan: Radiotherapy) -> pl.DataFrame:
    """The lesions with a verdict an item (`verdict_dose`, ...), `verdict` and `reason`.

    An item that cannot be judged is null and does not count: the gap of a single fraction, the
    completion of what was broken off (told by its fractions).
    """
    steps = rows.with_columns(_fractions(plan), *_steps(plan))
    columns = [f"{_UNNAMED}{name}" for name in LESION_ITEMS]
    worst = steps.with_columns(verdict=pl.max_horizontal(columns)).with_row_index("place")
    deviating = worst.filter(pl.col("verdict") > 0).select("place", reason=_reason(plan))
    told = worst.join(deviating, on="place", how="left", maintain_order="left")
    named = [_name(pl.col(column)).alias(column) for column in (*columns, "verdict")]
    return told.with_columns(*named, pl.col("reason").fill_null(""))


def derive_adherence(dose: pl.DataFrame, *, plan: Radiotherapy | None) -> pl.DataFrame:
    """Per subject with a prescription or fraction: index lesions treated, start, worst verdict.

    `start_lag_days` is the first fraction of any lesion (D1.3: start within 4 weeks);
    `completion_days` the last fraction of the last index lesion, once all are complete. `reason`
    names each lesion that deviates.
    """
    if plan is None:
        return pl.DataFrame(schema=ADHERENCE)
    rows = _summed(dose).join(_reasons(dose), on=list(KEY), how="left")
    done = pl.col("index_completed") == pl.col("index_lesions")
    start = _over(pl.col("start_lag_days"), plan.start_max_days)
    start = pl.when(pl.col("start_lag_days") < 0).then(2).otherwise(start)
    judged = rows.with_columns(
        completion_days=pl.when(done).then("last_days"), verdict_start=start
    ).with_columns(verdict=pl.max_horizontal("verdict_start", "lesions"))
    late = pl.when(pl.col("verdict_start") > 0).then(
        pl.format(f"first fraction on day {{}} (limit {plan.start_max_days})", "start_lag_days")
    )
    reason = pl.concat_str([late, "reasons"], separator="; ", ignore_nulls=True)
    named = judged.with_columns(
        verdict_start=_name(pl.col("verdict_start")),
        verdict_lesions=_name(pl.col("lesions")),
        verdict=_name(pl.col("verdict")),
        reason=reason,
    )
    return conform(named.sort(KEY), schema=ADHERENCE)


def _summed(dose: pl.DataFrame) -> pl.DataFrame:
    """The lesions of each subject counted, the worst step, first and last day."""
    index = pl.col("index")
    step = pl.col("verdict").replace_strict(
        dict(zip(VERDICTS, range(3), strict=True)), return_dtype=pl.Int64, default=None
    )
    return (
        dose.with_columns(step=step)
        .group_by(KEY)
        .agg(
            index_lesions=index.sum(),
            index_treated=(index & (pl.col("given_fractions") > 0)).sum(),
            index_completed=(index & pl.col("complete")).sum(),
            ablative_lesions=(index & pl.col("ablative")).sum(),
            start_lag_days=pl.col("start_lag_days").min(),
            last_days=pl.col("completion_days").filter(index).max(),
            lesions=pl.col("step").max(),
            entries=pl.col("entries").explode().sort(),
        )
    )


def _reasons(dose: pl.DataFrame) -> pl.DataFrame:
    """What deviates, lesion by lesion, as one sentence a subject."""
    deviating = dose.filter(pl.col("reason") != "").sort(LESION_KEY)
    told = deviating.with_columns(told=pl.format("{}: {}", "lesion", "reason"))
    return told.group_by(KEY, maintain_order=True).agg(reasons=pl.col("told").str.join("; "))


def _name(step: pl.Expr) -> pl.Expr:
    words = dict(enumerate(VERDICTS))
    return step.replace_strict(words, default=None, return_dtype=pl.String)


def _over(days: pl.Expr, limit: float) -> pl.Expr:
    """0 up to the limit, 1 over it, 2 over twice the limit; null where the days are."""
    return (days > limit).cast(pl.Int64) + (days > 2 * limit).cast(pl.Int64)


def _excused(plan: Radiotherapy) -> pl.Expr:
    """The lesion was removed, or the subject died, before SBRT was to be complete."""
    end = pl.col("randomised_date") + pl.duration(days=plan.complete_max_days)
    died = pl.col("death_date") <= end
    removed = pl.col("removal_date") <= end
    return died.fill_null(value=False) | removed.fill_null(value=False)


def _fractions(plan: Radiotherapy) -> pl.Expr:
    """Every prescribed fraction given, and no dose beyond the plan."""
    beyond = pl.col("given_gy") > pl.col("prescribed_gy") + _BEYOND_PLAN_GY
    return (
        pl.when(pl.col("given_fractions") == 0)
        .then(pl.when(_excused(plan)).then(1).otherwise(2))
        .when("complete")
        .then(beyond.fill_null(value=False).cast(pl.Int32))
        .otherwise(1)
        .alias("verdict_fractions")
    )


def _steps(plan: Radiotherapy) -> Iterator[pl.Expr]:
    hours, least = pl.col("least_gap_hours"), plan.least_gap_hours
    short = (hours < least).cast(pl.Int64) + (hours < least / 2).cast(pl.Int64)
    untimed = pl.when("untimed_day").then(1)
    several = pl.col("least_gap_days").is_not_null()
    gap = pl.max_horizontal(short, untimed, pl.lit(0))
    disorder = pl.col("out_of_order").fill_null(value=False) | pl.col("skipped")
    yield pl.when("ablative").then(0).when(~pl.col("ablative")).then(2).alias("verdict_dose")
    yield (pl.col("library") == "outside").cast(pl.Int64).alias("verdict_library")
    yield _over(pl.col("completion_days"), plan.complete_max_days).alias("verdict_completion")
    yield _over(pl.col("overall_days"), plan.overall_max_days).alias("verdict_overall")
    yield pl.when(several).then(gap).alias("verdict_gap")
    yield disorder.cast(pl.Int64).alias("verdict_order")


def _reason(plan: Radiotherapy) -> pl.Expr:
    """The words of every item that deviates, in the order of `LESION_ITEMS`."""
    hours = pl.col("least_gap_hours")
    short = pl.format(
        f"{{}} hours between two fractions (limit {plan.least_gap_hours:g})", hours.round(1)
    )
    untimed = pl.lit("two fractions on one day, times unknown")
    words = {
        "fractions": _undone(plan),
        "dose": pl.format(
            f"BED10 {{}} Gy is below {plan.ablative_bed10_gy:g}", pl.col("bed10_gy").round(1)
        ),
        "library": pl.format(
            "{} Gy in {} fractions is not in the library", "prescribed_gy", "prescribed_fractions"
        ),
        "completion": pl.format(
            f"completed on day {{}} (limit {plan.complete_max_days})", "completion_days"
        ),
        "overall": pl.format(
            f"{{}} days from first to last fraction (limit {plan.overall_max_days})",
            "overall_days",
        ),
        "gap": pl.when(hours < plan.least_gap_hours).then(short).otherwise(untimed),
        "order": pl.when("out_of_order")
        .then(pl.lit("fractions out of order"))
        .otherwise(pl.lit("a fraction is skipped")),
    }
    told = [pl.when(pl.col(f"verdict_{item}") > 0).then(words[item]) for item in LESION_ITEMS]
    return pl.concat_str(told, separator="; ", ignore_nulls=True)


def _undone(plan: Radiotherapy) -> pl.Expr:
    end = pl.col("randomised_date") + pl.duration(days=plan.complete_max_days)
    never = (
        pl.when(pl.col("removal_date") <= end)
        .then(pl.lit("removed before it was irradiated"))
        .when(pl.col("death_date") <= end)
        .then(pl.lit("the subject died before it was irradiated"))
        .when(pl.col("prescribed_fractions").is_null())
        .then(pl.lit("index lesion without prescription"))
        .otherwise(pl.lit("prescribed, never irradiated"))
    )
    some = pl.format("{} of {} fractions", "given_fractions", "prescribed_fractions")
    return (
        pl.when(pl.col("given_fractions") == 0)
        .then(never)
        .when(pl.col("prescribed_fractions").is_null())
        .then(pl.lit("irradiated without prescription"))
        .when("complete")
        .then(pl.lit("more dose than prescribed"))
        .otherwise(some)
    )
