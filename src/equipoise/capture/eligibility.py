"""Eligibility: every criterion of the protocol for every subject, as a rule over the entries."""

from datetime import date

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.capture.reach import evaluate_rules
from equipoise.protocol.model import Protocol


def check_eligibility(
    frames: Frames, protocol: Protocol, *, as_of_date: date | None = None
) -> pl.DataFrame:
    """Whether each randomised subject meets each criterion; null = not yet known.

    `frames` are complete. Columns: replicate, subject, criterion, met (Boolean).
    """
    form = protocol.form_named(protocol.randomisation.form)
    own = f"{form.form}__"
    rules = {c.id: c.met_when.replace(own, "") for c in protocol.criterion}
    met = evaluate_rules(frames, protocol, form=form, rules=rules, as_of_date=as_of_date)
    subjects = frames[form.form].select("replicate", "subject")
    return pl.concat([subjects, met], how="horizontal").unpivot(
        index=["replicate", "subject"], variable_name="criterion", value_name="met"
    )
