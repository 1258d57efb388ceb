"""New lesions followed at later visits: which are targets of their own, and what becomes of them.

iRECIST (Seymour 2017; D3.8): new lesions are measured by the rules of the baseline, apart from it.
Measurable ones are new targets, at most 5 and 2 an organ; their sum never joins the target sum.
"""

from collections.abc import Sequence

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, LESION_KEY, VISIT_KEY
from equipoise.derive.targets import NODE_NORMAL_TENTHS, has_grown

MOST_TARGETS = 5  # RECIST 1.1, 3.1.2
MOST_AN_ORGAN = 2  # RECIST 1.1, 3.1.2
_MEASURABLE_TENTHS = 100  # RECIST 1.1, 3.1.1
_MEASURABLE_NODE_TENTHS = 150  # RECIST 1.1, 3.1.1: short axis
UNEQUIVOCAL_TENTHS = 50  # the least growth that RECIST 1.1 knows, 4.3.1
_UNKNOWN = -1
_NO_SUM = 2**31


def select_new_targets(frames: Frames, *, new_lesions: pl.DataFrame) -> pl.DataFrame:
    """The new lesions that count, with `since` (order of the visit of the first sighting).

    Adds `nodal` and `new_target`: measurable when first seen; of several the earlier seen, then
    the larger, then by name. Later growth makes no target of a lesion that was too small.
    """
    first = frames["newles"].select("replicate", "entry", "organ", seen_tenths=_tenths())
    nodal = (pl.col("organ") == "nodes").fill_null(value=False)
    least = pl.when("nodal").then(_MEASURABLE_NODE_TENTHS).otherwise(_MEASURABLE_TENTHS)
    rows = (
        new_lesions.select(*LESION_KEY, "entry", since="order")
        .join(first.unique(["replicate", "entry"]), on=["replicate", "entry"], how="left")
        .with_columns(nodal=nodal)
        .with_columns(able=(pl.col("seen_tenths") >= least).fill_null(value=False))
    )
    for key, most in (((*KEY, "organ"), MOST_AN_ORGAN), (KEY, MOST_TARGETS)):
        by = [*key, "since", "seen_tenths", "lesion"]
        rows = rows.sort(by, descending=[name == "seen_tenths" for name in by])
        rows = rows.with_columns(able=pl.col("able") & (_count(pl.col("able"), key=key) <= most))
    return rows.select(*LESION_KEY, "since", "nodal", new_target="able")


def _count(holds: pl.Expr, *, key: Sequence[str]) -> pl.Expr:
    """How many rows hold so far among those of the same key; rows are sorted by it."""
    so_far = holds.cast(pl.Int64).cum_sum()
    before = pl.when(_is_first(key)).then(so_far - holds.cast(pl.Int64))
    return so_far - before.forward_fill()


def _is_first(key: Sequence[str]) -> pl.Expr:
    """Whether a row is the first of its key; rows are sorted by it.

    One pass over all rows: a window a group costs by the group, and there are a million.
    """
    return pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in key)


def derive_new_lesion_sums(
    frames: Frames, *, new_lesions: pl.DataFrame, visits: pl.DataFrame
) -> pl.DataFrame:
    """Per visit from the first sighting on: what the new lesions seen so far come to.

    Columns: visit key, `new_count`; `new_sum`, `new_available` and `new_grown` of the new targets
    (tenths; the sum is null while one is not measured; grown = 20 % and 5 mm over their smallest
    sum since the last one joined); `new_other_larger`, `new_other_unequivocal` of the others;
    `new_gone` (all of them), `new_read` (any is entered), `new_seen_date`, `new_seen_entries`.
    """
    grid = _follow(frames, lesions=select_new_targets(frames, new_lesions=new_lesions), on=visits)
    target = pl.col("new_target")
    told = grid.with_columns(
        size=pl.when(target).then("tenths"),
        missed=target & pl.col("tenths").is_null(),
        joined=target & (pl.col("order") == pl.col("since")),
        larger=pl.col("larger") & ~target,
        unequivocal=pl.col("unequivocal") & ~target,
        read=pl.col("entry").is_not_null(),
    )
    rows = told.group_by([*VISIT_KEY, "order"]).agg(
        pl.col("joined", "missed").any(),
        new_count=pl.len().cast(pl.Int64),
        new_available=pl.col("size").sum(),
        new_targets=pl.col("new_target").sum(),
        new_other_larger=pl.col("larger").any(),
        new_other_unequivocal=pl.col("unequivocal").any(),
        new_gone=pl.col("gone").all(),
        new_read=pl.col("read").any(),
        new_seen_date=pl.col("scan_date").min(),
        new_seen_entries=pl.col("entry"),
    )
    whole = (pl.col("new_targets") > 0) & ~pl.col("missed")
    rows = rows.with_columns(
        new_sum=pl.when(whole).then("new_available"),
        new_seen_entries=pl.col("new_seen_entries").list.drop_nulls().list.sort(),
    )
    return _with_growth(rows).drop("joined", "missed", "new_targets", "order")


