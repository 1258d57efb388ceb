"""Derived items and aggregates: columns that nobody enters, in the order in which they depend."""

from collections.abc import Collection, Iterator, Sequence
from graphlib import TopologicalSorter

import polars as pl

from equipoise.capture.frames import SUBJECT_KEY, Frames
from equipoise.capture.reach import evaluate_rules
from equipoise.protocol.check_forms import derived_needs
from equipoise.protocol.form_model import Aggregate, AggregateFunction, Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import POLARS_TYPES, compile_rule, items_of
from equipoise.protocol.scope import aggregate_type, types_within


def complete(frames: Frames, protocol: Protocol) -> dict[str, pl.DataFrame]:
    """The same frames with every aggregate and derived item as further columns."""
    return complete_some(frames, protocol, places=order_derived(protocol))


def complete_some(
    frames: Frames, protocol: Protocol, *, places: Collection[tuple[str, str]]
) -> dict[str, pl.DataFrame]:
    """The same frames with these (form, name) as further columns, in the order given."""
    completed = dict(frames)
    for form_name, names in _together(places, protocol):
        form = protocol.form_named(form_name)
        aggregates = {aggregate.name: aggregate for aggregate in form.aggregate}
        if names[0] in aggregates:
            completed[form_name] = _add_aggregate(completed, protocol, form, aggregates[names[0]])
        else:
            completed[form_name] = _add_derived(completed, protocol, form, names)
    return completed


def order_derived(protocol: Protocol) -> list[tuple[str, str]]:
    """Every aggregate and derived item as (form, name), each after those that it reads.

    Those of a form that nothing parts stand together.
    """
    needs = derived_needs(protocol)
    graph = {node: [need for need in read if need in needs] for node, read in needs.items()}
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    ordered: list[tuple[str, str]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += ready
        sorter.done(*ready)
    return ordered


def _together(
    places: Collection[tuple[str, str]], protocol: Protocol
) -> Iterator[tuple[str, list[str]]]:
    """The names of a form that can be worked out at once: neighbours that read none of each other.

    An aggregate stands by itself.
    """
    form_name, names = "", list[str]()
    for place, name in places:
        form = protocol.form_named(place)
        rules = {item.name: item.derived for item in form.derived_items}
        is_next = place == form_name and name in rules and items_of(rules[name]).isdisjoint(names)
        if names and not (is_next and names[0] in rules):
            yield form_name, names
            names = []
        form_name, names = place, [*names, name]
    if names:
        yield form_name, names


def _add_derived(
    frames: Frames, protocol: Protocol, form: Form, names: Sequence[str]
) -> pl.DataFrame:
    items = [form.item_named(name) for name in names]
    frame = frames[form.form]
    if frame.is_empty():
        kinds = {item.name: POLARS_TYPES[item.type] for item in items}
        return frame.with_columns(pl.lit(None, dtype=kinds[n]).alias(n) for n in kinds)
    rules = {item.name: item.derived for item in items}
    values = evaluate_rules(frames, protocol, form=form, rules=rules)
    return frame.with_columns(
        values[item.name].cast(POLARS_TYPES[item.type], strict=False) for item in items
    )


def _add_aggregate(
    frames: Frames, protocol: Protocol, form: Form, aggregate: Aggregate
) -> pl.DataFrame:
    source = protocol.form_named(aggregate.form)
    rows = frames[aggregate.form]
    kind = POLARS_TYPES[aggregate_type(aggregate, source=source)]
    is_count = aggregate.function in (AggregateFunction.COUNT, AggregateFunction.COUNT_DISTINCT)
    if frames[form.form].is_empty() or rows.is_empty():
        nothing = pl.lit(0 if is_count else None, dtype=kind)
        return frames[form.form].with_columns(nothing.alias(aggregate.name))
    if aggregate.where:
        scope = types_within(items_of(aggregate.where), form=source, protocol=protocol)
        rows = rows.filter(compile_rule(aggregate.where, scope=scope))
    key = [*SUBJECT_KEY, *aggregate.by]
    summed = rows.group_by(key).agg(_summary(aggregate).cast(kind).alias(aggregate.name))
    joined = frames[form.form].join(summed, on=key, how="left", maintain_order="left")
    if is_count:
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
