"""Adverse events by term and class: the worst grade of each patient, by the arm treated."""

from dataclasses import replace

import polars as pl

from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.wording import write_share

GRADES = ((1, 2, "Grade 1–2"), (3, 3, "Grade 3"), (4, 4, "Grade 4"), (5, 5, "Grade 5"))
COMMON_SHARE = 0.05  # terms seen in at least 5 % of an arm are in the main table
SAFETY = "safety"
ANY_OF_CLASS = "Any of this class"


def build_worst_grades(facts: Facts, *, table_id: str, every_term: bool) -> Table:
    """Patients by worst grade of each class and term; the main table has common or severe terms.

    The row of a class counts each patient once, at the worst grade of any of its terms.
    """
    members = safety_members(facts)
    sizes = {code: _height(members, code) for code in facts.codes}
    grades = _treated_grades(facts, members)
    shell = _shell(facts, sizes=sizes, table_id=table_id, every_term=every_term)
    rows = _any_rows(grades, facts=facts, sizes=sizes)
    classes = grades.select("soc").unique().sort("soc").to_series().to_list()
    for name in classes:
        own = grades.filter(pl.col("soc").eq_missing(name))
        terms = _chosen_terms(own, sizes=sizes, every_term=every_term)
        if terms:
            whole = own.group_by("subject", "arm").agg(pl.col("grade").max())
            counts = _counts(whole, facts=facts, sizes=sizes)
            rows.append(Row(cells=(name or "Unclassified",), heading=True))
            rows.append(Row(cells=(ANY_OF_CLASS, *counts), level=1))
        for term in terms:
            same = own.filter(pl.col("term") == term)
            rows.append(Row(cells=(term, *_counts(same, facts=facts, sizes=sizes)), level=1))
    return fill(shell, rows=rows)


def build_sbrt_related(facts: Facts) -> Table:
    """Patients by worst grade of what is related to SBRT: any event, each term."""
    related = facts.worst_grades.with_columns(grade=pl.col("sbrt_grade")).drop_nulls("grade")
    members = safety_members(facts)
    sizes = {code: _height(members, code) for code in facts.codes}
    grades = _treated_grades(replace(facts, worst_grades=related), members)
    rows = _any_rows(grades, facts=facts, sizes=sizes)
    for term in _chosen_terms(grades, sizes=sizes, every_term=True):
        same = grades.filter(pl.col("term") == term)
        rows.append(Row(cells=(term, *_counts(same, facts=facts, sizes=sizes)), level=1))
    shell = _shell(facts, sizes=sizes, table_id="harms-sbrt", every_term=True)
    note = "Events said to be possibly, probably or definitely related to SBRT."
    titled = replace(
        shell,
        title="Adverse events related to SBRT by worst grade",
        footnotes=(note, *shell.footnotes),
        empty="No adverse event is said to be related to SBRT.",
    )
    return fill(titled, rows=rows)


def safety_members(facts: Facts) -> pl.DataFrame:
    """Subject and arm of the safety population; every randomised one when there is none."""
    members = facts.results.members.filter(pl.col("population") == SAFETY)
    if any(each.id == SAFETY for each in facts.protocol.population):
        return members.select("subject", "arm")
    return facts.subjects.select("subject", pl.col("allocated_arm").alias("arm"))


def _treated_grades(facts: Facts, members: pl.DataFrame) -> pl.DataFrame:
    worst = facts.worst_grades.group_by("subject", "soc", "term").agg(pl.col("grade").max())
    return worst.join(members, on="subject", how="inner")


def _height(members: pl.DataFrame, code: str) -> int:
    return members.filter(pl.col("arm") == code).height


def _shell(facts: Facts, *, sizes: dict[str, int], table_id: str, every_term: bool) -> Shell:
    which = "every term" if every_term else "common or severe terms"
    note = (
        "Number (%) of patients, each at the worst grade of the term (CTCAE v5.0), from the first "
        "study treatment on; by the arm treated."
    )
    more = "" if every_term else " Terms seen in at least 5% of an arm, or of grade 3 or higher."
    columns = [
        Column(heading=heading, align="right", group=f"{facts.labels[code]} ({sizes[code]})")
        for code in facts.codes
        for _, _, heading in GRADES
    ]
    return Shell(
        id=table_id,
        title=f"Adverse events by worst grade, {which}",
        columns=(Column(heading="Class and term"), *columns),
        footnotes=(note + more,),
        empty="No adverse event is recorded.",
    )


def _any_rows(grades: pl.DataFrame, *, facts: Facts, sizes: dict[str, int]) -> list[Row]:
    if grades.is_empty():
        return []
    worst = grades.group_by("subject", "arm").agg(pl.col("grade").max())
    return [Row(cells=("Any adverse event", *_counts(worst, facts=facts, sizes=sizes)))]


def _counts(grades: pl.DataFrame, *, facts: Facts, sizes: dict[str, int]) -> list[str]:
    cells = []
    for code in facts.codes:
        own = grades.filter(pl.col("arm") == code)["grade"]
        for low, high, _ in GRADES:
            count = int(own.is_between(low, high).sum())
            cells.append(write_share(count, of=sizes[code]) if count else "0")
    return cells


def _chosen_terms(own: pl.DataFrame, *, sizes: dict[str, int], every_term: bool) -> list[str]:
    """The terms to show, the most frequent first."""
    counts = own.group_by("term", "arm").agg(pl.len(), pl.col("grade").max().alias("worst"))
    shares = counts.with_columns(
        share=pl.col("len") / pl.col("arm").replace_strict(sizes, return_dtype=pl.Float64)
    )
    by_term = shares.group_by("term").agg(
        pl.col("len").sum(), pl.col("share").max(), pl.col("worst").max()
    )
    shown = by_term.filter(
        pl.lit(every_term) | (pl.col("share") >= COMMON_SHARE) | (pl.col("worst") >= 3)
    )
    return shown.sort(["len", "term"], descending=[True, False])["term"].to_list()
