"""New lesions: which count, and from when (RECIST 1.1, 4.3.4; D3.4)."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, LESION_KEY, VISIT_KEY
from equipoise.derive.targets import NODE_NORMAL_TENTHS

_NODE_SITES = ("node_mediastinal", "node_other")


def derive_new_lesions(frames: Frames, *, visits: pl.DataFrame) -> pl.DataFrame:
    """The new lesions that count, each at its first sighting.

    An equivocal lesion that is unequivocal later counts from its first sighting (D3.4); one that
    stays equivocal does not. A node under 10 mm is normal and no sighting; a lesion of the baseline
    list is not new. Columns: key, visit, order, lesion, seen_date, relation, relates_to, entry and
    confirming_entry (the same where the first sighting was unequivocal).
    """
    listed = frames["les_bl"].select(LESION_KEY)
    rows = frames["newles"].drop_nulls("scan_date").filter(~is_normal_node())
    rows = rows.join(listed, on=list(LESION_KEY), how="anti")  # D7.2: not in the baseline list
    dated = rows.join(visits.select(*VISIT_KEY, "order"), on=list(VISIT_KEY), how="inner")
    dated = dated.sort(*LESION_KEY, "scan_date", "visit")
    certain = pl.col("certainty") == "unequivocal"
    return (
        dated.filter(certain.any().over(LESION_KEY))
        .group_by(LESION_KEY, maintain_order=True)
        .agg(
            pl.col("visit", "order", "entry").first(),
            seen_date=pl.col("scan_date").first(),
            relation=pl.col("relation").drop_nulls().last(),
            relates_to=pl.col("relates_to").drop_nulls().last(),
            confirming_entry=pl.col("entry").filter(certain).first(),
        )
    )


def is_normal_node() -> pl.Expr:
    """Whether a new lesion is a node under 10 mm: normal, and no sighting (RECIST 1.1, 4.3.2)."""
    node = pl.col("site").is_in(_NODE_SITES) & (10 * pl.col("mm") < NODE_NORMAL_TENTHS)
    return node.fill_null(value=False)


def summarise_new_lesions(new_lesions: pl.DataFrame) -> pl.DataFrame:
    """Per visit with a first sighting: how many, whether out of field, first date, entries."""
    in_field = pl.col("relation").fill_null("") == "in_field"
    both = pl.concat([pl.col("entry"), pl.col("confirming_entry")]).unique().sort()
    return new_lesions.group_by(VISIT_KEY).agg(
        new_here=pl.len().cast(pl.Int64),
        new_in_field=in_field.any(),
        new_out_of_field=(~in_field).any(),
        new_date=pl.col("seen_date").min(),
        new_entries=both,
    )


def derive_in_field(new_lesions: pl.DataFrame) -> pl.DataFrame:
    """The new lesions inside an irradiated volume, as failures of the lesion irradiated (D2.5).

    Columns: replicate, subject, lesion, failure_date, entries. Marginal ones (20-80 % isodose)
    are no failure of the lesion; they stay new lesions.
    """
    inside = new_lesions.filter(
        (pl.col("relation") == "in_field") & pl.col("relates_to").is_not_null()
    )
    return inside.select(
        *KEY,
        lesion="relates_to",
        failure_date="seen_date",
        entries=pl.concat_list("entry", "confirming_entry").list.unique(maintain_order=True),
    )


def drop_in_field(new_lesions: pl.DataFrame) -> pl.DataFrame:
    """The new lesions outside every irradiated volume; marginal ones are outside (D2.5)."""
    return new_lesions.filter(pl.col("relation").fill_null("") != "in_field")
