"""Questions about the sizes of lesions: centimetres for millimetres, and jumps (D7.2)."""

import polars as pl

from equipoise.derive.consistency_check import Check, Evidence, tell_rows
from equipoise.derive.lesions import BASELINE
from equipoise.derive.schemas import LESION_KEY, VISIT_KEY

_LEAST_JUMP_TENTHS = 50  # half of a small lesion is within what two readers differ by
_LEAST_WHOLE_TENTHS = 100  # below it, a size may itself be in centimetres
_AS_CM = (2 / 3, 3 / 2)  # ten times the size lies so near to the size that it is held against
_MEASURED = ("measured", "split", "present", "progression")


def _courses(given: Evidence) -> pl.DataFrame:
    """The measured sizes of each lesion in time: before and after each, and what is in cm.

    `entry` is a follow-up's own or the baseline's; a mass into which others have merged has no
    course of its own. A size in centimetres falls to a tenth at once, and may stay there; a lesion
    that shrinks step by step to a tenth is none. Columns: key, visit, entry, tenths_mm, size (in
    tenths, as meant), before, follow_cm, first_cm.
    """
    hosts = given.forms["les_fu"].filter(pl.col("status") == "merged")
    hosts = hosts.select(*VISIT_KEY, lesion="merged_into").drop_nulls().unique()
    states = given.datasets.lesion_states.filter(
        pl.col("status").is_in(_MEASURED) & (pl.col("tenths_mm") > 0)
    )
    rows = states.join(
        hosts, on=[*VISIT_KEY, "lesion"], how="anti", maintain_order="left"
    ).with_columns(size=pl.col("tenths_mm").cast(pl.Float64), entry=pl.col("entries").list.first())
    first = pl.col("visit") == BASELINE
    rows = rows.with_columns(first_cm=first & _is_tenth(pl.col("size"), of=_of_lesion("size", -1)))
    rows = rows.with_columns(size=pl.when("first_cm").then(pl.col("size") * 10).otherwise("size"))
    is_whole = pl.col("size") >= _LEAST_WHOLE_TENTHS
    rows = rows.with_columns(
        is_whole=is_whole,
        run=is_whole.cum_sum(),
        whole=pl.when(is_whole).then("size").forward_fill().over(LESION_KEY),
    )
    tenth = ~pl.col("is_whole") & ~first & _is_tenth(pl.col("size"), of=_of_lesion("whole", 1))
    rows = rows.with_columns(tenth=tenth)
    at_once = pl.col("tenth").filter(~pl.col("is_whole")).first().over(*LESION_KEY, "run")
    rows = rows.with_columns(follow_cm=pl.col("tenth") & at_once)
    meant = pl.when("follow_cm").then(pl.col("size") * 10).otherwise("size")
    return rows.with_columns(size=meant).with_columns(before=_of_lesion("size", 1))


def _of_lesion(column: str, step: int) -> pl.Expr:
    """The value of a column in the neighbouring row, where that is of the same lesion."""
    same = pl.all_horizontal(pl.col(name) == pl.col(name).shift(step) for name in LESION_KEY)
    return pl.when(same).then(pl.col(column).shift(step))


def _is_tenth(size: pl.Expr, *, of: pl.Expr) -> pl.Expr:
    low, high = _AS_CM
    return (10 * size / of).is_between(low, high).fill_null(value=False)


def _mm(size: pl.Expr) -> pl.Expr:
    return (size / 10).round(1)


def _follow_up_in_cm(given: Evidence) -> pl.DataFrame:
    rows = _courses(given).filter("follow_cm")
    words = pl.concat_str(
        _mm(pl.col("tenths_mm")), pl.lit(" after "), _mm(pl.col("before")), pl.lit(" mm")
    )
    return tell_rows(rows, found=words)


def _baseline_in_cm(given: Evidence) -> pl.DataFrame:
    rows = _courses(given).filter("first_cm")
    return tell_rows(rows, found=pl.concat_str(_mm(pl.col("tenths_mm")), pl.lit(" mm")))


def _jumped(given: Evidence) -> pl.DataFrame:
    """A size half as large again, or half, of the one before it (and 5 mm apart)."""
    change = (pl.col("size") - pl.col("before")).abs()
    large = (change > 0.5 * pl.col("before")) & (change >= _LEAST_JUMP_TENTHS)
    rows = _courses(given).filter(large & ~pl.col("follow_cm"))
    words = pl.concat_str(
        _mm(pl.col("size")), pl.lit(" after "), _mm(pl.col("before")), pl.lit(" mm")
    )
    return tell_rows(rows, found=words)


SIZE_CHECKS = (
    Check(
        code="baseline-in-centimetres",
        item="ld_mm",
        message="The lesion measures ten times as much at its first follow-up, as if in cm.",
        mend="Enter millimetres.",
        find=_baseline_in_cm,
    ),
    Check(
        code="size-in-centimetres",
        item="mm",
        message="The lesion measures a tenth of what it did before, as if it were in cm.",
        mend="Enter millimetres.",
        find=_follow_up_in_cm,
    ),
    Check(
        code="size-jumped",
        item="mm",
        message="The size has changed by more than half, and by 5 mm, since the scan before.",
        mend="Compare with the scan, and make sure that it is the same lesion.",
        find=_jumped,
    ),
)
