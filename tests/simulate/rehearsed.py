"""Rehearsed trials that several tests read, drawn once a run."""

from functools import cache

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import Rehearsal, rehearse
from equipoise.simulate.setting import Conditions, Setting, build_setting
from equipoise.simulate.trial_course import Course, draw_course

KEY = ["replicate", "subject"]


@cache
def trial() -> Protocol:
    return shipped_protocol("oligo_rcc")


@cache
def setting(scenario: str = "S2") -> Setting:
    return build_setting(trial(), scenario=scenario, conditions=Conditions())


@cache
def course(replicates: int = 40) -> Course:
    return draw_course(setting(), seed=3, replicates=range(replicates))


@cache
def many(scenario: str = "S2") -> Rehearsal:
    return rehearse(trial(), scenario=scenario, seed=3, replicates=80)


@cache
def many_complete() -> dict[str, pl.DataFrame]:
    return complete(many().frames, trial())


def by_arm(rows: pl.DataFrame, rehearsal: Rehearsal) -> dict[str, float]:
    """The share of each arm's subjects that has any of these rows."""
    having = rows.select(KEY).unique().join(rehearsal.allocations, on=KEY).group_by("arm").len()
    everyone = rehearsal.allocations.group_by("arm").len().rename({"len": "all"})
    share = everyone.join(having, on="arm", how="left").with_columns(pl.col("len").fill_null(0))
    return {arm: count / total for arm, total, count in share.iter_rows()}


def days_since_randomisation(rows: pl.DataFrame, rehearsal: Rehearsal, date: str) -> pl.Series:
    """Days from randomisation to a date of each row."""
    dates = rehearsal.frames["rand"].select(*KEY, "randomised_date")
    joined = rows.select(*KEY, pl.col(date).alias("date")).join(
        dates, on=KEY, how="left", maintain_order="left"
    )
    return (joined["date"] - joined["randomised_date"]).dt.total_days()
