"""Branching: whether an item is to be asked, and the answers to items that were not."""

from collections.abc import Collection, Iterator, Mapping

import polars as pl

from equipoise.capture.codes import Code
from equipoise.protocol.form_model import Form, Item
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import compile_rule, items_of
from equipoise.protocol.scope import types_within
from equipoise.vocab.finding import Finding, Severity


def is_shown(item: Item, *, form: Form, protocol: Protocol, known: Collection[str]) -> pl.Expr:
    """Whether the item is to be asked in a row, as far as the items `known` of it tell.

    An item without a rule is asked. A rule that needs more than the row, or an item not yet known,
    leaves it open, and an open one is not asked.
    """
    if not item.show_if:
        return pl.lit(value=True)
    names = items_of(item.show_if)
    if not all(name in known for name in names):
        return pl.lit(value=False)
    scope = types_within(names, form=form, protocol=protocol)
    return compile_rule(item.show_if, scope=scope).fill_null(value=False)


def answered_in_vain(frame: pl.DataFrame, *, form: Form, protocol: Protocol) -> Iterator[Finding]:
    """A finding for each answer to an item that a rule on its own form hides."""
    known = set(frame.columns)
    own = [i for i in form.item if i.show_if and items_of(i.show_if) <= known and frame.height]
    names = frozenset().union(*(items_of(item.show_if) for item in own))
    scope = types_within(names, form=form, protocol=protocol)
    rules = {i.name: compile_rule(i.show_if, scope=scope).alias(i.name) for i in own}
    if rules:
        yield from tell_hidden(frame, shown=frame.select(rules.values()), form=form)


def tell_hidden(frame: pl.DataFrame, *, shown: pl.DataFrame, form: Form) -> Iterator[Finding]:
    """A finding for each value in `frame` where the column of `shown` of that name is false."""
    for name in shown.columns:
        item = form.item_named(name)
        hidden = ~shown[name] & frame[name].is_not_null()
        for row in frame.filter(hidden).iter_rows(named=True) if hidden.any() else ():
            yield _tell(row, item=item, form=form)


def _tell(row: Mapping[str, object], *, item: Item, form: Form) -> Finding:
    return Finding(
        where=f"{form.form} {row['entry']}: {item.name}",
        code=Code.NOT_APPLICABLE_ANSWERED.value,
        message=f"it is answered, though it is asked only when {item.show_if}.",
        severity=Severity.SOFT,
        found=str(row[item.name]),
        mend="Remove the answer, or correct the item that it hangs on.",
        subject=str(row["subject"]),
        entry=str(row["entry"]),
        item=item.name,
    )
