"""Best overall response of each subject, without and with confirmation (RECIST 1.1, 4.6; D3.6)."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.response_confirmation import find_confirming
from equipoise.derive.schemas import BEST_RESPONSES, KEY, VISIT_KEY, conform, derived_schema
from equipoise.protocol.model import Response

ORDER = ("CR", "PR", "SD", "NON-CR/NON-PD", "NED", "PD", "NE")
RESPONSES = ("CR", "PR")
CONTROLLED = ("CR", "PR", "SD", "NON-CR/NON-PD")
VERSIONS = ("none", "confirmed")
_STABLE = ("SD", "NON-CR/NON-PD")
_BITS = 2**40  # more rows than any frame has: rank and row are one number


def add_confirmations(course: pl.DataFrame, *, settings: Response) -> pl.DataFrame:
    """The assessments in time, with `early`, `confirmed` and the visit that confirms.

    `early` = before stable disease may count.
    """
    rows = course.filter("in_time")
    confirming = find_confirming(rows, settings=settings)
    by = rows["visit"].gather(confirming.fill_null(0)).alias("confirming_visit")
    return rows.with_columns(
        early=pl.col("days") < settings.stable_min_days,
        confirmed=confirming.is_not_null(),
        confirming_visit=pl.when(confirming.is_not_null()).then(by),
    )


def derive_response_source(course: pl.DataFrame, *, assessments: pl.DataFrame) -> pl.DataFrame:
    """Every complete or partial response before progression and new therapy, as sources see it."""
    rows = course.filter(pl.col("response").is_in(RESPONSES)).rename({"date": "response_date"})
    found = rows.join(_entries(assessments), on=list(VISIT_KEY), how="left", maintain_order="left")
    return conform(found, schema=derived_schema("response"))


def derive_best_responses(
    course: pl.DataFrame,
    *,
    starts: pl.DataFrame,
    assessments: pl.DataFrame,
    sources: Frames,
    settings: Response,
) -> pl.DataFrame:
    """A row a randomised subject and version: the best response and the course of the response.

    `course` comes from `add_confirmations`. Best of CR, PR, SD, NON-CR/NON-PD, PD, NE (NED stands
    for itself); of equals the first. Stable disease before `stable_min_days` is not evaluable; a
    response that is not confirmed is stable disease, or not evaluable when that early. Duration
    runs from the first response to progression or death, else to the last adequate assessment.
    """
    ends = _ends(starts, assessments=assessments, sources=sources)
    depth = _depth(course)
    entries = _entries(assessments)
    parts = [
        _derive_version(course, version=version)
        .pipe(_with_entries, entries=entries)
        .pipe(_over, starts=starts)
        .join(ends, on=list(KEY), how="left", maintain_order="left")
        .join(depth, on=list(KEY), how="left", maintain_order="left")
        .with_columns(words=_words(settings), confirmation=pl.lit(version))
        .pipe(_finish)
        for version in VERSIONS
    ]
    return pl.concat(parts).sort(*KEY, "confirmation", descending=[False, False, True])


def _derive_version(course: pl.DataFrame, *, version: str) -> pl.DataFrame:
    """Each subject's best assessment, what it counts as, by which rule, and the first response."""
    response = pl.col("response")
    is_response = response.is_in(RESPONSES)
    unconfirmed = is_response & ~pl.col("confirmed") & pl.lit(version == "confirmed")
    early = pl.col("early") & (response.is_in(_STABLE) | unconfirmed)
    counted = pl.when(early).then(pl.lit("NE")).when(unconfirmed).then(pl.lit("SD"))
    rows = course.with_columns(
        counted=counted.otherwise(response),
        rule=pl.when(early)
        .then(pl.lit("B4"))
        .when(unconfirmed)
        .then(pl.lit("B3"))
        .when(is_response & pl.lit(version == "confirmed"))
        .then(pl.lit("B2"))
        .otherwise(pl.lit("B1")),
    )
    rank = pl.col("counted").replace_strict(
        list(ORDER), list(range(len(ORDER))), return_dtype=pl.Int64
    )
    ranked = rows.with_row_index("row").with_columns(
        place=rank * _BITS + pl.col("row").cast(pl.Int64)
    )
    responded = pl.col("counted").is_in(RESPONSES)
    best = ranked.group_by(KEY, maintain_order=True).agg(
        place=pl.col("place").min(), response_date=pl.col("date").filter(responded).min()
    )
    chosen = rows.drop(KEY)[(best["place"] % _BITS).to_list()]
    return pl.concat([best, chosen], how="horizontal")


