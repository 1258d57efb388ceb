"""Tumour assessments by visit and arm: done, adequate, on time (D2.4: one calendar for both)."""

import polars as pl

from equipoise.protocol.model import Visit
from equipoise.report.facts import Facts, convention_of, primary_analysis
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.tables.endings import select_times
from equipoise.report.tables.summary import write_spread
from equipoise.report.wording import write_share

PARTS = ("Expected", "Done", "Adequate", "Days from plan")
NOTE = (
    "Expected: patients alive, followed and without progression when the window of the visit had "
    "closed. Done and adequate: number (% of those expected). Days from plan: median (range)."
)


def build_scans(facts: Facts) -> Table:
    """A row a planned assessment at which somebody was expected; four columns an arm."""
    columns = [
        Column(heading=part, align="right", group=facts.labels[code])
        for code in facts.codes
        for part in PARTS
    ]
    shell = Shell(
        id="scans",
        title="Tumour assessments by visit: timing and missingness",
        columns=(Column(heading="Visit"), *columns),
        footnotes=(NOTE,),
        empty="No assessment was expected before the data cut.",
    )
    followed = _followed(facts)
    rows = []
    for visit in facts.protocol.schedule.imaging_visits:
        expected = _expected(followed, visit)
        if not expected.is_empty():
            cells = [cell for code in facts.codes for cell in _cells(facts, visit, expected, code)]
            rows.append(Row(cells=(visit.label, *cells)))
    return fill(shell, rows=rows)


def _followed(facts: Facts) -> pl.DataFrame:
    """Each subject's last day on which an assessment could be expected, and what ended it."""
    primary = primary_analysis(facts.protocol)
    endpoint = facts.protocol.endpoint_named(primary.endpoint)
    convention = convention_of(endpoint, asked=primary.convention)
    events = select_times(facts, endpoint=endpoint.id, convention=convention)
    ended = events.filter((pl.col("cause") == 1) & (pl.col("lesion").fill_null("") == ""))
    known = facts.subjects.filter(pl.col("randomised_date").is_not_null())
    last = pl.min_horizontal("cutoff_date", pl.coalesce("death_date", "last_alive_date"))
    return known.join(
        ended.select("subject", pl.col("end_date").alias("progression_date")),
        on="subject",
        how="left",
    ).select("subject", "allocated_arm", "randomised_date", "progression_date", last_date=last)


def _expected(followed: pl.DataFrame, visit: Visit) -> pl.DataFrame:
    planned = pl.col("randomised_date") + pl.duration(days=visit.day)
    closed = planned + pl.duration(days=visit.after_days)
    free = pl.col("progression_date").is_null() | (pl.col("progression_date") > closed)
    return followed.with_columns(planned_date=planned).filter(
        free & (pl.col("last_date") >= closed)
    )


def _cells(facts: Facts, visit: Visit, expected: pl.DataFrame, code: str) -> list[str]:
    own = expected.filter(pl.col("allocated_arm") == code)
    done = own.join(
        facts.assessments.filter(pl.col("visit") == visit.code).select(
            "subject", "first_date", "adequate"
        ),
        on="subject",
        how="inner",
    ).filter(pl.col("first_date").is_not_null())
    adequate = int(done["adequate"].fill_null(value=False).sum())
    late = (done["first_date"] - done["planned_date"]).dt.total_days()
    return [
        str(own.height),
        write_share(done.height, of=own.height),
        write_share(adequate, of=own.height),
        write_spread(late),
    ]
