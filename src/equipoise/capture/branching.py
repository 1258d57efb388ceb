"""Branching: whether an item is to be asked, and the answers to items that were not."""

from collections.abc import Iterator, Mapping

import polars as pl

from equipoise.capture.codes import Code
from equipoise.protocol.form_model import Form, Item
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import compile_rule, items_of
from equipoise.protocol.scope import own_scope
from equipoise.vocab.finding import Finding, Severity


def is_shown(typed: pl.DataFrame, *, item: Item, form: Form, protocol: Protocol) -> pl.Series:
    """Whether the item is to be asked in each row, as far as the row itself tells.

    An item without a rule is asked. A rule that needs more than the row, or an item not yet known,
    leaves it open, and an open one is not asked.
    """
    if not item.show_if:
        return pl.repeat(value=True, n=typed.height, eager=True)
    if not items_of(item.show_if) <= set(typed.columns) or not typed.height:
        return pl.repeat(value=False, n=typed.height, eager=True)
    scope = own_scope(form, code_lists=protocol.code_list)
    return typed.select(compile_rule(item.show_if, scope=scope).fill_null(value=False)).to_series()


def answered_in_vain(frame: pl.DataFrame, *, form: Form, protocol: Protocol) -> Iterator[Finding]:
    """A finding for each answer to an item that a rule on its own form hides."""
    scope = own_scope(form, code_lists=protocol.code_list)
    names = set(frame.columns)
    own = [i for i in form.item if i.show_if and items_of(i.show_if) <= names and frame.height]
    rules = {i.name: compile_rule(i.show_if, scope=scope).alias(i.name) for i in own}
    if rules:
        yield from tell_hidden(frame, shown=frame.select(rules.values()), form=form)


def tell_hidden(frame: pl.DataFrame, *, shown: pl.DataFrame, form: Form) -> Iterator[Finding]:
    """A finding for each value in `frame` where the column of `shown` of that name is false."""
    for name in shown.columns:
        item = form.item_named(name)
        for row in frame.filter(~shown[name] & pl.col(name).is_not_null()).iter_rows(named=True):
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
