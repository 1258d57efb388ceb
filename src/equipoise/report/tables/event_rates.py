"""Adverse events of special interest, and rates per patient-time, by the arm treated."""

import polars as pl

from equipoise.analysis.event_rates import PER, estimate_event_rates
from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.tables.adverse_events import safety_members
from equipoise.report.tables.summary import write_spread
from equipoise.report.wording import write_number, write_share

ANY = "Any adverse event"
BY_ARM = (Column(heading=""), Column(heading="{arm}", align="right", per_arm=True))
RATE_NOTE = (
    f"Patients with a first event per {PER} patient-years at risk, exact 95% limits (Poisson): "
    "from the first study treatment to the first event or the end of the time at risk."
)
INTEREST = Shell(
    id="special-interest",
    title="Adverse events of special interest",
    columns=BY_ARM,
    footnotes=(
        "Number (%) of patients by the arm treated, each at the worst grade of the group; median "
        "(range) of the first day, counted from the first study treatment. " + RATE_NOTE,
    ),
    empty="The protocol names no adverse events of special interest.",
)
RATES_SHELL = Shell(
    id="event-rates",
    title="Exposure-adjusted rates of adverse events",
    columns=BY_ARM,
    footnotes=(
        RATE_NOTE + " By the arm treated; every class, and terms seen in both arms or more "
        "than once.",
    ),
    empty="No adverse event is recorded.",
)


def build_special_interest(facts: Facts) -> Table:
    """For each group of the protocol: patients, severe ones, first day, rate."""
    members = safety_members(facts)
    groups = facts.protocol.aesi
    if not groups:
        return fill(INTEREST, rows=(), arms=_arms(facts))
    events = _of_members(facts.special_interest, members)
    named = events.select("subject", "onset_date", name="group")
    rates = _rates(facts, members, named)
    rows = []
    for group in groups:
        own = events.filter(pl.col("group") == group.id)
        rows.append(Row(cells=(group.label,), heading=True))
        rows += _group_rows(facts, own, members)
        cells = [_write_rate(rates, code, group.id) for code in facts.codes]
        rows.append(Row(cells=(f"First events per {PER} patient-years", *cells), level=1))
    return fill(INTEREST, rows=rows, arms=_arms(facts))


def _group_rows(facts: Facts, own: pl.DataFrame, members: pl.DataFrame) -> list[Row]:
    found = []
    for words, least in (("Any grade", 1), ("Grade 3 or higher", 3)):
        cells = []
        for code in facts.codes:
            count = own.filter((pl.col("arm") == code) & (pl.col("grade") >= least)).height
            size = members.filter(pl.col("arm") == code).height
            cells.append(write_share(count, of=size) if count else "0")
        found.append(Row(cells=(words, *cells), level=1))
    days = [write_spread(own.filter(pl.col("arm") == code)["first_day"]) for code in facts.codes]
    return [*found, Row(cells=("First day", *days), level=1)]


def build_event_rates(facts: Facts) -> Table:
    """First events per 100 patient-years: any event, each class, its terms; any grade, severe."""
    members = safety_members(facts)
    events = _of_members(facts.worst_grades, members)
    if events.is_empty():
        return fill(RATES_SHELL, rows=(), arms=_arms(facts))
    rows: list[Row] = []
    for words, day in (("Any grade", "onset_date"), ("Grade 3 or higher", "severe_onset_date")):
        first = events.drop_nulls(day).select("subject", "soc", "term", onset_date=day)
        if first.is_empty():
            continue
        rows.append(Row(cells=(words,), heading=True))
        rows += _rate_rows(facts, members, first)
    return fill(RATES_SHELL, rows=rows, arms=_arms(facts))


def _rate_rows(facts: Facts, members: pl.DataFrame, first: pl.DataFrame) -> list[Row]:
    """Any event, then class by class with the terms of more than one patient."""
    levels = [first.with_columns(name=pl.lit(ANY)), first.with_columns(name="soc")]
    often = first.filter(pl.len().over("term") > 1).with_columns(name="term")
    by_level = [
        _rates(facts, members, level.select("subject", "onset_date", "name"))
        for level in (*levels, often)
    ]

    def row(level: int, name: str) -> Row:
        cells = [_write_rate(by_level[level], code, name) for code in facts.codes]
        return Row(cells=(name, *cells), level=min(level, 2))

    rows = [row(0, ANY)]
    for soc in sorted(first["soc"].drop_nulls().unique()):
        rows.append(row(1, soc))
        terms = often.filter(pl.col("soc") == soc)["term"].unique()
        rows += [row(2, term) for term in sorted(terms)]
    return rows


def _of_members(frame: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    return frame.join(members, on="subject", how="inner")


def _rates(facts: Facts, members: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    at_risk = facts.time_at_risk.select("subject", "start_date", "end_date")
    return estimate_event_rates(first, at_risk=_of_members(at_risk, members))


def _write_rate(rates: pl.DataFrame, code: str, name: str) -> str:
    """`12 in 30.1 y: 39.9 (20.6 to 69.7)`; a dash where nobody was at risk."""
    own = rates.filter((pl.col("arm") == code) & (pl.col("name") == name))
    if own.is_empty() or not own["patient_years"][0]:
        return write_number(None, digits=1)
    row = own.row(0, named=True)
    rate, low, high = (write_number(row[part], digits=1) for part in ("rate", "lower", "upper"))
    return f"{row['events']} in {row['patient_years']:.1f} y: {rate} ({low} to {high})"


def _arms(facts: Facts) -> list[str]:
    return [facts.labels[code] for code in facts.codes]
