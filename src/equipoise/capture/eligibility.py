"""Eligibility: every criterion of the protocol for every subject, as a rule over the entries."""

import re
from datetime import date

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.capture.reach import evaluate_rules
from equipoise.protocol.model import Protocol

ELIGIBILITY_SCHEMA: dict[str, pl.DataType] = {
    "replicate": pl.Int32(),
    "subject": pl.String(),
    "criterion": pl.String(),
    "met": pl.Boolean(),
}


def check_eligibility(
    frames: Frames, protocol: Protocol, *, as_of_date: date | None = None
) -> pl.DataFrame:
    """Whether each randomised subject meets each criterion; null = not yet known.

    `frames` are complete. A row a subject and criterion, see `ELIGIBILITY_SCHEMA`.
    """
    form = protocol.form_named(protocol.randomisation.form)
    once = frames[form.form].unique(["replicate", "subject"], keep="first", maintain_order=True)
    if once.is_empty() or not protocol.criterion:
        return pl.DataFrame(schema=ELIGIBILITY_SCHEMA)
    # A criterion may write the items of the randomisation form as those of another form.
    own = re.compile(rf"\b{form.form}__")
    rules = {criterion.id: own.sub("", criterion.met_when) for criterion in protocol.criterion}
    met = evaluate_rules(
        {**frames, form.form: once}, protocol, form=form, rules=rules, as_of_date=as_of_date
    )
    wide = pl.concat([once.select("replicate", "subject"), met], how="horizontal")
    long = wide.unpivot(index=["replicate", "subject"], variable_name="criterion", value_name="met")
    return long.select(pl.col(name).cast(kind) for name, kind in ELIGIBILITY_SCHEMA.items())
