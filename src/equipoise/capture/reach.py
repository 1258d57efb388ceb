"""Rules over entries: the items of other forms within reach are joined on the keys they share."""

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from equipoise.capture.frames import SUBJECT_KEY, Frames
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import compile_rule, items_of
from equipoise.protocol.scope import AS_OF_DATE, form_scope


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
    scope = form_scope(protocol, form=form)
    names = frozenset().union(*(items_of(rule) for rule in rules.values()))
    reached = join_reach(frames, protocol, form=form, names=names)
    if AS_OF_DATE in names:
        reached = reached.with_columns(pl.lit(as_of_date, dtype=pl.Date).alias(AS_OF_DATE))
    values = [compile_rule(rule, scope=scope).alias(name) for name, rule in rules.items()]
    return reached.with_columns(values).select(list(rules))


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
        key = [*SUBJECT_KEY, *protocol.form_named(other).key]
        columns = [pl.col(item).alias(f"{other}__{item}") for item in items]
        first = frames[other].unique(key, keep="first", maintain_order=True)
        reached = reached.join(
            first.select(*key, *columns), on=key, how="left", maintain_order="left"
        )
    return reached
