"""New lesions: which count, and from when (RECIST 1.1, 4.3.4; D3.4)."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, LESION_KEY, VISIT_KEY
from equipoise.derive.targets import NODE_NORMAL_TENTHS, has_grown

_NODE_SITES = ("node_mediastinal", "node_other")


def derive_new_lesions(frames: Frames, *, visits: pl.DataFrame) -> pl.DataFrame:
    """The new lesions that count, each at its first sighting.

    An equivocal lesion that is unequivocal later counts from its first sighting (D3.4); one that
    stays equivocal does not. So does one seen on FDG-PET without a PET at baseline, once CT or MRI
    shows it. No sighting are a node under 10 mm, one that was so before and has not really grown,
    and what FDG-PET showed at baseline; a lesion of the baseline list is not new. Columns: key,
    visit, order, lesion, seen_date, relation, relates_to, entry and confirming_entry (the same
    where the first sighting was unequivocal).
    """
    listed = frames["les_bl"].select(LESION_KEY)
    rows = select_sightings(frames["newles"])
    rows = rows.join(listed, on=list(LESION_KEY), how="anti")  # D7.2: not in the baseline list
    dated = rows.join(visits.select(*VISIT_KEY, "order"), on=list(VISIT_KEY), how="inner")
    dated = dated.sort(*LESION_KEY, "scan_date", "visit")
    certain = is_certain()
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


def select_sightings(newles: pl.DataFrame) -> pl.DataFrame:
    """The dated entries of new lesions that can be a sighting at all (RECIST 1.1, 4.3.5)."""
    rows = newles.drop_nulls("scan_date")
    return rows.filter(~is_normal_node() & ~is_old_on_pet()).join(
        select_small_growth(newles).select(*KEY, "entry"), on=[*KEY, "entry"], how="anti"
    )


def select_small_growth(newles: pl.DataFrame) -> pl.DataFrame:
    """Nodes of 10 mm or more that were smaller before and have not really grown (EORTC, D3.4).

    From 9 to 11 mm is not disease; a fifth and 5 mm over the smallest size entered is.
    """
    tenths = (10 * pl.col("mm")).round().cast(pl.Int64)
    nodes = newles.filter(pl.col("site").is_in(_NODE_SITES)).drop_nulls("scan_date")
    rows = nodes.sort(*LESION_KEY, "scan_date", "visit")
    small = pl.when(is_normal_node()).then(tenths)
    lowest = small.cum_min().forward_fill().shift(1).over(LESION_KEY)
    grown = has_grown(tenths, nadir=lowest).fill_null(value=True)
    return rows.filter(~is_normal_node() & ~grown)


def is_old_on_pet() -> pl.Expr:
    """Whether FDG-PET showed the lesion at baseline: it is not new (RECIST 1.1, 4.3.5)."""
    return (is_on_pet() & (pl.col("baseline_pet") == "positive")).fill_null(value=False)


def is_on_pet() -> pl.Expr:
    """Whether a sighting rests on FDG-PET."""
    return (pl.col("method") == "pet_ct").fill_null(value=False)


def is_certain() -> pl.Expr:
    """Whether a sighting is unequivocal and stands alone (RECIST 1.1, 4.3.5; D3.4).

    On FDG-PET it does where PET was negative there at baseline, or CT or MRI shows the lesion too;
    what is not said about PET at baseline counts as not done.
    """
    alone = (pl.col("baseline_pet") == "negative") | pl.col("seen_on_ct").fill_null(value=False)
    unequivocal = (pl.col("certainty") == "unequivocal").fill_null(value=False)
    return unequivocal & (~is_on_pet() | alone.fill_null(value=False))


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