def _words(settings: Response) -> pl.Expr:
    """What each rule says."""
    said = {
        "B1": "the best of the assessments up to progression or new therapy",
        "B2": f"a response confirmed at least {settings.confirm_after_days} days later",
        "B3": "a response that no later assessment confirms: stable disease",
        "B4": f"stable or unconfirmed less than {settings.stable_min_days} days after "
        "randomisation: not evaluable",
        "B5": "no assessment after baseline before new therapy: not evaluable",
    }
    return pl.col("rule").replace_strict(said, return_dtype=pl.String)


def _entries(assessments: pl.DataFrame) -> pl.DataFrame:
    return assessments.filter(~pl.col("baseline")).select(*VISIT_KEY, "entries")


def _with_entries(best: pl.DataFrame, *, entries: pl.DataFrame) -> pl.DataFrame:
    """The entries of the best assessment, and of the one that confirms it where that decides."""
    confirming = entries.rename({"visit": "confirming_visit", "entries": "confirming_entries"})
    rows = best.join(entries, on=list(VISIT_KEY), how="left", maintain_order="left").join(
        confirming, on=[*KEY, "confirming_visit"], how="left", maintain_order="left"
    )
    both = pl.concat_list("entries", pl.col("confirming_entries").fill_null([]))
    decided = pl.when(pl.col("rule") == "B2").then(both).otherwise("entries")
    return rows.with_columns(entries=decided)


def _over(best: pl.DataFrame, *, starts: pl.DataFrame) -> pl.DataFrame:
    """Every randomised subject; one without an assessment that counts is not evaluable."""
    rows = starts.join(best.drop("start_date"), on=list(KEY), how="left", maintain_order="left")
    return rows.with_columns(
        counted=pl.col("counted").fill_null("NE"),
        rule=pl.col("rule").fill_null("B5"),
        entries=pl.col("entries").fill_null(pl.concat_list("start_entry")),
    )


def _ends(starts: pl.DataFrame, *, assessments: pl.DataFrame, sources: Frames) -> pl.DataFrame:
    """First progression, death, and last adequate assessment of each subject."""
    adequate = assessments.filter(pl.col("adequate") & ~pl.col("baseline"))
    progressed = sources["progression"].group_by(KEY).agg(pl.col("progression_date").min())
    seen = adequate.group_by(KEY).agg(last_date=pl.col("last_date").max())
    rows = starts.select(KEY)
    for part in (progressed, sources["death"].select(*KEY, "death_date"), seen):
        rows = rows.join(part, on=list(KEY), how="left", maintain_order="left")
    return rows.with_columns(event_date=pl.min_horizontal("progression_date", "death_date")).drop(
        "progression_date", "death_date"
    )


def _depth(course: pl.DataFrame) -> pl.DataFrame:
    """The deepest change of the sum of targets against baseline, in per cent."""
    change = 100.0 * (pl.col("sum_tenths") / pl.col("baseline_sum") - 1.0)
    known = course.filter(pl.col("baseline_sum") > 0)
    return known.group_by(KEY).agg(best_change_percent=change.min())


def _finish(rows: pl.DataFrame) -> pl.DataFrame:
    started, best = pl.col("response_date"), pl.col("counted")
    responded = started.is_not_null()
    end = pl.when(responded).then(pl.coalesce("event_date", "last_date"))
    done = rows.with_columns(
        best_response=best,
        days_to_response=(started - pl.col("start_date")).dt.total_days() + 1,
        duration_days=(end - started).dt.total_days() + 1,
        ongoing=pl.when(responded).then(pl.col("event_date").is_null()),
        disease_control=pl.when(best != "NED").then(best.is_in(CONTROLLED)),
    )
    return conform(done, schema=BEST_RESPONSES)
