"""Target and non-target response at each assessment, on integers (RECIST 1.1, 4.3; D3.2, D3.3).

Sums are in tenths of a millimetre, so that "20 % and 5 mm" is `10 S >= 12 N and S - N >= 50`.
"""

import polars as pl

from equipoise.derive.schemas import KEY, VISIT_KEY

NODE_NORMAL_TENTHS = 100  # RECIST 1.1, 4.3.2: a node under 10 mm short axis is normal
_LEAST_GROWTH_TENTHS = 50  # RECIST 1.1, 4.3.1: at least 5 mm
_NO_SUM = 2**62


def has_grown(now: pl.Expr, *, nadir: pl.Expr) -> pl.Expr:
    """Whether a sum or diameter is progressive against its nadir: 20 % and 5 mm."""
    return (10 * now >= 12 * nadir) & (now - nadir >= _LEAST_GROWTH_TENTHS)


def is_gone() -> pl.Expr:
    """Whether a lesion is gone: 0 mm, or a node of normal size; not known is not gone."""
    node = (pl.col("kind") == "nodal") & (pl.col("tenths") < NODE_NORMAL_TENTHS)
    return ((pl.col("tenths") == 0) | node).fill_null(value=False)


def is_back() -> pl.Expr:
    """Whether a lesion is measurably there: not gone, and its size is known."""
    return ~is_gone() & pl.col("tenths").is_not_null()


def derive_target_response(series: pl.DataFrame) -> pl.DataFrame:
    """Per visit: sum, nadir from complete sums, target response, growth of index and other targets.

    Stickiness and reappearance after an overall complete response need the visits before and come
    in `recist`.
    """
    targets = series.filter(pl.col("role") == "target")
    mass_back = is_back() & (pl.col("kind") == "non_nodal")
    ordered = targets.group_by([*VISIT_KEY, "order"]).agg(
        *_sums("", where=pl.col("index").is_not_null()),
        *_sums("other_", where=~pl.col("index")),
        gone=is_gone().all(),
        back=mass_back.any(),
        other_back=(mass_back & ~pl.col("index")).any(),
        target_date=pl.col("scan_date").filter(pl.col("entry").is_not_null()).min(),
        target_entries=pl.col("entry").drop_nulls().sort(),
    )
    ordered = ordered.sort(*KEY, "order").with_columns(
        nadir_tenths=_nadir("sum_tenths", start="baseline_sum"),
        other_nadir=_nadir("other_sum_tenths", start="other_baseline_sum"),
    )
    return _judge(ordered).drop("order")


def derive_non_target_response(series: pl.DataFrame) -> pl.DataFrame:
    """Per visit: non-target response, and whether index or other lesions progress (D3.3)."""
    rows = series.filter(pl.col("role") == "non_target")
    progressed = pl.col("status") == "progression"
    response = (
        pl.when(progressed.any())
        .then(pl.lit("PD"))
        .when(~pl.col("evaluable").all())
        .then(pl.lit("NE"))
        .when(is_gone().all())
        .then(pl.lit("CR"))
        .otherwise(pl.lit("NON-CR/NON-PD"))
    )
    shown = ~is_gone() & pl.col("evaluable")
    return rows.group_by(VISIT_KEY).agg(
        non_target_response=response,
        index_non_target=(progressed & pl.col("index")).any(),
        other_non_target=(progressed & ~pl.col("index")).any(),
        index_shown=(shown & pl.col("index")).any(),
        other_shown=(shown & ~pl.col("index")).any(),
        non_target_date=pl.col("scan_date").filter(progressed).min(),
        shown_date=pl.col("scan_date").filter(shown).min(),
        non_target_entries=pl.col("entry").drop_nulls().sort(),
    )


def _sums(prefix: str, *, where: pl.Expr) -> list[pl.Expr]:
    """The sum now (null where a target is not known), what is known of it, and at baseline."""
    now, first = pl.col("tenths").filter(where), pl.col("baseline_tenths").filter(where)
    complete, complete_first = now.is_not_null().all(), first.is_not_null().all()
    back = is_back().filter(where).any()
    return [
        now.sum().alias(f"{prefix}available"),
        pl.when(complete).then(now.sum()).alias(f"{prefix}sum_tenths"),
        pl.when(complete_first).then(first.sum()).alias(f"{prefix}baseline_sum"),
        back.alias(f"{prefix}any_back"),
    ]


def _nadir(column: str, *, start: str) -> pl.Expr:
    """The smallest complete sum before this visit, baseline included (D3.2)."""
    before = pl.col(column).shift(1).over(KEY)
    smallest = before.fill_null(_NO_SUM).cum_min().over(KEY)
    return pl.when(pl.col(start).is_not_null()).then(pl.min_horizontal(smallest, start))


def _growth(prefix: str, *, nadir: str) -> pl.Expr:
    """Growth over the nadir, on partial data too; after a sum of 0, any lesion that is back."""
    grown = has_grown(pl.col(f"{prefix}available"), nadir=pl.col(nadir))
    returned = (pl.col(nadir) == 0) & pl.col(f"{prefix}any_back")
    return (grown | returned).fill_null(value=False)


def _judge(sums: pl.DataFrame) -> pl.DataFrame:
    """CR, then PD, NE, PR, SD: PD on partial data, and PD before PR (D3.2)."""
    complete = pl.col("sum_tenths").is_not_null() & pl.col("nadir_tenths").is_not_null()
    cleared = complete & pl.col("gone")
    grown = _growth("", nadir="nadir_tenths") & ~cleared
    rows = sums.with_columns(
        target_growth=grown, other_target_growth=grown & _growth("other_", nadir="other_nadir")
    )
    return rows.with_columns(
        target_now=pl.when(cleared)
        .then(pl.lit("CR"))
        .when("target_growth")
        .then(pl.lit("PD"))
        .when(~complete)
        .then(pl.lit("NE"))
        .when(10 * pl.col("sum_tenths") <= 7 * pl.col("baseline_sum"))
        .then(pl.lit("PR"))
        .otherwise(pl.lit("SD"))
    )
