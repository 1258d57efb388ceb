"""Derived items and aggregates: columns that nobody enters, in the order in which they depend."""

from collections.abc import Collection
from graphlib import TopologicalSorter

import polars as pl

from equipoise.capture.frames import SUBJECT_KEY, Frames
from equipoise.capture.reach import evaluate_rules
from equipoise.protocol.check_forms import derived_needs
from equipoise.protocol.form_model import Aggregate, AggregateFunction, Form, Item
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import POLARS_TYPES, compile_rule
from equipoise.protocol.scope import aggregate_type, own_scope


def complete(frames: Frames, protocol: Protocol) -> dict[str, pl.DataFrame]:
    """The same frames with every aggregate and derived item as further columns."""
    return complete_some(frames, protocol, places=order_derived(protocol))


def complete_some(
    frames: Frames, protocol: Protocol, *, places: Collection[tuple[str, str]]
) -> dict[str, pl.DataFrame]:
    """The same frames with these (form, name) as further columns, in the order given."""
    completed = dict(frames)
    for form_name, name in places:
        form = protocol.form_named(form_name)
        aggregates = {aggregate.name: aggregate for aggregate in form.aggregate}
        if name in aggregates:
            completed[form_name] = _add_aggregate(completed, protocol, form, aggregates[name])
        else:
            completed[form_name] = _add_derived(completed, protocol, form, form.item_named(name))
    return completed


def order_derived(protocol: Protocol) -> list[tuple[str, str]]:
    """Every aggregate and derived item as (form, name), each after those that it reads."""
    needs = derived_needs(protocol)
    graph = {node: [need for need in sorted(read) if need in needs] for node, read in needs.items()}
    return list(TopologicalSorter(graph).static_order())


def _add_derived(frames: Frames, protocol: Protocol, form: Form, item: Item) -> pl.DataFrame:
    kind = POLARS_TYPES[item.type]
    if frames[form.form].is_empty():
        return frames[form.form].with_columns(pl.lit(None, dtype=kind).alias(item.name))
    values = evaluate_rules(frames, protocol, form=form, rules={item.name: item.derived})
    return frames[form.form].with_columns(values[item.name].cast(kind, strict=False))


def _add_aggregate(
    frames: Frames, protocol: Protocol, form: Form, aggregate: Aggregate
) -> pl.DataFrame:
    source = protocol.form_named(aggregate.form)
    rows = frames[aggregate.form]
    kind = POLARS_TYPES[aggregate_type(aggregate, source=source)]
    if frames[form.form].is_empty():
        return frames[form.form].with_columns(pl.lit(None, dtype=kind).alias(aggregate.name))
    if aggregate.where:
        scope = own_scope(source, code_lists=protocol.code_list)
        rows = rows.filter(compile_rule(aggregate.where, scope=scope))
    key = [*SUBJECT_KEY, *aggregate.by]
    summed = rows.group_by(key).agg(_summary(aggregate).cast(kind).alias(aggregate.name))
    joined = frames[form.form].join(summed, on=key, how="left", maintain_order="left")
    if aggregate.function in (AggregateFunction.COUNT, AggregateFunction.COUNT_DISTINCT):
        return joined.with_columns(pl.col(aggregate.name).fill_null(0))
    return joined


def _summary(aggregate: Aggregate) -> pl.Expr:
    column = pl.col(aggregate.item) if aggregate.item else pl.len()
    match aggregate.function:
        case AggregateFunction.COUNT:
            return column.count() if aggregate.item else column
        case AggregateFunction.COUNT_DISTINCT:
            return column.drop_nulls().n_unique()
        case AggregateFunction.MIN:
            return column.min()
        case AggregateFunction.MAX:
            return column.max()
        case AggregateFunction.SUM:
            return column.sum()
        case AggregateFunction.ANY:
            return column.any()
