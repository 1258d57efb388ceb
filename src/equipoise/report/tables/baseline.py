"""The baseline table: how the arms looked at randomisation, without tests."""

from collections.abc import Mapping, Sequence

import polars as pl

from equipoise.protocol.form_model import Item, ItemType
from equipoise.protocol.model import BaselineVariable, Protocol
from equipoise.report.facts import Facts
from equipoise.report.shell import Column, Row, Shell, Table, fill
from equipoise.report.tables.summary import write_spread
from equipoise.report.wording import capital, write_share

NOTE = (
    "Median (range) or number (%) of those known. No test of balance is made: differences after "
    "randomisation are chance (CONSORT 2025, item 25)."
)
SHELL = Shell(
    id="baseline",
    title="Characteristics at baseline",
    columns=(
        Column(heading="Characteristic"),
        Column(heading="{arm}", align="right", per_arm=True),
        Column(heading="All", align="right"),
    ),
    footnotes=(NOTE,),
)
_NUMBERS = frozenset({ItemType.INTEGER, ItemType.DECIMAL})
Groups = Sequence[pl.Series]


def build_baseline(facts: Facts) -> Table:
    """The baseline table by allocated arm and in all: strata first, then the other variables."""
    subjects = facts.subjects.filter(pl.col("randomised_date").is_not_null())
    parts = [subjects.filter(pl.col("allocated_arm") == code) for code in facts.codes]
    frames = [*parts, subjects]
    rows = [Row(cells=("Patients", *[str(part.height) for part in frames]))]
    for stratum in facts.protocol.stratum:
        if stratum.name in subjects.columns:
            levels = {level.value: level.label for level in stratum.level}
            groups = [part[stratum.name] for part in frames]
            rows += _count_levels(f"{stratum.label} (stratum)", groups=groups, levels=levels)
    for variable in facts.protocol.baseline:
        name = f"{variable.form}__{variable.item}"
        if name in subjects.columns:
            groups = [part[name] for part in frames]
            rows += _describe(variable, protocol=facts.protocol, groups=groups)
    return fill(SHELL, rows=rows, arms=[facts.labels[code] for code in facts.codes])


def item_of(protocol: Protocol, *, form: str, item: str) -> Item | None:
    """The item of a form; None for an aggregate, which is no item."""
    return next((each for each in protocol.form_named(form).item if each.name == item), None)


def codes_of(protocol: Protocol, *, item: Item) -> Mapping[str, str]:
    """The codes of an item with their words, its own or those of its code list."""
    return item.codes or protocol.code_list.get(item.code_list, {})


def _label_of(variable: BaselineVariable, protocol: Protocol, item: Item | None) -> str:
    if variable.label:
        return variable.label
    if item is not None:
        return f"{item.label}, {item.unit}" if item.unit else item.label
    form = protocol.form_named(variable.form)
    named = [each.label for each in form.aggregate if each.name == variable.item]
    unit = ", mm" if variable.item.endswith("_mm") else ""
    return f"{(*named, variable.item)[0]}{unit}"


def _describe(variable: BaselineVariable, *, protocol: Protocol, groups: Groups) -> list[Row]:
    item = item_of(protocol, form=variable.form, item=variable.item)
    label = capital(_label_of(variable, protocol, item))
    if item is None or item.type in _NUMBERS:
        return _describe_number(label, groups=groups)
    if item.type is ItemType.YES_NO:
        return _count_levels(label, groups=groups, levels={"true": "yes", "false": "no"})
    return _count_levels(label, groups=groups, levels=codes_of(protocol, item=item))


def _describe_number(label: str, *, groups: Groups) -> list[Row]:
    cells = [write_spread(group) for group in groups]
    return [Row(cells=(label, *cells)), *_count_unknown(groups)]


def _count_levels(label: str, *, groups: Groups, levels: Mapping[str, str]) -> list[Row]:
    """A heading and a row a level that occurs; levels that nobody names come last."""
    texts = [group.cast(pl.String).drop_nulls() for group in groups]
    seen = set(texts[-1].to_list())
    order = [value for value in levels if value in seen]
    order += sorted(seen - set(levels))
    rows = [Row(cells=(label,), heading=True)]
    for value in order:
        counts = [write_share(int((text == value).sum()), of=text.len()) for text in texts]
        rows.append(Row(cells=(levels.get(value, value), *counts), level=1))
    return [*rows, *_count_unknown(groups)]


def _count_unknown(groups: Groups) -> list[Row]:
    unknown = [group.null_count() for group in groups]
    if not unknown[-1]:
        return []
    return [Row(cells=("unknown", *[str(count) for count in unknown]), level=1)]
