"""Laboratory values: in SI units, against their baseline, graded by CTCAE v5.0 (D6.4).

What the value alone does not decide is not guessed: a grade that symptoms may raise is a lower
bound (`at_least`), a value without its unit or limits has no grade, and the rule says why.
"""

from collections.abc import Iterable

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, LABORATORY_GRADES, conform
from equipoise.vocab.laboratory import (
    LaboratoryRule,
    read_clinical_limits,
    read_laboratory_rules,
    read_units,
)

TEST = (*KEY, "test")
TOLERANCE = 1e-9  # of the limit: 3.6 is not above 3 x 1.2
# Why a value has a grade, or none.
GRADED = ("LB-1", "graded by the value")
NO_VALUE = ("LB-2", "no value")
NEGATIVE = ("LB-3", "the value is negative")
UNKNOWN_UNIT = ("LB-4", "the unit is missing, or none of this test")
SWAPPED = ("LB-5", "the lower limit of normal lies above the upper")
NO_LIMITS = ("LB-6", "a limit of normal is missing")
NO_TERM = ("LB-7", "CTCAE v5.0 has no limits for this test")
WITHIN = "within normal limits, or not beyond those of a grade"


def derive_laboratory(frames: Frames, *, start: pl.DataFrame) -> pl.DataFrame:
    """One row a value and CTCAE term: SI value, baseline, grade, emergence, rule and words.

    `start` gives the day of the first treatment (without one, of randomisation). The baseline is
    the last value up to that day. A grade is treatment-emergent when it is later and higher than
    that of the baseline. Without baseline the limits are those of a normal one.
    """
    values = _with_baseline(_in_si(frames["lb"]), start)
    by_test = values.partition_by("test", as_dict=True)
    limits: dict[tuple[str, str], list[LaboratoryRule]] = {}
    for rule in read_laboratory_rules():
        limits.setdefault((rule.test, rule.term), []).append(rule)
    parts = [
        _emergence(_grade(by_test[(test,)], rules))
        for (test, _), rules in limits.items()
        if (test,) in by_test
    ]
    graded = sorted({test for test, _ in limits})
    rest = values.filter(~pl.col("test").is_in(graded).fill_null(value=False))
    parts.append(_emergence(_ungraded(rest)))
    done = [part.select("_id", *LABORATORY_GRADES) for part in parts]
    return conform(pl.concat(done).sort("_id", maintain_order=True), schema=LABORATORY_GRADES)


def _in_si(rows: pl.DataFrame) -> pl.DataFrame:
    """Value and limits in the SI unit of the test; null where the unit is none of the test."""
    table = [
        (test, unit, factor, next(iter(units)))
        for test, units in read_units().items()
        for unit, factor in units.items()
    ]
    schema = {"test": pl.String, "unit": pl.String, "factor": pl.Float64, "si_unit": pl.String}
    factors = pl.DataFrame(table, schema=schema, orient="row")
    known = rows.join(factors, on=["test", "unit"], how="left", maintain_order="left")
    return known.with_columns(
        value_si=pl.col("value") * pl.col("factor"),
        lln_si=pl.col("lln") * pl.col("factor"),
        uln_si=pl.col("uln") * pl.col("factor"),
    ).with_columns(reason=_reason())


def _reason() -> pl.Expr:
    """Why a value cannot be graded at all; null where it can."""
    return (
        pl.when(pl.col("value").is_null())
        .then(pl.lit(NO_VALUE[0]))
        .when(pl.col("value") < 0)
        .then(pl.lit(NEGATIVE[0]))
        .when(pl.col("factor").is_null() & pl.col("test").is_in(sorted(read_units())))
        .then(pl.lit(UNKNOWN_UNIT[0]))
        .when(pl.col("lln") > pl.col("uln"))
        .then(pl.lit(SWAPPED[0]))
    )


def _with_baseline(values: pl.DataFrame, start: pl.DataFrame) -> pl.DataFrame:
    """Each value with that of its baseline; a value of the baseline period has none itself.

    In the order of subject, test and day; `_id` numbers the rows, `_base` is the baseline's.
    """
    dated = values.join(start.select(*KEY, start_date="date"), on=list(KEY), how="left")
    rows = dated.sort(*TEST, "lab_date", "entry").with_row_index("_id")
    after = (pl.col("lab_date") > pl.col("start_date")).fill_null(value=False)
    rows = rows.with_columns(after=after, _series=pl.struct(TEST).rle_id())
    before = pl.col("reason").is_null() & (pl.col("lab_date") <= pl.col("start_date"))
    last = rows.filter(before).group_by("_series").agg(_base=pl.col("_id").max())
    known = rows.join(last, on="_series", how="left", maintain_order="left").drop("_series")
    high = (pl.col("value_si") > pl.col("uln_si")).gather("_base")
    return known.with_columns(
        baseline_si=pl.when("after").then(pl.col("value_si").gather("_base")),
        baseline_abnormal=pl.when("after").then(high),
        baseline_entry=pl.when("after").then(pl.col("entry").gather("_base")),
    )


