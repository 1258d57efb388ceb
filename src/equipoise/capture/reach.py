"""Rules over entries: the items of other forms within reach are joined on the keys they share."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from equipoise.capture.frames import SUBJECT_KEY, Frames
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import compile_rule, items_of
from equipoise.protocol.scope import AS_OF_DATE, types_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The value of each rule for each entry (a column a rule), and what the rules could see."""

    values: pl.DataFrame
    reached: pl.DataFrame


def evaluate_rules(
    frames: Frames,
    protocol: Protocol,
    *,
    form: Form,
    rules: Mapping[str, str],
    as_of_date: date | None = None,
) -> pl.DataFrame:
    """The value of each rule for each entry of `form`, in the order of its frame.

    Returns one column a rule, shape (entries,). `frames` are complete as far as the rules need.
    """
    return judge_rules(frames, protocol, form=form, rules=rules, as_of_date=as_of_date).values


def judge_rules(
    frames: Frames,
    protocol: Protocol,
    *,
    form: Form,
    rules: Mapping[str, str],
    as_of_date: date | None = None,
) -> Judged:
    """The same, beside the entries with what the rules read of other forms."""
    names = frozenset().union(*(items_of(rule) for rule in rules.values()))
    scope = types_within(names, form=form, protocol=protocol)
    reached = join_reach(frames, protocol, form=form, names=names)
    values = [compile_rule(rule, scope=scope).alias(name) for name, rule in rules.items()]
    if AS_OF_DATE in names:
        today = pl.lit(as_of_date, dtype=pl.Date).alias(AS_OF_DATE)
        made = reached.with_columns(today).with_columns(values)
    else:
        made = reached.with_columns(values)
    return Judged(values=made[list(rules)], reached=reached)


def join_reach(
    frames: Frames, protocol: Protocol, *, form: Form, names: Collection[str]
) -> pl.DataFrame:
    """The frame of `form` with the columns `other__item` among `names` joined from other forms.

    Where an entry of the other form stands twice, the first counts (it is found elsewhere).
    """
    reached = frames[form.form]
    wanted: dict[str, list[str]] = {}
    for name in sorted(names):
        other, separator, item = name.partition("__")
        if separator:
            wanted.setdefault(other, []).append(item)
    for other, items in wanted.items():
        reached = _join(reached, frames[other], other=protocol.form_named(other), items=items)
    return reached


def _join(
    reached: pl.DataFrame, frame: pl.DataFrame, *, other: Form, items: Collection[str]
) -> pl.DataFrame:
    if frame.is_empty():
        nothing = (pl.lit(None, dtype=frame.schema[i]).alias(f"{other.form}__{i}") for i in items)
        return reached.with_columns(nothing)
    key = [*SUBJECT_KEY, *other.key]
    first = frame if frame.height == 1 else frame.unique(key, keep="first", maintain_order=True)
    columns = [pl.col(item).alias(f"{other.form}__{item}") for item in items]
    return reached.join(first.select(*key, *columns), on=key, how="left", maintain_order="left")
