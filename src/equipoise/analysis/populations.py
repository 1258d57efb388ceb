"""Who is analysed in which arm: allocated or treated arms, and the sets of the protocol."""

from collections.abc import Mapping

import polars as pl

from equipoise.protocol.endpoint_model import Population
from equipoise.protocol.form_model import ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import RuleItem, compile_rule

MEMBERS_SCHEMA = pl.Schema({"population": pl.String, "subject": pl.String, "arm": pl.String})


def add_arms(
    subjects: pl.DataFrame, *, allocations: pl.DataFrame, protocol: Protocol
) -> pl.DataFrame:
    """The subjects with `allocated_arm`, its place in their order, and `treated_arm`.

    All are null for one never allocated; the order is by day, then as the allocations stand.

    As treated, at least one fraction of SBRT makes the experimental arm, none the reference
    (D2.6); with several experimental arms a subject keeps the one allocated.
    """
    reference = protocol.reference_arm.code
    others = [arm.code for arm in protocol.arm if arm.code != reference]
    key: list[str] = [n for n in ("replicate", "subject") if n in allocations.columns]
    own = pl.col("allocated_arm").is_in(others)
    treated = (
        pl.when(pl.col("allocated_arm").is_null())
        .then(pl.lit(None, dtype=pl.String))
        .when(~pl.col("sbrt_started").fill_null(value=False))
        .then(pl.lit(reference))
        .when(own)
        .then(pl.col("allocated_arm"))
        .otherwise(pl.lit(others[0]))
    )
    allocated = (
        allocations.select(*key, pl.col("arm").alias("allocated_arm"))
        .unique(subset=key, keep="first", maintain_order=True)
        .join(subjects.select(*key, "randomised_date"), on=key, how="left", maintain_order="left")
        .sort("randomised_date", maintain_order=True)
        .with_columns(allocated_place=_place(key))
        .drop("randomised_date")
    )
    return subjects.join(allocated, on=key, how="left", maintain_order="left").with_columns(
        treated_arm=treated
    )


def _place(key: list[str]) -> pl.Expr:
    """The place of each row among those of its trial."""
    place = pl.int_range(pl.len(), dtype=pl.UInt32)
    return place.over("replicate") if "replicate" in key else place


def select_members(subjects: pl.DataFrame, *, population: Population) -> pl.DataFrame:
    """The subjects of a population, with the `arm` in which they are analysed.

    A rule that cannot be told for a subject (unknown) leaves it out; so does a missing arm.
    """
    column = "treated_arm" if population.as_treated else "allocated_arm"
    with_arm = subjects.with_columns(arm=pl.col(column))
    rule = compile_rule(population.rule, scope=_scope_of(with_arm))
    return with_arm.filter(rule.fill_null(value=False) & pl.col("arm").is_not_null())


def count_members(members: pl.DataFrame, *, arms: tuple[str, ...]) -> Mapping[str, int]:
    """How many members each arm has; 0 for an arm without any."""
    counts = dict(members.group_by("arm").len().iter_rows())
    return {arm: int(counts.get(arm, 0)) for arm in arms}


def list_members(subjects: pl.DataFrame, *, populations: tuple[Population, ...]) -> pl.DataFrame:
    """A row a population and member: population, subject, arm (`MEMBERS_SCHEMA`)."""
    rows = [
        select_members(subjects, population=population).select(
            pl.lit(population.id).alias("population"), "subject", "arm"
        )
        for population in populations
    ]
    return pl.concat([MEMBERS_SCHEMA.to_frame(), *rows])


def _scope_of(frame: pl.DataFrame) -> Mapping[str, RuleItem]:
    """The columns that a population rule may name, with their types."""
    return {name: RuleItem(type=_type_of(dtype)) for name, dtype in frame.schema.items()}


def _type_of(dtype: pl.DataType) -> ItemType:
    if dtype == pl.Date:
        return ItemType.DATE
    if dtype == pl.Boolean:
        return ItemType.YES_NO
    if dtype.is_integer():
        return ItemType.INTEGER
    return ItemType.DECIMAL if dtype.is_float() else ItemType.TEXT