def _grade(rows: pl.DataFrame, rules: list[LaboratoryRule]) -> pl.DataFrame:
    """The grade under one term: that of the highest limit passed, with the words of that limit.

    Where a limit of normal is missing and a higher grade may hide behind it, the grade is a lower
    bound, or none.
    """
    own_units = {rule.unit for rule in rules if rule.of == "absolute"}
    hits = [_is_passed(rule, own_units=own_units) for rule in rules]
    best = pl.max_horizontal(
        pl.when(hit).then(100 * rule.grade + place)
        for place, (rule, hit) in enumerate(zip(rules, hits, strict=True))
    )
    hidden = pl.max_horizontal(
        pl.when(hit.is_null()).then(rule.grade) for rule, hit in zip(rules, hits, strict=True)
    )
    found = rows.with_columns(_best=best, _hidden=hidden).with_columns(
        grade=(pl.col("_best") // 100).fill_null(0), _place=pl.col("_best") % 100
    )
    missing = (pl.col("grade") == 0) & pl.col("_hidden").is_not_null()
    reason = pl.coalesce("reason", pl.when(missing).then(pl.lit(NO_LIMITS[0])))
    return _say(found.with_columns(reason=reason), rules)


def _say(found: pl.DataFrame, rules: list[LaboratoryRule]) -> pl.DataFrame:
    """Rule, words and lower bounds; no grade where there is a reason for none."""
    from_grade, clinical = read_clinical_limits().get(rules[0].term, (99, ""))
    limits = {place: rule.words for place, rule in enumerate(rules)}
    passed = pl.col("_place").replace_strict(limits, default=WITHIN, return_dtype=pl.String)
    open_above = pl.col("grade") >= from_grade
    hidden = (pl.col("_hidden") > pl.col("grade")).fill_null(value=False)
    notes = pl.concat_str(
        passed,
        pl.when(open_above).then(pl.lit(f"; {clinical}")).otherwise(pl.lit("")),
        pl.when(hidden).then(pl.lit(f"; {NO_LIMITS[1]}")).otherwise(pl.lit("")),
    )
    said = dict((NO_VALUE, NEGATIVE, UNKNOWN_UNIT, SWAPPED, NO_LIMITS))
    why = pl.col("reason").replace_strict(said, default=None, return_dtype=pl.String)
    return found.with_columns(
        rule=pl.coalesce("reason", pl.lit(GRADED[0])),
        words=pl.coalesce(why, notes),
        term=pl.lit(rules[0].term),
        direction=pl.lit(rules[0].direction),
        relative=pl.col("baseline_abnormal").fill_null(value=False)
        & pl.lit(any(rule.baseline == "abnormal" for rule in rules)),
        at_least=(open_above | hidden) & pl.col("reason").is_null(),
        grade=pl.when(pl.col("reason").is_null()).then("grade").cast(pl.Int64),
    )


def _is_passed(rule: LaboratoryRule, *, own_units: Iterable[str]) -> pl.Expr:
    """Whether a value lies beyond a limit; null where a limit of normal is missing."""
    value, limit, applies = pl.col("value_si"), pl.lit(rule.limit), pl.lit(value=True)
    match rule.of:
        case "uln":
            limit = rule.limit * pl.col("uln_si")
        case "above_uln":
            limit = rule.limit + pl.col("uln_si")
        case "lln":
            limit = rule.limit * pl.col("lln_si")
        case "baseline":
            limit = rule.limit * pl.col("baseline_si")
            applies = pl.col("baseline_si").is_not_null()
        case _:
            value, applies = _in_own_unit(rule, own_units)
    abnormal = pl.col("baseline_abnormal").fill_null(value=False)
    if rule.baseline:
        applies = applies & (abnormal if rule.baseline == "abnormal" else ~abnormal)
    excess = value - limit if rule.direction == "high" else limit - value
    slack = TOLERANCE * limit.abs()
    beyond = excess >= -slack if rule.inclusive else excess > slack
    return pl.when(applies).then(beyond).otherwise(pl.lit(value=False))


def _in_own_unit(rule: LaboratoryRule, own_units: Iterable[str]) -> tuple[pl.Expr, pl.Expr]:
    """The value for a limit in units, and whether it is that limit which counts.

    Where CTCAE gives limits in the unit that was entered those count, else those in SI units.
    """
    si = next(iter(read_units()[rule.test]))
    entered = pl.col("unit") == rule.unit
    if rule.unit != si:
        return pl.col("value"), entered
    return pl.col("value_si"), entered | ~pl.col("unit").is_in(sorted(own_units))


def _ungraded(rows: pl.DataFrame) -> pl.DataFrame:
    """The values of tests without limits in CTCAE."""
    return rows.with_columns(
        term=pl.lit(""),
        direction=pl.lit(""),
        rule=pl.lit(NO_TERM[0]),
        words=pl.lit(NO_TERM[1]),
        at_least=pl.lit(value=False),
        relative=pl.lit(value=False),
        grade=pl.lit(None, dtype=pl.Int64),
    )


def _emergence(rows: pl.DataFrame) -> pl.DataFrame:
    """Whether each grade under one term is new or higher than the baseline's, if that is known.

    Where the limits are multiples of an abnormal baseline, that baseline is grade 0 itself.
    """
    grades = rows.select(_base="_id", baseline_grade="grade")
    known = rows.join(grades, on="_base", how="left", maintain_order="left")
    before = pl.when(pl.col("relative")).then(0).otherwise("baseline_grade")
    known = known.with_columns(baseline_grade=pl.when("after").then(before))
    higher = pl.col("grade") > pl.col("baseline_grade").fill_null(0)
    both = pl.concat_list("baseline_entry", "entry")
    return known.with_columns(
        treatment_emergent=pl.col("after") & higher,
        entries=pl.when(pl.col("baseline_entry").is_null())
        .then(pl.concat_list("entry"))
        .otherwise(both),
    )