def _with_growth(rows: pl.DataFrame) -> pl.DataFrame:
    """Growth over the smallest complete sum before, of the same new targets."""
    rows = rows.sort(*KEY, "order").with_columns(_new=_is_first(KEY) | pl.col("joined"))
    before = pl.when(~pl.col("_new")).then(pl.col("new_sum").shift(1)).fill_null(_NO_SUM)
    depth = pl.col("_new").cum_sum().cast(pl.Int64) * _NO_SUM
    # a set of targets lies wholly below the sets before it, so that the smallest is its own
    smallest = (before - depth).cum_min() + depth
    grown = has_grown(pl.col("new_available"), nadir=smallest) & (smallest < _NO_SUM)
    return rows.with_columns(new_grown=grown.fill_null(value=False)).drop("_new")


def _follow(frames: Frames, *, lesions: pl.DataFrame, on: pl.DataFrame) -> pl.DataFrame:
    """Every new lesion at every visit since its first sighting, entered or not."""
    entered = (
        frames["newles"]
        .unique([*VISIT_KEY, "lesion"], keep="first", maintain_order=True)
        .select(*VISIT_KEY, "lesion", "scan_date", "increased", "entry", tenths=_tenths())
    )
    grid = (
        lesions.join(on.select(*VISIT_KEY, "order"), on=list(KEY), how="inner")
        .filter(pl.col("order") >= pl.col("since"))
        .join(entered, on=[*VISIT_KEY, "lesion"], how="left")
        .sort(*LESION_KEY, "order")
    )
    node = pl.col("nodal") & (pl.col("tenths") < NODE_NORMAL_TENTHS)
    rows = grid.with_columns(gone=((pl.col("tenths") == 0) | node).fill_null(value=False))
    return with_increase(rows, later=pl.col("order") > pl.col("since"))


def with_increase(rows: pl.DataFrame, *, later: pl.Expr) -> pl.DataFrame:
    """The lesions with `larger` and `unequivocal`: bigger than when last measured.

    What the reader says (`increased`) counts; where the item is empty, the measurements: any
    growth is `larger`, 5 mm or more `unequivocal`. `rows` are sorted by lesion and visit and may
    bring `start_tenths`, the size before the first row.
    """
    first = _is_first(LESION_KEY)
    start = pl.col("start_tenths") if "start_tenths" in rows.columns else pl.lit(None, pl.Int64)
    begun = pl.when(first).then(pl.coalesce("tenths", start, _UNKNOWN)).otherwise("tenths")
    last = pl.when(first).then(start).otherwise(begun.forward_fill().shift(1))
    by = pl.col("tenths") - pl.when(last != _UNKNOWN).then(last)
    said = pl.col("increased")
    return rows.with_columns(
        larger=later & pl.coalesce(said, by > 0).fill_null(value=False),
        unequivocal=later & pl.coalesce(said, by >= UNEQUIVOCAL_TENTHS).fill_null(value=False),
    )


def _tenths() -> pl.Expr:
    return (pl.col("mm") * 10).round().cast(pl.Int64)
