"""Exposure-adjusted rates: first events per patient-time at risk, by arm, with exact limits."""

import polars as pl

from equipoise.numerics.rates.poisson import estimate_rates

DAYS_PER_YEAR = 365.25
PER = 100  # patient-years
RATES: dict[str, pl.DataType] = {
    "arm": pl.String(),
    "name": pl.String(),
    "subjects": pl.Int64(),
    "events": pl.Int64(),
    "patient_years": pl.Float64(),
    "rate": pl.Float64(),
    "lower": pl.Float64(),
    "upper": pl.Float64(),
}


def estimate_event_rates(
    first_days: pl.DataFrame, *, at_risk: pl.DataFrame, level: float = 0.95
) -> pl.DataFrame:
    """Events per 100 patient-years by arm and name; an arm without an event has its row too.

    `first_days` has subject, name and onset_date (the earliest of a subject and name counts);
    `at_risk` has subject, arm, start_date and end_date. A subject is at risk from its start until
    its first event or its end, both days in; an event outside counts nowhere.
    """
    first = first_days.group_by("subject", "name").agg(pl.col("onset_date").min())
    rows = first.join(at_risk, on="subject", how="inner")
    rows = rows.filter(pl.col("onset_date").is_between("start_date", "end_date"))
    after = (pl.col("end_date") - pl.col("onset_date")).dt.total_days()
    had = rows.group_by("arm", "name").agg(events=pl.len(), spared=after.sum())
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days() + 1
    whole = at_risk.group_by("arm").agg(subjects=pl.len(), days=days.sum())
    table = (
        whole.join(first.select("name").unique(), how="cross")
        .join(had, on=["arm", "name"], how="left")
        .with_columns(pl.col("events", "spared").fill_null(0))
        .with_columns(
            patient_years=(pl.col("days") - pl.col("spared")).cast(pl.Float64) / DAYS_PER_YEAR
        )
        .sort("arm", "name")
    )
    found = estimate_rates(
        table["events"].to_numpy(), time=table["patient_years"].to_numpy(), level=level
    )
    done = table.with_columns(
        rate=PER * found.value, lower=PER * found.lower, upper=PER * found.upper
    )
    return done.select(pl.col(name).cast(kind) for name, kind in RATES.items())
