"""Best overall response by arm, and the pattern of the first progression."""

from collections.abc import Callable

import polars as pl

from equipoise.analysis.result import build_estimate
from equipoise.derive.best_response import CONTROLLED, ORDER, RESPONSES
from equipoise.numerics.shares.proportions import compare_miettinen_nurminen
from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.tables.summary import write_spread
from equipoise.report.wording import MISSING, write_comparison, write_share

NAMES = {
    "CR": "Complete response",
    "PR": "Partial response",
    "SD": "Stable disease",
    "NON-CR/NON-PD": "Neither complete response nor progression (no targets)",
    "NED": "No evidence of disease",
    "PD": "Progressive disease",
    "NE": "Not evaluable, or not assessed",
}
VERSIONS = {"none": "Without confirmation", "confirmed": "With confirmation"}
PATTERNS = {
    "local": "Local: index lesions or inside their fields",
    "distant_new": "New lesions elsewhere",
    "distant_existing": "Lesions that are no index lesions",
    "mixed": "Several of these at once",
    "death": "Death without progression",
}
_BEST_NOTE = (
    "Number (%) of all randomised patients, up to the first progression or new anticancer "
    "therapy. Differences with the Miettinen-Nurminen interval; none is tested. Best change: "
    "smallest sum of targets against baseline, the first progression included."
)
BEST = Shell(
    id="best-response",
    title="Best overall response by RECIST 1.1",
    columns=(
        Column(heading=""),
        Column(heading="{arm}", align="right", per_arm=True),
        Column(heading="Difference (95% CI)", align="right"),
    ),
    footnotes=(_BEST_NOTE,),
)
FIRST = Shell(
    id="progression-pattern",
    title="Pattern of the first progression",
    columns=(Column(heading=""), Column(heading="{arm}", align="right", per_arm=True)),
)


def build_best_response(facts: Facts) -> Table:
    """Each best response, objective response and disease control, by version and arm."""
    rows: list[Row] = []
    for version, name in VERSIONS.items():
        own = facts.best_responses.filter(pl.col("confirmation") == version)
        rows.append(Row(cells=(name,), heading=True))
        rows += [_response_row(facts, own, code) for code in ORDER if _is_listed(own, code)]
        rows.append(_rate_row(facts, own, "Objective response (CR or PR)", codes=RESPONSES))
        rows.append(_rate_row(facts, own, "Disease control", codes=CONTROLLED))
    rows += [_days_row(facts), _change_row(facts)]
    return fill(BEST, rows=rows, arms=[facts.labels[code] for code in facts.codes])


def build_progression_pattern(facts: Facts) -> Table:
    """How many first progressed where, in few or many lesions, or died before."""
    most = facts.protocol.response.oligoprogression_max_lesions
    kinds = [(name, pl.col("pattern") == pattern) for pattern, name in PATTERNS.items()]
    extents = [
        (f"Oligoprogression: at most {most} new or growing lesions", pl.col("extent") == "oligo"),
        (f"Polyprogression: more than {most}", pl.col("extent") == "poly"),
    ]
    rows = [_count_row(facts, name, where) for name, where in kinds]
    rows.append(Row(cells=("Extent, where there was progression",), heading=True))
    rows += [_count_row(facts, name, where) for name, where in extents]
    note = (
        "Number (%) of all randomised patients; a suspected progression of index lesions alone "
        "counts unless it was refuted."
    )
    return fill(
        FIRST, rows=rows, arms=[facts.labels[code] for code in facts.codes], footnotes=[note]
    )


def _is_listed(own: pl.DataFrame, code: str) -> bool:
    """Those without targets or disease have a row only where there are any."""
    rare = code in ("NON-CR/NON-PD", "NED")
    return not rare or not own.filter(pl.col("best_response") == code).is_empty()


def _sizes(facts: Facts) -> list[int]:
    randomised = facts.subjects.filter(pl.col("randomised_date").is_not_null())
    return [randomised.filter(pl.col("allocated_arm") == code).height for code in facts.codes]


def _counts(facts: Facts, rows: pl.DataFrame) -> list[int]:
    return [rows.filter(pl.col("allocated_arm") == code).height for code in facts.codes]


def _shares(facts: Facts, counts: list[int]) -> list[str]:
    return [write_share(n, of=size) for n, size in zip(counts, _sizes(facts), strict=True)]


def _response_row(facts: Facts, own: pl.DataFrame, code: str) -> Row:
    counts = _counts(facts, own.filter(pl.col("best_response") == code))
    return Row(cells=(NAMES[code], *_shares(facts, counts), ""), level=1)


def _rate_row(facts: Facts, own: pl.DataFrame, name: str, *, codes: tuple[str, ...]) -> Row:
    counts = _counts(facts, own.filter(pl.col("best_response").is_in(codes)))
    return Row(cells=(name, *_shares(facts, counts), _difference(facts, counts)), level=1)


def _difference(facts: Facts, counts: list[int]) -> str:
    """The difference of two arms in points; a dash with more arms or an empty one."""
    sizes = _sizes(facts)
    if len(sizes) != 2 or 0 in sizes:
        return MISSING
    found = compare_miettinen_nurminen((counts[0], counts[1]), n=(sizes[0], sizes[1]))
    estimate = build_estimate(found.value, lower=found.lower, upper=found.upper, level=0.95)
    return write_comparison(estimate, measure="risk_difference")


def _spread_row(facts: Facts, name: str, write: Callable[[pl.DataFrame], str]) -> Row:
    first = facts.best_responses.filter(pl.col("confirmation") == "none")
    cells = [write(first.filter(pl.col("allocated_arm") == code)) for code in facts.codes]
    return Row(cells=(name, *cells, ""))


def _days_row(facts: Facts) -> Row:
    name = "Days to first response, median (range)"
    return _spread_row(facts, name, lambda own: write_spread(own["days_to_response"]))


def _change_row(facts: Facts) -> Row:
    name = "Best change of the sum, per cent, median (range)"
    return _spread_row(facts, name, lambda own: write_spread(own["best_change_percent"], digits=1))


def _count_row(facts: Facts, name: str, where: pl.Expr) -> Row:
    counts = _counts(facts, facts.progression_patterns.filter(where))
    return Row(cells=(name, *_shares(facts, counts)), level=1)
